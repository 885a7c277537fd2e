//! Spans of markup that are not to be cut: tags, with what they belong to.
//!
//! A start tag belongs to what follows it, an end tag to what is before it: tags with nothing but white
//! space between them are one span, with the word that they belong to. Such a span may be too long for
//! a chunk, or a block may start inside it; so the tags of a long one follow it as spans of their own.

use super::elements::{Element, is};
use super::tokens::{Token, TokenKind, is_blank, is_space, name};
use crate::text::spaces;
use crate::text::unicode::{before, is_lead};

/// Characters of a word that a tag goes with.
const MAX_WORD: usize = 24;
/// Characters between a tag and what it belongs to.
const MAX_SPACE: usize = 200;
/// Characters of a span that fits into any chunk.
const MAX_SHORT: usize = 12;

/// Bytes.
type Span = (u32, u32);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Alone,
    Start,
    End,
}

/// Whether tags of these kinds, one after the other, belong together.
fn belong_together(first: Kind, second: Kind) -> bool {
    match first {
        Kind::None => true,
        Kind::Start => matches!(second, Kind::Start | Kind::Alone),
        Kind::Alone | Kind::End => second == Kind::End,
    }
}

/// The spans of tokens, in order; one that contains others is before them.
pub fn inline_spans(text: &str, tokens: &[Token]) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut spans = Spans {
        text,
        found: Vec::with_capacity(tokens.len() * 2),
        kind: Kind::None,
        first: Kind::None,
        tags: Vec::new(),
        end: 0,
        leaves: Vec::new(),
    };
    let mut position = 0;
    let mut empty = usize::MAX; // the number of the end tag of an element without content
    for (i, token) in tokens.iter().enumerate() {
        let (start, end) = (token.start as usize, token.end as usize);
        if start > position && !is_blank(&bytes[position..start]) {
            spans.finish();
        }
        position = end;
        let tag = (token.start, token.end);
        let element = token.element;
        if token.kind == TokenKind::Comment || i == empty {
            spans.tags.push(tag);
        } else if token.kind == TokenKind::End || element == Element::Br {
            spans.add(Kind::End, tag);
        } else if token.kind == TokenKind::Empty || element.is(is::VOID) {
            spans.add(Kind::Alone, tag);
        } else if let Some(next) = tokens.get(i + 1)
            && next.kind == TokenKind::End
            && is_same_name(bytes, token, next)
            && is_blank(&bytes[end..next.start as usize])
        {
            empty = i + 1;
            // What follows an anchor does not belong to end tags before it.
            if !element.is(is::STRUCTURE) && spans.kind == Kind::End {
                spans.finish();
            }
            spans.tags.push(tag);
        } else {
            spans.add(Kind::Start, tag);
        }
    }
    spans.finish();
    spans.add_last();
    spans.found
}

fn is_same_name(text: &[u8], first: &Token, second: &Token) -> bool {
    let name = |token: &Token| name(text, token.start as usize);
    first.element == second.element
        && (first.element != Element::Other || name(first).eq_ignore_ascii_case(name(second)))
}

/// The spans found so far, and tags that belong together.
struct Spans<'a> {
    text: &'a str,
    found: Vec<Span>,
    /// Of the last of the tags.
    kind: Kind,
    /// Of the first of them.
    first: Kind,
    tags: Vec<Span>,
    /// The last span that is in no other, which is not added yet: its end, and its tags, each with its
    /// word and without.
    end: u32,
    leaves: Vec<(Span, Span)>,
}

