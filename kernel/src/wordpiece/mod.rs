//! WordPiece: from a word to the longest tokens that it starts with, one after the other.
//!
//! [`model`] has the algorithm; the vocabulary is a [`crate::text::trie`].

pub mod model;
