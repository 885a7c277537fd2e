//! Columns of strings through the Arrow C data interface: no copy, no Python object for each row.
//!
//! <https://arrow.apache.org/docs/format/CDataInterface.html>, and its stream and capsule companions.
//! Formats: `u`, `U` and `vu` (UTF-8 with 32-bit offsets, 64-bit offsets, and views), and a table of
//! one such column (`+s`).

use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::{mem, ptr, slice, str};

#[repr(C)]
struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private_data: *mut c_void,
}

#[repr(C)]
struct Array {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *const *const c_void,
    children: *mut *mut Array,
    dictionary: *mut Array,
    release: Option<unsafe extern "C" fn(*mut Array)>,
    private_data: *mut c_void,
}

#[repr(C)]
struct Stream {
    get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Stream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut Stream)>,
    private_data: *mut c_void,
}

/// A C structure of the interface, which its producer releases.
///
/// # Safety
/// All-zero bytes are a value of it, the released one.
unsafe trait Released: Sized {
    /// Releases it, unless that has been done.
    fn release(&mut self);
}

macro_rules! released {
    ($structure:ty) => {
        // SAFETY: null pointers, zeros and `None`.
        unsafe impl Released for $structure {
            fn release(&mut self) {
                if let Some(release) = self.release.take() {
                    self.release = Some(release);
                    // SAFETY: a structure that has its callback is whole, and is released once,
                    // since the callback takes itself out.
                    unsafe { release(self) };
                }
            }
        }
    };
}
released!(Schema);
released!(Array);
released!(Stream);

/// A structure that is ours, and is released when it is dropped.
struct Owned<T: Released>(T);

impl<T: Released> Owned<T> {
    fn empty() -> Self {
        // SAFETY: `T` has an all-zero value.
        Owned(unsafe { mem::zeroed() })
    }

    /// Takes the structure out of a capsule of that name, which then has a released one.
    fn take(capsule: &Bound<'_, PyAny>, name: &CStr) -> PyResult<Self> {
        // SAFETY: `capsule` is a Python object; it is asked for its name before it is believed.
        let found: *mut T =
            unsafe { ffi::PyCapsule_GetPointer(capsule.as_ptr(), name.as_ptr()) }.cast();
        if found.is_null() {
            return Err(PyErr::fetch(capsule.py()));
        }
        // SAFETY: by the capsule interface a capsule of this name holds such a structure, and the
        // one who gets it moves it out and leaves a released one.
        Ok(Owned(unsafe { ptr::replace(found, mem::zeroed()) }))
    }
}

impl<T: Released> Drop for Owned<T> {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// How the rows of a column are stored.
#[derive(Clone, Copy)]
enum Layout {
    Offsets32,
    Offsets64,
    Views,
}

/// A column of strings, in one or more chunks.
pub struct Column {
    layout: Layout,
    /// Whether the chunks are tables of one column.
    in_table: bool,
    chunks: Vec<Owned<Array>>,
}

impl Column {
    /// The column of anything with `__arrow_c_stream__` or `__arrow_c_array__`.
    pub fn import(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        if source.hasattr("__arrow_c_array__")? {
            let pair = source.call_method0("__arrow_c_array__")?;
            let pair = pair.cast::<PyTuple>()?;
            let schema = Owned::take(&pair.get_item(0)?, c"arrow_schema")?;
            let chunks = vec![Owned::take(&pair.get_item(1)?, c"arrow_array")?];
            let (layout, in_table) = layout(&schema.0)?;
            return Ok(Column {
                layout,
                in_table,
                chunks,
            });
        }
        if source.hasattr("__arrow_c_stream__")? {
            let capsule = source.call_method0("__arrow_c_stream__")?;
            return Self::drain(Owned::take(&capsule, c"arrow_array_stream")?);
        }
        Err(PyTypeError::new_err(
            "a column has __arrow_c_array__ or __arrow_c_stream__",
        ))
    }

    fn drain(mut stream: Owned<Stream>) -> PyResult<Self> {
        let stream = &mut stream.0;
        let (Some(get_schema), Some(get_next)) = (stream.get_schema, stream.get_next) else {
            return Err(PyValueError::new_err("the Arrow stream was read already"));
        };
        let failed = |code| PyRuntimeError::new_err(format!("the Arrow stream failed: {code}"));
        let mut schema = Owned::<Schema>::empty();
        // SAFETY: the stream's own function, with the stream and a place for the schema.
        match unsafe { get_schema(stream, &mut schema.0) } {
            0 => {}
            code => return Err(failed(code)),
        }
        let (layout, in_table) = layout(&schema.0)?;
        let mut chunks = Vec::new();
        loop {
            let mut chunk = Owned::<Array>::empty();
            // SAFETY: as above, with a place for an array.
            match unsafe { get_next(stream, &mut chunk.0) } {
                0 if chunk.0.release.is_none() => {
                    return Ok(Column {
                        layout,
                        in_table,
                        chunks,
                    });
                }
                0 => chunks.push(chunk),
                code => return Err(failed(code)),
            }
        }
    }

