//! Text -> the ids of its tokens.
//!
//! As counting, but what is remembered of a pretoken is its ids, and pretokens are looked up in the
//! order of the text.

use crate::bpe::barriers::Parts;
use crate::bpe::merge;
use crate::bpe::table::{Table, Zero};
use crate::bpe::vocabulary::{KEY_BYTES, Key, NO_RANK, Vocabulary, hash_bytes};
use crate::split::pretokens::BATCH;

/// Places are numbers of 16 bits.
const PLACES_LOG2: u32 = 16;
const SETS_LOG2: u32 = 14;
const LONG_PLACES_LOG2: u32 = 13;
/// When so many ids or bytes are kept, all is forgotten.
const KEPT: usize = 1 << 20;

/// Encodes pretokens, remembering what it has seen.
pub struct Encoder {
    probes: [(Key, u16); BATCH],
    /// Pretokens, each at its only place, with their numbers of ids in the 4 bits above the key.
    keys: Table<u128>,
    /// The id of the pretoken at each place; if it has several, where in `kept` they start.
    values: Table<u32>,
    /// The same for those of several ids, in sets, the newest first: what is pushed out of its only
    /// place is not merged again.
    sets: Table<[u128; 4]>,
    set_values: Table<[u32; 4]>,
    /// What is too long for a key, each at its only place.
    long: Table<Long>,
    bytes: Vec<u8>,
    kept: Vec<u32>,
}

/// Where in `bytes` a pretoken or a part of one is, and where in `kept` its ids are; one without a
/// length is none.
#[derive(Clone, Copy, Default)]
struct Long {
    start: u32,
    ids: u32,
    length: u8,
    count: u8,
    is_part: bool,
}

// SAFETY: a structure of integers, and of a bool that is false.
unsafe impl Zero for Long {}

impl Encoder {
    /// An encoder that remembers nothing yet, of some two and a half megabytes.
    pub fn new() -> Box<Self> {
        Box::new(Encoder {
            probes: [(Key::NONE, 0); BATCH],
            keys: Table::zeroed(1 << PLACES_LOG2),
            values: Table::zeroed(1 << PLACES_LOG2),
            sets: Table::zeroed(1 << SETS_LOG2),
            set_values: Table::zeroed(1 << SETS_LOG2),
            long: Table::zeroed(1 << LONG_PLACES_LOG2),
            bytes: Vec::new(),
            kept: Vec::new(),
        })
    }

    /// Appends the ids of consecutive pretokens.
    pub fn encode(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        start: usize,
        ends: &[usize],
        ids: &mut Vec<u32>,
    ) {
        let mut from = start;
        for (&end, probe) in ends.iter().zip(&mut self.probes) {
            let key = Key::of(text, from, end - from);
            let place = key.slot(PLACES_LOG2);
            self.keys.prefetch(place);
            self.values.prefetch(place);
            *probe = (key, place as u16);
            from = end;
        }
        let mut from = start;
        for (i, &end) in ends.iter().enumerate() {
            let (key, place) = self.probes[i];
            let entry = self.keys[usize::from(place)];
            let value = self.values[usize::from(place)];
            if (entry ^ key.0) << 4 == 0 && entry >> 124 == 1 {
                ids.push(value);
            } else if end - from <= KEY_BYTES {
                self.encode_short(vocabulary, text, (from, end), key, false, ids);
            } else {
                self.encode_long(vocabulary, text, from, end, ids);
            }
            from = end;
        }
    }

