//! A pretoken that is not a token itself -> its tokens, by merging.
//!
//! Byte-pair encoding starts from single bytes and again and again joins the two neighbours whose
//! bytes together are the token of the lowest rank, the leftmost first of equals, until no two
//! neighbours are a token. [`Merging`] does just that. It takes time quadratic in the length, with so
//! small a constant that up to 256 bytes nothing beats it; [`merge_all`] keeps the candidates in a
//! heap instead.
//!
//! # Long pretokens
//!
//! A pretoken is parted where no token reaches across ([`crate::bpe::barriers`]). What is still long is merged
//! in windows, which [`Windows`] then joins at a token that two of them agree on. That this is exact
//! rests on a lemma, for any vocabulary whatever:
//!
//! > *A sequence of tokens is the encoding of its bytes if each two neighbours are the encoding of
//! > theirs; and neighbours in an encoding are the encoding of their bytes.*
//!
//! Merging a text makes, within any stretch of it that no merge crosses the ends of, the same merges
//! in the same order as merging the stretch alone: at each step the best pair of the text, if it is
//! in the stretch, is the best pair of the stretch. Take the first merge of the whole that crosses a
//! boundary between two of the given tokens. Before it none crossed any, so the two tokens had gone
//! through just the merges of their bytes alone, and those would make that crossing merge next. But
//! alone they do not cross. So no merge of the whole crosses a boundary, and each token is made as it
//! is alone. The same argument, from the other end, gives the second half.
//!
//! Now let a window's encoding have the token `a` at some place, and let another window, starting
//! where `a` starts, have an encoding that starts with `a`. Then the first encoding up to `a` and the
//! second from `a` on are, together, a sequence whose neighbours all come from one encoding or the
//! other. It is the encoding of the bytes of both windows.

use crate::bpe::barriers::Segments;
use crate::bpe::vocabulary::{NO_RANK, Vocabulary, hash_bytes};
#[cfg(target_arch = "x86_64")]
use crate::split::level::{Avx2, with_avx2};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The longest piece that is merged by looking at all candidates, in bytes.
const SHORT: usize = 256;
/// Shorter pretokens are merged as they are.
const WORTH_PARTING: usize = 16;

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
        if end - start <= SHORT {
            short_ends(vocabulary, text, start, end, |token| emit(start + token));
        } else {
            Windows::new(vocabulary, text).each_end(start, end, &mut emit);
        }
    });
}

/// Calls `see` with start and end of the parts of a pretoken that are merged apart.
fn each_segment(
    vocabulary: &Vocabulary,
    text: &[u8],
    mut start: usize,
    end: usize,
    mut see: impl FnMut(usize, usize),
) {
    if end - start < WORTH_PARTING || text[start..end].is_ascii() {
        return see(start, end);
    }
    let mut segments = Segments::new();
    while start < end {
        start = vocabulary.split(text, start, end, &mut segments);
        segments.iter().for_each(|(start, end)| see(start, end));
        segments.truncate(0);
    }
}

