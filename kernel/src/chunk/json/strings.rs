//! Long strings of JSON: their first word, and the lines that escaped line breaks make.

use crate::text::boundaries::strength;
use crate::text::spaces::is_space;
use std::ops::Range;

/// Characters of the first word of a string, which is kept with its key.
const MAX_WORD: usize = 40;
const SENTENCE_ENDS: [char; 7] = ['.', '!', '?', '…', '。', '！', '？'];
const CLOSING_MARKS: [char; 11] = ['"', '\'', '”', '’', '»', ')', ']', '}', '*', '_', '\\'];

/// The end of the first word of what may be a string, in quotes.
pub fn first_word(value: &str) -> Option<usize> {
    let rest = value.strip_prefix('"')?;
    let is_word = |&(_, c): &(usize, char)| !is_space(c) && c != '\\' && c != '"';
    let word = rest.char_indices().take(MAX_WORD).take_while(is_word);
    Some(1 + word.map(|(_, c)| c.len_utf8()).sum::<usize>())
}

/// Where the lines of a string start, but for the first one, and the strength of a cut there.
/// `is_small` says of a span whether it has too few characters for a line.
pub fn lines(
    text: &str,
    string: Range<usize>,
    is_small: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, u8)> {
    let last = string.end - 1;
    let data = &text.as_bytes()[..last];
    let mut cuts: Vec<(usize, u8)> = Vec::new();
    let mut start = string.start;
    while let Some((first, end)) = breaks(data, start) {
        start = end;
        let many = |letter| {
            data[first..end]
                .iter()
                .filter(|&&byte| byte == letter)
                .count()
                > 1
        };
        let strength = if many(b'n') || many(b'r') {
            strength::PARAGRAPH
        } else if is_small(cuts.last().map_or(string.start, |&(cut, _)| cut), start) {
            continue;
        } else if ends_sentence(&text[string.start..first]) {
            strength::SENTENCE_LINE
        } else {
            strength::LINE
        };
        cuts.push((start, strength));
    }
    if let Some(&(cut, _)) = cuts.last()
        && text[cut..last].chars().all(is_space)
    {
        cuts.pop();
    }
    cuts
}

/// The next escaped line breaks, with the white space between them: where they start and end.
fn breaks(data: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut at = start;
    loop {
        at += memchr::memchr(b'\\', data.get(at..)?)?;
        match data.get(at + 1)? {
            b'n' | b'r' => break,
            _ => at += 2,
        }
    }
    let first = at;
    let mut end = at + 2;
    loop {
        let mut next = end;
        loop {
            match data.get(next..) {
                Some([b' ', ..]) => next += 1,
                Some([b'\\', b't', ..]) => next += 2,
                _ => break,
            }
        }
        match data.get(next..) {
            Some([b'\\', b'n' | b'r', ..]) => end = next + 2,
            _ => return Some((first, end)),
        }
    }
}

/// Whether text ends a sentence, closing marks included: its last four characters are looked at.
fn ends_sentence(text: &str) -> bool {
    let start = text.char_indices().rev().nth(3).map_or(0, |(n, _)| n);
    let before = text[start..].trim_end_matches(CLOSING_MARKS);
    before.ends_with(SENTENCE_ENDS)
}
