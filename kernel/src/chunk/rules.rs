//! From the blocks of a document to the rules for cutting a look-ahead window of it.
//!
//! In Python: `ctxtools/chunking/cutting/rules.py`.

use crate::chunk::block_walk::{Local, Positions, Walk};
use crate::chunk::blocks::{Block, Kind};
use crate::chunk::cutting::cut_costs::{CutCosts, Search};
use crate::chunk::cutting::overlap;
use crate::chunk::headers::Headers;
use crate::chunk::settings::Settings;
use crate::count::byte_level::SplitError;
use crate::index::token_index::Indexed;
use std::ops::Range;

/// Where a text is well cut, and where not; offsets in bytes and in order. See `CutRules` of
/// `ctxtools/_core/cut_types.py`.
#[derive(Default)]
pub struct Rules {
    pub boundaries: Vec<(u32, u8)>,
    pub atomic: Vec<(u32, u32)>,
    pub inside: Vec<(u32, f64)>,
    pub extra: Vec<(u32, f64)>,
    pub overheads: Vec<(u32, i64)>,
    pub overlap_strengths: Vec<(u32, u8)>,
    pub walls: Vec<u32>,
}

impl Rules {
    pub fn costs<'a>(&'a self, penalties: &'a [f64]) -> CutCosts<'a> {
        CutCosts::new(penalties, &self.inside, &self.extra, &self.atomic)
    }

    pub fn overlap_rules(&self) -> overlap::Rules<'_> {
        overlap::Rules {
            boundaries: &self.boundaries,
            good: &self.overlap_strengths,
            walls: &self.walls,
        }
    }
}

/// A heading of so many bytes has fewer tokens, whatever is added where texts meet.
const fn surely_more(bytes: i64) -> i64 {
    2 * bytes + 64
}

/// Makes the rules for one look-ahead window.
pub struct RuleMaker<'a> {
    index: Indexed<'a>,
    headers: &'a Headers<'a>,
    settings: &'a Settings,
    /// Where the window starts and ends in the document, in characters.
    offset: u32,
    end: u32,
    /// The blocks that have a part in it: those that start before it, and those that start in it.
    outer: Vec<u32>,
    blocks: Range<u32>,
    /// What may not be cut, in characters of the document.
    inline: &'a [(u32, u32)],
    walls: Vec<u32>,
    /// Whether a cut may have to be inside a heading.
    is_forced: bool,
}

impl<'a> RuleMaker<'a> {
    /// `is_forced`: whether cuts are forced that no block is asked about.
    pub fn new(
        index: Indexed<'a>,
        headers: &'a Headers<'a>,
        settings: &'a Settings,
        offset: u32,
        is_forced: bool,
    ) -> Self {
        let structure = headers.structure;
        let end = offset.saturating_add(index.map.chars.characters as u32);
        let (outer, blocks) = structure.between(offset, end);
        let spans = &structure.blocks.inline;
        let first = spans.partition_point(|&(start, _)| start < offset);
        let last = spans.partition_point(|&(start, _)| start < end);
        let mut maker = RuleMaker {
            index,
            headers,
            settings,
            offset,
            end,
            outer,
            blocks,
            inline: &spans[first..last.max(first)],
            walls: Vec::new(),
            is_forced: is_forced || settings.sizes.len() > 1,
        };
        if settings.within_sections {
            maker.walls = maker.walls();
        }
        maker
    }

    /// The blocks that have a part in the window, each before those inside it.
    fn blocks(&self) -> impl Iterator<Item = (u32, &'a Block)> {
        let items = self.headers.structure.items();
        let numbers = self.outer.iter().copied().chain(self.blocks.clone());
        let blocks = numbers.map(move |number| (number, &items[number as usize]));
        blocks.filter(|(_, block)| block.end > self.offset)
    }

    /// Where sections and functions start and end, in bytes of the window.
    fn walls(&self) -> Vec<u32> {
        let titled = self.blocks().filter(|(_, block)| block.title > 0);
        let ends = titled.flat_map(|(_, block)| [block.start, block.end]);
        let mut ends: Vec<u32> = ends
            .filter(|at| (self.offset..=self.end).contains(at))
            .collect();
        ends.sort_unstable();
        ends.dedup();
        let mut cursor = self.index.cursor();
        let byte = |at| cursor.byte((at - self.offset) as usize) as u32;
        ends.into_iter().map(byte).collect()
    }

