//! The blocks of a Markdown text (CommonMark and tables), as `pulldown-cmark` finds them.
//!
//! A block is a range of lines, so that a cut before it separates no list marker or quote sign from
//! its content. Blocks come in pre-order: those inside another come after it. Nothing is rendered,
//! since only offsets matter; inline markup is read in headings alone.

use crate::chunk::markdown::Error;
use crate::text::spaces::is_space;
use memchr::{memchr2, memrchr2};
use pulldown_cmark::{BrokenLink, Event, Options, Parser, Tag, TagEnd};
use std::cell::{Cell, RefCell};
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

/// A block; offsets in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub start: u32,
    /// Its line break included.
    pub end: u32,
    pub kind: u32,
    /// The number of the first block after it that is not inside it.
    pub after: u32,
}

/// The blocks of a text, in pre-order.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Rows {
    pub rows: Vec<Row>,
    /// The plain text of each `HEADING`, a line for each; a `<br>` in it is a space.
    pub titles: String,
    /// How many those are.
    pub headings: usize,
    /// The references in those that are not defined: the number of each heading, and the label.
    pub unknown: Vec<(usize, String)>,
    /// The labels of all definitions.
    pub labels: Vec<String>,
    /// Whether code or HTML is open at the end.
    pub is_open: bool,
}

/// The blocks of a range of a text of at most 4 GiB, without those inside `depth` others or more.
/// `is_known`: whether a label is defined elsewhere.
pub fn rows(
    text: &str,
    range: Range<usize>,
    depth: usize,
    is_known: impl Fn(&str) -> bool,
) -> Result<Rows, Error> {
    // The parser is fuzzed by its authors, but if it panics the caller must not.
    let walk = Walk {
        shift: range.start,
        text: &text[range],
        depth,
        ..Walk::default()
    };
    catch_unwind(AssertUnwindSafe(|| walk.run(is_known))).map_err(|_| Error::Parser)
}

#[derive(Default)]
struct Walk<'a> {
    text: &'a str,
    /// The offset of `text` in the document.
    shift: usize,
    depth: usize,
    /// The numbers of the blocks that are open.
    open: Vec<usize>,
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
    found: Rows,
}

impl Walk<'_> {
    fn run(mut self, is_known: impl Fn(&str) -> bool) -> Rows {
        let unknown = RefCell::new(Vec::new());
        // The number of the heading that the parser is in.
        let heading = Cell::new(None);
        let lookup = |link: BrokenLink<'_>| {
            if is_known(&link.reference) {
                return Some(("".into(), "".into()));
            }
            if let Some(number) = heading.get() {
                let mut unknown = unknown.borrow_mut();
                unknown.push((number, link.reference.into_string()));
            }
            None
        };
        let options = Options::ENABLE_TABLES;
        let parser = Parser::new_with_broken_link_callback(self.text, options, Some(lookup));
        let labels = parser.reference_definitions().iter();
        self.found.labels = labels.map(|(label, _)| label.to_owned()).collect();
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
                Event::InlineHtml(tag) if is_line_break(&tag) => self.space = true,
                _ => {}
            }
            heading.set(self.heading.then_some(self.found.headings));
        }
        self.found.unknown = unknown.into_inner();
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
        self.open.push(self.found.rows.len());
        self.found.rows.push(Row {
            start: (self.shift + start) as u32,
            end: 0,
            kind: kind + inside,
            after: 0,
        });
    }

    fn finish(&mut self, end: usize) {
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        let Some(number) = self.open.pop() else {
            return;
        };
        let after = self.found.rows.len() as u32;
        let Some(row) = self.found.rows.get_mut(number) else {
            return;
        };
        let (kind, start) = (row.kind % kind::INSIDE, row.start as usize - self.shift);
        match kind {
            kind::LIST => self.lists -= 1,
            kind::ITEM | kind::INNER_ITEM | kind::QUOTE => self.inside -= 1,
            kind if kind > kind::HEADING => {
                self.found.titles.push('\n');
                self.found.headings += 1;
            }
            _ => {}
        }
        self.heading = false;
        if self.open.is_empty() {
            let may_go_on = matches!(kind, kind::CODE | kind::HTML);
            self.found.is_open = may_go_on && end >= self.text.len();
        }
        let end = match kind {
            // The parser's end includes the sign of a quote that goes on after the list.
            kind::LIST => self.done,
            _ => line_end(self.text.as_bytes(), start, end).max(self.done),
        };
        self.done = end;
        (row.end, row.after) = ((self.shift + end) as u32, after);
        // An empty one (a list item in a line that its list shares with another) has no children,
        // but for what has been left out for the same reason.
        if start >= end {
            self.found.rows.truncate(number);
        }
    }

    /// Adds words of a heading, any white space as one space.
    fn title(&mut self, words: &str) {
        let title = &mut self.found.titles;
        for (number, word) in words.split(is_space).enumerate() {
            self.space |= number > 0;
            if word.is_empty() {
                continue;
            }
            if self.space && !title.is_empty() && !title.ends_with('\n') {
                title.push(' ');
            }
            self.space = false;
            title.push_str(word);
        }
    }
}

/// Whether a tag is `<br>`, in any spelling.
fn is_line_break(tag: &str) -> bool {
    let name = tag.as_bytes().get(..3);
    name.is_some_and(|name| name.eq_ignore_ascii_case(b"<br"))
        && !tag.as_bytes().get(3).is_some_and(u8::is_ascii_alphanumeric)
}

/// The start of the line that a byte is in.
fn line_start(text: &[u8], at: usize) -> usize {
    memrchr2(b'\n', b'\r', &text[..at]).map_or(0, |found| found + 1)
}

/// The end of the last line before `end` that is not blank; at least `start`.
fn line_end(text: &[u8], start: usize, end: usize) -> usize {
    let last = text[start..end.max(start)]
        .iter()
        .rposition(|byte| !matches!(byte, b'\n' | b'\r' | b' ' | b'\t'));
    let Some(last) = last else { return start };
    let rest = &text[start + last..];
    let line = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    let both = rest[line..].starts_with(b"\r\n");
    start + last + (line + 1 + usize::from(both)).min(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_too_deep_is_left_out() {
        let text = format!("{}x\n\n# y\n", "> ".repeat(50_000));
        let found =
            rows(&text, 0..text.len(), 32, |_| false).map(|found| (found.rows.len(), found.titles));
        assert_eq!(found, Ok((33, "y\n".to_owned())));
    }
}
