//! Whether ranks make the same tokens as a list of merges, for byte-level BPE, and which ranks.
//!
//! A `tokenizer.json` lists merges: pairs of tokens, by priority. The engine here uses ranks: of the
//! neighbours whose bytes together are a token, it joins those whose token has the lowest rank. The two
//! agree where every token has a *split*: the last two tokens when its bytes alone are merged, which
//! a merge in the list joins. Then these merges, in their order, are the ranks. (In most files that is
//! the order of ids, too.)
//!
//! For take two neighbours x and y in a text that is half merged. No merge has crossed the ends of
//! their bytes, so the merges between those ends were the ones of these bytes alone, in the same order.
//! If the bytes are a token, x and y are thus the last two tokens when its bytes are merged: its split.
//! So ranks and merges join the same two tokens next.
//!
//! None of this needs a merge to come after those of its halves. Where all do, splits are found by undoing
//! merges; else by merging the bytes of each token ([`MergedAlone`]).
//!
//! A token that merging never produces affects no other, and needs no rank.

use crate::bpe::pairs::Pairs;
use crate::bpe::tokens::Tokens;
use crate::bpe::vocabulary::{MAX_TOKEN, NO_RANK, Vocabulary, bytes_of_text};
use crate::load::merged_alone::MergedAlone;
use crate::load::tokenizer_json::{Merge, TokenizerJson};

/// The highest id that an engine takes.
const MAX_ID: u32 = u32::MAX - 1;
/// How many tokens a vocabulary may hold.
const MAX_TOKENS: usize = (1 << 24) - 1;
/// The number of no token.
const NO_NUMBER: u32 = u32::MAX - 1;
/// Bytes of tokens that are cut in two at each offset, at most.
const MAX_HALVES: usize = 1 << 26;

/// The vocabulary of a file.
pub struct ByteLevel {
    pub vocabulary: Vocabulary,
    /// Tokens that no text has: id and bytes.
    pub unused: Vec<(u32, Vec<u8>)>,
}

/// The vocabulary of a file, or None: no ranks do the same as the merges, or there is no token for some
/// byte.
///
/// With `ignore_merges`, a pretoken that is a token becomes that token whether merges make it or not.
pub fn byte_level(file: &TokenizerJson, ignore_merges: bool) -> Option<ByteLevel> {
    let tokens = &file.tokens;
    if !file.scores.is_empty() {
        return None; // of another model
    }
    let by_id = by_id(tokens)?;
    let longest = (0..tokens.count() as u32).map(|number| tokens.get(number).chars().count());
    if longest.max()? > MAX_TOKEN {
        return None;
    }
    let mut splits = Splits::new(tokens, &by_id, file.merges.len())?;
    let alone = match splits.add_all(&file.merges)? {
        Order::HalvesFirst => None,
        Order::Any => Some(splits.merge_alone(tokens, &file.merges)?),
    };

    let (mut bytes, mut lengths, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    let (mut unused, mut halves) = (Vec::new(), 0);
    let others = by_id.iter().filter(|&&number| !splits.is_made(number));
    for &number in splits.made.iter().chain(others) {
        let (token, id) = (tokens.get(number), tokens.ids[number as usize]);
        let start = bytes.len();
        let is_spelled = spell(token, &mut bytes);
        let mut is_known = splits.is_made(number);
        // Such a token is used only for an entire pretoken, and only if the model says so.
        if !is_known && ignore_merges && is_spelled && !token.is_empty() {
            halves += token.chars().count().pow(2);
            let is_joined = match &alone {
                Some(alone) => alone.ends_in_two[number as usize],
                None => halves > MAX_HALVES || !splits.is_never_made(tokens, token),
            };
            if is_joined {
                return None;
            }
            is_known = true;
        }
        if is_known {
            lengths.push(bytes.len() - start);
            ids.push(id);
        } else {
            unused.push((id, bytes.split_off(start)));
        }
    }
    let vocabulary = Vocabulary::from_ranked(bytes, &lengths, ids).ok()?;
    Some(ByteLevel { vocabulary, unused })
}

/// The numbers of the tokens in the order of their ids; None if two have the same, or one is too high.
fn by_id(tokens: &Tokens) -> Option<Vec<u32>> {
    let id = |&number: &u32| tokens.ids[number as usize];
    let mut order: Vec<u32> = (0..tokens.count() as u32).collect();
    order.sort_by_key(id); // which is quick where they are in order
    let is_distinct = order.windows(2).all(|pair| id(&pair[0]) < id(&pair[1]));
    let is_in_range = order.last().is_some_and(|last| id(last) <= MAX_ID);
    (is_distinct && is_in_range && order.len() <= MAX_TOKENS).then_some(order)
}

/// The byte that a character of a byte-level vocabulary stands for: printable ones stand for themselves,
/// the others for the characters from U+0100 on (GPT-2's `bytes_to_unicode`).
fn byte_of(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ (0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff) => u8::try_from(code).ok(),
        code @ 0x100..=0x120 => u8::try_from(code - 0x100).ok(),
        code @ 0x121..=0x142 => u8::try_from(code - 0x121 + 0x7f).ok(),
        0x143 => Some(0xad),
        _ => None,
    }
}

/// Appends the bytes of a token, and says whether it is spelled in the characters that stand for them.
fn spell(token: &str, bytes: &mut Vec<u8>) -> bool {
    let start = bytes.len();
    for character in token.chars() {
        match byte_of(character) {
            Some(byte) => bytes.push(byte),
            None => {
                bytes.truncate(start);
                bytes.extend_from_slice(token.as_bytes());
                return false;
            }
        }
    }
    true
}

