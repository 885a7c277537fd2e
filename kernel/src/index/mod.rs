//! The token index: where pretokens end, and how many tokens there are up to there.

pub mod ends;
pub mod token_map;
pub mod truncate;
