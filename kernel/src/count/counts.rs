//! The numbers of tokens of a batch of pretokens.

use crate::bpe::barriers::{PARTS, Parts};
use crate::bpe::merge::{self, Lanes};
use crate::bpe::vocabulary::{KEY_BYTES, Key, NO_RANK, Vocabulary, hash_bytes};
use crate::count::cache::{Cache, LONGEST};
use crate::split::pretokens::BATCH;

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
    waiting: Waiting,
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
                parted: [0; BATCH],
                parted_count: 0,
            },
            waiting: Waiting {
                lanes: Lanes::new(),
                spans: Parts::new(),
                owners: [0; PARTS],
                keys: [Key::NONE; PARTS],
            },
        }
    }

    /// The numbers of tokens of consecutive pretokens.
    ///
    /// No step waits for memory or guesses: all keys are made, and their places in the cache
    /// fetched, before the first is looked up; those that are not there are put aside, and where
    /// else they may be is fetched before the first of them is looked up; those that are nowhere
    /// are put aside again, and merged together.
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
        if missed.is_empty() {
            return tokens;
        }
        for &i in missed {
            let key = keys[usize::from(i)].0;
            vocabulary.prefetch(key);
            self.cache.prefetch_set(key);
        }
        let mut missed_ones = Missed {
            vocabulary,
            cache: &mut self.cache,
            parts: &mut self.parts,
            waiting: &mut self.waiting,
            text,
            tokens,
        };
        let start_of = |i: usize| if i == 0 { start } else { ends[i - 1] };
        for i in missed.iter().map(|&i| usize::from(i)) {
            missed_ones.count(start_of(i), ends[i], keys[i].0, i);
        }
        missed_ones.count_parts();
        missed_ones.merge();
        for n in 0..std::mem::take(&mut missed_ones.parts.parted_count) {
            let i = usize::from(missed_ones.parts.parted[n]);
            missed_ones.remember(start_of(i), ends[i], keys[i].0, i);
        }
        tokens
    }
}

/// Counts the pretokens that are not at their place in the cache.
struct Missed<'a> {
    vocabulary: &'a Vocabulary,
    cache: &'a mut Cache,
    parts: &'a mut PartBatch,
    waiting: &'a mut Waiting,
    text: &'a [u8],
    /// The numbers of tokens of the batch's pretokens: here, what was found of each so far.
    tokens: &'a mut [u32],
}

/// Parts of long pretokens, to be looked up together.
struct PartBatch {
    spans: Parts,
    /// Which of the batch's pretokens each is part of.
    owners: [u16; PARTS],
    keys: [(Key, u16); PARTS],
    missed: [u16; PARTS],
    /// Which of the batch's pretokens are in parts, and to be remembered as wholes.
    parted: [u16; BATCH],
    parted_count: usize,
}

/// Short pretokens, and parts of them, to be merged together.
struct Waiting {
    lanes: Lanes,
    spans: Parts,
    /// Which of the batch's pretokens each is, or is part of.
    owners: [u16; PARTS],
    /// What to remember each by, if that is not [`Key::NONE`].
    keys: [Key; PARTS],
}

