//! The blocks of a Markdown text (CommonMark and tables), as `pulldown-cmark` finds them.
//!
//! A block is a range of lines, so that a cut before it separates no list marker or quote sign from
//! its content. Blocks come in post-order: those inside another come before it. Nothing is rendered,
//! since only offsets matter; inline markup is read in headings alone. The fallback is
//! `ctxtools/_core/fallback/markdown.py`.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The kinds of blocks. A heading outside of lists and quotes has `HEADING` plus its level.
pub mod kind {
    /// Text, one or more lines of it.
    pub const PARAGRAPH: u32 = 0;
    /// A list, bulleted or numbered.
    pub const LIST: u32 = 1;
    pub const ITEM: u32 = 2;
    /// An item of a list inside another list.
    pub const INNER_ITEM: u32 = 3;
    pub const QUOTE: u32 = 4;
    /// A table, with its header row and the line under it.
    pub const TABLE: u32 = 5;
    /// A row of a table other than its header.
    pub const ROW: u32 = 6;
    /// Fenced or indented code.
    pub const CODE: u32 = 7;
    pub const HTML: u32 = 8;
    pub const RULE: u32 = 9;
    /// A heading inside a list or quote.
    pub const INNER_HEADING: u32 = 10;
    /// Any other heading has this plus its level, 1 to 6.
    pub const HEADING: u32 = 10;
    /// Added to the kind of a block inside a list item or quote.
    pub const INSIDE: u32 = 32;
}

/// The blocks of a text, in post-order. All lists but `titles` have an element for each block.
#[derive(Default, Debug)]
pub struct Blocks {
    /// Where each block starts, in bytes.
    pub starts: Vec<u32>,
    /// Where it ends, in bytes, its line break included.
    pub ends: Vec<u32>,
    pub kinds: Vec<u32>,
    /// The number of its children, without theirs.
    pub children: Vec<u32>,
    /// The plain text of each `HEADING`, a line for each.
    pub titles: String,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// Its offsets do not fit into 32 bits.
    TooLong,
    Parser,
}

/// The blocks of a text, without those inside `depth` others or more.
pub fn blocks(text: &str, depth: usize) -> Result<Blocks, Error> {
    if u32::try_from(text.len()).is_err() {
        return Err(Error::TooLong);
    }
    // The parser is fuzzed by its authors, but if it panics the caller must not.
    let walk = Walk {
        text,
        depth,
        ..Walk::default()
    };
    catch_unwind(AssertUnwindSafe(|| walk.run())).map_err(|_| Error::Parser)
}

struct Open {
    start: usize,
    kind: u32,
    children: u32,
}

#[derive(Default)]
struct Walk<'a> {
    text: &'a str,
    depth: usize,
    open: Vec<Open>,
    /// How many elements deeper than `depth`, and so left out, are open.
    beyond: usize,
    lists: usize,
    /// How many list items and quotes are open.
    inside: usize,
    heading: bool,
    /// Whether white space came since the last word of the title.
    space: bool,
    /// Where the last block ended that has the same parent as the next.
    done: usize,
    found: Blocks,
}

