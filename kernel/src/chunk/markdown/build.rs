//! Blocks from rows, in pre-order, with the outermost ones grouped into sections.

use crate::chunk::blocks::{Block, Blocks, Kind, Node, is_closing};
use crate::chunk::html::fragment::{Piece, parse_fragment};
use crate::chunk::html::titles::{MAX_TITLE, clean_title};
use crate::chunk::markdown::repeats;
use crate::chunk::markdown::rows::{Row, Rows, kind};
use crate::text::boundaries::strength;
use crate::text::spaces::{is_blank, trim_end};
use memchr::memchr;
use std::borrow::Cow;

const INSIDE_HTML: u32 = kind::INSIDE + kind::HTML;

/// The spans of the blocks of HTML, in order.
pub fn html_spans(rows: &[Row]) -> impl Iterator<Item = (u32, u32)> {
    let is_html = |row: &&Row| matches!(row.kind, kind::HTML | INSIDE_HTML);
    rows.iter().filter(is_html).map(|row| (row.start, row.end))
}

/// The end of the blocks of HTML, from a first one on, with nothing but empty lines between them.
fn html_end(text: &str, rows: &[Row]) -> usize {
    let mut end = rows[0].end;
    for row in &rows[1..] {
        let is_near = || is_blank(&text[end as usize..row.start.max(end) as usize]);
        if row.kind != kind::HTML || !is_near() {
            break;
        }
        end = row.end;
    }
    end as usize
}

/// A block that is open, but for sections.
struct Open {
    number: usize,
    /// The number of the first row after it that is not inside it.
    after: u32,
    /// The end of its last child so far.
    last: u32,
}

/// The titles to come, a line for each.
struct Titles<'a>(&'a str);

impl<'a> Titles<'a> {
    fn next(&mut self) -> &'a str {
        let end = memchr(b'\n', self.0.as_bytes()).unwrap_or(self.0.len());
        let (title, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        title
    }
}

/// The end of the last child of a block that has none so far.
const NO_CHILD: u32 = u32::MAX;

/// Makes the blocks of a document. All offsets are in bytes.
pub struct Builder<'a> {
    text: &'a str,
    found: Blocks,
    /// The numbers of the sections that are open.
    sections: Vec<usize>,
    open: Vec<Open>,
    /// The number of the last block that nothing but sections contains.
    last: Option<usize>,
    after_heading: bool,
    after_paragraph: bool,
    /// Whether the next row is the first one of a table.
    is_first_row: bool,
}

impl<'a> Builder<'a> {
    pub fn new(text: &'a str) -> Self {
        Builder {
            text,
            found: Blocks::default(),
            sections: Vec::new(),
            open: Vec::new(),
            last: None,
            after_heading: false,
            after_paragraph: false,
            is_first_row: false,
        }
    }

    /// Adds a block that has nothing to do with those around it.
    pub fn add_alone(&mut self, block: Block) {
        self.last = Some(self.found.items.len());
        self.push(block);
    }

    /// Adds the blocks of rows, and to `inline` the spans in their HTML that are not cut.
    pub fn add_rows(&mut self, rows: &Rows, inline: &mut Vec<(u32, u32)>) {
        let mut titles = Titles(&rows.titles);
        self.found.items.reserve(rows.rows.len() + rows.headings);
        self.found.closings.reserve(rows.rows.len() + rows.headings);
        let rows = &rows.rows;
        let mut done_to = 0; // the end of the HTML so far
        for (number, row) in rows.iter().enumerate() {
            self.close_rows(number as u32);
            if row.kind != kind::HTML {
                self.add(row, number, &mut titles);
            } else if row.start as usize >= done_to {
                done_to = html_end(self.text, &rows[number..]);
                let fragment = parse_fragment(self.text, row.start as usize, done_to);
                inline.extend(fragment.inline);
                self.add_html(fragment.pieces);
            }
        }
        self.close_rows(u32::MAX);
    }

    /// Sets the title of the section of a heading that starts at an offset.
    pub fn set_title(&mut self, start: u32, title: &str) {
        let items = &mut self.found.items;
        let first = items.partition_point(|block| block.start < start);
        let mut here = items[first..]
            .iter_mut()
            .take_while(|block| block.start == start);
        if let Some(section) = here.find(|block| block.kind == Kind::Section) {
            section.title = self.found.texts.add(title_of(title).as_bytes());
        }
    }

