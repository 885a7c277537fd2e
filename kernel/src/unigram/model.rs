//! From the best path to ids.

use crate::unigram::viterbi;
use crate::unigram::vocabulary::Vocabulary;
use crate::words::model::Model;

pub struct Unigram {
    vocabulary: Vocabulary,
    /// Which byte an id is.
    byte_of_id: std::collections::HashMap<u32, u8>,
}

impl Unigram {
    pub fn new(vocabulary: Vocabulary) -> Self {
        let ids = vocabulary.bytes.iter().flat_map(|bytes| bytes.iter());
        let byte_of_id = ids
            .zip(0..=u8::MAX)
            .filter_map(|(&id, byte)| Some((id?, byte)));
        Unigram {
            byte_of_id: byte_of_id.collect(),
            vocabulary,
        }
    }

    /// Calls `visit` with the ids of a text, from the last to the first.
    #[inline]
    fn each_backwards(&self, text: &str, mut visit: impl FnMut(u32)) {
        let vocabulary = &self.vocabulary;
        let mut unknown: Option<(usize, usize)> = None;
        viterbi::each_backwards(vocabulary, text, |start, end, id| {
            if id == vocabulary.unknown_id {
                unknown = Some((start, unknown.map_or(end, |(_, end)| end)));
                return;
            }
            if let Some((start, end)) = unknown.take() {
                self.each_of_unknown(&text[start..end], &mut visit);
            }
            visit(id);
        });
        if let Some((start, end)) = unknown {
            self.each_of_unknown(&text[start..end], &mut visit);
        }
    }

    /// The ids of characters that are no pieces, which are next to each other.
    #[cold]
    fn each_of_unknown(&self, text: &str, visit: &mut impl FnMut(u32)) {
        let vocabulary = &self.vocabulary;
        // A piece of several characters, each of which is unknown; or the unknown piece itself.
        if let Some(id) = vocabulary.trie.get(text.as_bytes()) {
            return visit(id);
        }
        if let Some(bytes) = &vocabulary.bytes {
            let ids = text.bytes().map(|byte| bytes[usize::from(byte)]);
            if ids.clone().all(|id| id.is_some()) {
                return ids.rev().flatten().for_each(visit);
            }
        }
        visit(vocabulary.unknown_id);
    }
}

// Of a piece there is no longest: any number of unknown characters are one token, unless they become
// bytes. Nor may it be split before spaces: sums are rounded, so of two paths that are about as good,
// which is taken may depend on what is before.
impl Model for Unigram {
    fn encode(&self, piece: &str, ids: &mut Vec<u32>) {
        let start = ids.len();
        self.each_backwards(piece, |id| ids.push(id));
        ids[start..].reverse();
    }

    fn count(&self, piece: &str) -> usize {
        let mut count = 0;
        self.each_backwards(piece, |_| count += 1);
        count
    }

    fn bytes_of_id(&self, id: u32) -> Option<&[u8]> {
        match self.byte_of_id.get(&id) {
            Some(byte) => Some(std::slice::from_ref(byte)),
            None => self.vocabulary.spelling(id).map(str::as_bytes),
        }
    }

    fn size(&self) -> usize {
        self.vocabulary.size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bpe::tokens::Tokens;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// A vocabulary whose unknown piece is the first.
    fn vocabulary(pieces: &[(&str, f64)], has_bytes: bool) -> Option<Vocabulary> {
        let mut tokens = Tokens::new(0).ok()?;
        for (&(piece, _), id) in pieces.iter().zip(0..) {
            tokens.insert(piece, id).ok()?;
        }
        let scores = pieces.iter().map(|&(_, score)| score).collect();
        Vocabulary::new(Arc::new(tokens), scores, 0, has_bytes)
    }

    /// The best sum over all ways to cover a text, found without dynamic programming.
    fn best_sum(pieces: &[(&str, f64)], unknown: f64, text: &str) -> f64 {
        if text.is_empty() {
            return 0.0;
        }
        let first = text.chars().next().map_or(0, char::len_utf8);
        let covers = pieces.iter().filter(|(piece, _)| text.starts_with(piece));
        let is_known = covers.clone().any(|(piece, _)| piece.len() == first);
        let unknown = (!is_known).then(|| unknown + best_sum(pieces, unknown, &text[first..]));
        covers
            .map(|(piece, score)| {
                score + best_sum(pieces, unknown_score(pieces), &text[piece.len()..])
            })
            .chain(unknown)
            .fold(f64::NEG_INFINITY, f64::max)
    }

    fn unknown_score(pieces: &[(&str, f64)]) -> f64 {
        pieces
            .iter()
            .map(|piece| piece.1)
            .fold(f64::INFINITY, f64::min)
            - 10.0
    }

    #[test]
    fn of_two_paths_alike_the_first_is_taken() {
        let pieces = [("<unk>", 0.0), ("a", -1.0), ("aa", -2.0)];
        let model = Unigram::new(vocabulary(&pieces, false).expect("a vocabulary"));
        let mut ids = Vec::new();
        model.encode("aaa", &mut ids);
        assert_eq!(ids, [1, 2]);
    }

    #[test]
    fn unknown_characters_are_fused_or_become_bytes() {
        let mut pieces = vec![("<unk>", 0.0), ("a", -1.0)];
        let model =
            |pieces: &[(&str, f64)]| Unigram::new(vocabulary(pieces, true).expect("a vocabulary"));
        let encode = |model: &Unigram, text| {
            let mut ids = Vec::new();
            model.encode(text, &mut ids);
            ids
        };
        assert_eq!(encode(&model(&pieces), "a中éab"), [1, 0, 1, 0]);
        pieces.extend([("<0xC3>", -9.0), ("<0xA9>", -9.0)]);
        assert_eq!(encode(&model(&pieces), "aéa中"), [1, 2, 3, 1, 0]);
        assert_eq!(encode(&model(&pieces), "é中"), [0]);
    }

    proptest! {
        #[test]
        fn the_sum_is_the_best(
            words in proptest::collection::btree_map("[a-d中]{1,4}", -20i32..3, 1..12),
            text in "[a-d中é]{0,9}",
        ) {
            // Sums of small integers are exact.
            let words: Vec<_> = words.iter().map(|(word, score)| (word.as_str(), f64::from(*score))).collect();
            let pieces: Vec<_> = [("<unk>", 0.0)].iter().chain(&words).copied().collect();
            let model = Unigram::new(vocabulary(&pieces, false).expect("a vocabulary"));
            let unknown = unknown_score(&pieces);
            let mut sum = 0.0;
            viterbi::each_backwards(&model.vocabulary, &text, |_, _, id| {
                sum += if id == 0 { unknown } else { pieces[id as usize].1 };
            });
            prop_assert_eq!(sum, best_sum(&pieces, unknown, &text));
            prop_assert_eq!(model.count(&text), { let mut ids = Vec::new(); model.encode(&text, &mut ids); ids.len() });
        }
    }
}