impl Walk<'_> {
    fn run(mut self) -> Blocks {
        let parser = Parser::new_ext(self.text, Options::ENABLE_TABLES);
        for (event, range) in parser.into_offset_iter() {
            match event {
                Event::Start(tag) => {
                    if let Some(kind) = self.kind(&tag) {
                        self.begin(kind, &range);
                    }
                }
                Event::End(
                    TagEnd::Paragraph
                    | TagEnd::Heading(_)
                    | TagEnd::BlockQuote(_)
                    | TagEnd::CodeBlock
                    | TagEnd::HtmlBlock
                    | TagEnd::List(_)
                    | TagEnd::Item
                    | TagEnd::Table
                    | TagEnd::TableRow,
                ) => self.finish(range.end),
                Event::Rule => {
                    self.begin(kind::RULE, &range);
                    self.finish(range.end);
                }
                Event::Text(words) | Event::Code(words) if self.heading => self.title(&words),
                Event::SoftBreak | Event::HardBreak => self.space = true,
                _ => {}
            }
        }
        self.found
    }

    /// The kind of an element; None for inline markup and the parts of tables that are not blocks.
    fn kind(&self, tag: &Tag<'_>) -> Option<u32> {
        Some(match tag {
            Tag::Paragraph => kind::PARAGRAPH,
            Tag::Heading { .. } if self.inside > 0 => kind::INNER_HEADING,
            Tag::Heading { level, .. } => kind::HEADING + *level as u32,
            Tag::BlockQuote(_) => kind::QUOTE,
            Tag::CodeBlock(_) => kind::CODE,
            Tag::HtmlBlock => kind::HTML,
            Tag::List(_) => kind::LIST,
            Tag::Item if self.lists > 1 => kind::INNER_ITEM,
            Tag::Item => kind::ITEM,
            Tag::Table(_) => kind::TABLE,
            Tag::TableRow => kind::ROW,
            _ => return None,
        })
    }

    fn begin(&mut self, kind: u32, range: &Range<usize>) {
        if self.open.len() == self.depth {
            self.beyond += 1;
            return;
        }
        let inside = if self.inside > 0 { kind::INSIDE } else { 0 };
        match kind {
            kind::LIST => self.lists += 1,
            kind::ITEM | kind::INNER_ITEM | kind::QUOTE => self.inside += 1,
            _ => {}
        }
        self.heading = kind > kind::HEADING;
        self.space = false;
        let start = line_start(self.text.as_bytes(), range.start).max(self.done);
        self.done = start;
        self.open.push(Open {
            start,
            kind: kind + inside,
            children: 0,
        });
    }

    fn finish(&mut self, end: usize) {
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        let Some(block) = self.open.pop() else { return };
        match block.kind % kind::INSIDE {
            kind::LIST => self.lists -= 1,
            kind::ITEM | kind::INNER_ITEM | kind::QUOTE => self.inside -= 1,
            kind if kind > kind::HEADING => self.found.titles.push('\n'),
            _ => {}
        }
        self.heading = false;
        let end = match block.kind % kind::INSIDE {
            // The parser's end includes the sign of a quote that goes on after the list.
            kind::LIST => self.done,
            _ => line_end(self.text.as_bytes(), block.start, end).max(self.done),
        };
        self.done = end;
        // An empty one (a list item in a line that its list shares with another) has no children,
        // but for what has been left out for the same reason.
        if block.start < end {
            self.found.starts.push(block.start as u32);
            self.found.ends.push(end as u32);
            self.found.kinds.push(block.kind);
            self.found.children.push(block.children);
            if let Some(parent) = self.open.last_mut() {
                parent.children += 1;
            }
        }
    }

    /// Adds words of a heading, any white space as one space.
    fn title(&mut self, words: &str) {
        let title = &mut self.found.titles;
        for character in words.chars() {
            // To Python the four separators of ASCII are white space.
            if character.is_whitespace() || matches!(character, '\x1c'..='\x1f') {
                self.space = true;
                continue;
            }
            if self.space && !title.is_empty() && !title.ends_with('\n') {
                title.push(' ');
            }
            self.space = false;
            title.push(character);
        }
    }
}

/// The start of the line that a byte is in.
fn line_start(text: &[u8], at: usize) -> usize {
    let before = &text[..at];
    before
        .iter()
        .rposition(|byte| matches!(byte, b'\n' | b'\r'))
        .map_or(0, |found| found + 1)
}

/// The end of the last line before `end` that is not blank; at least `start`.
fn line_end(text: &[u8], start: usize, end: usize) -> usize {
    let last = text[start..end.max(start)]
        .iter()
        .rposition(|byte| !matches!(byte, b'\n' | b'\r' | b' ' | b'\t'));
    let Some(last) = last else { return start };
    let rest = &text[start + last..];
    let line = rest
        .iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .unwrap_or(rest.len());
    let both = rest[line..].starts_with(b"\r\n");
    start + last + (line + 1 + usize::from(both)).min(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_too_deep_is_left_out() {
        let text = format!("{}x\n\n# y\n", "> ".repeat(50_000));
        let blocks = blocks(&text, 32).map(|found| (found.kinds.len(), found.titles));
        assert_eq!(blocks, Ok((33, "y\n".to_owned())));
    }
}
