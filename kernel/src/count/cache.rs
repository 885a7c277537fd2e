//! The token counts of the pretokens seen lately.
//!
//! A language's frequent pretokens are few. Most answers are one probe of a table in which each key has
//! one place. What is pushed out of there is looked up in the vocabulary, or, if it had to be merged,
//! in a second table, in sets of four. Parts of long pretokens are there too, under keys of their own,
//! since a part that is a token may be merged to others. All are bounded: nothing is counted or
//! searched.

use crate::bpe::table::{Table, Zero};
use crate::bpe::vocabulary::Key;

/// Places are numbers of 16 bits.
const FIRST_LOG2: u32 = 16;
const PLACES: usize = 1 << FIRST_LOG2;
const SETS_LOG2: u32 = 16;
const LONG_SETS_LOG2: u32 = 14;
const SEEN_LOG2: u32 = 15;
const LONG_BYTES: usize = 4 << 20;
/// The longest pretoken that is remembered, in bytes.
pub const LONGEST: usize = LONG_BYTES / 2;

/// Pretokens -> their numbers of tokens.
pub struct Cache {
    /// Keys, each with its number of tokens in the 4 bits above it, at their only place.
    first: Table<u128>,
    /// The same in sets, for keys of more than one token.
    sets: Table<[u128; 4]>,
    /// Which one of a full set is the next to go.
    turn: usize,
    /// What is too long for a key; made when it is first needed.
    long: Option<Long>,
}

struct Long {
    /// Of each hash, by some of its bits, others of the last one seen. What is seen for the first
    /// time is not kept: most of it is never seen again.
    seen: Table<u16>,
    sets: Table<[LongEntry; 4]>,
    bytes: Vec<u8>,
}

/// A pretoken in `Long::bytes`, or a part of one; one without an extent is none.
#[derive(Clone, Copy, Default)]
struct LongEntry {
    hash: u32,
    start: u32,
    extent: u32,
    tokens: u32,
}

// SAFETY: a structure of integers.
unsafe impl Zero for LongEntry {}

/// The number of tokens in an entry, if it is the key's; else 0.
#[inline(always)]
fn tokens(entry: u128, key: Key) -> usize {
    if (entry ^ key.0) << 4 == 0 {
        (entry >> 124) as usize
    } else {
        0
    }
}

/// The places of keys, which have one each.
pub struct Places<'a>(&'a [u128; PLACES]);

impl Places<'_> {
    /// The number of tokens of a key, or 0 if it is not at its place.
    #[inline(always)]
    pub fn tokens(&self, key: Key, place: u16) -> u32 {
        tokens(self.0[usize::from(place)], key) as u32
    }
}

impl Cache {
    /// An empty cache, of some four and a half megabytes.
    pub fn new() -> Self {
        Cache {
            first: Table::zeroed(1 << FIRST_LOG2),
            sets: Table::zeroed(1 << SETS_LOG2),
            turn: 0,
            long: None,
        }
    }

    /// The place of a key, which it starts to fetch.
    #[inline(always)]
    pub fn place(&self, key: Key) -> u16 {
        let place = key.slot(FIRST_LOG2);
        self.first.prefetch(place);
        place as u16
    }

