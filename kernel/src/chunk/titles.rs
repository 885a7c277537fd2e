//! Titles of blocks, in UTF-8 in which a lone surrogate is three bytes.
//!
//! The fallback is in `ctxtools/_core/fallback/blocks.py`.

use crate::text::spaces::is_space;
use std::borrow::Cow;

/// Characters of the longest title; `MAX_TITLE` of `ctxtools/chunking/block.py`.
pub const MAX_TITLE: usize = 200;

/// A title on one line, truncated if it is too long. Where it has no white space but spaces, these
/// stay as they are.
pub fn one_line(title: &[u8]) -> Cow<'_, [u8]> {
    let is_plain = |&byte: &u8| (b' '..0x7f).contains(&byte);
    if title.len() <= MAX_TITLE && title.iter().all(is_plain) {
        return Cow::Borrowed(title);
    }
    let points: Vec<u32> = code_points(title).collect();
    let is_other_space = |&point: &u32| point != 0x20 && is_space_point(point);
    if points.len() <= MAX_TITLE && !points.iter().any(is_other_space) {
        return Cow::Borrowed(title);
    }
    Cow::Owned(truncated(&joined(&points)))
}

/// The title of a member with a key, in quotes as it is written in valid JSON.
pub fn of_key(key: &str) -> Cow<'_, [u8]> {
    let inside = key
        .strip_prefix('"')
        .and_then(|key| key.strip_suffix('"'))
        .unwrap_or(key);
    let is_plain = |&byte: &u8| (b'!'..0x7f).contains(&byte) && byte != b'\\';
    if inside.len() <= MAX_TITLE && inside.as_bytes().iter().all(is_plain) {
        return Cow::Borrowed(inside.as_bytes());
    }
    let mut points = unescaped(inside);
    points.truncate(MAX_TITLE);
    let mut title = Vec::new();
    for point in joined(&points) {
        push(&mut title, point);
    }
    Cow::Owned(title)
}

/// The code points of a string of JSON, of which lone surrogates may be escaped.
fn unescaped(text: &str) -> Vec<u32> {
    let mut points: Vec<u32> = Vec::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            points.push(character.into());
            continue;
        }
        let point = match rest.next() {
            Some('b') => 8,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            Some('u') => {
                let digits = rest.as_str().get(..4).unwrap_or_default();
                rest = rest.as_str().get(4..).unwrap_or_default().chars();
                u32::from_str_radix(digits, 16).unwrap_or(0xfffd)
            }
            Some(other) => other.into(),
            None => break,
        };
        match points.last_mut() {
            // The first half of the pair was escaped too: no text has it otherwise.
            Some(high @ 0xd800..0xdc00) if (0xdc00..0xe000).contains(&point) => {
                *high = 0x10000 + ((*high - 0xd800) << 10) + (point - 0xdc00);
            }
            _ => points.push(point),
        }
    }
    points
}

fn is_space_point(point: u32) -> bool {
    char::from_u32(point).is_some_and(is_space)
}

/// The words, with a space between each two.
fn joined(points: &[u32]) -> Vec<u32> {
    let words = points.split(|&point| is_space_point(point));
    let words: Vec<&[u32]> = words.filter(|word| !word.is_empty()).collect();
    words.join(&0x20)
}

fn truncated(points: &[u32]) -> Vec<u8> {
    let is_long = points.len() > MAX_TITLE;
    let kept = if is_long { MAX_TITLE - 1 } else { points.len() };
    let mut title = Vec::new();
    for &point in &points[..kept] {
        push(&mut title, point);
    }
    if is_long {
        title.extend_from_slice("…".as_bytes());
    }
    title
}

/// The code points of a text in which surrogates have three bytes.
fn code_points(text: &[u8]) -> impl Iterator<Item = u32> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (&lead, tail) = rest.split_first()?;
        let length = match lead {
            0xf0.. => 3,
            0xe0.. => 2,
            0xc0.. => 1,
            _ => 0,
        };
        let (more, after) = tail.split_at_checked(length)?;
        rest = after;
        let bits = match length {
            0 => return Some(lead.into()),
            n => u32::from(lead) & (0x3f >> n),
        };
        Some(
            more.iter()
                .fold(bits, |bits, &byte| bits << 6 | u32::from(byte & 0x3f)),
        )
    })
}

fn push(text: &mut Vec<u8>, point: u32) {
    let tail = |shift: u32| 0x80 | (point >> shift & 0x3f) as u8;
    match point {
        0..0x80 => text.push(point as u8),
        0x80..0x800 => text.extend([0xc0 | (point >> 6) as u8, tail(0)]),
        0x800..0x10000 => text.extend([0xe0 | (point >> 12) as u8, tail(6), tail(0)]),
        _ => text.extend([0xf0 | (point >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(title: &str) -> String {
        String::from_utf8_lossy(&one_line(title.as_bytes())).into_owned()
    }

    #[test]
    fn titles_are_on_one_line() {
        assert_eq!(line("a  b"), "a  b");
        assert_eq!(line(" a\n\u{a0} é\t"), "a é");
        assert_eq!(line(&"é ".repeat(150)), "é ".repeat(99) + "é…");
        assert_eq!(&*one_line(b"\xed\xa0\x80 \t"), b"\xed\xa0\x80");
    }

    #[test]
    fn keys_are_decoded() {
        let title = |key| of_key(key).into_owned();
        assert_eq!(title(r#""a b""#), b"a b");
        assert_eq!(
            title(r#""\u00e9\n\"\ud83d\ude00 x""#),
            "é \"😀 x".as_bytes()
        );
        assert_eq!(title(r#""\ud83dx""#), b"\xed\xa0\xbdx");
        assert_eq!(
            title(&format!("\"{}\"", "é".repeat(300))),
            "é".repeat(200).as_bytes()
        );
    }
}
