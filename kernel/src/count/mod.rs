//! Counting and encoding whole texts: the tokenizer, its memo tables, batches and streams.

pub mod batch;
pub mod cache;
pub mod counts;
pub mod encode;
pub mod stream;
pub mod tokenizer;
