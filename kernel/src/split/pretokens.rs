//! The pretokens of a text, in batches, by the fastest way that the processor has.

use crate::bpe::table::prefetch;
use crate::split::bitmask::{self, LOOK_AHEAD};
use crate::split::level::{self, Level};
use crate::split::pattern::{Pattern, Set};
use crate::split::scanner::next_end;
use crate::split::simd::{self, Classify};
use crate::text::unicode::{class, decode_before};

pub struct Pretokens<'a> {
    pattern: &'a Pattern,
    text: &'a [u8],
    at: usize,
    /// Blocks may start below this.
    blocks_end: usize,
    /// Where the last character ends that is neither white space nor without a class.
    trimmed_end: usize,
    tail: Tail,
    level: Level,
}

/// A copy of the end of a text, so that blocks may look at more than there is.
struct Tail {
    /// The text from `start` to its trimmed end, and what [`Tail::fill`] adds.
    bytes: [u8; 2 * LOOK_AHEAD],
    /// [`usize::MAX`] until there is a copy.
    start: usize,
}

impl Tail {
    /// Letters, which make one pretoken, to be overwritten.
    const EMPTY: Self = Tail {
        bytes: [b'a'; 2 * LOOK_AHEAD],
        start: usize::MAX,
    };

    /// Copies the end of a text that does not end in white space, from `start` on.
    ///
    /// A digit after it changes no pretoken before the digit: only a number goes on with one, and
    /// the digit starts another pretoken where the number would have ended.
    fn fill(&mut self, end: &[u8], start: usize) {
        self.bytes[..end.len()].copy_from_slice(end);
        self.bytes[end.len()] = b'0';
        self.start = start;
    }
}

/// How far ahead a text is fetched, in bytes: somewhat more than a batch has. The processor does not see
/// that more will be read while a batch is looked up. Without that, prose takes a tenth longer.
const AHEAD: usize = 3 << 10;
/// How many ends of pretokens come in a batch, at most.
pub const BATCH: usize = 512;
/// What a batch has capacity for at least: a block of 64 bytes has as many pretokens at most.
pub const MIN_BATCH: usize = 64;
/// The ends of some consecutive pretokens.
pub type Batch = [usize; BATCH];

impl<'a> Pretokens<'a> {
    /// The pretokens of a text of valid UTF-8.
    pub fn new(pattern: &'a Pattern, text: &'a [u8], level: Level) -> Self {
        // Blocks know nothing of the end of a text, which white space looks ahead at.
        let trimmed_end = match level {
            Level::Scalar => 0,
            _ => trimmed_end(pattern, text),
        };
        Pretokens {
            pattern,
            text,
            at: 0,
            blocks_end: trimmed_end.saturating_sub(LOOK_AHEAD),
            trimmed_end,
            tail: Tail::EMPTY,
            level,
        }
    }

    /// Puts the ends of the next pretokens into a batch, of at least [`MIN_BATCH`], and returns how
    /// many; 0 at the end. It stops when less than that is left.
    pub fn fill(&mut self, batch: &mut [usize]) -> usize {
        match self.level {
            Level::Scalar => self.fill_scalar(batch),
            // SAFETY: `Portable` needs no features.
            Level::Portable => unsafe { self.fill_with::<simd::Portable>(batch) },
            // SAFETY: a level's value proves its features.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2(_) => unsafe { self.fill_avx2(batch) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512(_) => unsafe { self.fill_avx512(batch) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            Level::Neon(_) => unsafe { self.fill_neon(batch) },
        }
    }

    fn fill_scalar(&mut self, batch: &mut [usize]) -> usize {
        let mut n = 0;
        while n < batch.len() && self.at < self.text.len() {
            self.at = next_end(self.pattern, self.text, self.at);
            batch[n] = self.at;
            n += 1;
        }
        n
    }

