//! The exact number of tokens of a text that only grows, after everything that is added to it.
//!
//! Of the text, a session holds the end that more text may change, and of what is before it the number
//! of tokens. So an addition takes time for itself and for that end, however long the text is:
//!
//! - The last characters may become others when the text is normalized, up to the last one that is
//!   *inert*: whatever follows, what is before it stays as it is.
//! - Byte-level BPE: an end of a pretoken stays where it is once three others follow
//!   ([`resplit`](crate::index::resplit)), so the last three pretokens are held.
//! - Families that are counted by words: a word ends where it does by the characters on both sides, so
//!   the last word is held.
//! - Where neither is known (the split pattern is a regular expression), the whole text is held and
//!   counted again each time.
//!
//! A pretoken or word that grows by additions is counted again with each of them.
//!
//! What was tried: the safe splits that streams use ([`crate::split::safe_split`]) need no pretokens,
//! but Chinese and Japanese text has none for thousands of characters.

use crate::bpe::table::OutOfMemory;
use crate::count::counter::Counter;
use crate::count::parallel::Error;
use crate::count::tokenizer::Tokenizer;
use crate::index::resplit::{LOOK_AHEAD, each_pretoken};
use std::ops::Range;

#[derive(Default)]
pub struct Session {
    /// The tokens of the whole text.
    total: usize,
    /// The tokens of what is no longer held.
    settled: usize,
    /// Whether anything is no longer held.
    has_settled: bool,
    /// The end of the text that is normal whatever follows.
    end: String,
    /// What follows it, and may become something else: at least the last two characters.
    open: String,
}

impl Session {
    pub fn total(&self) -> usize {
        self.total
    }

    /// Adds a text, instead of the last character if it `replaces_last`.
    ///
    /// After an error, all is as it was.
    pub fn append(
        &mut self,
        tokenizer: &Tokenizer,
        text: &str,
        replaces_last: bool,
    ) -> Result<(), Error> {
        for held in [&mut self.open, &mut self.end] {
            held.try_reserve(text.len()).map_err(|_| OutOfMemory)?;
        }
        let last = if replaces_last { self.open.pop() } else { None };
        let before = self.open.len();
        self.open.push_str(text);
        if !tokenizer.is_indexable() {
            let counted = tokenizer.count(&self.open);
            if counted.is_err() {
                self.open.truncate(before);
                self.open.extend(last);
            }
            self.total = counted?;
            return Ok(());
        }
        let inert = |&(_, c): &(usize, char)| tokenizer.is_inert(c.encode_utf8(&mut [0; 4]));
        // The last character may still be replaced, by one that joins what is before it.
        let mut characters = self.open.char_indices();
        characters.next_back();
        if let Some((open, _)) = characters.rfind(inert) {
            self.end += &tokenizer.normalize(&self.open[..open]);
            self.open.drain(..open);
        }
        let normal = self.end.len();
        self.end += &tokenizer.normalize(&self.open);
        if tokenizer.pattern().is_some() {
            self.settle_pretokens(tokenizer, normal)
        } else {
            self.settle_words(tokenizer, normal)
        }
    }

    /// Counts `end`, of which what is after `normal` is only there for that.
    fn settle_pretokens(&mut self, tokenizer: &Tokenizer, normal: usize) -> Result<(), Error> {
        // The last ends before `normal`, the oldest of which is settled, and the tokens up to there.
        let (mut last, mut tokens) = ([(0, 0); LOOK_AHEAD + 1], 0);
        let source = self.end.as_str();
        each_pretoken(tokenizer, source, 0, source.len(), |end, n| {
            tokens += n as usize;
            if end <= normal {
                last.rotate_left(1);
                last[LOOK_AHEAD] = (end, tokens);
            }
            true
        })?;
        self.total = self.settled + tokens;
        let [(settled, tokens), ..] = last;
        self.settled += tokens;
        self.hold(settled..normal);
        Ok(())
    }

    /// As [`Session::settle_pretokens`], for families that are counted by words.
    fn settle_words(&mut self, tokenizer: &Tokenizer, normal: usize) -> Result<(), Error> {
        let count = |end| Counter::new(tokenizer).count_piece(&self.end[..end], !self.has_settled);
        self.total = self.settled + count(self.end.len())?;
        let mut start = 0;
        if let Some(settled) = tokenizer.last_safe_split(&self.end.as_bytes()[..normal], 0) {
            self.settled += count(settled)?;
            start = settled;
        }
        self.hold(start..normal);
        Ok(())
    }

    /// Settles what is before a span of `end`, and drops what is after it.
    fn hold(&mut self, span: Range<usize>) {
        self.has_settled |= span.start > 0;
        self.end.truncate(span.end);
        self.end.drain(..span.start);
    }
}