    /// The blocks, once all were added.
    pub fn finish(mut self) -> Blocks {
        self.close_sections(0, self.text.len() as u32);
        self.found
    }

    /// Adds a block without those inside it; its number.
    fn push(&mut self, block: Block) -> usize {
        let number = self.found.items.len();
        self.found.closings.push(block.end);
        self.found.items.push(Block {
            after: number as u32 + 1,
            ..block
        });
        number
    }

    /// Ends a block whose last child ends at `last`.
    fn close(&mut self, number: usize, last: u32) {
        let after = self.found.items.len() as u32;
        let block = &mut self.found.items[number];
        block.after = after;
        self.found.closings[number] =
            match last < block.end && is_closing(&self.text[last as usize..block.end as usize]) {
                true => last,
                false => block.end,
            };
    }

    /// Ends the blocks that the row of a number is not inside.
    fn close_rows(&mut self, row: u32) {
        while let Some(open) = self.open.pop_if(|open| open.after <= row) {
            self.close(open.number, open.last);
            if let Some(outer) = self.open.last_mut() {
                outer.last = self.found.items[open.number].end;
            }
        }
    }

    fn add(&mut self, row: &Row, number: usize, titles: &mut Titles<'_>) {
        let is_inside = row.kind >= kind::INSIDE;
        let name = row.kind % kind::INSIDE;
        let (kind, is_atomic) = kind_of(name);
        let mut block = Block::new(row.start, row.end, kind, strength::SENTENCE);
        block.is_atomic = is_atomic;
        let is_outer = !is_inside && !matches!(name, kind::ITEM | kind::ROW);
        if is_inside {
            match name {
                kind::INNER_ITEM => block.strength = strength::LINE,
                kind::PARAGRAPH => block.strength = strength::SENTENCE_LINE,
                _ => {}
            }
        } else if name > kind::HEADING {
            let title = title_of(titles.next());
            block.strength = self.open_section((name - kind::HEADING) as u8, row.start, &title);
            (self.after_heading, self.after_paragraph) = (true, false);
        } else if is_outer {
            block.strength = self.strength_of(kind);
            (self.after_heading, self.after_paragraph) = (false, kind == Kind::Paragraph);
        }
        if self.is_first_row {
            block.strength = strength::NONE;
        }
        self.is_first_row = kind == Kind::Table && row.after as usize > number + 1;
        let mut lines = None;
        match kind {
            Kind::Table => self.set_header(&mut block, is_inside),
            Kind::Code => {
                let (start, end) = (block.start as usize, block.end as usize);
                if let Some((fence_end, inside)) = repeats::code(self.text, start, end, is_inside) {
                    let fence = &self.text.as_bytes()[start..fence_end];
                    block.repeat = self.found.texts.add(fence);
                    lines = Some(inside);
                }
            }
            _ => {}
        }
        let place = self.push(block);
        if is_outer {
            self.last = Some(place);
        }
        if let Some(lines) = lines {
            let last = lines.end;
            self.push(lines);
            self.close(place, last);
        }
        if row.after as usize > number + 1 {
            self.open.push(Open {
                number: place,
                after: row.after,
                last: NO_CHILD,
            });
        } else if let Some(outer) = self.open.last_mut() {
            outer.last = row.end;
        }
    }

    fn add_html(&mut self, pieces: Vec<Piece>) {
        for piece in pieces {
            let mut block = piece.block;
            if piece.level > 0 {
                block.strength = self.open_section(piece.level, block.start, &piece.title);
            } else if self.after_heading {
                block.strength = strength::NONE;
            } else if self.is_introduced(block.kind) {
                block.strength = strength::LINE;
            }
            self.after_heading = piece.level > 0 || piece.introduces;
            self.after_paragraph = block.kind == Kind::Paragraph;
            self.last = Some(self.found.items.len());
            self.add_node(&block);
        }
    }

    /// Adds a block with those inside it.
    fn add_node(&mut self, node: &Node) {
        let block = Block {
            is_atomic: node.is_atomic,
            level: u32::from(node.level),
            title: self.found.texts.add(node.title.as_bytes()),
            repeat: self.found.texts.add(node.repeat.as_bytes()),
            repeat_from: node.repeat_from,
            ..Block::new(node.start, node.end, node.kind, node.strength)
        };
        let number = self.push(block);
        for child in &node.children {
            self.add_node(child);
        }
        if let Some(last) = node.children.last() {
            self.close(number, last.end);
        }
    }

