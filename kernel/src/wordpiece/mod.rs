//! WordPiece: from a word to the longest tokens that it starts with, one after the other.
//!
//! In reading order: [`trie`] has the vocabulary, [`model`] the algorithm.

pub mod model;
pub(crate) mod trie;
