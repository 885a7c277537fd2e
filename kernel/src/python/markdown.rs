//! `markdown_blocks`.

use crate::chunk::markdown::{self, Error};
use crate::python::convert::buffer::{Buffer, Data};
use crate::text::char_map::CharMap;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

type Columns = (Buffer, Buffer, Buffer, Buffer, String);

#[pyfunction]
pub fn markdown_blocks(text: &Bound<'_, PyString>, depth: usize) -> PyResult<Columns> {
    // Unlike elsewhere, a pair of surrogates stays two characters, since offsets are returned.
    let clean = match text.to_str() {
        Ok(_) => text.clone(),
        Err(_) => {
            let bytes = text.call_method1("encode", ("utf-8", "replace"))?;
            bytes.call_method0("decode")?.cast_into::<PyString>()?
        }
    };
    let string = clean.to_str()?;
    let blocks = text.py().detach(|| {
        let mut blocks = markdown::blocks(string, depth)?;
        let map = CharMap::new(string);
        if !map.is_ascii() {
            for offset in blocks.starts.iter_mut().chain(&mut blocks.ends) {
                *offset = map.character(string, *offset as usize) as u32;
            }
        }
        Ok(blocks)
    });
    let blocks = blocks.map_err(|error| match error {
        Error::TooLong => PyOverflowError::new_err("the text has more than 4 GiB of UTF-8"),
        Error::Parser => PyValueError::new_err("the Markdown parser failed"),
    })?;
    Ok((
        Data::U32(blocks.starts).into(),
        Data::U32(blocks.ends).into(),
        Data::U32(blocks.kinds).into(),
        Data::U32(blocks.children).into(),
        blocks.titles,
    ))
}
