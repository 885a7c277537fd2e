//! A pretoken that is not a token -> its tokens, by merging.
//!
//! Byte-pair encoding starts from single bytes. Again and again it merges the two neighbours that
//! together are the token of the lowest rank, the leftmost first of equals, until no two neighbours
//! are a token. [`Merge`] does just that. It takes time quadratic in the length, with so small a
//! constant that up to 256 bytes nothing beats it: a look at all candidates is a few vector
//! instructions. [`merge_all`] keeps the candidates in a heap instead.
//!
//! # Long pretokens
//!
//! A pretoken is split into segments at the barriers that no token crosses
//! ([`crate::bpe::barriers`]). A segment that is still long is merged in overlapping spans, which
//! [`OverlapMerger`] joins at a token that two of them agree on. That this is exact rests on a lemma,
//! which holds for any vocabulary:
//!
//! > *A sequence of tokens is the encoding of its bytes if every two neighbours are the encoding of
//! > theirs; and any neighbours in an encoding are the encoding of their bytes.*
//!
//! Merging a text makes, within any span whose ends no merge crosses, the same merges in the same
//! order as merging the span alone: at each step the best pair of the text, if it is in the span, is
//! the best pair of the span. Take the first merge of the whole that crosses a boundary between two of
//! the given tokens. Before it none crossed any, so the two tokens had gone through just the merges of
//! their bytes alone, and those would make that crossing merge next. But alone they do not cross. So
//! no merge of the whole crosses a boundary, and each token is made as it is alone. The same argument,
//! from the other end, gives the second half.
//!
//! Now let a span's encoding have the token `a` at some offset, and let another span, which
//! starts where `a` starts, have an encoding that starts with `a`. Then the first encoding up to `a`
//! and the second from `a` on are, together, a sequence whose neighbours all come from one encoding or
//! the other. It is the encoding of the bytes of both spans.
//!
//! # What was tried
//!
//! - Finding tokens from left to right (the longest that is compatible with the one before it, with
//!   backtracking, each pair of neighbours checked by undoing their merges): exact, linear, and slower
//!   than spans on every text. Nearly all of its time went to waiting for the tables of tokens and
//!   of their halves, one entry after another.
//! - A heap for all merging: several times slower below some hundred bytes.
//! - All symbols of a word looked up before the first two are merged, so that no look-up waits for
//!   another: half as fast, since most of them are never asked for. Fetching the next two at once
//!   gives 5 to 8 %.
//! - Looking up all lanes before any of them goes on merging: no gain beyond the noise.

use crate::bpe::barriers::Segments;
use crate::bpe::vocabulary::{NO_RANK, Vocabulary, hash_bytes};
#[cfg(target_arch = "x86_64")]
use crate::split::level::{Avx2, with_avx2};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The longest segment that is merged by looking at all candidates, in bytes.
const SHORT: usize = 256;
/// Pretokens of fewer bytes are not split.
const MIN_SPLIT: usize = 16;

