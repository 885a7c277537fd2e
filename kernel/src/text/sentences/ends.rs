//! Whether a sentence or a clause ends at an offset.
//!
//! The fallback is `ctxtools/_core/fallback/sentences/ends.py`. Each function reads a bounded number of
//! characters.

use crate::text::boundaries::strength::{CLAUSE, NONE, SENTENCE};
use crate::text::sentences::abbreviations::{self, is_lower, is_upper, kind, starts_line};
use crate::text::sentences::marks::{self, role};
use crate::text::unicode::{before, decode};

/// With more closing punctuation than this, a mark ends nothing.
pub const MAX_CLOSERS: usize = 8;
/// The maximum number of characters in a note, as in `[12]`.
const MAX_NOTE: usize = 3;
/// The maximum number of quotes and brackets before the word that follows.
const MAX_OPENERS: usize = 8;
const TERMINATOR: u8 = role::TERMINATOR | role::FULL_WIDTH_TERMINATOR;
const CLAUSE_MARK: u8 = role::CLAUSE | role::FULL_WIDTH_CLAUSE;
/// The first code point of the Chinese and Japanese scripts.
const FIRST_CJK: u32 = 0x2e80;

/// The mark before `at`, without the closing punctuation after it, and where it starts.
#[inline(always)]
fn mark_before(text: &[u8], at: usize, closer: u8) -> Option<(u32, usize)> {
    match text.get(at.wrapping_sub(1)) {
        Some(&byte @ ..0x80) if role(u32::from(byte)) & closer == 0 => {
            Some((u32::from(byte), at - 1))
        }
        _ => mark_before_closers(text, at, closer),
    }
}

fn mark_before_closers(text: &[u8], at: usize, closer: u8) -> Option<(u32, usize)> {
    let mut end = at;
    for _ in 0..=MAX_CLOSERS {
        let (c, start) = before(text, end)?;
        if role(c) & closer == 0 {
            return Some((c, start));
        }
        end = start;
        if closer == role::CLOSER {
            end = match char::from_u32(c) {
                Some(']') => note_before(text, start),
                Some('»' | '›') => space_before(text, start),
                _ => start,
            };
        }
    }
    None
}

/// Where a note starts that ends with a bracket at `end`, such as `[12]`; else `end`.
fn note_before(text: &[u8], end: usize) -> usize {
    let last = text[..end].iter().rev().take(MAX_NOTE + 1);
    let length = last.take_while(|byte| byte.is_ascii_alphanumeric()).count();
    match text[..end - length] {
        [.., b'['] if (1..=MAX_NOTE).contains(&length) => end - length - 1,
        _ => end,
    }
}

/// Where the space starts that French has before a closing quote at `end`; else `end`.
fn space_before(text: &[u8], end: usize) -> usize {
    match before(text, end) {
        Some((0x20 | 0xa0 | 0x202f, start)) => start,
        _ => end,
    }
}

/// What follows the white space after a full stop.
enum Following {
    /// Nothing.
    End,
    Lower,
    /// A letter of a script without case.
    Letter,
    Digit,
    /// A word with a capital letter, which starts at the offset.
    Upper(usize),
    /// Punctuation that goes on with the sentence.
    Continuing,
    Other,
}

impl Following {
    /// What is at `at`, the end of white space that breaks the line or not.
    fn at(text: &[u8], mut at: usize, breaks: bool) -> Self {
        for i in 0..=MAX_OPENERS {
            let Some((c, length)) = decode(text, at) else {
                return Following::End;
            };
            match char::from_u32(c).unwrap_or_default() {
                '('
                | '['
                | '{'
                | '"'
                | '\''
                | '“'
                | '‘'
                | '„'
                | '‚'
                | '«'
                | '‹'
                | '¿'
                | '¡'
                | '*'
                | '_'
                | '\u{300}'..='\u{36f}' => at += length,
                _ if marks::is_format(c) => at += length,
                '–' | '—' | '-' if i == 0 && !breaks => {
                    at = skip_blanks(text, at + length);
                    return match Following::at(text, at, true) {
                        Following::Upper(_) => Following::Other,
                        _ => Following::Continuing,
                    };
                }
                '0'..='9' | '§' | '№' => return Following::Digit,
                _ if is_lower(c) => {
                    let is_greek = matches!(c, 0x370..=0x3ff);
                    // Such as `iPhone` and `β-catenin`.
                    return match decode(text, at + length) {
                        Some((c, _)) if is_upper(c) => Following::Upper(at),
                        Some((0x2d, _)) if is_greek => Following::Upper(at),
                        _ => Following::Lower,
                    };
                }
                _ if is_upper(c) => return Following::Upper(at),
                _ if is_caseless(c) => return Following::Letter,
                _ if i == 0 && !breaks && role(c) & !(role::CLOSER | role::BREAK) != 0 => {
                    return Following::Continuing;
                }
                _ => return Following::Other,
            }
        }
        Following::Other
    }
}

