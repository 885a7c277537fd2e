//! The index of any text, against counting each part on its own, and clusters against their crate.

use _kernel::bpe::vocabulary::Vocabulary;
use _kernel::count::tokenizer::{Split, Tokenizer};
use _kernel::index::token_map::{Index, Indexed};
use _kernel::split::pattern::Pattern;
use _kernel::text::boundaries::{Flags, is_in_cluster};
use _kernel::text::char_map::Places;
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
    "a",
    "b",
    "the",
    "A",
    "é",
    "中",
    "文",
    "1",
    "23",
    ".",
    "!",
    "?",
    "。",
    "！",
    "…",
    "”",
    "\"",
    ")",
    "'s",
    " ",
    "  ",
    "\t",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\u{3000}",
    "\0",
    "\u{378}",
    "\u{301}",
    "\u{200d}",
    "\u{1f1e9}",
    "👨",
    "क्ष",
    "\u{94d}",
    "가",
    "\u{1100}",
    "\u{600}",
    "# ",
    "Mr",
    "/",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        9 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    let repeated = (piece, prop_oneof![9 => Just(1), 1 => 1..70usize])
        .prop_map(|(piece, times)| piece.repeat(times));
    proptest::collection::vec(repeated, 0..40).prop_map(|pieces| pieces.concat())
}

/// The part of a text between two places.
fn part(text: &str, start: usize, end: usize) -> String {
    text.chars().skip(start).take(end - start).collect()
}

proptest! {
    #[test]
    fn counts_any_part(text in text(), ends in (0.0..=1f64, 0.0..=1f64), limit in 0..20usize) {
        let length = text.chars().count();
        let place = |share: f64| (share * length as f64) as usize;
        let (start, end) = (place(ends.0.min(ends.1)), place(ends.0.max(ends.1)));
        for tokenizer in &*TOKENIZERS {
            let count = |start, end| tokenizer.count(&part(&text, start, end)).unwrap();
            let index = Index::new(tokenizer, &text).unwrap();
            let indexed = Indexed::new(&index, tokenizer, &text);
            prop_assert_eq!(indexed.count(start, end), count(start, end));
            for furthest in [indexed.end(start, limit), indexed.end_anywhere(start, limit)] {
                prop_assert!(start <= furthest && count(start, furthest) <= limit);
            }
            prop_assert!(count(indexed.start_anywhere(end, limit), end) <= limit);
            let (starts, ends) = indexed.measure([start, end].into_iter());
            prop_assert_eq!(ends, [count(0, start) as i64, count(0, end) as i64]);
            let behind = |place| (index.total() - count(place, length)) as i64;
            prop_assert_eq!(starts, [behind(start), behind(end)]);
            let overlap = indexed.overlap_starts([end].into_iter(), limit)[0] as usize;
            prop_assert!(overlap <= end && count(overlap, end) <= limit);
        }
    }

    #[test]
    fn knows_clusters(text in text()) {
        let flags = Flags::of(text.as_bytes());
        let starts: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
        for at in (0..text.len()).filter(|&at| text.is_char_boundary(at)) {
            let is_inside = is_in_cluster(&text, at, || &flags);
            // Behind a virama it may be so whatever is before that.
            let is_linked = text[..at].trim_end_matches(['\u{301}', '\u{200d}']).ends_with('\u{94d}');
            prop_assert_eq!(is_inside && !is_linked, !starts.contains(&at) && !is_linked);
            prop_assert!(is_inside || starts.contains(&at));
        }
    }

    #[test]
    fn finds_the_bytes_of_characters(text in text()) {
        let places = Places::new(&text);
        let (mut to, mut back) = (places.cursor(&text), places.cursor(&text));
        let bytes = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
        for (character, byte) in bytes.enumerate() {
            prop_assert_eq!(places.byte(&text, character), byte);
            prop_assert_eq!(places.character(&text, byte), character);
            prop_assert_eq!(to.byte(character), byte);
            prop_assert_eq!(back.character(byte), character);
        }
    }
}
