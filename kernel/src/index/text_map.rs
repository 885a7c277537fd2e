//! What is known of a text without counting its tokens: characters, lines, boundaries, clusters.
//!
//! All offsets are in bytes; `python` alone converts them, by [`TextMap::chars`].
//!
//! What was tried:
//! - Boundary strengths while indexing: a quarter of the time, for what most callers ask of few
//!   offsets or not at all.
//! - Offsets in characters: each non-ASCII pretoken was counted out, and a binary search in a second
//!   list led back to bytes. Bytes, and a number for each 128 of them, take less.

use crate::count::byte_level::SplitError;
use crate::count::counter::Counter;
use crate::count::counts::spans;
use crate::count::tokenizer::{Family, Tokenizer};
use crate::index::token_map::{Builder, Ends, TokenMap, bits};
use crate::split::level::Level;
use crate::split::pattern::Pattern;
use crate::split::pretokens::{BATCH, Pretokens};
use crate::text::boundaries::{FullWidthEnds, likely, strength, strength_at};
use crate::text::char_map::{CharMap, Cursor};
use crate::text::graphemes::Clusters;
use std::sync::OnceLock;

/// The map of a text. It does not hold the text, which [`Mapped`] adds.
pub struct TextMap {
    pub chars: CharMap,
    pub(crate) clusters: Clusters,
    /// Where its pretokens end, and the tokens up to there; without a tokenizer, where its words do.
    pub tokens: TokenMap,
    segments: OnceLock<Segments>,
}

/// A number for each pretoken or word, made when first asked for.
#[derive(Default)]
pub struct Segments {
    /// Where it ends, in characters.
    pub ends: Vec<u32>,
    /// How many tokens there are up to there.
    pub sums: Vec<u32>,
    /// The [`strength`] of the boundary there.
    pub strengths: Vec<u8>,
}

#[derive(Debug)]
pub enum Error {
    /// Its offsets do not fit into 32 bits.
    TooLong,
    /// The split pattern has no scanner, the text is not in the form that is split, or a word has
    /// more tokens than bytes.
    NotIndexable,
    Split(SplitError),
}

/// The family whose pretokens are the words of a text that has no tokenizer.
const WORDS: &str = "o200k";
/// The most tokens of a word in an index.
const LONG_WORD: u32 = 64;

/// Puts the ends of words into a map. A word may have more tokens than bytes, which the map cannot
/// say: then it is one with those after it that have fewer.
#[derive(Default)]
struct WordEnds {
    /// The tokens of words whose ends are not in the map yet.
    open: u32,
    /// Where the first of them starts.
    start: usize,
    ends: Vec<usize>,
    tokens: Vec<u32>,
}

impl WordEnds {
    /// Adds consecutive words; whether they fit into a map.
    fn add(&mut self, start: usize, ends: &[usize], tokens: &[u32], map: &mut Builder) -> bool {
        let fits = |start: usize, end: usize, n: u32| n <= LONG_WORD && n as usize <= end - start;
        let mut sizes = spans(start, ends).zip(tokens);
        if self.open == 0 && sizes.all(|((start, end), &n)| fits(start, end, n)) {
            map.extend(ends, tokens);
            return true;
        }
        self.ends.clear();
        self.tokens.clear();
        for ((start, end), &n) in spans(start, ends).zip(tokens) {
            if self.open == 0 {
                self.start = start;
            }
            let n = self.open.saturating_add(n);
            if fits(self.start, end, n) {
                self.ends.push(end);
                self.tokens.push(n);
                self.open = 0;
            } else if n > LONG_WORD {
                // Where the tokens of a long word end is not known.
                self.open = n;
                return false;
            } else {
                self.open = n;
            }
        }
        map.extend(&self.ends, &self.tokens);
        true
    }
}

impl TextMap {
    /// The map of a text with its words and punctuation.
    pub fn of_words(text: &str) -> Result<Self, Error> {
        let pattern = Pattern::named(WORDS).ok_or(Error::NotIndexable)?;
        Self::build(text, |builder| {
            let mut words = Pretokens::new(&pattern, text.as_bytes(), Level::best());
            let mut batch = [0; BATCH];
            loop {
                let n = words.fill(&mut batch);
                if n == 0 {
                    return Ok(());
                }
                builder.extend(&batch[..n], &[1; BATCH][..n]);
            }
        })
    }

    /// The map of a text with the pretokens and tokens of a tokenizer.
    pub fn of_tokens(tokenizer: &Tokenizer, text: &str) -> Result<Self, Error> {
        // Each part of a text in normal form is in that form too.
        let is_normal = || tokenizer.is_inert(text) || *tokenizer.normalize(text) == *text;
        Self::build(text, |builder| {
            if !tokenizer.is_indexable() || !is_normal() {
                return Err(Error::NotIndexable);
            }
            let is_byte_level = matches!(tokenizer.family, Family::ByteLevel(_));
            let mut words = WordEnds::default();
            let add = |start: usize, ends: &[usize], tokens: &[u32]| {
                if is_byte_level {
                    builder.extend(ends, tokens);
                    return true;
                }
                words.add(start, ends, tokens, builder)
            };
            let counter = &mut Counter::new(tokenizer);
            counter.each_batch(text, add).map_err(Error::Split)?;
            match words.open {
                0 => Ok(()),
                _ => Err(Error::NotIndexable),
            }
        })
    }

