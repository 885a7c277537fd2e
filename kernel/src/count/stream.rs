//! Text that comes bit by bit, counted as if it came at once.

use crate::bpe::table::OutOfMemory;
use crate::count::counter::Counter;
use crate::count::parallel::Error;
use crate::count::pieces::PieceBuffer;
use crate::count::tokenizer::Tokenizer;

/// The number of tokens of what was fed so far, except for an end that more text could change.
#[derive(Default)]
pub struct Stream {
    /// The tokens of what was counted.
    pub total: usize,
    pending: PieceBuffer,
}

impl Stream {
    /// Takes more of the text, in bytes of UTF-8 that may end inside a character.
    pub fn feed(&mut self, tokenizer: &Tokenizer, bytes: &[u8]) -> Result<(), Error> {
        if self.push(bytes)? {
            self.count_pending(tokenizer)
        } else {
            Ok(())
        }
    }

    /// Takes more of the text without counting it; whether there is now enough to do so.
    pub fn push(&mut self, bytes: &[u8]) -> Result<bool, OutOfMemory> {
        self.pending.push(bytes)?;
        Ok(self.pending.missing() == 0)
    }

    /// Counts what it holds, up to the last safe split.
    pub fn count_pending(&mut self, tokenizer: &Tokenizer) -> Result<(), Error> {
        if !tokenizer.may_split() {
            return Ok(());
        }
        match self.pending.next_end(tokenizer) {
            Some(end) => self.count(tokenizer, end),
            None => Ok(()),
        }
    }

    /// The number of tokens of all that was fed. It may then be fed another text.
    pub fn finish(&mut self, tokenizer: &Tokenizer) -> Result<usize, Error> {
        self.count(tokenizer, self.pending.len())?;
        Ok(std::mem::take(self).total)
    }

    fn count(&mut self, tokenizer: &Tokenizer, end: usize) -> Result<(), Error> {
        let is_first = self.pending.is_first();
        let text = self.pending.text(end)?;
        self.total += Counter::new(tokenizer).count_piece(text, is_first)?;
        self.pending.advance(end);
        Ok(())
    }
}
