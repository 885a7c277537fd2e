//! `count_terms`.

use crate::count::parallel;
use crate::python::convert::buffer::Data;
use crate::python::convert::text::text;
use crate::text::batch;
use crate::text::terms::{self, Terms};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyMemoryView, PyString};
use std::borrow::Cow;

type View<'py> = Bound<'py, PyMemoryView>;

/// (ends, lengths, texts, segments, terms, counts)
type Columns<'py> = (
    View<'py>,
    View<'py>,
    View<'py>,
    View<'py>,
    View<'py>,
    View<'py>,
);

#[pyfunction]
#[pyo3(signature = (texts, words, terms, lines, threads = 1))]
pub fn count_terms<'py>(
    py: Python<'py>,
    texts: &Bound<'py, PyList>,
    words: Vec<String>,
    terms: Vec<u32>,
    lines: usize,
    threads: usize,
) -> PyResult<Columns<'py>> {
    if lines < 1 {
        let message = format!("lines must be at least 1, got {lines}");
        return Err(PyValueError::new_err(message));
    }
    if words.len() != terms.len() {
        let message = format!("{} words have {} terms", words.len(), terms.len());
        return Err(PyValueError::new_err(message));
    }
    let terms = Terms::new(words.into_iter().zip(terms));
    let strings: Vec<Bound<'py, PyString>> = texts
        .iter()
        .map(|text| Ok(text.cast_into::<PyString>()?))
        .collect::<PyResult<_>>()?;
    let texts: Vec<Cow<'_, str>> = strings.iter().map(text).collect::<PyResult<_>>()?;
    let found = py.detach(|| {
        let threads = parallel::threads(threads);
        batch::map(&texts, threads, |text| terms::count(text, &terms, lines))
    });
    let (mut ends, mut lengths) = (Vec::with_capacity(found.len()), Vec::new());
    let mut columns: [Vec<u32>; 4] = Default::default();
    for (number, each) in (0..).zip(found) {
        lengths.extend(each.lengths);
        ends.push(lengths.len() as u32);
        for (segment, term, count) in each.counts {
            for (column, value) in columns.iter_mut().zip([number, segment, term, count]) {
                column.push(value);
            }
        }
    }
    let [texts, segments, terms, counts] = columns;
    Ok((
        Data::U32(ends).view(py)?,
        Data::U32(lengths).view(py)?,
        Data::U32(texts).view(py)?,
        Data::U32(segments).view(py)?,
        Data::U32(terms).view(py)?,
        Data::U32(counts).view(py)?,
    ))
}
