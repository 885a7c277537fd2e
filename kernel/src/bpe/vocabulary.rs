//! Token bytes <-> rank.
//!
//! Counting asks one thing, millions of times a second: is this pretoken a token? So tokens of up to
//! 15 bytes are keys themselves: the bytes and their number in one `u128`, three keys and their ranks
//! to a cache line. (Keys and ranks in two tables waited for memory twice.) The few longer tokens are
//! found by a hash of their bytes.

use crate::bpe::barriers::{Barriers, Segments};
use crate::bpe::table::{Table, Zero};
use crate::text::unicode::is_lead;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The longest token that is a key, in bytes.
pub const KEY_BYTES: usize = 15;
/// The longest token that a vocabulary may hold, in bytes.
pub const MAX_TOKEN: usize = 1 << 16;

/// How many tokens a vocabulary may hold: merging packs a rank and an offset into 32 bits.
const MAX_TOKENS: usize = (1 << 24) - 1;

const BUCKET: usize = 3;
/// The bits of the filter, as a power of two.
const FILTER_LOG2: u32 = 21;
/// To merge this many bytes of unsplit pretokens takes as long as to find the barriers.
const WORTH_BARRIERS: usize = 1 << 15;
/// How many buckets or slots a token may be from where its hash says. At the loads here that is some
/// tens; more of them are tokens that somebody made collide, which would take quadratic time.
const MAX_PROBES: usize = 1 << 10;
/// How many insertions ahead memory is fetched.
const AHEAD: u32 = 32;
const MAGIC: &[u8; 8] = b"ctxvocab";
const VERSION: u32 = 1;
/// The rank of what is not a token.
pub const NO_RANK: u32 = u32::MAX;

/// What the halves of a key are multiplied with, for its hash.
pub const LOW_FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
pub const HIGH_FACTOR: u64 = 0xd6e8_feb8_6659_fd93;

/// The bytes of a token or pretoken of at most 15 bytes, and how many they are, in the low 124 bits.
///
/// The 4 bits above are for a [`crate::count::memo::Memo`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(transparent)]
pub struct Key(pub u128);

// SAFETY: a key is an integer.
unsafe impl Zero for Key {}

impl Key {
    const MASK: [u128; 16] = {
        let (mut masks, mut i) = ([0; 16], 1);
        while i < 16 {
            masks[i] = u128::MAX >> (128 - 8 * i);
            i += 1;
        }
        masks
    };

    pub const NONE: Self = Key(0);

    /// The key of `text[start..start + length]`, or [`Key::NONE`] if it is too long for one.
    #[inline(always)]
    pub fn of(text: &[u8], start: usize, length: usize) -> Self {
        let length = if length > KEY_BYTES { 0 } else { length };
        let word = match text.get(start..).and_then(|b| b.first_chunk::<16>()) {
            Some(word) => u128::from_le_bytes(*word),
            None => Self::near_end(text, start, length),
        };
        Key(word & Self::MASK[length] | (length as u128) << 120)
    }

    /// The same bytes where fewer than 16 follow.
    #[inline(never)]
    fn near_end(text: &[u8], start: usize, length: usize) -> u128 {
        if let Some(&last) = text.last_chunk::<16>() {
            let before = 8 * (start + last.len() - text.len()) as u32;
            return u128::from_le_bytes(last).checked_shr(before).unwrap_or(0);
        }
        let mut word = [0; 16];
        word[..length].copy_from_slice(&text[start..start + length]);
        u128::from_le_bytes(word)
    }

    /// The key of a segment of a pretoken, of up to 14 bytes of UTF-8. No pretoken has it: a segment
    /// that is a token may be merged to others.
    #[inline(always)]
    pub const fn of_segment(self) -> Self {
        Key(self.0 | 0xff << 112)
    }

