//! Where the words of a question occur in texts.
//!
//! A word is a run of letters, marks and digits in lower case; of an identifier, each of its words:
//! `issueRefund` has two. Two words with nothing or underscores between them are looked for as one, too.
//! In Chinese and Japanese, each character with the one after it is a word. The fallback is
//! `ctxtools/_core/fallback/search/terms.py`.

use crate::text::cohesion::{Kind, kind_of, lower};
use crate::text::unicode::decode;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The words that are looked for, each with the number of its term.
pub struct Terms {
    numbers: HashMap<Box<[u8]>, u32, BuildHasherDefault<Bytes>>,
    /// A bit for each length, up to 63, of the words that start with a byte.
    lengths: [u64; 256],
    /// One more than the highest number.
    size: usize,
}

impl Terms {
    pub fn new(words: impl IntoIterator<Item = (String, u32)>) -> Self {
        let mut terms = Terms {
            numbers: HashMap::default(),
            lengths: [0; 256],
            size: 0,
        };
        for (word, number) in words {
            if let Some(&first) = word.as_bytes().first() {
                terms.lengths[usize::from(first)] |= 1 << word.len().min(63);
                terms.size = terms.size.max(number as usize + 1);
                terms.numbers.insert(word.into_bytes().into(), number);
            }
        }
        terms
    }

    #[inline(always)]
    fn number(&self, word: &[u8]) -> Option<u32> {
        let &first = word.first()?;
        match self.lengths[usize::from(first)] >> word.len().min(63) & 1 {
            0 => None,
            _ => self.numbers.get(word).copied(),
        }
    }
}

/// What one text has.
#[derive(Default)]
pub struct Found {
    /// The words of each segment.
    pub lengths: Vec<u32>,
    /// (segment, term, occurrences), in order.
    pub counts: Vec<(u32, u32, u32)>,
}

/// How often each term occurs in each segment, of `lines` lines, of a text. Linear in the text.
pub fn count(text: &str, terms: &Terms, lines: usize) -> Found {
    let mut scan = Scan {
        terms,
        found: Found::default(),
        occurrences: vec![0; terms.size],
        touched: Vec::new(),
        word: Vec::new(),
        before: 0,
        is_joined: false,
        length: 0,
    };
    let (mut line, mut at, text) = (0, 0, text.as_bytes());
    while let Some(&byte) = text.get(at) {
        if byte.is_ascii_alphanumeric() || byte >= 0x80 {
            at = scan.run(text, at);
            continue;
        }
        if byte == b'\n' {
            line += 1;
            if line == lines {
                scan.end_segment();
                line = 0;
            }
        }
        scan.is_joined &= byte == b'_';
        at += 1;
    }
    scan.end_segment();
    scan.found
}

struct Scan<'a> {
    terms: &'a Terms,
    found: Found,
    /// Of each term in this segment; and the terms that have any.
    occurrences: Vec<u32>,
    touched: Vec<u32>,
    /// The word before, of `before` bytes, and this one, in lower case.
    word: Vec<u8>,
    before: usize,
    /// Whether nothing, or underscores, came after the word before.
    is_joined: bool,
    /// The words of this segment.
    length: u32,
}

impl Scan<'_> {
    /// Reads the letters, marks and digits from `at` on, up to the character after them; at least one
    /// character.
    fn run(&mut self, text: &[u8], mut at: usize) -> usize {
        let mut last = 0; // the character before, 0 if it is of no word
        while let Some((c, n)) = decode(text, at) {
            match kind_of(c) {
                Kind::Other => {
                    self.end_word();
                    if c >= 0x80 {
                        self.is_joined = false;
                        at += n;
                    }
                    return at;
                }
                Kind::Ideograph => {
                    self.end_word();
                    self.word.extend_from_slice(&text[at..at + n]);
                    if let Some((next, m)) = decode(text, at + n)
                        && kind_of(next) == Kind::Ideograph
                    {
                        self.word.extend_from_slice(&text[at + n..at + n + m]);
                    }
                    self.end_word();
                    last = 0;
                }
                Kind::Letter => {
                    if is_upper(c) && last != 0 && starts_word(last, text.get(at + 1)) {
                        self.end_word();
                    }
                    self.push(c);
                    last = c;
                }
            }
            at += n;
        }
        self.end_word();
        at
    }

    #[inline(always)]
    fn push(&mut self, c: u32) {
        let c = lower(c);
        match u8::try_from(c) {
            Ok(byte) if byte < 0x80 => self.word.push(byte),
            _ => {
                let c = char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
                let mut bytes = [0; 4];
                self.word
                    .extend_from_slice(c.encode_utf8(&mut bytes).as_bytes());
            }
        }
    }

    /// Ends the word that has been read, if there is one.
    #[inline(always)]
    fn end_word(&mut self) {
        if self.word.len() == self.before {
            return;
        }
        self.length += 1;
        self.add(self.terms.number(&self.word[self.before..]));
        if self.is_joined && self.before > 0 {
            self.add(self.terms.number(&self.word));
        }
        self.word.drain(..self.before);
        self.before = self.word.len();
        self.is_joined = true;
    }

    #[inline(always)]
    fn add(&mut self, term: Option<u32>) {
        if let Some(term) = term {
            let occurrences = &mut self.occurrences[term as usize];
            if *occurrences == 0 {
                self.touched.push(term);
            }
            *occurrences += 1;
        }
    }

    fn end_segment(&mut self) {
        let segment = self.found.lengths.len() as u32;
        self.found.lengths.push(self.length);
        self.length = 0;
        self.touched.sort_unstable();
        for term in self.touched.drain(..) {
            let occurrences = &mut self.occurrences[term as usize];
            self.found.counts.push((segment, term, *occurrences));
            *occurrences = 0;
        }
    }
}

fn is_upper(c: u32) -> bool {
    (u32::from(b'A')..=u32::from(b'Z')).contains(&c)
}

/// Whether an ASCII capital starts a word, by the character before it and the byte after it.
#[inline(always)]
fn starts_word(before: u32, after: Option<&u8>) -> bool {
    match u8::try_from(before) {
        Ok(b'a'..=b'z' | b'0'..=b'9') => true,
        Ok(b'A'..=b'Z') => after.is_some_and(u8::is_ascii_lowercase),
        _ => false,
    }
}

/// FNV-1a: the words are few, and of the user's own.
struct Bytes(u64);

impl Default for Bytes {
    fn default() -> Self {
        Bytes(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str, words: &[&str], lines: usize) -> Found {
        let words = words.iter().map(|word| word.to_string());
        count(text, &Terms::new(words.zip(0..)), lines)
    }

    #[test]
    fn identifiers_have_words() {
        let found = counted(
            "getHTTPServer2Go load_encoding\nLoadEncoding",
            &["http", "server2", "loadencoding", "encoding"],
            1,
        );
        assert_eq!(found.lengths, [6, 2]);
        assert_eq!(
            found.counts,
            [
                (0, 0, 1),
                (0, 1, 1),
                (0, 2, 1),
                (0, 3, 1),
                (1, 2, 1),
                (1, 3, 1)
            ]
        );
    }

    #[test]
    fn ideographs_come_in_pairs() {
        let found = counted("文件系统 x", &["文件", "件系", "统", "文"], 9);
        assert_eq!(found.lengths, [5]);
        assert_eq!(found.counts, [(0, 0, 1), (0, 1, 1), (0, 2, 1)]);
        assert_eq!(counted("", &["a"], 1).lengths, [0]);
    }
}
