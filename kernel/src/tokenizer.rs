//! Text -> the number of its tokens, or the tokens.

use crate::bpe;
use crate::cache::{self, Cache};
use crate::pattern::Pattern;
use crate::pretokenize::{Batch, Level, Pretokens};
use crate::vocabulary::{KEY_BYTES, Key, NO_RANK, Vocabulary};
use fancy_regex::Regex;
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
    level: Level,
    caches: Mutex<Vec<Cache>>,
}

/// A regular expression gave up on a text: it backtracked too much.
pub type SplitError = Box<fancy_regex::Error>;

impl Tokenizer {
    /// A tokenizer that runs as fast as this processor can.
    pub fn new(vocabulary: Vocabulary, split: Split) -> Self {
        Tokenizer { vocabulary, split, level: Level::best(), caches: Mutex::default() }
    }

    /// The same, at another level.
    pub fn at_level(self, level: Level) -> Self {
        Tokenizer { level, ..self }
    }

    /// The vocabulary.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
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

    /// Calls `see` with the number of tokens of each pretoken, until it returns false.
    #[inline(always)]
    fn each_count(&self, text: &str, mut see: impl FnMut(usize) -> bool) -> Result<(), SplitError> {
        let text_bytes = text.as_bytes();
        if text.len() < CACHED_BYTES {
            return self.each_pretoken(text, |start, end| {
                see(self.count_pretoken(text_bytes, start, end))
            });
        }
        let mut cache = self.take_cache();
        let done = self.each_pretoken(text, |start, end| {
            see(self.count_cached(text_bytes, start, end, &mut cache))
        });
        self.give_back(cache);
        done
    }

    /// Calls `see` with start and end of each pretoken, until it returns false.
    #[inline(always)]
    pub fn each_pretoken(
        &self,
        text: &str,
        mut see: impl FnMut(usize, usize) -> bool,
    ) -> Result<(), SplitError> {
        match &self.split {
            Split::Pattern(pattern) => {
                let mut pretokens = Pretokens::new(pattern, text.as_bytes(), self.level);
                let mut batch: Batch = [0; _];
                let mut start = 0;
                loop {
                    let n = pretokens.fill(&mut batch);
                    for &end in &batch[..n] {
                        if !see(start, end) {
                            return Ok(());
                        }
                        start = end;
                    }
                    if n == 0 {
                        return Ok(());
                    }
                }
            }
            Split::Regex(regex) => {
                for found in regex.find_iter(text) {
                    let found = found.map_err(Box::new)?;
                    if !found.as_str().is_empty() && !see(found.start(), found.end()) {
                        break;
                    }
                }
                Ok(())
            }
        }
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

    #[inline(always)]
    fn count_cached(&self, text: &[u8], start: usize, end: usize, cache: &mut Cache) -> usize {
        let length = end - start;
        if length <= KEY_BYTES {
            let key = Key::of(text, start, length);
            match cache.hot(key) {
                0 => self.count_new(text, start, end, key, cache),
                tokens => tokens,
            }
        } else {
            self.count_long(text, start, end, cache)
        }
    }

    #[inline(never)]
    fn count_new(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        key: Key,
        cache: &mut Cache,
    ) -> usize {
        cache.get(key, || match self.vocabulary.rank_of_key(key) {
            NO_RANK => bpe::count(&self.vocabulary, text, start, end),
            _ => 1,
        })
    }

    #[inline(never)]
    fn count_long(&self, text: &[u8], start: usize, end: usize, cache: &mut Cache) -> usize {
        if end - start > cache::LONGEST {
            return self.count_pretoken(text, start, end);
        }
        cache.get_long(&text[start..end], || self.count_pretoken(text, start, end))
    }

    /// The ids of the tokens of a text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, SplitError> {
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
            true
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
