//! Blocks that CommonMark does not know, but Docusaurus, MyST, Pandoc, MkDocs and MDX do.
//!
//! Containers between lines of three colons or between the tags of a component (`<Tabs>`),
//! admonitions that start with `!!!` and have an indented text, formulas between lines of `$$`, and
//! imports and exports. To the parser their lines are shown empty, so that no offset changes; then
//! they are put among the blocks that it found ([`crate::chunk::markdown::insert`]).

use crate::chunk::markdown::lines::{Lines, trim_line};
use memchr::{memchr, memchr_iter, memchr2, memchr2_iter};
use std::borrow::Cow;
use std::collections::HashMap;

/// How many containers are in each other.
const MAX_DEPTH: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionKind {
    Container,
    /// The first line of a container.
    Opening,
    /// Its last line.
    Closing,
    Admonition,
    Formula,
    /// Imports and exports.
    Module,
}

/// What is to become a block; offsets in bytes.
#[derive(Debug)]
pub struct Region {
    pub start: u32,
    pub end: u32,
    pub kind: RegionKind,
    /// What is parsed; nothing if its ends are the same.
    pub inner: (u32, u32),
    /// The regions inside.
    pub children: Vec<Region>,
}

/// The text with spaces in place of what the parser should not see, and the regions from an offset
/// on, in order.
pub fn find(text: &str, start: usize) -> (Cow<'_, str>, Vec<Region>) {
    if !has_hint(text.as_bytes(), start) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let regions = regions(&Lines::new(text, start));
    if regions.is_empty() {
        return (Cow::Borrowed(text), regions);
    }
    let mut shown = String::with_capacity(text.len());
    let mut position = 0;
    hide(text, &regions, &mut shown, &mut position);
    shown.push_str(&text[position..]);
    (Cow::Owned(shown), regions)
}

/// Whether any line from an offset on may be the first or the last one of a region.
fn has_hint(text: &[u8], start: usize) -> bool {
    let text = &text[start..];
    let is_next = |at: usize| is_hint(&text[at + 1..]);
    is_hint(text)
        || match memchr(b'\r', text) {
            None => memchr_iter(b'\n', text).any(is_next),
            Some(_) => memchr2_iter(b'\n', b'\r', text).any(is_next),
        }
}

/// Whether a text starts with a line that may be the first or the last one of a region.
#[inline]
fn is_hint(text: &[u8]) -> bool {
    let indent = match text.first() {
        Some(b' ') => text.iter().take(3).take_while(|&&b| b == b' ').count(),
        _ => 0,
    };
    match text[indent..] {
        [b':', b':', b':', ..] | [b'<', b'/', b'A'..=b'Z', ..] => true,
        [b'!' | b'?' | b'=', ..] => is_admonition(text),
        [b'$', b'$', ..] => true,
        [b'i', b'm', ..] | [b'e', b'x', ..] => {
            let end = memchr2(b'\n', b'\r', text).unwrap_or(text.len());
            std::str::from_utf8(&text[..end]).is_ok_and(|line| is_module(trim_line(line)))
        }
        _ => false,
    }
}

/// Adds the text from `position` up to the end of the last region, with spaces for what is hidden.
fn hide(text: &str, regions: &[Region], shown: &mut String, position: &mut usize) {
    for region in regions {
        blank(text, region.start, region.inner.0, shown, position);
        hide(text, &region.children, shown, position);
        blank(text, region.inner.1, region.end, shown, position);
    }
}

/// Adds the text from `position` up to `start`, and spaces up to `end`.
fn blank(text: &str, start: u32, end: u32, shown: &mut String, position: &mut usize) {
    let (start, end) = (start as usize, end as usize);
    shown.push_str(&text[*position..start]);
    let is_break = |byte| matches!(byte, b'\r' | b'\n');
    let bytes = text[start..end].bytes();
    shown.extend(bytes.map(|byte| if is_break(byte) { byte as char } else { ' ' }));
    *position = end;
}

