//! Ids out of Python -> the bytes of their tokens; and ids as a list.

use crate::bpe::table::OutOfMemory;
use crate::count::ids::decode;
use crate::count::tokenizer::Tokenizer;
use crate::python::convert::numbers::{Integers, elements};
use pyo3::buffer::Element;
use pyo3::exceptions::PyKeyError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyList;

/// The bytes of ids in a list, in a buffer, which makes no Python objects, or in any sequence, which
/// may name more of them than there is memory for.
pub fn decode(tokenizer: &Tokenizer, ids: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(list) = ids.cast_exact::<PyList>()
        && let Ok(ids) = list.extract::<Vec<u32>>()
    {
        return decode::decode(tokenizer, &ids).map_err(decode_error);
    }
    let found = match decode_buffer::<u32>(tokenizer, ids)? {
        None => decode_buffer::<i32>(tokenizer, ids)?,
        found => found,
    };
    if let Some(bytes) = match found {
        None => decode_buffer::<i64>(tokenizer, ids)?,
        found => found,
    } {
        return Ok(bytes);
    }
    let mut bytes = Vec::new();
    for id in Integers::new(ids)? {
        decode::push(tokenizer, id?.0, &mut bytes).map_err(decode_error)?;
    }
    Ok(bytes)
}

/// A list of ids. `PyList::new` panics where memory does not hold it, as it may not in a batch.
pub fn list<'py>(py: Python<'py>, ids: &[u32]) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: a new list of this length, which nobody else sees before each item is set; setting
    // takes the reference to the number. A list that is dropped earlier may have items that are not.
    unsafe {
        let list = Bound::from_owned_ptr_or_err(py, ffi::PyList_New(ids.len() as isize))?;
        for (index, &id) in (0..).zip(ids) {
            let number = match i32::try_from(id) {
                Ok(id) => ffi::PyLong_FromLong(id.into()), // faster than of an unsigned number
                Err(_) => ffi::PyLong_FromUnsignedLongLong(id.into()),
            };
            if number.is_null() {
                return Err(PyErr::fetch(py));
            }
            ffi::PyList_SetItem(list.as_ptr(), index, number);
        }
        Ok(list)
    }
}

/// The bytes of the ids in a buffer, if it has this element.
fn decode_buffer<T: Element + Into<i64> + Sync>(
    tokenizer: &Tokenizer,
    ids: &Bound<'_, PyAny>,
) -> PyResult<Option<Vec<u8>>> {
    let Some(found) = elements::<T>(ids)? else {
        return Ok(None);
    };
    let bytes = ids.py().detach(|| decode::decode(tokenizer, &found));
    bytes.map(Some).map_err(decode_error)
}

fn decode_error(error: decode::Error) -> PyErr {
    match error {
        decode::Error::Unknown(id) => PyKeyError::new_err(id),
        decode::Error::Memory => OutOfMemory.into(),
    }
}
