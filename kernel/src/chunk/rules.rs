//! From the blocks of a document to the rules for cutting a look-ahead window of it.
//!
//! In Python: `ctxtools/chunking/cutting/rules.py`.

use crate::chunk::blocks::{Block, Kind};
use crate::chunk::cut_costs::{CutCosts, Search};
use crate::chunk::headers::Headers;
use crate::chunk::overlap;
use crate::count::byte_level::SplitError;
use crate::index::token_index::Indexed;
use crate::text::boundaries::strength;
use crate::text::char_map::Cursor;
use crate::text::spaces::is_space;
use std::ops::Range;

/// How much of `glued` it costs to part a heading from one below it, which is parted from its own text
/// last.
const SECTION_GLUED: f64 = 0.5;

/// Above every strength: no boundary is that good.
const NEVER: u8 = u8::MAX;

/// How documents are cut; the same for all of them.
pub struct Settings {
    /// The limits of chunks, the largest first.
    pub sizes: Vec<i64>,
    pub overlap: i64,
    pub min_size: i64,
    pub penalties: Vec<f64>,
    pub below_min: f64,
    pub evenness: f64,
    pub smallness: f64,
    pub per_span: f64,
    pub target: f64,
    /// What a cut inside an atomic block costs beside what that would cost as a chunk.
    pub atomic: f64,
    /// What it costs between what belongs together.
    pub glued: f64,
    /// What it costs before what closes a block.
    pub closing: f64,
    pub greedy: bool,
    /// Whether chunks start with the titles that they lack.
    pub has_headers: bool,
    /// Whether no overlap reaches into another section or function.
    pub within_sections: bool,
}

impl Settings {
    /// What a cut inside an atomic block costs that would leave a share of a chunk empty.
    fn inside(&self, rest: f64) -> f64 {
        let missing = 1.0 - (1.0 - rest) / self.target;
        let evenness = match missing < 0.0 {
            true => self.evenness / 2.0,
            false => self.evenness,
        };
        let square = rest * rest;
        let fourth = square * square;
        let eighth = fourth * fourth;
        let alone =
            self.per_span + evenness * (missing * missing) + self.smallness * (eighth * eighth);
        self.atomic + alone
    }
}

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
        let mut walk = Walk::new(self);
        let mut positions = Positions::new(self);
        let last = self.index.text.len() as i64;
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
            let room = limit - self.settings.overlap - header;
            let rest = |to: i64, from: i64| match room > 0 {
                true => (room - (to - from)) as f64 / room as f64,
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
                && surely_more(end - start) <= room
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
        let room = limit - self.settings.overlap;
        let most = costs.iter().map(|&(_, tokens)| tokens).max().unwrap_or(0);
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
            if i64::from(end - start) > room - most {
                let tokens = self.index.count(start as usize, end as usize) as i64;
                let header = search.last(at).map_or(0, |&(_, tokens)| tokens);
                if tokens > room - header {
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

/// A block that has a part in the window; where in bytes of the window, -1 if before it, and one more
/// than its length if after it.
struct Local<'a> {
    block: &'a Block,
    start: i64,
    /// Where what closes it starts, in characters of the document; its end if nothing does.
    closing: u32,
    /// Where the first chunk of it may end that does not repeat what it repeats.
    body: i64,
    /// Of a cut inside it; None if that is what is around it says.
    cost: Option<f64>,
    /// Whether it is certain to be cut.
    is_cut: bool,
}

/// A block that the walk is in.
struct Open {
    start: i64,
    /// In characters of the document.
    end: u32,
    /// Where what closes it starts; its end if nothing does.
    closing: u32,
    /// Of a cut inside it, where no block inside it says otherwise.
    cost: f64,
    /// From which on a boundary inside it is a good start of an overlap.
    strength: u8,
    /// Where the rows start of a table whose header is repeated; -1 of others.
    rows: i64,
}

/// Offsets in characters of the document, in bytes of the window.
struct Positions<'a> {
    cursor: Cursor<'a>,
    offset: u32,
    end: u32,
    length: i64,
}

impl<'a> Positions<'a> {
    fn new(maker: &RuleMaker<'a>) -> Self {
        Positions {
            cursor: maker.index.cursor(),
            offset: maker.offset,
            end: maker.end,
            length: maker.index.text.len() as i64,
        }
    }

    fn byte(&mut self, at: u32) -> i64 {
        match at.checked_sub(self.offset) {
            None => -1,
            Some(_) if at > self.end => self.length + 1,
            Some(inside) => self.cursor.byte(inside as usize) as i64,
        }
    }
}

/// One walk over the blocks of a look-ahead window, each before those inside it.
struct Walk<'a> {
    text: &'a str,
    positions: Positions<'a>,
    settings: &'a Settings,
    outermost: Open,
    open: Vec<Open>,
    /// Where blocks start inside the window, and the strength of a cut there.
    boundaries: Vec<(u32, u8)>,
    /// Offsets, and from each of them on what a cut costs beside its strength.
    inside: Vec<(u32, f64)>,
    /// The same of the strength from which on a boundary is a good start of an overlap, if there are
    /// overlaps.
    good: Vec<(u32, u8)>,
    has_overlap: bool,
    /// Spans that are never cut.
    atomic: Vec<(u32, u32)>,
}

impl<'a> Walk<'a> {
    fn new(maker: &RuleMaker<'a>) -> Self {
        let end = u32::MAX;
        Walk {
            text: maker.index.text,
            positions: Positions::new(maker),
            settings: maker.settings,
            outermost: Open {
                start: -1,
                end,
                closing: end,
                cost: 0.0,
                strength: strength::SENTENCE,
                rows: -1,
            },
            open: Vec::new(),
            boundaries: Vec::with_capacity(maker.blocks.len()),
            inside: Vec::new(),
            good: Vec::new(),
            has_overlap: maker.settings.overlap > 0,
            atomic: Vec::new(),
        }
    }

