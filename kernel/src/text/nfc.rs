//! Unicode's composed form (NFC), for tokenizers that ask for it (Qwen).
//!
//! Nearly all text is in this form already, and finding that out is all that is done to it. Where it
//! is not, only the characters around are normalised, by the crate that the reference tokenizer
//! uses, so that both know the same characters; what the usual marks make of ASCII is in tables that are
//! made of it.
//!
//! A character is *inert* if NFC never changes, moves or joins it to the one before it. So texts may
//! be normalised independently before and from an inert character on.

use crate::text::unicode::{NOT_INERT, decode, decode_before, lookup};
use std::borrow::Cow;
use std::sync::LazyLock;
use unicode_normalization_alignments::UnicodeNormalization;
use unicode_normalization_alignments::char::{
    canonical_combining_class, compose, decompose_canonical,
};

/// Where the block of combining diacritical marks starts, and how many characters it has.
const FIRST_MARK: u32 = 0x300;
const MARKS: usize = 0x70;
/// As many marks after one character are put in order here.
const MAX_MARKS: usize = 16;

/// What NFC does with the marks of that block after ASCII.
struct Marks {
    /// The class by which marks are ordered, and the number of the mark that one is composed as; a class of
    /// 0 for those that are not as simple.
    ordered: [(u8, u8); MARKS],
    /// What an ASCII character and a mark are together, or 0.
    composed: Box<[[u16; MARKS]; 128]>,
}

static LATIN: LazyLock<Marks> = LazyLock::new(Marks::new);

impl Marks {
    fn new() -> Self {
        let mark = |number: usize| char::from_u32(FIRST_MARK + number as u32);
        let ordered = |number| {
            let (mut only, mut count) = ('\0', 0);
            decompose_canonical(mark(number)?, |c| (only, count) = (c, count + 1));
            let number = u32::from(only).checked_sub(FIRST_MARK)?;
            let is_simple = count == 1 && (number as usize) < MARKS;
            is_simple.then(|| (canonical_combining_class(only), number as u8))
        };
        let mut composed = Box::new([[0; MARKS]; 128]);
        for (ascii, row) in (0_u8..).zip(composed.iter_mut()) {
            for (number, slot) in row.iter_mut().enumerate() {
                let both = mark(number).and_then(|mark| compose(char::from(ascii), mark));
                *slot = both
                    .and_then(|c| u16::try_from(u32::from(c)).ok())
                    .unwrap_or(0);
            }
        }
        Marks {
            ordered: std::array::from_fn(|number| ordered(number).unwrap_or((0, 0))),
            composed,
        }
    }

    /// Appends the composed form of an ASCII character and the marks after it, and returns where those end;
    /// None if there are others, or too many.
    #[inline]
    fn push(&self, text: &[u8], starter: usize, normal: &mut String) -> Option<usize> {
        let ascii = text[starter];
        let (mut marks, mut n, mut at) = ([(0, 0); MAX_MARKS], 0, starter + 1);
        while let Some(&[lead @ (0xcc | 0xcd), second]) = text.get(at..at + 2)
            && let number = usize::from(lead & 1) << 6 | usize::from(second & 0x3f)
            && number < MARKS
        {
            let mark = self.ordered[number];
            if mark.0 == 0 || n == MAX_MARKS {
                return None;
            }
            // Marks of one class stay in their order.
            let mut slot = n;
            while slot > 0 && marks[slot - 1].0 > mark.0 {
                marks[slot] = marks[slot - 1];
                slot -= 1;
            }
            marks[slot] = mark;
            (n, at) = (n + 1, at + 2);
        }
        if !ascii.is_ascii() || decode(text, at).is_some_and(|(c, _)| lookup(c) & NOT_INERT != 0) {
            return None;
        }
        let (mut base, mut last, mut kept) = (char::from(ascii), 0, 0);
        for i in 0..n {
            let (order, number) = marks[i];
            let mark = char::from_u32(FIRST_MARK + u32::from(number))?;
            let both = match base {
                _ if last == order => None, // a mark of its class is between
                '\0'..='\x7f' => {
                    let both = self.composed[base as usize][usize::from(number)];
                    char::from_u32(both.into()).filter(|_| both != 0)
                }
                _ => compose(base, mark),
            };
            match both {
                Some(both) => base = both,
                None => {
                    marks[kept] = (order, number);
                    (last, kept) = (order, kept + 1);
                }
            }
        }
        normal.push(base);
        for &(_, number) in &marks[..kept] {
            normal.push(char::from_u32(FIRST_MARK + u32::from(number))?);
        }
        Some(at)
    }
}

