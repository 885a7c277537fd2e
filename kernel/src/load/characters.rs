//! The vocabulary of a file as [`Characters`]: BPE from characters, by merges or by scores.

use crate::bpe::characters::{Characters, Merge, Options};
use crate::bpe::tokens::Tokens;
use crate::load::sentencepiece::{Kind, Piece};
use crate::load::tokenizer_json::TokenizerJson;
use crate::text::json::Value;
use std::sync::Arc;

/// Bytes of tokens that are cut in two at each offset, at most.
const MAX_HALVES: usize = 1 << 26;

/// BPE by the merges of a `tokenizer.json`, with the settings of its model; None where one of them is not
/// known to mean the same here.
pub fn from_merges(file: &TokenizerJson, model: &Value<'_>) -> Option<Characters> {
    let is = |key: &str| match model.get(key) {
        None => Some(false),
        Some(value) if value.is_null() => Some(false),
        Some(value) => value.as_bool(),
    };
    let name = |key: &str| match model.get(key) {
        Some(value) if !value.is_null() => value.as_str().map(Some),
        _ => Some(None),
    };
    let known = [
        "type",
        "dropout",
        "unk_token",
        "continuing_subword_prefix",
        "end_of_word_suffix",
        "fuse_unk",
        "byte_fallback",
        "ignore_merges",
        "vocab",
        "merges",
    ];
    if !file.scores.is_empty()
        || !model
            .entries()?
            .iter()
            .all(|(key, _)| known.contains(&&**key))
        || !model.get("dropout").is_none_or(Value::is_null)
        || name("type")?.unwrap_or("BPE") != "BPE"
        || !name("continuing_subword_prefix")?.unwrap_or("").is_empty()
        || !name("end_of_word_suffix")?.unwrap_or("").is_empty()
    {
        return None;
    }
    let tokens = &file.tokens;
    let unknown = match name("unk_token")? {
        Some(token) => Some(tokens.find(token)?),
        None => None,
    };
    let bytes = if is("byte_fallback")? {
        match byte_tokens(tokens) {
            Bytes::All(bytes) => Some(bytes),
            Bytes::None => None,
            Bytes::Some => return None,
        }
    } else {
        None
    };
    let merges: Vec<Merge> = (0..)
        .zip(&file.merges)
        .map(|(rank, &[first, second, merged])| Merge {
            first,
            second,
            merged,
            rank,
        })
        .collect();
    let options = Options {
        unknown,
        fuses_unknown: is("fuse_unk")?,
        bytes,
        ignores_merges: is("ignore_merges")?,
        ..Options::default()
    };
    Characters::new(Arc::clone(tokens), &merges, options)
}

enum Bytes {
    All(Box<[u32; 256]>),
    Some,
    None,
}

/// The numbers of the tokens `<0x00>` to `<0xFF>`.
fn byte_tokens(tokens: &Tokens) -> Bytes {
    let mut bytes = Box::new([0; 256]);
    let mut found = 0;
    for (byte, slot) in bytes.iter_mut().enumerate() {
        if let Some(number) = tokens.find(&format!("<0x{byte:02X}>")) {
            *slot = number;
            found += 1;
        }
    }
    match found {
        256 => Bytes::All(bytes),
        0 => Bytes::None,
        _ => Bytes::Some,
    }
}