    /// The rules for chunks of at most a number of tokens.
    pub fn rules(&self, limit: i64) -> Result<Rules, SplitError> {
        let costs = self.headers.costs((self.offset, self.end), limit)?;
        let overheads = self.overheads(&costs);
        if self.blocks.is_empty() && self.outer.is_empty() && self.inline.is_empty() {
            return Ok(Rules {
                overheads,
                ..Rules::default()
            });
        }
        let structure = self.headers.structure;
        let search = Search::new(&costs);
        let header_cost = |at: u32| search.last(at).map_or(0, |&(_, tokens)| tokens);
        let (text, blocks) = (self.index.text, self.blocks.len());
        let positions = || Positions::new(self.index, self.offset, self.end);
        let mut walk = Walk::new(text, positions(), self.settings, blocks);
        let mut positions = positions();
        let last = text.len() as i64;
        for (number, block) in self.blocks() {
            walk.leave_before(block.start);
            let start = walk.positions.byte(block.start);
            let mut local = Local {
                block,
                start,
                closing: structure.closing(number),
                body: start,
                cost: None,
                is_cut: false,
            };
            let repeats = block.repeat > 0;
            let is_heading = block.kind == Kind::Heading;
            if !(block.is_atomic || repeats || is_heading || block.kind == Kind::Row) {
                walk.enter(&local);
                continue;
            }
            let header = header_cost(block.start);
            let capacity = limit - self.settings.overlap - header;
            let rest = |to: i64, from: i64| match capacity > 0 {
                true => (capacity - (to - from)) as f64 / capacity as f64,
                false => -1.0,
            };
            let end = positions.byte(block.end);
            if repeats {
                local.body = positions.byte(block.body(&structure.blocks));
            }
            let is_inside = 0 <= start && start <= end && end <= last;
            let is_leaf = block.after == number + 1 && !repeats;
            if is_inside
                && is_heading
                && is_leaf
                && !self.is_forced
                && surely_more(end - start) <= capacity
            {
                // Nothing is cut inside, so that no one asks what that would cost.
                walk.add_atomic(start, end);
            } else if is_inside {
                let (from, to) = (self.sum_from(start), self.sum_to(end));
                let whole = rest(to, from);
                if block.is_atomic && whole >= 0.0 {
                    local.cost = Some(self.settings.inside(whole));
                }
                local.is_cut = block.kind == Kind::Row && to - from > limit - header;
                if is_heading {
                    if whole >= 0.0 {
                        walk.add_atomic(start, end);
                    }
                } else if repeats {
                    let body = local.body;
                    let to = match 0 <= body && body <= last {
                        true => self.sum_to(body),
                        false => 0,
                    };
                    if rest(to, from) >= 0.0 {
                        walk.add_atomic(start, body);
                    }
                }
            } else if repeats && !is_heading {
                // Its end is not in the window, but perhaps its header rows are.
                let body = local.body;
                if 0 <= start
                    && start < body
                    && body <= last
                    && rest(self.sum_to(body), self.sum_from(start)) >= 0.0
                {
                    walk.add_atomic(start, body);
                }
            }
            walk.enter(&local);
        }
        walk.leave_before(u32::MAX);
        Ok(Rules {
            atomic: self.with_inline(walk.atomic, &walk.boundaries, &costs, limit),
            boundaries: walk.boundaries,
            inside: walk.inside,
            extra: Vec::new(),
            overheads,
            overlap_strengths: walk.good,
            walls: self.walls.clone(),
        })
    }

    /// The token sum of a span that starts at an offset of the window.
    fn sum_from(&self, start: i64) -> i64 {
        let start = start as usize;
        let known = self.index.sum_at(start).map(|sum| sum as i64);
        known.unwrap_or_else(|| self.index.sum_from(start))
    }

    /// That of a span that ends there.
    fn sum_to(&self, end: i64) -> i64 {
        let end = end as usize;
        let known = self.index.sum_at(end);
        known.unwrap_or_else(|| self.index.sum_to(end)) as i64
    }

    /// Spans that are not cut, with those inline between them in which no block starts.
    fn with_inline(
        &self,
        atomic: Vec<(u32, u32)>,
        starts: &[(u32, u8)],
        costs: &[(u32, i64)],
        limit: i64,
    ) -> Vec<(u32, u32)> {
        if self.inline.is_empty() {
            return atomic;
        }
        let capacity = limit - self.settings.overlap;
        let max = costs.iter().map(|&(_, tokens)| tokens).max().unwrap_or(0);
        let search = Search::new(costs);
        let mut cursor = self.index.cursor();
        let mut byte = |at: u32| cursor.byte((at - self.offset) as usize) as u32;
        let mut spans = Vec::with_capacity(atomic.len() + self.inline.len());
        let mut atomic = atomic.into_iter().peekable();
        let mut number = 0; // of the first block that may start inside
        // The ends of the last span: in bytes, and of the last one inline in characters, which tells
        // most of those that are inside another.
        let (mut last, mut covered) = (0, 0);
        for &(at, until) in self.inline {
            if at < covered || until <= at || self.end < until {
                continue;
            }
            let (start, end) = (byte(at), byte(until));
            while let Some(span) = atomic.next_if(|&(first, _)| first <= start) {
                if last <= span.0 {
                    last = span.1;
                    spans.push(span);
                }
            }
            if start < last {
                continue;
            }
            // No token has fewer bytes than one.
            if i64::from(end - start) > capacity - max {
                let tokens = self.index.count(start as usize, end as usize) as i64;
                let header = search.last(at).map_or(0, |&(_, tokens)| tokens);
                if tokens > capacity - header {
                    continue;
                }
            }
            while starts.get(number).is_some_and(|&(block, _)| block <= start) {
                number += 1;
            }
            if starts.get(number).is_none_or(|&(block, _)| block >= end) {
                (last, covered) = (end, until);
                spans.push((start, end));
            }
        }
        for span in atomic {
            if last <= span.0 {
                last = span.1;
                spans.push(span);
            }
        }
        spans
    }

    /// Where the tokens of overlap and header change, and those tokens.
    fn overheads(&self, costs: &[(u32, i64)]) -> Vec<(u32, i64)> {
        let overlap = self.settings.overlap;
        if overlap == 0 && self.headers.structure.is_empty() {
            return Vec::new();
        }
        let mut cursor = self.index.cursor();
        // What starts the document has no overlap, and nothing before it that a header could name.
        let first = u32::from(self.offset == 0 && !self.index.text.is_empty());
        let mut overheads = match first {
            0 => Vec::new(),
            _ => vec![(0, 0)],
        };
        for &(offset, tokens) in costs {
            let at = offset.saturating_sub(self.offset).max(first);
            if overheads
                .last()
                .is_none_or(|&(_, last)| last != overlap + tokens)
            {
                overheads.push((cursor.byte(at as usize) as u32, overlap + tokens));
            }
        }
        overheads
    }
}
