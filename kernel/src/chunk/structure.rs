//! Queries on the blocks of a document: what closes a block, the headings, header and kind of a span.
//!
//! In Python, which has the same for counters that are no tokenizers of the kernel:
//! `ctxtools/chunking/structure.py`. All offsets are in characters of the document.

use crate::chunk::blocks::{Block, Blocks, Kind, is_closing};
use crate::text::char_map::CharMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// No block.
pub const NONE: u32 = u32::MAX;

/// What is put before a chunk: the number after that of the innermost block whose titles it lacks, and
/// the number of the text that is repeated; 0 for nothing.
pub type Header = (u32, u32);

/// The blocks of one document, and what follows from them.
pub struct Structure {
    pub blocks: Arc<Blocks>,
    /// Whether headers contain titles.
    pub with_titles: bool,
    /// Of each block the one around it.
    pub parents: Vec<u32>,
    /// Where the text starts that closes each block, if the blocks do not say.
    closings: Vec<u32>,
    /// Whether any chunk may have a header.
    has_headers: bool,
    /// How many blocks start at or before the last offset that was asked for: the next one is mostly
    /// near.
    near: AtomicUsize,
    changes: OnceLock<Vec<(u32, Header)>>,
}

impl Block {
    /// The offset from which on chunks have what it repeats before them.
    pub fn body(&self, blocks: &Blocks) -> u32 {
        if self.repeat_from > 0 {
            return self.repeat_from;
        }
        let repeat = blocks.texts.get(self.repeat);
        let leads = repeat.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        self.start + leads as u32
    }
}

impl Structure {
    pub fn new(blocks: Arc<Blocks>, text: &str, with_titles: bool) -> Self {
        let parents = blocks.parents();
        let is_known = blocks.closings.len() == blocks.items.len();
        let has_header = |block: &Block| block.repeat > 0 || with_titles && block.title > 0;
        Structure {
            closings: match is_known {
                true => Vec::new(),
                false => closings(&blocks, &parents, text),
            },
            has_headers: blocks.texts.count() > 1 && blocks.items.iter().any(has_header),
            parents,
            blocks,
            with_titles,
            near: AtomicUsize::new(0),
            changes: OnceLock::new(),
        }
    }

    /// Where the text starts that closes a block; its end if there is none.
    pub fn closing(&self, number: u32) -> u32 {
        let known = match self.closings.is_empty() {
            true => &self.blocks.closings,
            false => &self.closings,
        };
        known[number as usize]
    }

    /// How many blocks start at or before an offset.
    fn started(&self, offset: u32) -> usize {
        let items = self.items();
        let is_started = |block: &Block| block.start <= offset;
        let (before, after) = items.split_at(self.near.load(Relaxed).min(items.len()));
        let found = if before.last().is_none_or(is_started) {
            let mut high = 1;
            while after.get(high - 1).is_some_and(is_started) {
                high *= 2;
            }
            let (low, high) = (high / 2, high.min(after.len()));
            before.len() + low + after[low..high].partition_point(is_started)
        } else {
            let mut low = 1;
            while low < before.len() && !is_started(&before[before.len() - low]) {
                low *= 2;
            }
            let first = before.len().saturating_sub(low);
            first + before[first..].partition_point(is_started)
        };
        self.near.store(found, Relaxed);
        found
    }

    pub fn items(&self) -> &[Block] {
        &self.blocks.items
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.items.is_empty()
    }

    /// The innermost block that contains an offset, or starts there.
    fn innermost(&self, offset: u32) -> u32 {
        let items = self.items();
        let mut number = (self.started(offset) as u32).wrapping_sub(1);
        while let Some(block) = items.get(number as usize) {
            if block.end > offset {
                break;
            }
            number = self.parents[number as usize];
        }
        number
    }

    /// The offset after the brackets or end tags that close blocks there.
    fn after_closings(&self, mut offset: u32) -> u32 {
        loop {
            let number = self.innermost(offset);
            match self.items().get(number as usize) {
                Some(block) if offset >= self.closing(number) => offset = block.end,
                _ => return offset,
            }
        }
    }

    /// The block that contains an offset, if what closes a block starts there, that around what
    /// follows.
    pub fn enclosing(&self, offset: u32) -> u32 {
        self.innermost(self.after_closings(offset))
    }

