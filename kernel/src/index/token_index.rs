//! The tokens of any span of a text, from its [`TextMap`].
//!
//! No split pattern looks at what is before a match. So a span that starts where a pretoken does is
//! split as the whole text is, up to the last pretoken that neither touches the span's end nor has
//! only white space after it (white space looks ahead). The tokens of any span are then a difference
//! of two token sums, and what is counted again at its two ends.

use crate::bpe::merge;
use crate::bpe::vocabulary::NO_RANK;
use crate::count::byte_level::ByteLevel;
use crate::count::counter::Counter;
use crate::count::pipeline;
use crate::count::tokenizer::{Family, Tokenizer};
use crate::index::text_map::{Mapped, TextMap};
use crate::index::token_map::Ends;
use crate::split::pattern::{OTHER, Pattern, SPACE};
use crate::split::scanner::next_end;
use crate::text::boundaries::strength;
use crate::text::unicode::{class, decode_before};
use crate::words::tokenizer::Words;
use std::convert::Infallible;
use std::ops::{Deref, Range};

/// A text, its map and its tokenizer. All offsets are in bytes.
#[derive(Clone, Copy)]
pub struct Indexed<'a> {
    mapped: Mapped<'a>,
    tokenizer: &'a Tokenizer,
    splits: Splits<'a>,
}

/// A part of a span.
pub enum Part {
    /// Where a token ends, or more of them do.
    Tokens(usize, usize),
    /// A segment of a pretoken, and how many tokens it has.
    Segment(usize, usize, usize),
}

/// A pretoken of so many bytes is counted by its segments.
const SEGMENTED: usize = 1 << 9;
/// So many bytes of a pretoken are a piece that one thread counts.
const PIECE: usize = 1 << 15;

/// What splits a text into pretokens or words.
#[derive(Clone, Copy)]
enum Splits<'a> {
    Pattern(&'a ByteLevel, &'a Pattern),
    Words(&'a Words),
}

impl<'a> Deref for Indexed<'a> {
    type Target = Mapped<'a>;

    fn deref(&self) -> &Mapped<'a> {
        &self.mapped
    }
}

impl<'a> Indexed<'a> {
    /// None if the tokenizer has no scanner, so that the map is not of its pretokens.
    pub fn new(map: &'a TextMap, tokenizer: &'a Tokenizer, text: &'a str) -> Option<Self> {
        Some(Indexed {
            mapped: Mapped { map, text },
            tokenizer,
            splits: match &tokenizer.family {
                Family::ByteLevel(bpe) => Splits::Pattern(bpe, bpe.pattern()?),
                Family::Words(words) => Splits::Words(words),
            },
        })
    }

    /// The last end of a pretoken to which the text from `start` has at most `limit` tokens, or
    /// `start`.
    pub fn end(&self, start: usize, limit: usize) -> usize {
        let fits = |end: usize| Ok::<_, Infallible>(self.count(start, end) <= limit);
        match self.map.tokens.end_within(start, limit, fits) {
            Ok(end) => end,
        }
    }

    /// The last offset to which the text from `start` has at most `limit` tokens, between two
    /// clusters; between two characters, if not even one cluster fits; or `start`.
    pub fn end_anywhere(&self, start: usize, limit: usize) -> usize {
        let (first, all) = (self.character(start), self.map.chars.characters);
        let fits = |end: usize| self.count(start, end) <= limit;
        let taken = max_fitting(all - first, limit, |n| fits(self.byte(first + n)));
        let furthest = self.byte(first + taken);
        let mut ends = (first + 1..=first + taken).rev().map(|end| self.byte(end));
        let end = ends.find(|&end| !self.is_inside_cluster(end) && (end == furthest || fits(end)));
        end.unwrap_or(furthest)
    }

    /// The first offset from which the text to `end` has at most `limit` tokens, between two
    /// clusters; or `end`.
    pub fn start_anywhere(&self, end: usize, limit: usize) -> usize {
        let last = self.character(end);
        let fits = |start: usize| self.count(start, end) <= limit;
        let taken = max_fitting(last, limit, |n| fits(self.byte(last - n)));
        let furthest = self.byte(last - taken);
        let mut starts = (last - taken..last).map(|start| self.byte(start));
        let start = starts
            .find(|&start| !self.is_inside_cluster(start) && (start == furthest || fits(start)));
        start.unwrap_or(end)
    }

    /// Where the overlap of at most `overlap` tokens starts that ends at `end`.
    pub fn overlap_start(&self, end: usize, overlap: usize) -> usize {
        if overlap == 0 {
            return end;
        }
        // Finer boundaries only where the coarser ones give much less than is asked for.
        let mut start = end;
        let is_little = |start| self.count(start, end) < overlap - overlap / 4;
        for min in [strength::WORD, strength::NONE] {
            if is_little(start)
                && let Some(found) = self.overlap_boundary(end, overlap, min)
            {
                start = start.min(found);
            }
        }
        if is_little(start) {
            start = start.min(self.start_anywhere(end, overlap));
        }
        start
    }

