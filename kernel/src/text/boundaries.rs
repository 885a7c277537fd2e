//! The strengths of boundaries: how well a text can be cut at an offset, by the characters around it.
//!
//! The fallback is `ctxtools/_core/fallback/boundaries.py`. Each function reads a bounded number of
//! characters, except within a run of white space.

use crate::index::token_map::bits;
use crate::text::unicode::{CLASS, class, decode, decode_before, lookup};

/// How well a text can be cut at an offset.
pub mod strength {
    /// Nothing separates the two sides.
    pub const NONE: u8 = 0;
    /// White space before or after.
    pub const WORD: u8 = 1;
    /// A line break before.
    pub const LINE: u8 = 2;
    /// The end of a sentence, closing quotes and brackets included.
    pub const SENTENCE: u8 = 3;
    /// An empty line before.
    pub const PARAGRAPH: u8 = 4;
    /// A line break before and a Markdown heading after.
    pub const SECTION: u8 = 5;
}

/// With more closing punctuation than this, a terminator does not end a sentence.
const MAX_CLOSERS: usize = 8;
/// The maximum length of an abbreviation, or of the number of a list item.
const MAX_WORD: usize = 5;
/// The maximum indentation of the number of a list item.
const MAX_INDENT: usize = 8;
/// The first code point of the Chinese and Japanese scripts.
const FIRST_CJK: u32 = 0x2e80;

/// Words whose full stop rarely ends a sentence, since the next word belongs to them.
const ABBREVIATIONS: [&[u8]; 28] = [
    b"Mr", b"Mrs", b"Ms", b"Dr", b"Prof", b"Rev", b"Hon", b"St", b"Sr", b"Jr", b"Gen", b"Gov",
    b"Sen", b"Rep", b"Capt", b"Lt", b"Col", b"Sgt", b"Fig", b"Figs", b"Eq", b"Eqs", b"Mt", b"vs",
    b"cf", b"viz", b"al", b"ca",
];

/// What the byte before an offset says about the boundary there.
mod kind {
    pub const OTHER: u8 = 0;
    pub const HORIZONTAL_SPACE: u8 = 1;
    pub const NEWLINE: u8 = 2;
    /// ASCII punctuation that ends a sentence only before white space.
    pub const MARK: u8 = 3;
    /// Closing punctuation that may follow a full-width terminator; or the last byte of a character
    /// that may be either.
    pub const FULL_WIDTH: u8 = 4;
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
    set(&mut kinds, b" \t\x0b\x0c", kind::HORIZONTAL_SPACE);
    set(&mut kinds, b"\r\n", kind::NEWLINE);
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
        kind::NEWLINE => line_strength(text, at),
        _ => strength_after_mark(text, at),
    }
}

/// Of the offsets given by a word of bits (bit `i` is the offset `base + i + 1`), those that may be
/// LINE or stronger; the others cannot be.
///
/// Few are, in no order that branch prediction could learn. So no step of the search depends on what
/// was found.
#[inline(always)]
pub fn likely(text: &[u8], base: usize, offsets: u64) -> u64 {
    const { assert!(4 * (MAX_CLOSERS + 1) <= 64) }; // a terminator and its closers are that near
    if let Some(next) = text.get(base + 1..).and_then(|rest| rest.first_chunk())
        && text[base.saturating_sub(64)..base + 64].is_ascii()
        && let Some(bytes) = text[base..].first_chunk()
    {
        return offsets & likely_ascii(bytes, next);
    }
    let candidates = bits(offsets).fold(0, |found, bit| {
        let kind = KINDS[usize::from(text[base + bit])];
        found | u64::from(kind > kind::HORIZONTAL_SPACE) << bit
    });
    bits(candidates).fold(0, |found, bit| {
        found | u64::from(!is_after_letter(text, base + bit + 1)) << bit
    })
}

