//! The pieces of a `tokenizer.json`, with their scores, as [`Unigram`].

use crate::load::tokenizer_json::TokenizerJson;
use crate::text::json::Value;
use crate::unigram::model::Unigram;
use crate::unigram::vocabulary::Vocabulary;

/// The model of a file, with its settings; None if `tokenizers` does not take it, or raises an error for
/// some text, or something is not known of them.
pub fn from_pieces(file: &TokenizerJson, model: &Value<'_>) -> Option<Unigram> {
    let known = ["type", "unk_id", "vocab", "byte_fallback"];
    let mut keys = model.entries()?.iter().map(|(key, _)| key);
    if !keys.all(|key| known.contains(&&**key)) || file.scores.len() < file.tokens.count() {
        return None;
    }
    let has_bytes = match model.get("byte_fallback") {
        None => false,
        Some(flag) => flag.as_bool()?,
    };
    let unknown = model.get("unk_id")?.as_u32()?;
    let vocabulary = Vocabulary::new(file.tokens.clone(), file.scores.clone(), unknown, has_bytes);
    Some(Unigram::new(vocabulary?))
}
