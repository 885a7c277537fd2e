//! Text -> the number of its tokens, or the tokens.

use crate::bpe;
use crate::cache::{self, Cache};
use crate::pattern::Pattern;
use crate::pretokenize::{BATCH, Level, Pretokens, next_end};
use crate::vocabulary::{KEY_BYTES, Key, NO_RANK, Vocabulary};
use crate::nfc;
use fancy_regex::Regex;
use std::borrow::Cow;
use crate::window::REACH;
use std::sync::Mutex;

/// Texts below this many bytes are counted without a cache: fetching one would cost more.
const CACHED_BYTES: usize = 2048;
/// How many caches are kept for later calls.
const SPARE_CACHES: usize = 16;

/// How a text is split into pretokens.
pub enum Split {
    /// By a family that has a scanner.
    Pattern(Pattern),
    /// By any regular expression. What it does not match has no tokens, as in tiktoken.
    Regex(Box<Regex>),
}

impl Split {
    /// A family's name, or the source of a regular expression.
    pub fn new(pattern: &str) -> Result<Self, Box<fancy_regex::Error>> {
        match Pattern::named(pattern) {
            Some(pattern) => Ok(Split::Pattern(pattern)),
            None => Ok(Split::Regex(Box::new(Regex::new(pattern)?))),
        }
    }
}

/// A vocabulary and a split.
pub struct Tokenizer {
    vocabulary: Vocabulary,
    split: Split,
    nfc: bool,
    level: Level,
    caches: Mutex<Vec<Cache>>,
}

/// A regular expression gave up on a text: it backtracked too much.
pub type SplitError = Box<fancy_regex::Error>;

impl Tokenizer {
    /// A tokenizer that runs as fast as this processor can; with `nfc` one that normalises first.
    pub fn new(vocabulary: Vocabulary, split: Split, nfc: bool) -> Self {
        Tokenizer { vocabulary, split, nfc, level: Level::best(), caches: Mutex::default() }
    }

    /// The same, at another level.
    pub fn at_level(self, level: Level) -> Self {
        Tokenizer { level, ..self }
    }