    #[cfg(target_arch = "x86_64")]
    level::with_avx2! {
        fn fill_avx2(&mut self, batch: &mut [usize]) -> usize {
            // SAFETY: the features of `Avx2` are enabled here.
            unsafe { self.fill_with::<simd::Avx2>(batch) }
        }
    }

    #[cfg(target_arch = "x86_64")]
    level::with_avx512! {
        fn fill_avx512(&mut self, batch: &mut [usize]) -> usize {
            // SAFETY: the features of `Avx512` are enabled here.
            unsafe { self.fill_with::<simd::Avx512>(batch) }
        }
    }

    #[cfg(target_arch = "aarch64")]
    level::with_neon! {
        fn fill_neon(&mut self, batch: &mut [usize]) -> usize {
            // SAFETY: the features of `Neon` are enabled here.
            unsafe { self.fill_with::<simd::Neon>(batch) }
        }
    }

    /// # Safety
    /// The processor has the features of `C`.
    #[inline(always)]
    unsafe fn fill_with<C: Classify>(&mut self, batch: &mut [usize]) -> usize {
        let mut n = 0;
        while n + MIN_BATCH <= batch.len() && self.at < self.text.len() {
            prefetch(self.text.as_ptr().wrapping_add(self.at + AHEAD));
            // SAFETY: the caller answers for the features.
            let starts = unsafe {
                if self.at < self.blocks_end {
                    bitmask::starts::<C>(self.pattern, self.text, self.at)
                } else {
                    self.last_starts::<C>()
                }
            };
            if starts == 0 {
                self.at = next_end(self.pattern, self.text, self.at);
                batch[n] = self.at;
                n += 1;
            } else {
                n = write_offsets(starts, self.at, batch, n);
                self.at += 63 - starts.leading_zeros() as usize;
            }
        }
        n
    }

    /// As [`bitmask::starts`], near the end of the text, where the end itself counts as a start.
    ///
    /// # Safety
    /// The processor has the features of `C`.
    #[inline(always)]
    unsafe fn last_starts<C: Classify>(&mut self) -> u64 {
        if self.at >= self.trimmed_end {
            return 0;
        }
        let left = self.trimmed_end - self.at;
        if self.tail.start == usize::MAX {
            self.tail
                .fill(&self.text[self.at..self.trimmed_end], self.at);
        }
        // SAFETY: the caller answers for the features.
        let starts = unsafe {
            bitmask::starts::<C>(self.pattern, &self.tail.bytes, self.at - self.tail.start)
        };
        // What was trimmed off may belong to what is before it.
        let below = if self.trimmed_end == self.text.len() {
            left + 1
        } else {
            left
        };
        match 1u64.checked_shl(below as u32) {
            Some(bit) => starts & (bit - 1),
            None => starts,
        }
    }
}

/// Writes the offsets of the bits into the batch, from `n` on, where there is capacity for 64.
#[inline(always)]
fn write_offsets(mut bits: u64, base: usize, batch: &mut [usize], n: usize) -> usize {
    let after = n + bits.count_ones() as usize;
    let mut i = n;
    while bits != 0 {
        // Some are written in vain, which costs less than a mispredicted branch.
        for end in &mut batch[i..i + 8] {
            *end = base + bits.trailing_zeros() as usize;
            bits &= bits.wrapping_sub(1);
        }
        i += 8;
    }
    after
}

/// Where the last character ends that is neither white space nor without a class: only those look
/// ahead at whether the text ends.
pub fn trimmed_end(pattern: &Pattern, text: &[u8]) -> usize {
    const LOOKS_AHEAD: Set = Set::of(&[
        class::HORIZONTAL_SPACE,
        class::NEWLINE,
        class::OTHER,
        class::SCRIPT_OTHER,
    ]);
    let mut end = text.len();
    while let Some((c, start)) = decode_before(text, end)
        && LOOKS_AHEAD.has(pattern.class(c))
    {
        end = start;
    }
    end
}
