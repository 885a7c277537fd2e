//! Tokenizer files: what is large in them is read here, and stays here.
//!
//! A `tokenizer.json` is a vocabulary and merges, some hundred thousand strings, beside a few small
//! settings. In reading order: [`tokenizer_json`] takes the large members out, so that whoever asked
//! can read the small rest as any JSON; [`byte_level`] proves that ranks make the same tokens as the merges,
//! where these come before those of their halves by [`merged_alone`].
//!
//! What is not plainly what a writer of such files writes is
//! [`Unreadable`](crate::text::json::Unreadable) here: another reader, slower and more patient, says
//! what it is.

pub mod byte_level;
pub mod characters;
pub mod merged_alone;
pub mod protobuf;
pub mod sentencepiece;
pub mod tokenizer_json;
pub mod unigram;
