//! Documents into training windows.

pub mod bin_packing;
pub mod placement;
pub mod windows;