    /// The key's slot in a table of `1 << log2` slots.
    #[inline(always)]
    pub fn slot(self, log2: u32) -> usize {
        let low = (self.0 as u64).wrapping_mul(LOW_FACTOR);
        let high = ((self.0 >> 64) as u64).wrapping_mul(HIGH_FACTOR);
        (low.wrapping_add(high) >> (u64::BITS - log2)) as usize
    }
}

/// A hash, good in its high bits, of bytes of any length.
#[inline]
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = bytes.len() as u64;
    let mut mix = |word: [u8; 8]| {
        let product = u128::from(hash ^ u64::from_le_bytes(word)) * u128::from(K);
        hash = (product as u64) ^ (product >> 64) as u64;
    };
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().for_each(|word| mix(*word));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(last);
    hash.wrapping_mul(K)
}

#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    Format,
    Length,
    TokenLength(usize),
    Duplicate(&'static str),
    /// Too many tokens have the same hash.
    Collision,
    /// There are too many tokens, or too many bytes of them.
    TooLarge,
    /// A single byte that is not a token, so that some texts have no encoding.
    MissingByte(u8),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Format => write!(f, "this is not a packaged vocabulary of version {VERSION}"),
            Error::Length => write!(f, "the vocabulary is truncated, or has bytes after its end"),
            Error::TokenLength(n) => write!(f, "a token has {n} bytes, not 1 to {MAX_TOKEN}"),
            Error::Duplicate(what) => {
                write!(f, "two tokens of the vocabulary have the same {what}")
            }
            Error::Collision => write!(f, "too many tokens of the vocabulary collide"),
            Error::TooLarge => write!(f, "the vocabulary is too large"),
            Error::MissingByte(byte) => write!(f, "the byte {byte:#04x} has no token"),
        }
    }
}

/// The tokens of a tokenizer, in the order of their ranks.
///
/// A token's *rank* here is its number in that order, which is all that merging needs. Its *id* is
/// what the model knows it by.
pub struct Vocabulary {
    bytes: Vec<u8>,
    /// Where in `bytes` each token starts, and where the last one ends.
    starts: Vec<u32>,
    ids: Ids,
    /// A key is in the first bucket with a free slot, from that of its hash on.
    buckets: Table<Bucket>,
    /// A bit for each hash that some key has. Merging asks mostly for what is not a token, and nine
    /// times in ten a quarter of a megabyte says so, not a random line of many megabytes.
    filter: Table<u32>,
    /// Ranks of the tokens that are too long for a key, by hash and linear probing.
    long: Vec<u32>,
    /// The ranks of all pairs of bytes.
    pairs: Vec<u32>,
    /// The ranks of the single bytes.
    singles: [u32; 256],
    /// The length of the longest token, in bytes.
    pub longest: usize,
    barriers: OnceLock<Barriers>,
    /// The bytes of the pretokens that were not split, since the barriers were not known yet.
    unsplit: AtomicUsize,
}

/// Some keys and their ranks, in one cache line, so that a look-up waits for memory once.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Bucket {
    keys: [Key; BUCKET],
    ranks: [u32; BUCKET],
}

// SAFETY: a structure of integers.
unsafe impl Zero for Bucket {}

enum Ids {
    From(u32),
    /// By rank, and (id, rank) in the order of ids.
    Listed(Vec<u32>, Vec<(u32, u32)>),
}

impl Vocabulary {
    /// A vocabulary from a packaged file's content: see `ctxtools/encodings/vocabulary.py`.
    pub fn unpack(data: &[u8]) -> Result<Self, Error> {
        let (magic, rest) = data.split_first_chunk::<8>().ok_or(Error::Format)?;
        let (version, rest) = take_u32(rest).ok_or(Error::Format)?;
        if magic != MAGIC || version != VERSION {
            return Err(Error::Format);
        }
        let (first, rest) = take_u32(rest).ok_or(Error::Length)?;
        let (n, rest) = take_u32(rest).ok_or(Error::Length)?;
        let (lengths, bytes) = rest.split_at_checked(n as usize).ok_or(Error::Length)?;
        first.checked_add(n).ok_or(Error::TooLarge)?;
        let lengths = lengths.iter().map(|&length| usize::from(length));
        Self::build(bytes.to_vec(), lengths, Ids::From(first))
    }

