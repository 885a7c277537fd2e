//! The blocks of a document: a tree as parsers build it, and the flat form that cutting works on.
//!
//! The meaning of the fields is documented at `Block` in `ctxtools/chunking/block.py`. The fallback of
//! the flat form is `ctxtools/_core/fallback/blocks.py`.

use crate::text::char_map::CharMap;
use crate::text::spaces::is_space;
use std::ops::Range;

/// Text after the last child of a block is what closes it, if it has at most that many characters.
const MAX_CLOSING: usize = 24;

/// Whether the text after the last child of a block is what closes it.
pub fn is_closing(text: &str) -> bool {
    let length = text.trim_matches(is_space).chars().take(MAX_CLOSING + 1);
    (1..=MAX_CLOSING).contains(&length.count())
}

/// The names of the kinds of blocks, by the numbers of [`Kind`].
pub const KINDS: [&str; 23] = [
    "section",
    "heading",
    "paragraph",
    "list",
    "item",
    "quote",
    "table",
    "row",
    "code",
    "html",
    "rule",
    "metadata",
    "element",
    "imports",
    "function",
    "class",
    "statement",
    "comment",
    "object",
    "array",
    "value",
    "record",
    "text",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Section,
    Heading,
    Paragraph,
    List,
    Item,
    Quote,
    Table,
    Row,
    Code,
    Html,
    Rule,
    Metadata,
    Element,
    Imports,
    Function,
    Class,
    Statement,
    Comment,
    Object,
    Array,
    Value,
    Record,
    Text,
}

impl Kind {
    pub const ALL: [Kind; KINDS.len()] = [
        Kind::Section,
        Kind::Heading,
        Kind::Paragraph,
        Kind::List,
        Kind::Item,
        Kind::Quote,
        Kind::Table,
        Kind::Row,
        Kind::Code,
        Kind::Html,
        Kind::Rule,
        Kind::Metadata,
        Kind::Element,
        Kind::Imports,
        Kind::Function,
        Kind::Class,
        Kind::Statement,
        Kind::Comment,
        Kind::Object,
        Kind::Array,
        Kind::Value,
        Kind::Record,
        Kind::Text,
    ];

    /// The kind of a name.
    pub fn named(name: &str) -> Option<Kind> {
        let number = KINDS.iter().position(|&each| each == name)?;
        Some(Kind::ALL[number])
    }
}

/// A block as a parser builds it, with those inside it. Offsets are in characters of the document,
/// or in bytes until [`Blocks`] are made of it.
#[derive(Clone, Debug)]
pub struct Node {
    pub start: u32,
    pub end: u32,
    pub kind: Kind,
    /// Of a cut right before it.
    pub strength: u8,
    /// Of a section: that of its heading.
    pub level: u8,
    pub is_atomic: bool,
    pub title: String,
    /// What each further chunk of it starts with.
    pub repeat: String,
    pub repeat_from: u32,
    pub children: Vec<Node>,
}

impl Node {
    pub fn new(start: u32, end: u32, kind: Kind, strength: u8) -> Self {
        Node {
            start,
            end,
            kind,
            strength,
            level: 0,
            is_atomic: false,
            title: String::new(),
            repeat: String::new(),
            repeat_from: 0,
            children: Vec::new(),
        }
    }
}

/// A block in the flat form, in characters of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub start: u32,
    pub end: u32,
    /// The number of the first block after it that is not inside it.
    pub after: u32,
    pub kind: Kind,
    pub strength: u8,
    pub is_atomic: bool,
    pub level: u32,
    /// The number of its title among the texts; 0 for none.
    pub title: u32,
    /// That of what each further chunk of it starts with; 0 for none.
    pub repeat: u32,
    pub repeat_from: u32,
}

impl Block {
    pub fn new(start: u32, end: u32, kind: Kind, strength: u8) -> Self {
        Block {
            start,
            end,
            after: 0,
            kind,
            strength,
            is_atomic: false,
            level: 0,
            title: 0,
            repeat: 0,
            repeat_from: 0,
        }
    }
}

/// Texts by their numbers, the first of which is empty. In UTF-8, a lone surrogate in three bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Default for Texts {
    fn default() -> Self {
        Texts {
            bytes: Vec::new(),
            ends: vec![0],
        }
    }
}

