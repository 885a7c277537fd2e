//! Documents into training windows.

pub mod bin_packing;
pub mod windows;
