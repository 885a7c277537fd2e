//! The text of headings and titles, as a reader sees it.

use super::elements::{Element, is};
use super::titles::{clean_title, visible};
use super::tokens::{attribute, attributes, name};
use super::tree::{Event, EventKind};
use crate::text::entities::unescape;
use crate::text::spaces::is_space;

/// Classes of what is not seen, or is a tool of the page beside the heading.
const UNSEEN_CLASSES: [&str; 5] = [
    "mw-editsection",
    "sr-only",
    "visually-hidden",
    "screen-reader-text",
    "screenreader-only",
];

/// What links to headings show, which is not of their text.
const ANCHORS: [&str; 7] = ["", "¶", "#", "§", "🔗", "∞", "⚓"];

/// The title of a heading from the events inside it.
pub fn heading_text(text: &str, events: &[Event]) -> String {
    let mut words = String::new();
    let mut skipped: Option<(&[u8], usize)> = None; // a name that is not seen, and how often it is open
    let mut link = None; // the length of the words before the open link
    for event in events {
        let (start, end) = (event.start as usize, event.end as usize);
        if let Some((unseen, depth)) = skipped {
            let depth = match event.kind {
                EventKind::Tag if is_named(text, event, unseen) => depth + 1,
                EventKind::EndTag if is_named(text, event, unseen) => depth - 1,
                _ => depth,
            };
            skipped = Some((unseen, depth)).filter(|_| depth > 0);
            continue;
        }
        match (event.kind, event.element) {
            (EventKind::Text, _) => words.push_str(&unescape(&text[start..end])),
            (EventKind::Tag, Element::Br | Element::Hr) | (EventKind::Open, _) => words.push(' '),
            (EventKind::Tag, Element::Img) => words.push_str(&image_text(&text[start..end])),
            (EventKind::Tag, element) => {
                if element == Element::Button || is_hidden(&text.as_bytes()[start..end]) {
                    if !element.is(is::VOID) {
                        skipped = Some((name(text.as_bytes(), start), 1));
                    }
                } else if element == Element::A {
                    link = Some(words.len());
                }
            }
            (EventKind::EndTag, Element::A) => {
                if let Some(before) = link.take()
                    && ANCHORS.contains(&visible(&words[before..]).as_str())
                {
                    words.truncate(before);
                }
            }
            (EventKind::Opaque, Element::Math) => {
                push_math(&mut words, &unescape(&text[start..end]))
            }
            _ => {}
        }
    }
    clean_title(&words)
}

fn is_named(text: &str, event: &Event, unseen: &[u8]) -> bool {
    name(text.as_bytes(), event.start as usize).eq_ignore_ascii_case(unseen)
}

/// What an image says in words, from its tag.
fn image_text(tag: &str) -> String {
    let alt = attribute(tag.as_bytes(), "alt").unwrap_or_default();
    visible(&unescape(std::str::from_utf8(alt).unwrap_or_default()))
}

/// The title of a document from its title element, tags included.
pub fn title_text(element: &str) -> String {
    let first = element.find('>').map_or(0, |i| i + 1);
    let last = element.rfind('<').filter(|&i| i > 0);
    let last = last.unwrap_or(element.len());
    clean_title(&unescape(element.get(first..last).unwrap_or_default()))
}

/// Adds the text of a formula, without the form of it that programs read.
fn push_math(words: &mut String, markup: &str) {
    let mut rest = markup;
    while let Some(start) = rest.find('<') {
        let Some(end) = rest[start..].find('>') else {
            break;
        };
        words.push_str(&rest[..start]);
        let is_annotation = rest.as_bytes()[start + 1..]
            .get(.."annotation".len())
            .is_some_and(|name| name.eq_ignore_ascii_case(b"annotation"));
        rest = &rest[start + end + 1..];
        if is_annotation {
            rest = &rest[rest.find('<').unwrap_or(rest.len())..];
        }
    }
    words.push_str(rest);
}

/// Whether a start tag says that its element is not displayed.
fn is_hidden(tag: &[u8]) -> bool {
    let (mut aria, mut style, mut class) = (None, None, None);
    for each in attributes(tag) {
        let is = |name: &str| each.name.eq_ignore_ascii_case(name.as_bytes());
        if is("hidden") {
            return true;
        } else if is("aria-hidden") {
            aria.get_or_insert(each.value);
        } else if is("style") {
            style.get_or_insert(each.value);
        } else if is("class") {
            class.get_or_insert(each.value);
        }
    }
    let classes = std::str::from_utf8(class.unwrap_or_default()).unwrap_or_default();
    aria.is_some_and(|value| value.eq_ignore_ascii_case(b"true"))
        || style.is_some_and(hides)
        || classes
            .split(is_space)
            .any(|class| UNSEEN_CLASSES.contains(&class))
}

/// Whether a style hides its element.
fn hides(style: &[u8]) -> bool {
    has_property(style, b"display", b"none") || has_property(style, b"visibility", b"hidden")
}

/// Whether a style has a property with a value that starts so, in any case.
pub fn has_property(style: &[u8], property: &[u8], value: &[u8]) -> bool {
    let blank = |bytes: &[u8]| {
        bytes
            .iter()
            .take_while(|b| b.is_ascii_whitespace() || **b == 0x0b)
            .count()
    };
    style
        .windows(property.len())
        .enumerate()
        .any(|(i, window)| {
            if !window.eq_ignore_ascii_case(property) {
                return false;
            }
            let rest = &style[i + property.len()..];
            let rest = &rest[blank(rest)..];
            rest.first() == Some(&b':') && {
                let rest = &rest[1 + blank(&rest[1..])..];
                rest.get(..value.len())
                    .is_some_and(|found| found.eq_ignore_ascii_case(value))
            }
        })
}