/// The end of a few spaces from `at` on.
fn skip_blanks(text: &[u8], mut at: usize) -> usize {
    for _ in 0..MAX_OPENERS {
        match text.get(at) {
            Some(b' ') => at += 1,
            _ => break,
        }
    }
    at
}

/// What ends at `at`, before white space in its line or the end of the text: SENTENCE, CLAUSE or NONE.
/// A line break that follows belongs to the line that it ends.
pub fn before_space(text: &[u8], at: usize) -> u8 {
    let Some((mark, start)) = mark_before(text, at, role::CLOSER) else {
        return NONE;
    };
    let does = role(mark);
    if does & (TERMINATOR | CLAUSE_MARK) == 0 {
        return NONE;
    }
    match skip_space(text, at) {
        (_, true) => NONE,
        (next, false) if does & TERMINATOR != 0 => sentence(text, mark, start, next, false),
        // A dash that starts a line is a bullet, or says that someone speaks.
        _ if is_dash(mark) && starts_line(text, start) => NONE,
        _ => CLAUSE,
    }
}

/// Whether a sentence ends at `at`, before white space that breaks the line, the last time before
/// `after`.
pub fn before_break(text: &[u8], at: usize, after: usize) -> bool {
    match mark_before(text, at, role::CLOSER) {
        Some((mark, start)) if role(mark) & TERMINATOR != 0 => {
            let (next, _) = skip_space(text, after);
            sentence(text, mark, start, next, true) == SENTENCE
        }
        _ => false,
    }
}

/// Where the white space from `at` on ends, and whether it breaks the line; then it is where it does.
#[inline]
fn skip_space(text: &[u8], mut at: usize) -> (usize, bool) {
    loop {
        match text.get(at) {
            Some(b' ') => at += 1,
            Some(b'!'..=b'~') | None => return (at, false),
            _ => match decode(text, at) {
                Some((c, _)) if marks::is_break(c) => return (at, true),
                Some((c, length)) if marks::is_space(c) => at += length,
                _ => return (at, false),
            },
        }
    }
}

/// What ends after a terminator at `start`, and white space up to `next` that `breaks` the line or not:
/// SENTENCE, CLAUSE or NONE.
fn sentence(text: &[u8], mark: u32, start: usize, next: usize, breaks: bool) -> u8 {
    let following = Following::at(text, next, breaks);
    if !is_stop(mark) {
        return match following {
            Following::Continuing => NONE,
            Following::Lower if !breaks => CLAUSE,
            _ => SENTENCE,
        };
    }
    let is_ellipsis =
        mark == u32::from('…') || matches!(text[..start], [.., b'.'] | [.., b'.', b' ']);
    // What follows matters to short words, which the fast test does not know.
    let is_ordinary = || {
        let is_telling = match following {
            Following::Digit => true,
            Following::Upper(word) => abbreviations::is_initial_after(text, word),
            _ => false,
        };
        !is_telling && abbreviations::is_ordinary_before(text, start)
    };
    let kinds = if is_ellipsis || is_ordinary() {
        0
    } else {
        abbreviations::before_stop(text, start)
    };
    // `[...]` is an omission, and `2.)` the number of a list item.
    let is_omission = is_ellipsis && matches!(text[..start], [.., b'[' | b'(', b'.', b'.'])
        || mark == u32::from('…') && matches!(text[..start], [.., b'[' | b'(']);
    if is_omission || kinds & kind::NUMBER != 0 && text.get(start + 1) == Some(&b')') {
        return NONE;
    }
    const NAMED: u16 = kind::NAME | kind::INITIAL;
    const JOINED: u16 = kind::NEVER | kind::MIDDLE | NAMED;
    let is_end = kinds & kind::LABEL == 0
        && match following {
            Following::End => true,
            Following::Continuing => false,
            Following::Lower if kinds & !(kind::BRIEF | kind::BEFORE_ORDINAL) == 0 => {
                return CLAUSE;
            }
            Following::Lower => false,
            Following::Digit => kinds == 0 && !is_ellipsis,
            Following::Letter => kinds & JOINED == 0,
            Following::Upper(word) => starts_sentence(text, start, word, kinds),
            Following::Other => kinds & kind::NEVER == 0 && (breaks || kinds & JOINED == 0),
        };
    if is_end { SENTENCE } else { NONE }
}

