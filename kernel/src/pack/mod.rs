//! Documents into training windows, and which files matter in a prompt.

pub mod bin_packing;
pub mod placement;
pub mod rank;
pub mod windows;
