//! Text -> the number of its tokens, or the tokens.

use crate::bpe;
use crate::cache::{Cache, LONGEST};
use crate::encode::{self, Encoder};
use crate::nfc;
use crate::pattern::Pattern;
use crate::pretokenize::{BATCH, Batch, Level, Pretokens};
use crate::table::vec_with_room;
use crate::vocabulary::{KEY_BYTES, Key, NO_RANK, Vocabulary, hash_bytes};
use fancy_regex::Regex;
use std::borrow::Cow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A single text below this many bytes is counted without a cache: fetching one would cost more.
const CACHED_BYTES: usize = 4096;
/// The same, once there was much such text.
const WARM_BYTES: usize = 128;
/// How much is much, in bytes.
const WORTH_REMEMBERING: usize = 1 << 16;
/// How many pretokens of a short text are looked at together.
const SMALL_BATCH: usize = 72;
/// How many counters' memories are kept for later calls.
const SPARE: usize = 16;

/// A pretoken with other characters than ASCII's is seldom a word that comes again if it is longer
/// than this, in bytes.
const LONG_WORD: usize = 32;

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
    /// Then a text may be cut where [`crate::pretokenize::is_cut`] says so, and what is behind a
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

    /// The number of tokens of a text.
    pub fn count(&self, text: &str) -> Result<usize, SplitError> {
        if text.len() >= CACHED_BYTES || text.len() >= WARM_BYTES && self.is_warm(text) {
            return Counter::new(self).count(text);
        }
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
        let mut ids = vec_with_room(text.len() / 4 + 1);
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
            NO_RANK => bpe::count(&self.vocabulary, text, start, end),
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
                loop {
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
}

/// The counts of a batch's pretokens, and what it takes to find them.
struct BatchCounts {
    cache: Cache,
    /// The keys of the pretokens, and their places in the cache.
    keys: [(Key, u16); BATCH],
    /// The numbers of tokens of the pretokens.
    tokens: [u32; BATCH],
    /// Which were not in the cache.
    missed: [u16; BATCH],
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
        let text = &*self.tokenizer.normalize(text);
        let mut total = 0;
        self.each_batch(text, |_, _, tokens| {
            total += sum(tokens);
            true
        })?;
        Ok(total)
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
        mut see: impl FnMut(usize, &[usize], &[u32]) -> bool,
    ) -> Result<(), SplitError> {
        let scratch = self.scratch.get_or_insert_with(Scratch::new);
        let Scratch { batch, counts } = &mut **scratch;
        self.tokenizer.each_batch(text, batch, |start, ends| {
            see(
                start,
                ends,
                counts.count(self.tokenizer, text.as_bytes(), start, ends),
            )
        })
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
            counts: BatchCounts {
                cache: Cache::new(),
                keys: [(Key::NONE, 0); BATCH],
                tokens: [0; BATCH],
                missed: [0; BATCH],
            },
        })
    }
}

impl BatchCounts {
    /// The numbers of tokens of consecutive pretokens.
    ///
    /// No step waits for memory or guesses: all keys are made, and their places in the cache
    /// fetched, before the first is looked up; those that are not there are put aside, and where
    /// else they may be is fetched before the first of them is looked up.
    fn count(
        &mut self,
        tokenizer: &Tokenizer,
        text: &[u8],
        start: usize,
        ends: &[usize],
    ) -> &[u32] {
        let n = ends.len();
        let (keys, tokens) = (&mut self.keys[..n], &mut self.tokens[..n]);
        for ((start, end), probe) in Spans::new(start, ends).zip(&mut *keys) {
            let key = Key::of(text, start, end - start);
            *probe = (key, self.cache.place(key));
        }
        let places = self.cache.places();
        let mut missed = 0;
        for (i, (&mut (key, place), tokens)) in keys.iter_mut().zip(&mut *tokens).enumerate() {
            let found = places.tokens(key, place);
            *tokens = found;
            self.missed[missed % BATCH] = i as u16;
            missed += usize::from(found == 0);
        }
        let missed = &self.missed[..missed];
        for &i in missed {
            let key = keys[usize::from(i)].0;
            tokenizer.vocabulary.prefetch(key);
            self.cache.prefetch_set(key);
        }
        for i in missed.iter().map(|&i| usize::from(i)) {
            let start = if i == 0 { start } else { ends[i - 1] };
            let mut missed = Missed {
                vocabulary: &tokenizer.vocabulary,
                cache: &mut self.cache,
                text,
            };
            tokens[i] = missed.count(start, ends[i], keys[i].0) as u32;
        }
        tokens
    }
}

