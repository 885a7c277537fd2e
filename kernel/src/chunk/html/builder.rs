//! Blocks of an HTML document, from its events.
//!
//! An element becomes a block, unless it contains a heading: then it is dissolved into what it
//! contains, since a heading rules what follows in the document whatever wraps it. So the blocks of a
//! document without asides are one sequence, which headings divide into sections.
//!
//! Start tags belong to what follows them: the first block in an element starts where the outermost
//! element starts in which nothing is before it. End tags belong to the block before them.

use super::elements::{Element, is};
use super::entries::Entry;
use super::inline_text::{heading_text, title_text};
use super::sentences::hidden_ends;
use super::tables::{layout_tables, set_header};
use super::tree::{Event, EventKind};
use super::{back, ends_line, fits, has_link, without_tags};
use crate::chunk::blocks::Kind;
use crate::text::boundaries::strength;
use crate::text::spaces::is_space;

/// Characters of a row that is small enough for any chunk: its cells are no blocks.
const SMALL_ROW: usize = 200;
/// Characters of links beside a heading in its wrapper, and of their text.
const MAX_TOOL: usize = 1000;
const MAX_TOOL_TEXT: usize = 40;
/// Characters after a colon that ends a paragraph, closing tags among them.
const MAX_COLON: usize = 60;
/// Characters that are searched for the start of a line.
const MAX_INDENT: usize = 200;
/// Characters that are searched for the end of a sentence, before a `<br>`.
const MAX_CLOSING: usize = 8;

/// The innermost table around something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    None,
    Data,
    Layout,
}

/// An open element.
struct Open {
    element: Element,
    /// The number of its event.
    event: usize,
    /// Of its start tag.
    start: usize,
    end: usize,
    /// Its start, with the start tags around it in which nothing is before it.
    begin: usize,
    /// How many entries were before it.
    first: usize,
    /// How many lists it is in.
    lists: usize,
    table: Table,
    has_heading: bool,
}

impl Open {
    fn new(element: Element, event: usize, start: usize, end: usize) -> Self {
        Open {
            element,
            event,
            start,
            end,
            begin: start,
            first: 0,
            lists: 0,
            table: Table::None,
            has_heading: false,
        }
    }
}

/// Builds the entries of a document, in one pass over its events.
pub struct BlockBuilder<'a> {
    /// That of the document, if it has a title element.
    pub title: String,
    /// Where its main content ends, if there is a heading in that.
    pub main_end: Option<usize>,
    text: &'a str,
    events: &'a [Event],
    start: usize,
    /// The numbers of the events that open tables for layout.
    layout: Vec<usize>,
    entries: Vec<Entry>,
    open: Vec<Open>,
    /// Of the open rows: how many cells, and header cells.
    rows: Vec<(usize, usize)>,
    /// Where the first start tag is after which nothing came yet.
    pending: Option<usize>,
    /// Where text starts that is in no entry yet, and the number of its event.
    run: Option<(usize, usize)>,
    /// Where inline start tags do that nothing in it follows yet.
    tail: Option<usize>,
    /// Of a cut before the text, if it is after a `<br>`.
    line: Option<u8>,
    /// That of the event.
    number: usize,
}

impl<'a> BlockBuilder<'a> {
    /// The events are those from `start` on of a text, which ends where they do.
    pub fn new(text: &'a str, events: &'a [Event], start: usize) -> Self {
        BlockBuilder {
            title: String::new(),
            main_end: None,
            text,
            events,
            start,
            layout: layout_tables(events),
            entries: Vec::new(),
            open: vec![Open::new(Element::Other, 0, start, start)],
            rows: Vec::new(),
            pending: Some(start),
            run: None,
            tail: None,
            line: None,
            number: 0,
        }
    }

