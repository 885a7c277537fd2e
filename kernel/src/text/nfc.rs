//! Unicode's composed form (NFC), for tokenizers that ask for it (Qwen).
//!
//! Nearly all text is in this form already, and finding that out is all that is done to it. Where it
//! is not, only the characters around are normalised, by the crate that the reference tokenizer
//! uses, so that both know the same characters.
//!
//! A character is *inert* if NFC never changes, moves or joins it to the one before it. So texts may
//! be normalised independently before and from an inert character on.

use crate::text::unicode::{NOT_INERT, decode, decode_before, lookup};
use std::borrow::Cow;
use unicode_normalization_alignments::UnicodeNormalization;

pub fn normalize(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut normal = String::new();
    let mut done = 0;
    while let Some((starter, first)) = find_active(bytes, done) {
        let end = inert_from(bytes, first);
        normal.push_str(&text[done..starter]);
        normal.extend(text[starter..end].nfc().map(|(c, _)| c));
        done = end;
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
    fn every_character_alone_and_after_others() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = format!("{c}a{c}{c}\u{301}가{c}");
            assert_eq!(normalize(&text), reference(&text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text(text in "[aeo中가ᄀ-나-ᅣᆨ-ᆪ\u{300}-\u{330}à-éＡ豈\u{3099}かΩÅ ]{0,30}", other in any::<String>()) {
            for text in [text, other] {
                prop_assert_eq!(normalize(&text), reference(&text));
            }
        }
    }
}
