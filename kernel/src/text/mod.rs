//! Text itself, without a tokenizer: characters, their classes, normal forms and boundaries,
//! how alike its words are, columns of strings, and JSON.

pub mod arrow;
pub mod arrow_lists;
pub mod batch;
pub mod boundaries;
pub mod char_map;
pub mod code_points;
pub mod cohesion;
pub mod entities;
pub mod graphemes;
pub mod json;
pub(crate) mod line_ends;
pub mod literals;
pub(crate) mod nfc;
pub mod normal;
pub(crate) mod sentences;
pub mod spaces;
pub mod terms;
pub mod trie;
pub mod unicode;
