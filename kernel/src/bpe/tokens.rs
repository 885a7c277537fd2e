//! A vocabulary of text: token <-> id, found by a hash.

use crate::bpe::table::{OutOfMemory, try_vec};
use crate::bpe::vocabulary::hash_bytes;

const FREE: u64 = u64::MAX;
/// How many slots a token may be from that of its hash. At a load of at most a half that is some tens;
/// more of them are tokens that somebody made collide.
const MAX_PROBES: usize = 1 << 9;
/// The bits of a slot that are the token's number; the others are those of its hash.
const NUMBER: u64 = u32::MAX as u64;

/// There are too many tokens, too many bytes of them, or too many have the same hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// Tokens, numbered in the order of the file, each once.
pub struct Tokens {
    text: String,
    /// Where in `text` each token ends.
    ends: Vec<u32>,
    pub ids: Vec<u32>,
    slots: Vec<u64>,
}

impl Tokens {
    /// With memory for about this many bytes of tokens.
    pub fn new(bytes: usize) -> Result<Self, OutOfMemory> {
        let size = (bytes / 4).next_power_of_two().max(1 << 10);
        let mut slots = try_vec(size)?;
        slots.resize(size, FREE);
        Ok(Tokens {
            text: String::from_utf8(try_vec(bytes)?).unwrap_or_default(),
            ends: Vec::new(),
            ids: Vec::new(),
            slots,
        })
    }

    pub fn count(&self) -> usize {
        self.ids.len()
    }

    pub fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |last| self.ends[last]);
        &self.text[start as usize..self.ends[number] as usize]
    }

    /// The token of a number, if there is one.
    pub fn get_if(&self, number: u32) -> Option<&str> {
        ((number as usize) < self.count()).then(|| self.get(number))
    }

    /// The number of a token.
    pub fn find(&self, token: &str) -> Option<u32> {
        match self.slots[self.slot(token)?] {
            FREE => None,
            slot => Some((slot & NUMBER) as u32),
        }
    }

    /// Adds a token; of several with the same spelling the last one counts.
    pub fn insert(&mut self, token: &str, id: u32) -> Result<(), Refused> {
        let slot = self.slot(token).ok_or(Refused)?;
        if self.slots[slot] != FREE {
            self.ids[(self.slots[slot] & NUMBER) as usize] = id;
            return Ok(());
        }
        let number = self.count() as u64;
        self.text.push_str(token);
        let end = u32::try_from(self.text.len()).map_err(|_| Refused)?;
        self.ends.push(end);
        self.ids.push(id);
        self.slots[slot] = hash_bytes(token.as_bytes()) & !NUMBER | number;
        if 2 * self.count() > self.slots.len() {
            self.grow()?;
        }
        Ok(())
    }

    /// The slot of a token or the free one where it would be; None if too many others are before it.
    fn slot(&self, token: &str) -> Option<usize> {
        let hash = hash_bytes(token.as_bytes());
        let mask = self.slots.len() - 1;
        let first = (hash >> 32) as usize;
        (first..first + MAX_PROBES)
            .map(|slot| slot & mask)
            .find(|&slot| {
                let found = self.slots[slot];
                found == FREE
                    || (found & !NUMBER == hash & !NUMBER
                        && self.get((found & NUMBER) as u32) == token)
            })
    }

    fn grow(&mut self) -> Result<(), Refused> {
        let size = 4 * self.slots.len();
        let mut slots = try_vec(size).map_err(|OutOfMemory| Refused)?;
        slots.resize(size, FREE);
        for &found in self.slots.iter().filter(|&&found| found != FREE) {
            let first = (found >> 32) as usize;
            let free = (first..first + MAX_PROBES)
                .map(|slot| slot & (size - 1))
                .find(|&slot| slots[slot] == FREE);
            slots[free.ok_or(Refused)?] = found;
        }
        self.slots = slots;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_by_their_spelling() {
        let mut tokens = Tokens::new(0).expect("memory");
        for id in 0..5000 {
            tokens.insert(&format!("{id:x}"), id).expect("no collision");
        }
        tokens.insert("1f", 7).expect("no collision");
        assert_eq!(tokens.count(), 5000);
        for id in 0..5000 {
            let number = tokens.find(&format!("{id:x}")).expect("it was inserted");
            assert_eq!(tokens.get(number), format!("{id:x}"));
            let expected = if id == 0x1f { 7 } else { id };
            assert_eq!(tokens.ids[number as usize], expected);
        }
        assert_eq!(tokens.find("g"), None);
    }
}
