//! Where the pretokens of a text end, and the token sums up to there, in three bits a byte.
//!
//! A pretoken has no more tokens than bytes. So one bitmap marks the last byte of each pretoken, and
//! another as many of its last bytes as it has tokens: the number of those bits up to the end of a
//! pretoken is the token sum there. With a sum and an end for each 64 bytes, every question takes one
//! word, or a binary search.
//!
//! All offsets are in bytes. Offset 0 counts as an end.
//!
//! What was tried: two numbers for each pretoken. They take eight bytes for each four or five of the
//! text, so that a fifth of the time of a first pass went to the system, for new memory. Bits are a
//! sixth of that.

use crate::bpe::table::vec_in_large_pages;
#[cfg(target_arch = "x86_64")]
use crate::split::level::{Avx2, with_avx2};
use std::ops::Range;

pub struct TokenMap {
    words: Vec<Word>,
    total: u32,
}

#[derive(Clone, Copy, Default)]
struct Word {
    /// The last bytes of pretokens.
    ends: u64,
    /// As many of the last bytes of each pretoken as it has tokens.
    tokens: u64,
    /// The tokens of all words before.
    before: u32,
    /// The last end before these bytes, or where they start.
    last: u32,
}

const BITS: usize = u64::BITS as usize;

/// Where the pretokens of a text end, and the token sums there.
pub trait Ends {
    fn is_end(&self, offset: usize) -> bool;

    /// The number of tokens up to an end.
    fn sum(&self, end: usize) -> usize;

    /// The last end at an offset or before it.
    fn end_before(&self, offset: usize) -> usize;

    /// The first end after an offset; None if there is none.
    fn end_after(&self, offset: usize) -> Option<usize>;

    /// The last end whose token sum is at most `max`.
    fn last_within(&self, max: usize) -> usize;

    /// The last end of a pretoken to which the text from `start` has at most `limit` tokens, as
    /// `fits` says, or `start`.
    fn end_within<E>(
        &self,
        start: usize,
        limit: usize,
        fits: impl Fn(usize) -> Result<bool, E>,
    ) -> Result<usize, E> {
        // The sums are right but for the two ends of the span; from there it is a step or two.
        let before = self.sum(self.end_before(start));
        let mut end = self.last_within(before.saturating_add(limit)).max(start);
        while end > start && !(self.is_end(end) && fits(end)?) {
            end = self.end_before(end - 1).max(start);
        }
        while let Some(next) = self.end_after(end)
            && fits(next)?
        {
            end = next;
        }
        Ok(end)
    }
}

impl TokenMap {
    /// The word, and the bit in it, of the byte before an offset above 0.
    #[inline(always)]
    fn find(&self, offset: usize) -> (&Word, u64) {
        let byte = offset - 1;
        (&self.words[byte / BITS], 1 << (byte % BITS))
    }

    pub fn total(&self) -> usize {
        self.total as usize
    }

    /// The number of tokens up to an offset above 0, if a pretoken ends there.
    #[inline(always)]
    pub fn sum_at_end(&self, offset: usize) -> Option<usize> {
        let (word, bit) = self.find(offset);
        let sum = (word.before + (word.tokens & up_to(bit)).count_ones()) as usize;
        (word.ends & bit != 0).then_some(sum)
    }

    pub fn count(&self) -> usize {
        let ones = |word: &Word| word.ends.count_ones() as usize;
        self.words.iter().map(ones).sum()
    }

