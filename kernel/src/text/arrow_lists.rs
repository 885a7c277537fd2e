//! Columns of lists of numbers, handed out through the Arrow C data interface: no copy, no object for
//! each list. Types: `list<uint32>`, or `large_list<uint32>` where 32 bits are too few for the offsets.
//!
//! What is handed out holds a chunk of the column by reference count, so that it outlives the column
//! and may be released on any thread, each child on its own.

use crate::bpe::table::{OutOfMemory, try_vec};
use crate::count::ids::lists::Lists;
use crate::text::arrow::{Array, Owned, Released, Schema, Stream};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::Arc;
use std::{mem, ptr};

/// Some consecutive lists.
pub struct Chunk {
    pub ids: Vec<u32>,
    pub offsets: Offsets,
    /// A bit for each list that is not null; none if all are.
    validity: Option<Vec<u8>>,
    nulls: usize,
}

/// Where the first list starts, and where each ends.
pub enum Offsets {
    I32(Vec<i32>),
    I64(Vec<i64>),
}

impl Offsets {
    fn lists(&self) -> usize {
        match self {
            Offsets::I32(offsets) => offsets.len() - 1,
            Offsets::I64(offsets) => offsets.len() - 1,
        }
    }

    fn start(&self) -> *const c_void {
        match self {
            Offsets::I32(offsets) => offsets.as_ptr().cast(),
            Offsets::I64(offsets) => offsets.as_ptr().cast(),
        }
    }
}

impl Chunk {
    fn new(lists: Lists, is_large: bool) -> Result<Self, OutOfMemory> {
        let ends = &lists.ends;
        let offsets = if is_large {
            let mut offsets = try_vec(ends.len() + 1)?;
            offsets.push(0);
            offsets.extend(ends.iter().map(|&end| end as i64));
            Offsets::I64(offsets)
        } else {
            let mut offsets = try_vec(ends.len() + 1)?;
            offsets.push(0);
            offsets.extend(ends.iter().map(|&end| end as i32));
            Offsets::I32(offsets)
        };
        let mut validity = None;
        if !lists.nulls.is_empty() {
            let bytes = ends.len().div_ceil(8);
            let mut bits = try_vec(bytes)?;
            bits.resize(bytes, u8::MAX);
            for &null in &lists.nulls {
                bits[null / 8] &= !(1 << (null % 8));
            }
            validity = Some(bits);
        }
        Ok(Chunk {
            ids: lists.ids,
            offsets,
            validity,
            nulls: lists.nulls.len(),
        })
    }
}

/// A column of lists in chunks.
pub struct Column {
    chunks: Vec<Arc<Chunk>>,
    is_large: bool,
}

impl Column {
    pub fn new(chunks: Vec<Lists>) -> Result<Self, OutOfMemory> {
        let ids: usize = chunks.iter().map(|lists| lists.ids.len()).sum();
        let is_large = ids > i32::MAX as usize;
        let chunk = |lists| Ok(Arc::new(Chunk::new(lists, is_large)?));
        Ok(Column {
            chunks: chunks.into_iter().map(chunk).collect::<Result<_, _>>()?,
            is_large,
        })
    }

    /// The whole as one chunk, which replaces the others.
    pub fn whole(&mut self) -> Result<Arc<Chunk>, OutOfMemory> {
        if let [chunk] = &self.chunks[..] {
            return Ok(Arc::clone(chunk));
        }
        let total: usize = self.chunks.iter().map(|chunk| chunk.ids.len()).sum();
        let lists = self.chunks.iter().map(|chunk| chunk.offsets.lists()).sum();
        let mut whole = Lists {
            ids: try_vec(total)?,
            ends: try_vec(lists)?,
            ..Lists::default()
        };
        for chunk in &self.chunks {
            let (before, first) = (whole.ids.len(), whole.ends.len());
            whole.ids.extend_from_slice(&chunk.ids);
            match &chunk.offsets {
                Offsets::I32(ends) => whole
                    .ends
                    .extend(ends[1..].iter().map(|&end| before + end as usize)),
                Offsets::I64(ends) => whole
                    .ends
                    .extend(ends[1..].iter().map(|&end| before + end as usize)),
            }
            if let Some(bits) = &chunk.validity {
                let is_null = |list: &usize| bits[list / 8] >> (list % 8) & 1 == 0;
                let nulls = (0..chunk.offsets.lists()).filter(is_null);
                whole.nulls.extend(nulls.map(|list| first + list));
            }
        }
        let whole = Arc::new(Chunk::new(whole, self.is_large)?);
        self.chunks = vec![Arc::clone(&whole)];
        Ok(whole)
    }