    /// The entries of the document, in order; its headings are not grouped yet.
    pub fn entries(&mut self) -> Vec<Entry> {
        let events = self.events;
        for (number, event) in events.iter().enumerate() {
            self.number = number;
            let (element, start, end) = (event.element, event.start as usize, event.end as usize);
            match event.kind {
                EventKind::Text => {
                    if self.run.is_none() || self.tail.is_some() {
                        let visible = self.text[start..end].find(|c| !is_space(c));
                        if let Some(i) = visible {
                            self.see(start + i);
                        }
                    }
                }
                EventKind::Open => self.start_element(element, start, end),
                EventKind::Close => self.end_element(start, end),
                EventKind::Tag => self.tag(element, start, end),
                EventKind::EndTag => {
                    if self.run.is_none() && self.pending.is_none() {
                        self.extend(end);
                    }
                    self.tail = None;
                }
                EventKind::Opaque => self.opaque(element, start, end),
            }
        }
        self.number = events.len();
        self.flush(self.text.len(), false);
        std::mem::take(&mut self.entries)
    }

    /// Text or an image starts, which is in no entry yet.
    fn see(&mut self, at: usize) {
        if self.run.is_none() {
            self.run = Some((self.begin(at), self.number));
        }
        (self.pending, self.tail) = (None, None);
    }

    /// Where what starts at an offset does, with the start tags before it.
    fn begin(&self, start: usize) -> usize {
        self.pending.unwrap_or_else(|| self.line_start(start))
    }

    /// An end tag belongs to the entry before it.
    fn extend(&mut self, end: usize) {
        let end = self.line_end(end);
        if let Some(last) = self.entries.last_mut() {
            last.end = end;
        }
    }

    fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
        (self.run, self.pending, self.tail) = (None, None, None);
    }

    /// The text that is in no entry yet ends before `at`, where an element starts or ends.
    fn flush(&mut self, at: usize, in_heading: bool) {
        let Some((run, _)) = self.run else {
            return;
        };
        if in_heading && self.is_prefix(run, at) {
            (self.pending, self.run) = (Some(run), None);
            return;
        }
        let (kind, strength) = match self.line.take() {
            Some(strength) => (Kind::Text, strength),
            None => {
                let lists = self.innermost().lists;
                (Kind::Paragraph, self.strength(Kind::Paragraph, lists))
            }
        };
        let end = self.line_start(at);
        let children = self.sentences(end);
        let entry = Entry::new(run, end, kind, strength).with_children(children, false);
        self.add(entry);
    }

    /// The sentences of the text that is in no entry yet, but for the first, where tags hide their ends.
    fn sentences(&self, end: usize) -> Vec<Entry> {
        let Some((_, first)) = self.run else {
            return Vec::new();
        };
        let events = &self.events[first..self.number];
        let starts = hidden_ends(self.text.as_bytes(), events);
        let starts: Vec<usize> = starts.into_iter().map(|at| self.line_end(at)).collect();
        let ends = starts.iter().skip(1).chain([&end]);
        let spans = starts.iter().zip(ends);
        spans
            .map(|(&start, &end)| Entry::new(start, end, Kind::Text, strength::SENTENCE))
            .collect()
    }

    fn innermost(&self) -> &Open {
        // The first one is never closed.
        &self.open[self.open.len() - 1]
    }

    /// Whether the text before a heading is all that is before it in its wrapper, and no more than a
    /// link or button.
    fn is_prefix(&self, start: usize, end: usize) -> bool {
        let outer = self.innermost();
        outer.begin == start
            && self.entries.len() <= outer.first
            && self.open.len() > 1
            && self.is_tool(start, end)
    }

    /// Whether a span is no more than a short link or button, such as "Edit".
    fn is_tool(&self, start: usize, end: usize) -> bool {
        if start >= end || !fits(self.text, start, end, MAX_TOOL) {
            return false;
        }
        let markup = &self.text[start..end];
        has_link(markup) && {
            let text = without_tags(markup);
            let words = text.split(is_space).filter(|word| !word.is_empty());
            words.map(|word| word.chars().count() + 1).sum::<usize>() <= MAX_TOOL_TEXT + 1
        }
    }

    /// An inline start tag.
    fn tag(&mut self, element: Element, start: usize, end: usize) {
        if element == Element::Br {
            self.line_break(start, end);
        } else if element == Element::Hr {
            self.flush(start, false);
            let (begin, end) = (self.begin(start), self.line_end(end));
            self.add(Entry::new(begin, end, Kind::Rule, strength::PARAGRAPH));
        } else if element.is(is::VISIBLE) {
            self.see(start);
        } else if !element.is(is::INVISIBLE) {
            if self.run.is_some() {
                self.tail.get_or_insert(start);
            } else if self.pending.is_none() {
                self.pending = Some(self.line_start(start));
            }
        }
    }

    fn opaque(&mut self, element: Element, start: usize, end: usize) {
        if element == Element::Title && self.title.is_empty() {
            self.title = title_text(&self.text[start..end]);
        }
        if element.kind() == Kind::Code {
            self.flush(start, false);
            let (begin, end) = (self.begin(start), self.line_end(end));
            let mut entry = Entry::new(begin, end, Kind::Code, strength::PARAGRAPH);
            entry.is_atomic = true;
            self.add(entry);
        } else {
            self.see(start);
        }
    }

    fn line_break(&mut self, start: usize, end: usize) {
        if let Some((run, _)) = self.run {
            let first = back(self.text, start, MAX_CLOSING).max(run);
            let is_ended = first < start && ends_sentence(&self.text[first..start]);
            self.flush(self.line_end(end), false);
            self.line = Some(if is_ended {
                strength::SENTENCE_LINE
            } else {
                strength::LINE
            });
        } else if self.pending.is_none() {
            self.extend(end);
            if self.line.is_some() {
                self.line = Some(strength::PARAGRAPH); // an empty line
            }
        }
    }

    fn start_element(&mut self, element: Element, start: usize, end: usize) {
        let tail = self.tail;
        self.flush(tail.unwrap_or(start), element.is(is::HEADING));
        if let Some(tail) = tail
            && self.pending.is_none()
        {
            self.pending = Some(self.line_start(tail));
        }
        (self.tail, self.line) = (None, None);
        let begin = self.begin(start);
        self.pending = Some(begin);
        let outer = self.innermost();
        let mut open = Open {
            begin,
            first: self.entries.len(),
            lists: outer.lists + usize::from(element.kind() == Kind::List),
            table: outer.table,
            ..Open::new(element, self.number, start, end)
        };
        if element == Element::Table {
            let is_layout = self.layout.binary_search(&self.number).is_ok();
            open.table = if is_layout {
                Table::Layout
            } else {
                Table::Data
            };
        } else if element == Element::Tr {
            self.rows.push((0, 0));
        } else if element.is(is::CELL)
            && let Some((cells, headers)) = self.rows.last_mut()
        {
            *cells += 1;
            *headers += usize::from(element == Element::Th);
        }
        self.open.push(open);
    }

    fn end_element(&mut self, start: usize, end: usize) {
        let Some(element) = self.open.pop() else {
            return;
        };
        let is_row = element.element == Element::Tr;
        let row = if is_row { self.rows.pop() } else { None };
        // Without an end tag, it ends before the line of the tag that ends it.
        let has_text = self.run.is_some();
        let end = if start < end {
            self.line_end(end)
        } else {
            self.line_start(start)
        };
        if has_text && self.entries.len() > element.first {
            self.flush(start, false);
        }
        self.line = None;
        if !has_text && self.entries.len() == element.first {
            self.end_empty(&element, end);
            return;
        }
        self.pending = None;
        if element.has_heading && !element.element.is(is::SCOPE) {
            self.dissolve(&element, end);
            return;
        }
        if element.element.is(is::ROW_GROUP) && self.entries.len() > element.first {
            // Its rows belong to the table.
            for child in &mut self.entries[element.first..] {
                child.is_header |= child.is_row && element.element == Element::Thead;
            }
            if let Some(last) = self.entries.last_mut() {
                last.end = end;
            }
            return;
        }
        let children = self.entries.split_off(element.first);
        let mut entry = self.entry(&element, children, end);
        if let Some((cells, headers)) = row
            && element.table != Table::Layout
        {
            entry.is_row = true;
            entry.is_header = cells > 0 && cells == headers;
            entry.introduces = entry.is_header;
        }
        let rules = entry.level > 0;
        self.add(entry);
        if rules {
            for outer in self.open.iter_mut().rev() {
                let is_last = outer.has_heading || outer.element.is(is::SCOPE);
                outer.has_heading = true;
                if is_last {
                    break;
                }
            }
        }
    }

    /// What is in an element with a heading is in the document.
    fn dissolve(&mut self, element: &Open, end: usize) {
        if element.element == Element::Main {
            self.main_end = Some(end);
        }
        let is_tool = match &self.entries[element.first..] {
            [heading, tool] => heading.level > 0 && self.is_tool(tool.start, tool.end),
            _ => false,
        };
        if is_tool {
            self.entries.pop(); // the heading ends with it
        }
        if let Some(last) = self.entries.last_mut() {
            last.end = end;
            last.introduces |= element.element.is(is::INTRODUCING);
        }
    }

    /// An element without content belongs to the start tags before it, or to what is before.
    fn end_empty(&mut self, element: &Open, end: usize) {
        if !self.entries.is_empty() && element.begin == self.line_start(element.start) {
            self.extend(end);
            self.pending = None;
        }
    }

    /// The entry of an element that has content.
    fn entry(&mut self, element: &Open, mut children: Vec<Entry>, end: usize) -> Entry {
        let (name, begin) = (element.element, element.begin);
        let mut kind = name.kind();
        if element.table == Table::Layout && matches!(kind, Kind::Table | Kind::Row) {
            kind = Kind::Element;
        }
        if kind == Kind::Element {
            if children.len() == 1
                && !name.is(is::ATOMIC)
                && !element.has_heading
                && let Some(mut only) = children.pop()
            {
                only.end = end;
                return only;
            }
            if children.is_empty() {
                kind = Kind::Paragraph;
            } else if self.innermost().element == Element::Dl && children[0].introduces {
                kind = Kind::Item; // a term with its definition
            }
        } else if kind == Kind::Table && !children.iter().any(|child| child.is_row) {
            kind = Kind::Element;
        }
        let is_list = kind == Kind::List;
        let mut before = self.strength(kind, element.lists - usize::from(is_list));
        if name == Element::Figcaption && self.innermost().first < self.entries.len() {
            before = strength::NONE; // what it is of is before it
        }
        let mut title = String::new();
        if kind == Kind::Heading {
            if element.table != Table::Data {
                title = heading_text(self.text, &self.events[element.event + 1..self.number]);
            }
            if title.is_empty() {
                kind = Kind::Paragraph;
            }
        }
        let is_small_row = kind == Kind::Row && fits(self.text, begin, end, SMALL_ROW);
        if matches!(kind, Kind::Heading | Kind::Code) || is_small_row {
            children.clear();
        } else if let [only] = &mut children[..] {
            if only.kind == Kind::Paragraph {
                children = std::mem::take(&mut only.children);
            }
        } else if children.is_empty() {
            children = self.sentences(end);
        }
        if name == Element::Dl {
            children = pairs(children);
        }
        let mut entry =
            Entry::new(begin, end, kind, before).with_children(children, element.has_heading);
        entry.is_atomic = is_atomic(kind) || name.is(is::ATOMIC);
        entry.introduces = name.is(is::HEADING | is::INTRODUCING);
        if !title.is_empty() {
            (entry.title, entry.level) = (title, name.level());
        }
        if kind == Kind::Table {
            set_header(&mut entry, self.text, element.start, element.end);
        }
        entry
    }

    /// The strength of a cut before the next entry.
    fn strength(&self, kind: Kind, lists: usize) -> u8 {
        if let Some(before) = self.entries.last() {
            if before.introduces {
                return strength::NONE;
            }
            let is_close = matches!(kind, Kind::List | Kind::Table | Kind::Code | Kind::Quote);
            if is_close && before.kind == Kind::Paragraph {
                let first = back(self.text, before.end, MAX_COLON).max(before.start);
                if ends_with_colon(&self.text[first..before.end]) {
                    return strength::LINE;
                }
            }
        }
        match kind {
            Kind::Item if lists > 1 => strength::LINE,
            Kind::Paragraph if lists > 0 => strength::SENTENCE_LINE,
            Kind::Item | Kind::Row => strength::SENTENCE,
            _ if lists > 0 => strength::SENTENCE,
            _ => strength::PARAGRAPH,
        }
    }

    /// The end of the line, if only white space follows the offset on it.
    fn line_end(&self, end: usize) -> usize {
        ends_line(self.text.as_bytes(), end).unwrap_or(end)
    }

    /// The start of the line, if only white space precedes the offset on it.
    fn line_start(&self, offset: usize) -> usize {
        let text = self.text.as_bytes();
        let min = self
            .entries
            .last()
            .map_or(self.start, |last| last.end.max(self.start));
        let first = offset.saturating_sub(MAX_INDENT).max(min);
        let mut start = offset;
        while start > first {
            match text[start - 1] {
                b' ' | b'\t' | b'\r' => start -= 1,
                b'\n' => return start,
                _ => return offset,
            }
        }
        if first > min { offset } else { min }
    }
}

