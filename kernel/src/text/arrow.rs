//! Columns of strings through the Arrow C data interface: no copy, no object for each row.
//!
//! <https://arrow.apache.org/docs/format/CDataInterface.html> and its stream companion. Formats: `u`,
//! `U` and `vu` (UTF-8 with 32-bit offsets, 64-bit offsets, and views), and a struct of one such
//! column (`+s`), which is what a table is.
//!
//! The interface is pointers without sizes, so a producer's structures cannot be checked: whoever
//! makes an [`Owned`] answers for them. What they do say is checked, such as the number of children.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::{fmt, mem, ptr, slice, str};

/// `struct ArrowSchema`.
#[repr(C)]
pub struct Schema {
    pub format: *const c_char,
    pub name: *const c_char,
    pub metadata: *const c_char,
    pub flags: i64,
    pub n_children: i64,
    pub children: *mut *mut Schema,
    pub dictionary: *mut Schema,
    pub release: Option<unsafe extern "C" fn(*mut Schema)>,
    pub private_data: *mut c_void,
}

/// `struct ArrowArray`.
#[repr(C)]
pub struct Array {
    pub length: i64,
    pub null_count: i64,
    pub offset: i64,
    pub n_buffers: i64,
    pub n_children: i64,
    pub buffers: *const *const c_void,
    pub children: *mut *mut Array,
    pub dictionary: *mut Array,
    pub release: Option<unsafe extern "C" fn(*mut Array)>,
    pub private_data: *mut c_void,
}

/// `struct ArrowArrayStream`.
#[repr(C)]
pub struct Stream {
    pub get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int>,
    pub get_next: Option<unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int>,
    pub get_last_error: Option<unsafe extern "C" fn(*mut Stream) -> *const c_char>,
    pub release: Option<unsafe extern "C" fn(*mut Stream)>,
    pub private_data: *mut c_void,
}

/// A structure of the interface, which its producer releases.
///
/// # Safety
/// All-zero bytes are a value of it, the released one.
pub unsafe trait Released: Sized {
    fn release(&mut self);
}

macro_rules! released {
    ($($structure:ty)*) => {$(
        // SAFETY: null pointers, zeros and `None`.
        unsafe impl Released for $structure {
            fn release(&mut self) {
                if let Some(release) = self.release {
                    // SAFETY: a structure that has its callback is whole, and is released once,
                    // since the callback takes itself out.
                    unsafe { release(self) };
                }
            }
        }
    )*};
}
released!(Schema Array Stream);

/// A structure that is ours, and is released when it is dropped.
pub struct Owned<T: Released>(T);

impl<T: Released> Owned<T> {
    fn released() -> Self {
        // SAFETY: `T` has an all-zero value.
        Owned(unsafe { mem::zeroed() })
    }

    /// Moves a structure out, and leaves a released one.
    ///
    /// # Safety
    /// The pointer is valid, and what it points to is as the interface demands, or released.
    pub unsafe fn take(structure: *mut T) -> Self {
        // SAFETY: the caller answers for the pointer; `T` has an all-zero value.
        Owned(unsafe { ptr::replace(structure, mem::zeroed()) })
    }
}

impl<T: Released> Drop for Owned<T> {
    fn drop(&mut self) {
        self.0.release();
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    Format(String),
    Nested,
    Malformed,
    /// The stream's producer failed, with this `errno`.
    Failed(c_int),
    Utf8(usize),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Format(format) => write!(f, "expected strings, got Arrow format {format:?}"),
            Error::Nested => write!(f, "expected strings, got a nested column"),
            Error::Malformed => write!(f, "the Arrow data is malformed, or was consumed before"),
            Error::Failed(code) => write!(f, "the Arrow stream failed with error {code}"),
            Error::Utf8(row) => write!(f, "row {row} is not UTF-8"),
        }
    }
}

#[derive(Clone, Copy)]
enum Layout {
    Offsets32,
    Offsets64,
    Views,
}

/// A column of strings, in one or more chunks.
pub struct Column {
    layout: Layout,
    /// Whether the chunks are structs of one column.
    in_struct: bool,
    chunks: Vec<Owned<Array>>,
}

impl Column {
    pub fn from_array(schema: &Owned<Schema>, array: Owned<Array>) -> Result<Self, Error> {
        Self::from_chunks(&schema.0, vec![array])
    }

