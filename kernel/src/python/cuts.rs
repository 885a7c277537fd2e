//! `optimal_cuts` and `greedy_cuts`.

use super::buffer::Data;
use crate::chunk::optimal_cuts::{
    Places, Rule, greedy_cuts as choose_greedy, optimal_cuts as choose_optimal,
};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;

/// Places, as Python hands them over.
struct Columns {
    starts: Vec<i64>,
    ends: Vec<i64>,
    strengths: Vec<u8>,
}

impl Columns {
    fn new(
        py: Python<'_>,
        starts: PyBuffer<i64>,
        ends: PyBuffer<i64>,
        strengths: PyBuffer<u8>,
    ) -> PyResult<Self> {
        let columns = Columns {
            starts: starts.to_vec(py)?,
            ends: ends.to_vec(py)?,
            strengths: strengths.to_vec(py)?,
        };
        let n = columns.starts.len();
        match columns.ends.len() == n && columns.strengths.len() == n {
            true => Ok(columns),
            false => Err(PyValueError::new_err("the buffers differ in length")),
        }
    }

    fn places(&self) -> Places<'_> {
        Places {
            starts: &self.starts,
            ends: &self.ends,
            strengths: &self.strengths,
        }
    }
}

#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python names them")]
pub fn optimal_cuts(
    py: Python<'_>,
    sums_from: PyBuffer<i64>,
    sums_to: PyBuffer<i64>,
    strengths: PyBuffer<u8>,
    penalties: Vec<f64>,
    limit: i64,
    min_size: i64,
    evenness: f64,
) -> PyResult<Bound<'_, PyMemoryView>> {
    let columns = Columns::new(py, sums_from, sums_to, strengths)?;
    let rule = Rule {
        penalties: &penalties,
        limit,
        minimum: min_size,
        evenness,
    };
    let cuts = py.detach(|| choose_optimal(columns.places(), rule));
    match cuts {
        Some(cuts) => numbers(py, cuts),
        None => Err(PyValueError::new_err(format!(
            "no cuts leave at most {limit} tokens in each span"
        ))),
    }
}

#[pyfunction]
pub fn greedy_cuts(
    py: Python<'_>,
    sums_from: PyBuffer<i64>,
    sums_to: PyBuffer<i64>,
    strengths: PyBuffer<u8>,
    penalties: Vec<f64>,
    limit: i64,
) -> PyResult<Bound<'_, PyMemoryView>> {
    let columns = Columns::new(py, sums_from, sums_to, strengths)?;
    let rule = Rule {
        penalties: &penalties,
        limit,
        minimum: 0,
        evenness: 0.0,
    };
    let cuts = py.detach(|| choose_greedy(columns.places(), rule));
    numbers(py, cuts)
}

fn numbers(py: Python<'_>, cuts: Vec<usize>) -> PyResult<Bound<'_, PyMemoryView>> {
    Data::Counts(cuts.into_iter().map(|cut| cut as u64).collect()).view(py)
}
