//! Lexical cohesion: how alike the words are on the two sides of an offset.
//!
//! After M. A. Hearst, "TextTiling: Segmenting Text into Multi-paragraph Subtopic Passages",
//! Computational Linguistics 23 (1997). All but the last steps are integers, so that the fallback,
//! `ctxtools/_core/fallback/cohesion.py`, gives the same bits.

use crate::text::unicode::{CLASS, class, decode, lookup};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

/// The first characters of a word that tell it from others: inflections differ in those that follow.
const STEM: usize = 5;
/// The most words that are compared on each side.
const MAX_REACH: usize = 1 << 12;
/// The furthest from the mean that a value may seem, in standard deviations.
const FURTHEST: f64 = 3.0;
/// What a cosine of 1 is as an integer.
const UNIT: f64 = (1 << 20) as f64;

/// For each offset in bytes, how much more alike its two sides are than those of the other offsets: the
/// z-score, at most [`FURTHEST`], of the cosine of the `reach` words that start before it and the `reach`
/// words from it on, times `weight`; 0 where a side has none that count.
///
/// A word is a run of letters, marks and digits in lower case, cut to [`STEM`] characters; in Chinese
/// and Japanese, each character with the one after it. It weighs the logarithm to base 2, rounded down,
/// of the words of the text to its occurrences.
///
/// Time is linear where the offsets are in order.
pub fn cohesion(text: &str, offsets: &[u32], reach: usize, weight: f64) -> Vec<f64> {
    let words = Words::of(text);
    let mut sides = Sides::new(&words, reach.clamp(1, MAX_REACH));
    let mut at = 0;
    let cosines: Vec<Option<i64>> = offsets
        .iter()
        .map(|&offset| {
            let is_before = |start: &&u32| **start < offset;
            let (before, after) = words.starts.split_at(at);
            at = match before.last().is_none_or(|start| *start < offset) {
                true => at + after.iter().take_while(is_before).count(),
                false => before.partition_point(|start| *start < offset),
            };
            sides.move_to(at);
            sides.cosine()
        })
        .collect();
    z_scores(&cosines).map(|score| weight * score).collect()
}

/// The words of a text by numbers.
struct Words {
    starts: Vec<u32>,
    numbers: Vec<u32>,
    /// How often each occurs.
    occurrences: Vec<u32>,
}

impl Words {
    fn of(text: &str) -> Self {
        let text = text.as_bytes();
        let (mut ascii, mut other) = (Numbers::<u64>::default(), Numbers::<u128>::default());
        let mut starts = Vec::with_capacity(text.len() / 5);
        let mut numbers = Vec::with_capacity(text.len() / 5);
        let mut add = |start: usize, number: u32| {
            starts.push(start as u32);
            numbers.push(number);
        };
        let mut next = 0;
        each_run(text, |start, end, is_ascii| {
            if is_ascii {
                add(start, ascii.number(ascii_stem(text, start, end), &mut next));
            } else {
                each_word(&text[start..end], |at, stem| {
                    let number = match narrow(stem) {
                        Some(stem) => ascii.number(stem, &mut next),
                        None => other.number(stem, &mut next),
                    };
                    add(start + at, number);
                });
            }
        });
        let mut occurrences = vec![0; next as usize];
        for (number, n) in ascii.known.into_values().chain(other.known.into_values()) {
            occurrences[number as usize] = n;
        }
        Words {
            starts,
            numbers,
            occurrences,
        }
    }
}

/// The number of each word by its stem, and how often it was asked for.
struct Numbers<T> {
    known: HashMap<T, (u32, u32), Folded>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Numbers {
            known: HashMap::with_hasher(Folded::default()),
        }
    }
}

impl<T: Eq + Hash> Numbers<T> {
    /// The number of a word: the next one, if it is new.
    #[inline(always)]
    fn number(&mut self, stem: T, next: &mut u32) -> u32 {
        let (number, n) = self.known.entry(stem).or_insert_with(|| {
            *next += 1;
            (*next - 1, 0)
        });
        *n += 1;
        *number
    }
}

