//! The words that say whether a full stop ends a sentence: the table, and the word before a stop.
//!
//! The table is `ctxtools/_core/abbreviations.txt`, made by `scripts/build_abbreviations.py`; the
//! fallback, `ctxtools/_core/fallback/sentences/abbreviations.py`, reads the same file. A line has a
//! [`kind`] and its words, without the last full stop. The language of the text is not known: the
//! table holds those of many languages, which differ in script at best. So a word that is common in
//! one of them is no abbreviation before a capital letter, whatever it is in another.

use crate::text::sentences::marks;
use crate::text::unicode::{CLASS, before, class, decode, lookup};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// What the table says of a word, as flags.
pub mod kind {
    /// An abbreviation that needs what follows it: `Mr`, `e.g`.
    pub const NEVER: u16 = 1;
    /// One that stands before or after a name: `St`, `Jr`.
    pub const NAME: u16 = 2;
    /// One that may end a sentence, if a word follows that starts sentences: `Inc`, `approx`.
    pub const MIDDLE: u16 = 4;
    /// One that ends a sentence before any capital letter: `etc`, `no`.
    pub const CAPITAL: u16 = 8;
    /// Starts sentences.
    pub const STARTS: u16 = 16;
    /// The same, but is also a name, or the start of one: `He`, `Le`.
    pub const STARTS_UNLESS_NAME: u16 = 32;
    /// German: follows an ordinal number: `Oktober`.
    pub const ORDINAL: u16 = 64;
    /// German: stands before an ordinal number: `am`.
    pub const BEFORE_ORDINAL: u16 = 128;
    /// What a single letter names: `vitamin`.
    pub const LETTERED: u16 = 256;
    /// Short, and no abbreviation before a number either: `it`.
    pub const SHORT: u16 = 512;
    /// An initial, or more of them: `J`, `U.S`.
    pub const INITIAL: u16 = 1024;
    /// The number or letter of a list item.
    pub const LABEL: u16 = 2048;
    /// A number that may be an ordinal one.
    pub const NUMBER: u16 = 4096;
    /// A short word that is in no list: an abbreviation before a number.
    pub const BRIEF: u16 = 8192;
    /// Any abbreviation of the table.
    pub const KNOWN: u16 = NEVER | NAME | MIDDLE | CAPITAL;
}

const FILE: &str = include_str!("../../../../ctxtools/_core/abbreviations.txt");
/// The names of the kinds in the file.
const NAMES: [(&str, u16); 10] = [
    ("never", kind::NEVER),
    ("name", kind::NAME),
    ("middle", kind::MIDDLE),
    ("capital", kind::CAPITAL),
    ("starts", kind::STARTS),
    ("starts-unless-name", kind::STARTS_UNLESS_NAME),
    ("ordinal", kind::ORDINAL),
    ("before-ordinal", kind::BEFORE_ORDINAL),
    ("lettered", kind::LETTERED),
    ("short", kind::SHORT),
];

/// The maximum number of letters of a word of the table.
const MAX_LETTERS: usize = 16;
/// The maximum of an abbreviation, alone or as a part of one, such as `i` in `i.e`.
const MAX_ABBREVIATION: usize = 10;
const MAX_PART: usize = 4;
/// The maximum number of parts.
const MAX_PARTS: usize = 5;
/// The maximum number of letters of the last part, where nothing is known of it.
const MAX_CLOSE: usize = 3;
/// The maximum number of digits of an ordinal number, and of the number of a list item.
const MAX_ORDINAL: usize = 2;
const MAX_LABEL: usize = 3;
/// The maximum indentation of the number of a list item.
const MAX_INDENT: usize = 8;

/// FNV-1a, which is fast for short keys.
#[derive(Clone, Copy)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

