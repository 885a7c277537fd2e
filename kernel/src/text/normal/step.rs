//! The steps of a normalizer, as `tokenizers` has them: from a text to a text.

use crate::text::nfc;
use crate::text::normal::bert::Bert;
use crate::text::normal::charsmap::Charsmap;
use unicode_normalization_alignments::UnicodeNormalization;
use unicode_normalization_alignments::char::is_combining_mark;

pub enum Step {
    Bert(Bert),
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
    Lowercase,
    StripAccents,
    Nmt,
    /// White space at the ends of a text is removed.
    Strip {
        left: bool,
        right: bool,
    },
    /// A string, which is not empty, by another.
    Replace {
        pattern: String,
        content: String,
    },
    /// Runs of white space by a string.
    ReplaceRuns {
        runs: Runs,
        content: String,
    },
    /// Something before a text that is not empty.
    Prepend(String),
    Charsmap(Charsmap),
}

/// Which runs are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runs {
    /// Of spaces alone; else of all white space.
    pub spaces: bool,
    /// The shortest, in characters.
    pub min: usize,
}

impl Step {
    /// Appends what the step makes of a text.
    pub fn apply(&self, text: &str, is_first: bool, out: &mut String) {
        match self {
            Step::Bert(bert) => bert.normalize(text, out),
            Step::Nfc => out.push_str(&nfc::normalize(text)),
            Step::Nfd | Step::Nfkc | Step::Nfkd if text.is_ascii() => out.push_str(text),
            Step::Nfd => out.extend(text.nfd().map(|(c, _)| c)),
            Step::Nfkc => out.extend(text.nfkc().map(|(c, _)| c)),
            Step::Nfkd => out.extend(text.nfkd().map(|(c, _)| c)),
            Step::Lowercase => out.extend(text.chars().flat_map(char::to_lowercase)),
            Step::StripAccents => out.extend(text.chars().filter(|&c| !is_combining_mark(c))),
            Step::Nmt => out.extend(text.chars().filter_map(nmt)),
            Step::Strip { left, right } => {
                let text = if *left && is_first {
                    text.trim_start()
                } else {
                    text
                };
                out.push_str(if *right { text.trim_end() } else { text });
            }
            Step::Replace { pattern, content } => {
                let mut from = 0;
                for (at, found) in text.match_indices(pattern.as_str()) {
                    out.push_str(&text[from..at]);
                    out.push_str(content);
                    from = at + found.len();
                }
                out.push_str(&text[from..]);
            }
            Step::ReplaceRuns { runs, content } => runs.replace(text, content, out),
            Step::Prepend(prefix) => {
                if is_first && !text.is_empty() {
                    out.push_str(prefix);
                }
                out.push_str(text);
            }
            Step::Charsmap(charsmap) => charsmap.apply_to_clusters(text, out),
        }
    }

    /// How many bytes a byte of a text becomes, at most.
    pub(super) fn growth(&self) -> usize {
        match self {
            Step::Replace { pattern, content } => content.len().div_ceil(pattern.len()),
            Step::ReplaceRuns { runs, content } => content.len().div_ceil(runs.min),
            Step::Charsmap(charsmap) => charsmap.growth(),
            // U+FDFA, of three bytes, has a form of 33.
            Step::Nfkc | Step::Nfkd => 11,
            Step::Nfc | Step::Nfd => 3,
            // A space on both sides, canonical decomposition, and small letters.
            Step::Bert(_) => 12,
            Step::Lowercase => 2,
            Step::StripAccents | Step::Nmt | Step::Strip { .. } | Step::Prepend(_) => 1,
        }
    }

    pub(super) fn has_first(&self) -> bool {
        matches!(self, Step::Prepend(_) | Step::Strip { left: true, .. })
    }
}

/// The step that `tokenizers` calls Nmt: a control character is removed, a kind of space is a space.
fn nmt(c: char) -> Option<char> {
    match u32::from(c) {
        0x01..=0x08 | 0x0b | 0x0e..=0x1f | 0x7f | 0x8f | 0x9f => None,
        0x09 | 0x0a | 0x0c | 0x0d | 0x1680 | 0x200b..=0x200f => Some(' '),
        0x2028 | 0x2029 | 0x2581 | 0xfeff | 0xfffd => Some(' '),
        _ => Some(c),
    }
}

impl Runs {
    fn replace(self, text: &str, content: &str, out: &mut String) {
        let is_in = |c: char| {
            if self.spaces {
                c == ' '
            } else {
                c.is_whitespace()
            }
        };
        let mut rest = text;
        while let Some(start) = rest.find(is_in) {
            let (before, from) = rest.split_at(start);
            let run = from.find(|c| !is_in(c)).unwrap_or(from.len());
            let (run, after) = from.split_at(run);
            out.push_str(before);
            out.push_str(if run.chars().count() >= self.min {
                content
            } else {
                run
            });
            rest = after;
        }
        out.push_str(rest);
    }
}
