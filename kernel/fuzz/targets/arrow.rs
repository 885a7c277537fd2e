//! Columns of strings come back as they were put into Arrow's structures, whatever their layout.

#![no_main]

use _kernel::text::arrow::{Array, Column, Owned, Schema};
use libfuzzer_sys::fuzz_target;
use std::ffi::{CStr, c_char, c_void};
use std::mem;

/// The memory of an array, which the structures point to.
#[derive(Default)]
struct Memory {
    /// Of 8 bytes each, so that all of it is aligned.
    buffers: Vec<Vec<u64>>,
    pointers: Vec<*const c_void>,
}

impl Memory {
    fn push(&mut self, bytes: &[u8]) {
        let words = bytes.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_ne_bytes(word)
        });
        self.buffers.push(words.chain([0]).collect());
    }

    fn bitmap(&mut self, is_valid: impl ExactSizeIterator<Item = bool>) {
        let mut bytes = vec![0u8; is_valid.len() / 8 + 1];
        is_valid
            .enumerate()
            .for_each(|(i, valid)| bytes[i / 8] |= u8::from(valid) << (i % 8));
        self.push(&bytes);
    }

    fn array(&mut self, length: usize, offset: usize) -> Array {
        self.pointers = self
            .buffers
            .iter()
            .map(|buffer| buffer.as_ptr().cast())
            .collect();
        Array {
            length: (length - offset) as i64,
            offset: offset as i64,
            n_buffers: self.pointers.len() as i64,
            buffers: self.pointers.as_ptr(),
            release: Some(release_array),
            // SAFETY: null pointers, zeros and `None`.
            ..unsafe { mem::zeroed() }
        }
    }
}

unsafe extern "C" fn release_array(array: *mut Array) {
    // SAFETY: the array that is released.
    unsafe { (*array).release = None };
}

unsafe extern "C" fn release_schema(schema: *mut Schema) {
    // SAFETY: the schema that is released.
    unsafe { (*schema).release = None };
}

fn schema(format: &CStr) -> Schema {
    let format: *const c_char = format.as_ptr();
    // SAFETY: null pointers, zeros and `None`.
    Schema {
        format,
        release: Some(release_schema),
        ..unsafe { mem::zeroed() }
    }
}

/// A column of these rows, from `offset` on.
fn column(
    rows: &[Option<String>],
    offset: usize,
    layout: u8,
    memory: &mut Memory,
) -> (Schema, Array) {
    memory.bitmap(rows.iter().map(Option::is_some));
    let (mut data, mut ends, mut views) = (Vec::new(), vec![0], Vec::new());
    for row in rows {
        let bytes = row.as_deref().unwrap_or_default().as_bytes();
        let mut view = (bytes.len() as u32).to_ne_bytes().to_vec();
        if bytes.len() <= 12 {
            view.extend_from_slice(bytes);
        } else {
            view.extend_from_slice(&bytes[..4]);
            view.extend_from_slice(&0u32.to_ne_bytes());
            view.extend_from_slice(&(data.len() as u32).to_ne_bytes());
        }
        view.resize(16, 0);
        views.extend(view);
        data.extend_from_slice(bytes);
        ends.push(data.len());
    }
    let narrow: Vec<u8> = ends
        .iter()
        .flat_map(|&end| (end as u32).to_ne_bytes())
        .collect();
    let wide: Vec<u8> = ends
        .iter()
        .flat_map(|&end| (end as u64).to_ne_bytes())
        .collect();
    let (format, second) = match layout % 3 {
        0 => (c"u", &narrow),
        1 => (c"U", &wide),
        _ => (c"vu", &views),
    };
    memory.push(second);
    memory.push(&data);
    if format == c"vu" {
        memory.push(&(data.len() as u64).to_ne_bytes());
    }
    (schema(format), memory.array(rows.len(), offset))
}

fuzz_target!(|input: (Vec<(bool, Option<String>)>, u8, u8, bool)| {
    let (rows, offset, layout, in_struct) = input;
    let offset = usize::from(offset) % (rows.len() + 1);
    let (outer, values): (Vec<bool>, Vec<Option<String>>) = rows.into_iter().unzip();
    let (mut memory, mut outer_memory) = (Memory::default(), Memory::default());
    let (mut inner_schema, mut array) = column(
        &values,
        if in_struct { 0 } else { offset },
        layout,
        &mut memory,
    );
    let (mut schemas, mut arrays) = ([&raw mut inner_schema], [&raw mut array]);
    let (mut table_schema, mut table);
    let (schema_pointer, array_pointer): (*mut Schema, *mut Array) = if in_struct {
        outer_memory.bitmap(outer.iter().copied());
        table = outer_memory.array(values.len(), offset);
        (table.n_children, table.children) = (1, arrays.as_mut_ptr());
        table_schema = schema(c"+s");
        (table_schema.n_children, table_schema.children) = (1, schemas.as_mut_ptr());
        (&mut table_schema, &mut table)
    } else {
        (&mut inner_schema, &mut array)
    };
    // SAFETY: the structures are as the interface demands, and their memory outlives them.
    let (schema, array) = unsafe { (Owned::take(schema_pointer), Owned::take(array_pointer)) };
    let column = Column::from_array(&schema, array).expect("a column of strings");
    let expected = values
        .iter()
        .zip(&outer)
        .skip(offset)
        .map(|(value, &valid)| {
            value
                .as_deref()
                .filter(|_| valid || !in_struct)
                .map(str::as_bytes)
        });
    let found: Result<Vec<_>, _> = column.rows().collect();
    assert_eq!(found.expect("a column"), expected.collect::<Vec<_>>());
});
