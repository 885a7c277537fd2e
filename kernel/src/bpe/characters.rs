//! BPE from characters: SentencePiece's, as Llama 2, Mistral, Gemma and ERNIE have it.
//!
//! A piece starts as its characters. Of a character that is no token the bytes are tokens
//! (`<0x0A>`, *byte fallback*), or it is the unknown token. Then neighbours are merged as in
//! [`crate::bpe::merge`], but what counts is the pair: `tokenizers` has a list of pairs, of which the
//! first is merged first; `sentencepiece` has a score for each token, and merges whatever two tokens
//! make the one of the highest score. Both are a table of [`Pairs`], with equal ranks for equal scores.
//!
//! Most neighbouring characters of a text in Chinese are in no token together, and some of any other
//! text. Merging never crosses such a *barrier*, so a piece is split there first, by a set of the
//! neighbours that merges join, which may have more (then a segment is longer) and lacks none. What is
//! still long is merged in overlapping spans ([`crate::bpe::overlap`]), so time is linear.
//!
//! # What a piece may be split at
//! A merge of `a` and `b` crosses the boundary between them. So no token crosses the one before a space
//! mark that follows another character if there is no merge whose `b` starts with a space mark while
//! its `a` does not end with one; and no token that is found in another way, by its spelling alone,
//! has such a boundary inside.

use crate::bpe::overlap;
use crate::bpe::pairs::{Collision, Pairs};
use crate::bpe::table::Table;
use crate::bpe::tokens::Tokens;
use crate::words::model::Model;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

/// What spaces are in a vocabulary.
pub const SPACE_MARK: char = '▁';
/// The number of no token.
const NONE: u32 = u32::MAX;
/// The rank of no merge.
const NO_RANK: u32 = u32::MAX;
/// The longest segment that is merged by looking at all pairs, in symbols.
const SHORT: usize = 64;
/// The bits of the set of neighbours, as a power of two.
const NEIGHBOURS_LOG2: u32 = 21;
/// How many characters are found in an array.
const BASIC: usize = 1 << 16;

/// Two tokens, the one that they become, and how early: numbers of tokens, and a rank.
#[derive(Clone, Copy, Debug)]
pub struct Merge {
    pub first: u32,
    pub second: u32,
    pub merged: u32,
    pub rank: u32,
}

/// What a vocabulary does not say of itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The number of the token for what is unknown. Without one that has no token.
    pub unknown: Option<u32>,
    /// Whether several unknown characters in a row are one token.
    pub fuses_unknown: bool,
    /// The numbers of the tokens of all bytes, with byte fallback.
    pub bytes: Option<Box<[u32; 256]>>,
    /// Whether a piece that is a token is that token, whatever the merges are.
    pub ignores_merges: bool,
    /// Tokens that are found by their spelling, the longest first, before anything is merged; they are
    /// in no merge.
    pub user_defined: Vec<u32>,
    /// Tokens that no text is, though their spelling is there.
    pub hidden: Vec<bool>,
}

pub struct Characters {
    tokens: Arc<Tokens>,
    /// (id, number), in the order of ids.
    by_id: Vec<(u32, u32)>,
    /// The numbers of the tokens that are single characters.
    basic: Box<[u32]>,
    others: HashMap<char, u32>,
    pairs: Pairs,
    /// A bit for each hash of two initial symbols that some merge has at its boundary.
    neighbours: Table<u32>,
    options: Options,
    /// The byte that the token of a number stands for.
    byte_of: HashMap<u32, u8>,
    /// By their first characters, the longest first.
    user_defined: HashMap<char, Vec<u32>>,
    in_user_defined: HashSet<char>,
    longest: usize,
    splits_before_spaces: bool,
}

