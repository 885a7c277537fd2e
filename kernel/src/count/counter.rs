//! One text after another -> their numbers of tokens.

use crate::count::counts::BatchCounts;
use crate::count::tokenizer::{Split, SplitError, Tokenizer};
use crate::split::pretokens::{BATCH, Batch, MIN_BATCH, Pretokens};
use std::borrow::Cow;

/// Texts of up to this many bytes are put together, some hundred pretokens at a time.
const ROW_BYTES: usize = 200;

/// Counts one text after another, remembering what it has seen.
pub struct Counter<'t> {
    tokenizer: &'t Tokenizer,
    /// Back in the tokenizer's pool when this is dropped, and there until then.
    scratch: Option<Box<Scratch>>,
}

pub struct Scratch {
    batch: Batch,
    counts: BatchCounts,
    rows: Rows,
}

/// Short texts that are counted together, since looking up few pretokens at a time is slow: their
/// bytes are concatenated, but each is split on its own.
#[derive(Default)]
struct Rows {
    bytes: Vec<u8>,
    /// The number of pretokens in the batch up to the end of each text, and of all.
    ends: Vec<u16>,
    pretokens: usize,
}

impl<'t> Counter<'t> {
    pub fn new(tokenizer: &'t Tokenizer) -> Self {
        Counter {
            tokenizer,
            scratch: Some(tokenizer.scratch_pool.take().unwrap_or_else(Scratch::new)),
        }
    }

    pub fn tokenizer(&self) -> &'t Tokenizer {
        self.tokenizer
    }

    fn scratch(&mut self) -> &mut Scratch {
        self.scratch.get_or_insert_with(Scratch::new)
    }

    pub fn count(&mut self, text: &str) -> Result<usize, SplitError> {
        let tokenizer = self.tokenizer;
        self.scratch().count(tokenizer, text)
    }

    /// Calls `see` with the number of tokens of each text, in order.
    pub fn count_each<'a>(
        &mut self,
        texts: impl Iterator<Item = &'a str>,
        mut visit: impl FnMut(usize),
    ) -> Result<(), SplitError> {
        let Split::Pattern(pattern) = &self.tokenizer.split else {
            for text in texts {
                visit(self.count(text)?);
            }
            return Ok(());
        };
        for text in texts {
            let normal = match text.len() {
                ..=ROW_BYTES => self.tokenizer.normalize(text),
                _ => Cow::Borrowed(text),
            };
            // Normalising may have made it longer.
            if normal.len() > ROW_BYTES {
                self.count_rows(&mut visit);
                visit(self.count(text)?);
                continue;
            }
            let text = &*normal;
            let level = self.tokenizer.level;
            let Scratch { batch, rows, .. } = self.scratch();
            let (base, known) = (rows.bytes.len(), rows.pretokens);
            let mut pretokens = Pretokens::new(pattern, text.as_bytes(), level);
            let n = pretokens.fill(&mut batch[known..]);
            for end in &mut batch[known..known + n] {
                *end += base;
            }
            rows.bytes.extend_from_slice(text.as_bytes());
            rows.pretokens += n;
            rows.ends.push(rows.pretokens as u16);
            // The next text may have a pretoken for each byte.
            if rows.pretokens + ROW_BYTES + MIN_BATCH > BATCH {
                self.count_rows(&mut visit);
            }
        }
        self.count_rows(&mut visit);
        Ok(())
    }

    fn count_rows(&mut self, visit: &mut impl FnMut(usize)) {
        let vocabulary = &self.tokenizer.vocabulary;
        let Scratch {
            batch,
            counts,
            rows,
        } = self.scratch();
        let tokens = counts.count(vocabulary, &rows.bytes, 0, &batch[..rows.pretokens]);
        let mut start = 0;
        for end in rows.ends.drain(..).map(usize::from) {
            visit(sum(&tokens[start..end]));
            start = end;
        }
        rows.bytes.clear();
        rows.pretokens = 0;
    }

    /// The number of tokens of a text, or None if it is above the limit. Stops there.
    pub fn count_till_limit(
        &mut self,
        text: &str,
        limit: usize,
    ) -> Result<Option<usize>, SplitError> {
        let text = &*self.tokenizer.normalize(text);
        let mut total = 0;
        self.each_batch(text, |_, _, tokens| {
            total += sum(tokens);
            total <= limit
        })?;
        Ok((total <= limit).then_some(total))
    }

    /// Calls `see` with the start of a pretoken, the ends of it and those that follow, and their
    /// numbers of tokens, for the whole of a normal text or until it returns false.
    #[inline(always)]
    pub fn each_batch(
        &mut self,
        text: &str,
        visit: impl FnMut(usize, &[usize], &[u32]) -> bool,
    ) -> Result<(), SplitError> {
        let tokenizer = self.tokenizer;
        self.scratch().each_batch(tokenizer, text, visit)
    }
}

impl Drop for Counter<'_> {
    fn drop(&mut self) {
        if let Some(scratch) = self.scratch.take() {
            self.tokenizer.scratch_pool.put(scratch);
        }
    }
}

impl Scratch {
    fn new() -> Box<Self> {
        Box::new(Scratch {
            batch: [0; BATCH],
            counts: BatchCounts::new(),
            rows: Rows::default(),
        })
    }

    pub fn count(&mut self, tokenizer: &Tokenizer, text: &str) -> Result<usize, SplitError> {
        let text = &*tokenizer.normalize(text);
        let mut total = 0;
        self.each_batch(tokenizer, text, |_, _, tokens| {
            total += sum(tokens);
            true
        })?;
        Ok(total)
    }

    #[inline(always)]
    fn each_batch(
        &mut self,
        tokenizer: &Tokenizer,
        text: &str,
        mut visit: impl FnMut(usize, &[usize], &[u32]) -> bool,
    ) -> Result<(), SplitError> {
        let Scratch { batch, counts, .. } = self;
        let vocabulary = &tokenizer.vocabulary;
        tokenizer.each_batch(text, batch, |start, ends| {
            let tokens = counts.count(vocabulary, text.as_bytes(), start, ends);
            visit(start, ends, tokens)
        })
    }
}

fn sum(tokens: &[u32]) -> usize {
    tokens.iter().map(|&n| n as usize).sum()
}
