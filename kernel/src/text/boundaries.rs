//! The strengths of boundaries: how well a text can be cut at an offset, by the characters around it.
//!
//! The fallback is `ctxtools/_core/fallback/boundaries.py`. Each function reads a bounded number of
//! characters, except within a run of white space.

use crate::index::token_map::bits;
use crate::text::line_ends::{self, Around};
use crate::text::sentences::ends::{self, MAX_CLOSERS};
use crate::text::sentences::marks::{self, role};
use crate::text::unicode::{before, decode, is_lead};

/// How well a text can be cut at an offset.
pub mod strength {
    /// Nothing separates the two sides.
    pub const NONE: u8 = 0;
    /// White space before or after.
    pub const WORD: u8 = 1;
    /// The end of a clause: a comma, semicolon, colon or dash, closing quotes and brackets included.
    pub const CLAUSE: u8 = 2;
    /// A line break before.
    pub const LINE: u8 = 3;
    /// The end of a sentence, closing quotes and brackets included.
    pub const SENTENCE: u8 = 4;
    /// The end of a sentence, then a line break.
    pub const SENTENCE_LINE: u8 = 5;
    /// An empty line or the end of a page before.
    pub const PARAGRAPH: u8 = 6;
    /// A line break before and a Markdown heading after.
    pub const SECTION: u8 = 7;
}

/// What the byte before an offset says about the boundary there.
mod kind {
    pub const OTHER: u8 = 0;
    pub const HORIZONTAL_SPACE: u8 = 1;
    /// ASCII punctuation that ends a clause before white space.
    pub const CLAUSE: u8 = 2;
    /// ASCII line breaks, and the form feed.
    pub const NEWLINE: u8 = 3;
    /// ASCII punctuation that ends a sentence, or closes one, before white space.
    pub const MARK: u8 = 4;
    /// Closing punctuation that may follow a full-width terminator; or the last byte of a character
    /// that may be any of these.
    pub const FULL_WIDTH: u8 = 5;
}

const KINDS: [u8; 256] = {
    let mut kinds = [kind::OTHER; 256];
    let mut byte = 0x80;
    while byte < 256 {
        kinds[byte] = kind::FULL_WIDTH;
        byte += 1;
    }
    set(&mut kinds, b")]}", kind::FULL_WIDTH);
    set(&mut kinds, b".!?\"'*_`", kind::MARK);
    set(&mut kinds, b",;:", kind::CLAUSE);
    set(&mut kinds, b" \t", kind::HORIZONTAL_SPACE);
    set(&mut kinds, b"\r\n\x0b\x0c", kind::NEWLINE);
    kinds
};

const fn set(kinds: &mut [u8; 256], mut bytes: &[u8], kind: u8) {
    while let [byte, rest @ ..] = bytes {
        kinds[*byte as usize] = kind;
        bytes = rest;
    }
}

/// The strength of the boundary at `at` > 0, even if that is inside a grapheme cluster.
#[inline(always)]
pub fn strength_at(text: &[u8], at: usize) -> u8 {
    match KINDS[usize::from(text[at - 1])] {
        kind::OTHER => u8::from(is_space_at(text, at)),
        kind::HORIZONTAL_SPACE => strength::WORD,
        kind::NEWLINE => strength_after_break(text, at),
        kind::CLAUSE if !is_space_at(text, at) => strength::NONE,
        kind::CLAUSE if matches!(text[at..], [b' ', b'!'..=b'~', ..]) => strength::CLAUSE,
        _ => strength_after_mark(text, at),
    }
}