/// The number of tokens that merging makes of a part of a pretoken.
pub fn count_segment(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> usize {
    match end - start {
        0..=16 => Merging::<16>::merge(vocabulary, text, start, end).tokens,
        17..=32 => Merging::<32>::merge(vocabulary, text, start, end).tokens,
        33..=64 => Merging::<64>::merge(vocabulary, text, start, end).tokens,
        65..=SHORT => Merging::<SHORT>::merge(vocabulary, text, start, end).tokens,
        _ => {
            let mut count = 0;
            Windows::new(vocabulary, text).each_end(start, end, |_| count += 1);
            count
        }
    }
}

/// Calls `emit` with the end, from `start`, of each token of a short piece.
fn short_ends(
    vocabulary: &Vocabulary,
    text: &[u8],
    start: usize,
    end: usize,
    emit: impl FnMut(usize),
) {
    match end - start {
        0..=32 => Merging::<32>::merge(vocabulary, text, start, end)
            .ends()
            .for_each(emit),
        33..=64 => Merging::<64>::merge(vocabulary, text, start, end)
            .ends()
            .for_each(emit),
        _ => Merging::<SHORT>::merge(vocabulary, text, start, end)
            .ends()
            .for_each(emit),
    }
}

/// The longest piece of which several are merged at once, in bytes.
pub const SHORTEST: usize = 16;
/// So many at once hide the time that memory takes.
const LANES: usize = 8;

/// Short pieces that are merged beside each other.
///
/// Each step of a merge waits for the look-ups of the step before. So it takes a step in one piece,
/// and while memory is asked for what the next step needs, one in each of some others.
pub struct Lanes([Lane; LANES]);

/// A piece that is being merged beside others.
struct Lane {
    number: usize,
    start: usize,
    /// The part that was joined last, and is to be looked up.
    joined: Option<usize>,
    parts: Merging<SHORTEST>,
}

impl Lanes {
    /// Lanes without a piece.
    pub fn new() -> Self {
        Lanes(std::array::from_fn(|_| Lane {
            number: 0,
            start: 0,
            joined: None,
            parts: Merging::EMPTY,
        }))
    }

    /// Calls `see` with the number of each piece, in no certain order, and its number of tokens.
    /// Each has 1 to [`SHORTEST`] bytes.
    #[inline]
    pub fn count_each(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        pieces: impl Iterator<Item = (usize, usize)>,
        see: impl FnMut(usize, usize),
    ) {
        #[cfg(target_arch = "x86_64")]
        if Avx2::detect().is_some() {
            // SAFETY: the level was detected.
            return unsafe { self.count_each_avx2(vocabulary, text, pieces, see) };
        }
        self.count_each_with(vocabulary, text, pieces, see);
    }

    #[cfg(target_arch = "x86_64")]
    with_avx2! {
        fn count_each_avx2(
            &mut self,
            vocabulary: &Vocabulary,
            text: &[u8],
            pieces: impl Iterator<Item = (usize, usize)>,
            see: impl FnMut(usize, usize),
        ) {
            self.count_each_with(vocabulary, text, pieces, see);
        }
    }

    #[inline(always)]
    fn count_each_with(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        pieces: impl Iterator<Item = (usize, usize)>,
        mut see: impl FnMut(usize, usize),
    ) {
        let mut pieces = pieces.enumerate();
        let mut busy = 0;
        while busy < LANES && self.0[busy].take(vocabulary, text, pieces.next()) {
            busy += 1;
        }
        while busy > 0 {
            let mut i = 0;
            while i < busy {
                let lane = &mut self.0[i];
                if let Some(part) = lane.joined {
                    lane.parts.look_up(vocabulary, text, lane.start, part);
                }
                lane.joined = lane.parts.best();
                if let Some(part) = lane.joined {
                    lane.parts.join(vocabulary, text, lane.start, part);
                    i += 1;
                    continue;
                }
                see(lane.number, lane.parts.tokens);
                if !lane.take(vocabulary, text, pieces.next()) {
                    busy -= 1;
                    self.0.swap(i, busy);
                }
            }
        }
    }
}

impl Default for Lanes {
    fn default() -> Self {
        Self::new()
    }
}

impl Lane {
    /// Begins with a piece, if there is one.
    #[inline(always)]
    fn take(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        piece: Option<(usize, (usize, usize))>,
    ) -> bool {
        let Some((number, (start, end))) = piece else {
            return false;
        };
        (self.number, self.start, self.joined) = (number, start, None);
        self.parts.begin(vocabulary, text, start, end);
        true
    }
}

/// A piece of at most `N` bytes, in parts: a linked list over the places of their first bytes.
struct Merging<const N: usize> {
    /// Where the part that starts here ends, which is where the next one starts.
    ends: [u16; N],
    /// Where the part before the one that starts here starts.
    before: [u16; N],
    /// What becomes of the part that starts here and the next one, if they are a token together:
    /// its rank and the place, so that the least one is the leftmost of the lowest rank.
    candidates: [u32; N],
    bytes: usize,
    tokens: usize,
}

const NO_CANDIDATE: u32 = u32::MAX;

impl<const N: usize> Merging<N> {
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

    /// The tokens of a piece of at most `N` bytes.
    fn merge(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> Self {
        #[cfg(target_arch = "x86_64")]
        if Avx2::detect().is_some() {
            // SAFETY: the level was detected.
            return unsafe { Self::merge_avx2(vocabulary, text, start, end) };
        }
        Self::merge_with(vocabulary, text, start, end)
    }

    #[cfg(target_arch = "x86_64")]
    with_avx2! {
        /// The same, compiled for processors that find the minimum of many numbers in a few steps.
        fn merge_avx2(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> Self {
            Self::merge_with(vocabulary, text, start, end)
        }
    }

    const EMPTY: Self = Merging {
        ends: [0; N],
        before: [0; N],
        candidates: [NO_CANDIDATE; N],
        bytes: 0,
        tokens: 0,
    };

    /// Begins with the single bytes of a piece.
    #[inline(always)]
    fn begin(&mut self, vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) {
        const { assert!(N <= 1 << PLACE_BITS) };
        let bytes = end - start;
        (self.ends, self.before) = (Self::NEXT, Self::PREVIOUS);
        self.candidates = [NO_CANDIDATE; N];
        (self.bytes, self.tokens) = (bytes, bytes);
        for i in 1..bytes {
            self.candidates[i - 1] = candidate(vocabulary, text, start, i - 1, i + 1);
        }
    }

    #[inline(always)]
    fn merge_with(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> Self {
        let mut parts = Self::EMPTY;
        parts.begin(vocabulary, text, start, end);
        while let Some(part) = parts.best() {
            parts.join(vocabulary, text, start, part);
            parts.look_up(vocabulary, text, start, part);
        }
        parts
    }

    /// The part to be joined with the next one, if there is any.
    #[inline(always)]
    fn best(&self) -> Option<usize> {
        // No early exit and no index: this is a few vector instructions.
        let best = self
            .candidates
            .iter()
            .fold(NO_CANDIDATE, |low, &next| low.min(next));
        (best != NO_CANDIDATE).then_some(best as usize % (1 << PLACE_BITS))
    }

    /// Makes a part and the next into one, and starts to fetch what [`Self::look_up`] will ask for.
    #[inline(always)]
    fn join(&mut self, vocabulary: &Vocabulary, text: &[u8], start: usize, part: usize) {
        let next = usize::from(self.ends[part]);
        let end = usize::from(self.ends[next]);
        self.ends[part] = end as u16;
        self.candidates[next] = NO_CANDIDATE;
        self.tokens -= 1;
        if part > 0 {
            let before = usize::from(self.before[part]);
            vocabulary.prefetch_part(text, start + before, start + end);
        }
        if end < self.bytes {
            self.before[end] = part as u16;
            let after = usize::from(self.ends[end]);
            vocabulary.prefetch_part(text, start + part, start + after);
        }
    }

    /// Finds the candidates of a part that was joined, and of the one before it.
    #[inline(always)]
    fn look_up(&mut self, vocabulary: &Vocabulary, text: &[u8], start: usize, part: usize) {
        let end = usize::from(self.ends[part]);
        self.candidates[part] = if end < self.bytes {
            let after = usize::from(self.ends[end]);
            candidate(vocabulary, text, start, part, after)
        } else {
            NO_CANDIDATE
        };
        if part > 0 {
            let before = usize::from(self.before[part]);
            self.candidates[before] = candidate(vocabulary, text, start, before, end);
        }
    }

    fn ends(&self) -> impl Iterator<Item = usize> + '_ {
        let after = |&end: &usize| (end < self.bytes).then(|| usize::from(self.ends[end]));
        std::iter::successors(Some(usize::from(self.ends[0])), after)
    }
}

const PLACE_BITS: u32 = 8;

/// The candidate of two neighbours that are `from..to` of the piece together.
#[inline(always)]
fn candidate(vocabulary: &Vocabulary, text: &[u8], start: usize, from: usize, to: usize) -> u32 {
    match vocabulary.rank(text, start + from, start + to) {
        NO_RANK => NO_CANDIDATE,
        rank => rank << PLACE_BITS | from as u32,
    }
}

/// The ends, from `start`, of the tokens of a piece of any length, in time `n log n`.
fn merge_all(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> Vec<usize> {
    let piece = &text[start..end];
    let n = piece.len();
    // Parts as a linked list over the places of their first bytes. A part that was joined to the
    // one before it has no end.
    let mut ends: Vec<usize> = (1..=n).collect();
    let mut before: Vec<usize> = (0..n).map(|i| i.wrapping_sub(1)).collect();
    let rank_at = |ends: &[usize], part: usize| match ends.get(ends[part]) {
        Some(&end) => vocabulary.rank(piece, part, end),
        None => NO_RANK,
    };
    let mut heap: BinaryHeap<Reverse<(u32, usize)>> = (0..n)
        .map(|part| Reverse((rank_at(&ends, part), part)))
        .filter(|Reverse((rank, _))| *rank != NO_RANK)
        .collect();
    while let Some(Reverse((rank, part))) = heap.pop() {
        // What was pushed before one of its parts changed is stale.
        if ends[part] == 0 || rank_at(&ends, part) != rank {
            continue;
        }
        let next = ends[part];
        ends[part] = std::mem::take(&mut ends[next]);
        if let Some(after) = before.get_mut(ends[part]) {
            *after = part;
        }
        for changed in [before[part], part] {
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

/// Merges a long piece window by window: see the module's documentation.
struct Windows<'a> {
    vocabulary: &'a Vocabulary,
    text: &'a [u8],
    /// The last short windows, by a hash of their bytes: repetitive text has few different ones.
    seen: Vec<Option<Window>>,
}

/// The encoding of `text[start..start + length]`: the ends of its tokens, from `start`.
#[derive(Clone)]
struct Window {
    start: usize,
    length: usize,
    ends: Vec<usize>,
}

impl<'a> Windows<'a> {
    const SMALLEST: usize = 64;
    const SEEN: usize = 64;

    fn new(vocabulary: &'a Vocabulary, text: &'a [u8]) -> Self {
        Windows {
            vocabulary,
            text,
            seen: vec![None; Self::SEEN],
        }
    }

    fn each_end(&mut self, start: usize, end: usize, mut emit: impl FnMut(usize)) {
        let mut size = Self::SMALLEST;
        let mut window = self.encode(start, end.min(start + size));
        while window.start + window.length < end {
            let (tokens, next) = match self.follow(&window, size, end) {
                Some(found) => found,
                // No token is agreed on: a longer window has more to choose from, and one that
                // reaches the end needs none.
                None => {
                    size *= 4;
                    window = self.encode(window.start, end.min(window.start + size));
                    continue;
                }
            };
            window.ends[..tokens]
                .iter()
                .for_each(|token| emit(window.start + token));
            window = next;
            size = Self::SMALLEST.max(size / 2);
        }
        window
            .ends
            .iter()
            .for_each(|token| emit(window.start + token));
    }

    /// A window that starts at one of the later tokens of this one and agrees on that token, and the
    /// number of tokens before it.
    fn follow(&mut self, window: &Window, size: usize, end: usize) -> Option<(usize, Window)> {
        for goal in [window.length * 3 / 4, window.length / 2] {
            let tokens = window.ends.partition_point(|&token| token <= goal);
            let (Some(&token_end), true) = (window.ends.get(tokens), tokens > 0) else {
                continue;
            };
            let token_start = window.ends[tokens - 1];
            let start = window.start + token_start;
            let next = self.encode(start, end.min(start + size));
            if next.ends[0] == token_end - token_start {
                return Some((tokens, next));
            }
        }
        None
    }

    fn encode(&mut self, start: usize, end: usize) -> Window {
        let length = end - start;
        if length > SHORT {
            let ends = merge_all(self.vocabulary, self.text, start, end);
            return Window {
                start,
                length,
                ends,
            };
        }
        let bytes = &self.text[start..end];
        let slot = (hash_bytes(bytes) >> 32) as usize % Self::SEEN;
        if let Some(seen) = &self.seen[slot]
            && self.text[seen.start..seen.start + seen.length] == *bytes
        {
            return Window {
                start,
                length,
                ends: seen.ends.clone(),
            };
        }
        let mut ends = Vec::new();
        short_ends(self.vocabulary, self.text, start, end, |token| {
            ends.push(token)
        });
        let window = Window {
            start,
            length,
            ends,
        };
        self.seen[slot] = Some(window.clone());
        window
    }
}