    /// What is at each place.
    #[inline(always)]
    pub fn places(&self) -> Places<'_> {
        Places(self.first.first_chunk().unwrap_or(&[0; PLACES]))
    }

    /// Starts to fetch the set of a key.
    #[inline(always)]
    pub fn prefetch_set(&self, key: Key) {
        self.sets.prefetch(key.slot(SETS_LOG2));
    }

    /// Remembers that a key that was not at its place is one token; that number.
    #[inline]
    pub fn put_single(&mut self, key: Key) -> usize {
        self.first[key.slot(FIRST_LOG2)] = key.0 | 1 << 124;
        1
    }

    /// The number of tokens, 1 to 15, of a key that was not at its place, if it was put here.
    #[inline]
    pub fn find(&mut self, key: Key) -> Option<usize> {
        let set = &self.sets[key.slot(SETS_LOG2)];
        // All four are looked at: no branch could guess which one it is.
        let found = set
            .iter()
            .fold(0, |found, &entry| found | tokens(entry, key));
        if found == 0 {
            return None;
        }
        self.first[key.slot(FIRST_LOG2)] = key.0 | (found as u128) << 124;
        Some(found)
    }

    /// Remembers the number of tokens, 1 to 15, of a key.
    #[inline]
    pub fn put(&mut self, key: Key, tokens: usize) {
        let entry = key.0 | (tokens as u128) << 124;
        let set = &mut self.sets[key.slot(SETS_LOG2)];
        // Not the oldest: a text of more words than there is room for, read again, would find none.
        self.turn = self.turn.wrapping_add(1);
        let way = set.iter().position(|&old| old == 0 || old == entry);
        set[way.unwrap_or(self.turn % 4)] = entry;
        self.first[key.slot(FIRST_LOG2)] = entry;
    }

    /// The number of tokens of a pretoken, or of a part of one, if it was put here; its hash is that
    /// of [`hash_bytes`].
    #[inline]
    pub fn find_long(&mut self, hash: u64, pretoken: &[u8], is_part: bool) -> Option<usize> {
        let long = self.long.get_or_insert_with(Long::new);
        let (set, hash, extent) = (Long::set(hash), hash as u32, extent(pretoken, is_part));
        let is_it = |entry: &&LongEntry| {
            entry.hash == hash && entry.extent == extent && long.bytes(entry) == pretoken
        };
        let found = long.sets[set].iter().find(is_it)?;
        Some(found.tokens as usize)
    }

    /// Remembers the number of tokens of a pretoken, or of a part of one, of up to [`LONGEST`] bytes,
    /// that is not here: from the second time on.
    #[inline]
    pub fn put_long(&mut self, hash: u64, pretoken: &[u8], is_part: bool, tokens: usize) {
        let long = self.long.get_or_insert_with(Long::new);
        let seen = &mut long.seen[(hash as u32 >> (u32::BITS - SEEN_LOG2)) as usize];
        if std::mem::replace(seen, hash as u16) == hash as u16 {
            long.put(hash, pretoken, is_part, tokens);
        }
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self::new()
    }
}

impl Long {
    fn new() -> Self {
        Long {
            seen: Table::zeroed(1 << SEEN_LOG2),
            sets: Table::zeroed(1 << LONG_SETS_LOG2),
            bytes: Vec::with_capacity(LONG_BYTES),
        }
    }

    fn bytes(&self, entry: &LongEntry) -> &[u8] {
        let start = entry.start as usize;
        &self.bytes[start..start + entry.extent as usize / 2]
    }

    fn set(hash: u64) -> usize {
        (hash >> (u64::BITS - LONG_SETS_LOG2)) as usize
    }

    fn put(&mut self, hash: u64, pretoken: &[u8], is_part: bool, tokens: usize) {
        if self.bytes.len() + pretoken.len() > LONG_BYTES {
            self.bytes.clear();
            self.sets.fill(Default::default());
        }
        let entry = LongEntry {
            hash: hash as u32,
            start: self.bytes.len() as u32,
            extent: extent(pretoken, is_part),
            tokens: tokens as u32,
        };
        self.bytes.extend_from_slice(pretoken);
        let set = &mut self.sets[Self::set(hash)];
        let [first, second, third, _] = *set;
        *set = [entry, first, second, third];
    }
}

/// What an entry says of a pretoken but for its bytes: twice its length, and 1 more if it is a part.
fn extent(pretoken: &[u8], is_part: bool) -> u32 {
    2 * pretoken.len() as u32 + u32::from(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bpe::vocabulary::hash_bytes;
    use proptest::prelude::*;

    #[test]
    fn what_is_long_is_found_as_it_was_put_or_not_at_all() {
        let text: Vec<u8> = (0..LONGEST + 9).map(|i| (i / 7) as u8).collect();
        let mut cache = Cache::new();
        let mut found = 0;
        for number in (0..18).chain(0..18).chain(0..180) {
            let pretoken = &text[number % 9..][..LONGEST >> (number % 18)];
            let is_part = number % 2 == 0;
            let (hash, tokens) = (
                hash_bytes(pretoken),
                2 * pretoken.len() + usize::from(is_part),
            );
            match cache.find_long(hash, pretoken, is_part) {
                Some(known) => {
                    assert_eq!(known, tokens);
                    found += 1;
                }
                None => cache.put_long(hash, pretoken, is_part, tokens),
            }
        }
        assert!(found > 90, "{found}");
    }

    proptest! {
        #[test]
        fn nothing_is_mistaken_for_another(
            lengths in proptest::collection::vec((17..400usize, 0..3u8, any::<bool>()), 1..200),
        ) {
            let mut cache = Cache::new();
            let mut put = std::collections::HashMap::new();
            for (number, (length, byte, is_part)) in lengths.into_iter().enumerate() {
                let pretoken = vec![byte; length];
                // The same for all, as if all hashes were alike.
                let found = cache.find_long(1, &pretoken, is_part);
                let key = (pretoken, is_part);
                prop_assert!(found.is_none() || found == put.get(&key).copied());
                if found.is_none() {
                    cache.put_long(1, &key.0, is_part, number);
                    put.insert(key, number);
                }
            }
        }
    }
}
