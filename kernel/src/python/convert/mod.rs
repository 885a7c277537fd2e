//! Values of Python as those of Rust, and back: buffers, `str`, numbers, ids, Arrow arrays.

pub(super) mod arrow;
pub(super) mod buffer;
pub(super) mod id_lists;
pub(super) mod ids;
pub(super) mod numbers;
pub(super) mod text;