    pub fn schema(&self) -> Owned<Schema> {
        schema(self.is_large)
    }

    pub fn stream(&self) -> Owned<Stream> {
        let memory = StreamMemory {
            is_large: self.is_large,
            chunks: self.chunks.clone().into_iter(),
        };
        Owned::new(Stream {
            get_schema: Some(get_schema),
            get_next: Some(get_next),
            get_last_error: Some(get_last_error),
            release: Some(release_stream),
            private_data: hold(memory).cast(),
        })
    }
}

/// Lists may be null, and ids, though none is, so that the type is the one that other libraries have.
const NULLABLE: i64 = 2;

fn schema(is_large: bool) -> Owned<Schema> {
    let list = if is_large { c"+L" } else { c"+l" };
    field(list, c"", Some(field(c"I", c"item", None)))
}

/// Of what a structure points to, as long as it is not released. It is reached through raw pointers
/// alone until then: one that was taken from a `Box` would not outlive a move of it.
fn hold<M>(memory: M) -> *mut M {
    Box::into_raw(Box::new(memory))
}

/// A child that its parent holds; null if it has none.
fn hold_child<T: Released>(child: Option<Owned<T>>) -> *mut T {
    child.map_or(ptr::null_mut(), |child| hold(child).cast())
}

/// Releases a child, if nobody moved it out.
///
/// # Safety
/// It is of [`hold_child`], and was not dropped before.
unsafe fn drop_child<T: Released>(child: *mut T) {
    if !child.is_null() {
        // SAFETY: an `Owned` is what it owns, and this is the box that `hold_child` made of it.
        drop(unsafe { Box::from_raw(child.cast::<Owned<T>>()) });
    }
}

/// What a schema points to.
struct SchemaMemory {
    children: [*mut Schema; 1],
}

fn field(
    format: &'static CStr,
    name: &'static CStr,
    child: Option<Owned<Schema>>,
) -> Owned<Schema> {
    let n_children = i64::from(child.is_some());
    let memory = hold(SchemaMemory {
        children: [hold_child(child)],
    });
    Owned::new(Schema {
        format: format.as_ptr(),
        name: name.as_ptr(),
        metadata: ptr::null(),
        flags: NULLABLE,
        n_children,
        // SAFETY: memory that was just made.
        children: unsafe { &raw mut (*memory).children }.cast(),
        dictionary: ptr::null_mut(),
        release: Some(release_schema),
        private_data: memory.cast(),
    })
}

/// # Safety
/// The schema is one that [`field`] made, and was not released.
unsafe extern "C" fn release_schema(schema: *mut Schema) {
    // SAFETY: the caller answers for the pointer; `private_data` is the box that `field` made of its
    // memory, and is taken once, since the schema is then a released one.
    unsafe {
        (*schema).release = None;
        let memory = mem::replace(&mut (*schema).private_data, ptr::null_mut());
        let memory = Box::from_raw(memory.cast::<SchemaMemory>());
        drop_child(memory.children[0]);
    }
}

/// What an array points to.
struct ArrayMemory {
    /// Holds the buffers.
    chunk: Arc<Chunk>,
    buffers: [*const c_void; 2],
    children: [*mut Array; 1],
}

/// The lists of a chunk as an array.
pub fn array(chunk: &Arc<Chunk>) -> Owned<Array> {
    let validity = chunk.validity.as_ref();
    let bitmap = validity.map_or(ptr::null(), |bits| bits.as_ptr().cast());
    let ids = column(
        chunk,
        chunk.ids.len(),
        0,
        [ptr::null(), chunk.ids.as_ptr().cast()],
        None,
    );
    let buffers = [bitmap, chunk.offsets.start()];
    column(
        chunk,
        chunk.offsets.lists(),
        chunk.nulls,
        buffers,
        Some(ids),
    )
}

