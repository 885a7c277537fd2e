//! Puts the regions of [`crate::chunk::markdown::containers`] among the blocks of a document.

use crate::chunk::blocks::{Block, Blocks, Kind, is_closing};
use crate::chunk::markdown::containers::{Region, RegionKind};
use crate::text::boundaries::strength;
use std::mem::take;
use std::ops::{Deref, DerefMut, Range};

/// Deeper ones contain no blocks.
const MAX_DEPTH: usize = 16;

/// The strongest boundary in a container.
const INSIDE: u8 = strength::SENTENCE;

/// Puts regions among the blocks of a text; all offsets are in bytes.
///
/// A region takes the blocks that it contains as its children. It goes into a section that contains
/// it, and nowhere if another block does. If there are headings in it, there are only blocks for its
/// first and its last line, which stay with what is inside: the first line is a part of the section
/// that follows it.
pub fn insert(text: &str, blocks: &mut Blocks, mut regions: Vec<Region>) {
    if regions.is_empty() {
        return;
    }
    regions.reverse();
    let found = take(blocks);
    let mut inserter = Inserter {
        found: &found,
        openings: Vec::new(),
        glued: false,
        after_heading: false,
    };
    let outermost = parts_of(&found, 0..found.items.len() as u32);
    let mut merged = inserter.merged(outermost, regions, 0);
    merged.append(&mut inserter.openings);
    blocks.items.reserve(found.items.len());
    for part in &merged {
        add(blocks, text, &found, part);
    }
    blocks.texts = found.texts;
    blocks.inline = found.inline;
}

/// A block with those inside it.
struct Part {
    block: Block,
    /// Those of the document that are inside it, if they are as they were found.
    found: Range<u32>,
    /// Those that are inside it if they are not.
    children: Vec<Part>,
}

impl Deref for Part {
    type Target = Block;

    fn deref(&self) -> &Block {
        &self.block
    }
}

impl DerefMut for Part {
    fn deref_mut(&mut self) -> &mut Block {
        &mut self.block
    }
}

impl Part {
    fn new(block: Block) -> Self {
        Part {
            block,
            found: 0..0,
            children: Vec::new(),
        }
    }

    /// The blocks inside it, to put others among them.
    fn take_children(&mut self, found: &Blocks) -> Vec<Part> {
        match self.found.is_empty() {
            true => take(&mut self.children),
            false => parts_of(found, take(&mut self.found)),
        }
    }
}

/// Blocks that are next to each other in another, which are all of some numbers.
fn parts_of(found: &Blocks, numbers: Range<u32>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut number = numbers.start;
    while number < numbers.end {
        let block = found.items[number as usize];
        parts.push(Part {
            found: number + 1..block.after,
            ..Part::new(block)
        });
        number = block.after;
    }
    parts
}

/// Adds a block and those inside it.
fn add(blocks: &mut Blocks, text: &str, found: &Blocks, part: &Part) {
    let number = blocks.items.len();
    blocks.items.push(part.block);
    blocks.closings.push(part.block.end);
    let inside = part.found.start as usize..part.found.end as usize;
    let shift = (number as u32 + 1).wrapping_sub(part.found.start);
    let moved = found.items[inside.clone()].iter().map(|block| Block {
        after: block.after.wrapping_add(shift),
        ..*block
    });
    blocks.items.extend(moved);
    blocks.closings.extend(&found.closings[inside]);
    for child in &part.children {
        add(blocks, text, found, child);
    }
    let after = blocks.items.len() as u32;
    blocks.items[number].after = after;
    let last = match part.children.last() {
        Some(last) => Some(last.block.end),
        None => parts_of(found, part.found.clone())
            .last()
            .map(|last| last.block.end),
    };
    if let Some(last) = last
        && last < part.block.end
        && is_closing(&text[last as usize..part.block.end as usize])
    {
        blocks.closings[number] = last;
    }
}

/// Merges blocks and regions in the order of the text.
struct Inserter<'a> {
    found: &'a Blocks,
    /// First lines of containers that were not yet put anywhere: where a heading follows, they
    /// belong to its section.
    openings: Vec<Part>,
    /// Whether the next block belongs to the line before it.
    glued: bool,
    /// Whether nothing but regions is between a heading and here.
    after_heading: bool,
}

