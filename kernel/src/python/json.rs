//! `json_blocks`.

use crate::chunk::json::{self, Error};
use crate::python::blocks::Blocks;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;

#[pyfunction]
pub fn json_blocks(py: Python<'_>, text: &str, records: bool, depth: usize) -> PyResult<Blocks> {
    let blocks = py.detach(|| json::blocks(text, records, depth));
    let blocks = blocks.map_err(|error| match error {
        Error::TooLong => PyOverflowError::new_err("the text has more than 4 GiB of UTF-8"),
        Error::Fault(offset, fault, open) => PyValueError::new_err((offset, fault as u32, open)),
    })?;
    Ok(blocks.into())
}
