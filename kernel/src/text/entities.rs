//! Character references of HTML, such as `&amp;` and `&#228;`
//! (https://html.spec.whatwg.org/#character-reference-state).
//!
//! The names are in `entities.txt`, which `scripts/build_entities.py` makes. The fallback is Python's
//! `html.unescape`.

use std::borrow::Cow;
use std::sync::OnceLock;

const FILE: &str = include_str!("entities.txt");
/// The maximum number of characters of a name, without its semicolon.
const MAX_NAME: usize = 32;
/// The same of names that need no semicolon.
const MAX_BARE_NAME: usize = 6;
/// What the numbers from 0x80 to 0x9f stand for.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Names in order, and the code points of each.
fn names() -> &'static [(&'static str, &'static str)] {
    static NAMES: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    NAMES.get_or_init(|| {
        FILE.lines()
            .filter_map(|line| line.split_once(' '))
            .collect()
    })
}

fn find(name: &str) -> Option<&'static str> {
    let names = names();
    let found = names.binary_search_by_key(&name, |(name, _)| name).ok()?;
    Some(names[found].1)
}

/// A text with the characters that its references stand for. What is no reference stays.
pub fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let mut plain = text[..first].to_owned();
    let mut rest = &text[first..];
    while let Some(after) = rest.strip_prefix('&') {
        let length = match after.strip_prefix('#') {
            Some(number) => number_end(&mut plain, number).map(|end| end + 1),
            None => name_end(&mut plain, after),
        };
        if length.is_none() {
            plain.push('&');
        }
        rest = &after[length.unwrap_or(0)..];
        let next = memchr::memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        plain.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    Cow::Owned(plain)
}

/// The end of a number after `&#`, whose character is added; None if there is none.
fn number_end(plain: &mut String, text: &str) -> Option<usize> {
    let (digits, radix, before) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (text, 10, 0),
    };
    let is_digit = |c: char| c.is_digit(radix);
    let length = digits.find(|c| !is_digit(c)).unwrap_or(digits.len());
    if length == 0 {
        return None;
    }
    let number = digits[..length].chars().fold(0_u32, |number, digit| {
        let digit = digit.to_digit(radix).unwrap_or(0);
        number.saturating_mul(radix).saturating_add(digit)
    });
    plain.extend(character(number));
    let end = before + length;
    Some(end + usize::from(text[end..].starts_with(';')))
}

/// The character of a number; None if the standard has none.
fn character(number: u32) -> Option<char> {
    match number {
        0 => Some('\u{fffd}'),
        0x80..=0x9f => Some(WINDOWS[number as usize - 0x80]),
        0x01..=0x08 | 0x0b | 0x0e..=0x1f | 0x7f | 0xfdd0..=0xfdef => None,
        ..=0x10_ffff if number & 0xfffe == 0xfffe => None,
        _ => Some(char::from_u32(number).unwrap_or('\u{fffd}')),
    }
}

/// The end of a name after `&`, whose characters are added; None if there is none.
fn name_end(plain: &mut String, text: &str) -> Option<usize> {
    let is_in_name =
        |&(_, c): &(usize, char)| !matches!(c, '\t' | '\n' | '\x0c' | ' ' | '<' | '&' | '#' | ';');
    let inside = text.char_indices().take(MAX_NAME).take_while(is_in_name);
    let length = inside.last().map_or(0, |(i, c)| i + c.len_utf8());
    let all = length + usize::from(length > 0 && text[length..].starts_with(';'));
    let shorter = (2..all.min(MAX_BARE_NAME + 1)).rev();
    let mut candidates = std::iter::once(all).chain(shorter);
    let (end, points) = candidates.find_map(|end| {
        let name = text.get(..end)?;
        find(name).map(|points| (end, points))
    })?;
    let points = points
        .split(' ')
        .filter_map(|point| u32::from_str_radix(point, 16).ok());
    plain.extend(points.filter_map(char::from_u32));
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced() {
        for (text, plain) in [
            ("a", "a"),
            ("a &amp; b&lt;c &amp", "a & b<c &"),
            ("&notit; &notin; &not", "¬it; ∉ ¬"),
            (
                "&#228;&#xE4;&#XE4 &#128; &#x110000; &#0;&#1;",
                "ää\u{e4} € \u{fffd} \u{fffd}",
            ),
            ("& &; &# &#x; &#; &x &amp;amp;", "& &; &# &#x; &#; &x &amp;"),
            ("&NotEqualTilde;&ampé&é;", "\u{2242}\u{338}&é&é;"),
            ("&#99999999999999999999;", "\u{fffd}"),
        ] {
            assert_eq!(unescape(text), plain);
        }
    }
}
