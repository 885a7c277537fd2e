//! `IdLists`: the ids of many texts, as Arrow sees them.

use crate::bpe::table::OutOfMemory;
use crate::count::ids::lists::{Gathered, Lists};
use crate::python::convert::arrow;
use crate::python::convert::buffer::Data;
use crate::text::arrow_lists::{Column, array};
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;
use std::sync::{Arc, Mutex, PoisonError};

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct IdLists {
    column: Mutex<Column>,
    /// Of each text, the number of ids it would have in one list.
    lengths: Vec<u64>,
    /// Of each list, the number of its text.
    texts: Vec<u64>,
}

impl IdLists {
    pub fn new(gathered: Gathered) -> Result<Self, OutOfMemory> {
        let (mut lengths, mut texts) = (Vec::new(), Vec::new());
        for Lists {
            lengths: new,
            windows,
            ..
        } in &gathered.chunks
        {
            lengths.try_reserve(new.len()).map_err(|_| OutOfMemory)?;
            let lists = windows.iter().sum();
            texts.try_reserve(lists).map_err(|_| OutOfMemory)?;
            for (&length, &windows) in new.iter().zip(windows) {
                texts.extend(std::iter::repeat_n(lengths.len() as u64, windows));
                lengths.push(length as u64);
            }
        }
        let column = Mutex::new(Column::new(gathered.chunks)?);
        Ok(IdLists {
            column,
            lengths,
            texts,
        })
    }

    fn column(&self) -> std::sync::MutexGuard<'_, Column> {
        self.column.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl IdLists {
    fn __len__(&self) -> usize {
        self.texts.len()
    }

    #[getter]
    fn lengths<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMemoryView>> {
        Data::U64(self.lengths.clone()).view(py)
    }

    #[getter]
    fn texts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMemoryView>> {
        Data::U64(self.texts.clone()).view(py)
    }

    #[getter]
    fn ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMemoryView>> {
        Data::Ids(self.column().whole()?).view(py)
    }

    #[getter]
    fn offsets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMemoryView>> {
        Data::IdOffsets(self.column().whole()?).view(py)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        arrow::export(py, self.column().schema())
    }

    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        // The interface lets a producer ignore what it cannot give.
        drop(requested_schema);
        let (schema, chunk) = {
            let mut column = self.column();
            (column.schema(), column.whole()?)
        };
        let array = array(&chunk);
        Ok((arrow::export(py, schema)?, arrow::export(py, array)?))
    }

    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        drop(requested_schema);
        arrow::export(py, self.column().stream())
    }
}

// What is handed out is read on any thread.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Arc<crate::text::arrow_lists::Chunk>>();
};