impl Texts {
    /// Adds a text; its number.
    pub fn add(&mut self, text: &[u8]) -> u32 {
        if text.is_empty() {
            return 0;
        }
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        self.ends.len() as u32 - 1
    }

    pub fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        match (number.checked_sub(1), self.ends.get(number)) {
            (Some(before), Some(&end)) => &self.bytes[self.ends[before]..end],
            _ => &[],
        }
    }

    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Whether all of them are UTF-8.
    pub fn are_utf8(&self) -> bool {
        std::str::from_utf8(&self.bytes).is_ok()
    }
}

/// The blocks of a document in pre-order: each is before those inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    pub items: Vec<Block>,
    pub texts: Texts,
    /// Spans that are not cut where they fit into a chunk, in characters and in order.
    pub inline: Vec<(u32, u32)>,
    /// Where the text starts that closes each block, its end if nothing does; none of them if what
    /// found the blocks does not know.
    pub closings: Vec<u32>,
}

impl Blocks {
    /// The flat form of the outermost blocks of a text; their offsets are in bytes if there is a map of
    /// it.
    pub fn new(nodes: Vec<Node>, inline: Vec<(u32, u32)>, map: Option<(&CharMap, &str)>) -> Self {
        let mut cursor = map.map(|(map, text)| map.cursor(text));
        let mut character = |byte: u32| match &mut cursor {
            Some(cursor) => cursor.character(byte as usize) as u32,
            None => byte,
        };
        let closes = |span: Range<usize>| {
            map.is_some_and(|(_, text)| text.get(span).is_some_and(is_closing))
        };
        let mut blocks = Blocks::default();
        let mut waiting: Vec<_> = vec![nodes.into_iter()];
        // The numbers of those that are open, their ends and those of their last children so far.
        let mut open: Vec<(usize, u32, u32)> = Vec::new();
        while let Some(siblings) = waiting.last_mut() {
            let Some(node) = siblings.next() else {
                waiting.pop();
                if let Some((number, end, last)) = open.pop() {
                    blocks.items[number].after = blocks.items.len() as u32;
                    if last < end && closes(last as usize..end as usize) {
                        blocks.closings[number] = character(last);
                    }
                    if let Some((_, _, last)) = open.last_mut() {
                        *last = end;
                    }
                }
                continue;
            };
            let title = blocks.texts.add(node.title.as_bytes());
            let repeat = blocks.texts.add(node.repeat.as_bytes());
            open.push((blocks.items.len(), node.end, u32::MAX));
            let end = character(node.end);
            if map.is_some() {
                blocks.closings.push(end);
            }
            blocks.items.push(Block {
                is_atomic: node.is_atomic,
                level: u32::from(node.level),
                title,
                repeat,
                repeat_from: match node.repeat_from {
                    0 => 0,
                    from => character(from),
                },
                ..Block::new(character(node.start), end, node.kind, node.strength)
            });
            waiting.push(node.children.into_iter());
        }
        let spans = inline.into_iter();
        blocks.inline = spans.map(|(a, b)| (character(a), character(b))).collect();
        blocks
    }

