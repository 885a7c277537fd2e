//! The blocks of a Markdown document: CommonMark, tables, and what else is found in READMEs.
//!
//! In reading order: [`rows`], what `pulldown-cmark` finds, in [`pieces`]; [`build`], blocks from it,
//! with what is repeated of them, [`repeats`]; [`containers`] and [`insert`], blocks that CommonMark does
//! not know; [`inline`], what is not to be cut. The fallback is `ctxtools/_core/fallback/markdown/`.

mod build;
mod containers;
pub mod inline;
mod insert;
mod lines;
mod pieces;
mod repeats;
pub mod rows;

use crate::chunk::blocks::{Block, Blocks, Kind};
use crate::chunk::html::titles::short_title;
use crate::text::boundaries::strength;
use crate::text::char_map::CharMap;
use build::Builder;
use containers::Region;
use memchr::memchr_iter;
use pieces::{Document, PIECE};
use std::borrow::Cow;

#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// Its offsets do not fit into 32 bits.
    TooLong,
    /// The parser failed.
    Parser,
}

/// What a document starts with; offsets in bytes.
pub struct Front<'a> {
    /// Where the document starts, after a byte order mark.
    pub start: usize,
    /// Where its front matter ends; the same if it has none.
    pub end: usize,
    /// The title in the front matter.
    pub title: &'a str,
}

/// Parses a document, without the blocks inside `depth` others or more.
pub fn parse(text: &str, map: &CharMap, front: &Front<'_>, depth: usize) -> Result<Blocks, Error> {
    let (start, body) = (front.start as u32, front.end as u32);
    let (shown, regions) = read(text, front.end)?;
    let document = Document {
        text,
        shown: &shown,
        map,
        depth,
    };
    let mut builder = Builder::new(text);
    if body > start {
        builder.add_alone(Block {
            is_atomic: true,
            ..Block::new(start, body, Kind::Metadata, strength::PARAGRAPH)
        });
    }
    let mut inline = Vec::new();
    let titles = document.parse(front.end, PIECE, |mut piece| {
        builder.add_rows(&piece.rows, &mut piece.inline);
        inline::sort(&mut piece.inline);
        inline.append(&mut piece.inline);
    })?;
    for (start, title) in titles {
        builder.set_title(start, &title);
    }
    let mut blocks = builder.finish();
    blocks.inline = inline;
    insert::insert(text, &mut blocks, regions);
    if !front.title.is_empty() && blocks.outermost().all(|block| block.level != 1) {
        blocks.wrap(
            text,
            Block {
                level: 1,
                ..Block::new(start, text.len() as u32, Kind::Section, strength::SECTION)
            },
            &short_title(front.title),
        );
    }
    blocks.to_characters(text, map);
    Ok(blocks)
}

/// The spans of a document that are blocks of HTML, in order; offsets in bytes. `front` is the end of
/// its front matter.
pub fn html(text: &str, front: usize, depth: usize) -> Result<Vec<(u32, u32)>, Error> {
    let (shown, _) = read(text, front)?;
    let rows = rows::rows(&shown, front..shown.len(), depth, |_| false)?;
    Ok(build::html_spans(&rows.rows).collect())
}

/// What the parser is to see of a document, and regions after the front matter that it does not know.
fn read(text: &str, front: usize) -> Result<(Cow<'_, str>, Vec<Region>), Error> {
    if u32::try_from(text.len()).is_err() {
        return Err(Error::TooLong);
    }
    let (shown, regions) = containers::find(text, front);
    Ok((with_line_feeds(shown), regions))
}

/// A text with line feeds in place of the carriage returns that end lines alone, of which the parser
/// does not see all.
fn with_line_feeds(text: Cow<'_, str>) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let alone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    let mut found = memchr_iter(b'\r', bytes).filter(alone).peekable();
    if found.peek().is_none() {
        return text;
    }
    let (mut clean, mut position) = (String::with_capacity(text.len()), 0);
    for at in found {
        clean.push_str(&text[position..at]);
        clean.push('\n');
        position = at + 1;
    }
    clean.push_str(&text[position..]);
    Cow::Owned(clean)
}
