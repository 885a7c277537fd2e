//! Texts that are edited, against an index of the text that comes of it.

use _kernel::bpe::vocabulary::Vocabulary;
use _kernel::count::byte_level::Split;
use _kernel::count::tokenizer::Tokenizer;
use _kernel::index::edits::Edited;
use _kernel::index::leaf::Block;
use _kernel::index::rope::Rope;
use _kernel::index::session::Session;
use _kernel::index::text_map::{Error, TextMap};
use _kernel::index::token_index::Indexed;
use _kernel::index::token_map::Ends;
use _kernel::split::pattern::Pattern;
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

/// Each family, with a small vocabulary in which much can be merged.
static TOKENIZERS: LazyLock<Vec<Tokenizer>> = LazyLock::new(|| {
    Pattern::NAMES
        .iter()
        .map(|name| tokenizer(name, false))
        .collect()
});
static NORMALISING: LazyLock<Tokenizer> = LazyLock::new(|| tokenizer("qwen2", true));

fn tokenizer(name: &str, nfc: bool) -> Tokenizer {
    let mut tokens: Vec<Vec<u8>> = (0..=255u8).map(|byte| vec![byte]).collect();
    let merged = [
        "aa", "ab", "aaa", " a", "  ", "\n\n", ". ", "中", "。", "he", "the", "!!",
    ];
    tokens.extend(merged.iter().map(|token| token.as_bytes().to_vec()));
    let ranked = tokens.into_iter().zip(0..);
    let ranked = ranked.map(|(token, rank)| (token, rank, rank)).collect();
    let vocabulary = Vocabulary::from_tokens(ranked).expect("a vocabulary");
    Tokenizer::new(vocabulary, Split::new(name).expect("a family"), nfc)
}

const PIECES: &[&str] = &[
    "a", "b", "the", "A", "é", "中", "文", "1", "23", ".", "!", "?", "。", "'", "r", "'s", " ",
    "  ", "\t", "\n", "\n\n", "\r\n", "\u{3000}", "\0", "\u{378}", "\u{301}", "\u{200d}", "👨",
    "가", "ᆨ", "\u{1100}", "/", "ſ", "中AA", "word ", "word, ", "Mr",
];

fn text(pieces: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        12 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    let repeated = (
        piece,
        prop_oneof![12 => Just(1), 2 => 1..70usize, 1 => 1..1500usize],
    );
    proptest::collection::vec(
        repeated.prop_map(|(piece, times)| piece.repeat(times)),
        0..pieces,
    )
    .prop_map(|pieces| pieces.concat())
}

/// A span, as shares of a text, and what replaces it. Most are short.
type Change = (f64, f64, String);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let length = prop_oneof![4 => Just(0.0), 8 => 0.0..0.01f64, 1 => 0.0..=1f64];
    let start = prop_oneof![8 => 0.0..=1f64, 1 => Just(0.0), 1 => Just(1.0)];
    let new = prop_oneof![2 => Just(String::new()), 8 => text(3), 1 => text(20)];
    proptest::collection::vec((start, length, new), 1..12)
}

fn rope(tokenizer: &Tokenizer, text: &str) -> Result<Rope, Error> {
    Ok(Rope::of(Block::Whole {
        map: Arc::new(TextMap::of_tokens(tokenizer, text)?),
        text: Box::new(text.to_owned()),
    }))
}

