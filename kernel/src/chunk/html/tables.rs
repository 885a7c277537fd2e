//! Which tables hold data, and which of their rows are headers.

use super::elements::{Element, is};
use super::entries::Entry;
use super::inline_text::has_property;
use super::tokens::{TokenKind, attribute, ends_name, name, tokens};
use super::tree::{Event, EventKind};
use super::{fits, forth};
use crate::text::boundaries::strength;
use crate::text::entities::unescape;
use crate::text::spaces::{self, is_space};

/// The number of rows that are examined for a header without header cells.
const MAX_ROWS: usize = 24;
/// Characters of one of them.
const MAX_ROW: usize = 4000;
/// Characters of a cell of such a header.
const MAX_NAME: usize = 60;
/// Characters of a caption that is repeated with the header.
const MAX_CAPTION: usize = 200;

/// A table that is open.
#[derive(Default)]
struct Table {
    number: usize,
    has_head: bool,
    has_header_cells: bool,
    in_header: bool,
    /// Outside of header cells.
    has_headings: bool,
    has_tables: bool,
}

/// The numbers of the events that open tables which only arrange headings or other tables, in order.
///
/// Such a table has neither a head nor a caption, and no header cells unless the others contain
/// headings.
pub fn layout_tables(events: &[Event]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut tables: Vec<Table> = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let element = event.element;
        if event.kind == EventKind::Open {
            if let Some(table) = tables.last_mut() {
                match element {
                    Element::Td | Element::Th => {
                        table.in_header = element == Element::Th;
                        table.has_header_cells |= table.in_header;
                    }
                    Element::Thead | Element::Caption => table.has_head = true,
                    Element::Table => table.has_tables = true,
                    _ => table.has_headings |= element.is(is::HEADING) && !table.in_header,
                }
            }
            if element == Element::Table {
                tables.push(Table {
                    number,
                    ..Table::default()
                });
            }
        } else if event.kind == EventKind::Close
            && element == Element::Table
            && let Some(table) = tables.pop()
        {
            let contains = table.has_headings || (table.has_tables && !table.has_header_cells);
            if contains && !table.has_head {
                found.push(table.number);
            }
        }
    }
    found.sort_unstable();
    found
}

/// Sets what a table repeats: its tag and header rows, with a caption before them if it is short.
///
/// The children of the table are its caption and rows; its own start tag is from `start` to `tag_end`.
pub fn set_header(table: &mut Entry, text: &str, start: usize, tag_end: usize) {
    let rows: Vec<usize> = (0..table.children.len())
        .filter(|&i| table.children[i].is_row)
        .collect();
    let is_header = |&i: &usize| table.children[i].is_header;
    let mut headers = rows.iter().take_while(|i| is_header(i)).count();
    if headers == 0 && !rows.iter().any(is_header) && has_header(table, &rows, text) {
        headers = 1;
        table.children[rows[0]].introduces = true;
    }
    if headers == 0 || headers >= rows.len() {
        return;
    }
    for &row in &rows[1..=headers] {
        table.children[row].strength = strength::NONE;
    }
    let end = table.children[rows[headers - 1]].end;
    let first = table.children[rows[0]].start.max(tag_end);
    table.repeat = if fits(text, tag_end, first, MAX_CAPTION) {
        text[start..end].to_owned()
    } else {
        [&text[start..tag_end], &text[first..end]].concat()
    };
    table.repeat_from = table.children[rows[headers]].start;
}

/// Whether the first row of a table without header cells names the columns.
///
/// It does if its cells have short texts, all different, and markup says that they are headers, which
/// it does not say of all other rows; or if they are without digits, and all of what stands below one
/// of them is a number.
fn has_header(table: &Entry, rows: &[usize], text: &str) -> bool {
    let rows = rows.iter().take(MAX_ROWS);
    let rows: Vec<Row<'_>> = rows.map(|&i| Row::of(text, &table.children[i])).collect();
    let Some((first, rest)) = rows.split_first() else {
        return false;
    };
    if first.cells.len() < 2 || rest.is_empty() {
        return false;
    }
    let names: Vec<String> = first.cells.iter().map(|cell| plain(cell.inside)).collect();
    let are_names = names.iter().enumerate().all(|(i, name)| {
        !name.is_empty() && fits(name, 0, name.len(), MAX_NAME) && !names[..i].contains(name)
    });
    if !are_names {
        return false;
    }
    if first.is_marked() && !rest.iter().all(Row::is_marked) {
        return true;
    }
    if names.iter().any(|name| name.contains(is_digit)) {
        return false;
    }
    let count = first.cells.len();
    let full: Vec<&Row<'_>> = rest.iter().filter(|row| row.cells.len() == count).collect();
    let is_column_of_numbers = |i: usize| {
        full.iter()
            .all(|row| is_number(&plain(row.cells[i].inside)))
    };
    !full.is_empty() && (0..count).any(is_column_of_numbers)
}

struct Row<'a> {
    /// The markup before its cells.
    before: &'a str,
    cells: Vec<Cell<'a>>,
}

struct Cell<'a> {
    tag: &'a str,
    /// The markup up to the next cell.
    inside: &'a str,
}

impl<'a> Row<'a> {
    fn of(text: &'a str, row: &Entry) -> Self {
        let mut rest = &text[row.start..forth(text, row.start, MAX_ROW).min(row.end)];
        let mut before = rest;
        let mut cells: Vec<Cell<'a>> = Vec::new();
        loop {
            let next = cell_tag(rest);
            let (inside, tag, after) = match next {
                Some((start, end)) => (&rest[..start], &rest[start..end], &rest[end..]),
                None => (rest, "", ""),
            };
            match cells.last_mut() {
                Some(cell) => cell.inside = inside,
                None => before = inside,
            }
            if next.is_none() {
                return Row { before, cells };
            }
            cells.push(Cell { tag, inside: "" });
            rest = after;
        }
    }

