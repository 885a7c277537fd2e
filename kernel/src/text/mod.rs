//! Text itself, without a tokenizer: characters, their classes, normal forms and boundaries,
//! columns of strings, and JSON.

pub mod arrow;
pub mod arrow_lists;
pub mod boundaries;
pub mod char_map;
pub mod code_points;
pub mod graphemes;
pub mod json;
pub(crate) mod nfc;
pub mod normal;
pub mod trie;
pub mod unicode;
