//! Tokenizers that are not byte-level BPE: counted by words, each of which is remembered.
//!
//! In reading order: [`model`] is what turns a normalized piece into tokens.

pub mod model;
