//! Arrow's structures with any numbers in them: an error, or texts that are within their buffers.
//!
//! What no structure says is true here, since nothing can check it: the bitmap, the offsets and the
//! views are as long as the array, and the data as the last offset.

#![no_main]

use _kernel::text::arrow::{Array, Column, Owned, Schema};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use std::ffi::{CStr, c_void};
use std::{mem, ptr};

#[derive(Arbitrary, Debug)]
struct Input {
    layout: u8,
    in_struct: bool,
    rows: Vec<[i32; 4]>,
    data: Vec<u8>,
    bitmap: Option<Vec<u8>>,
    sizes: Vec<i64>,
    lies: Vec<Lie>,
    outer_lies: Vec<Lie>,
}

/// What is not as it should be.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Lie {
    Length(Number),
    Offset(Number),
    NullCount(i64),
    Buffers(u8),
    NoBuffers,
    NullBuffer(u8),
    Children(i64),
    NoChildren,
    NullChild,
    Released,
    Dictionary,
}

/// A number that can be seen to be wrong, or is right.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Number {
    Small(u8),
    Negative(i64),
    Huge(u8),
}

impl Number {
    fn up_to(self, most: usize) -> i64 {
        match self {
            Number::Small(n) => i64::from(n) % (most as i64 + 1),
            Number::Negative(n) => n | i64::MIN,
            Number::Huge(n) => i64::MAX - i64::from(n),
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
    Schema {
        format: format.as_ptr(),
        release: Some(release_schema),
        // SAFETY: null pointers, zeros and `None`.
        ..unsafe { mem::zeroed() }
    }
}

fn array(length: usize, buffers: &mut [*const c_void]) -> Array {
    Array {
        length: length as i64,
        null_count: -1,
        n_buffers: buffers.len() as i64,
        buffers: buffers.as_ptr(),
        release: Some(release_array),
        // SAFETY: null pointers, zeros and `None`.
        ..unsafe { mem::zeroed() }
    }
}

fn tell(array: &mut Array, lies: &[Lie], rows: usize, buffers: &mut [*const c_void]) {
    for lie in lies {
        match *lie {
            Lie::Length(number) => {
                array.length = number.up_to(rows - array.offset.clamp(0, rows as i64) as usize)
            }
            Lie::Offset(number) => {
                array.offset = number.up_to(rows - array.length.clamp(0, rows as i64) as usize)
            }
            Lie::NullCount(number) => array.null_count = number,
            Lie::Buffers(number) => {
                array.n_buffers = i64::from(number) % (buffers.len() as i64 + 1) - 1
            }
            Lie::NoBuffers => array.buffers = ptr::null(),
            Lie::NullBuffer(number) => {
                if let Some(buffer) = buffers.get_mut(usize::from(number)) {
                    *buffer = ptr::null();
                }
            }
            Lie::Children(number) => array.n_children = number,
            Lie::NoChildren => array.children = ptr::null_mut(),
            Lie::NullChild => {
                if !array.children.is_null() {
                    // SAFETY: the pointer to the only child.
                    unsafe { *array.children = ptr::null_mut() };
                }
            }
            Lie::Released => array.release = None,
            Lie::Dictionary => array.dictionary = array,
        }
    }
}

fuzz_target!(|input: Input| {
    // Offsets are within the data, but in any order.
    let within = |n: i32| n.checked_rem(input.data.len() as i32 + 1).unwrap_or(0);
    let numbers = || input.rows.iter().flatten().map(|&n| within(n));
    let narrow: Vec<u8> = numbers().flat_map(i32::to_ne_bytes).collect();
    let wide: Vec<u8> = numbers().flat_map(|n| i64::from(n).to_ne_bytes()).collect();
    // Views may be anything.
    let views: Vec<u8> = input
        .rows
        .iter()
        .flatten()
        .flat_map(|n| n.to_ne_bytes())
        .collect();
    let sizes: Vec<i64> = input
        .sizes
        .iter()
        .map(|&size| size.min(input.data.len() as i64))
        .collect();
    let rows = match input.layout % 3 {
        2 => input.rows.len(),
        _ => (input.rows.len() * 4).saturating_sub(1),
    };
    let bitmap = input.bitmap.clone().map(|mut bitmap| {
        bitmap.resize(rows / 8 + 1, 0xff);
        bitmap
    });
    let bitmap: *const c_void = bitmap
        .as_ref()
        .map_or(ptr::null(), |bitmap| bitmap.as_ptr().cast());
    let data: *const c_void = input.data.as_ptr().cast();
    let (format, mut buffers) = match input.layout % 3 {
        0 => (c"u", vec![bitmap, narrow.as_ptr().cast(), data]),
        1 => (c"U", vec![bitmap, wide.as_ptr().cast(), data]),
        _ => {
            let mut buffers = vec![bitmap, views.as_ptr().cast()];
            buffers.extend(sizes.iter().map(|_| data));
            buffers.push(sizes.as_ptr().cast());
            (c"vu", buffers)
        }
    };
    let mut inner = array(rows, &mut buffers);
    let lies: Vec<Lie> = input
        .lies
        .iter()
        .copied()
        .filter(|lie| {
            // Fewer buffers of views would take another for their sizes.
            input.layout % 3 != 2 || !matches!(lie, Lie::Buffers(_))
        })
        .collect();
    tell(&mut inner, &lies, rows, &mut buffers);
    let mut inner_schema = schema(format);
    let (mut children, mut schemas) = ([&raw mut inner], [&raw mut inner_schema]);
    let mut outer_buffers = [bitmap];
    let mut outer = array(rows, &mut outer_buffers);
    (outer.n_children, outer.children) = (1, children.as_mut_ptr());
    tell(&mut outer, &input.outer_lies, rows, &mut outer_buffers);
    let mut outer_schema = schema(c"+s");
    (outer_schema.n_children, outer_schema.children) = (1, schemas.as_mut_ptr());
    let (schema, array): (*mut Schema, *mut Array) = if input.in_struct {
        (&mut outer_schema, &mut outer)
    } else {
        (&mut inner_schema, &mut inner)
    };
    // SAFETY: the structures' pointers are valid, and their memory outlives them.
    let (schema, array) = unsafe { (Owned::take(schema), Owned::take(array)) };
    let Ok(column) = Column::from_array(&schema, array) else {
        return;
    };
    if let Ok(found) = column.rows().collect::<Result<Vec<_>, _>>() {
        let bytes: usize = found.iter().flatten().map(|row| row.len()).sum();
        assert!(found.len() <= rows && (rows > 0 || bytes == 0));
    }
});
