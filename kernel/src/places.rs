//! Places of a text: characters, as Python counts them, and the bytes where they start.

use crate::unicode::is_lead;

/// Of so many bytes it is remembered how many characters start before them: few enough that a count
/// of those in them fits into a byte.
const STRIDE: usize = 128;

/// What it takes to find the byte of a character, and back, without reading the text up to there.
pub struct Places {
    length: usize,
    bytes: usize,
    /// How many characters start before each stretch of bytes; empty for ASCII.
    before: Vec<u32>,
}

impl Places {
    /// Those of a text of at most 4 GiB.
    pub fn new(text: &str) -> Self {
        let (mut length, mut before) = (text.len(), Vec::new());
        if !text.is_ascii() {
            length = 0;
            before.reserve_exact(text.len().div_ceil(STRIDE));
            for stretch in text.as_bytes().chunks(STRIDE) {
                before.push(length as u32);
                let leads = stretch.iter().map(|&byte| u8::from(is_lead(byte)));
                length += usize::from(leads.sum::<u8>());
            }
        }
        Places {
            length,
            bytes: text.len(),
            before,
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
        let after = self
            .before
            .partition_point(|&before| before as usize <= place);
        match after.checked_sub(1) {
            Some(i) => skip(text.as_bytes(), i * STRIDE, place - self.before[i] as usize),
            None => 0,
        }
    }

    /// The number of the character that starts at `byte`.
    pub fn character(&self, text: &str, byte: usize) -> usize {
        if self.are_bytes() {
            return byte;
        }
        match self.before.get(byte / STRIDE) {
            Some(&before) => before as usize + leads(text, byte / STRIDE * STRIDE, byte),
            None => self.length,
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
}

/// Finds one place after another, faster where each is a little behind the last.
pub struct Cursor<'a> {
    places: &'a Places,
    text: &'a str,
    character: usize,
    byte: usize,
}

impl Cursor<'_> {
    /// As [`Places::byte`].
    pub fn byte(&mut self, place: usize) -> usize {
        self.byte = match place.checked_sub(self.character) {
            Some(n) if n <= STRIDE && !self.places.are_bytes() => {
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
            Some(n) if n <= STRIDE && !self.places.are_bytes() => {
                self.character + leads(self.text, self.byte, byte)
            }
            _ => self.places.character(self.text, byte),
        };
        self.byte = byte;
        self.character
    }
}

/// How many characters start between two bytes, at most [`STRIDE`] apart.
fn leads(text: &str, start: usize, end: usize) -> usize {
    let bytes = &text.as_bytes()[start..end];
    let (words, rest) = bytes.as_chunks::<8>();
    // A sum for each byte of a word, together.
    let sums = words.iter().map(|&word| tails(word)).sum();
    let leads = rest.iter().filter(|&&byte| is_lead(byte)).count();
    words.len() * 8 - sum_of_bytes(sums) + leads
}

/// For each of eight bytes that does not start a character a byte with the value 1.
#[inline(always)]
fn tails(bytes: [u8; 8]) -> u64 {
    let bytes = u64::from_le_bytes(bytes);
    (bytes & !(bytes << 1) & 0x8080_8080_8080_8080) >> 7
}

/// The sum of the bytes of a word, if that is below 256.
#[inline(always)]
fn sum_of_bytes(word: u64) -> usize {
    (word.wrapping_mul(0x0101_0101_0101_0101) >> 56) as usize
}

/// Where the character starts that is so many behind the one that starts at or behind `from`.
fn skip(text: &[u8], mut from: usize, mut characters: usize) -> usize {
    // Eight bytes at once, while they have no more leads than are wanted.
    while characters >= 8
        && let Some(&bytes) = text.get(from..).and_then(|rest| rest.first_chunk::<8>())
    {
        characters -= 8 - sum_of_bytes(tails(bytes));
        from += 8;
    }
    let mut leads = (from..text.len()).filter(|&i| is_lead(text[i]));
    leads.nth(characters).unwrap_or(text.len())
}