    /// The texts of all rows. A row without a value has none.
    pub fn texts(&self) -> PyResult<Vec<&str>> {
        let mut texts = Vec::new();
        for Owned(chunk) in &self.chunks {
            let array = if self.in_table {
                // SAFETY: an array of a schema with one child has one, which lives as long as it.
                unsafe { &**chunk.children }
            } else {
                chunk
            };
            let offset = if self.in_table {
                array.offset + chunk.offset
            } else {
                array.offset
            };
            for row in 0..chunk.length {
                // SAFETY: the row is below the array's length, and the column owns the array, so
                // that its buffers live as long as `self`.
                let bytes = unsafe { bytes(array, self.layout, (offset + row) as usize) };
                let text = str::from_utf8(bytes);
                texts.push(text.map_err(|_| {
                    let number = texts.len();
                    PyValueError::new_err(format!("row {number} is not UTF-8"))
                })?);
            }
        }
        Ok(texts)
    }
}

/// How a column of this schema stores its rows, and whether it is in a table of one column.
fn layout(schema: &Schema) -> PyResult<(Layout, bool)> {
    // SAFETY: a schema that is not released has a format, and as many children as it says.
    let (format, children) = unsafe {
        if schema.format.is_null() {
            return Err(PyValueError::new_err("the Arrow schema has no format"));
        }
        (CStr::from_ptr(schema.format), schema.n_children)
    };
    match format.to_bytes() {
        // A dictionary's rows are numbers, whatever is in the dictionary.
        b"u" => Ok((Layout::Offsets32, false)),
        b"U" => Ok((Layout::Offsets64, false)),
        b"vu" => Ok((Layout::Views, false)),
        b"+s" if children == 1 => {
            // SAFETY: the one child, which lives as long as the schema.
            let (layout, nested) = layout(unsafe { &**schema.children })?;
            if nested {
                Err(PyTypeError::new_err("the column is nested"))
            } else {
                Ok((layout, true))
            }
        }
        other => Err(PyTypeError::new_err(format!(
            "a column of Arrow format {:?} is not one of strings",
            String::from_utf8_lossy(other)
        ))),
    }
}

/// The bytes of a row, none if it is null.
///
/// # Safety
/// The array is whole, of this layout, and has this row; the bytes live as long as the array.
unsafe fn bytes(array: &Array, layout: Layout, row: usize) -> &[u8] {
    // SAFETY: the interface fixes which buffers an array of each layout has: first the bitmap of
    // rows that are not null, or null for all; then offsets (one more than rows) and data, or views
    // of 16 bytes and the buffers that those name. Each row's bytes are within them.
    unsafe {
        let buffer = |number: usize| *array.buffers.add(number);
        let bitmap: *const u8 = buffer(0).cast();
        if !bitmap.is_null() && *bitmap.add(row / 8) >> (row % 8) & 1 == 0 {
            return &[];
        }
        let (start, length): (*const u8, usize) = match layout {
            Layout::Offsets32 => {
                let offsets: *const i32 = buffer(1).cast();
                let start = *offsets.add(row) as usize;
                let length = *offsets.add(row + 1) as usize - start;
                (buffer(2).cast::<u8>().wrapping_add(start), length)
            }
            Layout::Offsets64 => {
                let offsets: *const i64 = buffer(1).cast();
                let start = *offsets.add(row) as usize;
                let length = *offsets.add(row + 1) as usize - start;
                (buffer(2).cast::<u8>().wrapping_add(start), length)
            }
            Layout::Views => {
                let view: *const i32 = buffer(1).cast::<i32>().add(row * 4);
                let length = *view as usize;
                if length <= 12 {
                    (view.add(1).cast(), length)
                } else {
                    let (number, start) = (*view.add(2) as usize, *view.add(3) as usize);
                    (buffer(2 + number).cast::<u8>().add(start), length)
                }
            }
        };
        if length == 0 {
            &[]
        } else {
            slice::from_raw_parts(start, length)
        }
    }
}
