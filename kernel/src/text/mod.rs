//! Text itself, without a tokenizer: characters, their classes, normal forms and boundaries, and
//! columns of strings.

pub mod arrow;
pub mod boundaries;
pub mod char_map;
pub mod graphemes;
pub(crate) mod nfc;
pub mod unicode;
