//! Where a text may be split in two whose pretokens are those of the whole, whatever the pattern.
//!
//! What is counted by several threads, or comes in pieces, is split there.

use crate::split::pattern::{SPACE, Set};
use crate::text::unicode::{CLASS, class, decode_before, lookup};

const LETTER_OR_NUMBER: Set =
    Set::of(&[class::UPPER, class::LOWER, class::CASELESS, class::NUMBER]);

/// Whether a text may be split at `at`: the two sides then have, on their own, the pretokens that they
/// have together, in every family and whatever else is on the two sides.
///
/// These are the offsets before white space after a letter or a number, before a horizontal space after anything
/// but white space, and before an ASCII digit or punctuation other than an apostrophe after an ASCII
/// letter. A pretoken ends there in every family, and no decision before them looks further:
/// look-aheads are tried after white space only.
pub fn is_safe_split(text: &[u8], at: usize) -> bool {
    let Some(&after) = text.get(at) else {
        return false;
    };
    // Long texts without any such offset are searched, too.
    if !after.is_ascii() {
        return false;
    }
    let Some((before, _)) = decode_before(text, at) else {
        return false;
    };
    let letter = u8::try_from(before).is_ok_and(|b| b.is_ascii_alphabetic());
    match after {
        b' ' | b'\t' => !SPACE.has(lookup(before) & CLASS),
        b'\r' | b'\n' => LETTER_OR_NUMBER.has(lookup(before) & CLASS),
        b'\'' => false,
        b'0'..=b'9' => letter,
        _ => letter && after.is_ascii_punctuation(),
    }
}