/// Calls `visit` with the start and end of each run of ASCII letters, digits and what is not ASCII, and
/// whether all of it is ASCII.
#[inline(always)]
fn each_run(text: &[u8], mut visit: impl FnMut(usize, usize, bool)) {
    let (mut start, mut is_in) = (0, 0);
    let mut other = 0; // the end of the last byte that is not ASCII
    let mut see = |base: usize, (runs, high): (u64, u64)| {
        // A bit where a run starts or ends.
        let mut turns = runs ^ (runs << 1 | is_in);
        while turns != 0 {
            let bit = turns.trailing_zeros();
            let at = base + bit as usize;
            if is_in == 0 {
                start = at;
            } else {
                let before = high & !(u64::MAX << bit);
                if before != 0 {
                    other = base + 64 - before.leading_zeros() as usize;
                }
                visit(start, at, other <= start);
            }
            is_in ^= 1;
            turns &= turns - 1;
        }
        if high != 0 {
            other = base + 64 - high.leading_zeros() as usize;
        }
    };
    let (blocks, rest) = text.as_chunks::<64>();
    for (number, block) in blocks.iter().enumerate() {
        see(64 * number, runs_of(block));
    }
    let mut last = [b' '; 64];
    last[..rest.len()].copy_from_slice(rest);
    see(text.len() - rest.len(), runs_of(&last));
    see(text.len() - rest.len() + 64, (0, 0));
}

/// A bit for each byte that is in a run, and for each that is not ASCII.
#[inline(always)]
fn runs_of(block: &[u8; 64]) -> (u64, u64) {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    // The highest bit of each byte that is ASCII and at least `c`, with the others cleared before.
    let from = |bytes: u64, c: u8| bytes + ONES * u64::from(0x80 - c);
    // The highest bit of each byte, side by side.
    let bits = |bytes: u64| ((bytes & HIGH) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let (mut runs, mut high) = (0, 0);
    for (number, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
        let bytes = u64::from_le_bytes(*bytes);
        let (low, lower) = (bytes & !HIGH, (bytes & !HIGH) | (ONES * 0x20));
        let letters = from(lower, b'a') & !from(lower, b'z' + 1);
        let digits = from(low, b'0') & !from(low, b'9' + 1);
        let found = (letters & from(low, b'A')) | digits | bytes;
        runs |= bits(found) << (8 * number);
        high |= bits(bytes) << (8 * number);
    }
    (runs, high)
}

/// The stem of a run of ASCII, a byte for each character.
#[inline(always)]
fn ascii_stem(text: &[u8], start: usize, end: usize) -> u64 {
    let n = (end - start).min(STEM);
    let stem = match text[start..].first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => {
            let bytes = text[start..end].iter().rev();
            bytes.fold(0, |stem, &byte| stem << 8 | u64::from(byte))
        }
    };
    // A digit has the bit of a lower-case letter already.
    (stem | 0x20_2020_2020) & (u64::MAX >> (64 - 8 * n))
}

/// The same of a stem of any characters.
fn narrow(stem: u128) -> Option<u64> {
    let characters = (0..STEM).map(|i| (i, stem >> (21 * i) & 0x1f_ffff));
    let mut narrow = 0;
    for (i, c) in characters {
        if c >= 0x80 {
            return None;
        }
        narrow |= (c as u64) << (8 * i);
    }
    Some(narrow)
}

/// Calls `visit` with the start and stem of each word of a run, 21 bits for each character.
fn each_word(run: &[u8], mut visit: impl FnMut(usize, u128)) {
    let (mut start, mut stem, mut length) = (0, 0, 0);
    let mut at = 0;
    while let Some((c, n)) = decode(run, at) {
        let kind = kind_of(c);
        if length > 0 && kind != Kind::Letter {
            visit(start, stem);
            length = 0;
        }
        match kind {
            Kind::Other => {}
            Kind::Letter => {
                if length == 0 {
                    (start, stem) = (at, 0);
                }
                if length < STEM {
                    stem |= u128::from(lower(c)) << (21 * length);
                }
                length += 1;
            }
            Kind::Ideograph => {
                let next = decode(run, at + n).map_or(0, |(c, _)| c);
                let is_pair = kind_of(next) == Kind::Ideograph;
                visit(
                    at,
                    u128::from(c) | if is_pair { u128::from(next) << 21 } else { 0 },
                );
            }
        }
        at += n;
    }
    if length > 0 {
        visit(start, stem);
    }
}