    /// The outermost blocks.
    pub fn outermost(&self) -> impl Iterator<Item = &Block> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let block = self.items.get(next as usize)?;
            next = block.after;
            Some(block)
        })
    }

    /// Puts all blocks of a text into a new one; offsets in bytes.
    pub fn wrap(&mut self, text: &str, block: Block, title: &str) {
        let last = self.outermost().last().map_or(block.end, |last| last.end);
        let is_closed = last < block.end && is_closing(&text[last as usize..block.end as usize]);
        for item in &mut self.items {
            item.after += 1;
        }
        let outer = Block {
            after: self.items.len() as u32 + 1,
            title: self.texts.add(title.as_bytes()),
            ..block
        };
        self.items.insert(0, outer);
        self.closings
            .insert(0, if is_closed { last } else { block.end });
    }

    /// Turns all offsets, which are in bytes, to characters.
    pub fn to_characters(&mut self, text: &str, map: &CharMap) {
        if map.is_ascii() {
            return;
        }
        let mut cursor = map.cursor(text);
        let mut character = |byte: u32| cursor.character(byte as usize) as u32;
        for (block, closing) in self.items.iter_mut().zip(&mut self.closings) {
            let (start, end) = (block.start, block.end);
            block.start = character(start);
            block.end = character(end);
            *closing = match *closing {
                at if at == end => block.end,
                at => character(at),
            };
            if block.repeat_from > 0 {
                block.repeat_from = character(block.repeat_from);
            }
        }
        for (start, end) in &mut self.inline {
            (*start, *end) = (character(*start), character(*end));
        }
    }

    /// Blocks that come after those inside them, with the number of children of each.
    pub fn from_post_order(blocks: &[Block], children: &[u32]) -> Vec<Block> {
        let mut sizes = Vec::with_capacity(blocks.len());
        let mut done: Vec<u32> = Vec::new();
        for &n in children {
            let first = done.len().saturating_sub(n as usize);
            let size = 1 + done.drain(first..).sum::<u32>();
            sizes.push(size);
            done.push(size);
        }
        let mut items = blocks.to_vec();
        // Of each block around the next one, where that ends, and how many of its children are left.
        let mut open = vec![(blocks.len() as u32, u32::MAX)];
        for (n, block) in blocks.iter().enumerate().rev() {
            open.truncate(1 + open.iter().rposition(|&(_, left)| left > 0).unwrap_or(0));
            let Some((end, left)) = open.last_mut() else {
                break;
            };
            let after = *end;
            *end -= sizes[n];
            *left -= 1;
            items[*end as usize] = Block { after, ..*block };
            if children[n] > 0 {
                open.push((after, children[n]));
            }
        }
        items
    }

    /// Of each block the one around it; `u32::MAX` for the outermost ones.
    pub fn parents(&self) -> Vec<u32> {
        let mut open: Vec<(u32, u32)> = Vec::new();
        let mut parents = Vec::with_capacity(self.items.len());
        for (n, block) in self.items.iter().enumerate() {
            while open.pop_if(|(_, after)| *after <= n as u32).is_some() {}
            parents.push(open.last().map_or(u32::MAX, |&(parent, _)| parent));
            open.push((n as u32, block.after));
        }
        parents
    }

    /// Whether each block ends with or before the one around it, and has its texts.
    pub fn is_valid(&self) -> bool {
        let (n, texts) = (self.items.len() as u32, self.texts.count() as u32);
        let parents = self.parents();
        self.items.iter().enumerate().all(|(i, block)| {
            let parent = self.items.get(parents[i] as usize);
            (i as u32) < block.after
                && block.after <= parent.map_or(n, |parent| parent.after)
                && block.title < texts
                && block.repeat < texts
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tree() -> impl Strategy<Value = Node> {
        let leaf = Just(Node::new(0, 1, Kind::Text, 0));
        leaf.prop_recursive(6, 40, 5, |inner| {
            prop::collection::vec(inner, 0..5).prop_map(|children| Node {
                children,
                ..Node::new(0, 1, Kind::List, 0)
            })
        })
    }

    fn post_order(node: &Node, next: &mut u32, blocks: &mut Vec<Block>, children: &mut Vec<u32>) {
        let start = *next;
        *next += 1;
        for child in &node.children {
            post_order(child, next, blocks, children);
        }
        blocks.push(Block::new(start, start + 1, node.kind, 0));
        children.push(node.children.len() as u32);
    }

    proptest! {
        #[test]
        fn both_orders_have_the_same_form(nodes in prop::collection::vec(tree(), 0..4)) {
            let (mut next, mut blocks, mut children) = (0, Vec::new(), Vec::new());
            for node in &nodes {
                post_order(node, &mut next, &mut blocks, &mut children);
            }
            let items = Blocks::from_post_order(&blocks, &children);
            let found = Blocks::new(nodes, Vec::new(), None);
            prop_assert!(found.is_valid());
            for (n, (a, b)) in items.iter().zip(&found.items).enumerate() {
                prop_assert_eq!(a.start, n as u32);
                prop_assert_eq!((a.after, a.kind), (b.after, b.kind));
            }
            prop_assert_eq!(items.len(), found.items.len());
        }
    }

    #[test]
    fn texts_are_found_by_their_numbers() {
        let mut texts = Texts::default();
        assert_eq!(
            [texts.add(b"ab"), texts.add(b""), texts.add(b"c")],
            [1, 0, 2]
        );
        let found = [0, 1, 2, 3].map(|number| texts.get(number));
        assert_eq!(found, [&b""[..], b"ab", b"c", b""]);
    }
}