    /// A block and those around it, the innermost first.
    pub fn outwards(&self, number: u32) -> impl Iterator<Item = (u32, &Block)> {
        let mut next = number;
        std::iter::from_fn(move || {
            let number = next;
            let block = self.items().get(number as usize)?;
            next = self.parents[number as usize];
            Some((number, block))
        })
    }

    /// The innermost block with a title, of one and those around it.
    pub fn titled(&self, number: u32) -> u32 {
        let mut around = self.outwards(number);
        let found = around.find(|(_, block)| block.title > 0);
        found.map_or(NONE, |(number, _)| number)
    }

    /// The titles of a block and those around it, the outermost first.
    pub fn titles(&self, number: u32) -> Vec<u32> {
        let titles = self.outwards(number).map(|(_, block)| block.title);
        let mut titles: Vec<u32> = titles.filter(|&title| title > 0).collect();
        titles.reverse();
        titles
    }

    /// The numbers of the blocks that have a part in `start..end`, each before those inside it: of those
    /// that start before it, and those that start in it.
    pub fn between(&self, start: u32, end: u32) -> (Vec<u32>, Range<u32>) {
        let items = self.items();
        let first = items.partition_point(|block| block.start < start) as u32;
        let last = items.partition_point(|block| block.start < end) as u32;
        let around = self.outwards(first.wrapping_sub(1));
        let mut outer: Vec<u32> = around
            .filter(|(_, block)| block.end > start)
            .map(|(number, _)| number)
            .collect();
        outer.reverse();
        (outer, first..last)
    }

    /// What a chunk lacks that starts at `start`, or after the overlap at `body_start`.
    pub fn header(&self, start: u32, body_start: u32) -> Header {
        let mut header = (0, 0);
        if !self.has_headers {
            return header;
        }
        for (number, block) in self.outwards(self.enclosing(body_start)) {
            if block.start >= start {
                continue;
            }
            if header.0 == 0 && block.title > 0 && self.with_titles {
                header.0 = number + 1;
            }
            if header.1 == 0 && block.repeat > 0 && start >= block.body(&self.blocks) {
                header.1 = block.repeat;
            }
        }
        header
    }

    /// The text of a header.
    pub fn header_text(&self, (titled, repeat): Header) -> Vec<u8> {
        let mut text = Vec::new();
        if titled > 0 {
            for (number, &title) in self.titles(titled - 1).iter().enumerate() {
                if number > 0 {
                    text.extend_from_slice(b" > ");
                }
                text.extend_from_slice(self.blocks.texts.get(title));
            }
            text.extend_from_slice(b"\n\n");
        }
        text.extend_from_slice(self.blocks.texts.get(repeat));
        text
    }

    /// `header(offset, offset)` of all offsets: where it changes, from 0, and what it is from there on.
    pub fn header_changes(&self) -> &[(u32, Header)] {
        self.changes.get_or_init(|| {
            let mut changes = vec![(0, (0, 0))];
            let n = self.items().len() as u32;
            if self.has_headers {
                self.add_changes(&mut changes, (0, n), (0, 0), (0, 0));
            }
            changes.sort_by_key(|&(offset, _)| offset);
            changes.dedup_by(|next, last| next.1 == last.1);
            changes
        })
    }

    /// Adds those inside of the blocks from the first of two numbers to before the second. `outer` is
    /// the header around them, `after` that of what follows the last of them.
    fn add_changes(
        &self,
        changes: &mut Vec<(u32, Header)>,
        (first, last): (u32, u32),
        outer: Header,
        after: Header,
    ) {
        let mut number = first;
        while number < last {
            let block = &self.items()[number as usize];
            let mut header = outer;
            if block.title > 0 && self.with_titles {
                header.0 = number + 1;
                changes.push((block.start + 1, header));
            }
            if block.repeat > 0 {
                header.1 = block.repeat;
                changes.push((block.body(&self.blocks), header));
            }
            let following = if block.after >= last { after } else { outer };
            if let Some(end_of_last) = self.end_of_last_child(number) {
                let closing = self.closing(number);
                let is_followed = closing == block.end && block.end > end_of_last;
                let inner = if is_followed { header } else { following };
                self.add_changes(changes, (number + 1, block.after), header, inner);
                if closing < block.end {
                    changes.push((closing, following));
                }
            }
            changes.push((block.end, outer));
            number = block.after;
        }
    }

    fn end_of_last_child(&self, number: u32) -> Option<u32> {
        end_of_last_child(self.items(), &self.parents, number)
    }

