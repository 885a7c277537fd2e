//! The scanner, scalar and in blocks, against a regular expression engine.

use _kernel::split::level::Level;
use _kernel::split::pattern::Pattern;
use _kernel::split::pretokens::{Batch, Pretokens};
use _kernel::split::safe_split::is_safe_split;
use fancy_regex::Regex;
use proptest::prelude::*;
use std::sync::LazyLock;

/// The families' patterns, as `ctxtools/encodings/files/patterns.py` has them.
const REGEXES: [(&str, &str); 9] = [
    (
        "r50k",
        r###"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"###,
    ),
    (
        "cl100k",
        r###"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"###,
    ),
    (
        "llama3",
        r###"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"###,
    ),
    (
        "qwen2",
        r###"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"###,
    ),
    (
        "qwen35",
        r###"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"###,
    ),
    (
        "o200k",
        r###"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"###,
    ),
    (
        "tekken",
        r###"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"###,
    ),
    (
        "kimi",
        r###"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"###,
    ),
    (
        "deepseek",
        r###"\p{N}{1,3}|[一-龥぀-ゟ゠-ヿ]+|[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{N}\p{P}\p{S}一-龥぀-ゟ゠-ヿ]?[\p{L}\p{M}&&[^一-龥぀-ゟ゠-ヿ]]+| ?[\p{P}\p{S}&&[^一-龥぀-ゟ゠-ヿ]]+[\r\n]*|\s*[\r\n]+|\s+(?![^\s\p{N}一-龥぀-ゟ゠-ヿ])|\s+|[^\s\p{L}\p{M}\p{N}\p{P}\p{S}一-龥぀-ゟ゠-ヿ]+(?![\p{L}\p{M}&&[^一-龥぀-ゟ゠-ヿ]])|[^\s\p{L}\p{M}\p{N}\p{P}\p{S}一-龥぀-ゟ゠-ヿ]"###,
    ),
];

static FAMILIES: LazyLock<Vec<(Pattern, Regex)>> = LazyLock::new(|| {
    let family = |(name, regex): &(&str, &str)| {
        (
            Pattern::named(name).expect("a family"),
            Regex::new(regex).expect("a pattern"),
        )
    };
    REGEXES.iter().map(family).collect()
});

/// What the patterns tell apart, and what has surprised: characters of every class and width, the
/// ends of ranges, case folding's long s, marks, joiners, spaces of all kinds.
const PIECES: &[&str] = &[
    "a",
    "b",
    "word",
    "the",
    "Word",
    "WORD",
    "A",
    "Z",
    "z",
    "s",
    "t",
    "re",
    "ll",
    "LL",
    "é",
    "É",
    "ß",
    "ſ",
    "K",
    "ǅ",
    "ʰ",
    "ª",
    "中",
    "文",
    "々",
    "〇",
    "⺀",
    "龥",
    "龦",
    "鿿",
    "一",
    "ー",
    "・",
    "カ",
    "ひ",
    "゙",
    "한",
    "글",
    "ก",
    "ั",
    "a\u{301}",
    "\u{301}",
    "\u{16ff0}",
    "я",
    "Я",
    "ا",
    "ّ",
    "0",
    "1",
    "7",
    "42",
    "123",
    "9999",
    "²",
    "½",
    "٣",
    "Ⅷ",
    "𝟘",
    "'",
    "'s",
    "'S",
    "'t",
    "'ll",
    "'Re",
    "'ve",
    "'d",
    "'m",
    "'ſ",
    "''",
    ".",
    ",",
    "!",
    "/",
    "//",
    "(",
    ")",
    "=",
    "==",
    "_",
    "-",
    "#",
    "$",
    "+",
    "…",
    "。",
    "、",
    "“",
    "”",
    "«",
    "€",
    "😀",
    "👨\u{200d}👩\u{200d}👧",
    "\u{fe0f}",
    "\u{200b}",
    "\u{200d}",
    "\0",
    "\u{1}",
    "\u{7f}",
    "\u{85}",
    "\u{feff}",
    "\u{e000}",
    "\u{378}",
    "\u{10ffff}",
    " ",
    " ",
    " ",
    "  ",
    "    ",
    "\t",
    "\n",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\u{b}",
    "\u{c}",
    "\u{a0}",
    "\u{2003}",
    "\u{2028}",
    "\u{3000}",
    "\u{1c}",
    "\u{180e}",
];

/// Text of few different pieces, each repeated sometimes, so that they meet often.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        2 => "[a-z]{1,9} ?",
        1 => any::<char>().prop_map(String::from),
    ];
    let repeated = (piece, prop_oneof![9 => Just(1), 1 => 1..70usize])
        .prop_map(|(piece, times)| piece.repeat(times));
    proptest::collection::vec(repeated, 0..60).prop_map(|pieces| pieces.concat())
}

fn ends(pattern: &Pattern, text: &str, level: Level) -> Vec<usize> {
    let mut pretokens = Pretokens::new(pattern, text.as_bytes(), level);
    let (mut batch, mut ends): (Batch, _) = ([0; _], Vec::new());
    loop {
        match pretokens.fill(&mut batch) {
            0 => return ends,
            n => ends.extend_from_slice(&batch[..n]),
        }
    }
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