    /// Whether its markup says that all its cells are headers.
    fn is_marked(&self) -> bool {
        let row = self
            .before
            .rfind("<tr")
            .or_else(|| self.before.rfind("<TR"));
        if row.is_some_and(|start| says_header(&self.before[start..])) {
            return true;
        }
        let is_marked = |cell: &Cell<'_>| says_header(cell.tag) || is_bold(cell.inside);
        !self.cells.is_empty() && self.cells.iter().all(is_marked)
    }
}

/// Where the first tag of a cell is.
fn cell_tag(markup: &str) -> Option<(usize, usize)> {
    let bytes = markup.as_bytes();
    memchr::memchr_iter(b'<', bytes).find_map(|start| {
        let is_cell = matches!(
            bytes[start + 1..],
            [b't' | b'T', b'd' | b'D' | b'h' | b'H', after, ..] if ends_name(after)
        );
        let length = memchr::memchr(b'>', &bytes[start..]).filter(|_| is_cell)?;
        Some((start, start + length + 1))
    })
}

/// Whether a start tag says by its class, scope or style that what it contains is a header.
fn says_header(tag: &str) -> bool {
    let tag = &tag.as_bytes()[..tag.find('>').unwrap_or(tag.len())];
    let value = |name| attribute(tag, name).unwrap_or_default();
    let mut words = value("class").split(|byte| !byte.is_ascii_alphanumeric());
    let scope = value("scope").to_ascii_lowercase();
    words.any(is_header_class)
        || matches!(&scope[..], b"col" | b"colgroup")
        || is_bold_style(value("style"))
}

/// Whether a word of a class names a header, such as `tableheader` or `headrow`.
fn is_header_class(word: &[u8]) -> bool {
    let word = word.to_ascii_lowercase();
    let starts = ["", "table", "tbl", "t", "col", "column"];
    let ends: [&[u8]; 4] = [b"", b"s", b"cell", b"row"];
    starts.iter().any(|start| {
        let rest = word.strip_prefix(start.as_bytes());
        let Some(rest) = rest.and_then(|rest| rest.strip_prefix(b"head")) else {
            return false;
        };
        let rest = rest
            .strip_prefix(b"er")
            .or_else(|| rest.strip_prefix(b"ing"))
            .unwrap_or(rest);
        ends.contains(&rest)
    })
}

fn is_bold_style(style: &[u8]) -> bool {
    ["bold", "600", "700", "800", "900"]
        .iter()
        .any(|weight| has_property(style, b"font-weight", weight.as_bytes()))
}

/// Whether all the text of a cell is bold, and there is some.
fn is_bold(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    let mut open: Vec<&[u8]> = Vec::new(); // bold elements, and those of the same name inside
    let (mut position, mut has_text) = (0, false);
    for token in tokens(bytes, 0) {
        let (start, end) = (token.start as usize, token.end as usize);
        if !spaces::is_blank(&cell[position..start]) {
            if open.is_empty() {
                return false;
            }
            has_text = true;
        }
        position = end;
        let tag = name(bytes, start);
        let is_inside = open
            .last()
            .is_some_and(|last| last.eq_ignore_ascii_case(tag));
        match token.kind {
            TokenKind::Start if is_inside || starts_bold(token.element, &bytes[start..end]) => {
                open.push(tag);
            }
            TokenKind::End if is_inside => {
                open.pop();
            }
            _ => {}
        }
    }
    let has_rest = !spaces::is_blank(&cell[position..]);
    (has_text || has_rest) && !(has_rest && open.is_empty())
}

fn starts_bold(element: Element, tag: &[u8]) -> bool {
    matches!(element, Element::B | Element::Strong)
        || attribute(tag, "style").is_some_and(is_bold_style)
}

/// The text of a cell.
fn plain(cell: &str) -> String {
    let mut text = String::new();
    let mut rest = cell;
    while let Some(start) = rest.find('<')
        && let Some(length) = rest[start..].find('>')
    {
        text.push_str(&rest[..start]);
        rest = &rest[start + length + 1..];
    }
    text.push_str(rest);
    unescape(&text).trim_matches(is_space).to_owned()
}

fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9' | '٠'..='٩' | '۰'..='۹' | '०'..='९' | '๐'..='๙' | '０'..='９')
}

/// Whether it may stand before a number.
fn is_sign(c: char) -> bool {
    c.is_ascii_punctuation() && c != '_'
        || matches!(c, '¡'..='¿' | '×' | '÷' | '‐'..='⁞' | '₠'..='⃏' | '−')
}

/// Whether a text is a number, with a sign or a unit.
fn is_number(text: &str) -> bool {
    let signs = text.chars().take(3).take_while(|&c| is_sign(c));
    let rest = &text[signs.map(char::len_utf8).sum()..];
    let rest = rest.strip_prefix(is_space).unwrap_or(rest);
    let is_inside = |c: char| {
        is_digit(c) || is_space(c) || matches!(c, '.' | ',' | ':' | '/' | '+' | '−' | '–' | '-')
    };
    let unit = rest.trim_start_matches(is_inside);
    rest.starts_with(is_digit) && unit.chars().count() <= 6 && !unit.contains(is_space)
}
