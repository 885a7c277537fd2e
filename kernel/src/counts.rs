//! The numbers of tokens of a batch of pretokens.

use crate::bpe;
use crate::cache::{Cache, LONGEST};
use crate::pretokenize::BATCH;
use crate::seams::{PARTS, Parts};
use crate::vocabulary::{KEY_BYTES, Key, NO_RANK, Vocabulary, hash_bytes};

/// The shortest pretoken that is too long for a key, in bytes.
const FIRST_LONG: usize = KEY_BYTES + 1;
/// A pretoken with other characters than ASCII's is seldom a word that comes again if it is longer
/// than this, in bytes.
const LONG_WORD: usize = 25;
/// A pretoken that ends in a character of three bytes and is as long as this may have seams.
const WIDE_WORD: usize = 9;

/// The counts of a batch's pretokens, and what it takes to find them.
pub struct BatchCounts {
    cache: Cache,
    /// The keys of the pretokens, and their places in the cache.
    keys: [(Key, u16); BATCH],
    /// The numbers of tokens of the pretokens.
    tokens: [u32; BATCH],
    /// Which were not in the cache.
    missed: [u16; BATCH],
    parts: PartBatch,
}

impl BatchCounts {
    /// Remembers nothing yet.
    pub fn new() -> Self {
        BatchCounts {
            cache: Cache::new(),
            keys: [(Key::NONE, 0); BATCH],
            tokens: [0; BATCH],
            missed: [0; BATCH],
            parts: PartBatch {
                spans: Parts::new(),
                owners: [0; PARTS],
                keys: [(Key::NONE, 0); PARTS],
                missed: [0; PARTS],
            },
        }
    }

    /// The numbers of tokens of consecutive pretokens.
    ///
    /// No step waits for memory or guesses: all keys are made, and their places in the cache
    /// fetched, before the first is looked up; those that are not there are put aside, and where
    /// else they may be is fetched before the first of them is looked up.
    pub fn count(
        &mut self,
        vocabulary: &Vocabulary,
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
            vocabulary.prefetch(key);
            self.cache.prefetch_set(key);
        }
        let mut missed_ones = Missed {
            vocabulary,
            cache: &mut self.cache,
            parts: &mut self.parts,
            text,
        };
        for i in missed.iter().map(|&i| usize::from(i)) {
            let start = if i == 0 { start } else { ends[i - 1] };
            if !missed_ones.count(start, ends[i], keys[i].0, &mut tokens[i]) {
                missed_ones.gather(start, ends[i], i, tokens);
                if ends[i] - start <= LONG_WORD {
                    missed_ones.count_parts(tokens);
                    missed_ones.remember(start, ends[i], keys[i].0, tokens[i]);
                }
            }
        }
        missed_ones.count_parts(tokens);
        tokens
    }
}

/// Counts the pretokens that are not at their place in the cache.
struct Missed<'a> {
    vocabulary: &'a Vocabulary,
    cache: &'a mut Cache,
    parts: &'a mut PartBatch,
    text: &'a [u8],
}

/// Parts of long pretokens, to be looked up together.
struct PartBatch {
    spans: Parts,
    /// Which of the batch's pretokens each is part of.
    owners: [u16; PARTS],
    keys: [(Key, u16); PARTS],
    missed: [u16; PARTS],
}