impl Characters {
    /// A model of tokens and merges, or None where it would not be that of the file: an id is there
    /// twice, or somebody made pairs collide.
    pub fn new(tokens: Arc<Tokens>, merges: &[Merge], options: Options) -> Option<Self> {
        let numbers = 0..u32::try_from(tokens.count()).ok()?;
        let mut by_id: Vec<(u32, u32)> = tokens.ids.iter().copied().zip(numbers.clone()).collect();
        by_id.sort();
        if by_id.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return None;
        }
        let is_hidden = |number: u32| options.hidden.get(number as usize).is_some_and(|&is| is);
        let (mut basic, mut others) = (vec![NONE; BASIC], HashMap::new());
        for number in numbers.clone().filter(|&number| !is_hidden(number)) {
            if let Some(character) = only(tokens.get(number)) {
                match basic.get_mut(character as usize) {
                    Some(slot) => *slot = number,
                    None => drop(others.insert(character, number)),
                }
            }
        }
        let mut user_defined = HashMap::<char, Vec<u32>>::new();
        for &number in &options.user_defined {
            let first = tokens.get(number).chars().next()?;
            user_defined.entry(first).or_default().push(number);
        }
        for several in user_defined.values_mut() {
            several.sort_by_key(|&number| Reverse(tokens.get(number).len()));
        }
        let mut model = Characters {
            by_id,
            byte_of: options
                .bytes
                .iter()
                .flat_map(|bytes| bytes.iter().copied().zip(0..=255))
                .collect(),
            basic: basic.into_boxed_slice(),
            others,
            pairs: Pairs::new(merges.len()),
            neighbours: Table::zeroed(1 << (NEIGHBOURS_LOG2 - 5)),
            in_user_defined: (options.user_defined.iter())
                .flat_map(|&number| tokens.get(number).chars())
                .collect(),
            user_defined,
            longest: numbers.map(|n| tokens.get(n).len()).max().unwrap_or(0),
            splits_before_spaces: false,
            tokens,
            options,
        };
        model.insert(merges).ok()?;
        model.splits_before_spaces = model.prove_spaces(merges);
        Some(model)
    }

    fn insert(&mut self, merges: &[Merge]) -> Result<(), Collision> {
        for merge in merges {
            let value = u64::from(merge.rank) << 32 | u64::from(merge.merged);
            self.pairs.insert(merge.first, merge.second, value)?;
            let (first, second) = (self.tokens.get(merge.first), self.tokens.get(merge.second));
            let last = first.chars().next_back().map(|last| self.symbol(last));
            let next = second.chars().next().map(|next| self.symbol(next));
            // A byte's token, and the unknown one, are symbols at the start as well.
            for last in [last.unwrap_or(NONE), merge.first] {
                for next in [next.unwrap_or(NONE), merge.second] {
                    let (word, bit) = Self::neighbour_bit(last, next);
                    self.neighbours[word] |= bit;
                }
            }
        }
        Ok(())
    }

    fn prove_spaces(&self, merges: &[Merge]) -> bool {
        let is_inside = |number: u32| {
            let token = self.tokens.get(number);
            let mut before = SPACE_MARK;
            token.chars().any(|next| {
                let found = next == SPACE_MARK && before != SPACE_MARK;
                before = next;
                found
            })
        };
        // Several unknown characters are one token, and a space mark would be one of them.
        let is_known = self.symbol(SPACE_MARK) != NONE || self.options.bytes.is_some();
        let crosses = |merge: &Merge| {
            self.tokens.get(merge.second).starts_with(SPACE_MARK)
                && !self.tokens.get(merge.first).ends_with(SPACE_MARK)
        };
        let mut user_defined = self.options.user_defined.iter().copied();
        let is_crossed = user_defined.any(is_inside) || merges.iter().any(crosses);
        // What is a token as a whole is not looked up where it is a part: a word is no piece then.
        // Without a token for what is unknown, the characters around that are neighbours.
        let is_complete = self.options.unknown.is_some() || self.options.bytes.is_some();
        is_known && is_complete && !is_crossed && !self.options.ignores_merges
    }

    /// The number of the token of a character.
    #[inline(always)]
    fn symbol(&self, character: char) -> u32 {
        match self.basic.get(character as usize) {
            Some(&number) => number,
            None => self.others.get(&character).copied().unwrap_or(NONE),
        }
    }

    /// The word of the set of neighbours, and the bit in it, of two symbols.
    #[inline(always)]
    fn neighbour_bit(last: u32, next: u32) -> (usize, u32) {
        let both = u64::from(last) << 32 | u64::from(next);
        let hash = both.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ both.rotate_left(29);
        let bit = hash.wrapping_mul(0xd6e8_feb8_6659_fd93) >> (u64::BITS - NEIGHBOURS_LOG2);
        (bit as usize >> 5, 1 << (bit & 31))
    }

    #[inline(always)]
    fn may_join(&self, last: u32, next: u32) -> bool {
        let (word, bit) = Self::neighbour_bit(last, next);
        self.neighbours[word] & bit != 0
    }

    /// The rank of a merge and what it makes; [`NO_RANK`] if there is none.
    #[inline(always)]
    fn merge_of(&self, first: u32, second: u32) -> (u32, u32) {
        match self.pairs.get(first, second) {
            Some(found) => ((found >> 32) as u32, found as u32),
            None => (NO_RANK, NONE),
        }
    }

    /// Calls `visit` with the symbols of each segment of a piece, in order.
    fn each_segment(&self, piece: &str, mut visit: impl FnMut(&mut Vec<u32>)) {
        let mut segment: Vec<u32> = Vec::with_capacity(SHORT);
        let mut push = |symbol| {
            if segment
                .last()
                .is_some_and(|&last| !self.may_join(last, symbol))
            {
                visit(&mut segment);
                segment.clear();
            }
            segment.push(symbol);
        };
        let (mut rest, mut was_unknown) = (piece, false);
        while let Some(character) = rest.chars().next() {
            if let Some(number) = self.user_defined_at(character, rest) {
                push(number);
                rest = &rest[self.tokens.get(number).len()..];
                was_unknown = false;
                continue;
            }
            rest = &rest[character.len_utf8()..];
            let symbol = self.symbol(character);
            let is_unknown = symbol == NONE;
            if !is_unknown {
                push(symbol);
            } else if let Some(bytes) = &self.options.bytes {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    push(bytes[usize::from(byte)]);
                }
            } else if let Some(unknown) = self.options.unknown
                && !(was_unknown && self.options.fuses_unknown)
            {
                push(unknown);
            }
            was_unknown = is_unknown;
        }
        if !segment.is_empty() {
            visit(&mut segment);
        }
    }

    /// The longest of the user-defined tokens that a text starts with.
    #[inline(always)]
    fn user_defined_at(&self, first: char, text: &str) -> Option<u32> {
        if self.user_defined.is_empty() {
            return None;
        }
        let tokens = self.user_defined.get(&first)?.iter().copied();
        tokens
            .into_iter()
            .find(|&number| text.starts_with(self.tokens.get(number)))
    }

    /// Merges the symbols of a segment, and calls `emit` with the number of each token.
    fn merge(&self, symbols: &mut Vec<u32>, emit: impl FnMut(u32)) {
        match symbols.len() {
            1 => {}
            0..=SHORT => self.merge_short(symbols),
            _ => {
                let encode = |start, end| self.merge_span(&symbols[start..end]);
                return overlap::each_token(symbols.len(), encode, emit);
            }
        }
        symbols.iter().copied().for_each(emit);
    }

    /// Merges up to [`SHORT`] symbols, in place.
    fn merge_short(&self, symbols: &mut Vec<u32>) {
        let mut ranks = [NO_RANK; SHORT];
        let mut merged = [NONE; SHORT];
        for (i, pair) in symbols.windows(2).enumerate() {
            (ranks[i], merged[i]) = self.merge_of(pair[0], pair[1]);
        }
        loop {
            let n = symbols.len();
            let best = ranks[..n].iter().fold(NO_RANK, |low, &next| low.min(next));
            if best == NO_RANK {
                return;
            }
            let Some(i) = ranks[..n].iter().position(|&rank| rank == best) else {
                return;
            };
            symbols[i] = merged[i];
            symbols.remove(i + 1);
            ranks.copy_within(i + 1..n, i);
            merged.copy_within(i + 1..n, i);
            ranks[n - 1] = NO_RANK;
            for changed in [i.checked_sub(1), Some(i)].into_iter().flatten() {
                (ranks[changed], merged[changed]) = match symbols.get(changed + 1) {
                    Some(&next) => self.merge_of(symbols[changed], next),
                    None => (NO_RANK, NONE),
                };
            }
        }
    }

    /// The tokens of some symbols, and where each ends, in time `n log n`.
    fn merge_span(&self, symbols: &[u32]) -> Vec<(usize, u32)> {
        let n = symbols.len();
        // Symbols as a linked list over the offsets of their first ones. One that was merged into the
        // one before it has no end.
        let mut tokens = symbols.to_vec();
        let mut ends: Vec<usize> = (1..=n).collect();
        let mut before: Vec<usize> = (0..n).map(|i| i.wrapping_sub(1)).collect();
        let merge_at = |tokens: &[u32], ends: &[usize], at: usize| match tokens.get(ends[at]) {
            Some(&next) => self.merge_of(tokens[at], next),
            None => (NO_RANK, NONE),
        };
        let mut heap: BinaryHeap<Reverse<(u32, usize)>> = (0..n)
            .map(|at| Reverse((merge_at(&tokens, &ends, at).0, at)))
            .filter(|Reverse((rank, _))| *rank != NO_RANK)
            .collect();
        while let Some(Reverse((rank, at))) = heap.pop() {
            // What was pushed before one of the two changed is stale.
            if ends[at] == 0 {
                continue;
            }
            let (found, merged) = merge_at(&tokens, &ends, at);
            if found != rank {
                continue;
            }
            let next = ends[at];
            tokens[at] = merged;
            ends[at] = std::mem::take(&mut ends[next]);
            if let Some(after) = before.get_mut(ends[at]) {
                *after = at;
            }
            for changed in [before[at], at] {
                if changed != usize::MAX {
                    let (rank, _) = merge_at(&tokens, &ends, changed);
                    if rank != NO_RANK {
                        heap.push(Reverse((rank, changed)));
                    }
                }
            }
        }
        let all = std::iter::successors(Some(0), |&at| Some(ends[at]).filter(|&end| end < n));
        all.map(|at| (ends[at], tokens[at])).collect()
    }

    fn each_token(&self, piece: &str, mut emit: impl FnMut(u32)) {
        if self.options.ignores_merges
            && let Some(number) = self.tokens.find(piece)
        {
            return emit(number);
        }
        self.each_segment(piece, |segment| self.merge(segment, &mut emit));
    }
}

