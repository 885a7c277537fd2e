//! From a raw text to its words.
//!
//! A tokenizer normalizes a text, splits it, and turns each piece into tokens. Where all of that is
//! the same for the two sides of a boundary as for the whole, the text may be split before any of it,
//! and what is between two such boundaries, a *word*, is remembered with its tokens by its raw bytes.
//! So normalizing costs nothing for words that come again.
//!
//! Whether a boundary is one depends on the character before it and the one after it, and on nothing
//! else: each character has a [`Class`] that follows from what the tokenizer does with it. So the
//! boundaries of a span are those of the text, a span of a text is split as the text is, and a text may
//! be split at any of them to be counted in pieces.
//!
//! A text in which nothing proves a boundary is a single word.

use crate::text::unicode::{decode, decode_before, is_lead};
use std::sync::OnceLock;

/// What a character is to the split: some of these bits.
pub type Class = u8;
/// Spaces, which go with what follows them: there is a boundary before the first of several.
pub const SPACE: Class = 1;
/// A piece of its own: there is a boundary before it and after it.
pub const SINGLE: Class = 2;
/// What is before it may change it, or be changed by it.
pub const JOINS_BEFORE: Class = 4;
/// The same of what follows it.
pub const JOINS_AFTER: Class = 8;
/// Not in UTF-8, or in none that is valid.
const UNKNOWN: Class = JOINS_BEFORE | JOINS_AFTER;

const PAGE: usize = 256;
const PAGES: usize = 0x11_0000 / PAGE;

/// The classes of all characters; those that are not ASCII are found out when they are first met.
pub struct Classes {
    ascii: [Class; 128],
    pages: Box<[OnceLock<Box<[Class; PAGE]>>]>,
}

impl Classes {
    pub fn new(classify: impl Fn(char) -> Class) -> Self {
        Classes {
            ascii: std::array::from_fn(|byte| classify(char::from(byte as u8))),
            pages: (0..PAGES).map(|_| OnceLock::new()).collect(),
        }
    }

    /// The class of a code point; `classify` is what `new` was given.
    #[inline(always)]
    fn get(&self, code_point: u32, classify: impl Fn(char) -> Class) -> Class {
        let code_point = code_point as usize;
        if let Some(&class) = self.ascii.get(code_point) {
            return class;
        }
        let Some(page) = self.pages.get(code_point / PAGE) else {
            return UNKNOWN;
        };
        let first = code_point - code_point % PAGE;
        let class = |i| char::from_u32((first + i) as u32).map_or(UNKNOWN, &classify);
        page.get_or_init(|| Box::new(std::array::from_fn(class)))[code_point % PAGE]
    }

    /// Puts the ends of the words from `start` on into a batch, as many as fit, and returns how many.
    pub fn fill(
        &self,
        text: &[u8],
        start: usize,
        batch: &mut [usize],
        classify: impl Fn(char) -> Class,
    ) -> usize {
        let (mut at, mut n, mut before) = (start, 0, UNKNOWN);
        while n < batch.len() {
            let (class, length) = match text.get(at) {
                None if at > start => {
                    batch[n] = text.len();
                    return n + 1;
                }
                None => return n,
                Some(&byte) if byte < 0x80 => (self.ascii[usize::from(byte)], 1),
                Some(_) => match decode(text, at) {
                    Some((c, length)) => (self.get(c, &classify), length),
                    None => return n,
                },
            };
            batch[n] = at;
            n += usize::from(is_boundary(before, class));
            before = class;
            at += length;
        }
        n
    }

    /// The end of the word that starts at `start`, which is before the end of the text.
    pub fn next_end(&self, text: &[u8], start: usize, classify: impl Fn(char) -> Class) -> usize {
        let mut end = [text.len()];
        self.fill(text, start, &mut end, classify);
        end[0]
    }

    /// Whether a word ends at an offset of a text, if there is text on both sides.
    pub fn is_end(&self, text: &[u8], at: usize, classify: impl Fn(char) -> Class) -> bool {
        let (Some((before, _)), Some((after, length))) =
            (decode_before(text, at), decode(text, at))
        else {
            return false;
        };
        // The text may end inside a character.
        is_lead(text[at])
            && at + length <= text.len()
            && is_boundary(self.get(before, &classify), self.get(after, &classify))
    }
}

/// Whether there is a boundary between characters of two classes.
#[inline(always)]
fn is_boundary(before: Class, after: Class) -> bool {
    before & (SPACE | JOINS_AFTER) == 0
        && after & JOINS_BEFORE == 0
        && (before | after) & SINGLE | after & SPACE != 0
}