/// BPE by the scores of pieces, whose ids are their numbers, as `sentencepiece` has it; None where the
/// model is not known to mean the same here.
pub fn from_scores(pieces: &[Piece<'_>], byte_fallback: bool) -> Option<Characters> {
    let text = pieces.iter().map(|piece| piece.text.len()).sum();
    if pieces.iter().any(|piece| piece.kind == Kind::Unused) {
        return None; // which are made and taken apart again, as the text says where
    }
    let mut tokens = Tokens::new(text).ok()?;
    for (id, piece) in (0..).zip(pieces) {
        tokens.insert(piece.text, id).ok()?;
    }
    let mut scores: Vec<f32> = pieces.iter().map(|piece| piece.score).collect();
    if tokens.count() != pieces.len() || scores.iter().any(|score| score.is_nan()) {
        return None;
    }
    scores.sort_by(|a, b| b.total_cmp(a));
    // Zero has two signs, which compare as equal.
    scores.dedup_by(|a, b| a == b);
    let rank = |score: f32| scores.partition_point(|&other| other > score) as u32;

    let of_kind = |kind| {
        let numbers = (0..).zip(pieces);
        numbers
            .filter(move |(_, piece)| piece.kind == kind)
            .map(|(number, _)| number)
    };
    let is_normal = |number: u32| pieces[number as usize].kind == Kind::Normal;
    let find = |half: &str| tokens.find(half).filter(|&number| is_normal(number));
    let is_piece = |character: char| {
        let number = tokens.find(character.encode_utf8(&mut [0; 4]));
        let kind = number.map(|number| pieces[number as usize].kind);
        matches!(kind, Some(Kind::Normal | Kind::UserDefined))
    };
    let (mut merges, mut halves) = (Vec::new(), 0_usize);
    for merged in of_kind(Kind::Normal) {
        let Piece {
            text: piece, score, ..
        } = pieces[merged as usize];
        halves += piece.len().pow(2);
        if halves > MAX_HALVES || !piece.chars().all(is_piece) {
            return None; // `sentencepiece` merges characters that are no pieces themselves
        }
        for (middle, _) in piece.char_indices().skip(1) {
            let (first, second) = piece.split_at(middle);
            if let (Some(first), Some(second)) = (find(first), find(second)) {
                let rank = rank(score);
                merges.push(Merge {
                    first,
                    second,
                    merged,
                    rank,
                });
            }
        }
    }
    let bytes = match (byte_tokens(&tokens), byte_fallback) {
        (Bytes::All(bytes), true) => Some(bytes),
        (_, true) => return None,
        (_, false) => None,
    };
    let options = Options {
        unknown: of_kind(Kind::Unknown).next(),
        fuses_unknown: true,
        bytes,
        ignores_merges: false,
        user_defined: of_kind(Kind::UserDefined).collect(),
        hidden: pieces
            .iter()
            .map(|piece| piece.kind != Kind::Normal)
            .collect(),
    };
    Characters::new(Arc::new(tokens), &merges, options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::model::Model;
    use proptest::prelude::*;

    /// Merging as it is defined: again and again the best pair of all, the leftmost of equals.
    fn reference(mut symbols: Vec<u32>, merges: &[Merge]) -> Vec<u32> {
        loop {
            let pairs = symbols.windows(2).enumerate();
            let found = pairs.filter_map(|(at, pair)| {
                // Of two merges of the same pair the last one counts.
                let is = |merge: &&Merge| [merge.first, merge.second] == *pair;
                let merge = merges.iter().rev().find(is)?;
                Some((merge.rank, at, merge.merged))
            });
            let Some((_, at, merged)) = found.min() else {
                return symbols;
            };
            symbols[at] = merged;
            symbols.remove(at + 1);
        }
    }

    /// Tokens of the alphabet, made by merging others, and the merges.
    fn vocabulary(made: &[(usize, usize)], equal: u32) -> (Arc<Tokens>, Vec<Merge>) {
        let mut tokens = Tokens::new(0).expect("memory");
        for (id, token) in ["a", "b", "é", "▁"].into_iter().enumerate() {
            tokens.insert(token, id as u32).expect("no collision");
        }
        let mut merges = Vec::new();
        for (rank, &(first, second)) in (0..).zip(made) {
            let number = |half: usize| (half % tokens.count()) as u32;
            let (first, second) = (number(first), number(second));
            let token = [tokens.get(first), tokens.get(second)].concat();
            if token.len() > 40 {
                continue;
            }
            if tokens.find(&token).is_none() {
                let id = 10 * tokens.count() as u32;
                tokens.insert(&token, id).expect("no collision");
            }
            merges.push(Merge {
                first,
                second,
                merged: tokens.find(&token).expect("it was inserted"),
                rank: rank / equal,
            });
        }
        (Arc::new(tokens), merges)
    }

    proptest! {
        #[test]
        fn pieces_are_merged_by_pairs(
            made in prop::collection::vec((0_usize..99, 0_usize..99), 0..24),
            text in prop_oneof!["[abé▁]{0,40}", "[ab]{60,400}", "(ab|é){100,200}", "a{65,300}"],
            equal in 1_u32..4,
        ) {
            let (tokens, merges) = vocabulary(&made, equal);
            let model = Characters::new(Arc::clone(&tokens), &merges, Options::default())
                .expect("ids are distinct");
            let symbols = text.chars().map(|c| tokens.find(&c.to_string()).expect("a token"));
            let expected = reference(symbols.collect(), &merges);
            let expected: Vec<u32> = expected.iter().map(|&n| tokens.ids[n as usize]).collect();
            let mut ids = Vec::new();
            model.encode(&text, &mut ids);
            prop_assert_eq!(&ids, &expected);
            prop_assert_eq!(model.count(&text), expected.len());
            if model.splits_before_spaces() {
                let (mut split, mut start) = (Vec::new(), 0);
                for (at, _) in text.match_indices('▁') {
                    if !text[..at].ends_with('▁') {
                        model.encode(&text[start..at], &mut split);
                        start = at;
                    }
                }
                model.encode(&text[start..], &mut split);
                prop_assert_eq!(split, expected);
            }
        }
    }

    #[test]
    fn unknown_characters() {
        let (tokens, merges) = vocabulary(&[(0, 1)], 1);
        let ids = |options, text: &str| {
            let model = Characters::new(Arc::clone(&tokens), &merges, options).expect("distinct");
            let mut ids = Vec::new();
            model.encode(text, &mut ids);
            ids
        };
        let unknown = |fuses_unknown| Options {
            unknown: Some(2),
            fuses_unknown,
            ..Options::default()
        };
        assert_eq!(ids(Options::default(), "axxba"), [40, 0]);
        assert_eq!(ids(unknown(false), "axxba"), [0, 2, 2, 1, 0]);
        assert_eq!(ids(unknown(true), "axxba"), [0, 2, 1, 0]);
    }

    #[test]
    fn scores_and_kinds_of_pieces() {
        let piece = |text, score, kind| Piece { text, score, kind };
        let mut pieces = vec![
            piece("<unk>", 0.0, Kind::Unknown),
            piece("<s>", 0.0, Kind::Control),
            piece("ba", 0.0, Kind::UserDefined),
            piece("a", -3.0, Kind::Normal),
            piece("b", -4.0, Kind::Normal),
            piece("aa", -1.0, Kind::Normal),
            piece("ab", -0.5, Kind::Normal),
        ];
        let ids = |pieces: &[_], bytes, text: &str| {
            let mut ids = Vec::new();
            from_scores(pieces, bytes)?.encode(text, &mut ids);
            Some(ids)
        };
        assert_eq!(ids(&pieces, false, "aaab"), Some(vec![5, 6]));
        assert_eq!(ids(&pieces, false, "abab"), Some(vec![3, 2, 4]));
        assert_eq!(ids(&pieces, false, "axx"), Some(vec![3, 0]));
        assert_eq!(ids(&pieces, true, "a"), None);
        let bytes: Vec<String> = (0..256).map(|byte| format!("<0x{byte:02X}>")).collect();
        pieces.extend(bytes.iter().map(|byte| piece(byte, 0.0, Kind::Byte)));
        let expected = Some(vec![3, 7 + 0xc3, 7 + 0xa9]);
        assert_eq!(ids(&pieces, true, "a\u{e9}"), expected);
        pieces.push(piece("ax", 0.0, Kind::Normal));
        assert_eq!(ids(&pieces, true, "a"), None);
    }
}