/// Of the offsets given by a word of bits (bit `i` is the offset `base + i + 1`), those that may be
/// of the strength `min`, CLAUSE or more; the others cannot be.
///
/// Few are, in no order that branch prediction could learn. So no step of the search depends on what
/// was found.
#[inline(always)]
pub fn likely(text: &[u8], base: usize, offsets: u64, min: u8) -> u64 {
    if min > strength::CLAUSE
        && let Some(around) = Around::of(text, base)
        && let Some((found, high)) = line_ends::likely(&around, min > strength::LINE)
    {
        let found = offsets & found;
        return without_letters(text, base, found, found & high);
    }
    let least = if min > strength::CLAUSE {
        kind::NEWLINE
    } else {
        kind::CLAUSE
    };
    let candidates = bits(offsets).fold(0, |found, bit| {
        let kind = KINDS[usize::from(text[base + bit])];
        found | u64::from(kind >= least) << bit
    });
    without_letters(text, base, candidates, candidates)
}

/// Candidates without those of `some` that come after a letter.
#[inline(always)]
fn without_letters(text: &[u8], base: usize, candidates: u64, some: u64) -> u64 {
    bits(some).fold(candidates, |found, bit| {
        found & !(u64::from(is_after_letter(text, base + bit + 1)) << bit)
    })
}

/// Whether a letter of two or three bytes ends at an offset, judged by its first bytes: no character
/// that starts with these is a mark.
#[inline(always)]
fn is_after_letter(text: &[u8], at: usize) -> bool {
    let byte = |back: usize| text[at.saturating_sub(back)];
    let is_hangul = byte(3) == 0xea && byte(2) >= 0xb0;
    byte(1) >= 0x80
        && (matches!(byte(2), 0xc3..=0xd4)
            || matches!(byte(3), 0xe4..=0xe9 | 0xeb..=0xed)
            || is_hangul)
}

#[inline(never)]
fn strength_after_mark(text: &[u8], at: usize) -> u8 {
    let Some((last, _)) = before(text, at) else {
        return strength::NONE;
    };
    let after = decode(text, at).map(|(c, _)| c);
    let spaced = after.is_none_or(marks::is_space);
    if !spaced && last < 0x80 && KINDS[last as usize] == kind::MARK {
        return strength::NONE;
    }
    match role(last) {
        0 => return u8::from(spaced || marks::is_space(last)),
        role::BREAK => return strength_after_break(text, at),
        _ => {}
    }
    if !spaced {
        return ends::before_letter(text, at, after.unwrap_or(0));
    }
    ends::before_space(text, at).max(strength::WORD)
}

/// The strength after a line break or form feed.
#[inline(never)]
fn strength_after_break(text: &[u8], at: usize) -> u8 {
    if let Some((after, _)) = decode(text, at)
        && marks::is_break(after)
    {
        let is_inside = text[at - 1] == b'\r' && after == u32::from('\n');
        return u8::from(!is_inside);
    }
    if starts_heading(&text[at..]) {
        return strength::SECTION;
    }
    let (mut breaks, mut end) = (0, at);
    while let Some((c, start)) = before(text, end)
        && marks::is_space(c)
    {
        let is_first_half = c == u32::from('\r') && text.get(end) == Some(&b'\n');
        if marks::is_break(c) && !is_first_half {
            breaks += 1;
        }
        if breaks == 2 || marks::ends_paragraph(c) {
            return strength::PARAGRAPH;
        }
        end = start;
    }
    if ends::before_break(text, end, at) {
        strength::SENTENCE_LINE
    } else {
        strength::LINE
    }
}

/// Whether a Markdown heading (`# ` to `###### `) starts here.
fn starts_heading(text: &[u8]) -> bool {
    if text.first() != Some(&b'#') {
        return false;
    }
    let level = text
        .iter()
        .take(7)
        .take_while(|&&byte| byte == b'#')
        .count();
    (1..=6).contains(&level) && matches!(text.get(level), Some(b' ' | b'\t'))
}

/// Whether white space, or the end of the text, follows `at`.
#[inline(always)]
fn is_space_at(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(&byte) if byte < 0x80 => {
            matches!(
                KINDS[usize::from(byte)],
                kind::HORIZONTAL_SPACE | kind::NEWLINE
            )
        }
        _ => decode(text, at).is_none_or(|(c, _)| marks::is_space(c)),
    }
}