/// The number of tokens of `text[start..end]`, a pretoken that is not a token.
pub fn count(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> usize {
    let mut count = 0;
    each_segment(vocabulary, text, start, end, |start, end| {
        count += count_segment(vocabulary, text, start, end);
    });
    count
}

/// Calls `emit` with the end, in `text`, of each token of `text[start..end]`, a pretoken that is not
/// a token.
pub fn each_end(
    vocabulary: &Vocabulary,
    text: &[u8],
    start: usize,
    end: usize,
    mut emit: impl FnMut(usize),
) {
    each_segment(vocabulary, text, start, end, |start, end| {
        each_segment_end(vocabulary, text, start, end, &mut emit);
    });
}

/// As `each_end`, of a segment of a pretoken.
pub fn each_segment_end(
    vocabulary: &Vocabulary,
    text: &[u8],
    start: usize,
    end: usize,
    mut emit: impl FnMut(usize),
) {
    if end - start <= SHORT {
        short_ends(vocabulary, text, start, end, |token| emit(start + token));
    } else {
        OverlapMerger::new(vocabulary, text).each_end(start, end, emit);
    }
}

/// As `each_end`, of bytes that are no pretoken and need not be UTF-8, for which the barriers between
/// characters are not proven.
pub fn each_end_of_bytes(vocabulary: &Vocabulary, bytes: &[u8], mut emit: impl FnMut(usize)) {
    if bytes.len() <= SHORT {
        short_ends(vocabulary, bytes, 0, bytes.len(), emit);
    } else {
        OverlapMerger::new(vocabulary, bytes).each_end(0, bytes.len(), &mut emit);
    }
}

/// Calls `see` with the span of each segment of a pretoken.
fn each_segment(
    vocabulary: &Vocabulary,
    text: &[u8],
    mut start: usize,
    end: usize,
    mut visit: impl FnMut(usize, usize),
) {
    if end - start < MIN_SPLIT || text[start..end].is_ascii() {
        return visit(start, end);
    }
    let mut segments = Segments::new();
    while start < end {
        start = vocabulary.split(text, start, end, &mut segments);
        segments.iter().for_each(|(start, end)| visit(start, end));
        segments.truncate(0);
    }
}

/// The number of tokens that a segment of a pretoken is merged to.
pub fn count_segment(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> usize {
    match end - start {
        0..=16 => Merge::<16>::run(vocabulary, text, start, end).tokens,
        17..=32 => Merge::<32>::run(vocabulary, text, start, end).tokens,
        33..=64 => Merge::<64>::run(vocabulary, text, start, end).tokens,
        65..=SHORT => Merge::<SHORT>::run(vocabulary, text, start, end).tokens,
        _ => {
            let mut count = 0;
            OverlapMerger::new(vocabulary, text).each_end(start, end, |_| count += 1);
            count
        }
    }
}

/// Calls `emit` with the end, from `start`, of each token of a short segment.
fn short_ends(
    vocabulary: &Vocabulary,
    text: &[u8],
    start: usize,
    end: usize,
    emit: impl FnMut(usize),
) {
    match end - start {
        0..=32 => Merge::<32>::run(vocabulary, text, start, end)
            .ends()
            .for_each(emit),
        33..=64 => Merge::<64>::run(vocabulary, text, start, end)
            .ends()
            .for_each(emit),
        _ => Merge::<SHORT>::run(vocabulary, text, start, end)
            .ends()
            .for_each(emit),
    }
}

/// The longest segment that [`Lanes`] take, in bytes.
pub const LANE_BYTES: usize = 16;
/// With this many in turn, the time that memory takes is hidden.
const LANES: usize = 8;

/// Short segments that are merged in turn.
///
/// Each step of a merge waits for the look-ups of the step before. So one step is made in one
/// segment, and while memory fetches what the next step needs, one in each of the others.
pub struct Lanes([Lane; LANES]);

struct Lane {
    number: usize,
    start: usize,
    /// The symbol that was merged last, and is to be looked up.
    merged: Option<usize>,
    merge: Merge<LANE_BYTES>,
}

impl Default for Lanes {
    fn default() -> Self {
        Lanes(std::array::from_fn(|_| Lane {
            number: 0,
            start: 0,
            merged: None,
            merge: Merge::EMPTY,
        }))
    }
}

impl Lanes {
    /// Calls `visit` with the number of each segment, in no particular order, and its number of
    /// tokens. Each has 1 to [`LANE_BYTES`] bytes.
    #[inline]
    pub fn count_each(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        segments: impl Iterator<Item = (usize, usize)>,
        mut visit: impl FnMut(usize, usize),
    ) {
        self.merge_each(vocabulary, text, segments, |number, _, merge| {
            visit(number, merge.tokens)
        });
    }

    /// As [`Lanes::count_each`], with where each segment starts, and its tokens.
    #[inline]
    pub fn merge_each(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        segments: impl Iterator<Item = (usize, usize)>,
        visit: impl FnMut(usize, usize, &Merge<LANE_BYTES>),
    ) {
        #[cfg(target_arch = "x86_64")]
        if Avx2::detect().is_some() {
            // SAFETY: the level was detected.
            return unsafe { self.merge_each_avx2(vocabulary, text, segments, visit) };
        }
        self.merge_each_with(vocabulary, text, segments, visit);
    }

    #[cfg(target_arch = "x86_64")]
    with_avx2! {
        fn merge_each_avx2(
            &mut self,
            vocabulary: &Vocabulary,
            text: &[u8],
            segments: impl Iterator<Item = (usize, usize)>,
            visit: impl FnMut(usize, usize, &Merge<LANE_BYTES>),
        ) {
            self.merge_each_with(vocabulary, text, segments, visit);
        }
    }

    #[inline(always)]
    fn merge_each_with(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        segments: impl Iterator<Item = (usize, usize)>,
        mut visit: impl FnMut(usize, usize, &Merge<LANE_BYTES>),
    ) {
        let mut segments = segments.enumerate();
        let mut busy = 0;
        while busy < LANES && self.0[busy].take(vocabulary, text, segments.next()) {
            busy += 1;
        }
        while busy > 0 {
            let mut i = 0;
            while i < busy {
                let lane = &mut self.0[i];
                if let Some(symbol) = lane.merged {
                    lane.merge.look_up(vocabulary, text, lane.start, symbol);
                }
                lane.merged = lane.merge.best();
                if let Some(symbol) = lane.merged {
                    lane.merge.join(vocabulary, text, lane.start, symbol);
                    i += 1;
                    continue;
                }
                visit(lane.number, lane.start, &lane.merge);
                if !lane.take(vocabulary, text, segments.next()) {
                    busy -= 1;
                    self.0.swap(i, busy);
                }
            }
        }
    }
}

impl Lane {
    /// Begins with a segment, if there is one.
    #[inline(always)]
    fn take(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        segment: Option<(usize, (usize, usize))>,
    ) -> bool {
        let Some((number, (start, end))) = segment else {
            return false;
        };
        (self.number, self.start, self.merged) = (number, start, None);
        self.merge.begin(vocabulary, text, start, end);
        true
    }
}

/// A segment of at most `N` bytes, in symbols: a linked list over the offsets of their first bytes.
pub struct Merge<const N: usize> {
    /// Where the symbol that starts here ends, which is where the next one starts.
    ends: [u16; N],
    /// Where the symbol before the one that starts here starts.
    before: [u16; N],
    /// What the symbol that starts here and the next one are together, if that is a token: its rank
    /// and the offset, so that the minimum is the leftmost of the lowest rank.
    candidates: [u32; N],
    bytes: usize,
    tokens: usize,
}

const NO_CANDIDATE: u32 = u32::MAX;

impl<const N: usize> Merge<N> {
    const NEXT: [u16; N] = Self::numbers_from(1);
    const PREVIOUS: [u16; N] = Self::numbers_from(u16::MAX);

    const fn numbers_from(first: u16) -> [u16; N] {
        let (mut numbers, mut i) = ([0; N], 0);
        while i < N {
            numbers[i] = first.wrapping_add(i as u16);
            i += 1;
        }
        numbers
    }

    /// The tokens of a segment of at most `N` bytes.
    fn run(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> Self {
        #[cfg(target_arch = "x86_64")]
        if Avx2::detect().is_some() {
            // SAFETY: the level was detected.
            return unsafe { Self::run_avx2(vocabulary, text, start, end) };
        }
        Self::run_with(vocabulary, text, start, end)
    }

    #[cfg(target_arch = "x86_64")]
    with_avx2! {
        /// The same, compiled for processors that find the minimum of many numbers in a few steps.
        fn run_avx2(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> Self {
            Self::run_with(vocabulary, text, start, end)
        }
    }

    const EMPTY: Self = Merge {
        ends: [0; N],
        before: [0; N],
        candidates: [NO_CANDIDATE; N],
        bytes: 0,
        tokens: 0,
    };

    /// Starts from the single bytes of a segment.
    #[inline(always)]
    fn begin(&mut self, vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) {
        const { assert!(N <= 1 << OFFSET_BITS) };
        let bytes = end - start;
        (self.ends, self.before) = (Self::NEXT, Self::PREVIOUS);
        self.candidates = [NO_CANDIDATE; N];
        (self.bytes, self.tokens) = (bytes, bytes);
        for i in 1..bytes {
            self.candidates[i - 1] = candidate(vocabulary, text, start, i - 1, i + 1);
        }
    }

    #[inline(always)]
    fn run_with(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> Self {
        let mut merge = Self::EMPTY;
        merge.begin(vocabulary, text, start, end);
        while let Some(symbol) = merge.best() {
            merge.join(vocabulary, text, start, symbol);
            merge.look_up(vocabulary, text, start, symbol);
        }
        merge
    }

    /// The symbol to be merged with the next one, if there is any.
    #[inline(always)]
    fn best(&self) -> Option<usize> {
        // No early exit and no index: this is a few vector instructions.
        let best = self
            .candidates
            .iter()
            .fold(NO_CANDIDATE, |low, &next| low.min(next));
        (best != NO_CANDIDATE).then_some(best as usize % (1 << OFFSET_BITS))
    }

    /// Merges a symbol with the next, and starts to fetch what [`Self::look_up`] will ask for.
    #[inline(always)]
    fn join(&mut self, vocabulary: &Vocabulary, text: &[u8], start: usize, symbol: usize) {
        let next = usize::from(self.ends[symbol]);
        let end = usize::from(self.ends[next]);
        self.ends[symbol] = end as u16;
        self.candidates[next] = NO_CANDIDATE;
        self.tokens -= 1;
        if symbol > 0 {
            let before = usize::from(self.before[symbol]);
            vocabulary.prefetch_rank(text, start + before, start + end);
        }
        if end < self.bytes {
            self.before[end] = symbol as u16;
            let after = usize::from(self.ends[end]);
            vocabulary.prefetch_rank(text, start + symbol, start + after);
        }
    }

    /// Finds the candidates of a symbol that was merged, and of the one before it.
    #[inline(always)]
    fn look_up(&mut self, vocabulary: &Vocabulary, text: &[u8], start: usize, symbol: usize) {
        let end = usize::from(self.ends[symbol]);
        self.candidates[symbol] = if end < self.bytes {
            let after = usize::from(self.ends[end]);
            candidate(vocabulary, text, start, symbol, after)
        } else {
            NO_CANDIDATE
        };
        if symbol > 0 {
            let before = usize::from(self.before[symbol]);
            self.candidates[before] = candidate(vocabulary, text, start, before, end);
        }
    }

    /// The end, from the segment's start, of each token.
    pub fn ends(&self) -> impl Iterator<Item = usize> + '_ {
        let after = |&end: &usize| (end < self.bytes).then(|| usize::from(self.ends[end]));
        std::iter::successors(Some(usize::from(self.ends[0])), after)
    }
}

const OFFSET_BITS: u32 = 8;

/// The candidate of two neighbours that are `from..to` of the segment together.
#[inline(always)]
fn candidate(vocabulary: &Vocabulary, text: &[u8], start: usize, from: usize, to: usize) -> u32 {
    match vocabulary.rank(text, start + from, start + to) {
        NO_RANK => NO_CANDIDATE,
        rank => rank << OFFSET_BITS | from as u32,
    }
}

/// The ends, from `start`, of the tokens of a segment of any length, in time `n log n`.
fn merge_all(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> Vec<usize> {
    let segment = &text[start..end];
    let n = segment.len();
    // Symbols as a linked list over the offsets of their first bytes. One that was merged into the
    // one before it has no end.
    let mut ends: Vec<usize> = (1..=n).collect();
    let mut before: Vec<usize> = (0..n).map(|i| i.wrapping_sub(1)).collect();
    let rank_at = |ends: &[usize], symbol: usize| match ends.get(ends[symbol]) {
        Some(&end) => vocabulary.rank(segment, symbol, end),
        None => NO_RANK,
    };
    let mut heap: BinaryHeap<Reverse<(u32, usize)>> = (0..n)
        .map(|symbol| Reverse((rank_at(&ends, symbol), symbol)))
        .filter(|Reverse((rank, _))| *rank != NO_RANK)
        .collect();
    while let Some(Reverse((rank, symbol))) = heap.pop() {
        // What was pushed before one of the two symbols changed is stale.
        if ends[symbol] == 0 || rank_at(&ends, symbol) != rank {
            continue;
        }
        let next = ends[symbol];
        ends[symbol] = std::mem::take(&mut ends[next]);
        if let Some(after) = before.get_mut(ends[symbol]) {
            *after = symbol;
        }
        for changed in [before[symbol], symbol] {
            if changed != usize::MAX {
                match rank_at(&ends, changed) {
                    NO_RANK => {}
                    rank => heap.push(Reverse((rank, changed))),
                }
            }
        }
    }
    std::iter::successors(Some(ends[0]), |&end| ends.get(end).copied()).collect()
}

/// Merges a long segment span by span: see the module's documentation.
struct OverlapMerger<'a> {
    vocabulary: &'a Vocabulary,
    text: &'a [u8],
    /// The last short spans, by a hash of their bytes: repetitive text has few distinct ones.
    seen: Vec<Option<MergeSpan>>,
}

/// The encoding of `text[start..start + length]`: the ends of its tokens, from `start`.
#[derive(Clone)]
struct MergeSpan {
    start: usize,
    length: usize,
    ends: Vec<usize>,
}

impl<'a> OverlapMerger<'a> {
    /// The bytes of a span at first.
    const MIN_BYTES: usize = 64;
    const SEEN: usize = 64;

    fn new(vocabulary: &'a Vocabulary, text: &'a [u8]) -> Self {
        OverlapMerger {
            vocabulary,
            text,
            seen: vec![None; Self::SEEN],
        }
    }

    fn each_end(&mut self, start: usize, end: usize, mut emit: impl FnMut(usize)) {
        let mut size = Self::MIN_BYTES;
        let mut span = self.encode(start, end.min(start + size));
        while span.start + span.length < end {
            let (tokens, next) = match self.follow(&span, size, end) {
                Some(found) => found,
                // They agree on no token. A longer span has more to choose from, and one that ends
                // where the segment does needs none.
                None => {
                    size *= 4;
                    span = self.encode(span.start, end.min(span.start + size));
                    continue;
                }
            };
            span.ends[..tokens]
                .iter()
                .for_each(|token| emit(span.start + token));
            span = next;
            size = Self::MIN_BYTES.max(size / 2);
        }
        span.ends.iter().for_each(|token| emit(span.start + token));
    }

    /// A span that starts at one of this one's later tokens and agrees on that token, and the number
    /// of tokens before it.
    fn follow(&mut self, span: &MergeSpan, size: usize, end: usize) -> Option<(usize, MergeSpan)> {
        for goal in [span.length * 3 / 4, span.length / 2] {
            let tokens = span.ends.partition_point(|&token| token <= goal);
            let (Some(&token_end), true) = (span.ends.get(tokens), tokens > 0) else {
                continue;
            };
            let token_start = span.ends[tokens - 1];
            let start = span.start + token_start;
            let next = self.encode(start, end.min(start + size));
            if next.ends[0] == token_end - token_start {
                return Some((tokens, next));
            }
        }
        None
    }

    fn encode(&mut self, start: usize, end: usize) -> MergeSpan {
        let length = end - start;
        let span = |ends| MergeSpan {
            start,
            length,
            ends,
        };
        if length > SHORT {
            return span(merge_all(self.vocabulary, self.text, start, end));
        }
        let bytes = &self.text[start..end];
        let slot = (hash_bytes(bytes) >> 32) as usize % Self::SEEN;
        if let Some(seen) = &self.seen[slot]
            && self.text[seen.start..seen.start + seen.length] == *bytes
        {
            return span(seen.ends.clone());
        }
        let mut ends = Vec::new();
        short_ends(self.vocabulary, self.text, start, end, |token| {
            ends.push(token)
        });
        let span = span(ends);
        self.seen[slot] = Some(span.clone());
        span
    }
}
