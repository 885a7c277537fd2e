//! Counts the tokens of text as byte-level BPE tokenizers do: exactly, without making the tokens.
//!
//! A text goes through two steps. A split pattern splits it into *pretokens*, and each pretoken is a
//! number of tokens whatever is around it: one, if the vocabulary has it, else as many as merging
//! makes of it. The folders, in reading order:
//!
//! - [`text`]: characters, their classes, normal form and boundaries.
//! - [`split`]: from a text to its pretokens.
//! - [`bpe`]: from a pretoken to its tokens.
//! - [`wordpiece`]: from a word to its tokens, for BERT's family.
//! - [`unigram`]: the same by the scores of pieces, for XLM-R's and T5's.
//! - [`words`]: texts by words, for the families that are not byte-level BPE.
//! - [`load`]: tokenizer files, where their vocabulary is too large for Python.
//! - [`count`]: the two steps put together, for whole texts, batches, files and streams.
//! - [`files`]: the files of a tree, read and counted on several threads.
//! - [`index`]: prefix sums of tokens, for questions about any span of a text.
//! - [`code`]: the blocks of source code, by tree-sitter grammars.
//! - [`chunk`]: where to cut a text into chunks.
//! - [`pack`]: documents into training windows.
//! - `python`: the Python module, the only one that knows of Python.

// What is public is used by tests and fuzz targets. Most of the rest is used by `python` alone.
#![cfg_attr(not(feature = "python"), allow(dead_code))]

pub mod bpe;
pub mod chunk;
pub mod code;
pub mod count;
pub mod files;
pub mod index;
pub mod load;
pub mod pack;
#[cfg(feature = "python")]
mod python;
pub mod split;
pub mod text;
pub mod unigram;
pub mod wordpiece;
pub mod words;
