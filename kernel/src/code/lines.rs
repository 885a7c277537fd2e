//! Where the lines of code start and end, for blocks that consist of entire ones.

/// What may stand before a statement on its line, and is a part of it.
const fn is_before(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'_' | b'a'..=b'z')
}

/// What may stand after a statement on its line, and is a part of it.
const fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b';' | b',')
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

pub struct Lines<'a> {
    data: &'a [u8],
    /// The last run of white space and separators; in ";;;;" each character is a statement.
    separators: (usize, usize),
}

impl<'a> Lines<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            separators: (1, 0),
        }
    }

    /// The start of the line, if only white space or words are between, as before what some
    /// grammars have outside: `pub`. It is not before `min_start`.
    pub fn start(&self, offset: usize, min_start: usize) -> usize {
        let mut start = offset;
        while start > min_start && is_before(self.data[start - 1]) {
            start -= 1;
        }
        if start == min_start || matches!(self.data[start - 1], b'\r' | b'\n') {
            start
        } else {
            offset
        }
    }

    /// The end of the line, if only white space and separators are between.
    pub fn end(&mut self, offset: usize, max_end: usize) -> usize {
        let (first, mut end) = self.separators;
        if !(first <= offset && offset <= end) {
            let rest = &self.data[offset.min(self.data.len())..];
            let found = rest.iter().position(|&byte| !is_separator(byte));
            end = found.map_or(self.data.len(), |n| offset + n);
            self.separators = (offset, end);
        }
        if end >= max_end {
            max_end
        } else if self.data[end..].starts_with(b"\r\n") {
            max_end.min(end + 2)
        } else if matches!(self.data[end], b'\r' | b'\n') {
            end + 1
        } else {
            offset
        }
    }

    /// The end of a node without white space: some include the line break.
    pub fn trimmed(&self, start: usize, mut end: usize) -> usize {
        while end > start && is_blank(self.data[end - 1]) {
            end -= 1;
        }
        end
    }

    /// The start of the line of the next word, or that of the word.
    pub fn next_word(&self, start: usize, end: usize) -> usize {
        let mut word = start;
        while word < end && is_blank(self.data[word]) {
            word += 1;
        }
        self.start(word, start)
    }

    /// The number of line breaks between two offsets.
    pub fn breaks(&self, start: usize, end: usize) -> usize {
        let span = self.data.get(start..end).unwrap_or(&[]);
        memchr::memchr_iter(b'\n', span).count()
    }

    /// Where the paragraphs of a comment start, the first one too: after lines without words.
    pub fn paragraphs(&self, start: usize, end: usize) -> Vec<usize> {
        let mut found = vec![start];
        let last = end - 1; // a line ends before it
        let mut line = start;
        while let Some(n) = memchr::memchr(b'\n', &self.data[line.min(last)..last]) {
            let after = line + n + 1;
            let rest = &self.data[after.min(last)..last];
            if let Some(length) = memchr::memchr(b'\n', rest)
                && !rest[..length].iter().any(|&byte| is_word(byte))
            {
                found.push(after + length + 1);
            }
            line = after;
        }
        found
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
