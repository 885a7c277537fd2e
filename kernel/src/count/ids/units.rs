//! Pretokens, and the segments of long ones in their place, that are looked up together.
//!
//! All keys are made, and their slots fetched, before the first is looked up. With AVX-512 that is done
//! for eight units at a time, which takes half as many instructions: on a text whose words are
//! remembered most of the time goes into it.

use crate::bpe::vocabulary::{KEY_BYTES, Key};
use crate::count::memo::{Memo, Quad, Slots};
use crate::split::level::Level;

/// How many units are looked up together. From 192 to 512, it makes no difference.
pub const UNITS: usize = 256;
/// What a long segment has in place of a key.
pub const LONG_SEGMENT: Key = Key::NONE.of_segment();
/// The ids of a quad.
pub const QUAD: usize = size_of::<Quad>() / size_of::<u32>();
/// In `Units::segments`: it is one.
const SEGMENT: u8 = 0xff;

/// Consecutive units.
pub struct Units {
    pub count: usize,
    /// Where the first one starts, and where each ends.
    pub start: usize,
    ends: [usize; UNITS],
    /// Which are segments.
    segments: [u8; UNITS],
    /// The low and the high half of their keys, and the slots of these.
    low: [u64; UNITS],
    high: [u64; UNITS],
    slots: [u16; UNITS],
    /// What is found of them: their number of tokens, and their ids.
    tokens: [u8; UNITS],
    ids: [Quad; UNITS],
    /// Which are not in their slots.
    missed: [u16; UNITS],
}

impl Units {
    pub fn new() -> Self {
        Units {
            count: 0,
            start: 0,
            ends: [0; UNITS],
            segments: [0; UNITS],
            low: [0; UNITS],
            high: [0; UNITS],
            slots: [0; UNITS],
            tokens: [0; UNITS],
            ids: [[0; QUAD]; UNITS],
            missed: [0; UNITS],
        }
    }

    /// Adds a unit, where there is capacity.
    #[inline(always)]
    pub fn push(&mut self, end: usize, is_segment: bool) {
        self.ends[self.count] = end;
        self.segments[self.count] = if is_segment { SEGMENT } else { 0 };
        self.count += 1;
    }

    /// Adds pretokens, as many as there is capacity for, up to the first that is too long for a key.
    /// Returns how many.
    #[inline(always)]
    pub fn extend(&mut self, mut start: usize, ends: &[usize]) -> usize {
        let before = self.count;
        let free = &mut self.ends[before..];
        let mut added = 0;
        for (free, &end) in free.iter_mut().zip(ends) {
            if end - start > KEY_BYTES {
                break;
            }
            *free = end;
            start = end;
            added += 1;
        }
        self.segments[before..before + added].fill(0);
        self.count += added;
        added
    }

    #[inline(always)]
    pub fn span(&self, i: usize) -> (usize, usize) {
        let start = if i == 0 { self.start } else { self.ends[i - 1] };
        (start, self.ends[i])
    }

    /// The key of a unit once it was looked up: [`Key::NONE`] or [`LONG_SEGMENT`] if it is too long.
    #[inline(always)]
    pub fn key(&self, i: usize) -> Key {
        Key(u128::from(self.high[i]) << 64 | u128::from(self.low[i]))
    }

    /// What was found of each unit.
    #[inline(always)]
    pub fn found(&self) -> impl Iterator<Item = (usize, &Quad)> {
        let tokens = self.tokens[..self.count].iter();
        tokens.map(|&tokens| tokens.into()).zip(&self.ids)
    }

    /// Says what was found of a unit: its number of tokens, at most 255, and its ids.
    #[inline(always)]
    pub fn set(&mut self, i: usize, tokens: usize, ids: Quad) {
        (self.tokens[i], self.ids[i]) = (tokens as u8, ids);
    }

    /// The unit that was missed at this number.
    #[inline(always)]
    pub fn missed(&self, number: usize) -> usize {
        self.missed[number].into()
    }

    /// Begins again after the last unit.
    pub fn clear(&mut self) {
        if let Some(last) = self.count.checked_sub(1) {
            self.start = self.ends[last];
        }
        self.count = 0;
    }

    /// Looks all up. Returns how many are not in their slots.
    #[inline]
    pub fn look_up(&mut self, level: Level, text: &[u8], memo: &Memo<Quad>) -> usize {
        #[cfg(target_arch = "x86_64")]
        if let Level::Avx512(_) = level {
            // SAFETY: a level's value proves its features.
            return unsafe { avx512::look_up(self, text, memo) };
        }
        let _ = level;
        self.make_keys(0, text, memo);
        self.find(0, memo.slots(), 0)
    }

    /// Makes the keys of the units from `first` on, and starts to fetch their slots.
    #[inline(always)]
    fn make_keys(&mut self, first: usize, text: &[u8], memo: &Memo<Quad>) {
        for i in first..self.count {
            let (start, end) = self.span(i);
            let is_segment = self.segments[i] == SEGMENT;
            let length = end - start + usize::from(is_segment);
            let mut key = match length > KEY_BYTES {
                true => Key::NONE,
                false => Key::of(text, start, end - start),
            };
            if is_segment {
                key = key.of_segment();
            }
            (self.low[i], self.high[i]) = (key.0 as u64, (key.0 >> 64) as u64);
            self.slots[i] = memo.slot(key);
        }
    }

