//! What one pass over a text tells, and what follows from it without counting again.
//!
//! In reading order: [`token_map`], where pretokens end and the tokens up to there; [`text_map`], what
//! is known of a text beside them; [`build`], the first of these on all threads; [`token_index`], the tokens of any span of a text; [`truncate`],
//! the longest start or end of a text that fits. Then what becomes of them when the text is edited:
//! [`leaf`] and [`rope`], a text in pieces with their maps; [`resplit`], its pretokens from anywhere on;
//! [`edits`], which puts these together; [`session`], for a text that only grows and is not kept.

pub mod build;
pub mod edits;
pub mod leaf;
pub mod resplit;
pub mod rope;
pub mod session;
pub mod text_map;
pub mod token_index;
pub mod token_map;
pub mod truncate;