/// What is known of the order of merges.
enum Order {
    /// Of all that matter, those that make the halves are before.
    HalvesFirst,
    Any,
}

/// The split of every token that merges make. Ranks are in the order in which they make them.
struct Splits {
    /// Rank -> number.
    made: Vec<u32>,
    /// Number -> rank, or [`NO_RANK`] of a token that merging does not make.
    ranks: Vec<u32>,
    /// Rank, less `singles` -> the ranks of the two tokens of its split.
    halves: Vec<[u32; 2]>,
    pairs: Pairs,
    /// How many tokens are single bytes, which are there from the start and have the lowest ranks.
    singles: u32,
}

impl Splits {
    /// With the single bytes, or None if one of them is no token.
    fn new(tokens: &Tokens, by_id: &[u32], merges: usize) -> Option<Self> {
        let mut splits = Splits {
            made: Vec::with_capacity(tokens.count()),
            ranks: vec![NO_RANK; tokens.count()],
            halves: Vec::with_capacity(tokens.count()),
            pairs: Pairs::new(merges),
            singles: 0,
        };
        let byte = |number: u32| {
            let mut chars = tokens.get(number).chars();
            let byte = chars.next().and_then(byte_of);
            byte.filter(|_| chars.next().is_none())
        };
        let mut is_there = [false; 256];
        for &number in by_id {
            if let Some(byte) = byte(number) {
                is_there[usize::from(byte)] = true;
                splits.add(number);
            }
        }
        splits.singles = splits.made.len() as u32;
        let mut needed = bytes_of_text();
        needed
            .all(|byte| is_there[usize::from(byte)])
            .then_some(splits)
    }

    /// Gives a token the next rank.
    fn add(&mut self, number: u32) -> u32 {
        let rank = self.made.len() as u32;
        self.ranks[number as usize] = rank;
        self.made.push(number);
        rank
    }

    /// Takes all merges, in their order; None if no ranks do the same. The splits are right if halves are
    /// first.
    ///
    /// A token may be listed with several pairs, of which merging produces at most one.
    fn add_all(&mut self, merges: &[Merge]) -> Option<Order> {
        let mut late = Vec::new();
        for &merge in merges {
            let [a, b, token] = merge.map(|number| self.ranks[number as usize]);
            if a == NO_RANK || b == NO_RANK {
                late.push(merge);
            } else if token != NO_RANK {
                if self.pairs.get(a, b) == Some(u64::from(token)) {
                    return None; // listed twice: its rank is ambiguous
                }
            } else if self.are_neighbours(a, b) {
                let rank = self.add(merge[2]);
                self.halves.push([a, b]);
                self.pairs.insert(a, b, u64::from(rank)).ok()?;
            }
        }
        // A token made after the merge that joins it is joined at once.
        let is_joined =
            |&[a, b, token]: &Merge| !self.is_made(token) && self.is_made(a) && self.is_made(b);
        Some(match late.iter().any(is_joined) {
            true => Order::Any,
            false => Order::HalvesFirst,
        })
    }

    /// Replaces what was found by what merging the bytes of each token says.
    fn merge_alone(&mut self, tokens: &Tokens, merges: &[Merge]) -> Option<MergedAlone> {
        let mut single_of = [NO_NUMBER; 256];
        for &number in &self.made[..self.singles as usize] {
            if let Some(byte) = tokens.get(number).chars().next().and_then(byte_of) {
                single_of[usize::from(byte)] = number;
            }
        }
        let alone = MergedAlone::new(tokens, merges, &single_of, spell)?;
        self.made.clear();
        self.ranks.fill(NO_RANK);
        for &number in &alone.made {
            self.add(number);
        }
        Some(alone)
    }

    /// Whether merging produces the token of a number; single bytes are there.
    fn is_made(&self, number: u32) -> bool {
        self.ranks[number as usize] != NO_RANK
    }

    /// Whether merging never produces two tokens that together are these bytes.
    fn is_never_made(&self, tokens: &Tokens, token: &str) -> bool {
        let made = |half| {
            let number = tokens.find(half)?;
            Some(self.ranks[number as usize]).filter(|&rank| rank != NO_RANK)
        };
        let mut middles = token.char_indices().skip(1);
        !middles.any(|(middle, _)| {
            let (first, second) = token.split_at(middle);
            match (made(first), made(second)) {
                (Some(a), Some(b)) => self.are_neighbours(a, b),
                _ => false,
            }
        })
    }

    /// Whether merging the bytes of two tokens, together, produces these two.
    ///
    /// It does unless something is joined across the boundary before both are complete. So their merges
    /// are undone, the latest first, and what then meets at the boundary is looked up. The idea is that
    /// of <https://github.com/github/rust-gems/tree/main/crates/bpe>.
    fn are_neighbours(&self, mut a: u32, mut b: u32) -> bool {
        let half = |rank: u32, side: usize| self.halves[(rank - self.singles) as usize][side];
        let made = |first, second| match self.pairs.get(first, second) {
            Some(token) => token as u32,
            None => NO_RANK,
        };
        while a >= self.singles || b >= self.singles {
            if a > b {
                let before = half(a, 1);
                if made(before, b) < a {
                    return false;
                }
                a = before;
            } else {
                let before = half(b, 0);
                // Of two merges of equal rank the left one is first: that across the boundary.
                if made(a, before) <= b {
                    return false;
                }
                b = before;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_character() {
        let bytes: Vec<u8> = ('\0'..='\u{400}').filter_map(byte_of).collect();
        assert_eq!(bytes.len(), 256);
        let mut sorted = bytes.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 256);
        assert_eq!(byte_of('Ġ'), Some(b' '));
        assert_eq!(byte_of('Ċ'), Some(b'\n'));
    }
}