    /// The first boundary of at least a strength from which there are few enough tokens.
    fn overlap_boundary(&self, end: usize, overlap: usize, min: u8) -> Option<usize> {
        let tokens = &self.map.tokens;
        // No token is longer, so more bytes are more tokens; and a pretoken may have any length.
        let longest = match self.splits {
            Splits::Pattern(bpe, _) => bpe.vocabulary.longest,
            Splits::Words(_) => usize::MAX,
        };
        let reach = overlap.saturating_mul(longest);
        let mut low = end.saturating_sub(reach.saturating_add(1));
        if end - tokens.end_before(end) <= reach {
            let excess = self.sum_to(end).saturating_sub(overlap);
            // What starts at the end of the next pretoken has few enough, and perhaps what is before.
            match excess.checked_sub(1) {
                None => return Some(0),
                Some(more) => low = low.max(tokens.last_within(more).min(end)),
            }
        }
        let mut found = None;
        self.each_boundary(min, low, end, |offset, _| {
            if self.count(offset, end) <= overlap {
                found = Some(offset);
            }
            found.is_none()
        });
        found
    }

    /// The number of tokens of a span, as if it were counted on its own.
    pub fn count(&self, start: usize, end: usize) -> usize {
        let text = &self.text[..end];
        let tokens = &self.map.tokens;
        let (mut at, mut total) = (start, 0);
        // Count until the span and the text have a boundary in common.
        while at < end && !self.is_known(start, at) {
            at = self.count_one(text, start, at, &mut total);
        }
        // Up to here the text's pretokens are the span's, if they start at the same offsets.
        let last = tokens.end_before(start + self.solid_end(&text[start..]));
        if last > at {
            total += tokens.sum(last) - tokens.sum(at);
            at = last;
        }
        while at < end {
            at = self.count_one(text, start, at, &mut total);
        }
        total
    }

    /// The token sum at an offset, for a span that starts there: all tokens of the text but those of
    /// the text from there on.
    pub fn sum_from(&self, start: usize) -> i64 {
        let (mut at, mut counted) = (start, 0);
        while at < self.text.len() && !self.is_known(start, at) {
            at = self.count_one(self.text, start, at, &mut counted);
        }
        self.map.tokens.sum(at) as i64 - counted as i64
    }

    /// The token sum at an offset, for a span that ends there: the tokens of the text up to there.
    pub fn sum_to(&self, end: usize) -> usize {
        let text = &self.text[..end];
        // What looks ahead at the end is split again.
        let mut at = self.map.tokens.end_before(self.solid_end(text));
        let mut total = self.map.tokens.sum(at);
        while at < end {
            at = self.count_one(text, 0, at, &mut total);
        }
        total
    }

    /// Both token sums at an offset, if it is seen at once that they are that of the text.
    #[inline(always)]
    pub fn sum_at(&self, at: usize) -> Option<usize> {
        let before = at.checked_sub(1)?;
        let is_solid = match self.splits {
            Splits::Pattern(_, pattern) => match self.text.as_bytes().get(before)? {
                b'!'..=b'~' => true,
                b'\n' | b'\r' => pattern.newline_tail,
                _ => false,
            },
            Splits::Words(words) => !words.has_first(),
        };
        self.map.tokens.sum_at_end(at).filter(|_| is_solid)
    }

    /// Calls `visit` with the end of each token of a span, which is encoded on its own, and how many
    /// tokens end there: the tokens of a word end where it does, since how much of it each takes is not
    /// known once it is normalized.
    pub fn each_token(&self, start: usize, end: usize, mut visit: impl FnMut(usize, usize)) {
        let text = &self.text[..end];
        let mut at = start;
        while at < end {
            let first = at;
            match self.splits {
                Splits::Pattern(bpe, pattern) => {
                    let (text, vocabulary) = (text.as_bytes(), &bpe.vocabulary);
                    at = next_end(pattern, text, first);
                    match vocabulary.rank(text, first, at) {
                        NO_RANK => {
                            merge::each_end(vocabulary, text, first, at, |end| visit(end, 1));
                        }
                        _ => visit(at, 1),
                    }
                }
                Splits::Words(_) => {
                    let mut tokens = 0;
                    at = self.count_one(text, start, first, &mut tokens);
                    if tokens > 0 {
                        visit(at, tokens);
                    }
                }
            }
        }
    }