struct Table {
    kinds: HashMap<&'static [u8], u16, BuildHasherDefault<Fnv>>,
    /// For each pair of lower-case letters of ASCII, a bit for each length of the abbreviations that end
    /// with it. Most words are found to be none of them here.
    endings: [u16; 26 * 26],
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        kinds: HashMap::default(),
        endings: [0; 26 * 26],
    };
    for (name, words) in FILE.lines().filter_map(|line| line.split_once(": ")) {
        for (_, kind) in NAMES.iter().filter(|(known, _)| *known == name) {
            for word in words.split(' ').map(str::as_bytes) {
                *table.kinds.entry(word).or_default() |= kind;
                if kind & kind::KNOWN != 0
                    && let [.., a @ b'a'..=b'z', b @ b'a'..=b'z'] = word
                {
                    table.endings[ending(*a, *b)] |= 1 << word.len().min(15);
                }
            }
        }
    }
    table
});

/// The number of a pair of lower-case letters.
fn ending(a: u8, b: u8) -> usize {
    26 * usize::from(a - b'a') + usize::from(b - b'a')
}

fn kinds_of(word: &[u8]) -> u16 {
    TABLE.kinds.get(word).copied().unwrap_or(0)
}

/// Where the word ends that is before the full stop at `stop`: tokenized text has a space between.
#[inline(always)]
fn word_end(text: &[u8], stop: usize) -> usize {
    match text[..stop] {
        [.., last, b' '] if last > b' ' => stop - 1,
        _ => stop,
    }
}

/// Whether the word before the full stop at `stop` surely is an ordinary one, fast: one of some lower-case
/// letters of ASCII after a space, perhaps with a first capital.
pub fn is_ordinary_before(text: &[u8], stop: usize) -> bool {
    const VOWELS: u32 = letter_bits(b"aeiouy");
    const NUMERALS: u32 = letter_bits(b"ivx");
    let end = word_end(text, stop);
    if has_known_end(text, end) {
        return false;
    }
    let mut bits = 0;
    for (i, &byte) in text[..end].iter().rev().take(MAX_ABBREVIATION).enumerate() {
        if byte.is_ascii_lowercase() {
            bits |= 1 << (byte - b'a');
            continue;
        }
        let is_capital = byte.is_ascii_uppercase();
        if i < 2 || !(is_capital || byte == b' ') {
            return false;
        }
        let length = i + usize::from(is_capital);
        let is_known = TABLE.endings[ending(text[end - 2], text[end - 1])] >> length & 1 != 0;
        let is_spaced = !is_capital || text[..end - length].last() == Some(&b' ');
        return is_spaced && !is_known && bits & VOWELS != 0 && bits & !NUMERALS != 0;
    }
    end > MAX_ABBREVIATION
}

const fn letter_bits(mut letters: &[u8]) -> u32 {
    let mut bits = 0;
    while let [letter, rest @ ..] = letters {
        bits |= 1 << (*letter - b'a');
        letters = rest;
    }
    bits
}

/// Whether letters of these scripts have case, which is what the table needs to know: Latin, Greek,
/// Cyrillic and Armenian.
fn has_case(c: u32) -> bool {
    matches!(c, 0xaa..=0x58f | 0x1e00..=0x1fff)
}

fn is_letter(c: u32) -> bool {
    if c < 0x80 {
        return (c as u8).is_ascii_alphabetic();
    }
    let is_class = |c| {
        matches!(
            lookup(c) & CLASS,
            class::UPPER | class::LOWER | class::CASELESS | class::MARK
        )
    };
    has_case(c) && is_class(c) || (0x590..=0x1dff).contains(&c) && marks::role(c) == 0
}

pub fn is_upper(c: u32) -> bool {
    match c {
        ..0x80 => (c as u8).is_ascii_uppercase(),
        _ => has_case(c) && lookup(c) & CLASS == class::UPPER,
    }
}

pub fn is_lower(c: u32) -> bool {
    match c {
        ..0x80 => (c as u8).is_ascii_lowercase(),
        _ => has_case(c) && lookup(c) & CLASS == class::LOWER,
    }
}

/// Where the letters start that end at `end`, and how many they are; no more than `most` and one.
fn letters_before(text: &[u8], end: usize, most: usize) -> (usize, usize) {
    let (mut start, mut letters) = (end, 0);
    while letters <= most
        && let Some((c, from)) = before(text, start)
        && is_letter(c)
    {
        (start, letters) = (from, letters + 1);
    }
    (start, letters)
}