/// What a character is to words.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Other,
    Letter,
    Ideograph,
}

#[inline(always)]
pub(crate) fn kind_of(c: u32) -> Kind {
    match c {
        0..0x80 => match u8::try_from(c) {
            Ok(byte) if byte.is_ascii_alphanumeric() => Kind::Letter,
            _ => Kind::Other,
        },
        _ => match lookup(c) & CLASS {
            class::UPPER | class::LOWER | class::CASELESS | class::MARK | class::NUMBER => {
                match c {
                    0x3040..=0x30ff
                    | 0x3400..=0x4dbf
                    | 0x4e00..=0x9fff
                    | 0xf900..=0xfaff
                    | 0x20000..=0x3ffff => Kind::Ideograph,
                    _ => Kind::Letter,
                }
            }
            _ => Kind::Other,
        },
    }
}

/// The first character of one in lower case; of scripts whose cases all versions of Unicode agree on.
#[inline(always)]
pub(crate) fn lower(c: u32) -> u32 {
    match c {
        0..0x80 => u32::from((c as u8).to_ascii_lowercase()),
        0x80..0x530 | 0x1e00..0x1f00 => {
            let mut lower = char::from_u32(c).into_iter().flat_map(char::to_lowercase);
            lower.next().map_or(c, u32::from)
        }
        _ => c,
    }
}

/// The words on the two sides of a position among all words.
struct Sides<'a> {
    words: &'a Words,
    reach: usize,
    known: Vec<Known>,
    position: usize,
    /// The sums over all words of: the product of both sides, the square of each side.
    product: i64,
    before: i64,
    after: i64,
}

/// What there is of one word.
#[derive(Clone, Copy)]
struct Known {
    /// Its weight, squared.
    square: i16,
    before: i16,
    after: i16,
}

impl<'a> Sides<'a> {
    fn new(words: &'a Words, reach: usize) -> Self {
        let all = words.numbers.len();
        let known = words.occurrences.iter().map(|&n| {
            let weight = (all / n as usize).ilog2() as i16;
            Known {
                square: weight * weight,
                before: 0,
                after: 0,
            }
        });
        let mut sides = Sides {
            words,
            reach,
            known: known.collect(),
            position: 0,
            product: 0,
            before: 0,
            after: 0,
        };
        (0..reach.min(all)).for_each(|i| sides.change_after(i, 1));
        sides
    }

    #[inline(always)]
    fn change_before(&mut self, i: usize, by: i16) {
        let known = &mut self.known[self.words.numbers[i] as usize];
        let (square, by_more) = (i32::from(known.square), i32::from(by));
        self.before += i64::from(square * (2 * by_more * i32::from(known.before) + 1));
        self.product += i64::from(square * by_more * i32::from(known.after));
        known.before += by;
    }

    #[inline(always)]
    fn change_after(&mut self, i: usize, by: i16) {
        let known = &mut self.known[self.words.numbers[i] as usize];
        let (square, by_more) = (i32::from(known.square), i32::from(by));
        self.after += i64::from(square * (2 * by_more * i32::from(known.after) + 1));
        self.product += i64::from(square * by_more * i32::from(known.before));
        known.after += by;
    }

    fn move_to(&mut self, position: usize) {
        let (all, reach) = (self.words.numbers.len(), self.reach);
        while self.position < position {
            let here = self.position;
            self.change_after(here, -1);
            self.change_before(here, 1);
            if here + reach < all {
                self.change_after(here + reach, 1);
            }
            if here >= reach {
                self.change_before(here - reach, -1);
            }
            self.position += 1;
        }
        while self.position > position {
            let here = self.position - 1;
            self.change_before(here, -1);
            self.change_after(here, 1);
            if here + reach < all {
                self.change_after(here + reach, -1);
            }
            if here >= reach {
                self.change_before(here - reach, 1);
            }
            self.position = here;
        }
    }

