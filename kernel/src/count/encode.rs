//! The ids of a batch of pretokens.
//!
//! As in [`counts`](crate::count::counts), no step waits for memory or guesses. Pretokens, and the
//! segments of long ones in their place, are *units*. Their slots are fetched while keys are made;
//! what is not found there is looked up in the vocabulary, or in the memo's second table, or merged
//! together with others. Only then are all ids written, unit by unit: four for each, of which the next
//! unit overwrites those that are too many. That costs less than to branch on how many there are.
//!
//! What was tried: an id beside each key, in slots of half the size, and where there are several their
//! number in a table of quads. What the slots save is more than lost with the second table.

use crate::bpe::barriers::Segments;
use crate::bpe::merge::{self, LANE_BYTES, Lanes};
use crate::bpe::vocabulary::{KEY_BYTES, Key, NO_RANK, Vocabulary, hash_bytes};
use crate::count::counts::spans;
use crate::count::memo::{Memo, Quad};

/// How many units are looked up together: with more, what is noted of them and what they are looked up in
/// do not fit into the fastest cache. With 512, texts took up to 6 % longer.
const UNITS: usize = 192;
/// With more ids kept than this, all is forgotten.
const MAX_KEPT: usize = 1 << 20;
/// The longest pretoken that is remembered, in bytes.
const LONGEST: usize = 255;
/// What a long segment has in place of a key.
const LONG_SEGMENT: Key = Key::NONE.of_segment();

/// The ids of a quad.
const QUAD: usize = size_of::<Quad>() / size_of::<u32>();

/// Encodes batches of pretokens, remembering what it has seen.
pub struct BatchIds {
    memo: Memo<Quad>,
    many: Many,
    units: Units,
    lanes: Lanes,
    segments: Segments,
}

/// The ids of what has more than a quad of them.
#[derive(Default)]
struct Many {
    /// Of what is remembered: the memo's value starts with where they start.
    kept: Vec<u32>,
    /// Of units that are not: where they start, and this bit.
    passing: Vec<u32>,
}

const PASSING: u32 = 1 << 31;

/// Consecutive units.
struct Units {
    count: usize,
    /// Where the first one starts, and where each ends.
    start: usize,
    ends: [usize; UNITS],
    /// Their keys, and the slots of these.
    keys: [(Key, u16); UNITS],
    tokens: [u32; UNITS],
    ids: [Quad; UNITS],
    /// Which are not in their slots, and which are to be merged.
    missed: [u16; UNITS],
    merged: [u16; UNITS],
    /// What is written.
    out: [u32; (UNITS + 1) * QUAD],
}

