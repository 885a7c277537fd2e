//! Entry: a block that is being built.

use crate::chunk::blocks::{Kind, Node};
use crate::text::boundaries::strength;

/// The number of levels of headings.
const LEVELS: u32 = 6;
/// The maximum height of nested blocks; with the sections around them they are below the maximum depth.
const MAX_HEIGHT: u32 = 16;

/// A block, while what is around it is not known; offsets in bytes.
pub struct Entry {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    pub strength: u8,
    pub is_atomic: bool,
    pub children: Vec<Entry>,
    pub repeat: String,
    pub repeat_from: usize,
    /// That of a heading.
    pub title: String,
    /// Of a heading, 1 to 6; 0 of anything else, and of a heading that rules nothing, such as one in a
    /// table.
    pub level: u8,
    /// Whether the block after it stays with it: it is a heading, a summary, a term.
    pub introduces: bool,
    /// Whether it is a row of a table; one of header cells alone, or in a head.
    pub is_row: bool,
    pub is_header: bool,
    /// How deep blocks are nested in it, itself included.
    height: u32,
}

impl Entry {
    pub fn new(start: usize, end: usize, kind: Kind, strength: u8) -> Self {
        Entry {
            start,
            end,
            kind,
            strength,
            is_atomic: false,
            children: Vec::new(),
            repeat: String::new(),
            repeat_from: 0,
            title: String::new(),
            level: 0,
            introduces: false,
            is_row: false,
            is_header: false,
            height: 1,
        }
    }

    /// The same with blocks inside it, unless it would be too high.
    pub fn with_children(mut self, children: Vec<Entry>, has_headings: bool) -> Self {
        if let Some(inside) = children.iter().map(|child| child.height).max() {
            let height = 1 + inside + if has_headings { LEVELS } else { 0 };
            if height <= MAX_HEIGHT {
                (self.children, self.height) = (children, height);
            }
        }
        self
    }

    /// The block, up to `end`.
    pub fn into_node(self, end: usize) -> Node {
        Node {
            is_atomic: self.is_atomic,
            repeat: self.repeat,
            repeat_from: self.repeat_from as u32,
            children: nodes(self.children, end, None),
            ..Node::new(self.start as u32, end as u32, self.kind, self.strength)
        }
    }
}

/// The blocks of entries in order, grouped into a section after each heading.
///
/// The last one ends at `end`, where what contains them does, at all depths: end tags belong to the
/// block before them, and no block ends between two end tags. Sections below the first level end where
/// the main content does.
pub fn nodes(entries: Vec<Entry>, end: usize, mut main_end: Option<usize>) -> Vec<Node> {
    let mut sections = Sections::default();
    let count = entries.len();
    sections.done.reserve_exact(count);
    for (number, mut entry) in entries.into_iter().enumerate() {
        let entry_end = if number + 1 == count { end } else { entry.end };
        if main_end.take_if(|at| *at <= entry.start).is_some() {
            sections.close(2, entry.start as u32);
            sections.after_heading = false;
            entry.strength = strength::SECTION;
        }
        sections.add(entry, entry_end);
    }
    sections.close(0, end as u32);
    sections.done
}

/// Groups blocks, which are added in the order of the text, into sections.
#[derive(Default)]
struct Sections {
    done: Vec<Node>,
    /// The open ones, and the number in `done` of the first block of each.
    open: Vec<(Node, usize)>,
    after_heading: bool,
}

impl Sections {
    fn add(&mut self, entry: Entry, end: usize) {
        let after_heading = std::mem::replace(&mut self.after_heading, entry.level > 0);
        if entry.level == 0 {
            let mut node = entry.into_node(end);
            if after_heading {
                node.strength = strength::NONE;
            }
            self.done.push(node);
            return;
        }
        let start = entry.start as u32;
        let around = self.open.last().map_or(0, |(section, _)| section.level);
        let is_glued = after_heading && entry.level > around;
        self.close(entry.level, start);
        let before = if is_glued {
            strength::NONE
        } else {
            strength::SECTION
        };
        let section = Node {
            title: entry.title,
            level: entry.level,
            ..Node::new(start, start, Kind::Section, before)
        };
        self.open.push((section, self.done.len()));
        self.done.push(Node {
            is_atomic: true,
            ..Node::new(start, end as u32, Kind::Heading, before)
        });
    }

    /// Ends the sections of a level or deeper.
    fn close(&mut self, level: u8, end: u32) {
        while let Some((mut section, first)) =
            self.open.pop_if(|(section, _)| section.level >= level)
        {
            section.end = end;
            section.children = self.done.split_off(first);
            self.done.push(section);
        }
    }
}
