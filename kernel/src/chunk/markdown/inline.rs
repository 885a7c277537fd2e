//! Spans of Markdown that are not to be cut: code, links, images and tags in paragraphs.
//!
//! They are found in one pass that cares less than a parser for what is nested in what: a span that a
//! parser would not find does no harm.

use crate::chunk::html::tokens::markup_end;
use crate::chunk::markdown::rows::{Row, kind};
use crate::text::char_map::CharMap;
use crate::text::spaces::is_space;
use memchr::{memchr, memchr3};
use std::mem;
use std::ops::Range;

/// The most characters of a span that is not cut anyway if it has no white space.
const SHORT: usize = 40;
/// The most characters of a span; a longer one fits into few chunks.
const MAX_LENGTH: usize = 4000;
/// How many runs of backticks are looked at before all of a text are put in order.
const NEAR: usize = 4;

/// Adds the spans of a text, in bytes, in no order; one may contain others.
///
/// `segments` are where it is neither code nor HTML.
pub fn inline_spans(
    text: &str,
    map: &CharMap,
    segments: impl Iterator<Item = (usize, usize)>,
    spans: &mut Vec<(u32, u32)>,
) {
    for (start, end) in segments {
        Scan::new(text, map, start, end).run(spans);
    }
}

/// Puts spans in order, the outer ones first.
pub fn sort(spans: &mut [(u32, u32)]) {
    spans.sort_unstable_by_key(|&(start, end)| (start, !end));
}

/// Where a range of a text is neither code nor HTML, by its blocks.
pub fn segments(range: Range<usize>, rows: &[Row]) -> impl Iterator<Item = (usize, usize)> {
    const INNER_CODE: u32 = kind::INSIDE + kind::CODE;
    let is_left_out = |row: &&Row| matches!(row.kind, kind::CODE | INNER_CODE | kind::HTML);
    let left_out = rows.iter().filter(is_left_out);
    let ends = left_out.map(|row| (row.start as usize, row.end as usize));
    let mut start = range.start;
    ends.chain([(range.end, 0)])
        .map(move |(end, next)| (mem::replace(&mut start, next), end))
}

/// One pass over a text without code and HTML.
struct Scan<'a> {
    text: &'a str,
    map: &'a CharMap,
    /// The bytes up to its end.
    bytes: &'a [u8],
    start: usize,
    /// The empty line that was searched for last.
    paragraph_end: Option<usize>,
    /// The lengths and starts of all runs of backticks, in order, once they are asked for.
    ticks: Option<Vec<(u32, u32)>>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, map: &'a CharMap, start: usize, end: usize) -> Self {
        Scan {
            text,
            map,
            bytes: &text.as_bytes()[..end.max(start)],
            start,
            paragraph_end: None,
            ticks: None,
        }
    }

    fn run(mut self, spans: &mut Vec<(u32, u32)>) {
        let bytes = self.bytes;
        // The brackets that are open, and where their paragraph ends.
        let (mut brackets, mut brackets_end): (Vec<usize>, _) = (Vec::new(), 0);
        let (mut position, mut no_tag_before) = (self.start, 0);
        while let Some(mark) = next_mark(bytes, position, &mut brackets, brackets_end) {
            let (mut first, before) = (mark, position);
            position = mark + 1;
            if is_escaped(bytes, before, mark) {
                continue;
            }
            let mut last = None;
            match bytes[mark] {
                b'`' => {
                    position = mark + run_length(&bytes[mark..]);
                    last = self.code_end(mark, position - mark);
                }
                b'[' => {
                    let is_image = mark > before && bytes[mark - 1] == b'!';
                    let is_image = is_image && !is_escaped(bytes, before, mark - 1);
                    if brackets.is_empty() {
                        brackets_end = self.paragraph_end(mark);
                    }
                    brackets.push(mark - usize::from(is_image));
                }
                b']' => {
                    if let Some(opened) = brackets.pop() {
                        first = opened;
                        last = target_end(bytes, position);
                    }
                }
                _ => {
                    let next = bytes.get(position).copied().unwrap_or(0);
                    let is_tag = next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?');
                    if is_tag && mark >= no_tag_before {
                        let stop = self.paragraph_end(mark);
                        last = markup_end(&bytes[..stop], mark);
                        if last.is_none() {
                            no_tag_before = stop; // nor do others in this paragraph end
                        }
                    }
                }
            }
            if let Some(end) = last {
                position = end;
                if self.is_kept(first, end) {
                    spans.push((first as u32, end as u32));
                }
            }
        }
    }

    /// Whether a span may be cut otherwise, and is not too long for that to matter.
    fn is_kept(&self, start: usize, end: usize) -> bool {
        let mut length = end - start;
        if length > SHORT && !self.map.is_ascii() {
            let character = |byte| self.map.character(self.text, byte);
            length = character(end) - character(start);
        }
        length <= MAX_LENGTH && (length > SHORT || self.text[start..end].contains(is_space))
    }

    /// The end of the code that a run of backticks opens.
    fn code_end(&mut self, start: usize, length: usize) -> Option<usize> {
        let closing = self.closing_ticks(start, length)?;
        (closing <= self.paragraph_end(start)).then_some(closing + length)
    }

    /// Where the next run of as many backticks starts as that at `start` has.
    fn closing_ticks(&mut self, start: usize, length: usize) -> Option<usize> {
        let mut position = start + length;
        for _ in 0..NEAR {
            position += memchr(b'`', &self.bytes[position..])?;
            let next = run_length(&self.bytes[position..]);
            if next == length {
                return Some(position);
            }
            position += next;
        }
        let (bytes, first) = (self.bytes, self.start);
        let ticks = self
            .ticks
            .get_or_insert_with(|| runs_of_ticks(bytes, first));
        let after = (length as u32, position as u32);
        let found = ticks.get(ticks.partition_point(|run| *run < after));
        let (_, closing) = found.filter(|(found, _)| *found as usize == length)?;
        Some(*closing as usize)
    }

    /// The next empty line.
    fn paragraph_end(&mut self, offset: usize) -> usize {
        match self.paragraph_end {
            Some(end) if end >= offset => end,
            _ => *self
                .paragraph_end
                .insert(next_empty_line(self.bytes, offset)),
        }
    }
}

