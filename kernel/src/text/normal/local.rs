//! Where a raw text may be split so that its normal form is that of the sides, one after the other.
//!
//! At an offset with the character `before` on its left and `after` on its right, where the right
//! side is normalized as not the first. Two things are followed through
//! the steps; where one of them cannot be shown to hold, the offset is no boundary.
//!
//! - *The head of the right side*: that it begins with a character which no step moves, removes or
//!   joins to the one before it, whatever follows. A space has to stay a space, or become its mark.
//!   Composition and the ordering of marks never reach over such a character.
//! - *The tail of the left side*: that it ends with a character which is no white space and no mark of
//!   a space, so that runs of those lie on one side, and stripping ends there. For a charsmap it also
//!   has to be one that ends a grapheme cluster and begins none, so that clusters lie on one side.

use crate::text::graphemes::is_plain;
use crate::text::normal::sentencepiece::{MARK, SentencePiece};
use crate::text::normal::step::Step;
use crate::text::normal::{Kind, Normalizer};
use crate::text::unicode::{NOT_INERT, lookup};
use unicode_normalization_alignments::char::canonical_combining_class;
use unicode_segmentation::UnicodeSegmentation;

/// What the right side begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// A space or its mark.
    Space,
    Known(char),
    /// A character that is neither white space nor a mark of a space.
    Other,
}

impl Head {
    fn of(c: char) -> Option<Head> {
        match c {
            ' ' | MARK => Some(Head::Space),
            _ if canonical_combining_class(c) != 0 => None,
            _ => Some(Head::Known(c)),
        }
    }

    fn may_be(self, c: char) -> bool {
        match self {
            Head::Space => c == ' ' || c == MARK,
            Head::Known(head) => c == head,
            Head::Other => !is_spacing(c),
        }
    }
}

fn is_spacing(c: char) -> bool {
    c == MARK || c.is_whitespace()
}

impl Normalizer {
    /// Whether every offset before this character is a boundary, whatever is on its left.
    pub fn is_local_before(&self, after: char) -> bool {
        let Kind::Steps(steps) = &self.0 else {
            return false;
        };
        let sees_left = |step: &Step| match step {
            Step::Strip { .. } | Step::ReplaceRuns { .. } | Step::Charsmap(_) => true,
            Step::Replace { pattern, .. } => pattern.chars().nth(1).is_some(),
            _ => false,
        };
        !steps.iter().any(sees_left) && head(steps, after).is_some()
    }

    /// Whether offsets before spaces are boundaries, after some characters: those that
    /// [end words](Self::ends_words).
    pub fn splits_at_spaces(&self) -> bool {
        self.ends_words('a')
    }

    /// Whether every offset before a space that follows this character is a boundary: one from which on
    /// the normal form begins with a space or its mark. The other side has one that is not empty.
    pub fn ends_words(&self, before: char) -> bool {
        match &self.0 {
            Kind::Steps(steps) => {
                head(steps, ' ') == Some(Head::Space) && tail(steps, before).is_some()
            }
            Kind::SentencePiece(normalizer) => normalizer.ends_words(before),
        }
    }

    /// Whether every space that is left becomes a mark.
    pub fn marks_spaces(&self) -> bool {
        matches!(&self.0, Kind::SentencePiece(normalizer) if normalizer.escape_whitespaces)
    }

    /// Whether a character is left as it is, and every offset between two of which this holds is a
    /// boundary.
    pub fn is_plain(&self, c: char) -> bool {
        if !is_plain(c.into()) || is_spacing(c) || lookup(c.into()) & NOT_INERT != 0 {
            return false;
        }
        match &self.0 {
            Kind::Steps(steps) => {
                let mut normal = String::new();
                self.normalize(c.encode_utf8(&mut [0; 4]), false, &mut normal);
                normal.chars().eq([c])
                    && tail(steps, c) == Some(c)
                    && matches!(head(steps, c), Some(Head::Known(_) | Head::Other))
            }
            Kind::SentencePiece(normalizer) => normalizer.is_plain(c),
        }
    }
}

fn head(steps: &[Step], after: char) -> Option<Head> {
    steps.iter().try_fold(Head::of(after)?, head_after)
}

/// What a step makes of the head.
fn head_after(head: Head, step: &Step) -> Option<Head> {
    let alone = |c: char| {
        let mut normal = String::new();
        step.apply(c.encode_utf8(&mut [0; 4]), false, &mut normal);
        Head::of(normal.chars().next()?)
    };
    match (step, head) {
        (Step::Prepend(_) | Step::Strip { .. }, _) => Some(head),
        (Step::Replace { pattern, content }, _) => {
            let mut chars = pattern.chars();
            let first = chars.next()?;
            let mut before = first;
            for c in chars {
                if head.may_be(c) && !is_spacing(before) {
                    return None;
                }
                before = c;
            }
            if !head.may_be(first) {
                return Some(head);
            }
            match (Head::of(content.chars().next()?)?, head) {
                (Head::Space, Head::Space) => Some(Head::Space),
                (Head::Known(c), Head::Known(_) | Head::Other) if !is_spacing(c) => {
                    Some(Head::Other)
                }
                _ => None,
            }
        }
        (Step::ReplaceRuns { content, .. }, Head::Space) => {
            matches!(content.chars().next(), Some(' ' | MARK)).then_some(Head::Space)
        }
        (Step::ReplaceRuns { .. }, Head::Known(c)) if is_spacing(c) => None,
        (Step::ReplaceRuns { .. }, _) => Some(head),
        (Step::Charsmap(charsmap), Head::Space) => {
            (charsmap.keeps_spaces() && alone(' ')? == Head::Space && alone(MARK)? == Head::Space)
                .then_some(Head::Space)
        }
        (Step::Charsmap(_), Head::Known(c)) => {
            let is_it = is_plain(c.into()) && !is_spacing(c) && alone(c)? == head;
            is_it.then_some(Head::Other)
        }
        (Step::Charsmap(_), Head::Other) => None,
        // These make one starter or more of a starter, by itself; composition goes on from it.
        (_, Head::Space) => {
            (alone(' ')? == Head::Space && alone(MARK)? == Head::Space).then_some(Head::Space)
        }
        (Step::Nfc | Step::Nfkc, Head::Known(c)) => {
            let is_it = lookup(c.into()) & NOT_INERT == 0 && alone(c)? == head && !is_spacing(c);
            is_it.then_some(Head::Other)
        }
        (_, Head::Known(c)) => alone(c),
        (Step::Lowercase, Head::Other) => Some(Head::Other),
        (_, Head::Other) => None,
    }
}

