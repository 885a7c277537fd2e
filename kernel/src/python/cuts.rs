//! `best_cuts` and `greedy_cuts`.

use super::buffer::{Buffer, Data};
use crate::chunk::optimal_cuts::{self, Places, Rule};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

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
    let columns = Columns::new(py, starts, ends, strengths)?;
    let rule = Rule {
        penalties: &penalties,
        limit,
        minimum,
        evenness,
    };
    let cuts = py.detach(|| optimal_cuts::best_cuts(columns.places(), rule));
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
    let columns = Columns::new(py, starts, ends, strengths)?;
    let rule = Rule {
        penalties: &penalties,
        limit,
        minimum: 0,
        evenness: 0.0,
    };
    let cuts = py.detach(|| optimal_cuts::greedy_cuts(columns.places(), rule));
    Ok(Data::Counts(cuts.into_iter().map(|cut| cut as u64).collect()).into())
}