impl Model for Characters {
    fn encode(&self, piece: &str, ids: &mut Vec<u32>) {
        self.each_token(piece, |number| ids.push(self.tokens.ids[number as usize]));
    }

    fn count(&self, piece: &str) -> usize {
        let mut count = 0;
        self.each_token(piece, |_| count += 1);
        count
    }

    fn bytes_of_id(&self, id: u32) -> Option<&[u8]> {
        let at = self.by_id.binary_search_by_key(&id, |&(id, _)| id).ok()?;
        let number = self.by_id[at].1;
        Some(match self.byte_of.get(&number) {
            Some(&byte) => std::slice::from_ref(&BYTES[usize::from(byte)]),
            None => self.tokens.get(number).as_bytes(),
        })
    }

    fn size(&self) -> usize {
        self.by_id.last().map_or(0, |&(id, _)| id as usize + 1)
    }

    fn longest(&self) -> usize {
        let is_bounded = self.options.bytes.is_some()
            || (self.options.unknown.is_some() && !self.options.fuses_unknown);
        if is_bounded { self.longest } else { usize::MAX }
    }

    fn splits_before_spaces(&self) -> bool {
        self.splits_before_spaces
    }

    fn may_join(&self, before: char, after: char) -> bool {
        // What is found by its spelling may have any two characters, and of several unknown ones in a
        // row one token may be made: these are not told apart here.
        if self.options.ignores_merges || !self.options.user_defined.is_empty() {
            let is_special = |c| self.in_user_defined.contains(&c);
            if self.options.ignores_merges || is_special(before) || is_special(after) {
                return true;
            }
        }
        let symbol = |c: char, byte: fn(&[u8]) -> Option<&u8>| match self.symbol(c) {
            NONE => {
                let byte = byte(c.encode_utf8(&mut [0; 4]).as_bytes()).copied()?;
                Some(self.options.bytes.as_ref()?[usize::from(byte)])
            }
            symbol => Some(symbol),
        };
        match (symbol(before, <[u8]>::last), symbol(after, <[u8]>::first)) {
            (Some(last), Some(next)) => Characters::may_join(self, last, next),
            _ => true,
        }
    }
}

/// The character that a token is, if it is one.
fn only(token: &str) -> Option<char> {
    let mut characters = token.chars();
    characters.next().filter(|_| characters.next().is_none())
}

static BYTES: [u8; 256] = {
    let (mut bytes, mut i) = ([0; 256], 0);
    while i < 256 {
        bytes[i] = i as u8;
        i += 1;
    }
    bytes
};
