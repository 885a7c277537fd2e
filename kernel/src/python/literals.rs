//! `texts_with`.

use crate::count::parallel;
use crate::python::convert::text::text;
use crate::text::batch;
use crate::text::literals::Literals;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};
use std::borrow::Cow;

#[pyfunction]
#[pyo3(signature = (texts, literals, ignore_case = false, threads = 1))]
pub fn texts_with(
    py: Python<'_>,
    texts: &Bound<'_, PyList>,
    literals: Vec<String>,
    ignore_case: bool,
    threads: usize,
) -> PyResult<Vec<usize>> {
    if let Some(each) = literals
        .iter()
        .find(|each| each.is_empty() || !each.is_ascii())
    {
        let message = format!("a literal has to be some ASCII characters, got {each:?}");
        return Err(PyValueError::new_err(message));
    }
    let literals = Literals::new(&literals, ignore_case)
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    let strings: Vec<Bound<'_, PyString>> = texts
        .iter()
        .map(|text| Ok(text.cast_into::<PyString>()?))
        .collect::<PyResult<_>>()?;
    let texts: Vec<Cow<'_, str>> = strings.iter().map(text).collect::<PyResult<_>>()?;
    let found = py.detach(|| {
        let threads = parallel::threads(threads);
        batch::map(&texts, threads, |text| literals.occur_in(text))
    });
    let numbers = found.iter().enumerate();
    Ok(numbers
        .filter_map(|(number, &found)| found.then_some(number))
        .collect())
}
