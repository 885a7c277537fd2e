//! The index of any text, against counting each span on its own, and clusters against their crate.

use _kernel::bpe::vocabulary::Vocabulary;
use _kernel::count::byte_level::Split;
use _kernel::count::tokenizer::Tokenizer;
use _kernel::index::text_map::TextMap;
use _kernel::index::token_index::Indexed;
use _kernel::split::pattern::Pattern;
use _kernel::text::char_map::CharMap;
use _kernel::text::graphemes::Clusters;
use proptest::prelude::*;
use std::sync::LazyLock;
use unicode_segmentation::UnicodeSegmentation;

/// Each family, with a small vocabulary in which much can be merged.
static TOKENIZERS: LazyLock<Vec<Tokenizer>> = LazyLock::new(|| {
    let tokenizer = |name: &&str| {
        let split = Split::new(name).expect("a family");
        Tokenizer::new(vocabulary(), split, false)
    };
    Pattern::NAMES.iter().map(tokenizer).collect()
});

fn vocabulary() -> Vocabulary {
    let mut tokens: Vec<Vec<u8>> = (0..=255u8).map(|byte| vec![byte]).collect();
    let merged = [
        "aa", "ab", "aaa", " a", "  ", "\n\n", ". ", "中", "。", "he", "the", "!!",
    ];
    tokens.extend(merged.iter().map(|token| token.as_bytes().to_vec()));
    let ranked = tokens
        .into_iter()
        .zip(0..)
        .map(|(token, rank)| (token, rank, rank));
    Vocabulary::from_tokens(ranked.collect()).expect("a vocabulary")
}

const PIECES: &[&str] = &[
    "a", "b", "the", "A", "é", "中", "文", "1", "23", ".", "!", "?", "。", "！", "…", "”", "\"",
    ")", "'s", " ", "  ", "\t", "\n", "\n\n", "\r\n", "\r", "\u{3000}", "\0", "\u{378}", "\u{301}",
    "\u{200d}", "👨", "\u{94d}", "가", "\u{1100}", "\u{600}", "# ", "Mr", "/",
];
const LONGER_PIECES: &[&str] = &["\u{1f1e9}", "क्ष"];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        9 => proptest::sample::select([PIECES, LONGER_PIECES].concat()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    let repeated = (piece, prop_oneof![9 => Just(1), 1 => 1..70usize])
        .prop_map(|(piece, times)| piece.repeat(times));
    proptest::collection::vec(repeated, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn counts_any_span(text in text(), ends in (0.0..=1f64, 0.0..=1f64), limit in 0..20usize) {
        let offset = |share: f64| {
            let mut at = (share * text.len() as f64) as usize;
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (offset(ends.0.min(ends.1)), offset(ends.0.max(ends.1)));
        for tokenizer in &*TOKENIZERS {
            let count = |start: usize, end: usize| tokenizer.count(&text[start..end]).unwrap();
            let map = TextMap::of_tokens(tokenizer, &text).unwrap();
            let index = Indexed::new(&map, tokenizer, &text).unwrap();
            prop_assert_eq!(index.count(start, end), count(start, end));
            for furthest in [index.end(start, limit), index.end_anywhere(start, limit)] {
                prop_assert!(start <= furthest && count(start, furthest) <= limit);
            }
            prop_assert!(count(index.start_anywhere(end, limit), end) <= limit);
            for at in [start, end] {
                prop_assert_eq!(index.sum_to(at), count(0, at));
                let after = count(at, text.len()) as i64;
                prop_assert_eq!(index.sum_from(at), map.tokens.total() as i64 - after);
            }
            let overlap = index.overlap_start(end, limit);
            prop_assert!(overlap <= end && count(overlap, end) <= limit);
        }
    }

    #[test]
    fn knows_clusters(text in text()) {
        let clusters = Clusters::default();
        let starts: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
        for at in (0..text.len()).filter(|&at| text.is_char_boundary(at)) {
            let is_inside = clusters.is_inside(&text, at);
            // After a virama it may be so whatever is before that.
            let is_linked = text[..at].trim_end_matches(['\u{301}', '\u{200d}']).ends_with('\u{94d}');
            prop_assert_eq!(is_inside && !is_linked, !starts.contains(&at) && !is_linked);
            prop_assert!(is_inside || starts.contains(&at));
        }
    }

    #[test]
    fn converts_characters_and_bytes(text in text()) {
        let map = CharMap::new(&text);
        let mut cursor = map.cursor(&text);
        let bytes = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
        for (character, byte) in bytes.enumerate() {
            prop_assert_eq!(map.byte(&text, character), byte);
            prop_assert_eq!(map.character(&text, byte), character);
            prop_assert_eq!(cursor.byte(character), byte);
            prop_assert_eq!(cursor.character(byte), character);
        }
        let bytes: Vec<usize> = text.char_indices().map(|(byte, _)| byte).collect();
        for (character, &byte) in bytes.iter().enumerate().rev().step_by(3) {
            prop_assert_eq!(cursor.character(byte), character);
            let far = bytes.len() - 1 - character;
            prop_assert_eq!(cursor.character(bytes[far]), far);
        }
    }
}
