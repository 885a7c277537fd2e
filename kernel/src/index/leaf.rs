//! The leaves of a [`Rope`](crate::index::rope::Rope): spans of texts that never change.
//!
//! A leaf starts and ends where pretokens of the whole text do, and the pretokens of its block in
//! between are those of the whole text.

use crate::index::text_map::TextMap;
use crate::index::token_map::{Builder, Ends, TokenMap};
use crate::text::char_map::CharMap;
use std::ops::{Add, Range};
use std::sync::Arc;

/// A leaf of an edited text has this many bytes, about: few enough that making one again takes no
/// time, and enough that what comes with one is small beside it.
const LEAF: usize = 1536;
/// A leaf with fewer is joined to the one beside it.
pub const MIN_LEAF: usize = LEAF / 2;
/// A leaf with more, as one of a long pretoken, is left alone by edits beside it.
pub const MAX_LEAF: usize = 2 * LEAF;

/// A text that somebody else holds, for as long as this lives.
pub type Held = Box<dyn AsRef<str> + Send + Sync>;

/// A text and its map.
pub enum Block {
    /// A text that was indexed as a whole.
    Whole { text: Held, map: Arc<TextMap> },
    /// What edits made.
    Edited {
        text: Box<str>,
        tokens: TokenMap,
        chars: CharMap,
    },
}

impl Block {
    pub fn text(&self) -> &str {
        match self {
            Block::Whole { text, .. } => (**text).as_ref(),
            Block::Edited { text, .. } => text,
        }
    }

    fn tokens(&self) -> &TokenMap {
        match self {
            Block::Whole { map, .. } => &map.tokens,
            Block::Edited { tokens, .. } => tokens,
        }
    }

    fn chars(&self) -> &CharMap {
        match self {
            Block::Whole { map, .. } => &map.chars,
            Block::Edited { chars, .. } => chars,
        }
    }
}

/// What adds up over leaves.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Sums {
    pub bytes: usize,
    pub characters: usize,
    pub tokens: usize,
    /// The bytes in blocks of texts that were indexed as a whole.
    pub whole: usize,
}

impl Add for Sums {
    type Output = Sums;

    fn add(self, other: Sums) -> Sums {
        Sums {
            bytes: self.bytes + other.bytes,
            characters: self.characters + other.characters,
            tokens: self.tokens + other.tokens,
            whole: self.whole + other.whole,
        }
    }
}

/// A span of a block, in bytes. Offsets that methods take and return count from its start.
#[derive(Clone)]
pub struct Leaf {
    block: Arc<Block>,
    start: u32,
    end: u32,
}

impl Leaf {
    /// The whole of a block of less than 4 GiB.
    pub fn new(block: Block) -> Self {
        let end = block.text().len() as u32;
        Leaf {
            block: Arc::new(block),
            start: 0,
            end,
        }
    }

    pub fn block(&self) -> &Block {
        &self.block
    }

    pub fn bytes(&self) -> usize {
        (self.end - self.start) as usize
    }

    pub fn text(&self) -> &str {
        &self.block.text()[self.start as usize..self.end as usize]
    }

    pub fn is_whole(&self) -> bool {
        matches!(*self.block, Block::Whole { .. })
    }

    pub fn sums(&self) -> Sums {
        Sums {
            bytes: self.bytes(),
            characters: self.character(self.bytes()),
            tokens: self.sum(self.bytes()),
            whole: if self.is_whole() { self.bytes() } else { 0 },
        }
    }

    /// What is before the end of a pretoken, and what is after it.
    pub fn split(&self, at: usize) -> (Leaf, Leaf) {
        let middle = self.start + at as u32;
        let (mut left, mut right) = (self.clone(), self.clone());
        left.end = middle;
        right.start = middle;
        (left, right)
    }

    fn start(&self) -> usize {
        self.start as usize
    }

    pub fn is_end(&self, at: usize) -> bool {
        self.block.tokens().is_end(self.start() + at)
    }

    /// The number of tokens up to the end of a pretoken.
    pub fn sum(&self, end: usize) -> usize {
        let tokens = self.block.tokens();
        tokens.sum(self.start() + end) - tokens.sum(self.start())
    }

    /// The last end of a pretoken at an offset or before it.
    pub fn end_before(&self, at: usize) -> usize {
        self.block.tokens().end_before(self.start() + at) - self.start()
    }

    /// The first end of a pretoken after an offset, which is below the leaf's length.
    pub fn end_after(&self, at: usize) -> usize {
        let end = self.block.tokens().end_after(self.start() + at);
        end.map_or(self.bytes(), |end| end - self.start())
    }

    /// The last end of a pretoken up to which there are at most so many tokens.
    pub fn last_within(&self, max: usize) -> usize {
        let tokens = self.block.tokens();
        let end = tokens.last_within(tokens.sum(self.start()).saturating_add(max));
        end.clamp(self.start(), self.end as usize) - self.start()
    }

    pub fn character(&self, byte: usize) -> usize {
        let (chars, text) = (self.block.chars(), self.block.text());
        chars.character(text, self.start() + byte) - chars.character(text, self.start())
    }

    pub fn byte(&self, character: usize) -> usize {
        let (chars, text) = (self.block.chars(), self.block.text());
        let first = chars.character(text, self.start());
        chars.byte(text, first + character) - self.start()
    }
}

/// A text with its pretokens, of which leaves are to be made.
#[derive(Default)]
pub struct Draft {
    pub text: String,
    ends: Vec<usize>,
    tokens: Vec<u32>,
}

impl Draft {
    /// Adds the end of a pretoken whose text was added, and its number of tokens.
    pub fn push(&mut self, end: usize, tokens: u32) {
        self.ends.push(end);
        self.tokens.push(tokens);
    }

    /// Adds a span of a leaf, between ends of pretokens.
    pub fn copy(&mut self, leaf: &Leaf, span: Range<usize>) {
        let (base, start) = (self.text.len(), leaf.start() + span.start);
        self.text.push_str(&leaf.text()[span.clone()]);
        leaf.block
            .tokens()
            .each(start..leaf.start() + span.end, |end, tokens| {
                self.push(base + end - start, tokens);
            });
    }

    pub fn leaves(&self) -> Vec<Leaf> {
        let (mut leaves, mut start, mut first) = (Vec::new(), 0, 0);
        for (number, &end) in self.ends.iter().enumerate() {
            let left = self.text.len() - end;
            // A long pretoken is a leaf of its own, so that edits beside it do not copy it.
            let following = self.ends.get(number + 1).map_or(0, |next| next - end);
            if left > 0 && following <= MAX_LEAF && (end - start < LEAF || left < MIN_LEAF) {
                continue;
            }
            let ends: Vec<usize> = self.ends[first..=number]
                .iter()
                .map(|end| end - start)
                .collect();
            let mut builder = Builder::new(0, end - start);
            builder.extend(&ends, &self.tokens[first..=number]);
            let text: Box<str> = self.text[start..end].into();
            leaves.push(Leaf::new(Block::Edited {
                tokens: builder.finish(),
                chars: CharMap::new(&text),
                text,
            }));
            (start, first) = (end, number + 1);
        }
        leaves
    }

    /// The map of the whole text.
    pub fn token_map(&self) -> TokenMap {
        let mut builder = Builder::new(0, self.text.len());
        builder.extend(&self.ends, &self.tokens);
        builder.finish()
    }
}
