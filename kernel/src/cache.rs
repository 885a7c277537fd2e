//! The token counts of the pretokens seen lately.
//!
//! A language's frequent pretokens are few. This table of them fits into the core's own cache, where
//! the vocabulary does not, and remembers what merging has found. It is bounded, and what is new
//! replaces what was in its place: nothing is counted, aged or searched.

use crate::vocabulary::{Key, hash_bytes};

const SLOTS_LOG2: u32 = 15;
const LONG_SLOTS: usize = 1 << 13;
const LONG_BYTES: usize = 1 << 20;
/// The longest pretoken that is remembered, in bytes.
pub const LONGEST: usize = 255;

/// Pretokens -> their numbers of tokens.
pub struct Cache {
    /// Keys with the number of tokens in the 4 bits above them.
    short: Box<[u128; 1 << SLOTS_LOG2]>,
    long: Vec<LongEntry>,
    /// The bytes of the long entries.
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Default)]
struct LongEntry {
    start: u32,
    length: u16,
    tokens: u16,
    hash: u32,
}

const KEY_MASK: u128 = u128::MAX >> 4;

impl Cache {
    /// An empty cache, of half a megabyte.
    pub fn new() -> Self {
        let short = vec![0; 1 << SLOTS_LOG2].into_boxed_slice();
        Cache {
            short: short.try_into().unwrap_or_else(|_| unreachable!("the length is the array's")),
            long: Vec::new(),
            bytes: Vec::new(),
        }
    }

    #[inline(always)]
    fn slot(key: Key) -> usize {
        (key.hash() >> (u64::BITS - SLOTS_LOG2)) as usize
    }

    /// The number of tokens of a key, or 0 if it is not here.
    #[inline(always)]
    pub fn get(&self, key: Key) -> usize {
        let entry = self.short[Self::slot(key)];
        if (entry ^ key.0) & KEY_MASK == 0 { (entry >> 124) as usize } else { 0 }
    }

    /// Remembers the number of tokens of a key, 1 to 15.
    pub fn put(&mut self, key: Key, tokens: usize) {
        debug_assert!((1..=15).contains(&tokens));
        self.short[Self::slot(key)] = key.0 | (tokens as u128) << 124;
    }

    /// The number of tokens of a pretoken of 16 to [`LONGEST`] bytes, or what `count` says it is.
    #[inline]
    pub fn get_long(&mut self, pretoken: &[u8], count: impl FnOnce() -> usize) -> usize {
        if self.long.is_empty() {
            self.long = vec![LongEntry::default(); LONG_SLOTS];
            self.bytes.reserve_exact(LONG_BYTES);
        }
        let hash = hash_bytes(pretoken);
        let (slot, hash) = ((hash >> 32) as usize % LONG_SLOTS, (hash >> 16) as u32);
        let entry = self.long[slot];
        let start = entry.start as usize;
        if entry.hash == hash
            && self.bytes.get(start..start + usize::from(entry.length)) == Some(pretoken)
        {
            return entry.tokens.into();
        }
        let tokens = count();
        self.put_long(slot, hash, pretoken, tokens);
        tokens
    }

    fn put_long(&mut self, slot: usize, hash: u32, pretoken: &[u8], tokens: usize) {
        if self.bytes.len() + pretoken.len() > LONG_BYTES {
            self.bytes.clear();
            self.long.fill(LongEntry::default());
        }
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(pretoken);
        self.long[slot] =
            LongEntry { start, length: pretoken.len() as u16, tokens: tokens as u16, hash };
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self::new()
    }
}
