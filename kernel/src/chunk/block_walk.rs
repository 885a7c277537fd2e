//! The walk over the blocks of a look-ahead window, each before those inside it, that makes rules.

use crate::chunk::blocks::{Block, Kind};
use crate::chunk::settings::Settings;
use crate::index::token_index::Indexed;
use crate::text::boundaries::strength;
use crate::text::char_map::Cursor;
use crate::text::spaces::is_space;

/// How much of `glued` it costs to part a heading from one below it, which is parted from its own text
/// last.
const SECTION_GLUED: f64 = 0.5;

/// Above every strength: no boundary is that good.
const NEVER: u8 = u8::MAX;

/// A block that has a part in the window; where in bytes of the window, -1 if before it, and one more
/// than its length if after it.
pub struct Local<'a> {
    pub block: &'a Block,
    pub start: i64,
    /// Where what closes it starts, in characters of the document; its end if nothing does.
    pub closing: u32,
    /// Where the first chunk of it may end that does not repeat what it repeats.
    pub body: i64,
    /// Of a cut inside it; None if that is what is around it says.
    pub cost: Option<f64>,
    /// Whether it is certain to be cut.
    pub is_cut: bool,
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
pub struct Positions<'a> {
    cursor: Cursor<'a>,
    offset: u32,
    end: u32,
    length: i64,
}

impl<'a> Positions<'a> {
    /// Of a window from `offset` to `end` of the document, of which `index` is.
    pub fn new(index: Indexed<'a>, offset: u32, end: u32) -> Self {
        Positions {
            cursor: index.cursor(),
            offset,
            end,
            length: index.text.len() as i64,
        }
    }

    pub fn byte(&mut self, at: u32) -> i64 {
        match at.checked_sub(self.offset) {
            None => -1,
            Some(_) if at > self.end => self.length + 1,
            Some(inside) => self.cursor.byte(inside as usize) as i64,
        }
    }
}

/// One walk over the blocks of a look-ahead window, each before those inside it.
pub struct Walk<'a> {
    text: &'a str,
    pub positions: Positions<'a>,
    settings: &'a Settings,
    outermost: Open,
    open: Vec<Open>,
    /// Where blocks start inside the window, and the strength of a cut there.
    pub boundaries: Vec<(u32, u8)>,
    /// Offsets, and from each of them on what a cut costs beside its strength.
    pub inside: Vec<(u32, f64)>,
    /// The same of the strength from which on a boundary is a good start of an overlap, if there are
    /// overlaps.
    pub good: Vec<(u32, u8)>,
    has_overlap: bool,
    /// Spans that are never cut.
    pub atomic: Vec<(u32, u32)>,
}

impl<'a> Walk<'a> {
    /// Over about so many blocks of a text.
    pub fn new(
        text: &'a str,
        positions: Positions<'a>,
        settings: &'a Settings,
        blocks: usize,
    ) -> Self {
        let end = u32::MAX;
        Walk {
            text,
            positions,
            settings,
            outermost: Open {
                start: -1,
                end,
                closing: end,
                cost: 0.0,
                strength: strength::SENTENCE,
                rows: -1,
            },
            open: Vec::new(),
            boundaries: Vec::with_capacity(blocks),
            inside: Vec::new(),
            good: Vec::new(),
            has_overlap: settings.overlap > 0,
            atomic: Vec::new(),
        }
    }

    fn innermost(&self) -> &Open {
        self.open.last().unwrap_or(&self.outermost)
    }

    /// Comes to a block, after having left those that end before it.
    pub fn enter(&mut self, local: &Local<'_>) {
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
    pub fn add_atomic(&mut self, start: i64, end: i64) {
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
    pub fn leave_before(&mut self, offset: u32) {
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
