//! Byte-level BPE: from a pretoken to its tokens.
//!
//! In reading order: [`vocabulary`] finds the token that some bytes are, in a [`table`]; [`merge`]
//! makes tokens of a pretoken that is not one itself, after [`barriers`] has split it where no token
//! reaches across.

pub(crate) mod barriers;
pub mod merge;
pub mod pairs;
pub(crate) mod table;
pub mod vocabulary;
