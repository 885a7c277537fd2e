//! The normalizer of a SentencePiece model.
//!
//! From the start of the text on, a user-defined symbol is taken as it is, else the longest key of the
//! table of replacements is replaced, else a character is taken. Spaces are counted, marked and
//! removed in what comes out of that.

use crate::text::normal::charsmap::Charsmap;
use crate::text::trie::Trie;

/// What a space is written as.
pub const MARK: char = '▁';

/// A model's `normalizer_spec`, with what else of the model bears on it.
pub struct Spec<'a> {
    /// Empty if characters are left as they are.
    pub precompiled_charsmap: &'a [u8],
    pub user_defined_symbols: &'a [&'a str],
    pub add_dummy_prefix: bool,
    pub remove_extra_whitespaces: bool,
    pub escape_whitespaces: bool,
    pub treat_whitespace_as_suffix: bool,
}

pub struct SentencePiece {
    pub(super) charsmap: Option<Charsmap>,
    pub(super) user_defined: Trie,
    pub(super) symbols: Box<[Box<str>]>,
    pub(super) add_dummy_prefix: bool,
    pub(super) remove_extra_whitespaces: bool,
    pub(super) escape_whitespaces: bool,
    pub(super) treat_whitespace_as_suffix: bool,
}

impl SentencePiece {
    /// None if the table of replacements is none.
    pub fn new(spec: &Spec) -> Option<Self> {
        let charsmap = match spec.precompiled_charsmap {
            [] => None,
            table => Some(Charsmap::new(table)?),
        };
        let symbols = spec.user_defined_symbols;
        Some(SentencePiece {
            charsmap,
            user_defined: Trie::new(symbols.iter().copied().zip(0..)).ok()?,
            symbols: symbols.iter().copied().map(Box::from).collect(),
            add_dummy_prefix: spec.add_dummy_prefix,
            remove_extra_whitespaces: spec.remove_extra_whitespaces,
            escape_whitespaces: spec.escape_whitespaces,
            treat_whitespace_as_suffix: spec.treat_whitespace_as_suffix,
        })
    }

    /// What the start of a text is replaced by, and the length of what is replaced.
    fn prefix<'a>(&'a self, text: &'a str) -> (&'a str, usize) {
        if let Some((length, _)) = self.user_defined.longest_prefix(text.as_bytes()) {
            return (&text[..length], length);
        }
        if let Some((length, normal)) = self.charsmap.as_ref().and_then(|map| map.longest(text)) {
            return (normal, length);
        }
        let length = text.chars().next().map_or(0, char::len_utf8);
        (&text[..length], length)
    }

    pub(super) fn normalize(&self, word: &str, is_first: bool, out: &mut String) {
        let mut rest = word;
        let removes_first = self.remove_extra_whitespaces && is_first;
        if removes_first {
            while let (" ", length) = self.prefix(rest) {
                rest = &rest[length..];
            }
            if rest.is_empty() {
                return;
            }
        }
        if word.is_empty() {
            return;
        }
        let start = out.len();
        let space = if self.escape_whitespaces { MARK } else { ' ' };
        if self.add_dummy_prefix && is_first && !self.treat_whitespace_as_suffix {
            out.push(space);
        }
        let mut is_after_space = removes_first;
        while !rest.is_empty() {
            let (mut normal, length) = self.prefix(rest);
            if is_after_space {
                normal = normal.trim_start_matches(' ');
            }
            if !normal.is_empty() {
                out.extend(normal.chars().map(|c| if c == ' ' { space } else { c }));
                is_after_space = self.remove_extra_whitespaces && normal.ends_with(' ');
            }
            rest = &rest[length..];
        }
        if self.remove_extra_whitespaces {
            let kept = out[start..].trim_end_matches(space).len();
            out.truncate(start + kept);
        }
        if self.add_dummy_prefix && self.treat_whitespace_as_suffix {
            out.push(space);
        }
    }

    pub(super) fn has_first(&self) -> bool {
        self.remove_extra_whitespaces || (self.add_dummy_prefix && !self.treat_whitespace_as_suffix)
    }
}