/// What the table says of the word that starts at `start`.
pub fn kinds_after(text: &[u8], start: usize) -> u16 {
    let (mut end, mut letters) = (start, 0);
    while let Some((c, length)) = decode(text, end)
        && is_letter(c)
    {
        (end, letters) = (end + length, letters + 1);
        if letters > MAX_LETTERS {
            return 0;
        }
    }
    let after = decode(text, end).map_or(0x20, |(c, _)| c);
    let is_apostrophe = matches!(char::from_u32(after), Some('\'' | '’'));
    if letters == 1 && is_apostrophe {
        return kind::STARTS_UNLESS_NAME; // `L'`, `I'm`
    }
    let kinds = kinds_of(&text[start..end]);
    match char::from_u32(after) {
        Some('\'' | '’' | ',') => kinds,
        Some('.') => kinds & kind::ORDINAL,
        _ if marks::is_space(after) => kinds,
        _ => 0,
    }
}

/// Whether the word before the full stop at `stop`, and the one that starts at `start`, are parts of
/// one abbreviation, as in `z. B.`
#[inline(always)]
pub fn is_next_part(text: &[u8], stop: usize, start: usize) -> bool {
    // Most words are longer, which is seen at once.
    let is_longer = match text.get(start..start + MAX_PART + 1) {
        Some(next) => next.is_ascii() && !next.contains(&b'.'),
        None => false,
    };
    !is_longer && is_next_short_part(text, stop, start)
}

fn is_next_short_part(text: &[u8], stop: usize, start: usize) -> bool {
    let (mut end, mut letters) = (start, 0);
    while let Some((c, length)) = decode(text, end)
        && is_letter(c)
        && letters < MAX_PART
    {
        (end, letters) = (end + length, letters + 1);
    }
    if letters == 0 || text.get(end) != Some(&b'.') {
        return false;
    }
    let (from, n) = letters_before(text, stop, MAX_PART);
    if n == 0 || n > MAX_PART {
        return false;
    }
    let mut joined = [0; 2 * 4 * MAX_PART + 1];
    let (first, second) = (&text[from..stop], &text[start..end]);
    let length = first.len() + 1 + second.len();
    joined[..first.len()].copy_from_slice(first);
    joined[first.len()] = b'.';
    joined[first.len() + 1..length].copy_from_slice(second);
    n == 1 && letters == 1 && first[0].is_ascii_lowercase()
        || kinds_of(&joined[..length]) & kind::KNOWN != 0
}

/// Whether an initial starts at `start`.
pub fn is_initial_after(text: &[u8], start: usize) -> bool {
    matches!(text[start..], [letter, b'.', ..] if letter.is_ascii_uppercase())
}

/// Whether the word that starts at `start` is a Roman numeral, or a letter that numbers something; not
/// the English word `I`, nor another vowel.
pub fn is_roman_after(text: &[u8], start: usize) -> bool {
    let rest = text[start..].iter().take(MAX_ABBREVIATION);
    let length = rest
        .take_while(|byte| matches!(byte, b'I' | b'V' | b'X' | b'L' | b'C'))
        .count();
    if length == MAX_ABBREVIATION {
        return false;
    }
    let end = start + length.max(1);
    if decode(text, end).is_some_and(|(c, _)| is_letter(c)) {
        return false;
    }
    match text[start] {
        // `I and II`
        b'I' if length == 1 => matches!(text[end..], [b' ' | b'\n', b'a', b'n', b'd', ..]),
        b'A' | b'E' | b'O' | b'U' | b'Y' => false,
        letter => letter.is_ascii_uppercase(),
    }
}

