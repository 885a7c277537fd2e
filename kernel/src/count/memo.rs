//! What is remembered of the pretokens seen lately: their numbers of tokens, and a value each.
//!
//! A language's frequent pretokens are few. Most answers are one look into a direct-mapped table, in
//! which each key has one slot. What is replaced there is looked up in the vocabulary or, if it had
//! to be merged, in a 4-way set-associative table. Segments of long pretokens are in both under keys
//! of their own, since a segment that is a token may be merged to several. What is too long for a key
//! is in a third table, by a hash. All are bounded, and nothing is counted or searched.
//!
//! Counting needs no value (`()`), encoding pretokens a [`Quad`] of ids, and words a `u32`.
//!
//! What was tried:
//! - No table but the vocabulary's, of 200,000 tokens: it does not fit into a core's cache. Half as
//!   many slots made prose of 15 MB 12 % slower.
//! - Two- or four-way sets in place of the first table: fewer misses, but more instructions for each
//!   hit. Slower.
//! - Replacing the oldest of a full set: a text of more words than there are entries, counted again,
//!   found none of them. So the way that is replaced does not depend on age.
//! - Remembering long pretokens at their first sight: clauses of Chinese never come again.

use crate::bpe::table::{Table, Zero, prefetch};
use crate::bpe::vocabulary::Key;

/// The slots of the first table: their numbers have 16 bits.
pub const SLOTS_LOG2: u32 = 16;
const SLOTS: usize = 1 << SLOTS_LOG2;
/// The bytes of a slot with a [`Quad`], as a power of two.
pub const SLOT_LOG2: u32 = size_of::<Entry<Quad>>().ilog2();
const WAYS: usize = 4;
const LONG_SETS_LOG2: u32 = 14;
const SEEN_LOG2: u32 = 15;
const LONG_BYTES: usize = 2 << 20;
/// The longest pretoken that is remembered, in bytes.
pub const LONGEST: usize = LONG_BYTES / 2;
/// The bits of an entry below its number of tokens.
const KEY_BITS: u32 = 124;

/// What is remembered of a pretoken besides its number of tokens.
pub trait Value: Zero + Default {
    /// The sets of the second table.
    const SETS_LOG2: u32;
}

impl Value for () {
    const SETS_LOG2: u32 = 16;
}

impl Value for u32 {
    const SETS_LOG2: u32 = 14;
}

/// The ids of up to four tokens or, of more, what tells where they are.
pub type Quad = [u32; 4];

/// With ids, a quarter of the sets: a larger table made a first pass over a text slower, for the
/// memory that it takes from the system.
impl Value for Quad {
    const SETS_LOG2: u32 = 14;
}

/// Pretokens -> their numbers of tokens, and values.
pub struct Memo<V: Value> {
    slots: Table<Entry<V>>,
    /// The same in sets, for keys of more than one token.
    sets: Table<[Entry<V>; WAYS]>,
    /// Which way of a full set is replaced next.
    next_way: usize,
    /// What is too long for a key; made when it is first needed.
    long: Option<Long<V>>,
}

/// A key, its number of tokens in the 4 bits above it, and its value beside it: in one cache line.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Entry<V> {
    key: u128,
    value: V,
}

// SAFETY: a structure of an integer, and of what may be zero.
unsafe impl<V: Zero> Zero for Entry<V> {}

impl<V: Value> Entry<V> {
    #[inline(always)]
    fn new(key: Key, tokens: usize, value: V) -> Self {
        let key = key.0 | (tokens as u128) << KEY_BITS;
        Entry { key, value }
    }

    /// The number of tokens, if the entry is the key's; else 0.
    #[inline(always)]
    fn tokens(&self, key: Key) -> usize {
        if (self.key ^ key.0) << (u128::BITS - KEY_BITS) == 0 {
            (self.key >> KEY_BITS) as usize
        } else {
            0
        }
    }
}

/// A view of the first table.
pub struct Slots<'a, V>(&'a [Entry<V>]);

impl<V: Value> Slots<'_, V> {
    /// The number of tokens of a key and its value, or 0 tokens and any value if it is not in its
    /// slot.
    #[inline(always)]
    pub fn get(&self, key: Key, slot: u16) -> (usize, V) {
        let entry = &self.0[usize::from(slot)];
        (entry.tokens(key), entry.value)
    }

    /// The value in a slot.
    #[inline(always)]
    pub fn value(&self, slot: u16) -> V {
        self.0[usize::from(slot)].value
    }

    /// Where the entry of the first slot starts, with its key. There are `1 << SLOTS_LOG2` entries.
    #[inline(always)]
    pub fn as_ptr(&self) -> *const u8 {
        self.0.as_ptr().cast()
    }
}

impl<V: Value> Memo<V> {
    /// Remembers nothing yet. Takes five megabytes, or four with ids.
    pub fn new() -> Self {
        Memo {
            slots: Table::zeroed(SLOTS),
            sets: Table::zeroed(1 << V::SETS_LOG2),
            next_way: 0,
            long: None,
        }
    }