/// A container that is open: its name, its first line, and the regions in it so far.
struct Open<'a> {
    name: &'a str,
    line: usize,
    inside: Vec<Region>,
}

impl<'a> Open<'a> {
    fn new(name: &'a str, line: usize) -> Self {
        Open {
            name,
            line,
            inside: Vec::new(),
        }
    }
}

fn regions(lines: &Lines<'_>) -> Vec<Region> {
    let mut opened = vec![Open::new("", 0)];
    // How many containers of each name are open that are nested too deeply.
    let mut deeper: HashMap<&str, usize> = HashMap::new();
    let mut fence = "";
    let mut i = 0;
    while i < lines.count() {
        let (line, indent) = match lines.mark(i) {
            Some(indent) => (lines.text(i), indent),
            None => {
                i += 1;
                continue;
            }
        };
        let mark = line.as_bytes().get(indent);
        let marks = fence_of(&line[indent..]);
        match mark {
            Some(b'`' | b'~') if marks.len() > 2 => {
                let after = &line[indent + marks.len()..];
                if fence.is_empty() {
                    let is_code = mark == Some(&b'~') || !after.contains('`');
                    fence = if is_code { marks } else { "" };
                } else if marks.starts_with(fence) && after.is_empty() {
                    fence = "";
                }
            }
            _ if !fence.is_empty() => {}
            Some(b':' | b'<') => {
                if let Some((name, opens)) = delimiter(&line[indent..]) {
                    if opens && opened.len() < MAX_DEPTH {
                        opened.push(Open::new(name, i));
                    } else if opens {
                        *deeper.entry(name).or_default() += 1;
                    } else if let Some(count) = deeper.get_mut(name).filter(|count| **count > 0) {
                        *count -= 1;
                    } else if let Some(last) = opened.iter().rposition(|each| each.name == name) {
                        close(lines, &mut opened, last, i);
                    }
                }
            }
            Some(_) => {
                if let Some((end, kind)) = verbatim(lines, i) {
                    let (start, end_offset) = (lines.starts[i], lines.starts[end]);
                    let region = Region {
                        start,
                        end: end_offset,
                        kind,
                        inner: (end_offset, end_offset),
                        children: Vec::new(),
                    };
                    if let Some(open) = opened.last_mut() {
                        open.inside.push(region);
                    }
                    i = end;
                    continue;
                }
            }
            None => {}
        }
        i += 1;
    }
    opened.into_iter().flat_map(|each| each.inside).collect()
}

/// Ends a container at a line; those inside it that are not closed are none.
fn close(lines: &Lines<'_>, opened: &mut Vec<Open<'_>>, number: usize, line: usize) {
    let closed = opened.split_off(number);
    let first = closed[0].line;
    let region = Region {
        start: lines.starts[first],
        end: lines.starts[line + 1],
        kind: RegionKind::Container,
        inner: (lines.starts[first + 1], lines.starts[line]),
        children: closed.into_iter().flat_map(|each| each.inside).collect(),
    };
    if let Some(outer) = opened.last_mut() {
        outer.inside.push(region);
    }
}

/// The run of backticks or tildes that a text starts with.
fn fence_of(text: &str) -> &str {
    let sign = text.as_bytes().first().copied().unwrap_or(0);
    let length = text.bytes().take_while(|&byte| byte == sign).count();
    if matches!(sign, b'`' | b'~') {
        &text[..length]
    } else {
        ""
    }
}

