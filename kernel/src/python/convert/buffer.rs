//! Numbers that Python sees through its buffer protocol, without a copy.

use crate::index::text_map::TextMap;
use crate::text::arrow_lists::{Chunk, Offsets};
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;
use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::sync::Arc;

/// A read-only, one-dimensional buffer of numbers.
#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct Buffer {
    data: Data,
    /// The number of elements, and the size of one: a `Py_buffer` points to them.
    length: [ffi::Py_ssize_t; 1],
    item: [ffi::Py_ssize_t; 1],
}

pub enum Data {
    Bool(Vec<bool>),
    U8(Vec<u8>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    I64(Vec<i64>),
    F64(Vec<f64>),
    /// The ids of a chunk of lists, and where the lists start and end.
    Ids(Arc<Chunk>),
    IdOffsets(Arc<Chunk>),
    /// A column of a `TextMap` whose segments are already computed.
    Segments(Arc<TextMap>, Column),
}

/// What is known of each segment.
#[derive(Clone, Copy)]
pub enum Column {
    Ends,
    Sums,
    Strengths,
}

/// The first element, the number of elements, the size of one in bytes, and its format.
type Layout = (*const c_void, usize, usize, &'static CStr);

impl Data {
    pub fn view(self, py: Python<'_>) -> PyResult<Bound<'_, PyMemoryView>> {
        PyMemoryView::from(Bound::new(py, Buffer::from(self))?.as_any())
    }

    fn layout(&self) -> Layout {
        fn of<T>(items: &[T], format: &'static CStr) -> Layout {
            (items.as_ptr().cast(), items.len(), size_of::<T>(), format)
        }
        match self {
            Data::Bool(values) => of(values, c"?"),
            Data::U8(numbers) => of(numbers, c"B"),
            Data::U32(numbers) => of(numbers, c"I"),
            Data::U64(numbers) => of(numbers, c"Q"),
            Data::I64(numbers) => of(numbers, c"q"),
            Data::F64(numbers) => of(numbers, c"d"),
            Data::Ids(chunk) => of(&chunk.ids, c"I"),
            Data::IdOffsets(chunk) => match &chunk.offsets {
                Offsets::I32(offsets) => of(offsets, c"i"),
                Offsets::I64(offsets) => of(offsets, c"q"),
            },
            Data::Segments(map, column) => {
                let segments = map.known_segments();
                match column {
                    Column::Ends => of(&segments.ends, c"I"),
                    Column::Sums => of(&segments.sums, c"I"),
                    Column::Strengths => of(&segments.strengths, c"B"),
                }
            }
        }
    }
}

impl From<Data> for Buffer {
    fn from(data: Data) -> Self {
        let (_, length, item, _) = data.layout();
        Buffer {
            data,
            length: [length as _],
            item: [item as _],
        }
    }
}

#[pymethods]
impl Buffer {
    fn __len__(&self) -> usize {
        self.length[0] as usize
    }

    /// # Safety
    /// `view` is one that Python has made, or null, as for any `bf_getbuffer`.
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        if view.is_null() {
            return Err(PyBufferError::new_err("no view to fill"));
        }
        if flags & ffi::PyBUF_WRITABLE == ffi::PyBUF_WRITABLE {
            return Err(PyBufferError::new_err("the buffer is read-only"));
        }
        let this = slf.get();
        let (start, length, item, format) = this.data.layout();
        let (shape, strides) = (this.length.as_ptr(), this.item.as_ptr());
        let is_asked = |flag: c_int| flags & flag == flag;
        // SAFETY: `view` is valid for writes. What it points to lives in `this`, which never changes
        // or moves, and which the reference in `obj` keeps alive until the view is released; the
        // view is read-only, so that nobody writes through the mutable pointers.
        unsafe {
            (*view).buf = start.cast_mut();
            (*view).len = (length * item) as _;
            (*view).readonly = 1;
            (*view).itemsize = item as _;
            (*view).format = if_asked(is_asked(ffi::PyBUF_FORMAT), format.as_ptr());
            (*view).ndim = 1;
            (*view).shape = if_asked(is_asked(ffi::PyBUF_ND), shape);
            (*view).strides = if_asked(is_asked(ffi::PyBUF_STRIDES), strides);
            (*view).suboffsets = ptr::null_mut();
            (*view).internal = ptr::null_mut();
            (*view).obj = slf.into_ptr();
        }
        Ok(())
    }
}

fn if_asked<T>(is_asked: bool, value: *const T) -> *mut T {
    if is_asked {
        value.cast_mut()
    } else {
        ptr::null_mut()
    }
}
