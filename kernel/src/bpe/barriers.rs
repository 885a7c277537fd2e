//! Where a long pretoken may be parted: at places that no token reaches across.
//!
//! Languages written without spaces make pretokens of whole clauses. Those are new in any text, but
//! the words in them are not. Merging never crosses a place that no token of the vocabulary could lie
//! across, so what is on its two sides is merged apart, and remembered apart.
//!
//! A *seam* here is such a place between two characters of three bytes or more. Whether a token may
//! lie across it is asked of three sets of bits, by the bytes next to it. They say yes too often, not
//! no. Half of the places in Chinese
//! are seams, and what is between them is nearly always short enough for a key.

use crate::text::unicode::is_lead;

const HEADS_LOG2: u32 = 6 + 6 + 5;
const TAILS_LOG2: u32 = 16;
const MIDDLES_LOG2: u32 = 19;

/// How many parts there is room for.
pub const PARTS: usize = 256;

/// Starts and ends of parts of pretokens.
pub struct Parts {
    starts: [usize; PARTS],
    ends: [usize; PARTS],
    count: usize,
}

impl Parts {
    /// None.
    pub fn new() -> Self {
        Parts {
            starts: [0; PARTS],
            ends: [0; PARTS],
            count: 0,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds one. There is room for it.
    #[inline(always)]
    pub fn push(&mut self, start: usize, end: usize) {
        (self.starts[self.count], self.ends[self.count]) = (start, end);
        self.count += 1;
    }

    /// Forgets all but the first ones.
    pub fn truncate(&mut self, count: usize) {
        self.count = self.count.min(count);
    }

    /// The start and the end of one of them.
    #[inline(always)]
    pub fn get(&self, number: usize) -> Option<(usize, usize)> {
        (number < self.count).then(|| (self.starts[number], self.ends[number]))
    }

    /// The start and the end of each.
    #[inline(always)]
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let (starts, ends) = (&self.starts[..self.count], &self.ends[..self.count]);
        starts.iter().copied().zip(ends.iter().copied())
    }
}

impl Default for Parts {
    fn default() -> Self {
        Self::new()
    }
}

/// What lies across places between characters of three bytes or more, in some token.
pub struct Seams {
    /// Tokens that start inside the character before the place: by its last two bytes and the byte
    /// behind.
    heads: Bits<{ 1 << (HEADS_LOG2 - 6) }>,
    /// Tokens that end inside the character behind: by the character before, and the byte behind.
    tails: Bits<{ 1 << (TAILS_LOG2 - 6) }>,
    /// Other tokens: by the three bytes before the place and the three behind.
    middles: Bits<{ 1 << (MIDDLES_LOG2 - 6) }>,
}

impl Seams {
    /// The seams of texts of these tokens.
    pub fn new<'a>(tokens: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut seams = Seams {
            heads: Bits::new(),
            tails: Bits::new(),
            middles: Bits::new(),
        };
        for token in tokens {
            for at in 1..token.len() {
                if token[at] >= 0xe0 && !is_lead(token[at - 1]) {
                    seams.add(token, at);
                }
            }
        }
        seams
    }

    /// Adds what a token has around `at`.
    fn add(&mut self, token: &[u8], at: usize) {
        match *token {
            [last, ..] if at == 1 => {
                (0x80..0xc0).for_each(|first| self.heads.set(head(first, last, token[1])));
            }
            [first, last, ..] if at == 2 => self.heads.set(head(first, last, token[2])),
            _ if token.len() - at < 3 => self.tails.set(tail(three(token, at - 3), token[at])),
            _ => self
                .middles
                .set(middle(three(token, at - 3), three(token, at))),
        }
    }

    /// Adds the parts of `text[start..end]`, and returns the end of the last one: there are more, if
    /// that is not `end`.
    ///
    /// There is room for two or more.
    #[inline]
    pub fn part(&self, text: &[u8], start: usize, end: usize, parts: &mut Parts) -> usize {
        let (mut n, mut at, mut after_wide) = (parts.count, start, false);
        parts.starts[n] = start;
        while at < end {
            if n + 2 == PARTS {
                parts.count = n;
                return parts.starts[n];
            }
            let lead = text[at];
            let wide = lead >= 0xe0;
            if wide && after_wide {
                // Written in vain where there is no seam: no branch could guess that.
                parts.ends[n] = at;
                parts.starts[n + 1] = at;
                n += usize::from(!self.crossed(text, at));
            }
            after_wide = wide && lead < 0xf0;
            at += if lead < 0x80 {
                1
            } else {
                lead.leading_ones() as usize
            };
        }
        parts.ends[n] = end;
        parts.count = n + 1;
        end
    }

    /// Whether a token may lie across `at`, where a character of three bytes or more starts, behind
    /// one of three.
    #[inline(always)]
    fn crossed(&self, text: &[u8], at: usize) -> bool {
        let around = text.get(at - 3..at + 5).and_then(|b| b.first_chunk());
        let (before, behind) = match around {
            Some(&around) => {
                let around = u64::from_le_bytes(around);
                (around as u32 & 0xff_ffff, (around >> 24) as u32 & 0xff_ffff)
            }
            None => (three(text, at - 3), three(text, at)),
        };
        let (first, last, next) = ((before >> 8) as u8, (before >> 16) as u8, behind as u8);
        self.heads.has(head(first, last, next))
            | self.tails.has(tail(before, next))
            | self.middles.has(middle(before, behind))
    }
}

#[inline(always)]
fn three(text: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([text[at], text[at + 1], text[at + 2], 0])
}

#[inline(always)]
fn head(first: u8, last: u8, next: u8) -> usize {
    usize::from(first & 0x3f) << 11 | usize::from(last & 0x3f) << 5 | usize::from(next & 0x1f)
}

#[inline(always)]
fn tail(before: u32, next: u8) -> usize {
    ((before << 8 | u32::from(next)).wrapping_mul(0x9e37_79b1) >> (u32::BITS - TAILS_LOG2)) as usize
}

#[inline(always)]
fn middle(before: u32, behind: u32) -> usize {
    let both = u64::from(before) << 32 | u64::from(behind);
    (both.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - MIDDLES_LOG2)) as usize
}

/// A set of numbers below 64 for each of its words.
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
