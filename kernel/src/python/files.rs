//! `FileCounter`: many files, counted while Python does its part.

use crate::count::parallel;
use crate::count::tokenizer;
use crate::files::head::Plain;
use crate::files::pool::{FilePool, Outcome, Work};
use crate::python::convert::buffer::Data;
use crate::python::tokenizer::Tokenizer;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyMemoryView};
use std::path::PathBuf;
use std::sync::Mutex;

/// A tokenizer that is shared with Python.
struct Shared(Py<Tokenizer>);

impl AsRef<tokenizer::Tokenizer> for Shared {
    fn as_ref(&self) -> &tokenizer::Tokenizer {
        &self.0.get().tokenizer
    }
}

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct FileCounter {
    pool: Mutex<FilePool<Shared>>,
    tokenizers: usize,
}

/// Of a batch: the sizes of files, -1 if one was not counted; their tokens for each tokenizer; and
/// the first bytes of those that are not plainly text.
type Columns<'py> = (
    Bound<'py, PyMemoryView>,
    Vec<Bound<'py, PyMemoryView>>,
    Bound<'py, PyDict>,
);

#[pymethods]
impl FileCounter {
    #[new]
    #[pyo3(signature = (tokenizers, threads, *, starts, controls, head, limit))]
    fn new(
        tokenizers: Vec<Py<Tokenizer>>,
        threads: usize,
        starts: Vec<Vec<u8>>,
        controls: &[u8],
        head: usize,
        limit: usize,
    ) -> Self {
        let starts = starts.iter().map(Vec::as_slice);
        FileCounter {
            tokenizers: tokenizers.len(),
            pool: Mutex::new(FilePool::new(
                Work {
                    tokenizers: tokenizers.into_iter().map(Shared).collect(),
                    plain: Plain::new(starts, controls, head),
                    limit,
                },
                parallel::threads(threads),
            )),
        }
    }

    fn add(&self, py: Python<'_>, paths: Vec<PathBuf>) -> PyResult<()> {
        py.detach(|| self.locked(|pool| pool.add(paths)))
    }

    fn next_counts<'py>(&self, py: Python<'py>) -> PyResult<Columns<'py>> {
        let mut signal = None;
        let done = py.detach(|| {
            self.locked(|pool| {
                pool.next(|| {
                    Python::attach(|py| match py.check_signals() {
                        Ok(()) => true,
                        Err(raised) => {
                            signal.get_or_insert(raised);
                            false
                        }
                    })
                })
            })
        })?;
        if let Some(raised) = signal {
            return Err(raised);
        }
        let done = done.ok_or_else(|| PyRuntimeError::new_err("no files are being counted"))?;
        let (mut sizes, heads) = (Vec::new(), PyDict::new(py));
        let mut counts = vec![Vec::new(); self.tokenizers];
        for (number, outcome) in done.outcomes().enumerate() {
            match outcome {
                Outcome::Counted(size, numbers) => {
                    sizes.push(*size as i64);
                    for (column, &count) in counts.iter_mut().zip(numbers) {
                        column.push(count as u64);
                    }
                    continue;
                }
                Outcome::Head(head) => heads.set_item(number, PyBytes::new(py, head))?,
                Outcome::Unknown => {}
            }
            sizes.push(-1);
            counts.iter_mut().for_each(|column| column.push(0));
        }
        let counts = counts.into_iter().map(|column| Data::U64(column).view(py));
        let counts = counts.collect::<PyResult<_>>()?;
        Ok((Data::I64(sizes).view(py)?, counts, heads))
    }
}

impl FileCounter {
    fn locked<R>(&self, work: impl FnOnce(&mut FilePool<Shared>) -> R) -> PyResult<R> {
        let failed = |_| PyRuntimeError::new_err("the counting of files failed");
        self.pool
            .lock()
            .map_err(failed)
            .map(|mut pool| work(&mut pool))
    }
}
