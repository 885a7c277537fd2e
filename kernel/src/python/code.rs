//! `code_blocks`.

use crate::code::{self, Error, Words};
use crate::python::convert::buffer::{Buffer, Data};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyCapsuleMethods};
use tree_sitter::Language;

type Columns = (Buffer, Buffer, Buffer, Buffer, Buffer, String);

#[pyfunction]
pub fn code_blocks(
    grammar: &Bound<'_, PyAny>,
    data: &Bound<'_, PyBytes>,
    roles: &[u8],
    words: (Vec<String>, Vec<String>, Vec<String>),
    depth: usize,
) -> PyResult<Columns> {
    let pointer = pointer(grammar)?;
    let roles: Vec<u32> = roles
        .chunks_exact(4)
        .map(|four| u32::from_ne_bytes([four[0], four[1], four[2], four[3]]))
        .collect();
    let (functions, classes, imports) = words;
    let words = Words {
        functions,
        classes,
        imports,
    };
    let data = data.as_bytes();
    let blocks = grammar.py().detach(|| {
        // SAFETY: the module of a grammar gives a pointer to one, which lives as long as the process.
        let language = unsafe { Language::from_raw(pointer as *const _) };
        code::blocks(&language, data, &roles, &words, depth)
    });
    let blocks = blocks.map_err(|error| match error {
        Error::TooLong => PyOverflowError::new_err("the text has more than 4 GiB"),
        Error::Grammar => PyValueError::new_err("the grammar is of another version"),
        Error::TooManySteps => PyValueError::new_err("it takes too many steps"),
        Error::TooLongTime => PyValueError::new_err("it takes too long"),
        Error::Parser => PyValueError::new_err("the parser failed"),
    })?;
    Ok((
        Data::U32(blocks.starts).into(),
        Data::U32(blocks.ends).into(),
        Data::U32(blocks.kinds).into(),
        Data::U32(blocks.strengths).into(),
        Data::U32(blocks.children).into(),
        blocks.titles,
    ))
}

/// The address of a grammar, which modules give as a capsule or, older ones, as a number.
fn pointer(grammar: &Bound<'_, PyAny>) -> PyResult<usize> {
    let address = if let Ok(capsule) = grammar.cast::<PyCapsule>() {
        capsule
            .pointer_checked(Some(c"tree_sitter.Language"))?
            .as_ptr() as usize
    } else {
        grammar.extract()?
    };
    if address == 0 {
        return Err(PyTypeError::new_err("no grammar"));
    }
    Ok(address)
}