impl BatchIds {
    pub fn new() -> Box<Self> {
        Box::new(BatchIds {
            memo: Memo::new(),
            many: Many::default(),
            units: Units {
                count: 0,
                start: 0,
                ends: [0; UNITS],
                keys: [(Key::NONE, 0); UNITS],
                tokens: [0; UNITS],
                ids: [[0; QUAD]; UNITS],
                missed: [0; UNITS],
                merged: [0; UNITS],
                out: [0; (UNITS + 1) * QUAD],
            },
            lanes: Lanes::default(),
            segments: Segments::new(),
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
        self.units.start = start;
        for (start, end) in spans(start, ends) {
            if end - start <= KEY_BYTES {
                if self.units.count == UNITS {
                    self.flush(vocabulary, text, ids);
                }
                self.push(end, Key::of(text, start, end - start));
            } else if text[start..end].is_ascii() {
                self.push_long(vocabulary, text, start, end, Key::NONE, ids);
            } else {
                self.push_segments(vocabulary, text, start, end, ids);
            }
        }
        self.flush(vocabulary, text, ids);
    }

    /// Adds a unit where there is capacity, and starts to fetch its slot.
    #[inline(always)]
    fn push(&mut self, end: usize, key: Key) {
        let n = self.units.count;
        self.units.ends[n] = end;
        self.units.keys[n] = (key, self.memo.slot(key));
        self.units.count = n + 1;
    }

    /// Adds a unit that is too long for a key, or appends its ids if it is not to be remembered.
    fn push_long(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        start: usize,
        end: usize,
        key: Key,
        ids: &mut Vec<u32>,
    ) {
        let is_remembered = end - start <= LONGEST;
        if !is_remembered || self.units.count == UNITS {
            self.flush(vocabulary, text, ids);
        }
        if is_remembered {
            self.push(end, key);
        } else {
            encode_long(vocabulary, text, start, end, key, ids);
            self.units.start = end;
        }
    }

    /// Adds the segments of a long pretoken.
    fn push_segments(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        start: usize,
        end: usize,
        ids: &mut Vec<u32>,
    ) {
        let mut from = start;
        while from < end {
            self.segments.truncate(0);
            from = vocabulary.split(text, from, end, &mut self.segments);
            if self.segments.get(0) == Some((start, end)) {
                return self.push_long(vocabulary, text, start, end, Key::NONE, ids);
            }
            let mut next = 0;
            while let Some((start, end)) = self.segments.get(next) {
                next += 1;
                if end - start >= KEY_BYTES {
                    self.push_long(vocabulary, text, start, end, LONG_SEGMENT, ids);
                    continue;
                }
                if self.units.count == UNITS {
                    self.flush(vocabulary, text, ids);
                }
                self.push(end, Key::of(text, start, end - start).of_segment());
            }
        }
    }

    /// Finds and appends the ids of the units.
    fn flush(&mut self, vocabulary: &Vocabulary, text: &[u8], ids: &mut Vec<u32>) {
        if self.many.kept.len() > MAX_KEPT {
            self.many.kept.clear();
            self.memo.clear();
        }
        let n = self.units.count.min(UNITS);
        let units = &mut self.units;
        let slots = self.memo.slots();
        let mut missed = 0;
        for i in 0..n {
            let (key, slot) = units.keys[i];
            let (tokens, ids) = slots.get(key, slot);
            units.ids[i] = ids;
            units.tokens[i] = tokens as u32;
            units.missed[missed % UNITS] = i as u16;
            missed += usize::from(tokens == 0);
        }
        if missed > 0 {
            Misses {
                vocabulary,
                text,
                memo: &mut self.memo,
                many: &mut self.many,
                units,
                merged: 0,
            }
            .resolve(missed, &mut self.lanes);
        }
        self.units.write(n, &self.many, ids);
        self.many.passing.clear();
        self.units.start = self.units.ends[n.saturating_sub(1)];
        self.units.count = 0;
    }
}

impl Units {
    #[inline(always)]
    fn span(&self, i: usize) -> (usize, usize) {
        let start = if i == 0 { self.start } else { self.ends[i - 1] };
        (start, self.ends[i])
    }

    /// Appends the ids of the first `n` units, all of which were found.
    #[inline(always)]
    fn write(&mut self, n: usize, many: &Many, ids: &mut Vec<u32>) {
        let out = &mut self.out;
        let mut written = 0;
        for (&tokens, quad) in self.tokens[..n].iter().zip(&self.ids) {
            let tokens = tokens as usize;
            if tokens <= QUAD {
                out[written..written + QUAD].copy_from_slice(quad);
                written += tokens;
            } else {
                ids.extend_from_slice(&out[..written]);
                written = 0;
                ids.extend_from_slice(many.get(quad[0], tokens));
            }
        }
        ids.extend_from_slice(&out[..written]);
    }
}

impl Many {
    fn get(&self, start: u32, tokens: usize) -> &[u32] {
        let source = match start & PASSING {
            0 => &self.kept,
            _ => &self.passing,
        };
        let start = (start & !PASSING) as usize;
        &source[start..start + tokens]
    }

    /// What is remembered of these ids.
    fn keep(&mut self, ids: &[u32]) -> Quad {
        quad(ids).unwrap_or_else(|| {
            let start = self.kept.len() as u32;
            self.kept.extend_from_slice(ids);
            [start, 0, 0, 0]
        })
    }

    /// What says of a unit that it has these ids, without remembering them.
    fn pass(&mut self, ids: &[u32]) -> Quad {
        quad(ids).unwrap_or_else(|| {
            let start = self.passing.len() as u32;
            self.passing.extend_from_slice(ids);
            [start | PASSING, 0, 0, 0]
        })
    }
}

/// The ids, if there are no more than four.
#[inline(always)]
fn quad(ids: &[u32]) -> Option<Quad> {
    let mut quad = [0; QUAD];
    quad.get_mut(..ids.len())?.copy_from_slice(ids);
    Some(quad)
}

/// Finds the ids of units that are not in their slots.
struct Misses<'a> {
    vocabulary: &'a Vocabulary,
    text: &'a [u8],
    memo: &'a mut Memo<Quad>,
    many: &'a mut Many,
    units: &'a mut Units,
    /// How many units are to be merged.
    merged: usize,
}

impl Misses<'_> {
    fn resolve(mut self, missed: usize, lanes: &mut Lanes) {
        for &i in &self.units.missed[..missed] {
            let key = self.units.keys[usize::from(i)].0;
            self.vocabulary.prefetch(key);
            self.memo.prefetch_set(key);
        }
        for n in 0..missed {
            self.find(usize::from(self.units.missed[n]));
        }
        self.merge(lanes);
    }

