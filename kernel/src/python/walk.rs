//! `Walk`: the files below a folder.

use crate::files::walk::{self, Entry, Ignore, Rules};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::sync::Mutex;

/// What an entry is, for Python.
const FILE: u8 = 0;
const FOLDER: u8 = 1;
const OTHER: u8 = 2;

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct Walk(Mutex<walk::Walk>);

#[pymethods]
impl Walk {
    #[new]
    #[pyo3(signature = (prefix, *, hidden, patterns, ignored = None, start = 0))]
    fn new(
        prefix: OsString,
        hidden: bool,
        patterns: bool,
        ignored: Option<Vec<OsString>>,
        start: usize,
    ) -> Self {
        let ignore = match ignored {
            Some(paths) => Ignore::Git {
                start,
                paths: paths
                    .into_iter()
                    .map(OsString::into_vec)
                    .collect::<HashSet<_>>(),
            },
            None if patterns => Ignore::Patterns,
            None => Ignore::Nothing,
        };
        Walk(Mutex::new(walk::Walk::new(
            prefix,
            Rules { hidden, ignore },
        )))
    }

    /// The next entries: their paths, and what each is.
    fn next_entries<'py>(
        &self,
        py: Python<'py>,
        max: usize,
    ) -> PyResult<(Bound<'py, PyList>, Bound<'py, PyBytes>)> {
        let found: Vec<Entry> = py.detach(|| self.locked(|walk| walk.take(max).collect()))?;
        let (paths, mut kinds) = (PyList::empty(py), Vec::with_capacity(found.len()));
        for entry in found {
            let (path, kind) = match entry {
                Entry::File(path) => (path, FILE),
                Entry::Folder(path) => (path, FOLDER),
                Entry::Other(path) => (path, OTHER),
            };
            paths.append(path.into_os_string())?;
            kinds.push(kind);
        }
        Ok((paths, PyBytes::new(py, &kinds)))
    }

    /// How many hidden and ignored entries were left out so far.
    #[getter]
    fn left_out(&self) -> PyResult<(usize, usize)> {
        self.locked(|walk| (walk.left_out.hidden, walk.left_out.ignored))
    }
}

impl Walk {
    fn locked<R>(&self, work: impl FnOnce(&mut walk::Walk) -> R) -> PyResult<R> {
        let failed = |_| PyRuntimeError::new_err("the walk failed");
        self.0
            .lock()
            .map_err(failed)
            .map(|mut walk| work(&mut walk))
    }
}
