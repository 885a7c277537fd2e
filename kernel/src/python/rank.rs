//! `rank`.

use crate::pack::rank;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

#[pyfunction(name = "rank")]
pub fn rank_files(
    py: Python<'_>,
    uses: &Bound<'_, PyList>,
    starts: Vec<f64>,
    steps: usize,
    damping: f64,
) -> PyResult<Vec<f64>> {
    let number = uses.len();
    if starts.len() != number {
        let message = format!("{number} files have {} starts", starts.len());
        return Err(PyValueError::new_err(message));
    }
    let mut edges = Vec::with_capacity(number);
    for used in uses.iter() {
        let mut own = Vec::new();
        for (each, weight) in used.cast::<PyDict>()?.iter() {
            let (each, weight) = (each.extract::<i64>()?, weight.extract::<f64>()?);
            match usize::try_from(each) {
                Ok(each) if each < number && weight > 0.0 => own.push((each, weight)),
                _ => {
                    let message = format!("invalid use of file {each} of {number}");
                    return Err(PyValueError::new_err(message));
                }
            }
        }
        edges.push(own);
    }
    Ok(py.detach(|| rank::rank(&edges, &starts, steps, damping)))
}
