//! Events of an HTML document: its elements, well nested, from its tokens.
//!
//! Only elements that are structure are nested: blocks, parts of tables and lists. Where end tags are
//! omitted (`</p>`, `</li>`, `</td>`, …), misplaced or missing, an element ends where the HTML
//! standard ends it (https://html.spec.whatwg.org/#parsing-main-inbody); what the standard moves
//! elsewhere stays. Inline tags are passed on as they come.

use super::elements::{COUNT, Element, is};
use super::tokens::{Token, TokenKind, attribute, name};
use crate::text::spaces::is_space;

/// The most elements open at a time; the tags of deeper ones are taken for inline ones, so that what
/// is looked for among the open ones is found in bounded time.
const MAX_OPEN: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The start of a structural element, and its end (of no length where it has no end tag).
    Open,
    Close,
    Text,
    /// A start tag and an end tag that are inline.
    Tag,
    EndTag,
    /// An element without structure inside, as a whole: a script, a drawing.
    Opaque,
}

/// An event; offsets in bytes. The element is the one whose role it has: `tr` for `<div role="row">`.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub kind: EventKind,
    pub element: Element,
    pub start: u32,
    pub end: u32,
}

/// An open element.
struct Open {
    /// That of its tags.
    element: Element,
    /// That of its events.
    shown: Element,
    /// Where its start tag is.
    tag: u32,
    /// How many inline elements of the same name are open in it.
    inner: u32,
}

/// The events from `start` on of a text, which ends where they should.
pub fn events(text: &[u8], tokens: &[Token], start: usize) -> Vec<Event> {
    let mut tree = Tree {
        text,
        tokens,
        position: start as u32,
        events: Vec::with_capacity(tokens.len() * 3 / 2 + 2),
        open: Vec::new(),
        count: [0; COUNT],
        unusual: 0,
    };
    tree.run(text.len() as u32);
    tree.events
}

struct Tree<'a> {
    text: &'a [u8],
    tokens: &'a [Token],
    position: u32,
    events: Vec<Event>,
    open: Vec<Open>,
    /// How many are open of each element.
    count: [u16; COUNT],
    /// How many are open that are inline without their role.
    unusual: usize,
}

/// What an end tag, or a part of a table, is not looked for beyond.
fn is_scope(element: Element) -> bool {
    use Element::{Caption, Html, Table, Td, Th};
    matches!(element, Table | Td | Th | Caption | Html)
}

fn is_item_scope(element: Element) -> bool {
    is_scope(element) || matches!(element, Element::Ul | Element::Ol | Element::Menu)
}

/// Whether a part of a table ends another one of the same table.
fn ends(part: Element, other: Element) -> bool {
    use Element::{Caption, Colgroup, Tr};
    other.is(is::CELL)
        || matches!(other, Caption | Colgroup)
        || other == Tr && !part.is(is::CELL)
        || other.is(is::ROW_GROUP) && !part.is(is::CELL) && part != Tr
}

