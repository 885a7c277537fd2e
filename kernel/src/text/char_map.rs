//! Offsets of a text: in characters, as Python counts them, and in the bytes of its UTF-8.

use crate::text::unicode::is_lead;
use std::ops::Range;

/// Bytes of a block, for each of which the number of characters before it is kept: few enough that a
/// count of the characters in a block fits into a byte.
const BLOCK: usize = 128;

/// Converts between the two kinds of offsets without reading the text up to there.
pub struct CharMap {
    /// The number of characters of the text.
    pub characters: usize,
    bytes: usize,
    /// How many characters start before each block, and in all; empty for ASCII.
    before: Vec<u32>,
}

impl CharMap {
    /// The map of a text of at most 4 GiB.
    pub fn new(text: &str) -> Self {
        match text.is_ascii() {
            true => CharMap::of_ascii(text),
            false => CharMap::of_leads(text, &leads_of_blocks(text, 0..text.len())),
        }
    }

    /// The same from the [`leads_of_blocks`] of all of the text.
    pub fn of_leads(text: &str, leads: &[u8]) -> Self {
        let characters = leads.iter().map(|&leads| usize::from(leads)).sum();
        if characters == text.len() {
            return CharMap::of_ascii(text);
        }
        let mut sum = 0;
        let mut before = Vec::with_capacity(leads.len() + 1);
        before.push(0);
        before.extend(leads.iter().map(|&leads| {
            sum += u32::from(leads);
            sum
        }));
        CharMap {
            characters,
            bytes: text.len(),
            before,
        }
    }

    fn of_ascii(text: &str) -> Self {
        CharMap {
            characters: text.len(),
            bytes: text.len(),
            before: Vec::new(),
        }
    }

    /// Whether each character is one byte.
    pub fn is_ascii(&self) -> bool {
        self.characters == self.bytes
    }

    /// The byte offset of a character offset; the text's end for any beyond it.
    pub fn byte(&self, text: &str, character: usize) -> usize {
        if self.is_ascii() {
            return character.min(self.bytes);
        }
        if character >= self.characters {
            return self.bytes;
        }
        let after = self
            .before
            .partition_point(|&before| before as usize <= character);
        self.byte_in_block(text, character, after - 1)
    }

    /// The character offset of a byte offset at which a character starts.
    pub fn character(&self, text: &str, byte: usize) -> usize {
        if self.is_ascii() || byte == self.bytes {
            return byte.min(self.characters);
        }
        let block = byte / BLOCK;
        let (start, before) = (block * BLOCK, self.before[block] as usize);
        if self.is_ascii_block(block) {
            before + byte - start
        } else {
            before + leads(text, start, byte)
        }
    }

    /// The byte offset of a character that starts in a block.
    fn byte_in_block(&self, text: &str, character: usize, block: usize) -> usize {
        let (start, inside) = (block * BLOCK, character - self.before[block] as usize);
        if self.is_ascii_block(block) {
            start + inside
        } else {
            skip(text.as_bytes(), start, inside)
        }
    }

    /// Whether each byte of a block is a character. Never said of a last block that is not full.
    fn is_ascii_block(&self, block: usize) -> bool {
        (self.before[block + 1] - self.before[block]) as usize == BLOCK
    }

    /// For offsets that come in order.
    pub fn cursor<'a>(&'a self, text: &'a str) -> Cursor<'a> {
        Cursor {
            map: self,
            text,
            block: 0,
            last: (0, 0),
        }
    }
}

/// Converts one offset after another, faster where each is a little after the last.
pub struct Cursor<'a> {
    map: &'a CharMap,
    text: &'a str,
    /// The block of the last offset in characters.
    block: usize,
    /// The last offset in bytes, and the same in characters.
    last: (usize, usize),
}

/// How many blocks after the last one are searched one by one.
const NEAR: usize = 64;

impl Cursor<'_> {
    pub fn byte(&mut self, character: usize) -> usize {
        let CharMap {
            before, characters, ..
        } = self.map;
        if self.map.is_ascii() || character >= *characters {
            return self.map.byte(self.text, character);
        }
        let is_after = |&before: &u32| before as usize > character;
        let near = &before[self.block..before.len().min(self.block + NEAR)];
        self.block = match near.iter().position(is_after) {
            Some(ahead) if ahead > 0 => self.block + ahead - 1,
            _ => before.partition_point(|before| !is_after(before)) - 1,
        };
        self.map.byte_in_block(self.text, character, self.block)
    }

    pub fn character(&mut self, byte: usize) -> usize {
        let (last, characters) = self.last;
        let character = if self.map.is_ascii() {
            byte.min(self.map.characters)
        } else if (last..=last + BLOCK).contains(&byte) {
            characters + leads(self.text, last, byte)
        } else if (byte..=byte + BLOCK).contains(&last) {
            characters - leads(self.text, byte, last)
        } else {
            self.map.character(self.text, byte)
        };
        self.last = (byte, character);
        character
    }
}

/// How many characters start in each block of a text that starts in a range of bytes.
pub fn leads_of_blocks(text: &str, range: Range<usize>) -> Vec<u8> {
    let (start, end) = (range.start.next_multiple_of(BLOCK), range.end);
    let last = text.len().min(end.next_multiple_of(BLOCK));
    let blocks = text.as_bytes().get(start..last).unwrap_or_default();
    let leads = |block: &[u8]| block.iter().map(|&byte| u8::from(is_lead(byte))).sum();
    blocks.chunks(BLOCK).map(leads).collect()
}

/// How many characters start between two bytes, at most [`BLOCK`] apart.
fn leads(text: &str, start: usize, end: usize) -> usize {
    let bytes = &text.as_bytes()[start..end];
    let (words, rest) = bytes.as_chunks::<8>();
    // Eight sums, one for each byte of a word.
    let sums = words.iter().map(|&word| tails(word)).sum();
    let leads = rest.iter().filter(|&&byte| is_lead(byte)).count();
    words.len() * 8 - sum_of_bytes(sums) + leads
}

/// The value 1 for each of eight bytes that does not start a character.
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

/// The start of the character that is `characters` after the first one that starts at or after `from`.
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
