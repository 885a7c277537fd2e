//! The numbers of tokens of a batch of pretokens.
//!
//! No step waits for memory or guesses: all keys are made, and their slots fetched, before the first
//! is looked up; misses are put aside, and where else they may be is fetched before the first of them
//! is looked up; those that are nowhere are put aside again, and merged together. Looking up each
//! pretoken as it is found spent half the time waiting for memory and on mispredicted misses. The
//! segments of long pretokens are looked up together too: a loop for each pretoken has an end that no
//! branch predictor guesses. Where long pretokens may be remembered is fetched before they are looked
//! up, and their bytes too: without that, to look up those of more than 25 bytes made Chinese a fifth
//! slower; with it, a tenth faster, and Japanese and Korean by half.

use crate::bpe::barriers::{SEGMENTS, Segments};
use crate::bpe::merge::{self, Lanes};
use crate::bpe::vocabulary::{KEY_BYTES, Key, NO_RANK, Vocabulary, hash_bytes};
use crate::count::memo::{LONGEST, Memo};
use crate::split::pretokens::BATCH;
use std::ops::Range;

/// The longest pretoken that is looked up, and remembered, before it is split into segments, in
/// bytes, if it is not ASCII. To look up a longer one takes a while, and few come again.
const LONG_WORD: usize = 96;
/// A pretoken that ends in a character of three bytes and is as long as this may have barriers.
const WIDE_WORD: usize = 9;
/// With less capacity than this for more segments, those that there are get counted first.
const MIN_CAPACITY: usize = 64;

/// Counts batches of pretokens, remembering what it has seen.
pub struct BatchCounts {
    memo: Memo<()>,
    /// The keys of the pretokens, and their slots.
    keys: [(Key, u16); BATCH],
    tokens: [u32; BATCH],
    /// Which were not in their slots.
    missed: [u16; BATCH],
    long: LongBatch,
    segments: SegmentBatch,
    queue: MergeQueue,
}

/// The pretokens of a batch that are too long for a key, but not longer than [`LONG_WORD`].
struct LongBatch {
    /// The hash of each of the batch's pretokens that is one of them.
    hashes: [u64; BATCH],
    numbers: [u16; BATCH],
    count: usize,
}

/// Segments of long pretokens, to be looked up together.
struct SegmentBatch {
    spans: Segments,
    /// Which of the batch's pretokens each is a segment of.
    owners: [u16; SEGMENTS],
    keys: [(Key, u16); SEGMENTS],
    missed: [u16; SEGMENTS],
    /// Which of the batch's pretokens were split, and are to be remembered whole.
    split: [u16; BATCH],
    split_count: usize,
}

/// Short pretokens, and segments, to be merged together.
struct MergeQueue {
    lanes: Lanes,
    spans: Segments,
    /// Which of the batch's pretokens each is, or is a segment of.
    owners: [u16; SEGMENTS],
    /// What to remember each by, if that is not [`Key::NONE`].
    keys: [Key; SEGMENTS],
}

impl BatchCounts {
    pub fn new() -> Self {
        BatchCounts {
            memo: Memo::new(),
            keys: [(Key::NONE, 0); BATCH],
            tokens: [0; BATCH],
            missed: [0; BATCH],
            long: LongBatch {
                hashes: [0; BATCH],
                numbers: [0; BATCH],
                count: 0,
            },
            segments: SegmentBatch {
                spans: Segments::new(),
                owners: [0; SEGMENTS],
                keys: [(Key::NONE, 0); SEGMENTS],
                missed: [0; SEGMENTS],
                split: [0; BATCH],
                split_count: 0,
            },
            queue: MergeQueue {
                lanes: Lanes::default(),
                spans: Segments::new(),
                owners: [0; SEGMENTS],
                keys: [Key::NONE; SEGMENTS],
            },
        }
    }