/// What the word or number before the full stop at `stop` says, as flags of [`kind`]; none if a
/// sentence may end with it as with any other.
pub fn before_stop(text: &[u8], stop: usize) -> u16 {
    let end = word_end(text, stop);
    let (start, letters) = letters_before(text, end, MAX_ABBREVIATION);
    if letters == 0 {
        return match text[..end] {
            [.., b'n' | b'N', 0xc2, 0xb0] => kind::CAPITAL, // `N°`
            _ => number_before(text, end),
        };
    }
    if has_known_end(text, end) {
        return kind::MIDDLE;
    }
    let previous = before(text, start).map_or(0x20, |(c, _)| c);
    if letters > MAX_ABBREVIATION || is_digit(previous) {
        return 0;
    }
    let word = &text[start..end];
    let is_numeral = || {
        let is = |letters: &[u8]| word.iter().all(|byte| letters.contains(byte));
        is(b"ivx") || is(b"IVX")
    };
    if (letters == 1 || is_numeral()) && is_label(text, start) {
        return kind::LABEL;
    }
    let known = abbreviation(text, start, end, letters);
    // The last part of an address, of a file's name or a unit is no abbreviation.
    let is_name = matches!(
        char::from_u32(previous),
        Some('.' | '/' | '\\' | '_' | '@' | '°')
    );
    if known != 0 || is_name {
        return known;
    }
    if letters == 1 {
        return letter(text, start);
    }
    let mut letters_of = std::str::from_utf8(word).unwrap_or_default().chars();
    let first = letters_of.next();
    if letters_of.clone().all(|c| is_lower(u32::from(c))) {
        // No Greek word ends with these.
        if "βγδζθκλμπστφχ".contains(letters_of.clone().next_back().unwrap_or_default())
        {
            return kind::MIDDLE;
        }
        if letters <= 5 && !first.into_iter().chain(letters_of).any(is_vowel) {
            return kind::MIDDLE;
        }
        if letters <= 3 && kinds_of(word) & kind::SHORT == 0 {
            return kind::BRIEF;
        }
    }
    0
}

/// What the table says of an abbreviation, alone or with the parts before it, as in `i.e.` and `d. h.`
fn abbreviation(text: &[u8], start: usize, end: usize, letters: usize) -> u16 {
    const LONGEST: usize = 4 * (MAX_ABBREVIATION + MAX_PARTS * (MAX_PART + 1));
    let mut joined = [0; LONGEST];
    let mut first = LONGEST - (end - start);
    joined[first..].copy_from_slice(&text[start..end]);
    // Whether all parts are short and next to each other, or single letters.
    let (mut is_close, mut is_single) = (letters <= MAX_CLOSE, letters == 1);
    let (mut at, mut parts) = (start, 0);
    while parts < MAX_PARTS
        && (is_close || is_single || parts == 0)
        && let Some((stop, is_spaced)) = stop_before(text, at)
    {
        let (from, n) = letters_before(text, stop, MAX_PART);
        let is_number = before(text, from).is_some_and(|(c, _)| is_digit(c));
        if n == 0 || n > MAX_PART || is_number {
            break;
        }
        let part = &text[from..=stop];
        first -= part.len();
        joined[first..first + part.len()].copy_from_slice(part);
        let known = kinds_of(&joined[first..]) & kind::KNOWN;
        if known != 0 {
            return known;
        }
        is_close &= n < MAX_CLOSE && !is_spaced;
        is_single &= n == 1;
        (at, parts) = (from, parts + 1);
    }
    match kinds_of(&text[start..end]) & kind::KNOWN {
        0 if parts > 0 && (is_close || is_single) => kind::INITIAL,
        known => known,
    }
}

/// The full stop before `at`, with at most a space or line feed between, and whether there is one.
fn stop_before(text: &[u8], at: usize) -> Option<(usize, bool)> {
    let (c, start) = before(text, at)?;
    if c == u32::from('.') {
        return Some((start, false));
    }
    let is_space = matches!(c, 0x0a | 0x20 | 0xa0 | 0x2009 | 0x202f);
    let (c, start) = before(text, start)?;
    (is_space && c == u32::from('.')).then_some((start, true))
}

/// What a single letter says that is no abbreviation of the table.
fn letter(text: &[u8], start: usize) -> u16 {
    let c = decode(text, start).map_or(0, |(c, _)| c);
    match char::from_u32(c) {
        Some('я') => 0,
        Some('I') => kind::MIDDLE,
        _ if is_upper(c) => match kinds_before(text, start) & kind::LETTERED {
            0 => kind::INITIAL,
            _ => kind::CAPITAL,
        },
        // A variable, or a part of what is not known.
        _ => kind::MIDDLE,
    }
}

