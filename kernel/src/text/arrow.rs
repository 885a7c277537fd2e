//! Columns of strings through the Arrow C data interface: no copy, no object for each row.
//!
//! <https://arrow.apache.org/docs/format/CDataInterface.html> and its stream companion. Formats: `u`,
//! `U` and `vu` (UTF-8 with 32-bit offsets, 64-bit offsets, and views), and a struct of one such
//! column (`+s`), which is what a table is.
//!
//! The interface is pointers, most of them without a size. All that the structures say of themselves is
//! checked: what was released, lengths, offsets, numbers of buffers and children, null pointers, their
//! alignment, that offsets never decrease, and views, whose buffers have sizes. What nothing says has
//! to be true, and whoever makes an [`Owned`] answers for it: that the pointers are valid, that bitmap,
//! offsets and views are as long as the array and its data as the last offset, and that nobody writes
//! to them meanwhile.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::{fmt, mem, ptr, slice};

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
#[repr(transparent)]
pub struct Owned<T: Released>(T);

impl<T: Released> Owned<T> {
    /// A structure that was just made.
    pub fn new(structure: T) -> Self {
        Owned(structure)
    }

    /// The structure, which whoever gets it releases.
    pub fn into_inner(self) -> T {
        // SAFETY: `self` is not dropped, so that the structure is not released here.
        unsafe { ptr::read(&mem::ManuallyDrop::new(self).0) }
    }

    pub fn as_ptr(&mut self) -> *mut T {
        &mut self.0
    }

    pub fn released() -> Self {
        // SAFETY: `T` has an all-zero value.
        Owned(unsafe { mem::zeroed() })
    }

    /// Moves a structure out, and leaves a released one.
    ///
    /// # Safety
    /// The pointer is valid, and what it points to is as the interface demands, or released. Of what
    /// the structure says of itself nothing needs to be true: see the head of this file.
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
    /// The stream's producer failed, with this `errno` and for this reason, which may be empty.
    Failed(c_int, String),
    Utf8(usize),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Format(format) => write!(f, "expected strings, got Arrow format {format:?}"),
            Error::Nested => write!(f, "expected strings, got a nested column"),
            Error::Malformed => write!(f, "the Arrow data is malformed, or was consumed before"),
            Error::Failed(code, reason) if reason.is_empty() => {
                write!(f, "the Arrow stream failed with error {code}")
            }
            Error::Failed(_, reason) => write!(f, "the Arrow stream failed: {reason}"),
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
        let (Some(get_schema), Some(get_next), Some(_)) =
            (stream.get_schema, stream.get_next, stream.release)
        else {
            return Err(Error::Malformed);
        };
        let mut schema = Owned::<Schema>::released();
        // SAFETY: the stream's own function, with the stream and memory for the schema.
        match unsafe { get_schema(stream, &mut schema.0) } {
            0 => {}
            code => return Err(failed(stream, code)),
        }
        let mut column = Self::from_chunks(&schema.0, Vec::new())?;
        loop {
            let mut chunk = Owned::<Array>::released();
            // SAFETY: as above, with memory for an array.
            match unsafe { get_next(stream, &mut chunk.0) } {
                0 => {}
                code => return Err(failed(stream, code)),
            }
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

    /// The bytes of each row; None for one that is null, or in a struct that is.
    pub fn rows(&self) -> impl Iterator<Item = Result<Option<&[u8]>, Error>> {
        self.chunks.iter().flat_map(|Owned(chunk)| {
            // SAFETY: the chunk is not released; the column owns it, so that its memory lives as long
            // as `self`.
            let (rows, error) = match unsafe { Rows::of(chunk, self.layout, self.in_struct) } {
                Ok(rows) => (rows, None),
                Err(error) => (None, Some(Err(error))),
            };
            let rows = rows.into_iter().flat_map(|rows| {
                // SAFETY: the row is below the length.
                (0..rows.length).map(move |row| unsafe { rows.bytes(row) })
            });
            error.into_iter().chain(rows)
        })
    }
}

/// The error of a stream whose function returned this code.
fn failed(stream: &mut Stream, code: c_int) -> Error {
    let reason = stream.get_last_error.and_then(|get_last_error| {
        // SAFETY: the stream's own function, called after one that failed.
        let reason = unsafe { get_last_error(stream) };
        // SAFETY: null, or a string that ends in a zero byte and lives until the next call.
        (!reason.is_null()).then(|| unsafe { CStr::from_ptr(reason) }.to_string_lossy())
    });
    let reason = reason.unwrap_or_default();
    Error::Failed(code, reason.chars().take(MAX_REASON).collect())
}

/// How many characters of a producer's reason are kept.
const MAX_REASON: usize = 200;

/// How a column of this schema stores its rows, and whether it is in a struct.
fn layout(schema: &Schema) -> Result<(Layout, bool), Error> {
    let is_table = format(schema)? == b"+s" && schema.n_children == 1;
    let strings = if is_table {
        // SAFETY: the one child, which lives as long as the schema.
        unsafe { child(schema.children)? }
    } else {
        schema
    };
    let layout = match format(strings)? {
        b"u" => Layout::Offsets32,
        b"U" => Layout::Offsets64,
        b"vu" => Layout::Views,
        [b'+', ..] if is_table => return Err(Error::Nested),
        other => return Err(Error::Format(String::from_utf8_lossy(other).into_owned())),
    };
    // Strings are no indices into a dictionary.
    if strings.dictionary.is_null() {
        Ok((layout, is_table))
    } else {
        Err(Error::Malformed)
    }
}

/// The format of a schema that was not released. A dictionary-encoded one has that of its indices.
fn format(schema: &Schema) -> Result<&[u8], Error> {
    if schema.release.is_none() || schema.format.is_null() {
        return Err(Error::Malformed);
    }
    // SAFETY: a format is a string that ends in a zero byte.
    Ok(unsafe { CStr::from_ptr(schema.format) }.to_bytes())
}

/// The only child of a structure.
///
/// # Safety
/// `children` points to one pointer, which points to a child, where they are not null.
unsafe fn child<'a, T>(children: *mut *mut T) -> Result<&'a T, Error> {
    if children.is_null() || !children.is_aligned() {
        return Err(Error::Malformed);
    }
    // SAFETY: the caller answers for both pointers.
    unsafe {
        let child = *children;
        if child.is_null() || !child.is_aligned() {
            return Err(Error::Malformed);
        }
        Ok(&*child)
    }
}

/// The rows of a chunk that has some. What can be checked of it was.
struct Rows<'a> {
    layout: Layout,
    length: usize,
    /// Of the column: those before its first row.
    offset: usize,
    validity: *const u8,
    /// The same of the struct that the column is in; null if it is in none.
    outer_offset: usize,
    outer_validity: *const u8,
    /// Offsets or views.
    ends: *const u8,
    /// The data; of views none.
    data: *const u8,
    /// Of views: the buffers that they name, and their sizes.
    buffers: &'a [*const c_void],
    sizes: *const u8,
}

