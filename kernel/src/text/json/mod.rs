//! JSON, for tokenizer files: a [`scanner`] that goes through a text once, and a [`tree`] of what is
//! small in it. Strings without escapes, nearly all, are borrowed from the text.

pub mod scanner;
pub mod tree;

pub use scanner::{Scanner, Unreadable};
pub use tree::Value;