impl Missed<'_> {
    /// Finds the number of tokens of a pretoken, or puts it aside.
    #[inline(always)]
    fn count(&mut self, start: usize, end: usize, key: Key, owner: usize) {
        let found = if end - start > KEY_BYTES {
            match self.find_long(start, end) {
                Some(count) => count,
                None => return self.part(start, end, owner),
            }
        } else if self.vocabulary.has_key(key) {
            self.cache.put_single(key)
        } else if let Some(count) = self.cache.find(key) {
            count
        } else if end - start >= WIDE_WORD && self.text[end - 3] >= 0xe0 {
            return self.part(start, end, owner);
        } else {
            return self.wait(start, end, owner, key);
        };
        self.tokens[owner] = found as u32;
    }

    /// The number of tokens of a pretoken that is too long for a key, unless it may have seams.
    fn find_long(&mut self, start: usize, end: usize) -> Option<usize> {
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

    /// Puts a short pretoken, or a part of one, to those that are merged together.
    #[inline(always)]
    fn wait(&mut self, start: usize, end: usize, owner: usize, key: Key) {
        if self.waiting.spans.len() == PARTS {
            self.merge();
        }
        let n = self.waiting.spans.len();
        self.waiting.spans.push(start, end);
        self.waiting.owners[n] = owner as u16;
        self.waiting.keys[n] = key;
    }

    /// Merges those that wait.
    fn merge(&mut self) {
        let Waiting {
            lanes,
            spans,
            owners,
            keys,
        } = &mut *self.waiting;
        lanes.count_each(self.vocabulary, self.text, spans.iter(), |n, tokens| {
            self.tokens[usize::from(owners[n])] += tokens as u32;
            if keys[n] != Key::NONE {
                self.cache.put(keys[n], tokens);
            }
        });
        spans.truncate(0);
    }

    /// Remembers the number of tokens of a pretoken that was in parts.
    fn remember(&mut self, start: usize, end: usize, key: Key, owner: usize) {
        let tokens = self.tokens[owner] as usize;
        if end - start <= KEY_BYTES {
            self.cache.put(key, tokens);
        } else {
            self.count_once(start, end, false, || tokens);
        }
    }

    /// Puts the parts of a pretoken to those that are looked up together.
    fn part(&mut self, start: usize, end: usize, owner: usize) {
        if end - start <= LONG_WORD {
            self.parts.parted[self.parts.parted_count] = owner as u16;
            self.parts.parted_count += 1;
        }
        let mut from = start;
        while from < end {
            if self.parts.spans.len() + 64 > PARTS {
                self.count_parts();
            }
            let known = self.parts.spans.len();
            let spans = &mut self.parts.spans;
            from = self.vocabulary.part(self.text, from, end, spans);
            // What has seams is no token.
            if self.parts.spans.get(known) == Some((start, end)) {
                self.parts.spans.truncate(known);
                if end - start <= KEY_BYTES {
                    self.wait(start, end, owner, Key::NONE);
                } else {
                    self.tokens[owner] = self.count_whole(start, end) as u32;
                }
            }
            self.parts.owners[known..self.parts.spans.len()].fill(owner as u16);
        }
    }

    /// The number of tokens of a pretoken without seams that is too long for a key.
    fn count_whole(&mut self, start: usize, end: usize) -> usize {
        let (vocabulary, text) = (self.vocabulary, self.text);
        self.count_once(start, end, false, || {
            match vocabulary.rank(text, start, end) {
                NO_RANK => merge::count_part(vocabulary, text, start, end),
                _ => 1,
            }
        })
    }

    /// What `count` says of a pretoken, or of a part of one, that is too long for a key; from the
    /// cache if it is there.
    fn count_once(
        &mut self,
        start: usize,
        end: usize,
        is_part: bool,
        count: impl FnOnce() -> usize,
    ) -> usize {
        if end - start > LONGEST {
            return count();
        }
        let bytes = &self.text[start..end];
        let hash = hash_bytes(bytes);
        self.cache
            .find_long(hash, bytes, is_part)
            .unwrap_or_else(|| {
                let tokens = count();
                self.cache.put_long(hash, bytes, is_part, tokens);
                tokens
            })
    }

    /// Counts the parts that were put aside, as [`BatchCounts::count`] does pretokens.
    fn count_parts(&mut self) {
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
            self.tokens[usize::from(owner)] += found;
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
            self.count_part(start, end, usize::from(parts.owners[i]), parts.keys[i].0);
        }
        self.parts.spans.truncate(0);
    }

    /// Finds the number of tokens of a part that is not at its place in the cache, or puts it aside.
    fn count_part(&mut self, start: usize, end: usize, owner: usize, key: Key) {
        let (vocabulary, text) = (self.vocabulary, self.text);
        let found = if end - start < KEY_BYTES {
            match self.cache.find(key) {
                Some(count) => count,
                None => return self.wait(start, end, owner, key),
            }
        } else {
            self.count_once(start, end, true, || {
                merge::count_part(vocabulary, text, start, end)
            })
        };
        self.tokens[owner] += found as u32;
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