    /// The ends in `start < end < stop`, as words of bits: (base, bits), where bit `i` is the end at
    /// `base + i + 1`.
    pub fn rows(&self, start: usize, stop: usize) -> impl Iterator<Item = (usize, u64)> + '_ {
        // A bit is that of the byte before an end.
        let (first, after) = (start, stop.saturating_sub(1).max(start));
        let numbers = first / BITS..after.div_ceil(BITS);
        numbers.map(move |number| {
            let base = number * BITS;
            let mut ends = self.words[number].ends;
            if base < first {
                ends &= u64::MAX << (first - base);
            }
            if base + BITS > after {
                ends &= !(u64::MAX << (after - base));
            }
            (base, ends)
        })
    }

    /// Calls `visit` with the end of each pretoken between two ends, and its number of tokens.
    pub fn each(&self, span: Range<usize>, mut visit: impl FnMut(usize, u32)) {
        let mut before = self.sum(span.start) as u32;
        // A row has no end at the span's own.
        for (base, ends) in self.rows(span.start, span.end + 1) {
            for bit in bits(ends) {
                let word = &self.words[base / BITS];
                let sum = word.before + (word.tokens & up_to(1 << bit)).count_ones();
                visit(base + bit + 1, sum - before);
                before = sum;
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.words.iter().enumerate();
        words.flat_map(|(number, word)| bits(word.ends).map(move |bit| number * BITS + bit + 1))
    }
}

impl Ends for TokenMap {
    #[inline(always)]
    fn is_end(&self, offset: usize) -> bool {
        offset == 0 || {
            let (word, bit) = self.find(offset);
            word.ends & bit != 0
        }
    }

    #[inline(always)]
    fn sum(&self, end: usize) -> usize {
        if end == 0 {
            return 0;
        }
        let (word, bit) = self.find(end);
        (word.before + (word.tokens & up_to(bit)).count_ones()) as usize
    }

    #[inline(always)]
    fn end_before(&self, offset: usize) -> usize {
        if offset == 0 {
            return 0;
        }
        let (word, bit) = self.find(offset);
        match word.ends & up_to(bit) {
            0 => word.last as usize,
            ends => (offset - 1) / BITS * BITS + last_of(ends),
        }
    }

    fn end_after(&self, offset: usize) -> Option<usize> {
        let number = offset / BITS;
        let ends = self.words.get(number)?.ends & (u64::MAX << (offset % BITS));
        if ends != 0 {
            return Some(number * BITS + first_of(ends));
        }
        // Most often it is in the next word, but a pretoken may have any length.
        let following = self.words.get(number + 1..)?;
        let skipped = match following.first()?.ends {
            0 => following.partition_point(|word| word.last as usize <= offset) - 1,
            _ => 0,
        };
        let ends = following[skipped].ends;
        (ends != 0).then(|| (number + 1 + skipped) * BITS + first_of(ends))
    }

    fn last_within(&self, max: usize) -> usize {
        // The last word before which there are few enough.
        let after = self
            .words
            .partition_point(|word| word.before as usize <= max);
        let Some(number) = after.checked_sub(1) else {
            return 0;
        };
        let word = &self.words[number];
        let fits = |end: &usize| self.sum(number * BITS + end) <= max;
        let inside = bits(word.ends).map(|bit| bit + 1).take_while(fits).last();
        match inside {
            Some(end) => number * BITS + end,
            // Not even the first that ends in the word.
            None => word.last as usize,
        }
    }
}

/// Builds the map of a text, or of a piece of it, to be appended to that of the text before.
pub struct Builder {
    words: Vec<Word>,
    open: Open,
    /// The first bit of the first word that is of the piece. Offsets are kept from that word's start.
    phase: usize,
}

/// The word that is not full.
#[derive(Clone, Copy, Default)]
struct Open {
    word: Word,
    base: usize,
    end: usize,
}

impl Builder {
    /// For the `bytes` bytes of a text that start at an offset; the text has less than 4 GiB.
    pub fn new(start: usize, bytes: usize) -> Self {
        let phase = start % BITS;
        Builder {
            words: vec_in_large_pages((phase + bytes).div_ceil(BITS)),
            open: Open {
                end: phase,
                ..Open::default()
            },
            phase,
        }
    }

    /// Adds consecutive pretokens, by their ends in the piece and numbers of tokens, which are no more
    /// than bytes.
    #[inline]
    pub fn extend(&mut self, ends: &[usize], tokens: &[u32]) {
        #[cfg(target_arch = "x86_64")]
        if Avx2::detect().is_some() {
            // SAFETY: the level was detected.
            return unsafe { self.extend_avx2(ends, tokens) };
        }
        self.extend_with(ends, tokens);
    }

    #[cfg(target_arch = "x86_64")]
    with_avx2! {
        fn extend_avx2(&mut self, ends: &[usize], tokens: &[u32]) {
            self.extend_with(ends, tokens);
        }
    }

    #[inline(always)]
    fn extend_with(&mut self, ends: &[usize], tokens: &[u32]) {
        // Copies stay in registers.
        let (mut open, phase) = (self.open, self.phase);
        for (&end, &tokens) in ends.iter().zip(tokens) {
            let end = end + phase;
            let first = end - tokens as usize;
            while end > open.base + BITS {
                if first < open.base + BITS {
                    open.word.tokens |= u64::MAX << first.saturating_sub(open.base);
                }
                self.words.push(open.word);
                open = open.following();
            }
            let bit = 1 << (end - 1 - open.base);
            open.word.ends |= bit;
            let shift = first.saturating_sub(open.base) as u32;
            open.word.tokens |= up_to(bit) & u64::MAX.unbounded_shl(shift);
            open.end = end;
        }
        self.open = open;
    }

    /// Where it ends, in bytes from where it starts.
    pub fn end(&self) -> usize {
        self.open.end - self.phase
    }

    /// Adds the map of the piece that starts where this one ends.
    pub fn append(&mut self, next: Builder) {
        if next.phase == 0 && self.open.end > 0 {
            self.words.push(self.open.word);
            self.open = self.open.following();
        }
        let (base, tokens) = (self.open.base, self.open.following().word.before);
        // The first word of the piece is the open one.
        let merged = |first: Word, open: Word| Word {
            ends: first.ends | open.ends,
            tokens: first.tokens | open.tokens,
            ..open
        };
        let moved = |word: Word| Word {
            before: word.before + tokens,
            last: word.last + base as u32,
            ..word
        };
        let mut words = next.words.into_iter();
        let last = next.open.word;
        let word = match words.next() {
            None => merged(last, self.open.word),
            Some(first) => {
                self.words.push(merged(first, self.open.word));
                self.words.extend(words.map(moved));
                moved(last)
            }
        };
        self.open = Open {
            word,
            base: base + next.open.base,
            end: base + next.open.end,
        };
    }

    pub fn finish(mut self) -> TokenMap {
        self.words.push(self.open.word);
        TokenMap {
            words: self.words,
            total: self.open.following().word.before,
        }
    }
}

impl Open {
    #[inline(always)]
    fn following(self) -> Self {
        let word = Word {
            ends: 0,
            tokens: 0,
            before: self.word.before + self.word.tokens.count_ones(),
            last: self.end as u32,
        };
        Open {
            word,
            base: self.base + BITS,
            end: self.end,
        }
    }
}

/// A bit and all below it.
#[inline(always)]
fn up_to(bit: u64) -> u64 {
    bit | (bit - 1)
}

/// The number of bits up to the first that is set.
#[inline(always)]
fn first_of(bits: u64) -> usize {
    bits.trailing_zeros() as usize + 1
}

/// The number of bits up to the last that is set.
#[inline(always)]
fn last_of(bits: u64) -> usize {
    (u64::BITS - bits.leading_zeros()) as usize
}

/// The numbers of the bits that are set.
#[inline(always)]
pub fn bits(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(bit)
    })
}