    fn innermost(&self) -> &Open {
        self.open.last().unwrap_or(&self.outermost)
    }

    /// Comes to a block, after having left those that end before it.
    fn enter(&mut self, local: &Local<'_>) {
        let (block, start) = (local.block, local.start);
        let outer = self.innermost();
        let (outer_start, outer_cost, outer_strength) = (outer.start, outer.cost, outer.strength);
        let outer_rows = outer.rows;
        if 0 < start && start < self.text.len() as i64 && start > outer_start {
            self.add_start(block, start);
        }
        let cost = local.cost.unwrap_or(outer_cost);
        let (mut strength, mut rows) = (outer_strength, -1);
        if block.kind == Kind::Table && block.repeat > 0 {
            strength = NEVER;
            rows = local.body;
        } else if block.kind == Kind::Row && outer_rows >= 0 {
            strength = match local.is_cut {
                true => strength::SENTENCE,
                false => NEVER,
            };
        } else if has_lines(block.kind) {
            strength = strength::LINE;
        }
        let after = match usize::try_from(start) {
            Ok(start) => {
                start as i64 + self.text[start..].chars().next().map_or(1, char::len_utf8) as i64
            }
            Err(_) => 0,
        };
        self.add_step(after, cost, strength);
        self.open.push(Open {
            start,
            end: block.end,
            closing: local.closing,
            cost,
            strength,
            rows,
        });
    }

    /// Adds a span that is never cut, if it is in the window and not in another one.
    fn add_atomic(&mut self, start: i64, end: i64) {
        let is_after = |&(_, last): &(u32, u32)| i64::from(last) <= start;
        if start < end && end <= self.text.len() as i64 && self.atomic.last().is_none_or(is_after) {
            self.atomic.push((start as u32, end as u32));
        }
    }

    /// A block that starts where none around it does.
    fn add_start(&mut self, block: &Block, start: i64) {
        let outer = self.innermost();
        let is_row = block.kind == Kind::Row && 0 <= outer.rows && outer.rows <= start;
        let (good, outer_start) = (outer.strength, outer.start);
        let mut cost = outer.cost;
        self.boundaries.push((start as u32, block.strength));
        if block.strength == strength::NONE {
            cost += match block.kind {
                Kind::Section => self.settings.glued * SECTION_GLUED,
                _ => self.settings.glued,
            };
            let first = self.start_of_space(start, outer_start);
            if first < start {
                self.add_step(first, cost, good);
            }
        }
        self.add_step(start, cost, if is_row { strength::NONE } else { good });
    }

    /// Where the white space before an offset starts, in a block that starts at `start`: it is not cut
    /// off either from what is before it.
    fn start_of_space(&self, offset: i64, start: i64) -> i64 {
        let before = usize::try_from(offset)
            .ok()
            .and_then(|at| self.text.get(..at));
        let mut first = offset;
        for (at, character) in before.unwrap_or_default().char_indices().rev() {
            if !is_space(character) || !self.is_after_first(first, start) {
                break;
            }
            first = at as i64;
        }
        first
    }

    /// Whether an offset is more than a character after the start of a block, and of the text.
    fn is_after_first(&self, at: i64, start: i64) -> bool {
        let end_of_first = |start: usize| {
            let first = self.text[start..].chars().next();
            (start + first.map_or(1, char::len_utf8)) as i64
        };
        at > end_of_first(0) && at > usize::try_from(start).map_or(0, end_of_first)
    }

    /// Leaves the blocks that end at or before an offset, in characters of the document.
    fn leave_before(&mut self, offset: u32) {
        while let Some(block) = self.open.pop_if(|block| block.end <= offset) {
            let outer = self.innermost();
            let (outer_cost, outer_strength) = (outer.cost, outer.strength);
            if block.closing < block.end {
                let closing = self.positions.byte(block.closing);
                let first = self.start_of_space(closing, block.start);
                self.add_step(first, block.cost + self.settings.closing, block.strength);
            }
            let end = self.positions.byte(block.end);
            self.add_step(end, outer_cost, outer_strength);
        }
    }

    /// From an offset on, a cut costs something else; what was said of what is after it is void.
    fn add_step(&mut self, offset: i64, cost: f64, strength: u8) {
        let (offset, end) = (offset.max(0), self.text.len() as i64);
        add_step(&mut self.inside, (offset, end), cost, 0.0);
        if self.has_overlap {
            add_step(&mut self.good, (offset, end), strength, strength::SENTENCE);
        }
    }
}

/// Adds what holds from an offset on, up to the end of the text; `first` holds before all steps.
fn add_step<T: PartialEq + Copy>(
    steps: &mut Vec<(u32, T)>,
    (offset, end): (i64, i64),
    value: T,
    first: T,
) {
    let is_void = |(at, _): &mut (u32, T)| i64::from(*at) >= offset;
    while steps.pop_if(is_void).is_some() {}
    let is_new = steps.last().map_or(first, |&(_, last)| last) != value;
    if offset < end && is_new {
        steps.push((offset as u32, value));
    }
}

/// Whether an overlap may start at any line of a block of a kind.
fn has_lines(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Code
            | Kind::Function
            | Kind::Class
            | Kind::Statement
            | Kind::Imports
            | Kind::Comment
            | Kind::List
            | Kind::Object
            | Kind::Array
            | Kind::Value
            | Kind::Record
    )
}