/// The next byte from an offset on that may start or end a span.
///
/// Brackets that are open when their paragraph ends are forgotten.
fn next_mark(bytes: &[u8], from: usize, brackets: &mut Vec<usize>, end: usize) -> Option<usize> {
    let mut from = from;
    if !brackets.is_empty() {
        let end = end.max(from);
        let is_mark = |byte: &u8| matches!(byte, b'`' | b'[' | b']' | b'<');
        if let Some(ahead) = bytes[from..end].iter().position(is_mark) {
            return Some(from + ahead);
        }
        brackets.clear();
        from = end;
    }
    memchr3(b'`', b'[', b'<', &bytes[from..]).map(|ahead| from + ahead)
}

/// Whether a character is escaped: an odd number of backslashes is before it, from `from` on.
fn is_escaped(bytes: &[u8], from: usize, at: usize) -> bool {
    let before = bytes[from..at].iter().rev();
    before.take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// The length of the run of one character that a text starts with.
fn run_length(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| byte == text[0]).count()
}

/// All runs of backticks from `start` on: their lengths and starts, in order.
fn runs_of_ticks(bytes: &[u8], start: usize) -> Vec<(u32, u32)> {
    let (mut runs, mut position) = (Vec::new(), start);
    while let Some(ahead) = memchr(b'`', &bytes[position..]) {
        position += ahead;
        let length = run_length(&bytes[position..]);
        runs.push((length as u32, position as u32));
        position += length;
    }
    runs.sort_unstable();
    runs
}

/// The end of the empty line that follows the line break at an offset, if one does.
fn empty_line_end(bytes: &[u8], line_feed: usize) -> Option<usize> {
    let rest = &bytes[line_feed + 1..];
    let blanks = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    match rest[blanks..] {
        [b'\n', ..] => Some(line_feed + blanks + 2),
        [b'\r', b'\n', ..] => Some(line_feed + blanks + 3),
        _ => None,
    }
}

/// The line break from `start` on that an empty line follows; the end of the text if there is none.
fn next_empty_line(bytes: &[u8], start: usize) -> usize {
    let mut position = start;
    while let Some(ahead) = memchr(b'\n', &bytes[position..]) {
        position += ahead;
        if empty_line_end(bytes, position).is_some() {
            return position;
        }
        position += 1;
    }
    bytes.len()
}

/// The end of the target of a link that starts at an offset: what is in parentheses or brackets.
fn target_end(bytes: &[u8], start: usize) -> Option<usize> {
    let end_of = |from: usize, stops: fn(u8) -> bool| {
        from + bytes[from..]
            .iter()
            .take_while(|&&byte| !stops(byte))
            .count()
    };
    let mut position = start + 1;
    match bytes.get(start)? {
        b'[' => {
            let end = end_of(position, |byte| matches!(byte, b'[' | b']' | b'\\' | b'\n'));
            (bytes.get(end) == Some(&b']')).then_some(end + 1)
        }
        b'(' => loop {
            position = end_of(position, |byte| matches!(byte, b'(' | b')' | b'\\' | b'\n'));
            match bytes.get(position)? {
                b')' => return Some(position + 1),
                b'\n' if empty_line_end(bytes, position).is_none() => position += 1,
                b'\\' if bytes.get(position + 1).is_none_or(|&next| next == b'\n') => position += 1,
                b'\\' => position += 2,
                b'(' => {
                    let end = end_of(position + 1, |byte| matches!(byte, b'(' | b')' | b'\n'));
                    if bytes.get(end) != Some(&b')') {
                        return None;
                    }
                    position = end + 1;
                }
                _ => return None,
            }
        },
        _ => None,
    }
}
