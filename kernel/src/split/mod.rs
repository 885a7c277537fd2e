//! The split patterns: from a text to its pretokens.
//!
//! In reading order: [`pattern`] has the families of patterns, as parameters; [`scanner`] says what
//! they mean, one pretoken at a time; [`simd`] makes bit masks of 64 bytes, and [`bitmask`] finds all
//! pretokens in them at once; [`level`] knows which of this the processor can do; [`pretokens`] puts
//! it together. Any other pattern of a tokenizer.json is a number of [`steps`], whose regular
//! expressions [`oniguruma`] reads. [`safe_split`] says where a text may be split so that its pretokens stay.

pub(crate) mod bitmask;
pub mod level;
pub mod oniguruma;
pub mod pattern;
pub mod pretokens;
pub mod safe_split;
pub(crate) mod scanner;
pub(crate) mod simd;
pub mod steps;