    /// A vocabulary from tokens with their ids and ranks, in any order.
    pub fn from_tokens(mut tokens: Vec<(Vec<u8>, u32, u32)>) -> Result<Self, Error> {
        tokens.sort_unstable_by_key(|&(_, _, rank)| rank);
        if tokens.windows(2).any(|pair| pair[0].2 == pair[1].2) {
            return Err(Error::Duplicate("rank"));
        }
        let ids = tokens.iter().map(|&(_, id, _)| id).collect();
        let lengths: Vec<usize> = tokens.iter().map(|(bytes, ..)| bytes.len()).collect();
        let bytes = tokens
            .iter()
            .flat_map(|(bytes, ..)| bytes)
            .copied()
            .collect();
        Self::from_ranked(bytes, &lengths, ids)
    }

    /// A vocabulary from tokens in the order of their ranks: all their bytes, how many each has, and
    /// their ids.
    pub fn from_ranked(bytes: Vec<u8>, lengths: &[usize], ids: Vec<u32>) -> Result<Self, Error> {
        let mut by_id: Vec<(u32, u32)> = ids.iter().copied().zip(0..).collect();
        by_id.sort(); // which is quick where they are in order
        if by_id.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(Error::Duplicate("id"));
        }
        Self::build(bytes, lengths.iter().copied(), Ids::Listed(ids, by_id))
    }

    fn build(
        bytes: Vec<u8>,
        lengths: impl ExactSizeIterator<Item = usize>,
        ids: Ids,
    ) -> Result<Self, Error> {
        // The load is at most four fifths.
        let buckets = (lengths.len() * 5 / 4).div_ceil(BUCKET).max(2);
        if lengths.len() >= MAX_TOKENS || bytes.len() >= u32::MAX as usize {
            return Err(Error::TooLarge);
        }
        let mut vocabulary = Vocabulary {
            starts: starts(&bytes, lengths)?,
            bytes,
            ids,
            buckets: Table::zeroed(buckets),
            filter: Table::zeroed(1 << (FILTER_LOG2 - 5)),
            long: Vec::new(),
            pairs: vec![NO_RANK; 1 << 16],
            singles: [NO_RANK; 256],
            longest: 0,
            barriers: OnceLock::new(),
            unsplit: AtomicUsize::new(0),
        };
        vocabulary.insert_all()?;
        match bytes_of_text().find(|&byte| vocabulary.singles[usize::from(byte)] == NO_RANK) {
            Some(byte) => Err(Error::MissingByte(byte)),
            None => Ok(vocabulary),
        }
    }

    fn insert_all(&mut self) -> Result<(), Error> {
        let mut long = Vec::new();
        let mut keys = [Key::NONE; AHEAD as usize];
        let count = self.token_count() as u32;
        for next in 0..count + AHEAD {
            let slot = (next % AHEAD) as usize;
            let key = keys[slot];
            if next < count {
                keys[slot] = self.prepare(next);
            }
            match next.checked_sub(AHEAD) {
                Some(rank) if key == Key::NONE => long.push(rank),
                Some(rank) => self.insert(key, rank)?,
                None => {}
            }
        }
        self.long = vec![NO_RANK; (long.len() * 2).next_power_of_two().max(2)];
        for rank in long {
            let (start, end) = self.span(rank);
            let bytes = &self.bytes[start..end];
            let slot = self.long_slot(bytes);
            if self.long[slot] != NO_RANK {
                return Err(Error::Duplicate("bytes"));
            }
            let mask = self.long.len() - 1;
            if slot.wrapping_sub(self.first_long_slot(bytes)) & mask > MAX_PROBES {
                return Err(Error::Collision);
            }
            self.long[slot] = rank;
        }
        Ok(())
    }

    /// The key of the token of a rank, [`Key::NONE`] if it is too long for one. Starts to fetch what
    /// inserting it will touch.
    #[inline(always)]
    fn prepare(&mut self, rank: u32) -> Key {
        let (start, end) = self.span(rank);
        self.longest = self.longest.max(end - start);
        match self.bytes[start..end] {
            [byte] => self.singles[usize::from(byte)] = rank,
            [first, second] => self.pairs[pair_index(first, second)] = rank,
            _ => {}
        }
        let key = Key::of(&self.bytes, start, end - start);
        self.prefetch(key);
        key
    }

    /// How many keys a bucket has varies without a pattern, so that there is no branch on each.
    #[inline(always)]
    fn insert(&mut self, key: Key, rank: u32) -> Result<(), Error> {
        let (word, bit) = Self::filter_bit(key);
        self.filter[word] |= bit;
        let mut bucket = self.bucket(key);
        for _ in 0..=MAX_PROBES {
            let Bucket { keys, ranks } = &mut self.buckets[bucket];
            if keys
                .iter()
                .fold(false, |found, &each| found | (each == key))
            {
                return Err(Error::Duplicate("bytes"));
            }
            let taken = keys.iter().map(|&each| usize::from(each != Key::NONE));
            let taken = taken.sum::<usize>();
            if taken < BUCKET {
                (keys[taken], ranks[taken]) = (key, rank);
                return Ok(());
            }
            bucket = self.next_bucket(bucket);
        }
        Err(Error::Collision)
    }

    /// The bucket after this one, with wrap-around.
    #[inline(always)]
    fn next_bucket(&self, bucket: usize) -> usize {
        if bucket + 1 == self.buckets.len() {
            0
        } else {
            bucket + 1
        }
    }

    /// The word of the filter, and the bit in it, of a key.
    #[inline(always)]
    fn filter_bit(key: Key) -> (usize, u32) {
        let bit = key.slot(FILTER_LOG2);
        (bit >> 5, 1 << (bit & 31))
    }

    #[inline(always)]
    fn bucket(&self, key: Key) -> usize {
        // A hash of 32 bits, scaled to the number of buckets.
        let scaled = key.slot(u32::BITS) as u64 * self.buckets.len() as u64;
        (scaled >> u32::BITS) as usize
    }

    /// The slot in `long` of these bytes, or the free one where they would be.
    fn long_slot(&self, bytes: &[u8]) -> usize {
        let mask = self.long.len() - 1;
        let mut slot = self.first_long_slot(bytes);
        while self.long[slot] != NO_RANK && self.token(self.long[slot]) != bytes {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// The slot in `long` that the hash of these bytes says.
    fn first_long_slot(&self, bytes: &[u8]) -> usize {
        (hash_bytes(bytes) >> 32) as usize & (self.long.len() - 1)
    }

    fn span(&self, rank: u32) -> (usize, usize) {
        let rank = rank as usize;
        (self.starts[rank] as usize, self.starts[rank + 1] as usize)
    }

    pub fn token_count(&self) -> usize {
        self.starts.len() - 1
    }

    /// One more than the highest id.
    pub fn size(&self) -> usize {
        match &self.ids {
            Ids::From(first) => *first as usize + self.token_count(),
            Ids::Listed(_, by_id) => by_id.last().map_or(0, |&(id, _)| id as usize + 1),
        }
    }

    pub fn token(&self, rank: u32) -> &[u8] {
        let (start, end) = self.span(rank);
        &self.bytes[start..end]
    }

    /// As [`Barriers::split`]. Until finding the barriers is worth it, all is one segment: most texts
    /// hardly ask.
    #[inline]
    pub fn split(&self, text: &[u8], start: usize, end: usize, segments: &mut Segments) -> usize {
        let is_worth_it = || {
            let asked = self.unsplit.fetch_add(end - start, Ordering::Relaxed);
            asked + (end - start) > WORTH_BARRIERS
        };
        if self.barriers.get().is_none() && !is_worth_it() {
            segments.push(start, end);
            return end;
        }
        let tokens = || (0..self.token_count() as u32).map(|rank| self.token(rank));
        let barriers = self.barriers.get_or_init(|| Barriers::new(tokens()));
        barriers.split(text, start, end, segments)
    }

    /// The first barrier in a pretoken that ends at `end` after the character at `at` or in which that
    /// is; or the end.
    pub fn barrier_after(&self, text: &[u8], at: usize, end: usize) -> usize {
        let start = (at..end).find(|&at| is_lead(text[at])).unwrap_or(end);
        let mut segments = Segments::new();
        self.split(text, start, end, &mut segments);
        segments.get(0).map_or(end, |(_, end)| end)
    }

    pub fn id(&self, rank: u32) -> u32 {
        match &self.ids {
            Ids::From(first) => first + rank,
            Ids::Listed(ids, _) => ids[rank as usize],
        }
    }

    pub fn bytes_of_id(&self, id: u32) -> Option<&[u8]> {
        let rank = match &self.ids {
            Ids::From(first) => id
                .checked_sub(*first)
                .filter(|&r| (r as usize) < self.token_count())?,
            Ids::Listed(_, by_id) => by_id[by_id.binary_search_by_key(&id, |&(id, _)| id).ok()?].1,
        };
        Some(self.token(rank))
    }

    /// Starts to fetch what `has_key` will ask for.
    #[inline(always)]
    pub fn prefetch(&self, key: Key) {
        self.filter.prefetch(Self::filter_bit(key).0);
        self.buckets.prefetch(self.bucket(key));
    }

    /// Starts to fetch what `rank` will ask for.
    #[inline(always)]
    pub fn prefetch_rank(&self, text: &[u8], start: usize, end: usize) {
        if end - start <= KEY_BYTES {
            self.prefetch(Key::of(text, start, end - start));
        }
    }

    /// Whether a key is that of a token.
    ///
    /// Whether it is has no pattern that a branch predictor could guess. So there is one branch on
    /// that, not one on each key of a bucket.
    #[inline(always)]
    pub fn has_key(&self, key: Key) -> bool {
        let (word, bit) = Self::filter_bit(key);
        if self.filter[word] & bit == 0 {
            return false;
        }
        let mut bucket = self.bucket(key);
        loop {
            let keys = &self.buckets[bucket].keys;
            if keys
                .iter()
                .fold(false, |found, &each| found | (each == key))
            {
                return true;
            }
            if keys[BUCKET - 1] == Key::NONE {
                return false;
            }
            bucket = self.next_bucket(bucket);
        }
    }

    /// The rank of the token of a key, or [`NO_RANK`], for keys of which most are none's.
    #[inline(always)]
    pub fn find(&self, key: Key) -> u32 {
        let (word, bit) = Self::filter_bit(key);
        match self.filter[word] & bit {
            0 => NO_RANK,
            _ => self.rank_of_key(key),
        }
    }

    /// The rank of the token of a key, or [`NO_RANK`]. One branch, as in [`Vocabulary::has_key`].
    #[inline(always)]
    fn rank_of_key(&self, key: Key) -> u32 {
        let mut bucket = self.bucket(key);
        loop {
            let Bucket { keys, ranks } = &self.buckets[bucket];
            let each = keys.iter().zip(ranks);
            let rank = each.fold(
                NO_RANK,
                |found, (each, &rank)| {
                    if *each == key { rank } else { found }
                },
            );
            if rank != NO_RANK || keys[BUCKET - 1] == Key::NONE {
                return rank;
            }
            bucket = self.next_bucket(bucket);
        }
    }

    /// The rank of the token that `text[start..end]` is, or [`NO_RANK`].
    #[inline(always)]
    pub fn rank(&self, text: &[u8], start: usize, end: usize) -> u32 {
        match end - start {
            2 => self.pairs[pair_index(text[start], text[start + 1])],
            length @ 3..=KEY_BYTES => self.find(Key::of(text, start, length)),
            1 => self.singles[usize::from(text[start])],
            _ => self.rank_of_long(&text[start..end]),
        }
    }

    #[inline(never)]
    fn rank_of_long(&self, bytes: &[u8]) -> u32 {
        if bytes.is_empty() || bytes.len() > self.longest {
            return NO_RANK;
        }
        self.long[self.long_slot(bytes)]
    }
}

/// The bytes that are in UTF-8, each of which has to be a token.
pub fn bytes_of_text() -> impl Iterator<Item = u8> {
    (0..=0xf4).filter(|byte| !matches!(byte, 0xc0 | 0xc1))
}

/// Where each token starts, and where the last one ends: the prefix sums of the lengths.
fn starts(bytes: &[u8], lengths: impl ExactSizeIterator<Item = usize>) -> Result<Vec<u32>, Error> {
    let mut starts = Vec::with_capacity(lengths.len() + 1);
    let mut end = 0;
    starts.push(0);
    for length in lengths {
        if length == 0 || length > MAX_TOKEN {
            return Err(Error::TokenLength(length));
        }
        end += length;
        // A sum beyond the bytes is caught below; one beyond u32 cannot be within them.
        starts.push(end as u32);
    }
    if end == bytes.len() {
        Ok(starts)
    } else {
        Err(Error::Length)
    }
}

fn take_u32(data: &[u8]) -> Option<(u32, &[u8])> {
    let (value, rest) = data.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*value), rest))
}