/// What the number says that ends at `end`.
fn number_before(text: &[u8], end: usize) -> u16 {
    let digits = |end: usize| {
        let last = text[..end].iter().rev().take(MAX_LABEL + 1);
        last.take_while(|byte| byte.is_ascii_digit()).count()
    };
    let length = digits(end);
    if length == 0 || length > MAX_LABEL {
        return 0;
    }
    let mut start = end - length;
    if is_label(text, start) {
        return kind::LABEL;
    }
    let previous = before(text, start).map_or(0x20, |(c, _)| c);
    if length <= MAX_ORDINAL && (marks::is_space(previous) || previous == u32::from('(')) {
        return kind::NUMBER | kinds_before(text, start) & kind::BEFORE_ORDINAL;
    }
    // The number of a section, as in `1.2.`
    for _ in 0..MAX_PARTS {
        let Some((stop, false)) = stop_before(text, start) else {
            return 0;
        };
        let length = digits(stop);
        if length == 0 || length > MAX_LABEL {
            return 0;
        }
        start = stop - length;
        if starts_line(text, start) {
            return kind::LABEL;
        }
    }
    0
}

/// What the table says of the word before the one that starts at `start`.
fn kinds_before(text: &[u8], start: usize) -> u16 {
    match before(text, start) {
        Some((0x20, end)) => {
            let (start, letters) = letters_before(text, end, MAX_LETTERS);
            if letters <= MAX_LETTERS {
                return kinds_of(&text[start..end]);
            }
            0
        }
        _ => 0,
    }
}

/// Whether a number or letter at `at` starts an item of a list: at the start of a line, or after a
/// bullet or the end of another sentence.
fn is_label(text: &[u8], at: usize) -> bool {
    match text[..at] {
        [.., b'!' | b'?' | b':' | b';', b' '] => true,
        [.., b'.', b' '] => is_long_word(text, at - 2),
        [.., b'-' | b'*' | b'+' | b'>' | b'#' | b'|', b' '] => starts_line(text, at - 2),
        [.., b' '] if before(text, at - 1).is_some_and(|(c, _)| is_bullet(c)) => true,
        _ => starts_line(text, at),
    }
}

fn is_bullet(c: u32) -> bool {
    matches!(
        char::from_u32(c),
        Some('•' | '‣' | '⁃' | '◦' | '▪' | '●' | '○' | '■')
    )
}

/// Whether a word ends at `end` that is no abbreviation of the table, nor as short as one.
fn is_long_word(text: &[u8], end: usize) -> bool {
    let (start, letters) = letters_before(text, end, MAX_ABBREVIATION);
    let kinds = kinds_of(&text[start..end]);
    let is_long = letters > MAX_CLOSE || kinds & kind::SHORT != 0;
    is_long && kinds & kind::KNOWN == 0 && !has_known_end(text, end)
}

/// Whether a German compound ends with the abbreviation of its last part: `Hauptstr.`, `Hausnr.`
#[inline]
fn has_known_end(text: &[u8], end: usize) -> bool {
    match text[..end] {
        [.., letter, b's', b't', b'r'] | [.., letter, b'n', b'r'] => {
            letter.is_ascii_lowercase() || letter >= 0x80
        }
        _ => false,
    }
}

/// Whether only a little white space is before `at` in its line.
pub fn starts_line(text: &[u8], at: usize) -> bool {
    let indent = text[..at]
        .iter()
        .rev()
        .take(MAX_INDENT)
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    before(text, at - indent).is_none_or(|(c, _)| marks::is_break(c))
}

fn is_digit(c: u32) -> bool {
    matches!(c, 0x30..=0x39)
}

/// Whether it may be the vowel of a word. Accents are on vowels, most of the time.
fn is_vowel(c: char) -> bool {
    match c {
        '\0'..='\x7f' => "aeiouyAEIOUY".contains(c),
        'Ѐ'..='џ' => "аеиоуыэюяёіїєАЕИОУЫЭЮЯЁІЇЄ".contains(c),
        _ => true,
    }
}
