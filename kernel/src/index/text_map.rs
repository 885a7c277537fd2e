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
use crate::count::pipeline;
use crate::count::tokenizer::{Family, Tokenizer};
use crate::index::build::maps;
use crate::index::token_map::{Builder, Ends, TokenMap, bits};
use crate::split::level::Level;
use crate::split::pattern::Pattern;
use crate::split::pretokens::{BATCH, Pretokens};
use crate::text::boundaries::{InnerEnds, likely, strength, strength_at};
use crate::text::char_map::{CharMap, Cursor};
use crate::text::graphemes::Clusters;
use std::ops::Range;
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
/// The bytes of a piece in which one thread looks for boundaries: what takes several times as long as
/// to start it.
const PIECE: usize = 1 << 18;
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

/// Whether the offsets of a text fit into 32 bits.
fn check_length(text: &str) -> Result<(), Error> {
    match u32::try_from(text.len()) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::TooLong),
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
        check_length(text)?;
        if !tokenizer.is_indexable() || !is_normal() {
            return Err(Error::NotIndexable);
        }
        if let Family::ByteLevel(_) = tokenizer.family {
            let (tokens, chars) = maps(tokenizer, text).map_err(Error::Split)?;
            return Ok(TextMap::of_maps(tokens, chars));
        }
        Self::build(text, |builder| {
            let mut words = WordEnds::default();
            let add = |start: usize, ends: &[usize], tokens: &[u32]| {
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
        check_length(text)?;
        let mut builder = Builder::new(0, text.len());
        fill(&mut builder)?;
        Ok(TextMap::new(text, builder.finish()))
    }

    /// The map of a text whose pretokens are known.
    pub fn new(text: &str, tokens: TokenMap) -> Self {
        TextMap::of_maps(tokens, CharMap::new(text))
    }

    fn of_maps(tokens: TokenMap, chars: CharMap) -> Self {
        TextMap {
            tokens,
            chars,
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

    /// The boundaries of at least a strength in `start < offset < end`, with their strengths, found on
    /// all threads.
    pub(crate) fn boundaries_between(&self, min: u8, start: usize, end: usize) -> Vec<(u32, u8)> {
        let mut found = self.map_boundaries(min, start, end, || {
            |offset: usize, strength: u8| (offset as u32, strength)
        });
        match &mut found[..] {
            [only] => std::mem::take(only),
            _ => found.concat(),
        }
    }

    /// Ranges of about so many bytes, of which [`Self::each_boundary`] finds those of `start..end`.
    pub(crate) fn pieces(
        self,
        start: usize,
        end: usize,
        bytes: usize,
    ) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut from = start;
        std::iter::from_fn(move || {
            // Up to where a pretoken ends, so that no character is split.
            let to = match self.map.tokens.end_after(from + bytes) {
                Some(to) if to + bytes < end => to + 1,
                _ => end,
            };
            let piece = from..to;
            from = to - usize::from(to < end);
            (piece.start < end).then_some(piece)
        })
    }

    /// What the boundaries of at least a strength in `start < offset < end` come to, on all threads: a
    /// list for each piece of the text.
    ///
    /// `worker` makes what maps one boundary after another on one thread.
    pub(crate) fn map_boundaries<T, W>(
        &self,
        min: u8,
        start: usize,
        end: usize,
        worker: impl Fn() -> W + Sync,
    ) -> Vec<Vec<T>>
    where
        T: Send,
        W: FnMut(usize, u8) -> T + Send,
    {
        let worker = || {
            let mut map = worker();
            move |piece: Range<usize>| {
                let mut found = Vec::new();
                self.each_boundary(min, piece.start, piece.end, |at, strength| {
                    found.push(map(at, strength));
                    true
                });
                found
            }
        };
        let mut all = Vec::new();
        pipeline::each(self.pieces(start, end, PIECE), worker, |found| {
            all.push(found)
        });
        all
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
        let mut inner = InnerEnds::new(text, self.map.chars.is_ascii(), min, start, end);
        let mut next_inner = || inner.next().unwrap_or((usize::MAX, strength::NONE));
        let mut next = next_inner();
        let mut each = |offset: usize| {
            while next.0 < offset {
                if !self.is_inside_cluster(next.0) && !visit(next.0, next.1) {
                    return false;
                }
                next = next_inner();
            }
            if offset == end {
                return false;
            }
            if next.0 == offset {
                next = next_inner();
            }
            let strength = strength_at(text, offset);
            strength < min || self.is_inside_cluster(offset) || visit(offset, strength)
        };
        for (base, ends) in self.map.tokens.rows(start, end) {
            let candidates = if min > strength::WORD {
                likely(text, base, ends, min)
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
