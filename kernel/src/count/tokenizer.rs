//! Text -> the number of its tokens, or the tokens.

use crate::bpe::merge;
use crate::bpe::table::vec_in_large_pages;
use crate::bpe::vocabulary::{NO_RANK, Vocabulary};
use crate::count::counts::{BatchCounts, Spans};
use crate::count::encode::{self, Encoder};
use crate::split::level::Level;
use crate::split::pattern::Pattern;
use crate::split::pretokens::{BATCH, Batch, Pretokens};
use crate::text::nfc;
use fancy_regex::Regex;
use std::borrow::Cow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A single text below this many bytes is counted without a cache: fetching one would cost more.
const CACHED_BYTES: usize = 4096;
/// Until there was so much such text, in bytes.
const WORTH_REMEMBERING: usize = 1 << 16;
/// How many pretokens of a short text are looked at together.
const SMALL_BATCH: usize = 72;
/// Texts of up to so many bytes are put together, some hundred pretokens at a time.
const ROW_BYTES: usize = 200;
/// How many counters' memories are kept for later calls.
const SPARE: usize = 16;

/// How a text is split into pretokens.
pub enum Split {
    /// By a family that has a scanner.
    Pattern(Pattern),
    /// By any regular expression. What it does not match has no tokens, as in tiktoken.
    Regex(Box<Regex>),
}

impl Split {
    /// A family's name, or the source of a regular expression.
    pub fn new(pattern: &str) -> Result<Self, SplitError> {
        match Pattern::named(pattern) {
            Some(pattern) => Ok(Split::Pattern(pattern)),
            None => Ok(Split::Regex(Box::new(Regex::new(pattern)?))),
        }
    }
}

/// What is wrong with a regular expression, or that it gave up on a text: it backtracked too much.
pub type SplitError = Box<fancy_regex::Error>;

/// A vocabulary and a split.
pub struct Tokenizer {
    vocabulary: Vocabulary,
    split: Split,
    nfc: bool,
    level: Level,
    spare: Mutex<Vec<Box<Scratch>>>,
    encoders: Mutex<Vec<Box<Encoder>>>,
    /// About how many bytes were counted without a cache.
    short_bytes: AtomicUsize,
}

impl Tokenizer {
    /// A tokenizer that runs as fast as this processor can; with `nfc` one that normalises first.
    pub fn new(vocabulary: Vocabulary, split: Split, nfc: bool) -> Self {
        Tokenizer {
            vocabulary,
            split,
            nfc,
            level: Level::best(),
            spare: Mutex::default(),
            encoders: Mutex::default(),
            short_bytes: AtomicUsize::new(0),
        }
    }

    /// The vocabulary.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The scanner's pattern, if there is one.
    ///
    /// Then a text may be cut where [`crate::split::safe_split::is_safe_split`] says so, and what is behind a
    /// pretoken does not depend on what is before it.
    pub fn pattern(&self) -> Option<&Pattern> {
        match &self.split {
            Split::Pattern(pattern) => Some(pattern),
            Split::Regex(_) => None,
        }
    }

