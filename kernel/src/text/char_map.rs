//! Places of a text: characters, as Python counts them, and the bytes where they start.

use crate::text::unicode::is_lead;

/// Of so many bytes it is remembered how many characters start before them: few enough that a count
/// of those in them fits into a byte.
const STRIDE: usize = 128;

/// What it takes to find the byte of a character, and back, without reading the text up to there.
pub struct Places {
    length: usize,
    bytes: usize,
    /// How many characters start before each stretch of bytes, and in all; empty for ASCII.
    before: Vec<u32>,
}

impl Places {
    /// Those of a text of at most 4 GiB.
    pub fn new(text: &str) -> Self {
        let (mut length, mut before) = (text.len(), Vec::new());
        if !text.is_ascii() {
            length = 0;
            before.reserve_exact(text.len().div_ceil(STRIDE) + 1);
            for stretch in text.as_bytes().chunks(STRIDE) {
                before.push(length as u32);
                let leads = stretch.iter().map(|&byte| u8::from(is_lead(byte)));
                length += usize::from(leads.sum::<u8>());
            }
            before.push(length as u32);
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
        if place >= self.length {
            return self.bytes;
        }
        let after = self
            .before
            .partition_point(|&before| before as usize <= place);
        self.byte_in(text, place, after - 1)
    }

    /// The number of the character that starts at `byte`.
    pub fn character(&self, text: &str, byte: usize) -> usize {
        if self.are_bytes() || byte == self.bytes {
            return byte.min(self.length);
        }
        let stretch = byte / STRIDE;
        let (start, before) = (stretch * STRIDE, self.before[stretch] as usize);
        match self.is_ascii(stretch) {
            true => before + byte - start,
            false => before + leads(text, start, byte),
        }
    }

    /// Where a character starts that starts in a stretch.
    fn byte_in(&self, text: &str, place: usize, stretch: usize) -> usize {
        let (start, inside) = (stretch * STRIDE, place - self.before[stretch] as usize);
        match self.is_ascii(stretch) {
            true => start + inside,
            false => skip(text.as_bytes(), start, inside),
        }
    }

    /// Whether each byte of a stretch is a character; the last stretch is looked at in any case.
    fn is_ascii(&self, stretch: usize) -> bool {
        (self.before[stretch + 1] - self.before[stretch]) as usize == STRIDE
    }

    /// For places that come in order.
    pub fn cursor<'a>(&'a self, text: &'a str) -> Cursor<'a> {
        Cursor {
            places: self,
            text,
            stretch: 0,
        }
    }
}

/// Finds one place after another, faster where each is a little behind the last.
pub struct Cursor<'a> {
    places: &'a Places,
    text: &'a str,
    /// Where the last place was.
    stretch: usize,
}

/// A place is looked for in so many stretches behind the last, one after the other.
const NEAR: usize = 64;

impl Cursor<'_> {
    /// As [`Places::byte`].
    pub fn byte(&mut self, place: usize) -> usize {
        let Places { before, length, .. } = self.places;
        if self.places.are_bytes() || place >= *length {
            return self.places.byte(self.text, place);
        }
        let is_behind = |&before: &u32| before as usize > place;
        let near = &before[self.stretch..before.len().min(self.stretch + NEAR)];
        self.stretch = match near.iter().position(is_behind) {
            Some(ahead) if ahead > 0 => self.stretch + ahead - 1,
            _ => before.partition_point(|before| !is_behind(before)) - 1,
        };
        self.places.byte_in(self.text, place, self.stretch)
    }

    /// As [`Places::character`].
    pub fn character(&mut self, byte: usize) -> usize {
        self.places.character(self.text, byte)
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
