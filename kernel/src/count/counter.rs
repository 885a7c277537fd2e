//! One text after another -> their numbers of tokens.

use crate::count::byte_level::SplitError;
use crate::count::counts::BatchCounts;
use crate::count::tokenizer::{Family, Tokenizer};
use crate::split::pretokens::{BATCH, Batch, MIN_BATCH, Pretokens};
use crate::words::memo::WordCounts;
use std::borrow::Cow;
use std::ops::Range;

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
    counts: Counts,
    rows: Rows,
}

/// What finds the numbers of tokens of a batch, for a tokenizer's family.
enum Counts {
    Pretokens(Box<BatchCounts>),
    Words(Box<WordCounts>),
}

/// Short texts that are counted together, since looking up few pretokens at a time is slow: they are
/// concatenated, but each is split on its own. (Where the first word of a text is like no other, they
/// are not.)
#[derive(Default)]
struct Rows {
    text: String,
    /// The number of pretokens in the batch up to the end of each text, and of all.
    ends: Vec<u16>,
    pretokens: usize,
}

impl<'t> Counter<'t> {
    pub fn new(tokenizer: &'t Tokenizer) -> Self {
        Counter {
            tokenizer,
            scratch: tokenizer.scratch_pool.take(),
        }
    }

    pub fn tokenizer(&self) -> &'t Tokenizer {
        self.tokenizer
    }

    fn scratch(&mut self) -> &mut Scratch {
        let tokenizer = self.tokenizer;
        self.scratch
            .get_or_insert_with(|| Scratch::new(&tokenizer.family))
    }

    pub fn count(&mut self, text: &str) -> Result<usize, SplitError> {
        let tokenizer = self.tokenizer;
        self.scratch().count(tokenizer, text, true)
    }

    /// The number of tokens of a piece of a text; `is_first` says whether the text starts with it.
    pub fn count_piece(&mut self, text: &str, is_first: bool) -> Result<usize, SplitError> {
        let tokenizer = self.tokenizer;
        self.scratch().count(tokenizer, text, is_first)
    }

    /// Calls `see` with the number of tokens of each text, in order.
    pub fn count_each<'a>(
        &mut self,
        texts: impl Iterator<Item = &'a str>,
        mut visit: impl FnMut(usize),
    ) -> Result<(), SplitError> {
        let tokenizer = self.tokenizer;
        if !tokenizer.may_split() || tokenizer.has_first() {
            for text in texts {
                visit(self.count(text)?);
            }
            return Ok(());
        }
        for text in texts {
            let normal = match text.len() {
                ..=ROW_BYTES => tokenizer.normalize(text),
                _ => Cow::Borrowed(text),
            };
            // Normalising may have made it longer.
            if normal.len() > ROW_BYTES {
                self.count_rows(&mut visit);
                visit(self.count(text)?);
                continue;
            }
            let text = normal.as_bytes();
            let Scratch { batch, rows, .. } = self.scratch();
            let (base, known) = (rows.text.len(), rows.pretokens);
            let batch = &mut batch[known..];
            let n = match &tokenizer.family {
                Family::ByteLevel(bpe) => bpe.pattern().map_or(0, |pattern| {
                    Pretokens::new(pattern, text, bpe.level).fill(batch)
                }),
                Family::Words(words) => words.fill(text, 0, batch),
            };
            for end in &mut batch[..n] {
                *end += base;
            }
            rows.text.push_str(&normal);
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
        let family = &self.tokenizer.family;
        let Scratch {
            batch,
            counts,
            rows,
        } = self.scratch();
        let tokens = counts.count(family, &rows.text, 0, &batch[..rows.pretokens], true);
        let mut start = 0;
        for end in rows.ends.drain(..).map(usize::from) {
            visit(sum(&tokens[start..end]));
            start = end;
        }
        rows.text.clear();
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

    /// Calls `visit` with where each segment of a piece of a pretoken that is not a token starts and
    /// ends, and its number of tokens; not for another family than byte-level BPE.
    pub fn each_segment(
        &mut self,
        text: &[u8],
        piece: Range<usize>,
        visit: impl FnMut(usize, usize, u32),
    ) {
        let tokenizer = self.tokenizer;
        if let (Family::ByteLevel(bpe), Counts::Pretokens(counts)) =
            (&tokenizer.family, &mut self.scratch().counts)
        {
            counts.each_segment(&bpe.vocabulary, text, piece, visit);
        }
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
        self.scratch().each_batch(tokenizer, text, true, visit)
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
    fn new(family: &Family) -> Box<Self> {
        Box::new(Scratch {
            batch: [0; BATCH],
            counts: match family {
                Family::ByteLevel(_) => Counts::Pretokens(Box::new(BatchCounts::new())),
                Family::Words(_) => Counts::Words(Box::new(WordCounts::new())),
            },
            rows: Rows::default(),
        })
    }

    /// See [`Counter::count_piece`].
    pub fn count(
        &mut self,
        tokenizer: &Tokenizer,
        text: &str,
        is_first: bool,
    ) -> Result<usize, SplitError> {
        let text = &*tokenizer.normalize(text);
        let mut total = 0;
        self.each_batch(tokenizer, text, is_first, |_, _, tokens| {
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
        is_first: bool,
        mut visit: impl FnMut(usize, &[usize], &[u32]) -> bool,
    ) -> Result<(), SplitError> {
        let Scratch { batch, counts, .. } = self;
        let family = &tokenizer.family;
        let visit = |start: usize, ends: &[usize]| {
            let is_first = is_first && start == 0;
            visit(
                start,
                ends,
                counts.count(family, text, start, ends, is_first),
            )
        };
        match family {
            Family::ByteLevel(bpe) => bpe.each_batch(text, batch, visit),
            Family::Words(words) => {
                words.each_batch(text, batch, visit);
                Ok(())
            }
        }
    }
}

impl Counts {
    /// The numbers of tokens of consecutive pretokens or words, at most a batch; `is_first` says
    /// whether a text starts with them.
    #[inline(always)]
    fn count(
        &mut self,
        family: &Family,
        text: &str,
        start: usize,
        ends: &[usize],
        is_first: bool,
    ) -> &[u32] {
        match (family, self) {
            (Family::ByteLevel(bpe), Counts::Pretokens(counts)) => {
                counts.count(&bpe.vocabulary, text.as_bytes(), start, ends)
            }
            (Family::Words(words), Counts::Words(counts)) => {
                counts.count(words, text, start, ends, is_first)
            }
            _ => unreachable!("what is in the pool of a tokenizer is of its family"),
        }
    }
}

fn sum(tokens: &[u32]) -> usize {
    tokens.iter().map(|&n| n as usize).sum()
}