    /// The text that is split: the text itself, or its normal form.
    pub fn normalize<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.nfc {
            nfc::normalize(text)
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Whether the text that is split is the text itself, and any part of it is too.
    pub fn is_settled(&self, text: &str) -> bool {
        !self.nfc || nfc::is_settled(text)
    }

    /// Whether any text of so many characters or bytes is above a limit: no token is longer than
    /// the longest. (Its normal form may be shorter than a text.)
    pub fn is_above(&self, length: usize, limit: usize) -> bool {
        !self.nfc && length > limit.saturating_mul(self.vocabulary.longest())
    }

    /// The number of tokens of a text.
    pub fn count(&self, text: &str) -> Result<usize, SplitError> {
        if text.len() < CACHED_BYTES {
            if !self.is_warm(text) {
                return self.count_afresh(text);
            }
            // Locking once is quicker than taking a memory and putting it back.
            if let Ok(mut spare) = self.spare.try_lock()
                && let Some(scratch) = spare.last_mut()
            {
                return scratch.count(self, text);
            }
        }
        Counter::new(self).count(text)
    }

    /// As [`Tokenizer::count`], remembering nothing.
    fn count_afresh(&self, text: &str) -> Result<usize, SplitError> {
        let text = &*self.normalize(text);
        let mut total = 0;
        self.each_batch(text, &mut [0; SMALL_BATCH], |start, ends| {
            for (start, end) in Spans::new(start, ends) {
                total += self.count_pretoken(text.as_bytes(), start, end);
            }
            true
        })?;
        Ok(total)
    }

    /// Whether so many short texts were counted that their pretokens are worth remembering.
    fn is_warm(&self, text: &str) -> bool {
        self.short_bytes.load(Ordering::Relaxed) > WORTH_REMEMBERING
            || self.short_bytes.fetch_add(text.len(), Ordering::Relaxed) > WORTH_REMEMBERING
    }

    /// The ids of the tokens of a text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, SplitError> {
        let text = &*self.normalize(text);
        let bytes = text.as_bytes();
        let mut ids = vec_in_large_pages(text.len() / 4 + 1);
        if text.len() < CACHED_BYTES && !self.is_warm(text) {
            self.each_batch(text, &mut [0; SMALL_BATCH], |start, ends| {
                for (start, end) in Spans::new(start, ends) {
                    match self.vocabulary.rank(bytes, start, end) {
                        NO_RANK => encode::merge(&self.vocabulary, bytes, start, end, &mut ids),
                        rank => ids.push(self.vocabulary.id(rank)),
                    }
                }
                true
            })?;
            return Ok(ids);
        }
        let mut encoder = take_spare(&self.encoders).unwrap_or_else(Encoder::new);
        let mut batch = [0; BATCH];
        let done = self.each_batch(text, &mut batch, |start, ends| {
            encoder.encode(&self.vocabulary, bytes, start, ends, &mut ids);
            true
        });
        put_spare(&self.encoders, encoder);
        done.map(|()| ids)
    }

