//! HTML inside another format: fragments of a page, whose elements may be open at either end.

use super::builder::BlockBuilder;
use super::elements::is;
use super::ends_line;
use super::spans::inline_spans;
use super::tokens::{Token, TokenKind, tokens};
use super::tree::events;
use crate::chunk::blocks::{Kind, Node};
use crate::text::boundaries::strength;
use crate::text::spaces::is_blank;

/// A block of a fragment.
pub struct Piece {
    /// Without those of a section around it.
    pub block: Node,
    /// Of a heading, 1 to 6; else 0.
    pub level: u8,
    /// Of a heading.
    pub title: String,
    /// Whether what is after it stays with it.
    pub introduces: bool,
}

impl Piece {
    fn plain(start: usize, end: usize, strength: u8) -> Self {
        Piece {
            block: Node::new(start as u32, end as u32, Kind::Html, strength),
            level: 0,
            title: String::new(),
            introduces: false,
        }
    }
}

/// What a fragment consists of; offsets in bytes of the document.
pub struct Fragment {
    pub pieces: Vec<Piece>,
    /// Spans of tags, which are not cut. The word that a start tag at the end of the fragment belongs to
    /// may be after it.
    pub inline: Vec<(u32, u32)>,
}

/// The blocks of the HTML from `start` to `end` of a document, which they cover.
///
/// End tags at its start belong to what is before it, start tags at its end to what is after it.
pub fn parse_fragment(document: &str, start: usize, end: usize) -> Fragment {
    let text = &document[..end];
    let mut found = tokens(text.as_bytes(), start);
    let inline = inline_spans(document, &found);
    let mut pieces = Vec::new();
    let mut first = start;
    for token in &found {
        if token.kind != TokenKind::End || !is_blank(&text[first..token.start as usize]) {
            break;
        }
        first = token.end as usize;
    }
    if start < first {
        let blank = |at: usize| matches!(text.as_bytes().get(at), Some(b' ' | b'\t'));
        first = ends_line(text.as_bytes(), first)
            .unwrap_or_else(|| (first..).find(|&at| !blank(at)).unwrap_or(first));
        pieces.push(Piece::plain(start, first, strength::NONE));
        found.retain(|token| token.start as usize >= first);
    }
    let events = events(text.as_bytes(), &found, first);
    let entries = BlockBuilder::new(text, &events, first).entries();
    let opens = is_open(text, &found);
    if entries.is_empty() && first < end {
        let mut piece = Piece::plain(first, end, strength::PARAGRAPH);
        piece.introduces = opens;
        pieces.push(piece);
    }
    let count = entries.len();
    for (number, mut entry) in entries.into_iter().enumerate() {
        let is_last = number + 1 == count;
        let entry_end = if is_last { end } else { entry.end };
        pieces.push(Piece {
            level: entry.level,
            title: std::mem::take(&mut entry.title),
            introduces: entry.introduces || is_last && opens,
            block: entry.into_node(entry_end),
        });
    }
    Fragment { pieces, inline }
}

/// Whether a fragment ends with a start tag, or the end of a summary or the like.
fn is_open(text: &str, found: &[Token]) -> bool {
    let last = found.iter().rfind(|token| token.kind != TokenKind::Comment);
    last.is_some_and(|last| {
        is_blank(&text[last.end as usize..])
            && match last.kind {
                TokenKind::Start => last.element.is(is::STRUCTURE) && !last.element.is(is::VOID),
                TokenKind::End => last.element.is(is::INTRODUCING),
                _ => false,
            }
    })
}
