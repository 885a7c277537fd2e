//! The split patterns: from text to pretokens.

pub mod bitmask;
pub mod pattern;
pub mod scanner;
pub mod simd;
