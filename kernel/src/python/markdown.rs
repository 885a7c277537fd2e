//! `markdown_blocks`.

use super::buffer::{Buffer, Data};
use crate::chunk::markdown::{self, Error};
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

type Columns = (Buffer, Buffer, Buffer, Buffer, String);

#[pyfunction]
pub fn markdown_blocks(text: &Bound<'_, PyString>, depth: usize) -> PyResult<Columns> {
    // Unlike elsewhere, a pair of surrogates stays two characters, since places are returned.
    let clean = match text.to_str() {
        Ok(_) => text.clone(),
        Err(_) => {
            let bytes = text.call_method1("encode", ("utf-8", "replace"))?;
            bytes.call_method0("decode")?.cast_into::<PyString>()?
        }
    };
    let string = clean.to_str()?;
    let blocks = text.py().detach(|| markdown::blocks(string, depth));
    let blocks = blocks.map_err(|error| match error {
        Error::TooLong => PyOverflowError::new_err("the text has more than 4 GiB of UTF-8"),
        Error::Parser => PyValueError::new_err("the Markdown parser failed"),
    })?;
    Ok((
        Data::Ids(blocks.starts).into(),
        Data::Ids(blocks.ends).into(),
        Data::Ids(blocks.kinds).into(),
        Data::Ids(blocks.children).into(),
        blocks.titles,
    ))
}
