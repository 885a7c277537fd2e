//! Documents into training windows.

pub(crate) mod bin_packing;
pub(crate) mod windows;
