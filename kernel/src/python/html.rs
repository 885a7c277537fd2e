//! `html_blocks`.

use crate::chunk::blocks::Blocks as Flat;
use crate::chunk::html;
use crate::python::blocks::Blocks;
use crate::text::char_map::CharMap;
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;

#[pyfunction]
pub fn html_blocks(py: Python<'_>, text: &str) -> PyResult<Blocks> {
    if u32::try_from(text.len()).is_err() {
        return Err(PyOverflowError::new_err(
            "the text has more than 4 GiB of UTF-8",
        ));
    }
    let flat = py.detach(|| {
        let found = html::parse(text);
        let map = CharMap::new(text);
        let map = (!map.is_ascii()).then_some((&map, text));
        Flat::new(found.blocks, found.inline, map)
    });
    Ok(flat.into())
}