/// Whether the word that starts at `word` starts a sentence, after the full stop at `stop` and an
/// abbreviation of these kinds before it.
#[inline]
fn starts_sentence(text: &[u8], stop: usize, word: usize, kinds: u16) -> bool {
    if abbreviations::is_next_part(text, stop, word) {
        return false;
    }
    if kinds & !kind::BRIEF == 0 {
        // `ir. K. de Boer`
        return kinds == 0 || !abbreviations::is_initial_after(text, word);
    }
    if kinds & kind::KNOWN != 0 && abbreviations::is_roman_after(text, word) {
        return false;
    }
    let next = abbreviations::kinds_after(text, word);
    let is_start = next & kind::STARTS != 0;
    if kinds & kind::NUMBER != 0 {
        let is_ordinal = next & kind::ORDINAL != 0 || kinds & kind::BEFORE_ORDINAL != 0;
        return is_start || !is_ordinal;
    }
    match kinds & (kind::KNOWN | kind::INITIAL) {
        kind::NEVER => false,
        kind::NAME | kind::INITIAL => is_start,
        kind::MIDDLE => is_start || next & kind::STARTS_UNLESS_NAME != 0,
        _ => true,
    }
}

/// What ends at `at`, before the character `after`, in scripts that put no space there: SENTENCE,
/// CLAUSE or NONE.
pub fn before_letter(text: &[u8], at: usize, after: u32) -> u8 {
    let Some((mark, start)) = mark_before(text, at, role::FULL_WIDTH_CLOSER) else {
        return NONE;
    };
    if role(after) != 0 {
        return NONE;
    }
    let does = role(mark);
    if does & role::FULL_WIDTH_CLAUSE != 0 {
        // A number may have a comma or a colon inside.
        let is_number = is_digit(after) && before(text, start).is_some_and(|(c, _)| is_digit(c));
        return if is_number { NONE } else { CLAUSE };
    }
    let is_end = does & role::FULL_WIDTH_TERMINATOR != 0
        && match char::from_u32(mark) {
            Some('…') => after >= FIRST_CJK,
            Some('．') => !is_digit(after),
            _ => true,
        };
    if is_end { SENTENCE } else { NONE }
}

fn is_dash(c: u32) -> bool {
    matches!(char::from_u32(c), Some('–' | '—'))
}

fn is_digit(c: u32) -> bool {
    matches!(char::from_u32(c), Some('0'..='9' | '０'..='９'))
}

/// Whether it ends a sentence only where what is around it does not say otherwise.
fn is_stop(c: u32) -> bool {
    matches!(char::from_u32(c), Some('.' | '…' | '․' | '﹒' | '．'))
}

/// Whether it is a letter of a script without case, or of a rare one with it. Punctuation of these
/// scripts is taken for one.
fn is_caseless(c: u32) -> bool {
    matches!(
        c,
        0x590..=0x1dff | 0x2e80..=0x2fff | 0x3040..=0xd7ff | 0xf900..=0xfaff | 0x20000..=0x3ffff
    )
}