/// Counts the pretokens that are not at their place in the cache.
struct Missed<'a> {
    vocabulary: &'a Vocabulary,
    cache: &'a mut Cache,
    text: &'a [u8],
}

impl Missed<'_> {
    /// The number of tokens of a pretoken.
    #[inline(always)]
    fn count(&mut self, start: usize, end: usize, key: Key) -> usize {
        let vocabulary = self.vocabulary;
        if end - start > KEY_BYTES {
            self.count_long(start, end)
        } else if vocabulary.rank_of_key(key) != NO_RANK {
            self.cache.put_single(key)
        } else {
            let count = || bpe::count(vocabulary, self.text, start, end);
            self.cache.get(key, count)
        }
    }

    /// The same for one that is too long for a key.
    fn count_long(&mut self, start: usize, end: usize) -> usize {
        let (vocabulary, text) = (self.vocabulary, self.text);
        let pretoken = &text[start..end];
        let may_have_seams = !pretoken.is_ascii();
        if pretoken.len() > LONGEST || may_have_seams && pretoken.len() > LONG_WORD {
            return self.count_parts(start, end);
        }
        let hash = hash_bytes(pretoken);
        if let Some(tokens) = self.cache.find_long(hash, pretoken, false) {
            return tokens;
        }
        let tokens = match vocabulary.rank(text, start, end) {
            NO_RANK if may_have_seams => self.count_parts(start, end),
            NO_RANK => bpe::count_part(vocabulary, text, start, end),
            _ => 1,
        };
        self.cache.put_long(hash, pretoken, false, tokens);
        tokens
    }

    /// The number of tokens of a long pretoken, by its parts. They are looked up as pretokens are:
    /// see [`BatchCounts::count`].
    fn count_parts(&mut self, start: usize, end: usize) -> usize {
        let (mut total, mut from) = (0, start);
        let mut ends = [0; 32];
        let mut keys = [(Key::NONE, 0); 32];
        while from < end {
            let seams = self.vocabulary.seams();
            let n = seams.part(self.text, from, end, &mut ends);
            // What has seams is no token.
            if from == start
                && ends[0] == end
                && self.vocabulary.rank(self.text, start, end) != NO_RANK
            {
                return 1;
            }
            for ((start, end), probe) in Spans::new(from, &ends[..n]).zip(&mut keys) {
                let key = Key::of(self.text, start, end - start).of_part();
                *probe = (key, self.cache.place(key));
            }
            for ((start, end), &(key, place)) in Spans::new(from, &ends[..n]).zip(&keys) {
                total += match self.cache.places().tokens(key, place) {
                    0 => self.count_part(start, end, key),
                    _ if end - start >= KEY_BYTES => self.count_part(start, end, key),
                    found => found as usize,
                };
            }
            from = ends[n - 1];
        }
        total
    }

    fn count_part(&mut self, start: usize, end: usize, key: Key) -> usize {
        let part = &self.text[start..end];
        let count = || bpe::count_part(self.vocabulary, self.text, start, end);
        match part.len() {
            ..KEY_BYTES => self.cache.get(key, count),
            KEY_BYTES..=LONGEST => {
                let hash = hash_bytes(part);
                self.cache.find_long(hash, part, true).unwrap_or_else(|| {
                    let tokens = count();
                    self.cache.put_long(hash, part, true, tokens);
                    tokens
                })
            }
            _ => count(),
        }
    }
}

fn sum(tokens: &[u32]) -> usize {
    tokens.iter().map(|&n| n as usize).sum()
}

/// Starts and ends of consecutive pretokens.
struct Spans<'a> {
    start: usize,
    ends: std::slice::Iter<'a, usize>,
}

impl<'a> Spans<'a> {
    #[inline(always)]
    fn new(start: usize, ends: &'a [usize]) -> Self {
        Spans {
            start,
            ends: ends.iter(),
        }
    }
}

impl Iterator for Spans<'_> {
    type Item = (usize, usize);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, usize)> {
        let &end = self.ends.next()?;
        Some((std::mem::replace(&mut self.start, end), end))
    }
}