impl Inserter<'_> {
    /// The blocks with those of the regions, of which the first one is last. `depth` is that of the
    /// blocks.
    fn merged(&mut self, blocks: Vec<Part>, mut waiting: Vec<Region>, depth: usize) -> Vec<Part> {
        let mut done: Vec<Part> = Vec::new();
        let mut blocks = blocks.into_iter();
        while let Some(region) = waiting.pop() {
            while let Some(block) = next_if(&mut blocks, |block| block.end <= region.start) {
                self.add(&mut done, block, Vec::new(), depth);
            }
            if let Some(section) = next_if(&mut blocks, |block| {
                block.start <= region.start && block.kind == Kind::Section
            }) {
                waiting.push(region);
                let inside = within(&section, &mut waiting);
                self.add(&mut done, section, inside, depth);
                continue;
            }
            let rest = blocks.as_slice();
            if rest
                .first()
                .is_some_and(|block| block.start <= region.start)
            {
                continue; // another block contains it
            }
            let inside = rest.iter().take_while(|block| block.start < region.end);
            let (mut count, mut has_section, mut last) = (0, false, 0);
            for block in inside {
                (count, last) = (count + 1, block.end);
                has_section |= block.kind == Kind::Section;
            }
            if has_section {
                waiting.extend(parts(region).into_iter().rev());
            } else if last > region.end {
            } else if region.kind == RegionKind::Opening {
                let opening = self.block(region, Vec::new(), &done, depth);
                self.openings.push(opening);
            } else {
                self.put_openings(&mut done);
                let inside = blocks.by_ref().take(count).collect();
                let block = self.block(region, inside, &done, depth);
                done.push(block);
            }
        }
        for block in blocks {
            self.add(&mut done, block, Vec::new(), depth);
        }
        done
    }

    fn put_openings(&mut self, done: &mut Vec<Part>) {
        if !self.openings.is_empty() {
            done.append(&mut self.openings);
            self.glued = true;
        }
    }

    /// Adds a block, with its strength after what was inserted before it. `regions` are those in it,
    /// the first one last.
    fn add(&mut self, done: &mut Vec<Part>, mut block: Part, regions: Vec<Region>, depth: usize) {
        let mut openings = Vec::new();
        if block.kind == Kind::Section {
            openings = take(&mut self.openings);
        } else {
            self.put_openings(done);
        }
        if self.glued {
            block.strength = strength::NONE;
        } else if self.after_heading && block.strength == strength::NONE {
            let is_section = block.kind == Kind::Section;
            block.strength = if is_section {
                strength::SECTION
            } else {
                strength::PARAGRAPH
            };
        }
        (self.after_heading, self.glued) = (false, !openings.is_empty());
        if let Some(first) = openings.first() {
            block.start = first.start;
            for opening in &mut openings[1..] {
                opening.strength = strength::NONE;
            }
        }
        if !openings.is_empty() || !regions.is_empty() {
            openings.extend(self.merged(block.take_children(self.found), regions, depth + 1));
            block.children = openings;
        }
        if let Some(first) = self.openings.first() {
            block.end = first.start;
        }
        self.glued = false;
        done.push(block);
    }

    /// The block of a region with others in it.
    fn block(&mut self, region: Region, blocks: Vec<Part>, before: &[Part], depth: usize) -> Part {
        let after_heading = before
            .last()
            .is_some_and(|block| block.kind == Kind::Heading);
        let is_glued = self.glued || after_heading || region.kind == RegionKind::Closing;
        self.glued = false;
        if region.kind != RegionKind::Opening {
            self.after_heading |= after_heading;
        }
        let strength = if is_glued {
            strength::NONE
        } else {
            strength::PARAGRAPH
        };
        let kind = kind_of(region.kind);
        let mut node = Part::new(Block {
            is_atomic: true,
            ..Block::new(region.start, region.end, kind, strength)
        });
        if region.kind == RegionKind::Container && depth < MAX_DEPTH {
            let outer = self.after_heading;
            self.glued = true;
            let mut children = region.children;
            children.reverse();
            node.children = self.merged(blocks, children, depth + 1);
            for child in &mut node.children {
                child.strength = child.strength.min(INSIDE);
            }
            if !node.children.is_empty() {
                let (start, end) = (region.inner.1, region.end);
                let closing = Block::new(start, end, Kind::Element, strength::NONE);
                node.children.push(Part::new(closing));
            }
            (self.glued, self.after_heading) = (false, outer);
        }
        node
    }
}

fn kind_of(region: RegionKind) -> Kind {
    match region {
        RegionKind::Formula => Kind::Paragraph,
        RegionKind::Module => Kind::Imports,
        _ => Kind::Element,
    }
}

/// The next block, if it is of some sort.
fn next_if(
    blocks: &mut std::vec::IntoIter<Part>,
    is_wanted: impl FnOnce(&Part) -> bool,
) -> Option<Part> {
    if is_wanted(blocks.as_slice().first()?) {
        blocks.next()
    } else {
        None
    }
}

/// Takes the regions in a section, the first one last; those that end after it in parts.
fn within(section: &Part, waiting: &mut Vec<Region>) -> Vec<Region> {
    let mut inside = Vec::new();
    while let Some(region) = waiting.pop_if(|region| region.start < section.end) {
        if region.end <= section.end {
            inside.push(region);
        } else if region.kind == RegionKind::Container {
            waiting.extend(parts(region).into_iter().rev());
        }
    }
    inside.reverse();
    inside
}

/// The first line of a region, what is in it, and its last line.
fn parts(region: Region) -> Vec<Region> {
    let (first, last) = region.inner;
    let line = |start, end, kind, at| {
        let children = Vec::new();
        Region {
            start,
            end,
            kind,
            inner: (at, at),
            children,
        }
    };
    let mut parts = vec![line(region.start, first, RegionKind::Opening, first)];
    parts.extend(region.children);
    parts.push(line(last, region.end, RegionKind::Closing, region.end));
    parts
}
