//! Byte-level BPE: from a pretoken to its tokens.
//!
//! In reading order: [`vocabulary`] finds the token that some bytes are, in a [`table`]; [`merge`]
//! makes tokens of a pretoken that is not one itself, after [`barriers`] has split it where no token
//! reaches across.
//!
//! BPE that starts from characters instead, as SentencePiece has it, is in [`characters`]: its
//! vocabulary is [`tokens`], and what two tokens become is in [`pairs`]. What is long is merged in
//! overlapping spans by both ([`overlap`]).

pub(crate) mod barriers;
pub mod characters;
pub mod merge;
pub mod overlap;
pub mod pairs;
pub(crate) mod table;
pub mod tokens;
pub mod vocabulary;