    fn build(
        text: &str,
        fill: impl FnOnce(&mut Builder) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        if u32::try_from(text.len()).is_err() {
            return Err(Error::TooLong);
        }
        let mut builder = Builder::new(text.len());
        fill(&mut builder)?;
        Ok(TextMap::new(text, builder.finish()))
    }

    /// The map of a text whose pretokens are known.
    pub fn new(text: &str, tokens: TokenMap) -> Self {
        TextMap {
            tokens,
            chars: CharMap::new(text),
            clusters: Clusters::default(),
            segments: OnceLock::new(),
        }
    }

    /// The segments; none where [`Mapped::segments`] was not called before.
    pub(crate) fn known_segments(&self) -> &Segments {
        const NONE: &Segments = &Segments {
            ends: Vec::new(),
            sums: Vec::new(),
            strengths: Vec::new(),
        };
        self.segments.get().unwrap_or(NONE)
    }
}

#[derive(Clone, Copy)]
pub struct Mapped<'a> {
    pub map: &'a TextMap,
    pub text: &'a str,
}

impl<'a> Mapped<'a> {
    pub fn byte(&self, character: usize) -> usize {
        self.map.chars.byte(self.text, character)
    }

    pub fn character(&self, byte: usize) -> usize {
        self.map.chars.character(self.text, byte)
    }

    pub fn cursor(&self) -> Cursor<'a> {
        self.map.chars.cursor(self.text)
    }

    pub(crate) fn is_inside_cluster(&self, at: usize) -> bool {
        self.map.clusters.is_inside(self.text, at)
    }

    /// Where each cluster of a span ends, read on its own.
    pub(crate) fn cluster_ends(&self, start: usize, end: usize) -> Vec<u32> {
        let text = &self.text[start..end];
        let clusters = Clusters::default();
        clusters.ends(text).map(|at| (start + at) as u32).collect()
    }

    /// A number for each pretoken or word.
    pub fn segments(&self) -> &'a Segments {
        let (map, text) = (self.map, self.text.as_bytes());
        map.segments.get_or_init(|| {
            let ends = || map.tokens.iter();
            Segments {
                ends: ends().map(|end| self.character(end) as u32).collect(),
                sums: ends().map(|end| map.tokens.sum(end) as u32).collect(),
                strengths: ends().map(|end| strength_at(text, end)).collect(),
            }
        })
    }

    /// For each offset, the number of line feeds before it.
    pub fn lines(&self, offsets: impl Iterator<Item = usize>) -> Vec<u32> {
        let text = self.text.as_bytes();
        let (mut last, mut line) = (0, 0);
        offsets
            .map(|offset| {
                line = if offset < last {
                    line - line_feeds(&text[offset..last])
                } else {
                    line + line_feeds(&text[last..offset])
                };
                last = offset;
                line
            })
            .collect()
    }

    /// The boundaries of at least a strength in `start < offset < end`, and their strengths.
    pub fn boundaries(&self, min: u8, start: usize, end: usize) -> (Vec<u32>, Vec<u8>) {
        let (mut offsets, mut strengths) = (Vec::new(), Vec::new());
        self.each_boundary(min, start, end, |offset, strength| {
            offsets.push(offset as u32);
            strengths.push(strength);
            true
        });
        (offsets, strengths)
    }

    /// Calls `see` with the boundaries in `start < offset < end` and their strengths, until it returns
    /// false.
    #[inline(always)]
    pub(crate) fn each_boundary(
        &self,
        min: u8,
        start: usize,
        end: usize,
        mut visit: impl FnMut(usize, u8) -> bool,
    ) {
        let text = self.text.as_bytes();
        let has_full_width = !self.map.chars.is_ascii() && min <= strength::SENTENCE;
        let mut sentences = has_full_width.then(|| FullWidthEnds::new(text, start, end));
        let mut next_sentence = || {
            let next = sentences.as_mut().and_then(Iterator::next);
            next.unwrap_or(usize::MAX)
        };
        // These may be inside a pretoken.
        let mut sentence = next_sentence();
        let mut each = |offset: usize| {
            while sentence < offset {
                if !self.is_inside_cluster(sentence) && !visit(sentence, strength::SENTENCE) {
                    return false;
                }
                sentence = next_sentence();
            }
            if offset == end {
                return false;
            }
            if sentence == offset {
                sentence = next_sentence();
            }
            let strength = strength_at(text, offset);
            strength < min || self.is_inside_cluster(offset) || visit(offset, strength)
        };
        for (base, ends) in self.map.tokens.rows(start, end) {
            let candidates = if min > strength::WORD {
                likely(text, base, ends)
            } else {
                ends
            };
            if !bits(candidates).all(|bit| each(base + bit + 1)) {
                return;
            }
        }
        each(end);
    }
}

fn line_feeds(text: &[u8]) -> u32 {
    // In blocks whose count fits into a byte, so that many bytes are added at once.
    let feeds = |block: &[u8]| {
        block
            .iter()
            .map(|&byte| u8::from(byte == b'\n'))
            .sum::<u8>()
    };
    text.chunks(255).map(|block| u32::from(feeds(block))).sum()
}
