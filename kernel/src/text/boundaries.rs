//! How good a place is to cut a text at, by the characters around it alone.
//!
//! `ctxtools/encodings/boundaries.py` is the same in Python; a property test holds the two together.
//! Each question looks at a bounded number of characters, but for a run of white space, and for the
//! cluster that a place is in.

use crate::index::ends::bits;
use crate::text::unicode::{CLASS, class, decode, decode_before, lookup};
use unicode_segmentation::GraphemeCursor;

/// How good a place is to cut a text at.
pub mod strength {
    /// Nothing separates what is before from what is behind.
    pub const NONE: u8 = 0;
    /// White space before or behind.
    pub const WORD: u8 = 1;
    /// A line break before.
    pub const LINE: u8 = 2;
    /// The end of a sentence, closing quotes and brackets included.
    pub const SENTENCE: u8 = 3;
    /// An empty line before.
    pub const PARAGRAPH: u8 = 4;
    /// A line break before and a Markdown heading behind.
    pub const SECTION: u8 = 5;
}

/// More closing marks than these are no end of a sentence.
const MOST_CLOSERS: usize = 8;
/// The most characters of an abbreviation, or of a number of a list.
const LONGEST_WORD: usize = 5;
/// The most characters before a number of a list.
const MOST_INDENT: usize = 8;
/// Where the scripts of China and Japan begin.
const FIRST_WIDE: u32 = 0x2e80;

/// Words whose stop rarely ends a sentence, for what follows belongs to them.
const ABBREVIATIONS: [&[u8]; 28] = [
    b"Mr", b"Mrs", b"Ms", b"Dr", b"Prof", b"Rev", b"Hon", b"St", b"Sr", b"Jr", b"Gen", b"Gov",
    b"Sen", b"Rep", b"Capt", b"Lt", b"Col", b"Sgt", b"Fig", b"Figs", b"Eq", b"Eqs", b"Mt", b"vs",
    b"cf", b"viz", b"al", b"ca",
];

/// What a byte says of the boundary that it is before.
mod kind {
    pub const OTHER: u8 = 0;
    pub const BLANK: u8 = 1;
    pub const NEWLINE: u8 = 2;
    /// An ASCII mark that ends no sentence unless white space is behind it.
    pub const MARK: u8 = 3;
    /// A mark that may, since it can close what a stop of a wide script is in; or the last byte of a
    /// character that may be a mark.
    pub const WIDE_MARK: u8 = 4;
}

const KINDS: [u8; 256] = {
    let mut kinds = [kind::OTHER; 256];
    let (mut i, marks) = (0, b".!?\"'*_`");
    while i < marks.len() {
        kinds[marks[i] as usize] = kind::MARK;
        i += 1;
    }
    let (mut i, closers) = (0, b")]}");
    while i < closers.len() {
        kinds[closers[i] as usize] = kind::WIDE_MARK;
        i += 1;
    }
    let mut byte = 0x80;
    while byte < 256 {
        kinds[byte] = kind::WIDE_MARK;
        byte += 1;
    }
    kinds[b' ' as usize] = kind::BLANK;
    kinds[b'\t' as usize] = kind::BLANK;
    kinds[0x0b] = kind::BLANK;
    kinds[0x0c] = kind::BLANK;
    kinds[b'\r' as usize] = kind::NEWLINE;
    kinds[b'\n' as usize] = kind::NEWLINE;
    kinds
};

/// How good `at` is, in bytes, above 0; whether or not it is in a grapheme cluster.
#[inline(always)]
pub fn strength_at(text: &[u8], at: usize) -> u8 {
    match KINDS[usize::from(text[at - 1])] {
        kind::OTHER => u8::from(is_space_at(text, at)),
        kind::BLANK => strength::WORD,
        kind::NEWLINE => line_strength(text, at),
        _ => strength_behind_mark(text, at),
    }
}

