//! BERT's normalizer: controls are removed, white space is a space, Chinese characters stand alone,
//! accents are stripped, and letters are small.
//!
//! The categories of characters are those of `tokenizers`, from the crate that it has them of.

use crate::text::json::Value;
use unicode_categories::UnicodeCategories;
use unicode_normalization_alignments::UnicodeNormalization;
use unicode_normalization_alignments::char::{canonical_combining_class, decompose_canonical};

pub struct Bert {
    clean_text: bool,
    handle_chinese_chars: bool,
    strip_accents: bool,
    lowercase: bool,
}

impl Bert {
    pub fn from_json(value: &Value<'_>) -> Option<Self> {
        let flag = |key| value.get(key)?.as_bool();
        let lowercase = flag("lowercase")?;
        let strip_accents = match value.get("strip_accents") {
            None => lowercase,
            Some(value) if value.is_null() => lowercase,
            Some(value) => value.as_bool()?,
        };
        Some(Bert {
            clean_text: flag("clean_text")?,
            handle_chinese_chars: flag("handle_chinese_chars")?,
            strip_accents,
            lowercase,
        })
    }

    /// See [`super::Normalizer::is_local_before`]: only the order of combining characters depends on
    /// what is around them.
    pub fn is_local_before(&self, c: char) -> bool {
        let mut first = None;
        decompose_canonical(c, |c| _ = first.get_or_insert(c));
        !self.strip_accents || first.is_none_or(|c| canonical_combining_class(c) == 0)
    }

    pub fn normalize(&self, word: &str, out: &mut String) {
        let cleaned = word.chars().filter(|&c| !self.clean_text || !is_removed(c));
        let cleaned = cleaned.map(|c| match c.is_whitespace() && self.clean_text {
            true => ' ',
            false => c,
        });
        let spaced = cleaned.flat_map(|c| {
            let space = (self.handle_chinese_chars && is_chinese(c)).then_some(' ');
            space.into_iter().chain([c]).chain(space)
        });
        if self.strip_accents && !word.is_ascii() {
            let decomposed = spaced.nfd().map(|(c, _)| c);
            self.push_all(decomposed.filter(|c| !c.is_mark_nonspacing()), out);
        } else {
            self.push_all(spaced, out);
        }
    }

    fn push_all(&self, chars: impl Iterator<Item = char>, out: &mut String) {
        if self.lowercase {
            out.extend(chars.flat_map(char::to_lowercase));
        } else {
            out.extend(chars);
        }
    }
}

fn is_removed(c: char) -> bool {
    !matches!(c, '\t' | '\n' | '\r') && (c == '\u{fffd}' || c.is_other())
}

/// By the blocks that BERT names.
fn is_chinese(c: char) -> bool {
    matches!(
        u32::from(c),
        0x3400..=0x4dbf
            | 0x4e00..=0x9fff
            | 0xf900..=0xfaff
            | 0x2_0000..=0x2_a6df
            | 0x2_a700..=0x2_b73f
            | 0x2_b740..=0x2_b81f
            | 0x2_b920..=0x2_ceaf
            | 0x2_f800..=0x2_fa1f
    )
}
