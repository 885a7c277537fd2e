//! Texts in pieces that are counted independently and add up to the count of the whole.
//!
//! A piece starts and ends where the tokenizer has a safe split ([`Tokenizer::is_safe_split`]).

use crate::bpe::table::OutOfMemory;
use crate::count::parallel::Error;
use crate::count::tokenizer::Tokenizer;
use std::collections::TryReserveError;
use std::io::{self, Read};
use std::str;

/// The size of a piece of a large text or file, in bytes. It is longer only where the text has no
/// safe split.
pub const PIECE: usize = 1 << 20;
/// A byte order mark, which at the start of a file is not part of its text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Where a piece of about this many bytes ends, or the text, where there is not twice as much.
pub fn piece_end(tokenizer: &Tokenizer, text: &str, size: usize) -> usize {
    let bytes = text.as_bytes();
    if !tokenizer.may_split() || bytes.len() <= 2 * size {
        return bytes.len();
    }
    tokenizer
        .last_safe_split(&bytes[..=size], 0)
        .or_else(|| (size..bytes.len()).find(|&at| tokenizer.is_safe_split(bytes, at)))
        .unwrap_or(bytes.len())
}

/// Where the piece starts that ends at `end` and has `size` bytes or a few more.
pub fn piece_start(tokenizer: &Tokenizer, text: &[u8], end: usize, size: usize) -> usize {
    let goal = end.checked_sub(size);
    goal.and_then(|goal| tokenizer.last_safe_split(&text[..=goal], 0))
        .unwrap_or(0)
}

/// The text that bytes are, which start at this offset of a longer text.
pub fn utf8(bytes: &[u8], offset: usize) -> Result<&str, Error> {
    str::from_utf8(bytes).map_err(|error| Error::Utf8(offset + error.valid_up_to()))
}

/// A text that arrives bit by bit, up to where the next piece ends.
#[derive(Default)]
pub struct PieceBuffer {
    bytes: Vec<u8>,
    /// Where in the text `bytes` start.
    offset: usize,
    /// Up to where `bytes` have no safe split.
    searched: usize,
}

impl PieceBuffer {
    /// Adds bytes, which may end inside a character.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), OutOfMemory> {
        self.bytes
            .try_reserve(bytes.len())
            .map_err(|_| OutOfMemory)?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// How many bytes are missing until it is worth looking for the end of a piece.
    pub fn missing(&self) -> usize {
        // Twice what was searched in vain, so that all searching is linear together.
        let goal = PIECE.max(2 * self.searched);
        goal.saturating_sub(self.bytes.len())
    }

    /// Where the next piece ends, as far as that is known.
    pub fn next_end(&mut self, tokenizer: &Tokenizer) -> Option<usize> {
        // Not after a byte order mark alone, which leaves nothing when it is taken away.
        let floor = self.searched.max(BYTE_ORDER_MARK.len());
        let end = tokenizer.last_safe_split(&self.bytes, floor);
        if end.is_none() {
            self.searched = self.bytes.len().saturating_sub(1);
        }
        end
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the next piece is the first.
    pub fn is_first(&self) -> bool {
        self.offset == 0
    }

    pub fn text(&self, end: usize) -> Result<&str, Error> {
        utf8(&self.bytes[..end], self.offset)
    }

    pub fn advance(&mut self, end: usize) {
        self.bytes.drain(..end);
        self.offset += end;
        self.searched = 0;
    }

    /// Moves its first bytes to another vector, and returns their offset in the text.
    fn take(&mut self, end: usize, piece: &mut Vec<u8>) -> Result<usize, TryReserveError> {
        piece.clear();
        piece.try_reserve(self.bytes.len() - end)?;
        piece.extend_from_slice(&self.bytes[end..]);
        std::mem::swap(piece, &mut self.bytes);
        piece.truncate(end);
        self.searched = 0;
        self.offset += end;
        Ok(self.offset - end)
    }
}

/// A piece of a text in a file.
pub struct Piece {
    pub bytes: Vec<u8>,
    /// Where in the file it starts.
    offset: usize,
    pub is_first: bool,
}

impl Piece {
    pub fn text(&self) -> Result<&str, Error> {
        utf8(&self.bytes, self.offset)
    }
}

pub struct PieceReader<'t, R> {
    reader: R,
    buffer: PieceBuffer,
    tokenizer: &'t Tokenizer,
    is_exhausted: bool,
}

impl<'t, R: Read> PieceReader<'t, R> {
    pub fn new(reader: R, tokenizer: &'t Tokenizer) -> Self {
        PieceReader {
            reader,
            buffer: PieceBuffer::default(),
            tokenizer,
            is_exhausted: false,
        }
    }

    /// The next piece, in memory of an earlier one; None at the end.
    pub fn next(&mut self, mut bytes: Vec<u8>) -> io::Result<Option<Piece>> {
        let is_first = self.buffer.is_first();
        let mut end = None;
        while end.is_none() && !self.is_exhausted {
            let wanted = self.buffer.missing().max(1);
            if self.buffer.len() >= PIECE {
                // What `read_to_end` does at the end of a vector ends the process without memory.
                self.buffer.bytes.try_reserve(wanted + PIECE)?;
            }
            let mut reader = self.reader.by_ref().take(wanted as u64);
            reader.read_to_end(&mut self.buffer.bytes)?;
            self.is_exhausted = reader.limit() > 0;
            if self.tokenizer.may_split() && !self.is_exhausted {
                end = self.buffer.next_end(self.tokenizer);
            }
        }
        let end = end.unwrap_or(self.buffer.len());
        let mut offset = self.buffer.take(end, &mut bytes)?;
        if is_first && bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.drain(..BYTE_ORDER_MARK.len());
            offset = BYTE_ORDER_MARK.len();
        }
        Ok((!bytes.is_empty()).then_some(Piece {
            bytes,
            offset,
            is_first,
        }))
    }
}
