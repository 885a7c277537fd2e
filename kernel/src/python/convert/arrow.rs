//! Arrow columns out of Python's capsules, and into them.
//!
//! <https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>

use crate::text::arrow::{Array, Column, Error, Owned, Released, Schema, Stream};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::{CStr, c_void};

/// The column of anything with `__arrow_c_array__` or `__arrow_c_stream__`.
pub fn import(source: &Bound<'_, PyAny>) -> PyResult<Column> {
    if source.hasattr("__arrow_c_array__")? {
        let pair = source.call_method0("__arrow_c_array__")?;
        let (schema, array): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let schema = take(&schema, Schema::NAME)?;
        let array = take(&array, Array::NAME)?;
        Column::from_array(&schema, array).map_err(arrow_error)
    } else if source.hasattr("__arrow_c_stream__")? {
        let capsule = source.call_method0("__arrow_c_stream__")?;
        let stream = take(&capsule, Stream::NAME)?;
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

/// A structure of Arrow's that a capsule of this name holds.
pub trait Named: Released {
    const NAME: &'static CStr;
}

impl Named for Schema {
    const NAME: &'static CStr = c"arrow_schema";
}

impl Named for Array {
    const NAME: &'static CStr = c"arrow_array";
}

impl Named for Stream {
    const NAME: &'static CStr = c"arrow_array_stream";
}

/// A capsule that holds a structure, and releases it unless somebody moves it out.
pub fn export<T: Named>(py: Python<'_>, structure: Owned<T>) -> PyResult<Bound<'_, PyAny>> {
    let structure: *mut c_void = Box::into_raw(Box::new(structure)).cast();
    // SAFETY: the name lives forever, and the destructor is for this type. What is returned is a new
    // reference, or null with an error set.
    unsafe {
        let capsule = ffi::PyCapsule_New(structure, T::NAME.as_ptr(), Some(drop_capsule::<T>));
        if capsule.is_null() {
            drop(Box::from_raw(structure.cast::<Owned<T>>()));
        }
        Bound::from_owned_ptr_or_err(py, capsule)
    }
}

/// # Safety
/// The capsule is one of [`export`] for this type.
unsafe extern "C" fn drop_capsule<T: Named>(capsule: *mut ffi::PyObject) {
    // SAFETY: the capsule holds the box that `export` made, which nobody else drops. Whoever moved the
    // structure out of it left a released one.
    unsafe {
        let structure = ffi::PyCapsule_GetPointer(capsule, T::NAME.as_ptr());
        if !structure.is_null() {
            drop(Box::from_raw(structure.cast::<Owned<T>>()));
        }
    }
}
