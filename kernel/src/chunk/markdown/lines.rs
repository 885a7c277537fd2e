//! Lines of a text, which end with LF, CR LF or CR; offsets in bytes.

use memchr::{memchr, memchr_iter, memchr2, memchr2_iter, memrchr2};

/// The end of the line that an offset is in, its line break included.
pub fn line_end(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at..];
    match memchr2(b'\n', b'\r', rest) {
        Some(found) => at + found + 1 + usize::from(rest[found..].starts_with(b"\r\n")),
        None => text.len(),
    }
}

/// The start of the line that ends, with its line break if it has one, at an offset.
pub fn line_start(text: &str, end: usize) -> usize {
    let line = match text.as_bytes()[..end] {
        [ref line @ .., b'\r', b'\n'] | [ref line @ .., b'\r' | b'\n'] => line,
        ref line => line,
    };
    memrchr2(b'\n', b'\r', line).map_or(0, |found| found + 1)
}

/// A line without its line break and white space before that.
pub fn trim_line(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
        .trim_end_matches([' ', '\t', '\x0b', '\x0c'])
}

/// The lines of a text from an offset on.
pub struct Lines<'a> {
    text: &'a str,
    /// The offset of each, and that of the end of the text.
    pub starts: Vec<u32>,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a str, start: usize) -> Self {
        let bytes = &text.as_bytes()[start..];
        let mut starts = vec![start as u32];
        if memchr(b'\r', bytes).is_none() {
            starts.extend(memchr_iter(b'\n', bytes).map(|at| (start + at + 1) as u32));
        } else {
            let breaks = memchr2_iter(b'\n', b'\r', bytes);
            let ends = breaks.filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
            starts.extend(ends.map(|at| (start + at + 1) as u32));
        }
        if starts.last() != Some(&(text.len() as u32)) {
            starts.push(text.len() as u32);
        }
        Lines { text, starts }
    }

    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// What is on a line, without its line break and white space before that.
    pub fn text(&self, number: usize) -> &'a str {
        let line = &self.text[self.starts[number] as usize..self.starts[number + 1] as usize];
        trim_line(line)
    }

    /// How many spaces a line starts with, if these are three at most and after them comes what a
    /// fence, a container or the like starts with.
    pub fn mark(&self, number: usize) -> Option<usize> {
        let line = &self.text.as_bytes()[self.starts[number] as usize..];
        let indent = line.iter().take(4).position(|&byte| byte != b' ')?;
        b"`~:<!?=$ie".contains(&line[indent]).then_some(indent)
    }

    pub fn is_empty(&self, number: usize) -> bool {
        self.text(number).is_empty()
    }
}