    /// Calls `visit` with the parts of a span, which is encoded on its own, and where the pretoken starts
    /// that each is of.
    pub fn each_part(&self, start: usize, end: usize, mut visit: impl FnMut(usize, Part)) {
        let Splits::Pattern(bpe, pattern) = self.splits else {
            return self.each_token(start, end, |end, n| visit(start, Part::Tokens(end, n)));
        };
        let (text, vocabulary) = (&self.text.as_bytes()[..end], &bpe.vocabulary);
        let mut at = start;
        while at < end {
            let first = at;
            at = next_end(pattern, text, first);
            if vocabulary.rank(text, first, at) != NO_RANK {
                visit(first, Part::Tokens(at, 1));
            } else if at - first < SEGMENTED || text[first..at].is_ascii() {
                merge::each_end(vocabulary, text, first, at, |end| {
                    visit(first, Part::Tokens(end, 1));
                });
            } else {
                let mut from = first;
                let pieces = std::iter::from_fn(|| {
                    let to = match from + 2 * PIECE < at {
                        true => vocabulary.barrier_after(text, from + PIECE, at),
                        false => at,
                    };
                    let piece = std::mem::replace(&mut from, to)..to;
                    (!piece.is_empty()).then_some(piece)
                });
                let worker = || {
                    let mut counter = Counter::new(self.tokenizer);
                    move |piece: Range<usize>| {
                        let mut segments = Vec::new();
                        counter.each_segment(text, piece, |start, end, n| {
                            segments.push((start as u32, end as u32, n));
                        });
                        segments
                    }
                };
                pipeline::each(pieces, worker, |segments| {
                    for (start, end, n) in segments {
                        let part = Part::Segment(start as usize, end as usize, n as usize);
                        visit(first, part);
                    }
                });
            }
        }
    }

    /// Calls `visit` with the end of each token of a segment of a pretoken.
    pub fn each_segment_token(&self, start: usize, end: usize, visit: impl FnMut(usize)) {
        if let Splits::Pattern(bpe, _) = self.splits {
            let text = self.text.as_bytes();
            merge::each_segment_end(&bpe.vocabulary, text, start, end, visit);
        }
    }

    /// Whether a span is one pretoken if it is encoded on its own, and no token.
    pub fn is_merged(&self, start: usize, end: usize) -> bool {
        let Splits::Pattern(bpe, pattern) = self.splits else {
            return false;
        };
        let text = &self.text.as_bytes()[..end];
        end - start > bpe.vocabulary.longest && next_end(pattern, text, start) == end
    }

    /// Whether the token sums at an offset of a span that starts at `start` are those of the text:
    /// pretokens and words start there in both, and the first word of a span may be unlike others.
    fn is_known(&self, start: usize, at: usize) -> bool {
        let is_first = at == start && start > 0;
        let is_other = matches!(self.splits, Splits::Words(words) if words.has_first());
        self.map.tokens.is_end(at) && !(is_first && is_other)
    }

    /// Counts the pretoken or word at `at` of a span that starts at `start`, and returns its end.
    fn count_one(&self, text: &str, start: usize, at: usize, total: &mut usize) -> usize {
        match self.splits {
            Splits::Pattern(bpe, pattern) => {
                let end = next_end(pattern, text.as_bytes(), at);
                *total += bpe.count_pretoken(text.as_bytes(), at, end);
                end
            }
            Splits::Words(words) => {
                let end = words.next_end(text.as_bytes(), at);
                *total += words.count_word(&text[at..end], at == start);
                end
            }
        }
    }

    /// Up to where the splits of a text do not depend on what follows it.
    fn solid_end(&self, text: &str) -> usize {
        match self.splits {
            Splits::Pattern(_, pattern) => solid_end(pattern, text.as_bytes()),
            // Words end by the characters on the two sides alone.
            Splits::Words(_) => text.len(),
        }
    }
}

/// Where the run at the end of a text starts that looks at what follows it: of white space, or of
/// characters without a class. What is before it has one of the run's characters to look at.
///
/// In most families white space that ends in a line break looks no further: a pretoken that ends
/// there ends at the end of the text too.
pub(crate) fn solid_end(pattern: &Pattern, text: &[u8]) -> usize {
    let last = decode_before(text, text.len()).map_or(class::PUNCT, |(c, _)| pattern.class(c));
    if last == class::NEWLINE && pattern.newline_tail {
        return text.len();
    }
    let Some(run) = [SPACE, OTHER].into_iter().find(|run| run.has(last)) else {
        return text.len();
    };
    let mut end = text.len();
    while let Some((c, start)) = decode_before(text, end)
        && run.has(pattern.class(c))
    {
        end = start;
    }
    end
}

/// A number of characters, at most `all`, that fit where one more does not.
///
/// Doubles from `first` on, then bisects between the last two.
fn max_fitting(all: usize, first: usize, fits: impl Fn(usize) -> bool) -> usize {
    if first == 0 {
        return 0;
    }
    let (mut low, mut step) = (0usize, first);
    let mut high = loop {
        let n = low.saturating_add(step).min(all);
        if n == low {
            return low;
        }
        if !fits(n) {
            break n;
        }
        (low, step) = (n, step.saturating_mul(2));
    };
    while high - low > 1 {
        let middle = (low + high) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}
