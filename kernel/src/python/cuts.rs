//! `optimal_cuts` and `greedy_cuts`.

use crate::chunk::cutting::greedy_cuts::greedy_cuts as choose_greedy;
use crate::chunk::cutting::optimal_cuts::{Choices, Weights, optimal_cuts as choose_optimal};
use crate::python::convert::buffer::Data;
use crate::python::convert::numbers::same_length;
use crate::python::index::no_cuts;
use crate::python::index::text_map::View;
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;

/// The columns of cut points, copied from Python's buffers.
struct Columns {
    sums_from: Vec<i64>,
    sums_to: Vec<i64>,
    costs: Vec<f64>,
    shares: Vec<f64>,
}

impl Columns {
    fn new(
        py: Python<'_>,
        (sums_from, sums_to): (PyBuffer<i64>, PyBuffer<i64>),
        costs: PyBuffer<f64>,
        shares: Option<PyBuffer<f64>>,
    ) -> PyResult<Self> {
        let columns = Columns {
            sums_from: sums_from.to_vec(py)?,
            sums_to: sums_to.to_vec(py)?,
            costs: costs.to_vec(py)?,
            shares: shares.map_or(Ok(Vec::new()), |shares| shares.to_vec(py))?,
        };
        let n = columns.sums_from.len();
        same_length("sums_from and sums_to", n, columns.sums_to.len())?;
        same_length("sums_from and costs", n, columns.costs.len())?;
        Ok(columns)
    }

    fn choices(&self) -> Choices<'_> {
        Choices {
            sums_from: &self.sums_from,
            sums_to: &self.sums_to,
            costs: &self.costs,
            shares: &self.shares,
        }
    }
}

#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "Python names them")]
pub fn optimal_cuts(
    py: Python<'_>,
    sums_from: PyBuffer<i64>,
    sums_to: PyBuffer<i64>,
    costs: PyBuffer<f64>,
    shares: PyBuffer<f64>,
    limit: i64,
    min_size: i64,
    below_min: f64,
    evenness: f64,
    smallness: f64,
    per_span: f64,
    target: f64,
) -> PyResult<View<'_>> {
    let weights = Weights {
        limit,
        min_size,
        below_min,
        evenness,
        smallness,
        per_span,
        target,
    };
    let columns = Columns::new(py, (sums_from, sums_to), costs, Some(shares))?;
    let n = columns.sums_from.len();
    same_length("sums_from and shares", n, columns.shares.len())?;
    let cuts = py.detach(|| choose_optimal(columns.choices(), weights));
    numbers(py, cuts.ok_or_else(|| no_cuts(limit))?)
}

#[pyfunction]
pub fn greedy_cuts(
    py: Python<'_>,
    sums_from: PyBuffer<i64>,
    sums_to: PyBuffer<i64>,
    costs: PyBuffer<f64>,
    limit: i64,
    below_min: f64,
) -> PyResult<View<'_>> {
    let weights = Weights {
        limit,
        min_size: 0,
        below_min,
        evenness: 0.0,
        smallness: 0.0,
        per_span: 1.0,
        target: 1.0,
    };
    let columns = Columns::new(py, (sums_from, sums_to), costs, None)?;
    let cuts = py.detach(|| choose_greedy(columns.choices(), weights));
    numbers(py, cuts)
}

fn numbers(py: Python<'_>, cuts: Vec<usize>) -> PyResult<View<'_>> {
    Data::U64(cuts.into_iter().map(|cut| cut as u64).collect()).view(py)
}