    /// The kind of the block that a span is from; None if it is from several kinds.
    pub fn kind(&self, start: u32, end: u32) -> Option<Kind> {
        let first = self.after_closings(start);
        let start = if first < end { first } else { start };
        let kinds = self.kinds(NONE, start, end);
        match kinds.count_ones() {
            0 => Some(Kind::Text),
            1 => Some(Kind::ALL[kinds.trailing_zeros() as usize]),
            _ => None,
        }
    }

    /// A bit for each kind of the children of a block that have a part in a span.
    fn kinds(&self, parent: u32, start: u32, end: u32) -> u32 {
        let last = self.after(parent);
        // All children of a block that starts in the span are after that.
        let is_in = |block: &Block| block.start >= start;
        let mut number = match self.items().get(parent as usize).is_some_and(is_in) {
            true => parent + 1,
            false => self.first_child(parent, start),
        };
        let mut kinds = 0_u32;
        while number < last && kinds.count_ones() < 2 {
            let block = &self.items()[number as usize];
            if block.start >= end {
                break;
            }
            kinds |= self.kinds_in(number, start, end);
            number = block.after;
        }
        kinds
    }

    /// The same of one block; of the innermost one if that contains all of the span.
    fn kinds_in(&self, number: u32, start: u32, end: u32) -> u32 {
        let block = &self.items()[number as usize];
        if block.start >= end || block.end <= start {
            return 0;
        }
        let is_known = 1 << block.kind as u32;
        match block.kind {
            Kind::Heading | Kind::Rule => 0,
            Kind::Section | Kind::Paragraph | Kind::Text => match self.kinds(number, start, end) {
                0 => 1 << Kind::Text as u32,
                kinds => kinds,
            },
            Kind::Class | Kind::Function | Kind::Object | Kind::Array | Kind::Element => {
                match self.containing_child(number, start, end.min(block.end)) {
                    NONE => is_known,
                    child => self.kinds_in(child, start, end),
                }
            }
            _ => is_known,
        }
    }

    /// The child of a block that contains a span. Between children there is only white space, commas
    /// and closing brackets, which count as part of the child before them; but in an element there
    /// may be text.
    fn containing_child(&self, parent: u32, start: u32, end: u32) -> u32 {
        let (number, last) = (self.first_child(parent, start), self.after(parent));
        if number >= last {
            return NONE;
        }
        let child = &self.items()[number as usize];
        let until = match self.items().get(child.after as usize) {
            _ if self.items()[parent as usize].kind == Kind::Element => child.end,
            Some(next) if child.after < last => next.start,
            _ => end,
        };
        if child.start <= start && start < child.end && end <= until {
            number
        } else {
            NONE
        }
    }

    /// The first child of a block, or outermost block, that may extend past an offset; the number
    /// after all of them if there is none.
    fn first_child(&self, parent: u32, offset: u32) -> u32 {
        let mut number = (self.started(offset) as u32).wrapping_sub(1);
        while let Some(&around) = self.parents.get(number as usize) {
            if around == parent {
                return number;
            }
            number = around;
        }
        parent.wrapping_add(1)
    }

    /// The number after the last block inside of one.
    fn after(&self, number: u32) -> u32 {
        let block = self.items().get(number as usize);
        block.map_or(self.items().len() as u32, |block| block.after)
    }
}

fn end_of_last_child(items: &[Block], parents: &[u32], number: u32) -> Option<u32> {
    let after = items[number as usize].after;
    if after == number + 1 {
        return None;
    }
    let mut last = after - 1;
    while parents[last as usize] != number {
        last = parents[last as usize];
    }
    Some(items[last as usize].end)
}

fn closings(blocks: &Blocks, parents: &[u32], text: &str) -> Vec<u32> {
    let items = &blocks.items;
    let map = CharMap::new(text);
    let mut closings: Vec<u32> = items.iter().map(|block| block.end).collect();
    let mut last_ends = vec![NONE; items.len()];
    for (number, &parent) in parents.iter().enumerate() {
        if let Some(last) = last_ends.get_mut(parent as usize) {
            *last = items[number].end;
        }
    }
    for (number, &last) in last_ends.iter().enumerate() {
        let end = items[number].end;
        if last >= end {
            continue;
        }
        let span = map.byte(text, last as usize)..map.byte(text, end as usize);
        if text.get(span).is_some_and(is_closing) {
            closings[number] = last;
        }
    }
    closings
}