pub fn normalize(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut normal = String::new();
    let mut done = 0;
    while let Some((starter, first)) = find_active(bytes, done) {
        normal.push_str(&text[done..starter]);
        done = match LATIN.push(bytes, starter, &mut normal) {
            Some(end) => end,
            None => {
                let end = inert_from(bytes, first);
                normal.extend(text[starter..end].nfc().map(|(c, _)| c));
                end
            }
        };
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    normal.push_str(&text[done..]);
    Cow::Owned(normal)
}

/// Whether the text is in composed form beyond doubt.
pub fn is_inert(text: &str) -> bool {
    find_active(text.as_bytes(), 0).is_none()
}

/// Where the first character from `from` on is that is not inert, after the offset of the character
/// before it, which it may change. Both are the same if there is none before it.
fn find_active(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let first = first_active(text, from)?;
    let before = decode_before(&text[from..], first - from);
    let starter = before.map_or(first, |(_, start)| from + start);
    Some((starter, first))
}

/// The first character from `at` on that is not inert.
fn first_active(text: &[u8], mut at: usize) -> Option<usize> {
    const BLOCK: usize = 32;
    while at < text.len() {
        // No early exit: this is a few vector instructions.
        if let Some(block) = text[at..].first_chunk::<{ BLOCK + 2 }>()
            && (0..BLOCK).fold(true, |all, i| {
                all & is_plain(block[i], block[i + 1], block[i + 2])
            })
        {
            at += BLOCK;
            continue;
        }
        let end = text.len().min(at + BLOCK);
        while at < end {
            if !is_plain(text[at], 0, 0)
                && let (c, _) = decode(text, at)?
                && lookup(c) & NOT_INERT != 0
            {
                return Some(at);
            }
            at += 1;
        }
    }
    None
}

/// Whether three bytes start no character, or one of a range in which all are inert: ideographs, the
/// punctuation beside them, and the most common punctuation beyond ASCII.
#[inline(always)]
fn is_plain(first: u8, second: u8, third: u8) -> bool {
    (first < 0xcc)
        | (first.wrapping_sub(0xe4) < 6)
        | (first.wrapping_sub(0xeb) < 2)
        | ((first == 0xe2) & (second == 0x80) & (third > 0x81))
        | ((first == 0xe3) & (second == 0x80) & (third < 0xaa))
        | ((first == 0xef) & (second > 0xbb))
}

/// The first inert character from `at` on, or the end.
fn inert_from(text: &[u8], mut at: usize) -> usize {
    while let Some((c, length)) = decode(text, at)
        && lookup(c) & NOT_INERT != 0
    {
        at += length;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reference(text: &str) -> String {
        text.nfc().map(|(c, _)| c).collect()
    }

    #[test]
    fn plain_bytes_start_inert_characters() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes);
            assert!(
                !is_plain(bytes[0], bytes[1], bytes[2]) || lookup(c as u32) & NOT_INERT == 0,
                "{c:?}"
            );
        }
    }

    #[test]
    fn every_two_marks_after_ascii() {
        for (a, b) in (0x300..0x370).flat_map(|a| (0x300..0x370).map(move |b| (a, b))) {
            let marks: String = [a, b].into_iter().filter_map(char::from_u32).collect();
            for starters in ["aeiouAEIOU", "cdnsyz<=q"] {
                let text: String = starters
                    .chars()
                    .flat_map(|c| format!("{c}{marks}").chars().collect::<Vec<_>>())
                    .collect();
                assert_eq!(normalize(&text), reference(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn every_character_alone_and_after_others() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = format!("{c}a{c}{c}\u{301}가{c}");
            assert_eq!(normalize(&text), reference(&text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text(text in "[aeo中가ᄀ-나-ᅣᆨ-ᆪ\u{300}-\u{330}à-éＡ豈\u{3099}かΩÅ ]{0,30}", other in any::<String>(), marked in "([a-zA-Z<=>é中]?[\u{300}-\u{36f}\u{1ab0}]{0,20}){0,9}") {
            for text in [text, other, marked] {
                prop_assert_eq!(normalize(&text), reference(&text));
            }
        }
    }
}