impl<'a> Rows<'a> {
    /// None if there are no rows.
    ///
    /// # Safety
    /// The array's pointers are valid as the interface demands, and what they point to lives for `'a`
    /// and does not change.
    unsafe fn of(chunk: &'a Array, layout: Layout, in_struct: bool) -> Result<Option<Self>, Error> {
        let (length, outer_offset) = extent(chunk)?;
        if length == 0 {
            return Ok(None);
        }
        let (column, outer_validity) = if in_struct {
            // SAFETY: the caller answers for the pointers of the array.
            let (child, buffers) = unsafe { (child(chunk.children), buffers(chunk)?) };
            if chunk.n_children != 1 || buffers.len() != 1 {
                return Err(Error::Malformed);
            }
            (child?, validity(chunk, buffers[0])?)
        } else {
            (chunk, ptr::null())
        };
        let (available, inner_offset) = extent(column)?;
        let skipped = if in_struct { outer_offset } else { 0 };
        let wanted = skipped.checked_add(length);
        let offset = inner_offset.checked_add(skipped);
        // SAFETY: the caller answers for the pointers of the array.
        let buffers = unsafe { buffers(column)? };
        let (Some(offset), true, [bitmap, ends, others @ ..]) = (
            offset,
            wanted.is_some_and(|wanted| wanted <= available),
            buffers,
        ) else {
            return Err(Error::Malformed);
        };
        let (data, buffers, sizes) = match (layout, others) {
            (Layout::Offsets32 | Layout::Offsets64, &[data]) => (data, &[][..], ptr::null()),
            (Layout::Views, [buffers @ .., sizes]) => (ptr::null(), buffers, *sizes),
            _ => return Err(Error::Malformed),
        };
        // The last row has to have an address.
        let bytes = (inner_offset + available)
            .checked_add(1)
            .and_then(|rows| rows.checked_mul(layout.width()));
        let is_possible =
            |bytes: usize| bytes <= isize::MAX as usize && ends.addr().checked_add(bytes).is_some();
        if column.n_children != 0
            || !column.dictionary.is_null()
            || ends.is_null()
            || (sizes.is_null() && !buffers.is_empty())
            || !bytes.is_some_and(is_possible)
        {
            return Err(Error::Malformed);
        }
        Ok(Some(Rows {
            layout,
            length,
            offset,
            validity: validity(column, *bitmap)?,
            outer_offset,
            outer_validity,
            ends: ends.cast(),
            data: data.cast(),
            buffers,
            sizes: sizes.cast(),
        }))
    }

