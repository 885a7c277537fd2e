//! Large tables for random access, in large pages where the system has them.
//!
//! A table of some megabytes in pages of 4 KB needs more page translations than a processor keeps, so
//! that each probe costs a page walk before it costs a memory access. In pages of 2 MB it does not.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

const LARGE_PAGE: usize = 2 << 20;
/// A cache line. A table starts on one, so that a probe touches no more lines than it has to.
const LINE: usize = 64;

/// A type that all-zero bytes are a value of.
///
/// # Safety
/// All-zero bytes are a valid value.
pub unsafe trait Zero: Copy {}

// SAFETY: it has no bytes.
unsafe impl Zero for () {}
// SAFETY: zero is an integer.
unsafe impl Zero for u16 {}
// SAFETY: as above.
unsafe impl Zero for u32 {}
// SAFETY: as above.
unsafe impl Zero for u64 {}
// SAFETY: as above.
unsafe impl Zero for u128 {}
// SAFETY: T is valid when zeroed, so an array of T is.
unsafe impl<T: Zero, const N: usize> Zero for [T; N] {}

/// A slice of fixed length on the heap, all zero at first.
pub struct Table<T: Zero> {
    start: NonNull<T>,
    length: usize,
    /// What was allocated, and how.
    memory: NonNull<u8>,
    layout: Layout,
}

// SAFETY: a table owns its memory as a `Box<[T]>` does.
unsafe impl<T: Zero + Send> Send for Table<T> {}
// SAFETY: as above.
unsafe impl<T: Zero + Sync> Sync for Table<T> {}

impl<T: Zero> Table<T> {
    /// A table of this many elements.
    ///
    /// # Panics
    /// If it is larger than memory can be.
    pub fn zeroed(length: usize) -> Self {
        const { assert!(align_of::<T>() <= LINE) };
        let table = Layout::array::<T>(length).expect("a table is smaller than memory");
        // What takes half of a large page gets all of it, for the system has no smaller ones between.
        let (size, alignment) = if table.size() < LARGE_PAGE / 2 {
            (table.size(), LINE)
        } else {
            (table.size().next_multiple_of(LARGE_PAGE), LARGE_PAGE)
        };
        // More than it needs, to be aligned here: an allocator that is asked for such an alignment does
        // not use that new memory is zero, and writes all of it.
        let layout =
            Layout::from_size_align(size + alignment, 1).expect("a table is smaller than memory");
        // SAFETY: the layout's size is not zero, since `alignment` is not.
        let memory = unsafe { alloc_zeroed(layout) };
        let Some(memory) = NonNull::new(memory) else {
            handle_alloc_error(layout)
        };
        // SAFETY: at most `alignment` bytes on, with the table's size after that.
        let start = unsafe { memory.add(memory.align_offset(alignment)) };
        if alignment == LARGE_PAGE {
            ask_for_large_pages(start, size);
        }
        Table {
            start: start.cast(),
            length,
            memory,
            layout,
        }
    }
}

impl<T: Zero> Table<T> {
    /// Starts to fetch an element from memory.
    #[inline(always)]
    pub fn prefetch(&self, index: usize) {
        if size_of::<T>() > 0 {
            prefetch(self.start.as_ptr().wrapping_add(index));
        }
    }
}

/// Starts to fetch what is there from memory.
#[inline(always)]
pub fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE, which x86-64 has; a prefetch of any address does no harm.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// An empty vector of this capacity, in large pages where the system has them.
pub fn vec_in_large_pages<T>(capacity: usize) -> Vec<T> {
    let mut empty = Vec::<T>::with_capacity(capacity);
    let start: *mut u8 = empty.as_mut_ptr().cast();
    let skipped = start.align_offset(LARGE_PAGE);
    let large = (capacity * size_of::<T>()).saturating_sub(skipped) / LARGE_PAGE * LARGE_PAGE;
    if let (Some(start), true) = (NonNull::new(start.wrapping_add(skipped)), large > 0) {
        ask_for_large_pages(start, large);
    }
    empty
}

/// There is no memory of the size that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

/// An empty vector of this capacity, for sizes that somebody else named: an allocation that fails
/// otherwise ends the process.
pub fn try_vec<T>(capacity: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut empty = Vec::new();
    empty.try_reserve_exact(capacity).map_err(|_| OutOfMemory)?;
    Ok(empty)
}

/// A vector of this many zeros, for sizes that somebody else named. The system gives them when they
/// are first touched.
pub fn try_zeroed_vec<T: Zero>(length: usize) -> Result<Vec<T>, OutOfMemory> {
    let layout = Layout::array::<T>(length).map_err(|_| OutOfMemory)?;
    if layout.size() == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the layout's size is not zero.
    let memory = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(OutOfMemory)?;
    // SAFETY: the global allocator's memory of this layout, all of it zero, which `T` may be.
    Ok(unsafe { Vec::from_raw_parts(memory.cast().as_ptr(), length, length) })
}

/// Tells the system that this memory is worth large pages. It may well decline.
fn ask_for_large_pages(start: NonNull<u8>, size: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: the range is one allocation's, aligned to pages, and the advice changes no contents.
    unsafe {
        libc::madvise(start.as_ptr().cast(), size, libc::MADV_HUGEPAGE);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (start, size);
}

impl<T: Zero> Drop for Table<T> {
    fn drop(&mut self) {
        // SAFETY: the memory is from the allocator, with this layout, and `T: Copy` needs no drop.
        unsafe { dealloc(self.memory.as_ptr(), self.layout) };
    }
}

impl<T: Zero> Deref for Table<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        // SAFETY: `start` points to `length` elements, aligned, and zero at first, which they may be.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T: Zero> DerefMut for Table<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`; `&mut self` makes the slice the only one.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_zero_and_aligned() {
        for length in [1, 1000, 1 << 18] {
            let mut table = Table::<[u128; 4]>::zeroed(length);
            assert!(table.iter().all(|line| *line == [0; 4]));
            assert_eq!(table.as_ptr().addr() % 64, 0);
            table[length - 1] = [7; 4];
            assert_eq!(table[length - 1], [7; 4]);
        }
    }
}