/// The name of the container that a line starts or ends, and whether it starts it.
fn delimiter(line: &str) -> Option<(&str, bool)> {
    if line.starts_with(":::") {
        let name = line.trim_start_matches(':').trim_start_matches([' ', '\t']);
        return Some((":::", !name.is_empty()));
    }
    let tag = line.strip_prefix('<')?.strip_suffix('>')?;
    let (tag, opens) = match tag.strip_prefix('/') {
        Some(name) => (name, false),
        None => (tag, true),
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let length = tag.bytes().take_while(|&byte| is_name(byte)).count();
    let (name, rest) = tag.split_at(length);
    let is_component = name.starts_with(|c: char| c.is_ascii_uppercase())
        && !tag.ends_with('/')
        && (rest.is_empty() || rest.starts_with([' ', '\t']) && !rest.contains(['<', '>']));
    is_component.then_some((name, opens))
}

/// The line after a region that starts at a line and is not parsed, and what it is.
fn verbatim(lines: &Lines<'_>, i: usize) -> Option<(usize, RegionKind)> {
    let (line, count) = (lines.text(i), lines.count());
    let mut last = i + 1;
    match line.as_bytes()[0] {
        b'!' | b'?' | b'=' if is_admonition(line.as_bytes()) => {
            let mut filled = last;
            while last < count {
                let text = lines.text(last);
                if text.starts_with("    ") || text.starts_with('\t') {
                    filled = last + 1;
                } else if !text.is_empty() {
                    break;
                }
                last += 1;
            }
            (filled > i + 1).then_some((filled, RegionKind::Admonition))
        }
        b'$' if line == "$$" => {
            let inside = |text: &str| !text.is_empty() && !text.ends_with("$$");
            while last < count && inside(lines.text(last)) {
                last += 1;
            }
            let is_closed = last < count && !lines.is_empty(last);
            is_closed.then_some((last + 1, RegionKind::Formula))
        }
        b'i' | b'e' if (i == 0 || lines.is_empty(i - 1)) && is_module(line) => {
            while last < count && !lines.is_empty(last) {
                last += 1;
            }
            Some((last, RegionKind::Module))
        }
        _ => None,
    }
}

/// Whether a line starts an admonition or a tab: after its sign comes a type or a title in quotes.
fn is_admonition(line: &[u8]) -> bool {
    let after = |signs: &[u8]| line.strip_prefix(signs);
    let rest = if let Some(rest) = after(b"!!!") {
        rest
    } else if let Some(rest) = after(b"???") {
        rest.strip_prefix(b"+").unwrap_or(rest)
    } else if let Some(rest) = after(b"===") {
        rest.strip_prefix(b"!")
            .or(rest.strip_prefix(b"+"))
            .unwrap_or(rest)
    } else {
        return false;
    };
    let blanks = blanks(rest);
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    blanks > 0
        && rest
            .get(blanks)
            .is_some_and(|byte| *byte == b'"' || is_name(byte))
}

/// How many blanks a text starts with.
fn blanks(text: &[u8]) -> usize {
    text.iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count()
}

/// Whether a line is an import or an export of a module.
fn is_module(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("import").or(line.strip_prefix("export")) else {
        return false;
    };
    let length = blanks(rest.as_bytes());
    let rest = &rest[length..];
    if length == 0 {
        return false;
    }
    if line.starts_with("export") {
        let words = [
            "const", "let", "var", "default", "function", "async", "class", "{", "*",
        ];
        return words.iter().any(|word| rest.starts_with(word));
    }
    is_path(rest) || names_end(rest).is_some_and(|end| is_path(&rest[end..]))
}

/// The end of the names of an import, up to what comes after `from`.
fn names_end(rest: &str) -> Option<usize> {
    let is_name = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "_*{".contains(c);
    let first = rest.chars().next().filter(|&c| is_name(c))?;
    let names = &rest[..rest.find(['"', '\'']).unwrap_or(rest.len())];
    let mut at = first.len_utf8();
    loop {
        at += names.get(at..)?.find("from")?;
        if matches!(names.as_bytes()[at - 1], b' ' | b'\t' | b'}') {
            return Some(at + 4 + blanks(&rest.as_bytes()[at + 4..]));
        }
        at += 1;
    }
}

/// Whether a text is a path in quotes, and a semicolon at most.
fn is_path(text: &str) -> bool {
    let text = text.strip_suffix(';').unwrap_or(text);
    let inside = text
        .strip_prefix(['"', '\''])
        .and_then(|text| text.strip_suffix(['"', '\'']));
    inside.is_some_and(|path| !path.is_empty() && !path.contains(['"', '\'']))
}
