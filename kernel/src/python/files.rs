//! `FileCounter` and `FileReader`: many files, counted or read while Python does its part.

use crate::count::parallel;
use crate::count::tokenizer;
use crate::files::head::Plain;
use crate::files::pool::{Counting, Done, FilePool, Keeping, Kept, Outcome, Selection, Work};
use crate::python::convert::buffer::Data;
use crate::python::convert::text::new_string;
use crate::python::tokenizer::Tokenizer;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyMemoryView};
use std::path::PathBuf;
use std::sync::Mutex;

/// A tokenizer that is shared with Python.
struct Shared(Py<Tokenizer>);

impl AsRef<tokenizer::Tokenizer> for Shared {
    fn as_ref(&self) -> &tokenizer::Tokenizer {
        &self.0.get().tokenizer
    }
}

/// A pool, of which one thread at a time asks something.
struct Pool<W: Work>(Mutex<FilePool<W>>);

impl<W: Work> Pool<W> {
    fn new(
        work: W,
        threads: usize,
        starts: &[Vec<u8>],
        controls: &[u8],
        head: usize,
        limit: usize,
    ) -> Self {
        let plain = Plain::new(starts.iter().map(Vec::as_slice), controls, head);
        let selection = Selection { plain, limit };
        Pool(Mutex::new(FilePool::new(
            work,
            selection,
            parallel::threads(threads),
        )))
    }

    fn add(&self, py: Python<'_>, paths: Vec<PathBuf>) -> PyResult<()> {
        py.detach(|| self.locked(|pool| pool.add(paths)))
    }

    /// The oldest batch, once it is done; a signal ends the wait.
    fn next(&self, py: Python<'_>) -> PyResult<Done<W::Result>> {
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
        done.ok_or_else(|| PyRuntimeError::new_err("no files are being read"))
    }

    fn locked<R>(&self, work: impl FnOnce(&mut FilePool<W>) -> R) -> PyResult<R> {
        let failed = |_| PyRuntimeError::new_err("the reading of files failed");
        self.0
            .lock()
            .map_err(failed)
            .map(|mut pool| work(&mut pool))
    }
}

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct FileCounter {
    pool: Pool<Counting<Shared>>,
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
        FileCounter {
            tokenizers: tokenizers.len(),
            pool: Pool::new(
                Counting(tokenizers.into_iter().map(Shared).collect()),
                threads,
                &starts,
                controls,
                head,
                limit,
            ),
        }
    }

    fn add(&self, py: Python<'_>, paths: Vec<PathBuf>) -> PyResult<()> {
        self.pool.add(py, paths)
    }

    fn next_counts<'py>(&self, py: Python<'py>) -> PyResult<Columns<'py>> {
        let done = self.pool.next(py)?;
        let (mut sizes, heads) = (Vec::new(), PyDict::new(py));
        let mut counts = vec![Vec::new(); self.tokenizers];
        for (number, outcome) in done.outcomes().enumerate() {
            match outcome {
                Outcome::Text((size, numbers)) => {
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

/// Bytes of texts that Python has not taken yet; what is more is left to it.
const KEPT: usize = 1 << 26;

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct FileReader(Pool<Keeping>);

/// Of a batch: the sizes of files, -1 if one was not read; their texts, None of such a one; and the
/// first bytes of those that are not plainly text.
type Texts<'py> = (
    Bound<'py, PyMemoryView>,
    Bound<'py, PyList>,
    Bound<'py, PyDict>,
);

#[pymethods]
impl FileReader {
    #[new]
    #[pyo3(signature = (threads, *, starts, controls, head, limit))]
    fn new(
        threads: usize,
        starts: Vec<Vec<u8>>,
        controls: &[u8],
        head: usize,
        limit: usize,
    ) -> Self {
        FileReader(Pool::new(
            Keeping::new(KEPT),
            threads,
            &starts,
            controls,
            head,
            limit,
        ))
    }

    fn add(&self, py: Python<'_>, paths: Vec<PathBuf>) -> PyResult<()> {
        self.0.add(py, paths)
    }

    fn next_texts<'py>(&self, py: Python<'py>) -> PyResult<Texts<'py>> {
        let done = self.0.next(py)?;
        let (mut sizes, texts, heads) = (Vec::new(), PyList::empty(py), PyDict::new(py));
        for (number, outcome) in done.outcomes().enumerate() {
            match outcome {
                Outcome::Text(Kept { text, .. }) => {
                    sizes.push(text.len() as i64);
                    texts.append(new_string(py, text)?)?;
                    continue;
                }
                Outcome::Head(head) => heads.set_item(number, PyBytes::new(py, head))?,
                Outcome::Unknown => {}
            }
            sizes.push(-1);
            texts.append(py.None())?;
        }
        Ok((Data::I64(sizes).view(py)?, texts, heads))
    }
}