    /// The vocabulary.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The text that is split: the text itself, or its normal form.
    pub fn normalize<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.nfc { nfc::normalize(text) } else { Cow::Borrowed(text) }
    }

    /// Whether the places of the text that is split are the places of the text.
    pub fn keeps_places(&self, text: &str) -> bool {
        !self.nfc || nfc::is_settled(text)
    }

    /// Whether a text may be cut where [`crate::pretokenize::is_cut`] says so.
    pub fn has_cuts(&self) -> bool {
        matches!(self.split, Split::Pattern(_))
    }

    /// The number of tokens of a text.
    pub fn count(&self, text: &str) -> Result<usize, SplitError> {
        let mut total = 0;
        self.each_count(text, |tokens| {
            total += tokens;
            true
        })?;
        Ok(total)
    }

    /// The number of tokens of a text, or None if it is above the limit. Stops there.
    pub fn count_till_limit(&self, text: &str, limit: usize) -> Result<Option<usize>, SplitError> {
        let mut total = 0;
        self.each_count(text, |tokens| {
            total += tokens;
            total <= limit
        })?;
        Ok((total <= limit).then_some(total))
    }

    /// Calls `see` with the numbers of tokens of consecutive parts of the text, until it returns
    /// false.
    fn each_count(&self, text: &str, mut see: impl FnMut(usize) -> bool) -> Result<(), SplitError> {
        let text = &*self.normalize(text);
        let bytes = text.as_bytes();
        if text.len() < CACHED_BYTES {
            return self.each_batch(text, |start, ends| {
                let pretokens = Spans::new(start, ends);
                see(pretokens.map(|(start, end)| self.count_pretoken(bytes, start, end)).sum())
            });
        }
        let mut cache = self.take_cache();
        let mut probes = Probes { keys: [(Key::NONE, 0); BATCH], missed: [0; BATCH] };
        let done = self.each_batch(text, |start, ends| {
            see(self.count_batch(bytes, start, ends, &mut probes, &mut cache))
        });
        self.give_back(cache);
        done
    }

    /// Calls `see` with the start of a pretoken and the ends of it and those that follow, for the
    /// whole text or until it returns false.
    #[inline(always)]
    fn each_batch(
        &self,
        text: &str,
        mut see: impl FnMut(usize, &[usize]) -> bool,
    ) -> Result<(), SplitError> {
        match &self.split {
            Split::Pattern(pattern) if text.len() < REACH => {
                let mut start = 0;
                while start < text.len() {
                    let end = next_end(pattern, text.as_bytes(), start);
                    if !see(start, &[end]) {
                        break;
                    }
                    start = end;
                }
            }
            Split::Pattern(pattern) => {
                let mut pretokens = Pretokens::new(pattern, text.as_bytes(), self.level);
                let (mut batch, mut start) = ([0; BATCH], 0);
                loop {
                    let n = pretokens.fill(&mut batch);
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

    /// Calls `see` with start and end of each pretoken of a text that is normal.
    #[inline(always)]
    pub fn each_pretoken(
        &self,
        text: &str,
        mut see: impl FnMut(usize, usize),
    ) -> Result<(), SplitError> {
        self.each_batch(text, |start, ends| {
            Spans::new(start, ends).for_each(|(start, end)| see(start, end));
            true
        })
    }

    /// The number of tokens of a pretoken.
    #[inline]
    fn count_pretoken(&self, text: &[u8], start: usize, end: usize) -> usize {
        if self.vocabulary.rank(text, start, end) != NO_RANK {
            1
        } else {
            bpe::count(&self.vocabulary, text, start, end)
        }
    }

    /// The number of tokens of consecutive pretokens.
    ///
    /// No step waits for memory or guesses: all keys are made, and their places in the cache
    /// fetched, before the first is looked up; those that are not there are put aside, and their
    /// sets fetched, before the first of them is.
    #[inline(always)]
    fn count_batch(
        &self,
        text: &[u8],
        start: usize,
        ends: &[usize],
        probes: &mut Probes,
        cache: &mut Cache,
    ) -> usize {
        for ((start, end), probe) in Spans::new(start, ends).zip(probes.keys.iter_mut()) {
            let key = Key::of(text, start, end - start);
            *probe = (key, cache.place(key));
        }
        let (mut total, mut missed) = (0, 0);
        for (i, &(key, place)) in probes.keys[..ends.len()].iter().enumerate() {
            let tokens = cache.at_place(key, place);
            total += tokens;
            probes.missed[missed] = i as u16;
            missed += usize::from(tokens == 0);
        }
        for &i in &probes.missed[..missed] {
            cache.prefetch_set(probes.keys[usize::from(i)].0);
        }
        for &i in &probes.missed[..missed] {
            let i = usize::from(i);
            let start = if i == 0 { start } else { ends[i - 1] };
            total += self.count_missed(text, start, ends[i], probes.keys[i].0, cache);
        }
        total
    }

    #[inline(never)]
    fn count_missed(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        key: Key,
        cache: &mut Cache,
    ) -> usize {
        match end - start {
            0..=KEY_BYTES => cache.get(key, || match self.vocabulary.rank_of_key(key) {
                NO_RANK => bpe::count(&self.vocabulary, text, start, end),
                _ => 1,
            }),
            ..=cache::LONGEST => {
                cache.get_long(&text[start..end], || self.count_pretoken(text, start, end))
            }
            _ => self.count_pretoken(text, start, end),
        }
    }

    /// The ids of the tokens of a text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, SplitError> {
        let text = &*self.normalize(text);
        let bytes = text.as_bytes();
        let mut ids = Vec::with_capacity(text.len() / 4);
        self.each_pretoken(text, |start, end| {
            match self.vocabulary.rank(bytes, start, end) {
                NO_RANK => {
                    let mut from = start;
                    bpe::each_end(&self.vocabulary, bytes, start, end, |to| {
                        ids.push(self.vocabulary.id(self.vocabulary.rank(bytes, from, to)));
                        from = to;
                    });
                }
                rank => ids.push(self.vocabulary.id(rank)),
            }
        })?;
        Ok(ids)
    }

    /// The bytes of tokens; the first unknown id if there is one.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>, u32> {
        let mut bytes = Vec::with_capacity(ids.len() * 4);
        for &id in ids {
            bytes.extend_from_slice(self.vocabulary.bytes_of_id(id).ok_or(id)?);
        }
        Ok(bytes)
    }

    fn take_cache(&self) -> Cache {
        let spare = self.caches.lock().ok().and_then(|mut caches| caches.pop());
        spare.unwrap_or_default()
    }

    fn give_back(&self, cache: Cache) {
        if let Ok(mut caches) = self.caches.lock()
            && caches.len() < SPARE_CACHES
        {
            caches.push(cache);
        }
    }
}

/// What [`Tokenizer::count_batch`] notes on its way.
struct Probes {
    /// The keys of the pretokens and their places.
    keys: [(Key, u32); BATCH],
    /// The numbers of those that were not there.
    missed: [u16; BATCH],
}

/// Starts and ends of consecutive pretokens.
struct Spans<'a> {
    start: usize,
    ends: std::slice::Iter<'a, usize>,
}

impl<'a> Spans<'a> {
    #[inline(always)]
    fn new(start: usize, ends: &'a [usize]) -> Self {
        Spans { start, ends: ends.iter() }
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
