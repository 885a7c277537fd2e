//! Byte-level BPE: vocabularies, and merging a pretoken into tokens.

pub mod barriers;
pub mod merge;
pub mod table;
pub mod vocabulary;