impl Spans<'_> {
    /// A tag that belongs to what is before or after it.
    fn add(&mut self, kind: Kind, tag: Span) {
        if !belong_together(self.kind, kind) {
            self.finish();
        }
        if self.kind == Kind::None {
            self.first = kind;
        }
        self.kind = kind;
        self.tags.push(tag);
    }

    /// The tags so far have all that belongs to them but text.
    fn finish(&mut self) {
        let (Some(&(mut start, _)), Some(&(_, mut end))) = (self.tags.first(), self.tags.last())
        else {
            return;
        };
        if self.first == Kind::End {
            start = self.word_start(start as usize) as u32;
        } else if self.kind == Kind::Start {
            end = self.word_end(end as usize) as u32;
        }
        if start >= self.end {
            self.add_last();
            self.leaves.extend(self.tags.iter().map(|&tag| (tag, tag)));
            if let Some((with_word, _)) = self.leaves.first_mut() {
                with_word.0 = start;
            }
            if let Some((with_word, _)) = self.leaves.last_mut() {
                with_word.1 = end;
            }
        } else {
            // Both have the same word.
            self.leaves.extend(self.tags.iter().map(|&tag| (tag, tag)));
        }
        self.end = end;
        (self.kind, self.first) = (Kind::None, Kind::None);
        self.tags.clear();
    }

    /// Adds the last span that is in no other, and what is in it if it is long.
    fn add_last(&mut self) {
        let Some(&((start, _), _)) = self.leaves.first() else {
            return;
        };
        let outer = (start, self.end);
        self.found.push(outer);
        if longer(self.text, outer, MAX_SHORT) {
            add_inner(&mut self.found, &self.leaves, outer);
        }
        self.leaves.clear();
    }

    /// Where the word before an end tag starts, if it is short and near; else the character before the
    /// tag, if a cut may come after that.
    fn word_start(&self, tag: usize) -> usize {
        let text = self.text.as_bytes();
        let mut near = MAX_SPACE; // characters that may still be looked at
        let mut visible = tag;
        while near > 0 && visible > 0 && is_space(text[visible - 1]) {
            (visible, near) = (visible - 1, near - 1);
        }
        if near == 0 {
            return tag;
        }
        let (mut word, mut length) = (visible, 0);
        let mut last = before(text, word);
        while let Some((c, start)) = last
            && length < near
            && is_in_word(c)
        {
            if length > MAX_WORD {
                word = visible; // it is too long
                break;
            }
            (word, length) = (start, length + 1);
            last = before(text, word);
        }
        let is_whole = length == near || last.is_none_or(|(c, _)| c != u32::from('<'));
        if word < visible && is_whole {
            return word;
        }
        match before(text, visible) {
            Some((last, start)) if last != u32::from('>') && self.may_cut(tag) => start,
            _ => tag,
        }
    }

    /// Whether a cut may come after the character before an offset.
    fn may_cut(&self, at: usize) -> bool {
        let before = self.text[..at].chars().next_back();
        before.is_some_and(may_precede_cut)
    }

    /// Where the word after a start tag ends, if it is short and near; else the first character after
    /// the tag, if white space is between.
    fn word_end(&self, tag: usize) -> usize {
        let text = self.text.as_bytes();
        let space = text[tag..].iter().take_while(|&&byte| is_space(byte));
        let start = tag + space.take(MAX_SPACE + 1).count();
        if start - tag <= MAX_SPACE {
            let mut end = start;
            let is_in_word = |c: char| c != '<' && !spaces::is_space(c);
            let mut rest = self.text[start..].chars();
            let mut next = rest.next();
            for _ in 0..MAX_WORD {
                match next {
                    Some(c) if is_in_word(c) => end += c.len_utf8(),
                    _ => break,
                }
                next = rest.next();
            }
            if end > start && !next.is_some_and(is_in_word) {
                return end;
            }
        }
        match self.text[start..].chars().next() {
            Some(next) if (1..MAX_SPACE).contains(&(start - tag)) && next != '<' => {
                start + next.len_utf8()
            }
            _ => tag,
        }
    }
}

/// Adds each half of the tags in a span, which may fit where the span does not.
fn add_inner(found: &mut Vec<Span>, leaves: &[(Span, Span)], outer: Span) {
    if let &[(with_word, tag)] = leaves {
        if with_word != outer {
            found.push(with_word);
        }
        if tag != with_word && tag != outer {
            found.push(tag);
        }
        return;
    }
    let (left, right) = leaves.split_at(leaves.len() / 2);
    for half in [left, right] {
        if let [((start, _), _), .., ((_, end), _)] = *half {
            found.push((start, end));
            add_inner(found, half, (start, end));
        } else {
            add_inner(found, half, outer);
        }
    }
}

/// Whether a span has more than a number of characters.
fn longer(text: &str, (start, end): Span, limit: usize) -> bool {
    let bytes = &text.as_bytes()[start as usize..end as usize];
    bytes.len() > limit
        && (bytes.len() > 4 * limit || bytes.iter().filter(|&&byte| is_lead(byte)).count() > limit)
}

/// Whether a character may be in the word before a tag.
fn is_in_word(c: u32) -> bool {
    match c {
        0..0x80 => !matches!(c as u8, b'\t'..=b'\r' | 0x1c..=0x20 | b'<' | b'>'),
        _ => !char::from_u32(c).is_some_and(spaces::is_space),
    }
}

/// Whether a cut may come after a character.
fn may_precede_cut(c: char) -> bool {
    c.is_ascii() && is_space(c as u8)
        || matches!(
            c,
            '。' | '！' | '？' | '｡' | '．' | '…' | '；' | '：' | '，' | '、'
        )
}