/// Of places that are the bits of a word, each one behind its byte from `base` on, those that may be
/// a LINE or better; the others cannot.
///
/// Most places are none, with no pattern that a processor could guess. So no step of the search
/// depends on what was found.
#[inline(always)]
pub fn likely(text: &[u8], base: usize, places: u64) -> u64 {
    const { assert!(4 * (MOST_CLOSERS + 1) <= 64) }; // what is before a stop's last closer is near
    if let Some(behind) = text.get(base + 1..).and_then(|rest| rest.first_chunk())
        && text[base.saturating_sub(64)..base + 64].is_ascii()
        && let Some(bytes) = text[base..].first_chunk()
    {
        return places & likely_ascii(bytes, behind);
    }
    let worth = bits(places).fold(0, |worth, bit| {
        let kind = KINDS[usize::from(text[base + bit])];
        worth | u64::from(kind > kind::BLANK) << bit
    });
    bits(worth).fold(0, |worth, bit| {
        worth | u64::from(!is_behind_letter(text, base + bit + 1)) << bit
    })
}

/// The same for 64 bytes of ASCII, in plain steps of which a compiler makes vector instructions: line
/// breaks, and marks before white space or what may be that.
#[inline(always)]
fn likely_ascii(bytes: &[u8; 64], behind: &[u8; 64]) -> u64 {
    let mut is_likely = [0u8; 64];
    for i in 0..64 {
        let (last, after) = (bytes[i], behind[i]);
        let is_break = (last == b'\n') | (last == b'\r');
        let stops = (last == b'.') | (last == b'!') | (last == b'?');
        let quotes = (last == b'"') | (last == b'\'') | (last == b'*') | (last == b'_');
        let closes = (last == b')') | (last == b']') | (last == b'}') | (last == b'`');
        let is_spaced = (after == b' ') | (after.wrapping_sub(b'\t') < 5) | (after >= 0x80);
        is_likely[i] = u8::from(is_break | (stops | quotes | closes) & is_spaced);
    }
    // The lowest bits of eight bytes are brought together by a multiplication.
    let (words, _) = is_likely.as_chunks::<8>();
    words.iter().rev().fold(0, |mask, &word| {
        let bits = u64::from_le_bytes(word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask << 8 | bits
    })
}

/// Whether a letter of two or three bytes is before a place, told by its first byte. None of the
/// characters that start with one of these is a mark.
#[inline(always)]
fn is_behind_letter(text: &[u8], at: usize) -> bool {
    let byte = |back: usize| text[at.saturating_sub(back)];
    byte(1) >= 0x80 && (matches!(byte(2), 0xc3..=0xd5) || matches!(byte(3), 0xe4..=0xed))
}

#[inline(never)]
fn strength_behind_mark(text: &[u8], at: usize) -> u8 {
    let Some((last, _)) = before(text, at) else {
        return strength::NONE;
    };
    let after = decode(text, at).map(|(c, _)| c);
    let spaced = after.is_none_or(is_space);
    if !spaced && last < 0x80 && KINDS[last as usize] == kind::MARK {
        return strength::NONE;
    }
    if !is_mark(last) {
        return u8::from(spaced || is_space(last));
    }
    if !ends_sentence(text, at, after, spaced) {
        return u8::from(spaced);
    }
    // The line break that follows goes with the line that it ends.
    if spaced && breaks_line(text, at) {
        strength::WORD
    } else {
        strength::SENTENCE
    }
}

/// How good the place behind a line break is.
#[inline(never)]
fn line_strength(text: &[u8], at: usize) -> u8 {
    match (text[at - 1], text.get(at)) {
        (b'\r', Some(b'\n')) => return strength::NONE,
        (_, Some(b'\r' | b'\n')) => return strength::WORD,
        _ => {}
    }
    if heads(&text[at..]) {
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
fn heads(text: &[u8]) -> bool {
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

/// Whether a sentence ends right before `at`, with white space behind or without.
fn ends_sentence(text: &[u8], at: usize, after: Option<u32>, spaced: bool) -> bool {
    if at == 0 || KINDS[usize::from(text[at - 1])] < kind::MARK {
        return false;
    }
    let is_closer = if spaced { is_closer } else { is_wide_closer };
    let (mut end, mut closers) = (at, 0);
    let (stop, start) = loop {
        match before(text, end) {
            None => return false,
            Some((c, start)) if closers < MOST_CLOSERS && is_closer(c) => {
                (end, closers) = (start, closers + 1);
            }
            Some(found) => break found,
        }
    };
    if spaced {
        return match char::from_u32(stop) {
            Some('.') => !abbreviates(text, start),
            _ => is_stop(stop) || is_wide_stop(stop),
        };
    }
    let after = after.unwrap_or(0);
    if !is_wide_stop(stop) || is_mark(after) {
        return false;
    }
    match char::from_u32(stop) {
        Some('…') => after >= FIRST_WIDE,
        Some('．') => !matches!(char::from_u32(after), Some('0'..='9' | '０'..='９')),
        _ => true,
    }
}

/// Whether the stop at `stop` belongs to an initial, an abbreviation or the number of a list.
fn abbreviates(text: &[u8], stop: usize) -> bool {
    let word = text[..stop]
        .iter()
        .rev()
        .take(LONGEST_WORD + 1)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let (start, length) = (stop - word, word);
    let before = start.checked_sub(1).map(|i| text[i]);
    if length == 0 || length > LONGEST_WORD || before.is_some_and(|byte| byte >= 0x80) {
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
        .take(MOST_INDENT)
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
        Some(&kind) if c < 0x80 => matches!(kind, kind::BLANK | kind::NEWLINE),
        _ => matches!(lookup(c) & CLASS, class::BLANK | class::NEWLINE),
    }
}

/// Whether white space, or nothing, is behind `at`.
#[inline(always)]
fn is_space_at(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(&byte) if byte < 0x80 => {
            matches!(KINDS[usize::from(byte)], kind::BLANK | kind::NEWLINE)
        }
        _ => decode(text, at).is_none_or(|(c, _)| is_space(c)),
    }
}

/// Ends a sentence where white space, perhaps behind closing marks, follows.
fn is_stop(c: u32) -> bool {
    matches!(
        char::from_u32(c),
        Some(
            '.' | '!'
                | '?'
                | '…'
                | '‼'
                | '⁇'
                | '⁈'
                | '⁉'
                | '։'
                | '؟'
                | '۔'
                | '।'
                | '॥'
                | '။'
                | '።'
                | '។'
        )
    )
}

/// Ends a sentence where nothing else follows but closing marks.
fn is_wide_stop(c: u32) -> bool {
    matches!(
        char::from_u32(c),
        Some('。' | '！' | '？' | '｡' | '．' | '…')
    )
}

/// Closes what is around the end of a sentence.
fn is_wide_closer(c: u32) -> bool {
    if c < 0x80 {
        return KINDS[c as usize] == kind::WIDE_MARK;
    }
    matches!(
        char::from_u32(c),
        Some(
            '”' | '’'
                | '»'
                | '›'
                | '）'
                | '］'
                | '｝'
                | '」'
                | '』'
                | '】'
                | '》'
                | '〉'
                | '〕'
                | '〗'
                | '〙'
                | '｣'
                | '｠'
        )
    )
}

/// The same where white space follows, so that an opening mark is none.
fn is_closer(c: u32) -> bool {
    if c < 0x80 {
        return KINDS[c as usize] >= kind::MARK && !is_stop(c);
    }
    is_wide_closer(c) || matches!(char::from_u32(c), Some('“' | '‹' | '«'))
}

fn is_mark(c: u32) -> bool {
    is_stop(c) || is_wide_stop(c) || is_closer(c)
}

/// The ends of sentences that need no white space behind them, in order.
pub struct WideEnds<'a> {
    text: &'a [u8],
    at: usize,
    start: usize,
    end: usize,
}

impl<'a> WideEnds<'a> {
    /// Those in `start < place < end`, in bytes.
    pub fn new(text: &'a [u8], start: usize, end: usize) -> Self {
        // A stop and its closers may begin before.
        let mut at = start.saturating_sub(4 * (MOST_CLOSERS + 1));
        while !crate::text::unicode::is_lead(text.get(at).copied().unwrap_or(0)) {
            at += 1;
        }
        WideEnds {
            text,
            at,
            start,
            end,
        }
    }
}

impl Iterator for WideEnds<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            let mut place = wide_stop_end(&self.text[..self.end], self.at)?;
            self.at = place;
            for _ in 0..MOST_CLOSERS {
                match decode(self.text, place) {
                    Some((c, length)) if is_wide_closer(c) => place += length,
                    _ => break,
                }
            }
            let is_end = self.start < place
                && place < self.end
                && strength_behind_mark(self.text, place) == strength::SENTENCE;
            if is_end {
                self.at = place;
                return Some(place);
            }
        }
    }
}