    /// Finds the ids of a unit, or puts it to those that are merged together.
    #[inline(always)]
    fn find(&mut self, i: usize) {
        let key = self.units.keys[i].0;
        if key == Key::NONE || key == LONG_SEGMENT {
            return self.find_long(i, key);
        }
        let rank = self.vocabulary.find(key);
        if rank != NO_RANK {
            let ids = [self.vocabulary.id(rank), 0, 0, 0];
            self.memo.put_single(key, ids);
            self.set(i, 1, ids);
        } else if let Some((tokens, ids)) = self.memo.find(key) {
            self.set(i, tokens, ids);
        } else {
            self.units.merged[self.merged] = i as u16;
            self.merged += 1;
        }
    }

    #[inline(always)]
    fn set(&mut self, i: usize, tokens: usize, ids: Quad) {
        (self.units.tokens[i], self.units.ids[i]) = (tokens as u32, ids);
    }

    fn merge(&mut self, lanes: &mut Lanes) {
        let (vocabulary, text) = (self.vocabulary, self.text);
        let Misses {
            memo, many, units, ..
        } = self;
        let (start, ends) = (units.start, &units.ends);
        let spans = units.merged[..self.merged].iter().map(|&i| {
            let i = usize::from(i);
            (if i == 0 { start } else { ends[i - 1] }, ends[i])
        });
        lanes.merge_each(vocabulary, text, spans, |n, start, merge| {
            let i = usize::from(units.merged[n]);
            let mut found = [0; LANE_BYTES];
            let (mut from, mut tokens) = (start, 0);
            for end in merge.ends() {
                found[tokens] = vocabulary.id(vocabulary.rank(text, from, start + end));
                (from, tokens) = (start + end, tokens + 1);
            }
            let ids = many.keep(&found[..tokens]);
            memo.put(units.keys[i].0, tokens, ids);
            (units.tokens[i], units.ids[i]) = (tokens as u32, ids);
        });
    }

    /// Finds the ids of a unit that is too long for a key.
    fn find_long(&mut self, i: usize, key: Key) {
        let (start, end) = self.units.span(i);
        let bytes = &self.text[start..end];
        let (hash, is_segment) = (hash_bytes(bytes), key == LONG_SEGMENT);
        if let Some((tokens, ids)) = self.memo.find_long(hash, bytes, is_segment) {
            return self.set(i, tokens, ids);
        }
        let mut found = Vec::new();
        encode_long(self.vocabulary, self.text, start, end, key, &mut found);
        let many = &mut *self.many;
        self.memo
            .put_long(hash, bytes, is_segment, found.len(), || many.keep(&found));
        let ids = many.pass(&found);
        self.set(i, found.len(), ids);
    }
}

/// Appends the ids of a pretoken without barriers, or of a segment of one, that is too long for a key.
fn encode_long(
    vocabulary: &Vocabulary,
    text: &[u8],
    start: usize,
    end: usize,
    key: Key,
    ids: &mut Vec<u32>,
) {
    // A segment that is a token may be merged to several.
    if key == Key::NONE {
        let rank = vocabulary.rank(text, start, end);
        if rank != NO_RANK {
            return ids.push(vocabulary.id(rank));
        }
    }
    merge(vocabulary, text, start, end, ids);
}

/// Appends the ids of the tokens that a pretoken is merged to.
pub fn merge(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize, ids: &mut Vec<u32>) {
    let mut from = start;
    merge::each_end(vocabulary, text, start, end, |to| {
        ids.push(vocabulary.id(vocabulary.rank(text, from, to)));
        from = to;
    });
}
