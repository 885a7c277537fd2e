//! Tokenizers that are not byte-level BPE: counted by words, each of which is remembered.
//!
//! In reading order: [`model`] is what turns a normalized piece into tokens, [`pre_tokenizer`] what
//! splits a normalized text before that, and [`tokenizer`] puts them together with a normalizer.
//! [`split`] says where a raw text may be split into words before any of it, so that most answers are
//! in a [`memo`].

pub(crate) mod memo;
pub mod model;
pub mod pre_tokenizer;
pub mod split;
pub mod tokenizer;
