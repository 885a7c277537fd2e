//! Where sentences and clauses end.
//!
//! After UAX #29, "Unicode Text Segmentation", section 5, with these deliberate differences: a sentence
//! ends before white space alone, except in scripts that put none there; `?` and `!` end none before a
//! lower-case letter in the same line; what only needs the abbreviations of a language, or lists, is
//! decided by the table of [`abbreviations`].

pub mod abbreviations;
pub mod ends;
pub mod marks;
