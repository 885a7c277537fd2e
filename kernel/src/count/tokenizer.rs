//! Text -> the number of its tokens, or the tokens: a vocabulary and a split put together.

use crate::bpe::merge;
use crate::bpe::table::vec_in_large_pages;
use crate::bpe::vocabulary::{NO_RANK, Vocabulary};
use crate::count::counter::{Counter, Scratch};
use crate::count::counts::spans;
use crate::count::encode::{self, BatchIds};
use crate::count::encoder::Encoder;
use crate::count::parallel::Error;
use crate::split::level::Level;
use crate::split::pattern::Pattern;
use crate::split::pretokens::{MIN_BATCH, Pretokens};
use crate::text::nfc;
use fancy_regex::Regex;
use std::borrow::Cow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A single text below this many bytes is counted without a memo: fetching one would cost more.
const MIN_MEMO_BYTES: usize = 4096;
/// Until there was this much of such text, in bytes.
const WARM_BYTES: usize = 1 << 16;
/// How many pretokens of a short text are found at once.
const SMALL_BATCH: usize = MIN_BATCH + 8;
/// How many calls' memory is kept for later ones.
const POOL: usize = 16;
/// The bytes of a token, about, to allocate memory for ids.
const BYTES_PER_TOKEN: usize = 4;

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

pub struct Tokenizer {
    pub vocabulary: Vocabulary,
    pub(crate) split: Split,
    nfc: bool,
    pub(crate) level: Level,
    pub(crate) scratch_pool: Pool<Scratch>,
    pub(crate) encoder_pool: Pool<BatchIds>,
    /// The bytes that were counted without a memo, about.
    cold_bytes: AtomicUsize,
}

impl Tokenizer {
    /// A tokenizer that runs as fast as this processor can; with `nfc` one that normalises first.
    pub fn new(vocabulary: Vocabulary, split: Split, nfc: bool) -> Self {
        Tokenizer {
            vocabulary,
            split,
            nfc,
            level: Level::best(),
            scratch_pool: Pool::new(),
            encoder_pool: Pool::new(),
            cold_bytes: AtomicUsize::new(0),
        }
    }

    /// The scanner's pattern, if there is one.
    ///
    /// Then a text may be split where [`crate::split::safe_split`] says so, and the pretokens after an
    /// offset where one ends do not depend on what is before it.
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

    /// Whether the text that is split is the text itself, and the same holds for any part of it.
    pub fn is_inert(&self, text: &str) -> bool {
        !self.nfc || nfc::is_inert(text)
    }

    /// Whether any text of this many characters or bytes is above a limit: no token is longer than
    /// the longest. (A text's normal form may be shorter than the text.)
    pub fn is_above(&self, length: usize, limit: usize) -> bool {
        !self.nfc && length > limit.saturating_mul(self.vocabulary.longest)
    }

    pub fn count(&self, text: &str) -> Result<usize, SplitError> {
        if text.len() < MIN_MEMO_BYTES {
            if !self.is_warm(text) {
                return self.count_cold(text);
            }
            // Locking once is quicker than taking a scratch and putting it back.
            if let Some(count) = self.scratch_pool.with(|scratch| scratch.count(self, text)) {
                return count;
            }
        }
        Counter::new(self).count(text)
    }

    /// As [`Tokenizer::count`], remembering nothing.
    fn count_cold(&self, text: &str) -> Result<usize, SplitError> {
        let text = &*self.normalize(text);
        let mut total = 0;
        self.each_batch(text, &mut [0; SMALL_BATCH], |start, ends| {
            for (start, end) in spans(start, ends) {
                total += self.count_pretoken(text.as_bytes(), start, end);
            }
            true
        })?;
        Ok(total)
    }

    /// Whether enough short texts were counted for their pretokens to be worth remembering.
    fn is_warm(&self, text: &str) -> bool {
        self.cold_bytes.load(Ordering::Relaxed) > WARM_BYTES
            || self.cold_bytes.fetch_add(text.len(), Ordering::Relaxed) > WARM_BYTES
    }

    pub fn encode(&self, text: &str) -> Result<Vec<u32>, Error> {
        if text.len() < MIN_MEMO_BYTES && !self.is_warm(text) {
            return Ok(self.encode_cold(text)?);
        }
        let mut ids = vec_in_large_pages(text.len() / BYTES_PER_TOKEN + 1);
        Encoder::new(self).encode_into(text, &mut ids)?;
        Ok(ids)
    }

    /// As [`Tokenizer::encode`], remembering nothing.
    fn encode_cold(&self, text: &str) -> Result<Vec<u32>, SplitError> {
        let text = &*self.normalize(text);
        let bytes = text.as_bytes();
        let mut ids = Vec::with_capacity(text.len() / BYTES_PER_TOKEN + 1);
        self.each_batch(text, &mut [0; SMALL_BATCH], |start, ends| {
            for (start, end) in spans(start, ends) {
                match self.vocabulary.rank(bytes, start, end) {
                    NO_RANK => encode::merge(&self.vocabulary, bytes, start, end, &mut ids),
                    rank => ids.push(self.vocabulary.id(rank)),
                }
            }
            true
        })?;
        Ok(ids)
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
    pub(crate) fn each_batch(
        &self,
        text: &str,
        batch: &mut [usize],
        mut visit: impl FnMut(usize, &[usize]) -> bool,
    ) -> Result<(), SplitError> {
        match &self.split {
            Split::Pattern(pattern) => {
                let mut pretokens = Pretokens::new(pattern, text.as_bytes(), self.level);
                let mut start = 0;
                while start < text.len() {
                    let n = pretokens.fill(batch);
                    let Some(&end) = batch[..n].last() else { break };
                    if !visit(start, &batch[..n]) {
                        break;
                    }
                    start = end;
                }
            }
            Split::Regex(regex) => {
                for found in regex.find_iter(text) {
                    let found = found.map_err(Box::new)?;
                    if !found.as_str().is_empty() && !visit(found.start(), &[found.end()]) {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Memory of earlier calls, for later ones.
pub(crate) struct Pool<T>(Mutex<Vec<Box<T>>>);

impl<T> Pool<T> {
    fn new() -> Self {
        Pool(Mutex::default())
    }

    pub(crate) fn take(&self) -> Option<Box<T>> {
        self.0.lock().ok()?.pop()
    }

    pub(crate) fn put(&self, item: Box<T>) {
        if let Ok(mut items) = self.0.lock()
            && items.len() < POOL
        {
            items.push(item);
        }
    }

    /// Runs `work` on the pooled item; None if there is none, or another thread holds it.
    fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut items = self.0.try_lock().ok()?;
        items.last_mut().map(|item| work(item))
    }
}
