//! The tokens of JSON (RFC 8259), with comments and commas after last members.
//!
//! One step is a key, a simple value or a bracket, with what belongs to it: the colon, the comma,
//! the rest of the line after it. As in Python, NaN, Infinity and control characters in strings are
//! accepted, since they occur in files. The fallback has a regular expression for it.

use std::ops::Range;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Main {
    Value,
    Open {
        is_object: bool,
    },
    Close {
        is_object: bool,
    },
    /// Anything else, or the end.
    Fault,
}

/// A step, with offsets in bytes.
pub struct Step {
    pub start: usize,
    pub end: usize,
    pub key: Option<Range<usize>>,
    pub main: Main,
    /// Where the value, the bracket or the fault is.
    pub at: usize,
    /// The end of the value.
    pub value_end: usize,
    /// Where the comma is after a value or a closing bracket.
    pub comma: Option<usize>,
}

pub struct Steps<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Steps<'a> {
    pub fn new(data: &'a [u8], span: Range<usize>) -> Self {
        Self {
            data: &data[..span.end],
            at: span.start,
        }
    }

    pub fn next(&mut self) -> Step {
        let start = self.at;
        let mut at = self.blank(start);
        let mut key = None;
        let mut string = self.string(at);
        if let Some(end) = string {
            let colon = self.blank(end);
            if self.data.get(colon) == Some(&b':') {
                key = Some(at..end);
                at = self.blank(colon + 1);
                string = self.string(at);
            }
        }
        let (mut end, mut comma) = (at, None);
        let main = match self.data.get(at) {
            Some(&byte @ (b'{' | b'[')) => {
                end = self.rest(at + 1);
                Main::Open {
                    is_object: byte == b'{',
                }
            }
            Some(&byte @ (b'}' | b']')) => {
                (end, comma) = self.with_comma(at + 1);
                Main::Close {
                    is_object: byte == b'}',
                }
            }
            _ => match string.or_else(|| self.value(at)) {
                Some(value_end) => {
                    (end, comma) = self.with_comma(value_end);
                    self.at = end;
                    return Step {
                        start,
                        end,
                        key,
                        main: Main::Value,
                        at,
                        value_end,
                        comma,
                    };
                }
                None => Main::Fault,
            },
        };
        self.at = end;
        Step {
            start,
            end,
            key,
            main,
            at,
            value_end: at,
            comma,
        }
    }

    /// The end of white space and comments.
    fn blank(&self, mut at: usize) -> usize {
        loop {
            match self.data.get(at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
                Some(b'/') => match self.data.get(at + 1) {
                    Some(b'/') => at = self.end_of_line(at),
                    Some(b'*') => match memchr::memmem::find(&self.data[at + 2..], b"*/") {
                        Some(n) => at += n + 4,
                        None => return at,
                    },
                    _ => return at,
                },
                _ => return at,
            }
        }
    }

    /// The end of the rest of a line, if nothing but comments is on it, else of what is blank.
    fn rest(&self, mut at: usize) -> usize {
        loop {
            match self.data.get(at) {
                Some(b' ' | b'\t') => at += 1,
                Some(b'/') if self.data.get(at + 1) == Some(&b'*') => {
                    match self.end_of_comment(at + 2) {
                        Some(end) => at = end,
                        None => break,
                    }
                }
                _ => break,
            }
        }
        if self.data[at..].starts_with(b"//") {
            at = self.end_of_line(at);
        }
        if self.data[at..].starts_with(b"\r\n") {
            at + 2
        } else if self.data.get(at) == Some(&b'\n') {
            at + 1
        } else {
            at
        }
    }

    /// The end of a comment that ends on its line.
    fn end_of_comment(&self, mut at: usize) -> Option<usize> {
        loop {
            at += memchr::memchr2(b'*', b'\n', self.data.get(at..)?)?;
            match self.data[at..] {
                [b'*', b'/', ..] => return Some(at + 2),
                [b'*', ..] => at += 1,
                _ => return None,
            }
        }
    }

    /// The end of the comma after a value and of the rest of its line, and where the comma is.
    fn with_comma(&self, end: usize) -> (usize, Option<usize>) {
        let comma = self.blank(end);
        if self.data.get(comma) == Some(&b',') {
            (self.rest(comma + 1), Some(comma))
        } else {
            (end, None)
        }
    }

    fn end_of_line(&self, at: usize) -> usize {
        let line = memchr::memchr(b'\n', &self.data[at..]);
        line.map_or(self.data.len(), |n| at + n)
    }

    /// The end of a simple value that is no string.
    fn value(&self, at: usize) -> Option<usize> {
        let rest = &self.data[at..];
        let length = match rest.first()? {
            b't' => starts(rest, b"true"),
            b'f' => starts(rest, b"false"),
            b'n' => starts(rest, b"null"),
            b'N' => starts(rest, b"NaN"),
            b'I' => starts(rest, b"Infinity"),
            b'-' => number(rest).or_else(|| starts(rest, b"-Infinity")),
            _ => number(rest),
        };
        length.map(|length| at + length)
    }

    /// The end of the string that starts there.
    fn string(&self, at: usize) -> Option<usize> {
        if self.data.get(at) != Some(&b'"') {
            return None;
        }
        let mut at = at + 1;
        loop {
            at += memchr::memchr2(b'"', b'\\', &self.data[at..])?;
            if self.data[at] == b'"' {
                return Some(at + 1);
            }
            at += match self.data.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                b'u' => {
                    let digits = self.data.get(at + 2..at + 6)?;
                    digits.iter().all(u8::is_ascii_hexdigit).then_some(6)?
                }
                _ => return None,
            };
        }
    }
}

fn starts(rest: &[u8], word: &[u8]) -> Option<usize> {
    rest.starts_with(word).then_some(word.len())
}

/// The length of the number at the start.
fn number(rest: &[u8]) -> Option<usize> {
    let digits = |from: usize| {
        let rest = rest.get(from..).unwrap_or(&[]);
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut at = usize::from(rest.first() == Some(&b'-'));
    at += match rest.get(at)? {
        b'0' => 1,
        b'1'..=b'9' => digits(at),
        _ => return None,
    };
    if rest.get(at) == Some(&b'.') && digits(at + 1) > 0 {
        at += 1 + digits(at + 1);
    }
    if matches!(rest.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    Some(at)
}