    /// The numbers of tokens of consecutive pretokens, at most a batch.
    pub fn count(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        start: usize,
        ends: &[usize],
    ) -> &[u32] {
        let n = ends.len();
        let (keys, tokens) = (&mut self.keys[..n], &mut self.tokens[..n]);
        for ((start, end), probe) in spans(start, ends).zip(&mut *keys) {
            let key = Key::of(text, start, end - start);
            *probe = (key, self.memo.slot(key));
        }
        let slots = self.memo.slots();
        let mut missed = 0;
        for (i, (&mut (key, slot), tokens)) in keys.iter_mut().zip(&mut *tokens).enumerate() {
            let (found, ()) = slots.get(key, slot);
            *tokens = found as u32;
            self.missed[missed % BATCH] = i as u16;
            missed += usize::from(found == 0);
        }
        let missed = &self.missed[..missed];
        if missed.is_empty() {
            return tokens;
        }
        let start_of = |i: usize| if i == 0 { start } else { ends[i - 1] };
        for i in missed.iter().map(|&i| usize::from(i)) {
            let (start, end, key) = (start_of(i), ends[i], keys[i].0);
            if end - start <= KEY_BYTES {
                vocabulary.prefetch(key);
                self.memo.prefetch_set(key);
            } else if end - start <= LONG_WORD {
                self.long.prefetch(&self.memo, &text[start..end], i);
            }
        }
        self.long.prefetch_bytes(&self.memo);
        let mut misses = Misses {
            vocabulary,
            memo: &mut self.memo,
            hashes: &self.long.hashes,
            segments: &mut self.segments,
            queue: &mut self.queue,
            text,
            tokens,
        };
        for i in missed.iter().map(|&i| usize::from(i)) {
            misses.count(start_of(i), ends[i], keys[i].0, i);
        }
        misses.count_segments();
        misses.merge();
        for n in 0..std::mem::take(&mut misses.segments.split_count) {
            let i = usize::from(misses.segments.split[n]);
            misses.remember(start_of(i), ends[i], keys[i].0, i);
        }
        tokens
    }
}

impl BatchCounts {
    /// Calls `visit` with where each segment of a piece of a pretoken starts and ends, and its number
    /// of tokens.
    pub fn each_segment(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        piece: Range<usize>,
        mut visit: impl FnMut(usize, usize, u32),
    ) {
        let mut from = piece.start;
        while from < piece.end {
            from = vocabulary.split(text, from, piece.end, &mut self.segments.spans);
            let n = self.segments.spans.len();
            let spans: Vec<_> = self.segments.spans.iter().collect();
            // Each segment is as a pretoken of its own.
            for (number, owner) in (0..).zip(&mut self.segments.owners[..n]) {
                *owner = number;
            }
            self.tokens[..n].fill(0);
            let mut misses = Misses {
                vocabulary,
                memo: &mut self.memo,
                hashes: &self.long.hashes,
                segments: &mut self.segments,
                queue: &mut self.queue,
                text,
                tokens: &mut self.tokens,
            };
            misses.count_segments();
            misses.merge();
            for ((start, end), &tokens) in spans.into_iter().zip(&self.tokens) {
                visit(start, end, tokens);
            }
        }
    }
}

impl LongBatch {
    /// Starts to fetch what may be remembered of a pretoken.
    #[inline(always)]
    fn prefetch(&mut self, memo: &Memo<()>, pretoken: &[u8], number: usize) {
        let hash = hash_bytes(pretoken);
        memo.prefetch_long(hash);
        self.hashes[number] = hash;
        self.numbers[self.count] = number as u16;
        self.count += 1;
    }

    /// Starts to fetch the bytes that the pretokens will be compared with.
    #[inline(always)]
    fn prefetch_bytes(&mut self, memo: &Memo<()>) {
        for &i in &self.numbers[..std::mem::take(&mut self.count)] {
            memo.prefetch_long_bytes(self.hashes[usize::from(i)]);
        }
    }
}

