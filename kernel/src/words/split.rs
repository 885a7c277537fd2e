//! From a raw text to its words.
//!
//! A tokenizer normalizes a text, splits it, and turns each piece into tokens. Where all of that is
//! the same for the two sides of a boundary as for the whole, the text may be split before any of it,
//! and what is between two such boundaries, a *word*, is remembered with its tokens by its raw bytes.
//! So normalizing costs nothing for words that come again.
//!
//! Whether a boundary is one depends on the character before it and the one after it, and on nothing
//! else: each character has a [`Class`] that follows from what the tokenizer does with it. In a script
//! without spaces a sentence would be a word: there the model is asked which two characters some token
//! may join. So the
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
/// Left as it is, so that between two such characters the model alone decides.
pub const PLAIN: Class = 16;
/// Not in UTF-8, or in none that is valid.
const UNKNOWN: Class = JOINS_BEFORE | JOINS_AFTER;

const PAGE: usize = 256;
const PAGES: usize = 0x11_0000 / PAGE;

/// What a tokenizer does with characters.
pub trait Rules {
    fn classify(&self, c: char) -> Class;

    /// Whether a token may cross the boundary between two characters that are [`PLAIN`].
    fn may_join(&self, before: char, after: char) -> bool;
}

/// The classes of all characters; those that are not ASCII are found out when they are first met.
pub struct Classes {
    ascii: [Class; 128],
    pages: Box<[OnceLock<Box<[Class; PAGE]>>]>,
}

impl Classes {
    pub fn new(rules: &impl Rules) -> Self {
        Classes {
            ascii: std::array::from_fn(|byte| rules.classify(char::from(byte as u8))),
            pages: (0..PAGES).map(|_| OnceLock::new()).collect(),
        }
    }

    /// The class of a code point; the rules are what `new` was given.
    #[inline(always)]
    fn get(&self, code_point: u32, rules: &impl Rules) -> Class {
        let code_point = code_point as usize;
        if let Some(&class) = self.ascii.get(code_point) {
            return class;
        }
        let Some(page) = self.pages.get(code_point / PAGE) else {
            return UNKNOWN;
        };
        let first = code_point - code_point % PAGE;
        let class = |i| char::from_u32((first + i) as u32).map_or(UNKNOWN, |c| rules.classify(c));
        page.get_or_init(|| Box::new(std::array::from_fn(class)))[code_point % PAGE]
    }

    /// Puts the ends of the words from `start` on into a batch, as many as fit, and returns how many.
    pub fn fill(
        &self,
        text: &[u8],
        start: usize,
        batch: &mut [usize],
        rules: &impl Rules,
    ) -> usize {
        let (mut at, mut n, mut before) = (start, 0, (UNKNOWN, 0));
        while n < batch.len() {
            let (after, length) = match text.get(at) {
                None if at > start => {
                    batch[n] = text.len();
                    return n + 1;
                }
                None => return n,
                Some(&byte) if byte < 0x80 => ((self.ascii[usize::from(byte)], u32::from(byte)), 1),
                Some(_) => match decode(text, at) {
                    Some((c, length)) => ((self.get(c, rules), c), length),
                    None => return n,
                },
            };
            batch[n] = at;
            n += usize::from(is_boundary(before, after, rules));
            before = after;
            at += length;
        }
        n
    }

    /// The end of the word that starts at `start`, which is before the end of the text.
    pub fn next_end(&self, text: &[u8], start: usize, rules: &impl Rules) -> usize {
        let mut end = [text.len()];
        self.fill(text, start, &mut end, rules);
        end[0]
    }

    /// Whether a word ends at an offset of a text, if there is text on both sides.
    pub fn is_end(&self, text: &[u8], at: usize, rules: &impl Rules) -> bool {
        let (Some((before, _)), Some((after, length))) =
            (decode_before(text, at), decode(text, at))
        else {
            return false;
        };
        // The text may end inside a character.
        is_lead(text[at])
            && at + length <= text.len()
            && is_boundary(
                (self.get(before, rules), before),
                (self.get(after, rules), after),
                rules,
            )
    }
}

/// Whether there is a boundary between two characters, each with its class.
#[inline(always)]
fn is_boundary(before: (Class, u32), after: (Class, u32), rules: &impl Rules) -> bool {
    if before.0 & after.0 & PLAIN != 0 {
        let both = char::from_u32(before.1).zip(char::from_u32(after.1));
        if both.is_some_and(|(before, after)| !rules.may_join(before, after)) {
            return true;
        }
    }
    let (before, after) = (before.0, after.0);
    before & (SPACE | JOINS_AFTER) == 0
        && after & JOINS_BEFORE == 0
        && (before | after) & SINGLE | after & SPACE != 0
}
