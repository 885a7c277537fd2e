//! The blocks of JSON: one scan of its tokens, which validates it.
//!
//! It does not recurse, so nesting may be arbitrarily deep. `steps` has the tokens, `strings` the
//! lines of long strings.

mod steps;
mod strings;

use crate::chunk::blocks::{Block, Blocks, Kind};
use crate::chunk::titles;
use crate::text::boundaries::strength;
use crate::text::char_map::CharMap;
use crate::text::spaces::is_space;
use std::ops::Range;
use steps::{Main, Step, Steps};

/// Members are merged up to this many characters, so that a million numbers are not a million
/// blocks; an object or array that is not longer counts as a simple value.
const SMALL: usize = 60;
/// A record of fewer characters gets no children.
const SMALL_RECORD: usize = 600;
/// Nor does a string of fewer.
const LONG_STRING: usize = 300;

/// Of a cut between the members of an object or array, by how many are around it.
const STRENGTHS: [u8; 4] = [
    strength::PARAGRAPH,
    strength::PARAGRAPH,
    strength::SENTENCE_LINE,
    strength::SENTENCE,
];

/// What is wrong with a text; the numbers are those of `json_types.py`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Fault {
    Follows,
    Missing,
    Unclosed,
    NoComma,
    BadString,
    KeyInArray,
    NoValue,
    NoValueOfKey,
    NoColon,
    NoKey,
}

#[derive(Debug, PartialEq)]
pub enum Error {
    /// More than 4 GiB.
    TooLong,
    /// The offset of the fault in characters, what it is, and how many brackets are open.
    Fault(usize, Fault, usize),
}

/// The blocks of a text or, if it has records, of the value on each line. Blocks nested in `depth`
/// others or more are left out.
pub fn blocks(text: &str, records: bool, depth: usize) -> Result<Blocks, Error> {
    if u32::try_from(text.len()).is_err() {
        return Err(Error::TooLong);
    }
    let mut scanner = Scanner {
        text,
        map: CharMap::new(text),
        depth,
        rows: Vec::new(),
        inline: Vec::new(),
        span: 0..0,
        is_record: records,
        frames: Vec::new(),
    };
    let mut start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    if !records {
        scanner.scan(start..text.len())?;
    }
    while records && start < text.len() {
        let line = memchr::memchr(b'\n', &text.as_bytes()[start..]);
        let end = line.map_or(text.len(), |n| start + n + 1);
        if !text[start..end].chars().all(is_space) {
            scanner.scan(start..end)?;
        }
        start = end;
    }
    Ok(scanner.into_blocks())
}

/// The title of a block.
#[derive(Clone)]
enum Title {
    None,
    Number(usize),
    Key(Range<usize>),
}

/// A block, with offsets in bytes.
struct Row {
    start: usize,
    end: usize,
    kind: Kind,
    strength: u8,
    children: u32,
    title: Title,
}

/// An object or array.
struct Frame {
    /// Its start, including its key.
    start: usize,
    is_object: bool,
    title: Title,
    /// Of a cut between its members.
    strength: u8,
    /// The number of rows before it, and that of inline spans.
    first: usize,
    first_inline: usize,
    /// The number of its blocks so far.
    children: u32,
    /// The number of its complete members.
    members: usize,
    /// The start of its last block if small members may still be merged into it.
    open_start: Option<usize>,
    /// Whether its members are not too deep to be blocks.
    has_blocks: bool,
}

struct Scanner<'a> {
    text: &'a str,
    map: CharMap,
    depth: usize,
    rows: Vec<Row>,
    inline: Vec<(usize, usize)>,
    /// The value that is scanned.
    span: Range<usize>,
    is_record: bool,
    frames: Vec<Frame>,
}

