//! The ids of a batch of pretokens.
//!
//! As in [`counts`](crate::count::counts), no step waits for memory or guesses. Pretokens, and the
//! segments of long ones in their place, are [`units`](crate::count::ids::units), which are looked up
//! together; what is not in its slot is looked up in the vocabulary, or in the memo's second table, or
//! merged together with others. Only then are all ids written, unit by unit: four for each, of which
//! the next unit overwrites those that are too many. That costs less than to branch on how many there
//! are.
//!
//! What was tried:
//! - An id beside each key, in slots of half the size, and where there are several their number in a
//!   table of quads. What the slots save is more than lost with the second table.
//! - Writing ids as units are looked up, with gaps that are filled when the missed ones are found: many
//!   short copies, which take longer than to put all quads aside.
//! - Leaving out the vocabulary for segments, which are in the memo alone: no gain.
//! - Encoding a long `str` while it is converted, as it is counted: no gain, the conversion takes as long.

use crate::bpe::barriers::Segments;
use crate::bpe::merge::{self, LANE_BYTES, Lanes};
use crate::bpe::vocabulary::{Key, NO_RANK, Vocabulary, hash_bytes};
use crate::count::ids::units::{LONG_SEGMENT, QUAD, UNITS, Units};
use crate::count::memo::{Memo, Quad};
use crate::split::level::Level;

/// With more ids kept than this, all is forgotten.
const MAX_KEPT: usize = 1 << 20;
/// The longest pretoken that is remembered, in bytes.
const LONGEST: usize = 255;
/// Encodes batches of pretokens, remembering what it has seen.
pub struct BatchIds {
    level: Level,
    memo: Memo<Quad>,
    many: Many,
    units: Units,
    /// Which units are to be merged.
    merged: [u16; UNITS],
    lanes: Lanes,
    segments: Segments,
    /// What is written.
    out: [u32; (UNITS + 1) * QUAD],
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

impl BatchIds {
    pub fn new(level: Level) -> Box<Self> {
        Box::new(BatchIds {
            level,
            memo: Memo::new(),
            many: Many::default(),
            units: Units::new(),
            merged: [0; UNITS],
            lanes: Lanes::default(),
            segments: Segments::new(),
            out: [0; (UNITS + 1) * QUAD],
        })
    }

    /// Appends the ids of consecutive pretokens.
    pub fn encode(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        mut start: usize,
        mut ends: &[usize],
        ids: &mut Vec<u32>,
    ) {
        self.units.start = start;
        loop {
            let added = self.units.extend(start, ends);
            if let Some(last) = added.checked_sub(1) {
                start = ends[last];
            }
            ends = &ends[added..];
            if self.units.count == UNITS {
                self.flush(vocabulary, text, ids);
                continue;
            }
            let Some((&end, after)) = ends.split_first() else {
                break;
            };
            if text[start..end].is_ascii() {
                self.push_long(vocabulary, text, start, end, false, ids);
            } else {
                self.push_segments(vocabulary, text, start, end, ids);
            }
            (start, ends) = (end, after);
        }
        self.flush(vocabulary, text, ids);
    }

    /// Adds a unit that is too long for a key, or appends its ids if it is not to be remembered.
    fn push_long(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        start: usize,
        end: usize,
        is_segment: bool,
        ids: &mut Vec<u32>,
    ) {
        let is_remembered = end - start <= LONGEST;
        if !is_remembered || self.units.count == UNITS {
            self.flush(vocabulary, text, ids);
        }
        if is_remembered {
            self.units.push(end, is_segment);
        } else {
            encode_long(vocabulary, text, start, end, is_segment, ids);
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
                return self.push_long(vocabulary, text, start, end, false, ids);
            }
            let mut next = 0;
            while let Some((start, end)) = self.segments.get(next) {
                next += 1;
                if end - start > LONGEST || self.units.count == UNITS {
                    self.push_long(vocabulary, text, start, end, true, ids);
                } else {
                    self.units.push(end, true);
                }
            }
        }
    }

