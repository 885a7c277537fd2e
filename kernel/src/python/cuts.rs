//! `optimal_cuts` and `greedy_cuts`.

use crate::chunk::greedy_cuts::greedy_cuts as choose_greedy;
use crate::chunk::optimal_cuts::{Choices, Costs, optimal_cuts as choose_optimal};
use crate::python::convert::buffer::Data;
use crate::python::convert::numbers::same_length;
use crate::python::index::no_cuts;
use crate::python::index::text_map::View;
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;

/// Makes a choice among cut points, which are copied from Python's buffers, without the GIL.
fn choose<T: Send>(
    py: Python<'_>,
    (sums_from, sums_to, strengths): (PyBuffer<i64>, PyBuffer<i64>, PyBuffer<u8>),
    choose: impl FnOnce(Choices<'_>) -> T + Send,
) -> PyResult<T> {
    let (sums_from, sums_to) = (sums_from.to_vec(py)?, sums_to.to_vec(py)?);
    let strengths = strengths.to_vec(py)?;
    same_length("sums_from and sums_to", sums_from.len(), sums_to.len())?;
    same_length("sums_from and strengths", sums_from.len(), strengths.len())?;
    let choices = Choices {
        sums_from: &sums_from,
        sums_to: &sums_to,
        strengths: &strengths,
    };
    Ok(py.detach(|| choose(choices)))
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
    let costs = Costs {
        penalties: &penalties,
        limit,
        min_size,
        evenness,
    };
    let columns = (sums_from, sums_to, strengths);
    let cuts = choose(py, columns, |choices| choose_optimal(choices, costs))?;
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
    let costs = Costs {
        penalties: &penalties,
        limit,
        min_size: 0,
        evenness: 0.0,
    };
    let columns = (sums_from, sums_to, strengths);
    let cuts = choose(py, columns, |choices| choose_greedy(choices, costs))?;
    numbers(py, cuts)
}

fn numbers(py: Python<'_>, cuts: Vec<usize>) -> PyResult<View<'_>> {
    Data::U64(cuts.into_iter().map(|cut| cut as u64).collect()).view(py)
}