/// The end of the first wide stop from `at` on.
fn wide_stop_end(text: &[u8], mut at: usize) -> Option<usize> {
    while at < text.len() {
        match text[at] {
            0..0x80 => {
                // All wide stops start with one of three bytes, which are rare here.
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
                if is_wide_stop(c) {
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

/// The flags (pairs of regional indicators) of a text: where each row of halves starts.
///
/// Whether a place between two halves is in a flag depends on how many are before it; with this
/// nobody has to count a row of a million for each place in it.
pub struct Flags(Vec<usize>);

const HALVES: std::ops::RangeInclusive<u32> = 0x1_f1e6..=0x1_f1ff;
const HALF_LENGTH: usize = 4;

impl Flags {
    /// Those of a text.
    pub fn of(text: &[u8]) -> Self {
        let (mut starts, mut row_end) = (Vec::new(), usize::MAX);
        for at in memchr_lead(text) {
            if decode(text, at).is_some_and(|(c, _)| HALVES.contains(&c)) {
                if at != row_end {
                    starts.push(at);
                }
                row_end = at + HALF_LENGTH;
            }
        }
        Flags(starts)
    }

    /// Whether a place between two halves is in a flag.
    fn is_inside(&self, at: usize) -> bool {
        let row = self.0.partition_point(|&start| start < at);
        row > 0 && (at - self.0[row - 1]) / HALF_LENGTH % 2 == 1
    }
}

/// Where the halves of flags may start.
fn memchr_lead(text: &[u8]) -> impl Iterator<Item = usize> + '_ {
    const START: [u8; 3] = [0xf0, 0x9f, 0x87];
    text.windows(START.len())
        .enumerate()
        .filter(|(_, window)| *window == START)
        .map(|(at, _)| at)
}

/// Whether a place is in a grapheme cluster (UAX #29).
#[inline(always)]
pub fn is_in_cluster<'f>(text: &str, at: usize, flags: impl FnOnce() -> &'f Flags) -> bool {
    let bytes = text.as_bytes();
    match (at.checked_sub(1).and_then(|i| bytes.get(i)), bytes.get(at)) {
        (Some(&before), Some(&after)) if before < 0x80 && after < 0x80 => {
            before == b'\r' && after == b'\n'
        }
        (Some(_), Some(_)) => is_in_wide_cluster(text, at, flags),
        _ => false,
    }
}

#[inline(never)]
fn is_in_wide_cluster<'f>(text: &str, at: usize, flags: impl FnOnce() -> &'f Flags) -> bool {
    let bytes = text.as_bytes();
    let (Some((before, _)), Some((after, _))) = (decode_before(bytes, at), decode(bytes, at))
    else {
        return false;
    };
    if is_plain(before) && is_plain(after) {
        return false;
    }
    if HALVES.contains(&before) && HALVES.contains(&after) {
        return flags().is_inside(at);
    }
    is_inside(text, at) || (lookup(after) & CLASS == class::CASELESS && is_linked(text, at))
}

fn is_inside(text: &str, at: usize) -> bool {
    // It is given the whole text, so it asks for no more.
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    !cursor.is_boundary(text, 0).unwrap_or(true)
}

/// Whether a letter is joined to the marks before it, whatever is before them. That is so behind a
/// virama (rule GB9c) if these belong to a consonant; some, `regex` in Python among them, join it to
/// any.
fn is_linked(text: &str, at: usize) -> bool {
    const CONSONANT: char = 'क';
    let joins = |c: &char| matches!(c, '\u{200c}' | '\u{200d}') || is_of(*c, class::MARK);
    let marks = text[..at].chars().rev().take_while(joins);
    let marks: usize = marks.map(char::len_utf8).sum();
    let letter = text[at..].chars().next().filter(|_| marks > 0);
    letter.is_some_and(|letter| {
        let joined = format!("{CONSONANT}{}{letter}", &text[at - marks..at]);
        is_inside(&joined, joined.len() - letter.len_utf8())
    })
}

fn is_of(c: char, class: u8) -> bool {
    lookup(u32::from(c)) & CLASS == class
}

/// Whether there is a boundary between any two such characters (that are not both ASCII): no marks,
/// joiners, flags or parts of Hangul syllables.
fn is_plain(c: u32) -> bool {
    matches!(
        c,
        0..0x300
            | 0x370..0x483
            | 0x48a..0x590
            | 0x2010..0x2028
            | 0x2030..0x2060
            | 0x3000..0x302a
            | 0x3041..0x3097
            | 0x30a0..0x3100
            | 0x3400..0x4dc0
            | 0x4e00..0xa000
            | 0xff00..0xff9e
    )
}