fn column(
    chunk: &Arc<Chunk>,
    length: usize,
    nulls: usize,
    buffers: [*const c_void; 2],
    child: Option<Owned<Array>>,
) -> Owned<Array> {
    let n_children = i64::from(child.is_some());
    let memory = hold(ArrayMemory {
        chunk: Arc::clone(chunk),
        buffers,
        children: [hold_child(child)],
    });
    // SAFETY: memory that was just made.
    let (buffers, children) =
        unsafe { (&raw const (*memory).buffers, &raw mut (*memory).children) };
    Owned::new(Array {
        length: length as i64,
        null_count: nulls as i64,
        offset: 0,
        n_buffers: 2,
        n_children,
        buffers: buffers.cast(),
        children: children.cast(),
        dictionary: ptr::null_mut(),
        release: Some(release_array),
        private_data: memory.cast(),
    })
}

/// # Safety
/// The array is one that [`column`] made, and was not released.
unsafe extern "C" fn release_array(array: *mut Array) {
    // SAFETY: as in `release_schema`.
    unsafe {
        (*array).release = None;
        let memory = mem::replace(&mut (*array).private_data, ptr::null_mut());
        let memory = Box::from_raw(memory.cast::<ArrayMemory>());
        drop_child(memory.children[0]);
        drop(memory.chunk);
    }
}

struct StreamMemory {
    is_large: bool,
    chunks: std::vec::IntoIter<Arc<Chunk>>,
}

/// # Safety
/// The stream is one of [`Column::stream`], not released, and the schema is memory for one.
unsafe extern "C" fn get_schema(stream: *mut Stream, out: *mut Schema) -> c_int {
    // SAFETY: the caller answers for both; what is in the memory for a schema is none to be dropped.
    unsafe {
        let memory = &*(*stream).private_data.cast::<StreamMemory>();
        out.write(schema(memory.is_large).into_inner());
    }
    0
}

/// # Safety
/// As of [`get_schema`], with memory for an array.
unsafe extern "C" fn get_next(stream: *mut Stream, out: *mut Array) -> c_int {
    // SAFETY: as above. A released array is the end of a stream.
    unsafe {
        let memory = &mut *(*stream).private_data.cast::<StreamMemory>();
        let next = memory.chunks.next();
        let next = next.map_or_else(Owned::released, |chunk| array(&chunk));
        out.write(next.into_inner());
    }
    0
}

unsafe extern "C" fn get_last_error(_: *mut Stream) -> *const c_char {
    ptr::null()
}

