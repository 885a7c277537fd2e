//! Text itself, without a tokenizer: characters, their classes, normal forms and boundaries.

pub mod boundaries;
pub mod char_map;
pub(crate) mod nfc;
pub mod unicode;