    pub fn clear(&mut self) {
        self.slots.fill(Entry::default());
        self.sets.fill([Entry::default(); WAYS]);
        self.long = None;
    }

    /// The slot of a key, which it starts to fetch.
    #[inline(always)]
    pub fn slot(&self, key: Key) -> u16 {
        let slot = key.slot(SLOTS_LOG2);
        self.slots.prefetch(slot);
        slot as u16
    }

    /// Starts to fetch a slot.
    #[inline(always)]
    pub fn prefetch(&self, slot: u16) {
        self.slots.prefetch(slot.into());
    }

    #[inline(always)]
    pub fn slots(&self) -> Slots<'_, V> {
        Slots(&self.slots[..SLOTS])
    }

    #[inline(always)]
    pub fn prefetch_set(&self, key: Key) {
        self.sets.prefetch(key.slot(V::SETS_LOG2));
    }

    #[inline(always)]
    fn put_in_slot(&mut self, key: Key, entry: Entry<V>) {
        self.slots[key.slot(SLOTS_LOG2)] = entry;
    }

    /// Remembers a key that is one token, and was not in its slot.
    #[inline]
    pub fn put_single(&mut self, key: Key, value: V) {
        self.put_in_slot(key, Entry::new(key, 1, value));
    }

    /// The number of tokens, 1 to 15, and the value of a key that was not in its slot, if it was
    /// [`put`](Self::put) here.
    #[inline]
    pub fn find(&mut self, key: Key) -> Option<(usize, V)> {
        let set = &self.sets[key.slot(V::SETS_LOG2)];
        let (mut tokens, mut way) = (0, 0);
        // All ways are looked at: no branch predictor could guess which one it is.
        for (i, entry) in set.iter().enumerate() {
            let found = entry.tokens(key);
            tokens |= found;
            way |= if found == 0 { 0 } else { i };
        }
        if tokens == 0 {
            return None;
        }
        let entry = set[way % WAYS];
        self.put_in_slot(key, entry);
        Some((tokens, entry.value))
    }

    /// Remembers the number of tokens, 1 to 15, and the value of a key.
    #[inline]
    pub fn put(&mut self, key: Key, tokens: usize, value: V) {
        let entry = Entry::new(key, tokens, value);
        self.next_way = (self.next_way + 1) % WAYS;
        let ways = &mut self.sets[key.slot(V::SETS_LOG2)];
        let way = ways
            .iter()
            .position(|old| old.key == 0 || old.key == entry.key);
        ways[way.unwrap_or(self.next_way)] = entry;
        self.put_in_slot(key, entry);
    }

    /// Starts to fetch what tells whether something of this hash is known that is too long for a key.
    #[inline(always)]
    pub fn prefetch_long(&self, hash: u64) {
        if let Some(long) = &self.long {
            long.sets.prefetch(Long::<V>::set(hash));
        }
    }

    /// Starts to fetch the bytes of what has this hash, once that is there.
    #[inline(always)]
    pub fn prefetch_long_bytes(&self, hash: u64) {
        if let Some(long) = &self.long {
            for entry in &long.sets[Long::<V>::set(hash)] {
                if entry.hash == hash as u32 {
                    prefetch(long.bytes.as_ptr().wrapping_add(entry.start as usize));
                }
            }
        }
    }

    /// The number of tokens and the value of a pretoken, or of a segment of one, that is too long
    /// for a key, if it was put here; its hash is that of
    /// [`hash_bytes`](crate::bpe::vocabulary::hash_bytes).
    #[inline]
    pub fn find_long(
        &mut self,
        hash: u64,
        pretoken: &[u8],
        is_segment: bool,
    ) -> Option<(usize, V)> {
        let long = self.long.get_or_insert_with(Long::new);
        let (set, hash, extent) = (
            Long::<V>::set(hash),
            hash as u32,
            extent(pretoken, is_segment),
        );
        let is_it = |entry: &&LongEntry<V>| {
            entry.hash == hash && entry.extent == extent && long.bytes(entry) == pretoken
        };
        let found = long.sets[set].iter().find(is_it)?;
        Some((found.tokens as usize, found.value))
    }

    /// Remembers a pretoken, or a segment of one, of up to [`LONGEST`] bytes, that is not here: from
    /// the second time on. `value` is asked for its value then.
    #[inline]
    pub fn put_long(
        &mut self,
        hash: u64,
        pretoken: &[u8],
        is_segment: bool,
        tokens: usize,
        value: impl FnOnce() -> V,
    ) {
        let long = self.long.get_or_insert_with(Long::new);
        let seen = &mut long.seen[(hash as u32 >> (u32::BITS - SEEN_LOG2)) as usize];
        if std::mem::replace(seen, hash as u16) == hash as u16 {
            long.put(hash, pretoken, is_segment, tokens, value());
        }
    }
}