fn is_atomic(kind: Kind) -> bool {
    use Kind::{Code, Heading, Item, List, Metadata, Row, Table};
    matches!(kind, Heading | List | Item | Code | Table | Row | Metadata)
}

/// Whether a text ends with the end of a sentence.
fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(is_space);
    const CLOSERS: [char; 10] = ['"', '\'', '’', '”', '»', ')', ']', '）', '」', '』'];
    let is_end = |text: &str| text.ends_with(['.', '!', '?', '…', '。', '！', '？', ':', '：']);
    is_end(text) || text.strip_suffix(CLOSERS).is_some_and(is_end)
}

/// Whether a text ends with a colon, and end tags after it.
fn ends_with_colon(text: &str) -> bool {
    text.match_indices([':', '：']).any(|(i, colon)| {
        let mut rest = text[i + colon.len()..].trim_start_matches(is_space);
        while let Some(tag) = rest.strip_prefix("</")
            && let Some(end) = tag.find('>')
        {
            rest = tag[end + 1..].trim_start_matches(is_space);
        }
        rest.is_empty()
    })
}

/// Items of a list of definitions, with terms and the definitions after them in one.
fn pairs(items: Vec<Entry>) -> Vec<Entry> {
    let mut found = Vec::with_capacity(items.len());
    let mut items = items.into_iter().peekable();
    let mut terms: Vec<Entry> = Vec::new();
    while let Some(item) = items.next() {
        if item.introduces {
            terms.push(item);
            continue;
        }
        if terms.is_empty() || is_pair(&item) {
            found.append(&mut terms);
            found.push(item);
            continue;
        }
        let mut pair = std::mem::take(&mut terms);
        pair.push(item);
        while let Some(more) = items.next_if(|item| !item.introduces && !is_pair(item)) {
            pair.push(more);
        }
        let (start, strength) = (pair[0].start, pair[0].strength);
        let end = pair[pair.len() - 1].end;
        let mut entry = Entry::new(start, end, Kind::Item, strength).with_children(pair, false);
        entry.is_atomic = true;
        found.push(entry);
    }
    found.append(&mut terms);
    found
}

/// Whether an item has an element of its own, with its terms and definitions.
fn is_pair(item: &Entry) -> bool {
    item.children.len() > 1 && item.children[0].introduces
}