impl Missed<'_> {
    /// Sets the number of tokens of a pretoken, unless it is to be counted in parts.
    #[inline(always)]
    fn count(&mut self, start: usize, end: usize, key: Key, tokens: &mut u32) -> bool {
        let count = if end - start > KEY_BYTES {
            match self.count_long(start, end) {
                Some(count) => count,
                None => return false,
            }
        } else if self.vocabulary.rank_of_key(key) != NO_RANK {
            self.cache.put_single(key)
        } else if let Some(count) = self.cache.find(key) {
            count
        } else if end - start >= WIDE_WORD && self.text[end - 3] >= 0xe0 {
            return false;
        } else {
            let count = bpe::count(self.vocabulary, self.text, start, end);
            self.cache.put(key, count);
            count
        };
        *tokens = count as u32;
        true
    }

    /// The number of tokens of a pretoken that is too long for a key, unless it may have seams.
    fn count_long(&mut self, start: usize, end: usize) -> Option<usize> {
        let pretoken = &self.text[start..end];
        if pretoken.is_ascii() {
            return Some(self.count_whole(start, end));
        }
        if pretoken.len() > LONG_WORD {
            return None;
        }
        let hash = hash_bytes(pretoken);
        self.cache.find_long(hash, pretoken, false)
    }

    /// Remembers the number of tokens of a pretoken.
    fn remember(&mut self, start: usize, end: usize, key: Key, tokens: u32) {
        let pretoken = &self.text[start..end];
        match pretoken.len() {
            ..=KEY_BYTES => self.cache.put(key, tokens as usize),
            FIRST_LONG..=LONGEST => {
                let hash = hash_bytes(pretoken);
                self.cache.put_long(hash, pretoken, false, tokens as usize);
            }
            _ => {}
        }
    }

    /// The number of tokens of a pretoken without seams that is not at its place in the cache.
    fn count_whole(&mut self, start: usize, end: usize) -> usize {
        let (vocabulary, text) = (self.vocabulary, self.text);
        let pretoken = &text[start..end];
        let count = || match vocabulary.rank(text, start, end) {
            NO_RANK => bpe::count_part(vocabulary, text, start, end),
            _ => 1,
        };
        match pretoken.len() {
            ..=KEY_BYTES => count(),
            FIRST_LONG..=LONGEST => {
                let hash = hash_bytes(pretoken);
                let known = self.cache.find_long(hash, pretoken, false);
                known.unwrap_or_else(|| {
                    let tokens = count();
                    self.cache.put_long(hash, pretoken, false, tokens);
                    tokens
                })
            }
            _ => count(),
        }
    }

    /// Puts the parts of a pretoken to those that are looked up together.
    fn gather(&mut self, start: usize, end: usize, owner: usize, tokens: &mut [u32]) {
        let mut from = start;
        while from < end {
            if self.parts.spans.len() + 64 > PARTS {
                self.count_parts(tokens);
            }
            let known = self.parts.spans.len();
            let seams = self.vocabulary.seams();
            from = seams.part(self.text, from, end, &mut self.parts.spans);
            // What has seams is no token.
            if self.parts.spans.get(known) == Some((start, end)) {
                self.parts.spans.truncate(known);
                tokens[owner] = self.count_whole(start, end) as u32;
            }
            self.parts.owners[known..self.parts.spans.len()].fill(owner as u16);
        }
    }

    /// Counts the parts that were gathered, as [`BatchCounts::count`] does pretokens.
    fn count_parts(&mut self, tokens: &mut [u32]) {
        let parts = &mut *self.parts;
        for ((start, end), probe) in parts.spans.iter().zip(&mut parts.keys) {
            let key = Key::of(self.text, start, end - start).of_part();
            *probe = (key, self.cache.place(key));
        }
        let places = self.cache.places();
        let mut missed = 0;
        for (i, (&(key, place), &owner)) in parts
            .keys
            .iter()
            .zip(&parts.owners)
            .enumerate()
            .take(parts.spans.len())
        {
            let found = places.tokens(key, place);
            tokens[usize::from(owner)] += found;
            parts.missed[missed % PARTS] = i as u16;
            missed += usize::from(found == 0);
        }
        for &i in &parts.missed[..missed] {
            self.cache.prefetch_set(parts.keys[usize::from(i)].0);
        }
        for i in 0..missed {
            let parts = &*self.parts;
            let i = usize::from(parts.missed[i]);
            let Some((start, end)) = parts.spans.get(i) else {
                break;
            };
            let (owner, key) = (parts.owners[i], parts.keys[i].0);
            let count = self.count_part(start, end, key);
            tokens[usize::from(owner)] += count as u32;
        }
        self.parts.spans.truncate(0);
    }

    /// The number of tokens of a part that is not at its place in the cache.
    fn count_part(&mut self, start: usize, end: usize, key: Key) -> usize {
        let (vocabulary, text) = (self.vocabulary, self.text);
        let part = &text[start..end];
        let count = || bpe::count_part(vocabulary, text, start, end);
        match part.len() {
            ..KEY_BYTES => self.cache.find(key).unwrap_or_else(|| {
                let tokens = count();
                self.cache.put(key, tokens);
                tokens
            }),
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

/// Starts and ends of consecutive pretokens.
pub struct Spans<'a> {
    start: usize,
    ends: std::slice::Iter<'a, usize>,
}

impl<'a> Spans<'a> {
    /// Those that end at these places, the first from `start` on.
    #[inline(always)]
    pub fn new(start: usize, ends: &'a [usize]) -> Self {
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
