//! Ends of sentences that tags hide: between `one.</em> <b>Next` the text alone shows none.
//!
//! They are found in the text as it is rendered, without its tags, where end tags follow the last
//! character of a sentence.

use super::elements::is;
use super::tokens::is_space;
use super::tree::{Event, EventKind};
use crate::text::boundaries::{strength, strength_at};
use crate::text::sentences::marks::role;
use crate::text::unicode::before;

/// What an image or the like is in the rendered text.
const OBJECT: char = '\u{fffc}';
/// What a sentence may end with.
const ENDS: u8 =
    role::TERMINATOR | role::FULL_WIDTH_TERMINATOR | role::CLOSER | role::FULL_WIDTH_CLOSER;

/// An end tag, or more of them, after the text before it.
#[derive(Clone, Copy)]
struct Gap {
    /// Where that text ends.
    text_end: usize,
    /// Where the end tags do.
    end: usize,
}

/// Where sentences end in a run of text and inline tags: after the end tags that follow each.
pub fn hidden_ends(text: &[u8], events: &[Event]) -> Vec<usize> {
    let gaps = gaps(text, events);
    if gaps.is_empty() {
        return Vec::new();
    }
    let rendered = Rendered::of(text, events, &gaps);
    let ends = gaps.iter().zip(&rendered.offsets);
    ends.filter(|&(_, &at)| strength_at(rendered.text.as_bytes(), at) == strength::SENTENCE)
        .map(|(gap, _)| gap.end)
        .collect()
}

/// The gaps after what may end a sentence, and before more text.
fn gaps(text: &[u8], events: &[Event]) -> Vec<Gap> {
    let mut found = Vec::new();
    let mut text_end = 0;
    let mut end = None; // of the end tags
    let mut is_open = false; // whether more end tags may follow
    let mut position = 0;
    for event in events {
        let (start, last) = (event.start as usize, event.end as usize);
        // A comment, or an end tag of nothing, belongs to the end tags around it.
        if start > position && !matches!(text[position..start], [b'<', b'/' | b'!' | b'?', ..]) {
            is_open = false;
        } else if start > position && is_open && end.is_some() {
            end = Some(start);
        }
        position = last;
        let visible = match event.kind {
            EventKind::Text => text[start..last].iter().rposition(|&byte| !is_space(byte)),
            EventKind::EndTag => {
                end = if is_open { Some(last) } else { end };
                None
            }
            EventKind::Tag if !event.element.is(is::VISIBLE) => {
                is_open = false;
                None
            }
            _ => Some(last - start - 1),
        };
        let Some(visible) = visible else {
            continue;
        };
        if let Some(end) = end.take()
            && before(text, text_end).is_some_and(|(c, _)| role(c) & ENDS != 0)
        {
            found.push(Gap { text_end, end });
        }
        text_end = start + visible + 1;
        is_open = true;
    }
    found
}

/// The text of a run as it is rendered, and the offsets in it where gaps are.
struct Rendered {
    text: String,
    offsets: Vec<usize>,
}

impl Rendered {
    fn of(text: &[u8], events: &[Event], gaps: &[Gap]) -> Self {
        let mut rendered = Rendered {
            text: String::new(),
            offsets: Vec::with_capacity(gaps.len()),
        };
        let mut gaps = gaps.iter().peekable();
        for event in events {
            let (start, last) = (event.start as usize, event.end as usize);
            match event.kind {
                EventKind::Text => rendered.add(&text[start..last]),
                EventKind::EndTag => {}
                EventKind::Tag if !event.element.is(is::VISIBLE) => {}
                _ => rendered.text.push(OBJECT),
            }
            if gaps.next_if(|gap| gap.text_end <= last).is_some() {
                rendered
                    .offsets
                    .push(rendered.text.trim_end_matches(' ').len());
            }
        }
        rendered
    }

    /// Adds a text, any white space of HTML as one space.
    fn add(&mut self, text: &[u8]) {
        let mut is_spaced = self.text.ends_with(' ') || self.text.is_empty();
        for part in text.chunk_by(|a, b| is_space(*a) == is_space(*b)) {
            if is_space(part[0]) {
                if !is_spaced {
                    self.text.push(' ');
                }
                is_spaced = true;
            } else {
                self.text
                    .push_str(std::str::from_utf8(part).unwrap_or_default());
                is_spaced = false;
            }
        }
    }
}
