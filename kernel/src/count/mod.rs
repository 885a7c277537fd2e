//! Counting and encoding whole texts: the tokenizer, its memo tables, batches and streams.

pub mod batch;
pub(crate) mod counts;
pub(crate) mod encode;
pub(crate) mod memo;
pub(crate) mod stream;
pub mod tokenizer;
