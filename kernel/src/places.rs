//! Places of a text: characters, as Python counts them, and the bytes where they start.

use crate::unicode::is_lead;
use std::sync::OnceLock;

/// Of so many characters, the byte where the first one starts is remembered.
const STRIDE: usize = 64;

/// What it takes to find the byte of a character, and back, without reading the text up to there.
pub struct Places {
    length: usize,
    bytes: usize,
    /// Where each `STRIDE`th character starts; made when it is needed, and not for ASCII.
    marks: OnceLock<Vec<u32>>,
}

impl Places {
    /// Those of a text of at most 4 GiB.
    pub fn new(text: &str) -> Self {
        Places {
            length: text.chars().count(),
            bytes: text.len(),
            marks: OnceLock::new(),
        }
    }

    /// The number of characters of the text.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Whether each character is a byte.
    pub fn are_bytes(&self) -> bool {
        self.length == self.bytes
    }

    /// Where the character number `place` starts; the text's end where there is none.
    pub fn byte(&self, text: &str, place: usize) -> usize {
        if self.are_bytes() {
            return place.min(self.bytes);
        }
        let marks = self.marks(text);
        match marks.get(place / STRIDE) {
            Some(&mark) => skip(text.as_bytes(), mark as usize, place % STRIDE),
            None => self.bytes,
        }
    }

    /// The number of the character that starts at `byte`.
    pub fn character(&self, text: &str, byte: usize) -> usize {
        if self.are_bytes() {
            return byte;
        }
        let marks = self.marks(text);
        let after = marks.partition_point(|&mark| mark as usize <= byte);
        match after.checked_sub(1) {
            Some(i) => i * STRIDE + text[marks[i] as usize..byte].chars().count(),
            None => 0,
        }
    }

    /// For places that come in order.
    pub fn cursor<'a>(&'a self, text: &'a str) -> Cursor<'a> {
        Cursor {
            places: self,
            text,
            character: 0,
            byte: 0,
        }
    }

    fn marks(&self, text: &str) -> &[u32] {
        self.marks.get_or_init(|| {
            let bytes = text.as_bytes();
            let (mut marks, mut at) = (Vec::with_capacity(self.length / STRIDE + 1), 0);
            while at < bytes.len() {
                marks.push(at as u32);
                at = skip(bytes, at, STRIDE);
            }
            marks
        })
    }
}

/// Finds one place after another, faster where each is a little behind the last.
pub struct Cursor<'a> {
    places: &'a Places,
    text: &'a str,
    character: usize,
    byte: usize,
}

/// What is nearer than so many bytes or characters is reached on foot.
const NEAR: usize = 1024;

impl Cursor<'_> {
    /// As [`Places::byte`].
    pub fn byte(&mut self, place: usize) -> usize {
        self.byte = match place.checked_sub(self.character) {
            Some(n) if n <= NEAR && !self.places.are_bytes() => {
                skip(self.text.as_bytes(), self.byte, n)
            }
            _ => self.places.byte(self.text, place),
        };
        self.character = place;
        self.byte
    }

    /// As [`Places::character`].
    pub fn character(&mut self, byte: usize) -> usize {
        self.character = match byte.checked_sub(self.byte) {
            Some(n) if n <= NEAR && !self.places.are_bytes() => {
                self.character + self.text[self.byte..byte].chars().count()
            }
            _ => self.places.character(self.text, byte),
        };
        self.byte = byte;
        self.character
    }
}

/// Where the character starts that is so many behind the one that starts at `from`.
fn skip(text: &[u8], mut from: usize, mut characters: usize) -> usize {
    // Eight bytes at once, while they have no more leads than are wanted.
    while characters >= 8
        && let Some(bytes) = text.get(from..).and_then(|rest| rest.first_chunk::<8>())
    {
        let bytes = u64::from_le_bytes(*bytes);
        let tails = bytes & !(bytes << 1) & 0x8080_8080_8080_8080;
        characters -= 8 - tails.count_ones() as usize;
        from += 8;
    }
    let mut leads = (from..text.len()).filter(|&i| is_lead(text[i]));
    leads.nth(characters).unwrap_or(text.len())
}
