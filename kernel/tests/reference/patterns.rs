//! The split patterns as regular expressions: what the scanner is compared with.

use _kernel::split::level::Level;
use _kernel::split::pattern::Pattern;
use _kernel::split::pretokens::{Batch, Pretokens};
use fancy_regex::Regex;
use std::sync::LazyLock;

/// The families' patterns, as `ctxtools/encodings/files/patterns.py` has them.
pub const REGEXES: [(&str, &str); 9] = [
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
        r###"\p{N}{1,3}|[一-龥぀-ゟ゠-ヿ&&[^\p{L}\p{M}\p{P}\p{S}]]?[\p{L}\p{M}&&[一-龥぀-ゟ゠-ヿ]]+|[\p{P}\p{S}&&[一-龥぀-ゟ゠-ヿ]]+|[一-龥぀-ゟ゠-ヿ&&[^\p{L}\p{M}\p{P}\p{S}]]+(?![\p{L}\p{M}&&[一-龥぀-ゟ゠-ヿ]])|[一-龥぀-ゟ゠-ヿ&&[^\p{L}\p{M}\p{P}\p{S}]]|[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{N}\p{P}\p{S}一-龥぀-ゟ゠-ヿ]?[\p{L}\p{M}&&[^一-龥぀-ゟ゠-ヿ]]+| ?[\p{P}\p{S}&&[^一-龥぀-ゟ゠-ヿ]]+[\r\n]*|\s*[\r\n]+|\s+(?![^\s\p{N}一-龥぀-ゟ゠-ヿ])|\s+|[^\s\p{L}\p{M}\p{N}\p{P}\p{S}一-龥぀-ゟ゠-ヿ]+(?![\p{L}\p{M}&&[^一-龥぀-ゟ゠-ヿ]])|[^\s\p{L}\p{M}\p{N}\p{P}\p{S}一-龥぀-ゟ゠-ヿ]"###,
    ),
];

/// Each family, as the scanner and as a regular expression have it.
pub static FAMILIES: LazyLock<Vec<(Pattern, Regex)>> = LazyLock::new(|| {
    let family = |(name, regex): &(&str, &str)| {
        (
            Pattern::named(name).expect("a family"),
            Regex::new(regex).expect("a pattern"),
        )
    };
    REGEXES.iter().map(family).collect()
});

/// The ends of the pretokens, as the kernel finds them.
pub fn ends(pattern: &Pattern, text: &str, level: Level) -> Vec<usize> {
    let mut pretokens = Pretokens::new(pattern, text.as_bytes(), level);
    let (mut batch, mut ends): (Batch, _) = ([0; _], Vec::new());
    loop {
        match pretokens.fill(&mut batch) {
            0 => return ends,
            n => ends.extend_from_slice(&batch[..n]),
        }
    }
}
