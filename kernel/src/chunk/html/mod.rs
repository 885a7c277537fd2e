//! The blocks of HTML: elements, headings and tables.
//!
//! In reading order: [`tokens`], tags and comments as the HTML standard finds them; [`tree`], elements,
//! well nested, where end tags are omitted too; [`builder`], their blocks, with [`entries`] (sections),
//! [`tables`] (headers), [`sentences`] (whose ends tags hide) and [`inline_text`] (titles); [`spans`],
//! tags, which are not cut; [`fragment`], pieces of a page in another format. All offsets are in bytes.
//! The fallback is `ctxtools/chunking/formats/html/`.

mod builder;
mod elements;
mod entries;
pub mod fragment;
mod inline_text;
mod sentences;
mod spans;
mod tables;
pub mod titles;
pub mod tokens;
mod tree;

use crate::chunk::blocks::{Kind, Node};
use crate::text::boundaries::strength;
use crate::text::unicode::is_lead;
use builder::BlockBuilder;

/// The blocks of a text, and the spans of tags, which are not cut.
pub struct Parsed {
    pub blocks: Vec<Node>,
    pub inline: Vec<(u32, u32)>,
}

/// The blocks of an HTML document of less than 4 GiB.
///
/// A heading rules what follows up to the next one of its level or higher, whatever elements are
/// around the two; but what follows the main content, such as links to other pages, only an `h1` does.
/// Where there is no `h1`, all is in a section under the document's title.
pub fn parse(text: &str) -> Parsed {
    let tokens = tokens::tokens(text.as_bytes(), 0);
    let inline = spans::inline_spans(text, &tokens);
    let events = tree::events(text.as_bytes(), &tokens, 0);
    drop(tokens);
    let mut builder = BlockBuilder::new(text, &events, 0);
    let entries = builder.entries();
    let title = builder.title;
    let mut headings = entries.iter().filter(|entry| entry.level > 0);
    let is_titled = headings.any(|entry| entry.level == 1 || entry.title == title);
    let mut blocks = entries::nodes(entries, text.len(), builder.main_end);
    if !title.is_empty() && !is_titled && !blocks.is_empty() {
        let (start, end) = (blocks[0].start, text.len() as u32);
        blocks = vec![Node {
            title,
            level: 1,
            children: blocks,
            ..Node::new(start, end, Kind::Section, strength::SECTION)
        }];
    }
    Parsed { blocks, inline }
}

/// Whether a span has at most a number of characters.
fn fits(text: &str, start: usize, end: usize, limit: usize) -> bool {
    let length = end.saturating_sub(start);
    length <= limit
        || length <= 4 * limit && {
            let bytes = &text.as_bytes()[start..end];
            bytes.iter().filter(|&&byte| is_lead(byte)).count() <= limit
        }
}

/// The offset that is a number of characters before another, or the start of the text.
fn back(text: &str, at: usize, characters: usize) -> usize {
    let before = text[..at].char_indices().rev().take(characters);
    before.last().map_or(at, |(i, _)| i)
}

/// The offset that is a number of characters after another, or the end of the text.
fn forth(text: &str, at: usize, characters: usize) -> usize {
    let mut after = text[at..].char_indices().skip(characters);
    after.next().map_or(text.len(), |(i, _)| at + i)
}

/// Where a line ends, if only white space follows an offset on it.
fn ends_line(text: &[u8], at: usize) -> Option<usize> {
    let blank = text[at..]
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'));
    let at = at + blank.count();
    match text[at..] {
        [b'\n', ..] => Some(at + 1),
        [b'\r', b'\n', ..] => Some(at + 2),
        _ => None,
    }
}

/// Whether markup has a link or button.
fn has_link(markup: &str) -> bool {
    let bytes = markup.as_bytes();
    memchr::memchr_iter(b'<', bytes).any(|start| {
        let name = tokens::name(bytes, start);
        let is_ended = start + 1 + name.len() < bytes.len() && bytes[start + 1] != b'/';
        is_ended && (name.eq_ignore_ascii_case(b"a") || name.eq_ignore_ascii_case(b"button"))
    })
}

/// Markup without what stands between `<` and `>`.
fn without_tags(markup: &str) -> String {
    let mut text = String::new();
    let mut rest = markup;
    while let Some(start) = rest.find('<')
        && let Some(length) = rest[start..].find('>')
    {
        text.push_str(&rest[..start]);
        rest = &rest[start + length + 1..];
    }
    text.push_str(rest);
    text
}
