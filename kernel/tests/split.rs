//! The scanner, scalar and in blocks, against a regular expression engine.

#[path = "reference/patterns.rs"]
mod reference;

use _kernel::index::resplit::LOOK_AHEAD;
use _kernel::split::level::Level;
use _kernel::split::safe_split::is_safe_split;
use proptest::prelude::*;
use reference::{FAMILIES, REGEXES, ends};

/// What the patterns tell apart, and what has surprised: characters of every class and width, the
/// ends of ranges, case folding's long s, marks, joiners, spaces of all kinds.
const PIECES: &[&str] = &[
    "a", "b", "word", "the", "Word", "WORD", "A", "Z", "z", "s", "t", "re", "ll", "LL", "é", "É",
    "ß", "ſ", "K", "ǅ", "ʰ", "ª", "中", "文", "々", "〇", "⺀", "龥", "龦", "鿿", "一", "ー", "・",
    "カ", "ひ", "゙", "한", "글", "ก", "ั", "a\u{301}", "\u{301}", "я", "Я", "ا", "ّ", "0", "1", "7",
    "42", "123", "9999", "²", "½", "٣", "Ⅷ", "𝟘", "'", "'s", "'S", "'t", "'ll", "'Re", "'ve", "'d",
    "'m", "'ſ", "''", ".", ",", "!", "/", "//", "(", ")", "=", "==", "_", "-", "#", "$", "+", "…",
    "。", "、", "“", "”", "«", "€", "😀", "\u{fe0f}", "\u{200b}", "\u{200d}", "\0", "\u{1}",
    "\u{7f}", "\u{85}", "\u{feff}", "\u{e000}", "\u{378}", " ", " ", " ", "  ", "    ", "\t", "\n",
    "\n", "\r", "\r\n", "\n\n", "\u{b}", "\u{c}", "\u{a0}", "\u{2003}", "\u{2028}", "\u{3000}",
    "\u{1c}", "\u{180e}",
];
const LONGER_PIECES: &[&str] = &["\u{16ff0}", "👨\u{200d}👩\u{200d}👧", "\u{10ffff}"];

/// Text of few different pieces, each repeated sometimes, so that they meet often.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => proptest::sample::select([PIECES, LONGER_PIECES].concat()).prop_map(str::to_owned),
        2 => "[a-z]{1,9} ?",
        1 => any::<char>().prop_map(String::from),
        1 => row(),
    ];
    let repeated = (piece, prop_oneof![9 => Just(1), 1 => 1..70usize])
        .prop_map(|(piece, times)| piece.repeat(times));
    proptest::collection::vec(repeated, 0..60).prop_map(|pieces| pieces.concat())
}

/// Some of 64 characters that differ in their last bytes alone, as those of most scripts do.
fn row() -> impl Strategy<Value = String> {
    (2..0x400u32, proptest::collection::vec(0..64u32, 1..30)).prop_map(|(row, last)| {
        let characters = last.into_iter().map(|last| row << 6 | last);
        characters.filter_map(char::from_u32).collect()
    })
}

fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|n| n.parse().ok());
    ProptestConfig::with_cases(cases.unwrap_or(400))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn splits_as_the_regular_expression_does(text in text()) {
        for ((pattern, regex), (name, _)) in FAMILIES.iter().zip(REGEXES) {
            let expected: Vec<usize> =
                regex.find_iter(&text).map(|found| found.unwrap().end()).collect();
            for level in Level::all() {
                prop_assert_eq!(&ends(pattern, &text, level), &expected, "{} {:?}", name, level);
            }
        }
    }

    #[test]
    fn what_follows_three_pretokens_changes_none_before_them(
        start in text(),
        following in text(),
        other in text(),
    ) {
        for (pattern, _) in FAMILIES.iter() {
            let one = ends(pattern, &format!("{start}{following}"), Level::Scalar);
            let another = ends(pattern, &format!("{start}{other}"), Level::Scalar);
            let kept = one.iter().filter(|&&end| end <= start.len()).count();
            let kept = kept.saturating_sub(LOOK_AHEAD);
            prop_assert_eq!(&one[..kept], &another[..kept.min(another.len())]);
        }
    }

    #[test]
    fn a_text_may_be_split_where_it_is_safe(left in text(), right in text()) {
        let text = left + &right;
        for (pattern, _) in FAMILIES.iter() {
            let whole = ends(pattern, &text, Level::Scalar);
            for at in (1..text.len()).filter(|&at| is_safe_split(text.as_bytes(), at)) {
                let before = ends(pattern, &text[..at], Level::best());
                let after = ends(pattern, &text[at..], Level::best());
                let joined = before.into_iter().chain(after.into_iter().map(|end| end + at));
                prop_assert!(joined.eq(whole.iter().copied()), "split at {}", at);
            }
        }
    }
}
