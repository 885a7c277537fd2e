//! Arrow columns out of Python's capsules.
//!
//! <https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>

use crate::text::arrow::{Column, Error, Owned, Released};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::CStr;

/// The column of anything with `__arrow_c_array__` or `__arrow_c_stream__`.
pub fn import(source: &Bound<'_, PyAny>) -> PyResult<Column> {
    if source.hasattr("__arrow_c_array__")? {
        let pair = source.call_method0("__arrow_c_array__")?;
        let (schema, array): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let schema = take(&schema, c"arrow_schema")?;
        let array = take(&array, c"arrow_array")?;
        Column::from_array(&schema, array).map_err(arrow_error)
    } else if source.hasattr("__arrow_c_stream__")? {
        let capsule = source.call_method0("__arrow_c_stream__")?;
        let stream = take(&capsule, c"arrow_array_stream")?;
        Column::from_stream(stream).map_err(arrow_error)
    } else {
        Err(PyTypeError::new_err(
            "a column must have __arrow_c_array__ or __arrow_c_stream__",
        ))
    }
}

/// Takes the structure out of a capsule of that name, which then has a released one.
fn take<T: Released>(capsule: &Bound<'_, PyAny>, name: &CStr) -> PyResult<Owned<T>> {
    // SAFETY: `capsule` is a Python object; it is asked for its name before it is believed.
    let found = unsafe { ffi::PyCapsule_GetPointer(capsule.as_ptr(), name.as_ptr()) };
    if found.is_null() {
        return Err(PyErr::fetch(capsule.py()));
    }
    let found = found.cast::<T>();
    if !found.is_aligned() {
        return Err(arrow_error(Error::Malformed));
    }
    // SAFETY: by the capsule interface a capsule of this name holds a structure of this type, and
    // whoever gets it moves it out and leaves a released one. What is in the structure is checked when
    // it is read; that its pointers are valid, the library that made it answers for.
    Ok(unsafe { Owned::take(found) })
}

pub fn arrow_error(error: Error) -> PyErr {
    let message = error.to_string();
    match error {
        Error::Format(_) | Error::Nested => PyTypeError::new_err(message),
        Error::Malformed | Error::Failed(..) | Error::Utf8(_) => PyValueError::new_err(message),
    }
}