    /// The bytes of a row; None if it is null.
    ///
    /// # Safety
    /// The row is below the length.
    unsafe fn bytes(&self, row: usize) -> Result<Option<&'a [u8]>, Error> {
        let at = self.offset + row;
        // SAFETY: by `of` these have an element for the row, or are null.
        let is_valid = unsafe {
            is_valid(self.validity, at) && is_valid(self.outer_validity, self.outer_offset + row)
        };
        // SAFETY: as above.
        let found = unsafe {
            match self.layout {
                // Of null rows too: no offset is then beyond the last one.
                Layout::Offsets32 => self.between::<i32>(at),
                Layout::Offsets64 => self.between::<i64>(at),
                Layout::Views if is_valid => self.viewed(at),
                Layout::Views => Some((self.ends, 0)),
            }
        };
        let (start, length) = found.ok_or(Error::Malformed)?;
        if length == 0 || !is_valid {
            return Ok(is_valid.then_some(&[]));
        }
        if length > isize::MAX as usize || start.addr().checked_add(length).is_none() {
            return Err(Error::Malformed);
        }
        // SAFETY: the bytes from one offset to the next, or of a view that is within its buffer.
        Ok(Some(unsafe { slice::from_raw_parts(start, length) }))
    }

    /// The data from an offset to the next, neither of which need be aligned.
    ///
    /// # Safety
    /// There are offsets of this number and the next, and of this width.
    unsafe fn between<T>(&self, number: usize) -> Option<(*const u8, usize)>
    where
        usize: TryFrom<T>,
    {
        let offsets = self.ends.cast::<T>();
        // SAFETY: the caller answers for both offsets.
        let [start, end] =
            unsafe { [number, number + 1].map(|number| offsets.add(number).read_unaligned()) };
        let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
        let length = end.checked_sub(start)?;
        (length == 0 || !self.data.is_null()).then(|| (self.data.wrapping_add(start), length))
    }

    /// What a view shows: of up to 12 bytes the string itself, else where it is in which buffer.
    ///
    /// # Safety
    /// There is a view of this number.
    unsafe fn viewed(&self, number: usize) -> Option<(*const u8, usize)> {
        let view = self.ends.wrapping_add(number * VIEW);
        // SAFETY: a view has four numbers of 32 bits, and the buffers have as many sizes.
        unsafe {
            let part = |part: usize| view.cast::<i32>().add(part).read_unaligned();
            let length = usize::try_from(part(0)).ok()?;
            if length <= INLINE {
                return Some((view.wrapping_add(4), length));
            }
            let (buffer, start) = (
                usize::try_from(part(2)).ok()?,
                usize::try_from(part(3)).ok()?,
            );
            let &data = self.buffers.get(buffer)?;
            let size = self.sizes.cast::<i64>().add(buffer).read_unaligned();
            let is_inside = start.checked_add(length)? <= usize::try_from(size).ok()?;
            (is_inside && !data.is_null()).then(|| (data.cast::<u8>().wrapping_add(start), length))
        }
    }
}

impl Layout {
    /// The bytes of an offset or a view.
    fn width(self) -> usize {
        match self {
            Layout::Offsets32 => 4,
            Layout::Offsets64 => 8,
            Layout::Views => VIEW,
        }
    }
}

const VIEW: usize = 16;
/// The longest string that a view itself holds, in bytes.
const INLINE: usize = 12;

/// The length and offset of an array that was not released.
fn extent(array: &Array) -> Result<(usize, usize), Error> {
    let number = |number: i64| usize::try_from(number).map_err(|_| Error::Malformed);
    let (length, offset) = (number(array.length)?, number(array.offset)?);
    let is_whole = array.release.is_some()
        && offset.checked_add(length).is_some()
        && (-1..=array.length).contains(&array.null_count);
    if is_whole {
        Ok((length, offset))
    } else {
        Err(Error::Malformed)
    }
}

/// The pointers to an array's buffers.
///
/// # Safety
/// There are as many as the array says, where the pointer to them is not null.
unsafe fn buffers(array: &Array) -> Result<&[*const c_void], Error> {
    match usize::try_from(array.n_buffers) {
        Ok(n) if n <= MAX_BUFFERS && !array.buffers.is_null() && array.buffers.is_aligned() => {
            // SAFETY: the caller answers for them.
            Ok(unsafe { slice::from_raw_parts(array.buffers, n) })
        }
        _ => Err(Error::Malformed),
    }
}

/// No array has as many buffers: a view names one in 31 bits.
const MAX_BUFFERS: usize = (1 << 31) + 3;

/// The bitmap of the rows that are not null; it may be null if none is.
fn validity(array: &Array, bitmap: *const c_void) -> Result<*const u8, Error> {
    if bitmap.is_null() && array.null_count > 0 {
        return Err(Error::Malformed);
    }
    Ok(bitmap.cast())
}

/// Whether a row is not null.
///
/// # Safety
/// The bitmap has this row, or is null for no nulls.
unsafe fn is_valid(bitmap: *const u8, row: usize) -> bool {
    // SAFETY: the caller answers for the bitmap.
    bitmap.is_null() || unsafe { *bitmap.add(row / 8) } >> (row % 8) & 1 != 0
}
