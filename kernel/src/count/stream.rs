//! Text that comes in parts, counted as if it came at once.

use crate::count::batch::{Error, PIECE, utf8};
use crate::count::tokenizer::{Counter, Tokenizer};
use crate::split::safe_split::last_safe_split;

/// The number of tokens of what was fed so far, but for an end that more text could change.
///
/// It holds about [`PIECE`] bytes, more only where a text has no place to cut it.
#[derive(Default)]
pub struct Stream {
    total: usize,
    /// The bytes before `pending`.
    offset: usize,
    pending: Vec<u8>,
    /// How much of `pending` has no place to cut it.
    searched: usize,
}

impl Stream {
    /// Takes more of the text, in bytes of UTF-8 that may end inside a character.
    pub fn feed(&mut self, tokenizer: &Tokenizer, bytes: &[u8]) -> Result<(), Error> {
        match self.hold(bytes) {
            true => self.settle(tokenizer),
            false => Ok(()),
        }
    }

    /// Takes more of the text without counting it; whether there is now enough to do so.
    pub fn hold(&mut self, bytes: &[u8]) -> bool {
        self.pending.extend_from_slice(bytes);
        // Twice what was searched in vain, so that all searching is linear together.
        self.pending.len() >= PIECE.max(2 * self.searched)
    }

    /// Counts what it holds, up to the last place to cut it.
    pub fn settle(&mut self, tokenizer: &Tokenizer) -> Result<(), Error> {
        if tokenizer.pattern().is_none() {
            return Ok(());
        }
        match last_safe_split(&self.pending, self.searched) {
            Some(at) => self.count(tokenizer, at),
            None => {
                self.searched = self.pending.len() - 1;
                Ok(())
            }
        }
    }

    /// The tokens of the text up to the last place where it was cut.
    pub fn count_so_far(&self) -> usize {
        self.total
    }

    /// The number of tokens of all that was fed. It may then be fed another text.
    pub fn finish(&mut self, tokenizer: &Tokenizer) -> Result<usize, Error> {
        self.count(tokenizer, self.pending.len())?;
        Ok(std::mem::take(self).total)
    }

    fn count(&mut self, tokenizer: &Tokenizer, end: usize) -> Result<(), Error> {
        let text = utf8(&self.pending[..end], self.offset)?;
        self.total += Counter::new(tokenizer).count(text)?;
        self.pending.drain(..end);
        self.offset += end;
        self.searched = 0;
        Ok(())
    }
}