fn floor(text: &str, share: f64) -> usize {
    let at = (share * text.len() as f64) as usize;
    (0..=at).rfind(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Checks a text that was edited against an index of it.
fn check(tokenizer: &Tokenizer, rope: &Rope, text: &str, at: usize) -> Result<(), TestCaseError> {
    prop_assert!(rope.text(0..rope.bytes()) == text, "another text");
    let map = TextMap::of_tokens(tokenizer, text).expect("a map");
    let index = Indexed::new(&map, tokenizer, text).expect("an index");
    let sums = rope.sums();
    prop_assert_eq!(
        (sums.bytes, sums.characters),
        (text.len(), map.chars.characters)
    );
    prop_assert_eq!(sums.tokens, map.tokens.total());
    let edited = Edited { rope, tokenizer };
    let spans = [(0.2, 0.9), (0.4, 0.5), (0.0, 1.0)].map(|(a, b)| (floor(text, a), floor(text, b)));
    for (start, end) in spans.into_iter().chain([(0, at), (at, text.len())]) {
        prop_assert_eq!(
            edited.count(start, end).expect("a count"),
            index.count(start, end),
            "{:?}",
            start..end
        );
        for limit in [0, 3, 1000, usize::MAX] {
            prop_assert_eq!(
                edited.end(start, limit).expect("an end"),
                index.end(start, limit)
            );
        }
        prop_assert_eq!(rope.character(end), text[..end].chars().count());
        prop_assert_eq!(rope.byte(rope.character(end)), end);
    }
    let (whole, rebuilt) = edited.whole();
    prop_assert!(whole == text);
    let listed = |map: &TextMap| -> Vec<_> {
        map.tokens
            .iter()
            .map(|end| (end, map.tokens.sum(end)))
            .collect()
    };
    let (found, expected) = (listed(&rebuilt), listed(&map));
    let differs = found
        .iter()
        .zip(&expected)
        .find(|(found, expected)| found != expected);
    prop_assert!(found == expected, "{:?}", differs);
    Ok(())
}

fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|n| n.parse().ok());
    ProptestConfig::with_cases(cases.unwrap_or(20))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn counts_as_if_the_text_had_always_been_so(text in text(60), changes in changes()) {
        for tokenizer in &*TOKENIZERS {
            let (mut text, mut rope) = (text.clone(), rope(tokenizer, &text).expect("a rope"));
            for (start, length, new) in &changes {
                let (start, end) = (floor(&text, *start), floor(&text, (start + length).min(1.0)));
                let (edited, edit) = Edited { rope: &rope, tokenizer }.replace(start..end, new).expect("an edit");
                let old: Vec<char> = text.chars().collect();
                let before = rope.sums().tokens;
                text.replace_range(start..end, new);
                rope = edited;
                check(tokenizer, &rope, &text, start)?;
                prop_assert_eq!(rope.sums().tokens + edit.old_tokens, before + edit.new_tokens);
                let new: Vec<char> = text.chars().collect();
                prop_assert!(old[..edit.start] == new[..edit.start]);
                prop_assert!(old[edit.old_end..] == new[edit.new_end..]);
            }
        }
    }

    #[test]
    fn refuses_a_text_that_would_be_normalised(text in text(20), changes in changes()) {
        let tokenizer = &*NORMALISING;
        let mut text = tokenizer.normalize(&text).into_owned();
        let mut rope = rope(tokenizer, &text).expect("a normal text");
        for (start, length, new) in &changes {
            let (start, end) = (floor(&text, *start), floor(&text, (start + length).min(1.0)));
            let mut changed = text.clone();
            changed.replace_range(start..end, new);
            match (Edited { rope: &rope, tokenizer }).replace(start..end, new) {
                Ok((edited, _)) => {
                    prop_assert!(*tokenizer.normalize(&changed) == *changed);
                    (text, rope) = (changed, edited);
                    check(tokenizer, &rope, &text, start)?;
                }
                Err(Error::NotIndexable) => prop_assert!(*tokenizer.normalize(&changed) != *changed),
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    #[test]
    fn counts_a_text_that_grows(texts in proptest::collection::vec(text(12), 1..12), split in any::<bool>()) {
        for tokenizer in TOKENIZERS.iter().chain([&*NORMALISING]) {
            let (mut session, mut text) = (Session::default(), String::new());
            let whole = texts.iter().map(String::as_str);
            let additions: Vec<&str> = if split {
                let characters = whole.flat_map(|text| text.split_inclusive(|_: char| true));
                characters.take(1000).collect()
            } else {
                whole.collect()
            };
            for more in additions {
                session.append(tokenizer, "?", false).expect("a total");
                session.append(tokenizer, more, true).expect("a total");
                text += more;
                prop_assert_eq!(session.total(), tokenizer.count(&text).expect("a count"));
            }
        }
    }
}
