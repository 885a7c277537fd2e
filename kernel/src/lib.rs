//! Counts the tokens of text as byte-level BPE tokenizers do: exactly, without making the tokens.
//!
//! A text goes through two steps. A *split pattern* parts it into pretokens ([`pretokenize`], and
//! [`window`] for 64 bytes at a time), and each pretoken is a number of tokens on its own: one, if
//! the [`vocabulary`] has it, else what [`bpe`] merges it to. [`tokenizer`] puts the two together.
//!
//! The core knows nothing of Python; `python` binds it, and is the only other reader of its API.

pub mod batch;
pub mod bins;
pub mod boundaries;
pub mod bpe;
pub mod cache;
pub mod candidates;
mod counts;
pub mod cuts;
mod encode;
pub mod ends;
pub mod index;
pub mod markdown;
pub mod nfc;
pub mod pattern;
pub mod places;
pub mod pretokenize;
#[cfg(feature = "python")]
mod python;
pub mod seams;
pub mod simd;
pub mod stream;
pub mod table;
pub mod tokenizer;
pub mod truncate;
pub mod unicode;
pub mod vocabulary;
pub mod window;
pub mod windows;
