//! A tokenizer of a SentencePiece `.model`.

use crate::count::tokenizer::Tokenizer;
use crate::load::characters::from_scores;
use crate::load::sentencepiece::{Kind, ModelType, SentencePieceModel};
use crate::python::tokenizer::words::unknown;
use crate::text::json::Value;
use crate::text::normal::Normalizer;
use crate::text::normal::sentencepiece::{SentencePiece, Spec};
use crate::words::model::Model;
use crate::words::pre_tokenizer::PreTokenizer;
use crate::words::tokenizer::Words;
use pyo3::prelude::*;
use std::collections::HashMap;

/// The tokenizer, the control pieces, and the ids of those that start and end a text, or -1.
pub type Found = (Tokenizer, HashMap<String, u32>, i64, i64);

/// A tokenizer of a model.
pub fn of_sentencepiece(data: &[u8]) -> PyResult<Found> {
    let file = SentencePieceModel::read(data).map_err(|_| unknown("file"))?;
    let user_defined = file.user_defined();
    let normalizer = SentencePiece::new(&Spec {
        precompiled_charsmap: file.precompiled_charsmap,
        user_defined_symbols: &user_defined,
        add_dummy_prefix: file.add_dummy_prefix,
        remove_extra_whitespaces: file.remove_extra_whitespaces,
        escape_whitespaces: file.escape_whitespaces,
        treat_whitespace_as_suffix: file.treat_whitespace_as_suffix,
    });
    let normalizer = normalizer.ok_or_else(|| unknown("normalizer"))?;
    let model: Box<dyn Model> = match file.model_type {
        ModelType::Bpe => {
            let model = from_scores(&file.pieces, file.byte_fallback);
            Box::new(model.ok_or_else(|| unknown("model"))?)
        }
        ModelType::Unigram | ModelType::Other => return Err(unknown("model")),
    };
    let splits = PreTokenizer::from_json(&Value::Null).ok_or_else(|| unknown("pre_tokenizer"))?;
    let normalizer = Normalizer::of_sentencepiece(normalizer);
    let words = Words::new(normalizer, splits, model).ok_or_else(|| unknown("pre_tokenizer"))?;
    let control: HashMap<String, u32> = (0..)
        .zip(&file.pieces)
        .filter(|(_, piece)| piece.kind == Kind::Control)
        .map(|(id, piece)| (piece.text.to_owned(), id))
        .collect();
    let id = |piece: &str| control.get(piece).map_or(-1, |&id| i64::from(id));
    let (bos, eos) = (id(file.bos_piece), id(file.eos_piece));
    Ok((Tokenizer::of_words(words), control, bos, eos))
}