/// The same for 64 bytes of ASCII, in steps that the compiler vectorises: line breaks, and punctuation
/// before what may be white space.
#[inline(always)]
fn likely_ascii(bytes: &[u8; 64], next: &[u8; 64]) -> u64 {
    let mut is_likely = [0u8; 64];
    for i in 0..64 {
        let (last, after) = (bytes[i], next[i]);
        let is_break = (last == b'\n') | (last == b'\r');
        let terminates = (last == b'.') | (last == b'!') | (last == b'?');
        let quotes = (last == b'"') | (last == b'\'') | (last == b'*') | (last == b'_');
        let closes = (last == b')') | (last == b']') | (last == b'}') | (last == b'`');
        let is_spaced = (after == b' ') | (after.wrapping_sub(b'\t') < 5) | (after >= 0x80);
        is_likely[i] = u8::from(is_break | (terminates | quotes | closes) & is_spaced);
    }
    // A multiplication collects the lowest bits of eight bytes.
    let (words, _) = is_likely.as_chunks::<8>();
    words.iter().rev().fold(0, |mask, &word| {
        let bits = u64::from_le_bytes(word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask << 8 | bits
    })
}

/// Whether a letter of two or three bytes ends at an offset, judged by its first byte: no character
/// that starts with one of these is punctuation.
#[inline(always)]
fn is_after_letter(text: &[u8], at: usize) -> bool {
    let byte = |back: usize| text[at.saturating_sub(back)];
    byte(1) >= 0x80 && (matches!(byte(2), 0xc3..=0xd5) || matches!(byte(3), 0xe4..=0xed))
}

#[inline(never)]
fn strength_after_mark(text: &[u8], at: usize) -> u8 {
    let Some((last, _)) = before(text, at) else {
        return strength::NONE;
    };
    let after = decode(text, at).map(|(c, _)| c);
    let spaced = after.is_none_or(is_space);
    if !spaced && last < 0x80 && KINDS[last as usize] == kind::MARK {
        return strength::NONE;
    }
    if role(last) == 0 {
        return u8::from(spaced || is_space(last));
    }
    if !ends_sentence(text, at, after, spaced) {
        return u8::from(spaced);
    }
    // The line break that follows belongs to the line that it ends.
    if spaced && breaks_line(text, at) {
        strength::WORD
    } else {
        strength::SENTENCE
    }
}

#[inline(never)]
fn line_strength(text: &[u8], at: usize) -> u8 {
    match (text[at - 1], text.get(at)) {
        (b'\r', Some(b'\n')) => return strength::NONE,
        (_, Some(b'\r' | b'\n')) => return strength::WORD,
        _ => {}
    }
    if starts_heading(&text[at..]) {
        return strength::SECTION;
    }
    let (mut breaks, mut end) = (0, at);
    while let Some((c, start)) = before(text, end)
        && is_space(c)
    {
        let is_break =
            text[start] == b'\n' || (text[start] == b'\r' && text.get(end) != Some(&b'\n'));
        breaks += usize::from(is_break);
        if breaks == 2 {
            return strength::PARAGRAPH;
        }
        end = start;
    }
    if end > 0 && ends_sentence(text, end, None, true) {
        strength::SENTENCE
    } else {
        strength::LINE
    }
}

/// The character that ends at `at`, and where it starts.
#[inline(always)]
fn before(text: &[u8], at: usize) -> Option<(u32, usize)> {
    match text.get(at.wrapping_sub(1)) {
        Some(&byte) if byte < 0x80 => Some((u32::from(byte), at - 1)),
        _ => decode_before(text, at),
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

/// Whether a sentence ends at `at`, which `spaced` white space follows.
fn ends_sentence(text: &[u8], at: usize, after: Option<u32>, spaced: bool) -> bool {
    if at == 0 || KINDS[usize::from(text[at - 1])] < kind::MARK {
        return false;
    }
    let closer = if spaced {
        role::CLOSER
    } else {
        role::FULL_WIDTH_CLOSER
    };
    let (mut end, mut closers) = (at, 0);
    let (terminator, start) = loop {
        match before(text, end) {
            None => return false,
            Some((c, start)) if closers < MAX_CLOSERS && role(c) & closer != 0 => {
                (end, closers) = (start, closers + 1);
            }
            Some(found) => break found,
        }
    };
    if spaced {
        return match char::from_u32(terminator) {
            Some('.') => !is_abbreviation(text, start),
            _ => role(terminator) & (role::TERMINATOR | role::FULL_WIDTH_TERMINATOR) != 0,
        };
    }
    let after = after.unwrap_or(0);
    if !is_full_width_terminator(terminator) || role(after) != 0 {
        return false;
    }
    match char::from_u32(terminator) {
        Some('…') => after >= FIRST_CJK,
        Some('．') => !matches!(char::from_u32(after), Some('0'..='9' | '０'..='９')),
        _ => true,
    }
}

/// Whether the full stop at `stop` belongs to an initial, an abbreviation or the number of a list.
fn is_abbreviation(text: &[u8], stop: usize) -> bool {
    let word = text[..stop]
        .iter()
        .rev()
        .take(MAX_WORD + 1)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let (start, length) = (stop - word, word);
    let before = start.checked_sub(1).map(|i| text[i]);
    if length == 0 || length > MAX_WORD || before.is_some_and(|byte| byte >= 0x80) {
        return false;
    }
    let word = &text[start..stop];
    if word.iter().all(u8::is_ascii_digit) {
        return starts_line(text, start);
    }
    match word {
        [letter] => before == Some(b'.') || (letter.is_ascii_uppercase() && *letter != b'I'),
        _ => ABBREVIATIONS.contains(&word),
    }
}

/// Whether only a little white space is before `at` in its line.
fn starts_line(text: &[u8], at: usize) -> bool {
    let indent = text[..at]
        .iter()
        .rev()
        .take(MAX_INDENT)
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    matches!(
        (at - indent).checked_sub(1).map(|i| text[i]),
        None | Some(b'\r' | b'\n')
    )
}

/// Whether the white space from `at` on has a line break.
fn breaks_line(text: &[u8], mut at: usize) -> bool {
    while let Some((c, length)) = decode(text, at)
        && is_space(c)
    {
        if matches!(text[at], b'\r' | b'\n') {
            return true;
        }
        at += length;
    }
    false
}

#[inline(always)]
fn is_space(c: u32) -> bool {
    match KINDS.get(c as usize) {
        Some(&kind) if c < 0x80 => matches!(kind, kind::HORIZONTAL_SPACE | kind::NEWLINE),
        _ => matches!(lookup(c) & CLASS, class::HORIZONTAL_SPACE | class::NEWLINE),
    }
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
        _ => decode(text, at).is_none_or(|(c, _)| is_space(c)),
    }
}

/// Whether it ends a sentence without any white space.
fn is_full_width_terminator(c: u32) -> bool {
    matches!(
        char::from_u32(c),
        Some('。' | '！' | '？' | '｡' | '．' | '…')
    )
}

/// What a character may do at the end of a sentence, as flags.
mod role {
    /// Ends it where white space follows the closing punctuation.
    pub const TERMINATOR: u8 = 1;
    /// Ends it without any white space.
    pub const FULL_WIDTH_TERMINATOR: u8 = 2;
    /// Closes its quote or bracket before white space, where even an opening mark must close.
    pub const CLOSER: u8 = 4;
    /// The same without white space.
    pub const FULL_WIDTH_CLOSER: u8 = 8;
}

fn role(c: u32) -> u8 {
    use role::*;
    match char::from_u32(c).unwrap_or_default() {
        '.' | '!' | '?' | '‼' | '⁇' | '⁈' | '⁉' | '։' | '؟' | '۔' | '।' | '॥' | '။' | '።' | '។' => {
            TERMINATOR
        }
        '…' => TERMINATOR | FULL_WIDTH_TERMINATOR,
        '"' | '\'' | '*' | '_' | '`' | '“' | '‹' | '«' => CLOSER,
        ')' | ']' | '}' | '”' | '’' | '»' | '›' | '）' | '］' | '｝' | '」' | '』' | '】'
        | '》' | '〉' | '〕' | '〗' | '〙' | '｣' | '｠' => CLOSER | FULL_WIDTH_CLOSER,
        _ if is_full_width_terminator(c) => FULL_WIDTH_TERMINATOR,
        _ => 0,
    }
}

/// The ends of sentences in scripts that put no space after them, in order.
pub struct FullWidthEnds<'a> {
    text: &'a [u8],
    at: usize,
    start: usize,
    end: usize,
}

impl<'a> FullWidthEnds<'a> {
    /// Those in `start < offset < end`.
    pub fn new(text: &'a [u8], start: usize, end: usize) -> Self {
        // A terminator and its closers may begin before.
        let mut at = start.saturating_sub(4 * (MAX_CLOSERS + 1));
        while !crate::text::unicode::is_lead(text.get(at).copied().unwrap_or(0)) {
            at += 1;
        }
        FullWidthEnds {
            text,
            at,
            start,
            end,
        }
    }
}

impl Iterator for FullWidthEnds<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            let mut offset = full_width_terminator_end(&self.text[..self.end], self.at)?;
            self.at = offset;
            for _ in 0..MAX_CLOSERS {
                match decode(self.text, offset) {
                    Some((c, length)) if role(c) & role::FULL_WIDTH_CLOSER != 0 => offset += length,
                    _ => break,
                }
            }
            let is_end = self.start < offset
                && offset < self.end
                && strength_after_mark(self.text, offset) == strength::SENTENCE;
            if is_end {
                self.at = offset;
                return Some(offset);
            }
        }
    }
}

/// The end of the first full-width terminator from `at` on.
fn full_width_terminator_end(text: &[u8], mut at: usize) -> Option<usize> {
    while at < text.len() {
        match text[at] {
            0..0x80 => {
                // All of them start with one of the three bytes below.
                at += 1;
                while let Some(ascii) = text.get(at..at + 16)
                    && ascii.is_ascii()
                {
                    at += 16;
                }
            }
            0xe2 | 0xe3 | 0xef => {
                let (c, length) = decode(text, at)?;
                at += length;
                if is_full_width_terminator(c) {
                    return Some(at);
                }
            }
            0xf0.. => at += 4,
            0xe0.. => at += 3,
            _ => at += 2,
        }
    }
    None
}