    /// Finds and appends the ids of the units.
    fn flush(&mut self, vocabulary: &Vocabulary, text: &[u8], ids: &mut Vec<u32>) {
        if self.many.kept.len() > MAX_KEPT {
            self.many.kept.clear();
            self.memo.clear();
        }
        let missed = self.units.look_up(self.level, text, &self.memo);
        if missed > 0 {
            Misses {
                vocabulary,
                text,
                memo: &mut self.memo,
                many: &mut self.many,
                units: &mut self.units,
                merged: &mut self.merged,
            }
            .resolve(missed, &mut self.lanes);
        }
        self.write(ids);
        self.many.passing.clear();
        self.units.clear();
    }

    /// Appends the ids of the units, all of which were found.
    #[inline(always)]
    fn write(&mut self, ids: &mut Vec<u32>) {
        let out = &mut self.out;
        let mut written = 0;
        for (tokens, quad) in self.units.found() {
            if tokens <= QUAD {
                out[written..written + QUAD].copy_from_slice(quad);
                written += tokens;
            } else {
                ids.extend_from_slice(&out[..written]);
                written = 0;
                ids.extend_from_slice(self.many.get(quad[0], tokens));
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
    merged: &'a mut [u16; UNITS],
}

impl Misses<'_> {
    fn resolve(mut self, missed: usize, lanes: &mut Lanes) {
        for n in 0..missed {
            let key = self.units.key(self.units.missed(n));
            self.vocabulary.prefetch(key);
            self.memo.prefetch_set(key);
        }
        let mut merged = 0;
        for n in 0..missed {
            let i = self.units.missed(n);
            self.merged[merged] = i as u16;
            merged += usize::from(!self.find(i));
        }
        self.merge(merged, lanes);
    }

    /// Finds the ids of a unit, unless it is to be merged: then it returns false.
    #[inline(always)]
    fn find(&mut self, i: usize) -> bool {
        let key = self.units.key(i);
        if key == Key::NONE || key == LONG_SEGMENT {
            self.find_long(i, key == LONG_SEGMENT);
            return true;
        }
        let rank = self.vocabulary.find(key);
        if rank != NO_RANK {
            let ids = [self.vocabulary.id(rank), 0, 0, 0];
            self.memo.put_single(key, ids);
            self.units.set(i, 1, ids);
            return true;
        }
        let known = self.memo.find(key);
        if let Some((tokens, ids)) = known {
            self.units.set(i, tokens, ids);
        }
        known.is_some()
    }

    /// Merges the first units of `merged`, this many, together.
    fn merge(self, count: usize, lanes: &mut Lanes) {
        let (vocabulary, text, units) = (self.vocabulary, self.text, self.units);
        let mut spans = [(0, 0); UNITS];
        for (span, &i) in spans.iter_mut().zip(&self.merged[..count]) {
            *span = units.span(i.into());
        }
        let spans = spans[..count].iter().copied();
        lanes.merge_each(vocabulary, text, spans, |n, start, merge| {
            let i = usize::from(self.merged[n]);
            let mut found = [0; LANE_BYTES];
            let (mut from, mut tokens) = (start, 0);
            for end in merge.ends() {
                found[tokens] = vocabulary.id(vocabulary.rank(text, from, start + end));
                (from, tokens) = (start + end, tokens + 1);
            }
            let ids = self.many.keep(&found[..tokens]);
            self.memo.put(units.key(i), tokens, ids);
            units.set(i, tokens, ids);
        });
    }

    /// Finds the ids of a unit that is too long for a key.
    fn find_long(&mut self, i: usize, is_segment: bool) {
        let (start, end) = self.units.span(i);
        let bytes = &self.text[start..end];
        let hash = hash_bytes(bytes);
        if let Some((tokens, ids)) = self.memo.find_long(hash, bytes, is_segment) {
            return self.units.set(i, tokens, ids);
        }
        let mut found = Vec::new();
        encode_long(
            self.vocabulary,
            self.text,
            start,
            end,
            is_segment,
            &mut found,
        );
        let many = &mut *self.many;
        self.memo
            .put_long(hash, bytes, is_segment, found.len(), || many.keep(&found));
        let ids = many.pass(&found);
        self.units.set(i, found.len(), ids);
    }
}

/// Appends the ids of a pretoken without barriers, or of a segment of one, that is too long for a key.
fn encode_long(
    vocabulary: &Vocabulary,
    text: &[u8],
    start: usize,
    end: usize,
    is_segment: bool,
    ids: &mut Vec<u32>,
) {
    // A segment that is a token may be merged to several.
    if !is_segment {
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