    /// The bytes of tokens; or the first id that no token has.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>, u32> {
        let mut bytes = Vec::with_capacity(ids.len() * 4);
        for &id in ids {
            bytes.extend_from_slice(self.vocabulary.bytes_of_id(id).ok_or(id)?);
        }
        Ok(bytes)
    }

    /// The number of tokens of the pretoken `text[start..end]`.
    #[inline]
    pub fn count_pretoken(&self, text: &[u8], start: usize, end: usize) -> usize {
        match self.vocabulary.rank(text, start, end) {
            NO_RANK => merge::count(&self.vocabulary, text, start, end),
            _ => 1,
        }
    }

    /// Calls `see` with the start of a pretoken and the ends of it and those that follow, for the
    /// whole of a normal text or until it returns false.
    #[inline(always)]
    fn each_batch(
        &self,
        text: &str,
        batch: &mut [usize],
        mut see: impl FnMut(usize, &[usize]) -> bool,
    ) -> Result<(), SplitError> {
        match &self.split {
            Split::Pattern(pattern) => {
                let mut pretokens = Pretokens::new(pattern, text.as_bytes(), self.level);
                let mut start = 0;
                while start < text.len() {
                    let n = pretokens.fill(batch);
                    let Some(&end) = batch[..n].last() else { break };
                    if !see(start, &batch[..n]) {
                        break;
                    }
                    start = end;
                }
            }
            Split::Regex(regex) => {
                for found in regex.find_iter(text) {
                    let found = found.map_err(Box::new)?;
                    if !found.as_str().is_empty() && !see(found.start(), &[found.end()]) {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Counts one text after another, remembering what it has seen.
pub struct Counter<'t> {
    tokenizer: &'t Tokenizer,
    /// The tokenizer's again when this is dropped, and there until then.
    scratch: Option<Box<Scratch>>,
}

/// The memory of a counter.
struct Scratch {
    batch: Batch,
    counts: BatchCounts,
    rows: Rows,
}

/// Short texts that are counted together, since looking up few pretokens at a time is slow: one
/// behind the other, but split on their own.
#[derive(Default)]
struct Rows {
    bytes: Vec<u8>,
    /// The number of pretokens in the batch up to the end of each text, and of all.
    ends: Vec<u16>,
    pretokens: usize,
}

impl<'t> Counter<'t> {
    /// A counter for a thread.
    pub fn new(tokenizer: &'t Tokenizer) -> Self {
        let spare = take_spare(&tokenizer.spare);
        Counter {
            tokenizer,
            scratch: Some(spare.unwrap_or_else(Scratch::new)),
        }
    }

    /// The number of tokens of a text.
    pub fn count(&mut self, text: &str) -> Result<usize, SplitError> {
        let scratch = self.scratch.get_or_insert_with(Scratch::new);
        scratch.count(self.tokenizer, text)
    }

    /// Calls `see` with the number of tokens of each text, in order.
    pub fn count_each<'a>(
        &mut self,
        texts: impl Iterator<Item = &'a str>,
        mut see: impl FnMut(usize),
    ) -> Result<(), SplitError> {
        let Split::Pattern(pattern) = &self.tokenizer.split else {
            for text in texts {
                see(self.count(text)?);
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
                self.count_rows(&mut see);
                see(self.count(text)?);
                continue;
            }
            let text = &*normal;
            let level = self.tokenizer.level;
            let Scratch { batch, rows, .. } = &mut **self.scratch.get_or_insert_with(Scratch::new);
            let (base, known) = (rows.bytes.len(), rows.pretokens);
            // `fill` stops when less than 64 have room.
            let mut pretokens = Pretokens::new(pattern, text.as_bytes(), level);
            let n = pretokens.fill(&mut batch[known..]);
            batch[known..known + n]
                .iter_mut()
                .for_each(|end| *end += base);
            rows.bytes.extend_from_slice(text.as_bytes());
            rows.pretokens += n;
            rows.ends.push(rows.pretokens as u16);
            if rows.pretokens + ROW_BYTES + 64 > BATCH {
                self.count_rows(&mut see);
            }
        }
        self.count_rows(&mut see);
        Ok(())
    }

    /// Counts the rows that were put together.
    fn count_rows(&mut self, see: &mut impl FnMut(usize)) {
        let scratch = self.scratch.get_or_insert_with(Scratch::new);
        let Scratch {
            batch,
            counts,
            rows,
        } = &mut **scratch;
        let vocabulary = &self.tokenizer.vocabulary;
        let tokens = counts.count(vocabulary, &rows.bytes, 0, &batch[..rows.pretokens]);
        let mut start = 0;
        for end in rows.ends.drain(..).map(usize::from) {
            see(sum(&tokens[start..end]));
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
        see: impl FnMut(usize, &[usize], &[u32]) -> bool,
    ) -> Result<(), SplitError> {
        let scratch = self.scratch.get_or_insert_with(Scratch::new);
        scratch.each_batch(self.tokenizer, text, see)
    }
}

impl Drop for Counter<'_> {
    fn drop(&mut self) {
        if let Some(scratch) = self.scratch.take() {
            put_spare(&self.tokenizer.spare, scratch);
        }
    }
}

/// The memory of an earlier call, if there is one.
fn take_spare<T>(spares: &Mutex<Vec<T>>) -> Option<T> {
    spares.lock().ok().and_then(|mut spares| spares.pop())
}

/// Keeps memory for a later call.
fn put_spare<T>(spares: &Mutex<Vec<T>>, spare: T) {
    if let Ok(mut spares) = spares.lock()
        && spares.len() < SPARE
    {
        spares.push(spare);
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

    /// As [`Counter::count`].
    fn count(&mut self, tokenizer: &Tokenizer, text: &str) -> Result<usize, SplitError> {
        let text = &*tokenizer.normalize(text);
        let mut total = 0;
        self.each_batch(tokenizer, text, |_, _, tokens| {
            total += sum(tokens);
            true
        })?;
        Ok(total)
    }

    /// As [`Counter::each_batch`].
    #[inline(always)]
    fn each_batch(
        &mut self,
        tokenizer: &Tokenizer,
        text: &str,
        mut see: impl FnMut(usize, &[usize], &[u32]) -> bool,
    ) -> Result<(), SplitError> {
        let Scratch { batch, counts, .. } = self;
        let vocabulary = &tokenizer.vocabulary;
        tokenizer.each_batch(text, batch, |start, ends| {
            see(
                start,
                ends,
                counts.count(vocabulary, text.as_bytes(), start, ends),
            )
        })
    }
}

fn sum(tokens: &[u32]) -> usize {
    tokens.iter().map(|&n| n as usize).sum()
}