    pub fn from_stream(mut stream: Owned<Stream>) -> Result<Self, Error> {
        let stream = &mut stream.0;
        let (Some(get_schema), Some(get_next)) = (stream.get_schema, stream.get_next) else {
            return Err(Error::Malformed);
        };
        let succeeded = |code| match code {
            0 => Ok(()),
            code => Err(Error::Failed(code)),
        };
        let mut schema = Owned::<Schema>::released();
        // SAFETY: the stream's own function, with the stream and memory for the schema.
        succeeded(unsafe { get_schema(stream, &mut schema.0) })?;
        let mut column = Self::from_chunks(&schema.0, Vec::new())?;
        loop {
            let mut chunk = Owned::<Array>::released();
            // SAFETY: as above, with memory for an array.
            succeeded(unsafe { get_next(stream, &mut chunk.0) })?;
            if chunk.0.release.is_none() {
                return Ok(column);
            }
            column.chunks.push(chunk);
        }
    }

    fn from_chunks(schema: &Schema, chunks: Vec<Owned<Array>>) -> Result<Self, Error> {
        let (layout, in_struct) = layout(schema)?;
        Ok(Column {
            layout,
            in_struct,
            chunks,
        })
    }

    /// The texts of all rows. A row that is null, or in a struct that is, has an empty one.
    pub fn texts(&self) -> Result<Vec<&str>, Error> {
        let mut texts = Vec::new();
        for Owned(chunk) in &self.chunks {
            let (column, offset) = if self.in_struct {
                if chunk.n_children != 1 || chunk.n_buffers < 1 {
                    return Err(Error::Malformed);
                }
                // SAFETY: the child that the array says it has, which lives as long as the array.
                let child = unsafe { &**chunk.children };
                (child, child.offset + chunk.offset)
            } else {
                (chunk, chunk.offset)
            };
            if column.n_buffers < 3 && chunk.length > 0 {
                return Err(Error::Malformed);
            }
            for row in 0..chunk.length {
                // SAFETY: the row is below the length, and the array has a bitmap's pointer.
                let is_valid =
                    !self.in_struct || unsafe { is_valid(chunk, (chunk.offset + row) as usize) };
                let bytes = if is_valid {
                    // SAFETY: the row is below the array's length, and the column owns the array, so
                    // that its buffers live as long as `self`.
                    unsafe { bytes(column, self.layout, (offset + row) as usize) }
                } else {
                    &[]
                };
                let text = str::from_utf8(bytes);
                texts.push(text.map_err(|_| Error::Utf8(texts.len()))?);
            }
        }
        Ok(texts)
    }
}

/// How a column of this schema stores its rows, and whether it is in a struct.
fn layout(schema: &Schema) -> Result<(Layout, bool), Error> {
    if schema.format.is_null() {
        return Err(Error::Malformed);
    }
    // SAFETY: a format is a string that ends in a zero byte.
    let format = unsafe { CStr::from_ptr(schema.format) };
    match format.to_bytes() {
        // A dictionary-encoded column has the format of its indices.
        b"u" => Ok((Layout::Offsets32, false)),
        b"U" => Ok((Layout::Offsets64, false)),
        b"vu" => Ok((Layout::Views, false)),
        b"+s" if schema.n_children == 1 => {
            // SAFETY: the one child, which lives as long as the schema.
            match layout(unsafe { &**schema.children })? {
                (_, true) => Err(Error::Nested),
                (layout, false) => Ok((layout, true)),
            }
        }
        other => Err(Error::Format(String::from_utf8_lossy(other).into_owned())),
    }
}

/// Whether a row is not null.
///
/// # Safety
/// The array has a first buffer, which is a bitmap with this row, or null for no nulls.
unsafe fn is_valid(array: &Array, row: usize) -> bool {
    // SAFETY: the caller answers for the buffer.
    unsafe {
        let bitmap: *const u8 = (*array.buffers).cast();
        bitmap.is_null() || *bitmap.add(row / 8) >> (row % 8) & 1 != 0
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
        if !is_valid(array, row) {
            return &[];
        }
        let buffer = |number: usize| *array.buffers.add(number);
        let within = |start, end| (buffer(2).cast::<u8>().wrapping_add(start), end - start);
        let (start, length): (*const u8, usize) = match layout {
            Layout::Offsets32 => {
                let offsets = buffer(1).cast::<i32>().add(row);
                within(*offsets as usize, *offsets.add(1) as usize)
            }
            Layout::Offsets64 => {
                let offsets = buffer(1).cast::<i64>().add(row);
                within(*offsets as usize, *offsets.add(1) as usize)
            }
            Layout::Views => {
                let view: *const i32 = buffer(1).cast::<i32>().add(row * 4);
                let length = *view as usize;
                // Of up to 12 bytes the view holds the string itself.
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
