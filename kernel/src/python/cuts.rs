//! `optimal_cuts` and `greedy_cuts`.

use super::buffer::Data;
use super::index::no_cuts;
use super::text_map::{View, same_length};
use crate::chunk::greedy_cuts::greedy_cuts as choose_greedy;
use crate::chunk::optimal_cuts::{Choices, Costs, optimal_cuts as choose_optimal};
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;

/// Cut points, copied from Python's buffers.
struct Columns {
    sums_from: Vec<i64>,
    sums_to: Vec<i64>,
    strengths: Vec<u8>,
}

impl Columns {
    fn new(
        py: Python<'_>,
        sums_from: PyBuffer<i64>,
        sums_to: PyBuffer<i64>,
        strengths: PyBuffer<u8>,
    ) -> PyResult<Self> {
        let columns = Columns {
            sums_from: sums_from.to_vec(py)?,
            sums_to: sums_to.to_vec(py)?,
            strengths: strengths.to_vec(py)?,
        };
        let n = columns.sums_from.len();
        same_length("sums_from and sums_to", n, columns.sums_to.len())?;
        same_length("sums_from and strengths", n, columns.strengths.len())?;
        Ok(columns)
    }

    fn choices(&self) -> Choices<'_> {
        Choices {
            sums_from: &self.sums_from,
            sums_to: &self.sums_to,
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
) -> PyResult<View<'_>> {
    let columns = Columns::new(py, sums_from, sums_to, strengths)?;
    let costs = Costs {
        penalties: &penalties,
        limit,
        min_size,
        evenness,
    };
    let cuts = py.detach(|| choose_optimal(columns.choices(), costs));
    numbers(py, cuts.ok_or_else(|| no_cuts(limit))?)
}

#[pyfunction]
pub fn greedy_cuts(
    py: Python<'_>,
    sums_from: PyBuffer<i64>,
    sums_to: PyBuffer<i64>,
    strengths: PyBuffer<u8>,
    penalties: Vec<f64>,
    limit: i64,
) -> PyResult<View<'_>> {
    let columns = Columns::new(py, sums_from, sums_to, strengths)?;
    let costs = Costs {
        penalties: &penalties,
        limit,
        min_size: 0,
        evenness: 0.0,
    };
    let cuts = py.detach(|| choose_greedy(columns.choices(), costs));
    numbers(py, cuts)
}

fn numbers(py: Python<'_>, cuts: Vec<usize>) -> PyResult<View<'_>> {
    Data::U64(cuts.into_iter().map(|cut| cut as u64).collect()).view(py)
}