struct Long<V: Value> {
    /// For each hash, by some of its bits, others of the last one seen. What is seen for the first
    /// time is not kept: most of it is never seen again.
    seen: Table<u16>,
    sets: Table<[LongEntry<V>; WAYS]>,
    bytes: Vec<u8>,
}

/// A pretoken in `Long::bytes`, or a segment of one; none, if it has no extent.
#[derive(Clone, Copy, Default)]
struct LongEntry<V> {
    hash: u32,
    start: u32,
    extent: u32,
    tokens: u32,
    value: V,
}

// SAFETY: a structure of integers, and of what may be zero.
unsafe impl<V: Zero> Zero for LongEntry<V> {}

impl<V: Value> Long<V> {
    fn new() -> Self {
        Long {
            seen: Table::zeroed(1 << SEEN_LOG2),
            sets: Table::zeroed(1 << LONG_SETS_LOG2),
            bytes: Vec::with_capacity(LONG_BYTES),
        }
    }

    fn bytes(&self, entry: &LongEntry<V>) -> &[u8] {
        let start = entry.start as usize;
        &self.bytes[start..start + entry.extent as usize / 2]
    }

    fn set(hash: u64) -> usize {
        (hash >> (u64::BITS - LONG_SETS_LOG2)) as usize
    }

    fn put(&mut self, hash: u64, pretoken: &[u8], is_segment: bool, tokens: usize, value: V) {
        if self.bytes.len() + pretoken.len() > LONG_BYTES {
            self.bytes.clear();
            self.sets.fill(Default::default());
        }
        let entry = LongEntry {
            hash: hash as u32,
            start: self.bytes.len() as u32,
            extent: extent(pretoken, is_segment),
            tokens: tokens as u32,
            value,
        };
        self.bytes.extend_from_slice(pretoken);
        let set = &mut self.sets[Self::set(hash)];
        let [first, second, third, _] = *set;
        *set = [entry, first, second, third];
    }
}

/// What an entry says of a pretoken but for its bytes: twice its length, and 1 more for a segment.
fn extent(pretoken: &[u8], is_segment: bool) -> u32 {
    2 * pretoken.len() as u32 + u32::from(is_segment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bpe::vocabulary::hash_bytes;
    use proptest::prelude::*;

    #[test]
    fn what_is_long_is_found_as_it_was_put_or_not_at_all() {
        let text: Vec<u8> = (0..LONGEST + 9).map(|i| (i / 7) as u8).collect();
        let mut memo = Memo::<Quad>::new();
        let mut found = 0;
        for number in (0..18).chain(0..18).chain(0..180) {
            let pretoken = &text[number % 9..][..LONGEST >> (number % 18)];
            let is_segment = number % 2 == 0;
            let (hash, tokens, value) = (
                hash_bytes(pretoken),
                2 * pretoken.len() + usize::from(is_segment),
                [number as u32 % 18; 4],
            );
            match memo.find_long(hash, pretoken, is_segment) {
                Some(known) => {
                    assert_eq!(known, (tokens, value));
                    found += 1;
                }
                None => memo.put_long(hash, pretoken, is_segment, tokens, || value),
            }
        }
        assert!(found > 90, "{found}");
    }

    proptest! {
        #[test]
        fn nothing_long_is_mistaken_for_another(
            lengths in proptest::collection::vec((17..400usize, 0..3u8, any::<bool>()), 1..200),
        ) {
            let mut memo = Memo::<()>::new();
            let mut put = std::collections::HashMap::new();
            for (number, (length, byte, is_segment)) in lengths.into_iter().enumerate() {
                let pretoken = vec![byte; length];
                // The same for all, as if all hashes were alike.
                let found = memo.find_long(1, &pretoken, is_segment).map(|(tokens, ())| tokens);
                let key = (pretoken, is_segment);
                prop_assert!(found.is_none() || found == put.get(&key).copied());
                if found.is_none() {
                    memo.put_long(1, &key.0, is_segment, number, || ());
                    put.insert(key, number);
                }
            }
        }

        #[test]
        fn a_key_is_found_as_it_was_put_or_not_at_all(
            words in proptest::collection::vec(("[a-d]{1,3}", any::<bool>(), 1..16usize), 1..200),
        ) {
            let mut memo = Memo::<Quad>::new();
            let mut put = std::collections::HashMap::new();
            for (number, (word, is_single, tokens)) in (0..).zip(words) {
                let value = [number, 1, 2, 3];
                let key = Key::of(word.as_bytes(), 0, word.len());
                let slot = memo.slot(key);
                let found = match memo.slots().get(key, slot) {
                    (0, _) => memo.find(key),
                    found => Some(found),
                };
                prop_assert!(found.is_none() || found == put.get(&word).copied());
                if found.is_none() {
                    let tokens = if is_single { 1 } else { tokens };
                    if is_single {
                        memo.put_single(key, value);
                    } else {
                        memo.put(key, tokens, value);
                    }
                    put.insert(word, (tokens, value));
                }
            }
        }
    }
}
