//! Counting and encoding texts.
//!
//! In reading order: [`byte_level`] puts a vocabulary and a split together, and a [`tokenizer`] is
//! that or one of [`words`](crate::words); [`counts`] finds the numbers of tokens of a batch of
//! pretokens by looking them up in a [`memo`], and [`ids`] their ids; [`counter`] counts one text
//! after another. [`pieces`] are what large texts are counted in, as they come ([`stream`]) or on
//! several threads, which do [`jobs`] in a [`pipeline`]; [`parallel`] counts files so.

pub mod byte_level;
pub mod counter;
pub(crate) mod counts;
pub mod ids;
pub(crate) mod jobs;
pub(crate) mod memo;
pub mod parallel;
pub(crate) mod pieces;
pub(crate) mod pipeline;
pub(crate) mod stream;
pub mod tokenizer;
