//! What two neighbouring tokens become: a table of pairs.

use crate::bpe::table::{Table, Zero};

/// How many slots a pair may be from that of its hash, as in [`crate::bpe::vocabulary`].
const MAX_PROBES: usize = 1 << 9;

/// Too many pairs have the same hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collision;

/// Two tokens, in one number that is not zero, and what belongs to them.
#[derive(Clone, Copy)]
#[repr(C)]
struct Slot {
    pair: u64,
    value: u64,
}

// SAFETY: a structure of integers.
unsafe impl Zero for Slot {}

/// Pairs of numbers of tokens, each with a value.
pub struct Pairs {
    slots: Table<Slot>,
    shift: u32,
}

impl Pairs {
    /// A table for this many pairs.
    pub fn new(capacity: usize) -> Self {
        let slots = (2 * capacity).next_power_of_two().max(2);
        Pairs {
            slots: Table::zeroed(slots),
            shift: u64::BITS - slots.ilog2(),
        }
    }

    /// Both tokens are below `u32::MAX`.
    #[inline(always)]
    fn pair(first: u32, second: u32) -> u64 {
        (u64::from(first) << 32 | u64::from(second)) + 1
    }

    #[inline(always)]
    fn first_slot(&self, pair: u64) -> usize {
        // Twice, since the number of the second token alone does not reach the high bits.
        let hash = (pair ^ pair >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash ^ pair.rotate_left(32).wrapping_mul(0xd6e8_feb8_6659_fd93)) as usize >> self.shift
    }

    /// The value of two tokens.
    #[inline(always)]
    pub fn get(&self, first: u32, second: u32) -> Option<u64> {
        let pair = Self::pair(first, second);
        let mut slot = self.first_slot(pair);
        loop {
            let found = self.slots[slot];
            if found.pair == pair {
                return Some(found.value);
            }
            if found.pair == 0 {
                return None;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// Gives two tokens a value, or another one. There are at most as many pairs as there is capacity.
    pub fn insert(&mut self, first: u32, second: u32, value: u64) -> Result<(), Collision> {
        let pair = Self::pair(first, second);
        let (start, mask) = (self.first_slot(pair), self.slots.len() - 1);
        for slot in (start..start + MAX_PROBES).map(|slot| slot & mask) {
            let found = &mut self.slots[slot];
            if found.pair == pair || found.pair == 0 {
                *found = Slot { pair, value };
                return Ok(());
            }
        }
        Err(Collision)
    }

    /// Starts to fetch what [`Self::get`] will ask for.
    #[inline(always)]
    pub fn prefetch(&self, first: u32, second: u32) {
        self.slots
            .prefetch(self.first_slot(Self::pair(first, second)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_have_values() {
        let mut pairs = Pairs::new(10_000);
        for i in 0..10_000 {
            assert_eq!(pairs.insert(i, i / 7, u64::from(i)), Ok(()));
        }
        assert_eq!(pairs.insert(5, 0, 77), Ok(()));
        for i in 0..10_000 {
            let expected = if i == 5 { 77 } else { u64::from(i) };
            assert_eq!(pairs.get(i, i / 7), Some(expected));
            assert_eq!(pairs.get(i / 7, i + 10_000), None);
        }
    }
}