impl Tree<'_> {
    fn run(&mut self, end: u32) {
        let tokens = self.tokens;
        let mut i = 0;
        while let Some(token) = tokens.get(i) {
            i += 1;
            if token.start > self.position {
                self.add(EventKind::Text, Element::Other, self.position, token.start);
            }
            self.position = token.end;
            let element = token.element;
            match token.kind {
                TokenKind::Comment => {}
                TokenKind::End => self.end_tag(token),
                _ if element.is(is::UNSTRUCTURED) => {
                    self.close_head(element, token.start);
                    if token.kind == TokenKind::Start {
                        (i, self.position) = self.opaque(element, i, end);
                        self.add(EventKind::Opaque, element, token.start, self.position);
                    }
                }
                _ if element.is(is::STRUCTURE) || token.has_role => self.start_tag(token),
                _ => self.inline_tag(token),
            }
        }
        if self.position < end {
            self.add(EventKind::Text, Element::Other, self.position, end);
        }
        self.close(0, end, end);
    }

    #[inline]
    fn add(&mut self, kind: EventKind, element: Element, start: u32, end: u32) {
        self.events.push(Event {
            kind,
            element,
            start,
            end,
        });
    }

    fn is_open(&self, element: Element) -> bool {
        self.count[element as usize] > 0
    }

    /// The number of the token after an opaque element whose start tag is before token `i`, and the
    /// element's end.
    fn opaque(&self, element: Element, mut i: usize, end: u32) -> (usize, u32) {
        let (mut depth, mut last) = (1, self.position);
        // A template is; or what a drawing contains.
        let mut in_html = !element.is(is::DRAWING);
        while let Some(token) = self.tokens.get(i) {
            last = token.end;
            let is_start = token.kind == TokenKind::Start;
            if is_start && token.element == element {
                depth += 1;
            } else if token.kind == TokenKind::End && token.element == element {
                depth -= 1;
                if depth == 0 {
                    return (i + 1, last);
                }
            } else if token.element == Element::ForeignObject {
                in_html = is_start;
            } else if is_start && token.element.is(is::STRUCTURE) && !in_html {
                return (i, token.start); // its end tag is missing
            }
            i += 1;
        }
        if element.is(is::RAW) || element == Element::Template {
            last = end;
        }
        (i, last)
    }

    /// A tag of a structural element, or one that has a role.
    fn start_tag(&mut self, token: &Token) {
        let (element, start, end) = (token.element, token.start, token.end);
        let is_closed = token.kind == TokenKind::Empty;
        let is_once = matches!(element, Element::Html | Element::Head | Element::Body);
        let shown = match self.shown(token) {
            Some(shown) if !(is_once && self.is_open(element)) => shown,
            _ => return self.inline_tag(token),
        };
        self.end_implied(element, start);
        if element == Element::Hr {
            self.add(EventKind::Tag, element, start, end);
        } else if self.open.len() == MAX_OPEN {
            self.inline_tag(token);
        } else {
            let is_around_rows =
                |open: &Open| open.element == Element::Table || open.element.is(is::ROW_GROUP);
            if element.is(is::CELL) && self.open.last().is_some_and(is_around_rows) {
                self.push(Element::Tr, Element::Tr, start, start);
            }
            self.push(element, shown, start, end);
            if is_closed {
                self.close(self.open.len() - 1, end, end);
            }
        }
    }

    /// What a structural element is, by its role; None if it is none.
    fn shown(&self, token: &Token) -> Option<Element> {
        let element = Some(token.element).filter(|element| element.is(is::STRUCTURE));
        if !token.has_role {
            return element;
        }
        let tag = &self.text[token.start as usize..token.end as usize];
        let value = |name| {
            let value = attribute(tag, name)?;
            let value = std::str::from_utf8(value).unwrap_or_default();
            Some(value.trim_matches(is_space).to_ascii_lowercase())
        };
        match value("role").unwrap_or_default().as_str() {
            "heading" => {
                let level = value("aria-level").unwrap_or_else(|| "2".to_owned());
                Some(match level.as_bytes() {
                    [digit @ b'1'..=b'6'] => Element::heading(digit - b'0'),
                    _ => Element::H6,
                })
            }
            // A table for layout.
            "presentation" | "none" => {
                let is_part = token.element == Element::Table || token.element.is(is::IN_TABLE);
                if is_part { Some(Element::Div) } else { element }
            }
            role => Element::of_role(role).or(element),
        }
    }

    fn close_head(&mut self, element: Element, start: u32) {
        if self.is_open(Element::Head)
            && !element.is(is::IN_HEAD)
            && let Some(number) = self.open.iter().position(|o| o.element == Element::Head)
        {
            self.close(number, start, start);
        }
    }

    /// Ends the elements that a start tag ends.
    fn end_implied(&mut self, element: Element, start: u32) {
        self.close_head(element, start);
        if element.is(is::CLOSING_P) && self.is_open(Element::P) {
            self.close_in_scope(|other| other == Element::P, is_scope, start, start);
        }
        if element.is(is::HEADING) && self.open.last().is_some_and(|o| o.element.is(is::HEADING)) {
            self.close(self.open.len() - 1, start, start);
            return;
        }
        match element {
            Element::Li | Element::Dd | Element::Dt => {
                let is_same = |other| match element {
                    Element::Li => other == Element::Li,
                    _ => matches!(other, Element::Dd | Element::Dt),
                };
                let is_transparent =
                    |other| matches!(other, Element::Address | Element::Div | Element::P);
                let mut inwards = self.open.iter().rposition(|o| !is_transparent(o.element));
                inwards = inwards.filter(|&i| is_same(self.open[i].element));
                if let Some(number) = inwards {
                    self.close(number, start, start);
                }
            }
            _ if element.is(is::IN_TABLE) => {
                let is_table = |o: &Open| o.element == Element::Table;
                let first = self.open.iter().rposition(is_table).map_or(0, |i| i + 1);
                let mut inside = self.open[first..].iter();
                if let Some(i) = inside.position(|o| ends(element, o.element)) {
                    self.close(first + i, start, start);
                }
            }
            _ => {}
        }
    }

    fn inline_tag(&mut self, token: &Token) {
        let (element, start) = (token.element, token.start);
        self.close_head(element, start);
        if token.kind != TokenKind::Empty
            && let Some(number) = self.unusual(token)
        {
            self.open[number].inner += 1;
        }
        self.add(EventKind::Tag, element, start, token.end);
    }

    /// The number of the innermost open element with the name of a tag, if that is inline without its
    /// role.
    #[inline]
    fn unusual(&self, token: &Token) -> Option<usize> {
        if self.unusual == 0 || token.element.is(is::STRUCTURE) {
            return None;
        }
        self.open.iter().rposition(|o| self.is_same_name(o, token))
    }

    fn is_same_name(&self, open: &Open, token: &Token) -> bool {
        let name = |tag: u32| name(self.text, tag as usize);
        open.element == token.element
            && (token.element != Element::Other
                || name(open.tag).eq_ignore_ascii_case(name(token.start)))
    }

    fn end_tag(&mut self, token: &Token) {
        let (element, start, end) = (token.element, token.start, token.end);
        let unusual = self.unusual(token);
        if let Some(number) = unusual {
            if self.open[number].inner > 0 {
                self.open[number].inner -= 1;
                self.add(EventKind::EndTag, element, start, end);
                return;
            }
            // Only one with the same name may be around it.
            let scope = |i: usize| is_scope(self.open[i].element);
            if !(number + 1..self.open.len()).any(scope) {
                self.close(number, start, end);
            }
            return;
        }
        if element.is(is::HEADING) {
            self.close_in_scope(|other| other.is(is::HEADING), is_scope, start, end);
        } else if self.is_open(element) {
            let scope = match element {
                Element::Table => |_| false,
                _ if element.is(is::IN_TABLE) => |other| other == Element::Table,
                Element::Li => is_item_scope,
                _ => is_scope,
            };
            self.close_in_scope(|other| other == element, scope, start, end);
        } else if element == Element::Br {
            self.add(EventKind::Tag, element, start, end);
        } else if !element.is(is::STRUCTURE) {
            self.add(EventKind::EndTag, element, start, end);
        }
    }

    fn push(&mut self, element: Element, shown: Element, start: u32, end: u32) {
        self.open.push(Open {
            element,
            shown,
            tag: start,
            inner: 0,
        });
        if element.is(is::STRUCTURE) {
            self.count[element as usize] += 1;
        } else {
            self.unusual += 1;
        }
        self.add(EventKind::Open, shown, start, end);
    }

    /// Closes the innermost of some elements, unless one of `scope` is around it.
    fn close_in_scope(
        &mut self,
        is_wanted: impl Fn(Element) -> bool,
        is_scope: impl Fn(Element) -> bool,
        start: u32,
        end: u32,
    ) {
        let found = |o: &Open| is_wanted(o.element) || is_scope(o.element);
        if let Some(number) = self.open.iter().rposition(found)
            && is_wanted(self.open[number].element)
        {
            self.close(number, start, end);
        }
    }

    /// Closes an element with its end tag, and those inside it before that.
    fn close(&mut self, number: usize, start: u32, end: u32) {
        while self.open.len() > number {
            let Some(open) = self.open.pop() else {
                return;
            };
            if open.element.is(is::STRUCTURE) {
                self.count[open.element as usize] -= 1;
            } else {
                self.unusual -= 1;
            }
            let end = if self.open.len() == number {
                end
            } else {
                start
            };
            self.add(EventKind::Close, open.shown, start, end);
        }
    }
}
