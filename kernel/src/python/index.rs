//! `TokenIndex`.

use super::buffer::{Buffer, Data};
use super::text;
use super::tokenizer::Tokenizer;
use crate::index::Index;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::sync::Arc;

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct TokenIndex {
    pub index: Arc<Index>,
    pub tokenizer: Py<Tokenizer>,
    pub text: Py<PyString>,
}

#[pymethods]
impl TokenIndex {
    #[getter]
    fn ends(&self) -> Buffer {
        Data::Ends(self.index.clone()).into()
    }

    #[getter]
    fn sums(&self) -> Buffer {
        Data::Sums(self.index.clone()).into()
    }

    #[getter]
    fn strengths(&self) -> Buffer {
        Data::Strengths(self.index.clone()).into()
    }

    #[getter]
    fn length(&self) -> usize {
        self.index.length()
    }

    #[getter]
    fn total(&self) -> usize {
        self.index.total()
    }

    fn __len__(&self) -> usize {
        self.index.ends.len()
    }

    fn count(&self, py: Python<'_>, start: usize, end: usize) -> PyResult<usize> {
        if start > end || end > self.index.length() {
            let length = self.index.length();
            return Err(PyIndexError::new_err(format!(
                "{start} to {end} is no part of a text of {length} characters"
            )));
        }
        let text = self.text.bind(py);
        let text = self::text(text)?;
        Ok(self
            .index
            .count(&self.tokenizer.get().tokenizer, &text, start, end))
    }

    fn end(&self, py: Python<'_>, start: usize, limit: usize) -> PyResult<usize> {
        if start > self.index.length() {
            let length = self.index.length();
            return Err(PyIndexError::new_err(format!(
                "{start} is no place in a text of {length} characters"
            )));
        }
        let text = self.text.bind(py);
        let text = self::text(text)?;
        Ok(self
            .index
            .end(&self.tokenizer.get().tokenizer, &text, start, limit))
    }
}
