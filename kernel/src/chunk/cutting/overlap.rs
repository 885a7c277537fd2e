//! Where the overlap of a chunk with the one before it starts.
//!
//! The fallback is `ctxtools/_core/fallback/chunk/overlap.py`.

use crate::chunk::cutting::cut_costs::Search;
use crate::index::token_index::Indexed;
use crate::text::boundaries::{strength, strength_at};

/// What is known of the text beside its tokens. All offsets are in bytes and in order.
#[derive(Clone, Copy, Default)]
pub struct Rules<'a> {
    /// Where blocks start, and the strength of a cut there.
    pub boundaries: &'a [(u32, u8)],
    /// Offsets, and from each of them on the strength from which on a boundary is a good start. A
    /// strength above all of them stands for a span that no overlap starts inside.
    pub good: &'a [(u32, u8)],
    /// Offsets that no overlap reaches across.
    pub walls: &'a [u32],
}

/// Where overlaps start, mostly asked for in the order of their ends.
pub struct Overlaps<'a> {
    indexed: Indexed<'a>,
    boundaries: &'a [(u32, u8)],
    good: Search<'a, u8>,
    walls: &'a [u32],
}

impl<'a> Overlaps<'a> {
    pub fn new(indexed: Indexed<'a>, rules: Rules<'a>) -> Self {
        Overlaps {
            indexed,
            boundaries: rules.boundaries,
            good: Search::new(rules.good),
            walls: rules.walls,
        }
    }

    /// The start of the overlap of at most `overlap` tokens that ends at `end`, not before `min`: the
    /// first good boundary; if there is none, the first end of a clause if that leaves half of it, else
    /// of a word, or any start.
    pub fn start(&self, end: usize, overlap: usize, min: usize) -> usize {
        let wall = self.walls.partition_point(|&wall| wall as usize <= end);
        let wall = wall.checked_sub(1).map_or(0, |last| self.walls[last]);
        let min = min.max(wall as usize).min(end);
        let first = self.indexed.overlap_start(end, overlap);
        if first >= end || min >= end {
            return end;
        }
        let count = |start: usize| self.indexed.count(start, end);
        if min >= first && count(min) <= overlap {
            return min;
        }
        let first = first.max(min);
        let mut clause = None;
        let mut any = None;
        for (start, strength) in self.starts(first, end) {
            let good = self
                .good
                .last(start as u32)
                .map_or(strength::SENTENCE, |&(_, good)| good);
            let is_inside = good > strength::SECTION;
            let is_good = strength >= good;
            let is_clause = clause.is_none() && strength >= strength::CLAUSE && !is_inside;
            let is_any = any.is_none() && !is_inside;
            if !(is_good || is_clause || is_any) {
                continue;
            }
            let tokens = count(start);
            if tokens > overlap {
                continue;
            }
            if is_good {
                return start;
            }
            any = any.or(Some(start));
            if is_clause && tokens >= overlap / 2 {
                clause = Some(start);
            }
        }
        clause.or(any).unwrap_or(end)
    }

    /// The boundaries and starts of blocks in `first..end`, and `first`, with their strengths.
    fn starts(&self, first: usize, end: usize) -> Vec<(usize, u8)> {
        let strength = match first {
            0 => strength::SECTION,
            _ => strength_at(self.indexed.text.as_bytes(), first),
        };
        let mut found = vec![(first, strength)];
        self.indexed
            .each_boundary(strength::WORD, first, end, |at, strength| {
                found.push((at, strength));
                true
            });
        let blocks = self.boundaries;
        let here = blocks.partition_point(|&(at, _)| (at as usize) < first)
            ..blocks.partition_point(|&(at, _)| (at as usize) < end);
        if here.is_empty() {
            return found;
        }
        let is_inside = |at: usize| self.indexed.is_inside_cluster(at);
        let blocks = blocks[here]
            .iter()
            .map(|&(at, strength)| (at as usize, strength));
        found.extend(blocks.filter(|&(at, _)| !is_inside(at)));
        // The stronger one of two at an offset comes first.
        found.sort_unstable_by_key(|&(at, strength)| (at, u8::MAX - strength));
        found.dedup_by_key(|&mut (at, _)| at);
        found
    }
}
