//! `texts_with` and `find_literals`.

use crate::count::parallel;
use crate::python::convert::text::{one_to_one, text, without_loss};
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
    let literals = made(&literals, ignore_case)?;
    let strings = strings(texts)?;
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

#[pyfunction]
#[pyo3(signature = (texts, literals, threads = 1))]
pub fn find_literals(
    py: Python<'_>,
    texts: &Bound<'_, PyList>,
    literals: Vec<String>,
    threads: usize,
) -> PyResult<Vec<Vec<usize>>> {
    let literals = made(&literals, false)?;
    let strings = strings(texts)?;
    let texts: Vec<Cow<'_, str>> = strings
        .iter()
        .map(|string| match without_loss(string)? {
            Some(text) => Ok(text),
            None => one_to_one(string),
        })
        .collect::<PyResult<_>>()?;
    Ok(py.detach(|| {
        let threads = parallel::threads(threads);
        batch::map(&texts, threads, |text| literals.offsets(text))
    }))
}

fn made(literals: &[String], ignore_case: bool) -> PyResult<Literals> {
    if let Some(each) = literals
        .iter()
        .find(|each| each.is_empty() || !each.is_ascii())
    {
        let message = format!("a literal has to be some ASCII characters, got {each:?}");
        return Err(PyValueError::new_err(message));
    }
    Literals::new(literals, ignore_case).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn strings<'py>(texts: &Bound<'py, PyList>) -> PyResult<Vec<Bound<'py, PyString>>> {
    texts
        .iter()
        .map(|text| Ok(text.cast_into::<PyString>()?))
        .collect()
}
