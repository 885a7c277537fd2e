//! What one pass over a text tells, and what follows from it without counting again.
//!
//! In reading order: [`token_map`], where pretokens end and the tokens up to there; [`text_map`], what
//! is known of a text beside them; [`token_index`], the tokens of any span of a text; [`truncate`],
//! the longest start or end of a text that fits.

pub mod text_map;
pub mod token_index;
pub mod token_map;
pub mod truncate;