/// # Safety
/// The stream is one of [`Column::stream`], and was not released.
unsafe extern "C" fn release_stream(stream: *mut Stream) {
    // SAFETY: as in `release_schema`.
    unsafe {
        (*stream).release = None;
        let memory = mem::replace(&mut (*stream).private_data, ptr::null_mut());
        drop(Box::from_raw(memory.cast::<StreamMemory>()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice;

    type Rows = Vec<Option<Vec<u32>>>;

    fn rows() -> Rows {
        vec![
            Some(vec![1, 2, 3]),
            None,
            Some(vec![]),
            Some(vec![u32::MAX]),
        ]
    }

    /// Chunks of so many rows, which is a column of them.
    fn chunks(rows: &[Option<Vec<u32>>], size: usize) -> Vec<Lists> {
        let chunk = |rows: &[Option<Vec<u32>>]| {
            let mut lists = Lists::default();
            for (number, row) in rows.iter().enumerate() {
                lists.ids.extend(row.iter().flatten());
                lists.ends.push(lists.ids.len());
                lists.nulls.extend(row.is_none().then_some(number));
            }
            lists
        };
        rows.chunks(size).map(chunk).collect()
    }

    /// What a consumer sees, through nothing but the pointers.
    ///
    /// # Safety
    /// Both arrays are of one column, and not released.
    unsafe fn read(lists: &Array, ids: &Array, is_large: bool) -> Rows {
        // SAFETY: the caller answers for the arrays, whose buffers are as long as they say.
        unsafe {
            let buffers = slice::from_raw_parts(lists.buffers, lists.n_buffers as usize);
            let numbers = (*ids.buffers.add(1)).cast::<u32>();
            let ids = slice::from_raw_parts(numbers, ids.length as usize);
            let end = |row: usize| match is_large {
                true => *buffers[1].cast::<i64>().add(row) as usize,
                false => *buffers[1].cast::<i32>().add(row) as usize,
            };
            let is_null = |row: usize| {
                !buffers[0].is_null() && *buffers[0].cast::<u8>().add(row / 8) >> (row % 8) & 1 == 0
            };
            (0..lists.length as usize)
                .map(|row| (!is_null(row)).then(|| ids[end(row)..end(row + 1)].to_vec()))
                .collect()
        }
    }

    fn column(rows: &[Option<Vec<u32>>], size: usize, is_large: bool) -> Column {
        let chunk = |lists| Arc::new(Chunk::new(lists, is_large).unwrap());
        Column {
            chunks: chunks(rows, size).into_iter().map(chunk).collect(),
            is_large,
        }
    }

    #[test]
    fn a_stream_has_every_chunk_and_then_a_released_array() {
        for (size, is_large) in [(1, false), (3, true), (9, false)] {
            let (mut found, column) = (Rows::new(), column(&rows(), size, is_large));
            let mut stream = column.stream();
            drop(column);
            let stream = stream.as_ptr();
            // SAFETY: a stream that is whole, and structures that it fills.
            unsafe {
                let mut schema = Owned::<Schema>::released();
                assert_eq!((*stream).get_schema.unwrap()(stream, schema.as_ptr()), 0);
                let format = CStr::from_ptr((*schema.as_ptr()).format);
                assert_eq!(format, if is_large { c"+L" } else { c"+l" });
                let item = *(*schema.as_ptr()).children;
                assert_eq!(CStr::from_ptr((*item).name), c"item");
                loop {
                    let mut array = Owned::<Array>::released();
                    assert_eq!((*stream).get_next.unwrap()(stream, array.as_ptr()), 0);
                    let array = &*array.as_ptr();
                    if array.release.is_none() {
                        break;
                    }
                    found.extend(read(array, &**array.children, is_large));
                }
            }
            assert_eq!(found, rows());
        }
    }

    #[test]
    fn a_child_that_was_moved_out_outlives_its_parent_and_the_column() {
        let mut whole = column(&rows(), 2, false);
        let mut array = array(&whole.whole().unwrap());
        let mut schema = whole.schema();
        drop(whole);
        // SAFETY: structures that are whole; a child that is taken out is a released one.
        unsafe {
            let mut ids = Owned::take(*(*array.as_ptr()).children);
            assert_eq!(read(&*array.as_ptr(), &*ids.as_ptr(), false), rows());
            drop(array);
            let ids = &*ids.as_ptr();
            let buffer = (*ids.buffers.add(1)).cast::<u32>();
            let numbers = slice::from_raw_parts(buffer, ids.length as usize);
            assert_eq!(numbers, [1, 2, 3, u32::MAX]);
            let mut item = Owned::take(*(*schema.as_ptr()).children);
            drop(schema);
            assert_eq!(CStr::from_ptr((*item.as_ptr()).format), c"I");
        }
    }

    #[test]
    fn chunks_are_joined_to_one_that_has_the_same_rows() {
        for (size, is_large) in [(1, true), (2, false), (4, true)] {
            let mut column = column(&rows(), size, is_large);
            let chunk = column.whole().unwrap();
            let mut array = array(&chunk);
            // SAFETY: an array that is whole.
            let found = unsafe {
                let lists = &*array.as_ptr();
                assert_eq!(lists.null_count, 1);
                read(lists, &**lists.children, is_large)
            };
            assert_eq!(found, rows());
        }
    }
}