    /// Appends the ids of a pretoken that is short enough for a key, or of such a part of one.
    fn encode_short(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        (start, end): (usize, usize),
        key: Key,
        is_part: bool,
        ids: &mut Vec<u32>,
    ) {
        let place = key.slot(PLACES_LOG2);
        let entry = self.keys[place];
        if (entry ^ key.0) << 4 == 0 {
            match (entry >> 124) as usize {
                0 => {}
                1 => return ids.push(self.values[place]),
                count => {
                    let start = self.values[place] as usize;
                    return ids.extend_from_slice(&self.kept[start..start + count]);
                }
            }
        }
        if !is_part {
            let rank = vocabulary.rank_of_key(key);
            if rank != NO_RANK {
                let id = vocabulary.id(rank);
                ids.push(id);
                (self.keys[place], self.values[place]) = (key.0 | 1 << 124, id);
                return;
            }
        }
        let set = key.slot(SETS_LOG2);
        let is_it = |entry: &u128| (entry ^ key.0) << 4 == 0;
        let (entry, value) = match self.sets[set].iter().position(is_it) {
            Some(way) => {
                let (entry, value) = (self.sets[set][way], self.set_values[set][way]);
                let start = value as usize;
                ids.extend_from_slice(&self.kept[start..start + (entry >> 124) as usize]);
                (entry, value)
            }
            None => {
                let before = ids.len();
                merge(vocabulary, text, start, end, ids);
                let value = self.keep(&ids[before..]);
                let entry = key.0 | ((ids.len() - before) as u128) << 124;
                let ([a, b, c, _], [i, j, k, _]) = (self.sets[set], self.set_values[set]);
                self.sets[set] = [entry, a, b, c];
                self.set_values[set] = [value, i, j, k];
                (entry, value)
            }
        };
        let value = match entry >> 124 {
            1 => self.kept[value as usize],
            _ => value,
        };
        (self.keys[place], self.values[place]) = (entry, value);
    }

    fn encode_long(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        start: usize,
        end: usize,
        ids: &mut Vec<u32>,
    ) {
        if text[start..end].is_ascii() {
            return self.encode_whole(vocabulary, text, (start, end), false, ids);
        }
        let (mut from, mut parts) = (start, Parts::new());
        while from < end {
            from = vocabulary.part(text, from, end, &mut parts);
            if parts.iter().next() == Some((start, end)) {
                return self.encode_whole(vocabulary, text, (start, end), false, ids);
            }
            for (start, end) in parts.iter() {
                if end - start < KEY_BYTES {
                    let key = Key::of(text, start, end - start).of_part();
                    self.encode_short(vocabulary, text, (start, end), key, true, ids);
                } else {
                    self.encode_whole(vocabulary, text, (start, end), true, ids);
                }
            }
            parts.truncate(0);
        }
    }

    /// Appends the ids of a pretoken without seams, or of a part of one.
    fn encode_whole(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        (start, end): (usize, usize),
        is_part: bool,
        ids: &mut Vec<u32>,
    ) {
        let piece = &text[start..end];
        let place = (hash_bytes(piece) >> (u64::BITS - LONG_PLACES_LOG2)) as usize;
        let known = self.long[place];
        let known_start = known.start as usize;
        if known.is_part == is_part
            && usize::from(known.length) == piece.len()
            && self.bytes[known_start..known_start + piece.len()] == *piece
        {
            let first = known.ids as usize;
            let last = first + usize::from(known.count);
            return ids.extend_from_slice(&self.kept[first..last]);
        }
        let before = ids.len();
        match vocabulary.rank(text, start, end) {
            rank if rank != NO_RANK && !is_part => ids.push(vocabulary.id(rank)),
            _ => merge(vocabulary, text, start, end, ids),
        }
        if let Ok(length) = u8::try_from(piece.len()) {
            let new = &ids[before..];
            let kept = self.keep(new);
            let start = self.bytes.len() as u32;
            self.bytes.extend_from_slice(piece);
            self.long[place] = Long {
                start,
                ids: kept,
                length,
                count: new.len() as u8,
                is_part,
            };
        }
    }

    /// Keeps ids, and says where.
    fn keep(&mut self, ids: &[u32]) -> u32 {
        if self.kept.len() + ids.len() > KEPT || self.bytes.len() > KEPT {
            self.kept.clear();
            self.bytes.clear();
            self.keys.fill(0);
            self.sets.fill([0; 4]);
            self.long.fill(Long::default());
        }
        let start = self.kept.len() as u32;
        self.kept.extend_from_slice(ids);
        start
    }
}

/// Appends the ids of what merging makes.
pub fn merge(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize, ids: &mut Vec<u32>) {
    let mut from = start;
    merge::each_end(vocabulary, text, start, end, |to| {
        ids.push(vocabulary.id(vocabulary.rank(text, from, to)));
        from = to;
    });
}