    /// Finds the units from `first` on in their slots, after so many that were missed. Returns how
    /// many are missed then.
    #[inline(always)]
    fn find(&mut self, first: usize, slots: Slots<'_, Quad>, mut missed: usize) -> usize {
        for i in first..self.count {
            let (tokens, ids) = slots.get(self.key(i), self.slots[i]);
            self.set(i, tokens, ids);
            self.missed[missed] = i as u16;
            missed += usize::from(tokens == 0);
        }
        missed
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::{KEY_BYTES, Memo, Quad, Units};
    use crate::bpe::vocabulary::{HIGH_FACTOR, LOW_FACTOR};
    use crate::count::memo::{SLOT_LOG2, SLOTS_LOG2};
    use crate::split::level::with_avx512;
    use std::arch::x86_64::*;

    /// How many units are in a vector.
    const LANES: usize = 8;
    /// What a key's bytes are read with.
    const READ: usize = 16;

    with_avx512! {
        /// See [`Units::look_up`].
        pub fn look_up(units: &mut Units, text: &[u8], memo: &Memo<Quad>) -> usize {
            let full = make_keys(units, text, memo);
            units.make_keys(full, text, memo);
            let full = units.count / LANES * LANES;
            let mut missed = 0;
            for first in (0..full).step_by(LANES) {
                missed = find(units, first, memo, missed);
            }
            units.find(full, memo.slots(), missed)
        }
    }

    with_avx512! {
        /// Makes keys as [`Units::make_keys`], of the first units, and returns how many these are.
        #[inline]
        fn make_keys(units: &mut Units, text: &[u8], memo: &Memo<Quad>) -> usize {
            let mut before = _mm512_set1_epi64(units.start as i64);
            let vectors = units.count / LANES;
            let ends = units.ends.as_chunks::<LANES>().0.iter();
            let segments = units.segments.as_chunks::<LANES>().0;
            let low = units.low.as_chunks_mut::<LANES>().0;
            let high = units.high.as_chunks_mut::<LANES>().0;
            let slots = units.slots.as_chunks_mut::<LANES>().0;
            let each = ends.zip(segments).zip(low).zip(high).zip(slots);
            for (number, ((((ends, segments), low), high), slots)) in each.take(vectors).enumerate() {
                // The last unit starts before the end of the last but one.
                if ends[LANES - 1] + READ > text.len() {
                    return number * LANES;
                }
                // SAFETY: the loads and stores are those of whole arrays. What is gathered is
                // `READ` bytes from the start of each unit, which is below the end of the last one.
                unsafe {
                    let ends = _mm512_loadu_si512(ends.as_ptr().cast());
                    let starts = _mm512_alignr_epi64::<7>(ends, before);
                    before = ends;
                    let segments = _mm512_cvtepu8_epi64(_mm_loadl_epi64(segments.as_ptr().cast()));
                    let length = _mm512_sub_epi64(ends, starts);
                    let eight = _mm512_set1_epi64(8);
                    // A segment is as one byte longer.
                    let longer = _mm512_add_epi64(length, _mm512_srli_epi64::<7>(segments));
                    let is_key = _mm512_cmple_epu64_mask(longer, _mm512_set1_epi64(KEY_BYTES as i64));
                    let at = text.as_ptr();
                    let first = _mm512_i64gather_epi64::<1>(starts, at.cast());
                    let second = _mm512_i64gather_epi64::<1>(starts, at.add(8).cast());
                    // Bits that are shifted by 64 or more are gone.
                    let outside = |bytes| _mm512_sllv_epi64(_mm512_set1_epi64(-1), _mm512_slli_epi64::<3>(bytes));
                    let in_second = _mm512_sub_epi64(_mm512_max_epu64(length, eight), eight);
                    let first = _mm512_andnot_si512(outside(length), first);
                    let second = _mm512_andnot_si512(outside(in_second), second);
                    let second = _mm512_or_si512(second, _mm512_slli_epi64::<56>(length));
                    let first = _mm512_maskz_mov_epi64(is_key, first);
                    let second = _mm512_maskz_mov_epi64(is_key, second);
                    let second = _mm512_or_si512(second, _mm512_slli_epi64::<48>(segments));
                    let hash = _mm512_add_epi64(
                        _mm512_mullo_epi64(first, _mm512_set1_epi64(LOW_FACTOR as i64)),
                        _mm512_mullo_epi64(second, _mm512_set1_epi64(HIGH_FACTOR as i64)),
                    );
                    let slot = _mm512_srli_epi64::<{ u64::BITS - SLOTS_LOG2 }>(hash);
                    _mm512_storeu_si512(low.as_mut_ptr().cast(), first);
                    _mm512_storeu_si512(high.as_mut_ptr().cast(), second);
                    _mm_storeu_si128(slots.as_mut_ptr().cast(), _mm512_cvtepi64_epi16(slot));
                }
                for &slot in &*slots {
                    memo.prefetch(slot);
                }
            }
            vectors * LANES
        }
    }

    with_avx512! {
        /// As [`Units::find`], of the units of a vector.
        #[inline]
        fn find(units: &mut Units, first: usize, memo: &Memo<Quad>, missed: usize) -> usize {
            const { assert!(size_of::<u16>() * LANES == size_of::<__m128i>()) };
            let (low, high) = (&units.low[first..][..LANES], &units.high[first..][..LANES]);
            let (slots, tokens) = (&units.slots[first..][..LANES], &mut units.tokens[first..][..LANES]);
            // Of the missed, some are written in vain.
            let free = &mut units.missed[missed..];
            let table = memo.slots();
            let keys = table.as_ptr();
            // SAFETY: the loads and stores are those of eight elements, for which there is capacity:
            // no more units were missed than are before `first`. What is gathered is the keys of
            // slots of the table, which has one for each number of 16 bits.
            let found = unsafe {
                let vector = _mm512_cvtepu16_epi64(_mm_loadu_si128(slots.as_ptr().cast()));
                let at = _mm512_slli_epi64::<SLOT_LOG2>(vector);
                let key_low = _mm512_i64gather_epi64::<1>(at, keys.cast());
                let key_high = _mm512_i64gather_epi64::<1>(at, keys.byte_add(8).cast());
                let low = _mm512_loadu_si512(low.as_ptr().cast());
                let high = _mm512_loadu_si512(high.as_ptr().cast());
                let differs = _mm512_slli_epi64::<4>(_mm512_xor_si512(key_high, high));
                let is_high = _mm512_testn_epi64_mask(differs, differs);
                let is_both = _mm512_mask_cmpeq_epi64_mask(is_high, key_low, low);
                let counts = _mm512_maskz_srli_epi64::<60>(is_both, key_high);
                _mm_storel_epi64(tokens.as_mut_ptr().cast(), _mm512_cvtepi64_epi8(counts));
                let found = _mm512_test_epi64_mask(counts, counts);
                let numbers = _mm512_add_epi64(
                    _mm512_set1_epi64(first as i64),
                    _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7),
                );
                let missing = _mm512_maskz_compress_epi64(!found, numbers);
                _mm_storeu_si128(free.as_mut_ptr().cast(), _mm512_cvtepi64_epi16(missing));
                found
            };
            for (&slot, ids) in slots.iter().zip(&mut units.ids[first..]) {
                *ids = table.value(slot);
            }
            missed + found.count_zeros() as usize
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The key of a unit, by the definition.
    fn key(bytes: &[u8], is_segment: bool) -> Key {
        match (
            bytes.len() + usize::from(is_segment) > KEY_BYTES,
            is_segment,
        ) {
            (true, false) => Key::NONE,
            (true, true) => LONG_SEGMENT,
            (false, false) => Key::of(bytes, 0, bytes.len()),
            (false, true) => Key::of(bytes, 0, bytes.len()).of_segment(),
        }
    }

    proptest! {
        #[test]
        fn every_processor_finds_what_is_remembered(
            text in proptest::collection::vec(prop_oneof![8 => 97..100u8, 1 => any::<u8>()], 4096),
            start in 0..100usize,
            units in proptest::collection::vec(
                (prop_oneof![6 => 1..4usize, 1 => 1..18usize], any::<bool>(), 0..9usize), 0..UNITS),
            is_at_end in any::<bool>(),
        ) {
            let mut memo = Memo::<Quad>::new();
            let mut ends = vec![start];
            for &(length, is_segment, tokens) in &units {
                let end = ends[ends.len() - 1];
                ends.push(end + length);
                let key = key(&text[end..end + length], is_segment);
                if tokens > 0 && key != Key::NONE && key != LONG_SEGMENT {
                    memo.put(key, tokens, [end as u32, 1, 2, 3]);
                }
            }
            let text = &text[..if is_at_end { ends[units.len()] } else { text.len() }];
            for level in Level::all() {
                let mut batch = Units::new();
                batch.start = start;
                for (&end, unit) in ends[1..].iter().zip(&units) {
                    batch.push(end, unit.1);
                }
                let missed = batch.look_up(level, text, &memo);
                let mut unknown = Vec::new();
                for (i, (tokens, &ids)) in batch.found().enumerate() {
                    let (from, to) = batch.span(i);
                    let key = key(&text[from..to], units[i].1);
                    prop_assert_eq!(batch.key(i), key);
                    let known = memo.slots().get(key, memo.slot(key));
                    prop_assert_eq!(tokens, known.0);
                    prop_assert!(tokens == 0 || ids == known.1);
                    if tokens == 0 {
                        unknown.push(i);
                    }
                }
                let missed: Vec<usize> = (0..missed).map(|n| batch.missed(n)).collect();
                prop_assert_eq!(missed, unknown);
            }
        }
    }
}