impl Scanner<'_> {
    /// The number of characters in a span of bytes.
    fn length(&self, start: usize, end: usize) -> usize {
        self.character(end) - self.character(start)
    }

    fn character(&self, byte: usize) -> usize {
        self.map.character(self.text, byte)
    }

    /// Adds the block of a span, which must be one value.
    fn scan(&mut self, span: Range<usize>) -> Result<(), Error> {
        let (first, first_inline) = (self.rows.len(), self.inline.len());
        self.span = span.clone();
        self.frames.clear();
        self.scan_steps()?;
        if self.is_record && self.length(span.start, span.end) < SMALL_RECORD {
            self.rows.truncate(first);
            self.inline.truncate(first_inline);
            self.add_root(Kind::Record, 0);
        }
        Ok(())
    }

    fn scan_steps(&mut self) -> Result<(), Error> {
        let mut steps = Steps::new(self.text.as_bytes(), self.span.clone());
        let mut is_complete = false;
        let mut expected = true; // whether a value must follow
        loop {
            let step = steps.next();
            if is_complete && step.main == Main::Fault && step.at == self.span.end {
                return Ok(());
            }
            if is_complete || step.main == Main::Fault {
                return Err(self.error(&step, expected, is_complete));
            }
            let in_object = self.frames.last().map(|frame| frame.is_object);
            if let Main::Close { is_object } = step.main {
                if in_object != Some(is_object) || step.key.is_some() {
                    return Err(self.error(&step, expected, is_complete));
                }
                expected = step.comma.is_some();
                is_complete = self.close(&step)?;
                continue;
            }
            if !expected || step.key.is_some() != (in_object == Some(true)) {
                return Err(self.error(&step, expected, is_complete));
            }
            match step.main {
                Main::Open { is_object } => self.open(&step, is_object),
                _ if in_object.is_some() => {
                    expected = step.comma.is_some();
                    self.add_value(&step);
                }
                _ => match step.comma {
                    None => {
                        is_complete = true;
                        let lines = self.lines(step.at..step.value_end, self.span.end);
                        let kind = if self.is_record {
                            Kind::Record
                        } else {
                            Kind::Value
                        };
                        self.add_root(kind, lines);
                    }
                    Some(comma) => return Err(self.follows(comma)),
                },
            }
        }
    }

    fn follows(&self, at: usize) -> Error {
        Error::Fault(self.character(at), Fault::Follows, 0)
    }

    fn title(&self, step: &Step) -> Title {
        match (self.frames.last(), &step.key) {
            (Some(_), Some(key)) => Title::Key(key.clone()),
            (Some(parent), None) => Title::Number(parent.members),
            (None, _) => Title::None,
        }
    }

    fn open(&mut self, step: &Step, is_object: bool) {
        let depth = self.frames.len();
        let title = if depth < self.depth {
            self.title(step)
        } else {
            Title::None
        };
        self.frames.push(Frame {
            start: step.start,
            is_object,
            title,
            strength: STRENGTHS[depth.min(STRENGTHS.len() - 1)],
            first: self.rows.len(),
            first_inline: self.inline.len(),
            children: 0,
            members: 0,
            open_start: None,
            has_blocks: depth + 1 < self.depth,
        });
    }

    /// Closes the innermost object or array, and says whether it was the value itself.
    fn close(&mut self, step: &Step) -> Result<bool, Error> {
        let Some(frame) = self.frames.pop() else {
            return Ok(false);
        };
        if frame.children > 0 {
            self.extend_last(step.at);
        }
        if !self.frames.is_empty() {
            self.add_container(&frame, step.end);
            return Ok(false);
        }
        if let Some(comma) = step.comma {
            return Err(self.follows(comma));
        }
        let mut children = frame.children;
        if self.length(self.span.start, self.span.end) <= SMALL {
            self.rows.truncate(frame.first);
            children = 0;
        }
        let kind = match (self.is_record, frame.is_object) {
            (true, _) => Kind::Record,
            (false, true) => Kind::Object,
            (false, false) => Kind::Array,
        };
        self.add_root(kind, children);
        Ok(true)
    }

    /// Extends the last member, which no comma follows, by the rest of its line and comments.
    fn extend_last(&mut self, bracket: usize) {
        let Some(last) = self.rows.last() else {
            return;
        };
        let after = last.end.min(bracket)..bracket;
        let line = memchr::memrchr(b'\n', &self.text.as_bytes()[after.clone()]);
        if let Some(n) = line {
            let lines = usize::from(last.kind == Kind::Value && last.children > 0);
            let first = self.rows.len() - 1 - lines;
            for row in &mut self.rows[first..] {
                row.end = after.start + n + 1;
            }
        }
    }

    /// Adds a block to the innermost object or array.
    fn add(&mut self, span: Range<usize>, kind: Kind, children: u32, title: Title) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let is_first = frame.children == 0; // after the bracket
        frame.children += 1;
        self.rows.push(Row {
            start: span.start,
            end: span.end,
            kind,
            strength: if is_first {
                strength::NONE
            } else {
                frame.strength
            },
            children,
            title,
        });
    }

    fn add_root(&mut self, kind: Kind, children: u32) {
        let is_record = kind == Kind::Record;
        self.rows.push(Row {
            start: self.span.start,
            end: self.span.end,
            kind,
            strength: if is_record {
                strength::SECTION
            } else {
                strength::PARAGRAPH
            },
            children,
            title: Title::None,
        });
    }

    /// Adds the block of a simple member, or merges it into the previous one.
    fn add_value(&mut self, step: &Step) {
        let has_blocks = self.frames.last().is_some_and(|frame| frame.has_blocks);
        if !has_blocks || self.length(step.at, step.value_end) < LONG_STRING {
            self.add_small(step.start..step.end);
            return;
        }
        let lines = self.lines(step.at..step.value_end, step.end);
        let title = self.title(step);
        self.add(step.start..step.end, Kind::Value, lines, title);
        if let Some(frame) = self.frames.last_mut() {
            frame.members += 1;
            frame.open_start = None;
        }
        if let Some(key) = &step.key
            && let Some(end) = strings::first_word(&self.text[step.at..step.value_end])
        {
            self.inline.push((key.start, step.at + end));
        }
    }

    fn add_small(&mut self, span: Range<usize>) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        frame.members += 1;
        let (open_start, has_blocks) = (frame.open_start, frame.has_blocks);
        if let Some(open) = open_start
            && self.length(open, span.end) <= SMALL
        {
            if let Some(last) = self.rows.last_mut() {
                last.end = span.end;
            }
        } else if has_blocks {
            if let Some(frame) = self.frames.last_mut() {
                frame.open_start = Some(span.start);
            }
            self.add(span, Kind::Value, 0, Title::None);
        }
    }

    /// Adds the block of an object or array; a small one is inline, since no block tells of its
    /// brackets.
    fn add_container(&mut self, frame: &Frame, end: usize) {
        if self.length(frame.start, end) <= SMALL {
            self.rows.truncate(frame.first);
            self.add_small(frame.start..end);
            self.inline.truncate(frame.first_inline);
            self.inline.push((frame.start, end));
            return;
        }
        let Some(parent) = self.frames.last_mut() else {
            return;
        };
        parent.members += 1;
        parent.open_start = None;
        if parent.has_blocks {
            let kind = if frame.is_object {
                Kind::Object
            } else {
                Kind::Array
            };
            self.add(frame.start..end, kind, frame.children, frame.title.clone());
        }
    }

    /// Adds the lines of a long string, and says how many. The last one ends at `end`.
    fn lines(&mut self, string: Range<usize>, end: usize) -> u32 {
        if self.length(string.start, string.end) < LONG_STRING {
            return 0;
        }
        let cuts = strings::lines(self.text, string, |a, b| self.length(a, b) < SMALL);
        let ends = cuts.iter().skip(1).map(|&(offset, _)| offset).chain([end]);
        for (&(start, strength), end) in cuts.iter().zip(ends) {
            self.rows.push(Row {
                start,
                end,
                kind: Kind::Paragraph,
                strength,
                children: 0,
                title: Title::None,
            });
        }
        cuts.len() as u32
    }

    /// What is wrong with a step, and where. `expected`: whether a value had to follow;
    /// `is_complete`: whether nothing may follow but white space.
    fn error(&self, step: &Step, expected: bool, is_complete: bool) -> Error {
        let in_object = self.frames.last().is_some_and(|frame| frame.is_object);
        // If a key was due, it is valid: the fault comes after it.
        let key = step.key.as_ref().filter(|_| !(expected && in_object));
        let mut offset = key.map_or(step.at, |key| key.start);
        let is_string = self.text.as_bytes().get(offset) == Some(&b'"');
        let fault = if is_complete {
            Fault::Follows
        } else if offset == self.span.end {
            let text = &self.text[self.span.clone()];
            offset = self.span.start + text.trim_end_matches(['\r', '\n']).len();
            if self.frames.is_empty() {
                Fault::Missing
            } else {
                Fault::Unclosed
            }
        } else if !expected {
            Fault::NoComma
        } else if is_string && step.main == Main::Fault && offset == step.at {
            Fault::BadString
        } else if !in_object {
            if step.key.is_some() {
                Fault::KeyInArray
            } else {
                Fault::NoValue
            }
        } else if step.key.is_some() {
            Fault::NoValueOfKey
        } else if is_string {
            offset = step.value_end;
            Fault::NoColon
        } else {
            Fault::NoKey
        };
        Error::Fault(self.character(offset), fault, self.frames.len())
    }

    fn into_blocks(self) -> Blocks {
        let mut found = Blocks::default();
        let texts = &mut found.texts;
        let blocks: Vec<Block> = self
            .rows
            .iter()
            .map(|row| {
                let title = match &row.title {
                    Title::None => 0,
                    Title::Number(number) => texts.add(format!("[{number}]").as_bytes()),
                    Title::Key(key) => texts.add(&titles::of_key(&self.text[key.clone()])),
                };
                let [start, end] = [row.start, row.end].map(|at| self.character(at) as u32);
                Block {
                    title,
                    is_atomic: row.kind != Kind::Paragraph,
                    ..Block::new(start, end, row.kind, row.strength)
                }
            })
            .collect();
        let children: Vec<u32> = self.rows.iter().map(|row| row.children).collect();
        found.items = Blocks::from_post_order(&blocks, &children);
        let inline = self.inline.iter();
        found.inline = inline
            .map(|&(start, end)| (self.character(start) as u32, self.character(end) as u32))
            .collect();
        found
    }
}
