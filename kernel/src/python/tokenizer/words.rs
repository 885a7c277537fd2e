//! Tokenizers of the families that are counted by words, from their parts.

use crate::bpe::characters::Characters;
use crate::count::tokenizer::Tokenizer;
use crate::load::characters::from_merges;
use crate::load::unigram::from_pieces;
use crate::python::tokenizer::tokenizer_json::TokenizerJson;
use crate::text::json::Value;
use crate::text::normal::Normalizer;
use crate::unigram::model::Unigram;
use crate::wordpiece::model::{Error, WordPiece};
use crate::words::model::Model;
use crate::words::pre_tokenizer::PreTokenizer;
use crate::words::tokenizer::Words;
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;

/// A tokenizer of a model and its tokens, with the settings of a tokenizer.json.
pub fn of_words(model: &str, tokens: &Bound<'_, PyAny>, settings: &str) -> PyResult<Tokenizer> {
    let settings = Value::parse(settings).map_err(|_| unknown("settings"))?;
    let setting = |key| settings.get(key).unwrap_or(&Value::Null);
    let normalizer = Normalizer::from_json(setting("normalizer"));
    let normalizer = normalizer.ok_or_else(|| unknown("normalizer"))?;
    let splits = PreTokenizer::from_json(setting("pre_tokenizer"));
    let splits = splits.ok_or_else(|| unknown("pre_tokenizer"))?;
    let model: Box<dyn Model> = match model {
        "WordPiece" => Box::new(word_piece(tokens, setting("model"))?),
        "BPE" => Box::new(characters(tokens, setting("model"))?),
        "Unigram" => Box::new(unigram(tokens, setting("model"))?),
        _ => return Err(unknown("model")),
    };
    let words = Words::new(normalizer, splits, model).ok_or_else(|| unknown("pre_tokenizer"))?;
    Ok(Tokenizer::of_words(words))
}

fn word_piece(tokens: &Bound<'_, PyAny>, settings: &Value<'_>) -> PyResult<WordPiece> {
    let (listed, file): (Vec<(String, u32)>, _);
    file = tokens.cast::<TokenizerJson>();
    let tokens: Vec<(&str, u32)> = match &file {
        Ok(file) => {
            let TokenizerJson { file } = file.get();
            if !file.scores.is_empty() {
                return Err(unknown("vocabulary"));
            }
            let tokens = &file.tokens;
            let numbered = (0..).zip(&tokens.ids);
            numbered.map(|(n, &id)| (tokens.get(n), id)).collect()
        }
        Err(_) => {
            listed = tokens.extract()?;
            listed.iter().map(|(token, id)| (&**token, *id)).collect()
        }
    };
    let setting = |key| settings.get(key);
    let parts = || {
        Some((
            setting("unk_token")?.as_str()?,
            setting("continuing_subword_prefix")?.as_str()?,
            setting("max_input_chars_per_word")?.as_u32()? as usize,
        ))
    };
    let (unknown_token, prefix, max_characters) = parts().ok_or_else(|| unknown("model"))?;
    WordPiece::new(&tokens, unknown_token, prefix, max_characters).map_err(|error| match error {
        Error::Memory => PyMemoryError::new_err(()),
        Error::Vocabulary | Error::TooLong => unknown("vocabulary"),
    })
}

fn characters(tokens: &Bound<'_, PyAny>, settings: &Value<'_>) -> PyResult<Characters> {
    let file = &tokens.cast::<TokenizerJson>()?.get().file;
    from_merges(file, settings).ok_or_else(|| unknown("model"))
}

fn unigram(tokens: &Bound<'_, PyAny>, settings: &Value<'_>) -> PyResult<Unigram> {
    let file = &tokens.cast::<TokenizerJson>()?.get().file;
    from_pieces(file, settings).ok_or_else(|| unknown("model"))
}

pub fn unknown(what: &str) -> PyErr {
    PyValueError::new_err(format!("the {what} is not one that is known exactly"))
}