#[inline(always)]
fn pair_index(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(tokens: impl Iterator<Item = Vec<u8>>) -> Option<Error> {
        let singles = (0..=255u8).map(|byte| vec![byte]);
        let ranked = singles.chain(tokens).zip(0..);
        Vocabulary::from_tokens(ranked.map(|(token, id)| (token, id, id)).collect()).err()
    }

    #[test]
    fn tokens_that_were_made_to_collide_are_an_error() {
        // What the low half must be multiplied by, modulo 2^64, to undo its factor in `Key::slot`.
        let factor = 0x9e37_79b9_7f4a_7c15u64;
        let inverse = (0..6).fold(factor, |x, _| {
            x.wrapping_mul(2u64.wrapping_sub(factor.wrapping_mul(x)))
        });
        let token = |n: u64| {
            let high = n | 15 << 56;
            let low = high.wrapping_mul(0xd6e8_feb8_6659_fd93).wrapping_neg();
            let low = low.wrapping_mul(inverse);
            [&low.to_le_bytes()[..], &high.to_le_bytes()[..7]].concat()
        };
        assert_eq!(build((0..100).map(token)), None);
        assert_eq!(build((0..10_000).map(token)), Some(Error::Collision));
        // A first word that is the state of the hash makes it zero.
        let long = |n: u64| {
            let start = 24u64.to_le_bytes();
            let state = |word: u64, hash: u64| {
                let product = u128::from(hash ^ word) * u128::from(factor);
                (product as u64) ^ (product >> 64) as u64
            };
            let second = n.to_le_bytes();
            let third = state(n, state(24, 24)).to_le_bytes();
            [start, second, third].concat()
        };
        assert_eq!(build((0..100).map(long)), None);
        assert_eq!(build((0..10_000).map(long)), Some(Error::Collision));
    }

    #[test]
    fn other_tokens_do_not_collide() {
        let token = |n: u32| format!("{n:03x}").into_bytes();
        let long = |n: u32| format!("{n:020}").into_bytes();
        assert_eq!(build((0..200_000).map(token)), None);
        assert_eq!(build((0..200_000).map(long)), None);
    }
}
