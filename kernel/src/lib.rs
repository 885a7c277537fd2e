//! Counts the tokens of text as byte-level BPE tokenizers do: exactly, without making the tokens.
//!
//! A text goes through two steps. A *split pattern* parts it into pretokens ([`split::scanner`], and
//! [`split::bitmask`] for 64 bytes at a time), and each pretoken is a number of tokens on its own: one, if
//! the [`bpe::vocabulary`] has it, else what [`bpe::merge`] merges it to. [`count::tokenizer`] puts the two together.
//!
//! The core knows nothing of Python; `python` binds it, and is the only other reader of its API.

// Most of what is not public is there for `python`. What is public is used by tests and fuzz targets.
#![cfg_attr(not(feature = "python"), allow(dead_code))]

pub mod bpe;
pub mod chunk;
pub mod count;
pub mod index;
pub(crate) mod pack;
#[cfg(feature = "python")]
mod python;
pub mod split;
pub mod text;