/// The boundaries that may be inside a pretoken, in order: the ends of sentences and clauses in
/// scripts that put no space after them, and those after line breaks that are not `\r` or `\n`.
pub struct InnerEnds<'a> {
    text: &'a [u8],
    min: u8,
    start: usize,
    end: usize,
    /// The end of the next vertical tab or form feed; `usize::MAX` if there is none.
    ascii: usize,
    /// The end of the next other mark.
    other: usize,
}

impl<'a> InnerEnds<'a> {
    /// Those in `start < offset < end` of the strength `min` or more.
    pub fn new(text: &'a [u8], is_ascii: bool, min: u8, start: usize, end: usize) -> Self {
        // A mark and its closers may begin before.
        let mut at = start.saturating_sub(4 * (MAX_CLOSERS + 1));
        while !is_lead(text.get(at).copied().unwrap_or(0)) {
            at += 1;
        }
        let mut ends = InnerEnds {
            text,
            min: min.max(strength::CLAUSE),
            start,
            end,
            ascii: usize::MAX,
            other: usize::MAX,
        };
        ends.ascii = ends.ascii_end(at);
        if !is_ascii {
            ends.other = ends.other_end(at);
        }
        ends
    }

    fn ascii_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..self.end).unwrap_or_default();
        memchr::memchr2(0x0b, 0x0c, rest).map_or(usize::MAX, |i| at + i + 1)
    }

    fn other_end(&self, mut at: usize) -> usize {
        let text = &self.text[..self.end];
        let mut wanted = role::BREAK;
        if self.min <= strength::SENTENCE {
            wanted |= role::FULL_WIDTH_TERMINATOR;
        }
        if self.min <= strength::CLAUSE {
            wanted |= role::FULL_WIDTH_CLAUSE;
        }
        while at < text.len() {
            match text[at] {
                // All marks start with one of these four, of which most by far are something else.
                0xe2 | 0xe3 if text.get(at + 1) != Some(&0x80) => at += 3,
                0xc2 | 0xe2 | 0xe3 | 0xef => {
                    let Some((c, length)) = decode(text, at) else {
                        break;
                    };
                    at += length;
                    if !matches!(c, 0x2018..=0x201d) && role(c) & wanted != 0 {
                        return at;
                    }
                }
                byte => {
                    at += match byte {
                        0xf0.. => 4,
                        0xe0.. => 3,
                        0xc0.. => 2,
                        // In the middle of a character is where blocks may end.
                        _ => 1,
                    };
                    while let Some(block) = text[at.min(text.len())..].first_chunk()
                        && !has_lead_of_mark(block)
                    {
                        at += block.len();
                    }
                }
            }
        }
        usize::MAX
    }
}

/// Whether a byte is one that marks beyond ASCII start with.
#[inline(always)]
fn has_lead_of_mark(block: &[u8; 32]) -> bool {
    let is_lead = |&byte: &u8| matches!(byte, 0xc2 | 0xe2 | 0xe3 | 0xef);
    block.iter().fold(false, |any, byte| any | is_lead(byte))
}

impl Iterator for InnerEnds<'_> {
    /// An offset and its strength.
    type Item = (usize, u8);

    #[inline]
    fn next(&mut self) -> Option<(usize, u8)> {
        loop {
            let mut offset = self.ascii.min(self.other);
            if offset == usize::MAX {
                return None;
            }
            if self.ascii < self.other {
                self.ascii = self.ascii_end(offset);
            } else {
                self.other = self.other_end(offset);
            }
            for _ in 0..MAX_CLOSERS {
                match decode(self.text, offset) {
                    Some((c, length)) if role(c) & role::FULL_WIDTH_CLOSER != 0 => offset += length,
                    _ => break,
                }
            }
            if self.start < offset && offset < self.end {
                let strength = strength_at(self.text, offset);
                if strength >= self.min {
                    return Some((offset, strength));
                }
            }
        }
    }
}