    /// The strength before a block that no other contains.
    fn strength_of(&self, kind: Kind) -> u8 {
        if self.after_heading {
            strength::NONE
        } else if self.is_introduced(kind) {
            strength::LINE
        } else {
            strength::PARAGRAPH
        }
    }

    /// Whether a block of a kind belongs to the paragraph before it, which ends with a colon.
    fn is_introduced(&self, kind: Kind) -> bool {
        // Nothing is before a table that a paragraph ends: the parser has it inside where short rows
        // stand for too many cells.
        self.after_paragraph
            && matches!(kind, Kind::List | Kind::Table | Kind::Code | Kind::Quote)
            && self.introduces()
    }

    /// Whether the last block ends with a colon.
    fn introduces(&self) -> bool {
        let end = self.last.map_or(0, |last| self.found.items[last].end);
        let text = &self.text[..end as usize];
        let from = text.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
        trim_end(&text[from..]).ends_with([':', '：'])
    }

    /// Sets what is repeated of a table, with the rows before it that a paragraph ends with.
    fn set_header(&mut self, table: &mut Block, is_inside: bool) {
        let before = match is_inside {
            true => None,
            false => self.last,
        };
        let paragraph = before.map(|number| self.found.items[number]);
        let (start, end) = (table.start as usize, table.end as usize);
        let (start, header_end) = repeats::table(self.text, start, end, paragraph.as_ref());
        let header = &self.text.as_bytes()[start..header_end];
        table.repeat = self.found.texts.add(header);
        table.start = start as u32;
        let (Some(number), Some(before)) = (before, paragraph) else {
            return;
        };
        if table.start == before.start {
            table.strength = before.strength;
            self.found.items.truncate(number);
            self.found.closings.truncate(number);
        } else if table.start < before.end {
            self.found.items[number].end = table.start;
            self.found.closings[number] = table.start;
            let is_introduced = self.introduces();
            table.strength = if is_introduced {
                strength::LINE
            } else {
                strength::PARAGRAPH
            };
        }
    }

    /// Starts a section, after those of its level or deeper; the strength before it.
    fn open_section(&mut self, level: u8, start: u32, title: &str) -> u8 {
        let outer = self.sections.last();
        let level = u32::from(level);
        let is_nested = outer.is_none_or(|&outer| level > self.found.items[outer].level);
        let is_glued = self.after_heading && is_nested;
        let strength = if is_glued {
            strength::NONE
        } else {
            strength::SECTION
        };
        self.close_sections(level, start);
        let section = Block {
            level,
            title: self.found.texts.add(title.as_bytes()),
            ..Block::new(start, start, Kind::Section, strength)
        };
        let number = self.push(section);
        self.sections.push(number);
        strength
    }

    /// Ends all sections of a level or deeper.
    fn close_sections(&mut self, level: u32, end: u32) {
        // A section ends with its last block, or where the last one inside it does.
        let mut last = self.last.map_or(0, |last| self.found.items[last].end);
        while let Some(&number) = self.sections.last()
            && self.found.items[number].level >= level
        {
            self.sections.pop();
            self.found.items[number].end = end;
            self.close(number, last);
            last = end;
        }
    }
}

/// The title of a heading whose text is on one line.
fn title_of(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii() && !matches!(byte, b'~' | b'{');
    if text.len() <= MAX_TITLE && text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(clean_title(text))
}

/// What a row is, and whether that is atomic.
fn kind_of(number: u32) -> (Kind, bool) {
    match number {
        kind::PARAGRAPH => (Kind::Paragraph, false),
        kind::LIST => (Kind::List, true),
        kind::ITEM | kind::INNER_ITEM => (Kind::Item, true),
        kind::QUOTE => (Kind::Quote, false),
        kind::TABLE => (Kind::Table, true),
        kind::ROW => (Kind::Row, true),
        kind::CODE => (Kind::Code, true),
        kind::HTML => (Kind::Html, false),
        kind::RULE => (Kind::Rule, true),
        _ => (Kind::Heading, true),
    }
}
