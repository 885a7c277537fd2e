//! Where a long pretoken may be split into segments that are merged on their own.
//!
//! Languages written without spaces make pretokens of whole clauses. Those are new in any text, but
//! the words in them are not. Merging never crosses an offset that no token of the vocabulary could
//! lie across, so the segments between such offsets are merged, and remembered, independently.
//!
//! A *barrier* here is such an offset, between two characters of three bytes or more. Whether a token
//! may lie across it is looked up in three bit sets, by the bytes around it. They have false
//! positives, which only make segments longer, and no false negatives. Half of the offsets between
//! characters of Chinese text are barriers, and nearly all segments are short enough for a
//! [`Key`](crate::bpe::vocabulary::Key). That made Chinese seven times as fast, and half of that
//! before anything is remembered.

use crate::text::unicode::is_lead;

const STARTING_LOG2: u32 = 6 + 6 + 5;
const ENDING_LOG2: u32 = 16;
const MIDDLE_LOG2: u32 = 19;

/// The capacity of [`Segments`].
pub const SEGMENTS: usize = 256;

/// Spans of segments of pretokens.
pub struct Segments {
    starts: [usize; SEGMENTS],
    ends: [usize; SEGMENTS],
    count: usize,
}

impl Segments {
    pub fn new() -> Self {
        Segments {
            starts: [0; SEGMENTS],
            ends: [0; SEGMENTS],
            count: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.count
    }

    /// Adds one, where there is capacity.
    #[inline(always)]
    pub fn push(&mut self, start: usize, end: usize) {
        (self.starts[self.count], self.ends[self.count]) = (start, end);
        self.count += 1;
    }

    pub fn truncate(&mut self, count: usize) {
        self.count = self.count.min(count);
    }

    #[inline(always)]
    pub fn get(&self, number: usize) -> Option<(usize, usize)> {
        (number < self.count).then(|| (self.starts[number], self.ends[number]))
    }

    #[inline(always)]
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let (starts, ends) = (&self.starts[..self.count], &self.ends[..self.count]);
        starts.iter().copied().zip(ends.iter().copied())
    }
}

/// The barriers in the texts of a vocabulary: what tokens have around an offset between characters
/// of three bytes or more that they lie across.
pub struct Barriers {
    /// Tokens that start inside the character before the offset: by its last two bytes and the byte
    /// after the offset.
    starting: Bits<{ 1 << (STARTING_LOG2 - 6) }>,
    /// Tokens that end inside the character after the offset: by the character before, and the byte
    /// after the offset.
    ending: Bits<{ 1 << (ENDING_LOG2 - 6) }>,
    /// Other tokens: by the three bytes before the offset and the three after.
    middle: Bits<{ 1 << (MIDDLE_LOG2 - 6) }>,
}

impl Barriers {
    pub fn new<'a>(tokens: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut barriers = Barriers {
            starting: Bits::new(),
            ending: Bits::new(),
            middle: Bits::new(),
        };
        for token in tokens {
            for at in 1..token.len() {
                if token[at] >= 0xe0 && !is_lead(token[at - 1]) {
                    barriers.add_crossing(token, at);
                }
            }
        }
        barriers
    }

    fn add_crossing(&mut self, token: &[u8], at: usize) {
        match *token {
            [last, ..] if at == 1 => {
                (0x80..0xc0).for_each(|first| {
                    self.starting.set(starting_index(first, last, token[1]));
                });
            }
            [first, last, ..] if at == 2 => {
                self.starting.set(starting_index(first, last, token[2]));
            }
            _ if token.len() - at < 3 => {
                self.ending
                    .set(ending_index(three(token, at - 3), token[at]));
            }
            _ => self
                .middle
                .set(middle_index(three(token, at - 3), three(token, at))),
        }
    }

    /// Adds the segments of `text[start..end]`, and returns the end of the last one: if that is not
    /// `end`, there are more.
    ///
    /// There is capacity for two or more.
    #[inline]
    pub fn split(&self, text: &[u8], start: usize, end: usize, segments: &mut Segments) -> usize {
        let (mut n, mut at, mut after_three) = (segments.count, start, false);
        segments.starts[n] = start;
        while at < end {
            if n + 2 == SEGMENTS {
                segments.count = n;
                return segments.starts[n];
            }
            let lead = text[at];
            let is_wide = lead >= 0xe0;
            if is_wide && after_three {
                // Written in vain where there is no barrier: no branch predictor could guess that.
                segments.ends[n] = at;
                segments.starts[n + 1] = at;
                n += usize::from(!self.may_be_crossed(text, at));
            }
            after_three = is_wide && lead < 0xf0;
            at += if lead < 0x80 {
                1
            } else {
                lead.leading_ones() as usize
            };
        }
        segments.ends[n] = end;
        segments.count = n + 1;
        end
    }

    /// Whether a token may lie across `at`, where a character of three bytes or more starts, after
    /// one of three.
    #[inline(always)]
    fn may_be_crossed(&self, text: &[u8], at: usize) -> bool {
        let around = text.get(at - 3..at + 5).and_then(|b| b.first_chunk());
        let (before, after) = match around {
            Some(&around) => {
                let around = u64::from_le_bytes(around);
                (around as u32 & 0xff_ffff, (around >> 24) as u32 & 0xff_ffff)
            }
            None => (three(text, at - 3), three(text, at)),
        };
        let (first, last, next) = ((before >> 8) as u8, (before >> 16) as u8, after as u8);
        self.starting.has(starting_index(first, last, next))
            | self.ending.has(ending_index(before, next))
            | self.middle.has(middle_index(before, after))
    }
}

#[inline(always)]
fn three(text: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([text[at], text[at + 1], text[at + 2], 0])
}

#[inline(always)]
fn starting_index(first: u8, last: u8, next: u8) -> usize {
    usize::from(first & 0x3f) << 11 | usize::from(last & 0x3f) << 5 | usize::from(next & 0x1f)
}

#[inline(always)]
fn ending_index(before: u32, next: u8) -> usize {
    let hash = (before << 8 | u32::from(next)).wrapping_mul(0x9e37_79b1);
    (hash >> (u32::BITS - ENDING_LOG2)) as usize
}

#[inline(always)]
fn middle_index(before: u32, after: u32) -> usize {
    let both = u64::from(before) << 32 | u64::from(after);
    (both.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - MIDDLE_LOG2)) as usize
}

/// A set of numbers below 64 times its words.
struct Bits<const WORDS: usize>(Box<[u64; WORDS]>);

impl<const WORDS: usize> Bits<WORDS> {
    fn new() -> Self {
        Bits(Box::new([0; WORDS]))
    }

    fn set(&mut self, number: usize) {
        self.0[number / 64] |= 1 << (number % 64);
    }

    #[inline(always)]
    fn has(&self, number: usize) -> bool {
        self.0[number / 64] >> (number % 64) & 1 != 0
    }
}