/// The character that the left side ends with.
fn tail(steps: &[Step], before: char) -> Option<char> {
    let mut tail = before;
    for step in steps {
        if is_spacing(tail) {
            return None;
        }
        tail = match step {
            Step::Prepend(_) | Step::Strip { .. } | Step::ReplaceRuns { .. } => tail,
            Step::Replace { pattern, .. } => (!pattern.contains(tail)).then_some(tail)?,
            Step::Nfc | Step::Nfkc if lookup(tail.into()) & NOT_INERT != 0 => return None,
            Step::Charsmap(_) if !is_cluster(tail) => return None,
            _ => {
                let mut normal = String::new();
                step.apply(tail.encode_utf8(&mut [0; 4]), false, &mut normal);
                normal.chars().next_back()?
            }
        };
    }
    (!is_spacing(tail) && canonical_combining_class(before) == 0).then_some(tail)
}

/// Whether a character joins neither the one before it nor the one after, if that is a space or plain.
fn is_cluster(c: char) -> bool {
    is_plain(c.into()) || format!("a{c}a").graphemes(true).count() == 3
}

impl SentencePiece {
    fn ends_words(&self, before: char) -> bool {
        let mut buffer = [0; 4];
        let before_alone = match &self.charsmap {
            Some(charsmap) if charsmap.joins(' ') || charsmap.ends_in_space(before) => {
                return false;
            }
            Some(charsmap) => charsmap.of_char(before, &mut buffer),
            None => &*before.encode_utf8(&mut buffer),
        };
        let is_end = |c: char| !is_spacing(c);
        let keeps_spaces = self.charsmap.as_ref().is_none_or(|map| map.keeps_spaces());
        let joins = |symbol: &str| symbol.char_indices().any(|(i, c)| i > 0 && is_spacing(c));
        keeps_spaces
            && before_alone.chars().next_back().is_some_and(is_end)
            && is_end(before)
            && !self
                .symbols
                .iter()
                .any(|symbol| joins(symbol) || symbol.starts_with(' '))
            && !self.treat_whitespace_as_suffix
    }

    fn is_plain(&self, c: char) -> bool {
        let mut buffer = [0; 4];
        let stays = match &self.charsmap {
            Some(map) => !map.joins(c) && map.of_char(c, &mut buffer).chars().eq([c]),
            None => true,
        };
        stays && !self.symbols.iter().any(|symbol| symbol.contains(c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::json::Value;
    use proptest::prelude::*;

    const SETTINGS: [&str; 8] = [
        r#"{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"lowercase":true}"#,
        r#"{"type":"NFC"}"#,
        r#"{"type":"Sequence","normalizers":[{"type":"NFKD"},{"type":"StripAccents"},{"type":"Lowercase"}]}"#,
        r#"{"type":"Sequence","normalizers":[{"type":"Nmt"},{"type":"NFKC"},{"type":"Strip","strip_left":true,"strip_right":true},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"▁"}]}"#,
        r#"{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"#,
        r#"{"type":"Sequence","normalizers":[{"type":"Replace","pattern":{"String":"``"},"content":"\""},{"type":"NFD"},{"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "}]}"#,
        r#"{"type":"Sequence","normalizers":[{"type":"Replace","pattern":{"String":"ab c"},"content":"x"},{"type":"Lowercase"}]}"#,
        r#"{"type":"Strip","strip_left":false,"strip_right":true}"#,
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_sides_join_to_the_whole(
            text in "[ a-c`\u{300}-\u{303}\u{3099}\u{323}かきが中é▁\u{3000}\n가각각A-CﬁÅ\u{85}\0\u{fffd}]{0,12}|.{0,9}",
        ) {
            for settings in SETTINGS {
                let value = Value::parse(settings).expect("JSON");
                let normalizer = Normalizer::from_json(&value).expect("known steps");
                let mut whole = String::new();
                normalizer.normalize(&text, true, &mut whole);
                let (mut joined, mut start) = (String::new(), 0);
                let mut before = None;
                for (at, after) in text.char_indices() {
                    let Some(before) = before.replace(after) else { continue };
                    let is_boundary = normalizer.is_local_before(after)
                        || (after == ' ' && normalizer.ends_words(before))
                        || (normalizer.is_plain(before) && normalizer.is_plain(after));
                    if is_boundary {
                        normalizer.normalize(&text[start..at], start == 0, &mut joined);
                        start = at;
                    }
                }
                normalizer.normalize(&text[start..], start == 0, &mut joined);
                prop_assert_eq!(&joined, &whole, "{}: {:?}", settings, text);
            }
        }
    }
}