struct Misses<'a> {
    vocabulary: &'a Vocabulary,
    memo: &'a mut Memo<()>,
    /// The hashes of the batch's pretokens that are too long for a key, up to [`LONG_WORD`].
    hashes: &'a [u64; BATCH],
    segments: &'a mut SegmentBatch,
    queue: &'a mut MergeQueue,
    text: &'a [u8],
    /// The numbers of tokens of the batch's pretokens: here, what was found of each so far.
    tokens: &'a mut [u32],
}

impl Misses<'_> {
    /// Finds the number of tokens of a pretoken, or puts it aside.
    #[inline(always)]
    fn count(&mut self, start: usize, end: usize, key: Key, owner: usize) {
        let found = if end - start > KEY_BYTES {
            match self.find_long(start, end, owner) {
                Some(count) => count,
                None => return self.split(start, end, owner),
            }
        } else if self.vocabulary.has_key(key) {
            self.memo.put_single(key, ());
            1
        } else if let Some((count, ())) = self.memo.find(key) {
            count
        } else if end - start >= WIDE_WORD && self.text[end - 3] >= 0xe0 {
            return self.split(start, end, owner);
        } else {
            return self.enqueue(start, end, owner, key);
        };
        self.tokens[owner] = found as u32;
    }

    /// The number of tokens of a pretoken that is too long for a key, unless it may have barriers.
    fn find_long(&mut self, start: usize, end: usize, owner: usize) -> Option<usize> {
        let pretoken = &self.text[start..end];
        if pretoken.len() > LONG_WORD {
            return pretoken.is_ascii().then(|| self.count_unsplit(start, end));
        }
        let hash = self.hashes[owner];
        if let Some((tokens, ())) = self.memo.find_long(hash, pretoken, false) {
            return Some(tokens);
        }
        if !pretoken.is_ascii() {
            return None;
        }
        let tokens = merge_unsplit(self.vocabulary, self.text, start, end);
        self.memo.put_long(hash, pretoken, false, tokens, || ());
        Some(tokens)
    }

    /// Puts a short pretoken, or a segment of one, to those that are merged together.
    #[inline(always)]
    fn enqueue(&mut self, start: usize, end: usize, owner: usize, key: Key) {
        if self.queue.spans.len() == SEGMENTS {
            self.merge();
        }
        let n = self.queue.spans.len();
        self.queue.spans.push(start, end);
        self.queue.owners[n] = owner as u16;
        self.queue.keys[n] = key;
    }

    fn merge(&mut self) {
        let MergeQueue {
            lanes,
            spans,
            owners,
            keys,
        } = &mut *self.queue;
        lanes.count_each(self.vocabulary, self.text, spans.iter(), |n, tokens| {
            self.tokens[usize::from(owners[n])] += tokens as u32;
            if keys[n] != Key::NONE {
                self.memo.put(keys[n], tokens, ());
            }
        });
        spans.truncate(0);
    }

    /// Remembers the number of tokens of a pretoken that was split.
    fn remember(&mut self, start: usize, end: usize, key: Key, owner: usize) {
        let tokens = self.tokens[owner] as usize;
        if end - start <= KEY_BYTES {
            self.memo.put(key, tokens, ());
        } else {
            let hash = self.hashes[owner];
            let pretoken = &self.text[start..end];
            self.memo.put_long(hash, pretoken, false, tokens, || ());
        }
    }

    /// Puts the segments of a pretoken to those that are looked up together.
    fn split(&mut self, start: usize, end: usize, owner: usize) {
        if end - start <= LONG_WORD {
            self.segments.split[self.segments.split_count] = owner as u16;
            self.segments.split_count += 1;
        }
        let mut from = start;
        while from < end {
            if self.segments.spans.len() + MIN_CAPACITY > SEGMENTS {
                self.count_segments();
            }
            let known = self.segments.spans.len();
            let spans = &mut self.segments.spans;
            from = self.vocabulary.split(self.text, from, end, spans);
            // What has barriers is not a token.
            if self.segments.spans.get(known) == Some((start, end)) {
                self.segments.spans.truncate(known);
                if end - start <= KEY_BYTES {
                    self.enqueue(start, end, owner, Key::NONE);
                } else {
                    self.tokens[owner] = self.count_unsplit(start, end) as u32;
                }
            }
            self.segments.owners[known..self.segments.spans.len()].fill(owner as u16);
        }
    }

    /// The number of tokens of a pretoken without barriers that is too long for a key.
    fn count_unsplit(&mut self, start: usize, end: usize) -> usize {
        let (vocabulary, text) = (self.vocabulary, self.text);
        self.count_once(start, end, false, || {
            merge_unsplit(vocabulary, text, start, end)
        })
    }

    /// What `count` says of a pretoken, or of a segment of one, that is too long for a key, unless
    /// it is remembered.
    fn count_once(
        &mut self,
        start: usize,
        end: usize,
        is_segment: bool,
        count: impl FnOnce() -> usize,
    ) -> usize {
        if end - start > LONGEST {
            return count();
        }
        let bytes = &self.text[start..end];
        let hash = hash_bytes(bytes);
        if let Some((tokens, ())) = self.memo.find_long(hash, bytes, is_segment) {
            return tokens;
        }
        let tokens = count();
        self.memo.put_long(hash, bytes, is_segment, tokens, || ());
        tokens
    }

    /// Counts the segments that were put aside, as [`BatchCounts::count`] does pretokens.
    fn count_segments(&mut self) {
        let segments = &mut *self.segments;
        for ((start, end), probe) in segments.spans.iter().zip(&mut segments.keys) {
            let key = Key::of(self.text, start, end - start).of_segment();
            *probe = (key, self.memo.slot(key));
        }
        let slots = self.memo.slots();
        let mut missed = 0;
        let probes = segments.keys.iter().zip(&segments.owners).enumerate();
        for (i, (&(key, slot), &owner)) in probes.take(segments.spans.len()) {
            let (found, ()) = slots.get(key, slot);
            self.tokens[usize::from(owner)] += found as u32;
            segments.missed[missed % SEGMENTS] = i as u16;
            missed += usize::from(found == 0);
        }
        for &i in &segments.missed[..missed] {
            self.memo.prefetch_set(segments.keys[usize::from(i)].0);
        }
        for i in 0..missed {
            let segments = &*self.segments;
            let i = usize::from(segments.missed[i]);
            let Some((start, end)) = segments.spans.get(i) else {
                break;
            };
            let (owner, key) = (usize::from(segments.owners[i]), segments.keys[i].0);
            self.count_segment(start, end, owner, key);
        }
        self.segments.spans.truncate(0);
    }

    /// Finds the number of tokens of a segment that is not in its slot, or puts it aside.
    fn count_segment(&mut self, start: usize, end: usize, owner: usize, key: Key) {
        let (vocabulary, text) = (self.vocabulary, self.text);
        let found = if end - start < KEY_BYTES {
            match self.memo.find(key) {
                Some((count, ())) => count,
                None => return self.enqueue(start, end, owner, key),
            }
        } else {
            self.count_once(start, end, true, || {
                merge::count_segment(vocabulary, text, start, end)
            })
        };
        self.tokens[owner] += found as u32;
    }
}

/// The number of tokens of a pretoken without barriers.
fn merge_unsplit(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> usize {
    match vocabulary.rank(text, start, end) {
        NO_RANK => merge::count_segment(vocabulary, text, start, end),
        _ => 1,
    }
}

/// The spans of consecutive pretokens that end at these offsets, the first starting at `start`.
#[inline(always)]
pub fn spans(mut start: usize, ends: &[usize]) -> impl Iterator<Item = (usize, usize)> + '_ {
    ends.iter()
        .map(move |&end| (std::mem::replace(&mut start, end), end))
}