    /// The cosine of the two sides, of [`UNIT`]; None if one of them is empty.
    fn cosine(&self) -> Option<i64> {
        if self.before == 0 || self.after == 0 {
            return None;
        }
        let length = (self.before as f64 * self.after as f64).sqrt();
        Some((self.product as f64 / length * UNIT) as i64)
    }
}

/// How many standard deviations each value is from the mean, at most [`FURTHEST`]; 0 for none.
fn z_scores(values: &[Option<i64>]) -> impl Iterator<Item = f64> {
    let n = values.iter().flatten().count() as i64;
    let sum: i64 = values.iter().flatten().sum();
    let squares: i128 = values
        .iter()
        .flatten()
        .map(|&value| i128::from(value * value))
        .sum();
    // n times the standard deviation.
    let deviation = ((i128::from(n) * squares - i128::from(sum) * i128::from(sum)) as f64).sqrt();
    values.iter().map(move |&value| match value {
        Some(value) if deviation > 0.0 => {
            ((value * n - sum) as f64 / deviation).clamp(-FURTHEST, FURTHEST)
        }
        _ => 0.0,
    })
}

/// Hashes numbers by one multiplication, with keys that nobody knows.
#[derive(Clone, Copy)]
struct Folded {
    keys: [u64; 2],
}

impl Default for Folded {
    fn default() -> Self {
        let random = RandomState::new();
        Folded {
            keys: [0, 1].map(|i: u64| random.hash_one(i)),
        }
    }
}

impl BuildHasher for Folded {
    type Hasher = FoldedHasher;

    fn build_hasher(&self) -> FoldedHasher {
        FoldedHasher {
            keys: self.keys,
            hash: 0,
        }
    }
}

struct FoldedHasher {
    keys: [u64; 2],
    hash: u64,
}

impl Hasher for FoldedHasher {
    #[inline(always)]
    fn write_u128(&mut self, number: u128) {
        let [low, high] = [number as u64, (number >> 64) as u64];
        let product = u128::from(low ^ self.keys[0]) * u128::from(high ^ self.keys[1]);
        self.hash = (product as u64) ^ ((product >> 64) as u64);
    }

    #[inline(always)]
    fn write_u64(&mut self, number: u64) {
        self.write_u128(number.into());
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u128(u128::from(self.hash) << 64 | u128::from(byte));
        }
    }

    fn finish(&self) -> u64 {
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(text: &str) -> Vec<u32> {
        Words::of(text).numbers
    }

    #[test]
    fn words_are_told_apart_by_their_stems() {
        assert_eq!(stems("Painting painted PAINT. pain"), [0, 0, 0, 1]);
        assert_eq!(stems("Élan élan İx ix"), [0, 0, 1, 1]);
        assert_eq!(stems("天地天地。天"), [0, 1, 0, 2, 3]);
        assert_eq!(stems("…"), [0; 0]);
    }

    #[test]
    fn sides_that_share_words_are_more_alike() {
        let text = "red apples are red. red apples taste. blue whales swim. blue whales sing.";
        let offsets: Vec<u32> = text
            .match_indices(". ")
            .map(|(at, _)| at as u32 + 2)
            .collect();
        let found = cohesion(text, &offsets, 4, 1.0);
        assert!(
            found[0] > 0.0 && found[1] < 0.0 && found[2] > 0.0,
            "{found:?}"
        );
    }

    #[test]
    fn the_order_of_the_offsets_changes_nothing() {
        let text = "a b c a. d a b a! c d d. a a b c. d b e f b.".repeat(9);
        let offsets: Vec<u32> = (0..=text.len() as u32).collect();
        let mut expected = cohesion(&text, &offsets, 5, 0.5);
        let backwards: Vec<u32> = offsets.into_iter().rev().collect();
        expected.reverse();
        assert_eq!(cohesion(&text, &backwards, 5, 0.5), expected);
        assert_eq!(cohesion("", &[0], 5, 0.5), [0.0]);
    }
}
