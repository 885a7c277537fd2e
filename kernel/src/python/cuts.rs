//! `best_cuts` and `greedy_cuts`.

use super::buffer::{Buffer, Data};
use crate::cuts::{self, Places, Rule};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python names them")]
pub fn best_cuts(
    py: Python<'_>,
    starts: PyBuffer<i64>,
    ends: PyBuffer<i64>,
    strengths: PyBuffer<u8>,
    penalties: Vec<f64>,
    limit: i64,
    minimum: i64,
    evenness: f64,
) -> PyResult<Buffer> {
    let (starts, ends) = (starts.to_vec(py)?, ends.to_vec(py)?);
    let strengths = strengths.to_vec(py)?;
    if ends.len() != starts.len() || strengths.len() != starts.len() {
        return Err(PyValueError::new_err("the buffers differ in length"));
    }
    let rule = Rule {
        penalties: &penalties,
        limit,
        minimum,
        evenness,
    };
    let cuts = py.detach(|| {
        let places = Places {
            starts: &starts,
            ends: &ends,
            strengths: &strengths,
        };
        cuts::best_cuts(places, rule)
    });
    match cuts {
        Some(cuts) => Ok(Data::Counts(cuts.into_iter().map(|cut| cut as u64).collect()).into()),
        None => Err(PyValueError::new_err(format!(
            "no cuts leave at most {limit} tokens in each part"
        ))),
    }
}

#[pyfunction]
pub fn greedy_cuts(
    py: Python<'_>,
    starts: PyBuffer<i64>,
    ends: PyBuffer<i64>,
    strengths: PyBuffer<u8>,
    penalties: Vec<f64>,
    limit: i64,
) -> PyResult<Buffer> {
    let (starts, ends) = (starts.to_vec(py)?, ends.to_vec(py)?);
    let strengths = strengths.to_vec(py)?;
    if ends.len() != starts.len() || strengths.len() != starts.len() {
        return Err(PyValueError::new_err("the buffers differ in length"));
    }
    let rule = Rule {
        penalties: &penalties,
        limit,
        minimum: 0,
        evenness: 0.0,
    };
    let places = Places {
        starts: &starts,
        ends: &ends,
        strengths: &strengths,
    };
    let cuts = py.detach(|| cuts::greedy_cuts(places, rule));
    Ok(Data::Counts(cuts.into_iter().map(|cut| cut as u64).collect()).into())
}
