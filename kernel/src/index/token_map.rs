//! The token index of a text: where its pretokens end, and how many tokens there are up to there.
//!
//! No pattern looks behind. So a part of the text that starts where a pretoken does is split as the
//! whole is, up to the last pretoken that its end touches or that has only white space behind it
//! (white space looks ahead). The tokens of any part are then a difference of two sums, and what is
//! counted anew at its two ends.

use crate::bpe::merge;
use crate::bpe::vocabulary::NO_RANK;
use crate::count::counter::Counter;
use crate::count::tokenizer::{SplitError, Tokenizer};
use crate::index::ends::{self, Ends, bits};
use crate::split::pattern::{Pattern, SPACE, Set};
use crate::split::scanner::next_end;
use crate::text::boundaries::{Flags, WideEnds, is_in_cluster, likely, strength, strength_at};
use crate::text::char_map::{Cursor, Places};
use crate::text::unicode::{class, decode_before};
use std::sync::OnceLock;

/// The token index of a text. It does not hold the text, which its functions ask for again.
pub struct Index {
    /// Where its pretokens end, and the tokens up to there.
    pub ends: Ends,
    places: Places,
    flags: OnceLock<Flags>,
    lists: OnceLock<Lists>,
}

/// A number for each pretoken, which only some ask for.
pub struct Lists {
    /// Where it ends, in characters.
    pub ends: Vec<u32>,
    /// How many tokens there are up to there.
    pub sums: Vec<u32>,
    /// How good a place to cut its end is: see [`strength`].
    pub strengths: Vec<u8>,
}

/// Why a text has no index.
#[derive(Debug)]
pub enum Error {
    /// Places do not fit into 32 bits.
    TooLong,
    /// Only texts that are split by a scanner, and are normal already, have an index.
    NoPlaces,
    /// The split pattern gave up.
    Split(SplitError),
}

impl Index {
    /// The index of a text.
    pub fn new(tokenizer: &Tokenizer, text: &str) -> Result<Self, Error> {
        if u32::try_from(text.len()).is_err() {
            return Err(Error::TooLong);
        }
        // Each part of a text in normal form is in that form too.
        let is_normal = || tokenizer.is_inert(text) || *tokenizer.normalize(text) == *text;
        if tokenizer.pattern().is_none() || !is_normal() {
            return Err(Error::NoPlaces);
        }
        let mut builder = ends::Builder::new(text.len());
        let add = |_: usize, ends: &[usize], tokens: &[u32]| {
            builder.extend(ends, tokens);
            true
        };
        Counter::new(tokenizer)
            .each_batch(text, add)
            .map_err(Error::Split)?;
        Ok(Index {
            ends: builder.finish(),
            places: Places::new(text),
            flags: OnceLock::new(),
            lists: OnceLock::new(),
        })
    }

    /// The number of characters of the text.
    pub fn length(&self) -> usize {
        self.places.length()
    }

    /// The number of tokens of the text.
    pub fn total(&self) -> usize {
        self.ends.total()
    }

    /// A number for each pretoken; of no pretokens, where [`Indexed::lists`] was not asked for.
    pub fn known_lists(&self) -> &Lists {
        const NONE: &Lists = &Lists {
            ends: Vec::new(),
            sums: Vec::new(),
            strengths: Vec::new(),
        };
        self.lists.get().unwrap_or(NONE)
    }
}

/// An index with its tokenizer and text. Places are in characters where nothing else is said.
#[derive(Clone, Copy)]
pub struct Indexed<'a> {
    index: &'a Index,
    tokenizer: &'a Tokenizer,
    text: &'a str,
}

impl<'a> Indexed<'a> {
    /// Puts an index and what it was made of together.
    pub fn new(index: &'a Index, tokenizer: &'a Tokenizer, text: &'a str) -> Self {
        Indexed {
            index,
            tokenizer,
            text,
        }
    }

    /// The number of tokens of `text[start..end]`, any two places with `start <= end <= length`.
    pub fn count(&self, start: usize, end: usize) -> usize {
        self.count_bytes(self.byte(start), self.byte(end))
    }

    /// The text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Where its pretokens end, in bytes.
    pub(crate) fn ends(&self) -> &'a Ends {
        &self.index.ends
    }

    /// Where characters start, for places that come in order.
    pub fn cursor(&self) -> Cursor<'a> {
        self.index.places.cursor(self.text)
    }

    /// The index's lists, made when they are first asked for.
    pub fn lists(&self) -> &'a Lists {
        let text = self.text.as_bytes();
        self.index.lists.get_or_init(|| {
            let ends = || self.index.ends.iter();
            let mut cursor = self.cursor();
            Lists {
                ends: ends().map(|end| cursor.character(end) as u32).collect(),
                sums: ends().map(|end| self.index.ends.sum(end) as u32).collect(),
                strengths: ends().map(|end| strength_at(text, end)).collect(),
            }
        })
    }

    /// The last end of a pretoken to which the text from `start` has at most `limit` tokens, or
    /// `start`.
    pub fn end(&self, start: usize, limit: usize) -> usize {
        let ends = &self.index.ends;
        let from = self.byte(start);
        let fits = |end: usize| self.count_bytes(from, end) <= limit;
        // The sums are right but for the two ends; from there it is a step or two.
        let before = ends.sum(ends.last_by(from));
        let mut end = ends.last_with(before.saturating_add(limit)).max(from);
        while end > from && !(ends.is_end(end) && fits(end)) {
            end = ends.last_by(end - 1).max(from);
        }
        while let Some(next) = ends.next(end)
            && fits(next)
        {
            end = next;
        }
        self.character(end)
    }

    /// The last place to which the text from `start` has at most `limit` tokens, between two
    /// clusters; between two characters, if not even one cluster fits; or `start`.
    pub fn end_anywhere(&self, start: usize, limit: usize) -> usize {
        let from = self.byte(start);
        let count = |end: usize| self.count_bytes(from, self.byte(end));
        let taken = most(self.index.length() - start, limit, |n| {
            count(start + n) <= limit
        });
        let furthest = start + taken;
        let mut ends = (start + 1..=furthest).rev();
        let end = ends.find(|&end| {
            !self.is_in_cluster(self.byte(end)) && (end == furthest || count(end) <= limit)
        });
        end.unwrap_or(furthest)
    }

    /// The first place from which the text to `end` has at most `limit` tokens, between two
    /// clusters; or `end`.
    pub fn start_anywhere(&self, end: usize, limit: usize) -> usize {
        let to = self.byte(end);
        let count = |start: usize| self.count_bytes(self.byte(start), to);
        let furthest = end - most(end, limit, |n| count(end - n) <= limit);
        let mut starts = furthest..end;
        let start = starts.find(|&start| {
            !self.is_in_cluster(self.byte(start)) && (start == furthest || count(start) <= limit)
        });
        start.unwrap_or(end)
    }

    /// The boundaries of at least a strength in `start < place < end`, and their strengths.
    pub fn boundaries(&self, least: u8, start: usize, end: usize) -> (Vec<u32>, Vec<u8>) {
        let (mut places, mut strengths) = (Vec::new(), Vec::new());
        let (start, end) = (self.byte(start), self.byte(end));
        let mut cursor = self.cursor();
        self.each_boundary(least, start, end, |place, strength| {
            places.push(cursor.character(place) as u32);
            strengths.push(strength);
            true
        });
        (places, strengths)
    }

    /// The number of tokens of each of some parts: as `count`.
    pub fn counts(&self, parts: impl Iterator<Item = (usize, usize)>) -> Vec<u64> {
        let mut cursor = self.cursor();
        let count = |(start, end)| {
            let start = cursor.byte(start);
            self.count_bytes(start, cursor.byte(end)) as u64
        };
        parts.map(count).collect()
    }

    /// For each place, its byte, and the number of line feeds before it.
    pub fn positions(&self, places: impl Iterator<Item = usize>) -> (Vec<u32>, Vec<u32>) {
        let (mut bytes, mut lines) = (Vec::new(), Vec::new());
        let mut cursor = self.cursor();
        let (mut at, mut line) = (0, 0);
        for place in places {
            let byte = cursor.byte(place);
            line = match byte < at {
                true => line - line_feeds(&self.text.as_bytes()[byte..at]),
                false => line + line_feeds(&self.text.as_bytes()[at..byte]),
            };
            at = byte;
            bytes.push(byte as u32);
            lines.push(line);
        }
        (bytes, lines)
    }

    /// For each place, `total - count(place, length)` and `count(0, place)`.
    pub fn measure(&self, places: impl Iterator<Item = usize>) -> (Vec<i64>, Vec<i64>) {
        let mut cursor = self.cursor();
        places
            .map(|place| self.measure_byte(cursor.byte(place)))
            .unzip()
    }

    /// For each place, where the overlap of at most so many tokens starts that ends there.
    pub fn overlap_starts(&self, places: impl Iterator<Item = usize>, overlap: usize) -> Vec<u32> {
        let mut cursor = self.cursor();
        let start = |place: usize| {
            if overlap == 0 {
                return place as u32;
            }
            let end = cursor.byte(place);
            // Finer places only where the coarser ones give much less than is asked for.
            let mut start = end;
            let is_little = |start| self.count_bytes(start, end) < overlap - overlap / 4;
            for least in [strength::WORD, strength::NONE] {
                if is_little(start)
                    && let Some(found) = self.overlap_start(end, overlap, least)
                {
                    start = start.min(found);
                }
            }
            if is_little(start) {
                start = start.min(self.byte(self.start_anywhere(place, overlap)));
            }
            self.character(start) as u32
        };
        places.map(start).collect()
    }

    /// The first boundary of at least a strength, in bytes, from which there are few enough tokens.
    fn overlap_start(&self, end: usize, overlap: usize, least: u8) -> Option<usize> {
        let ends = &self.index.ends;
        // No token is longer, so more bytes are more tokens; and a pretoken may be of any length.
        let reach = overlap.saturating_mul(self.tokenizer.vocabulary().longest());
        let mut low = end.saturating_sub(reach.saturating_add(1));
        if end - ends.last_by(end) <= reach {
            let excess = self.count_up_to(end).saturating_sub(overlap);
            // What starts at the next pretoken's end has few enough; and perhaps something before.
            match excess.checked_sub(1) {
                None => return Some(0),
                Some(more) => low = low.max(ends.last_with(more).min(end)),
            }
        }
        let mut found = None;
        self.each_boundary(least, low, end, |place, _| {
            if self.count_bytes(place, end) <= overlap {
                found = Some(place);
            }
            found.is_none()
        });
        found
    }

    /// Calls `see` with the boundaries (in bytes) in `start < place < end`, until it returns false.
    #[inline(always)]
    pub(crate) fn each_boundary(
        &self,
        least: u8,
        start: usize,
        end: usize,
        mut see: impl FnMut(usize, u8) -> bool,
    ) {
        let text = self.text.as_bytes();
        let is_wide = !self.index.places.are_bytes() && least <= strength::SENTENCE;
        let mut wide = is_wide.then(|| WideEnds::new(text, start, end));
        let mut next_wide = || wide.as_mut().and_then(Iterator::next).unwrap_or(usize::MAX);
        let mut following = next_wide();
        let mut each = |place: usize| {
            while following < place {
                if !self.is_in_cluster(following) && !see(following, strength::SENTENCE) {
                    return false;
                }
                following = next_wide();
            }
            if place == end {
                return false;
            }
            if following == place {
                following = next_wide();
            }
            let strength = strength_at(text, place);
            strength < least || self.is_in_cluster(place) || see(place, strength)
        };
        for (base, ends) in self.index.ends.rows(start, end) {
            let worth = match least > strength::WORD {
                true => likely(text, base, ends),
                false => ends,
            };
            if !bits(worth).all(|bit| each(base + bit + 1)) {
                return;
            }
        }
        each(end);
    }

    /// Whether a place, in bytes, is in a grapheme cluster.
    pub(crate) fn is_in_cluster(&self, place: usize) -> bool {
        let flags = || {
            self.index
                .flags
                .get_or_init(|| Flags::of(self.text.as_bytes()))
        };
        is_in_cluster(self.text, place, flags)
    }

    /// Where a character starts, in bytes.
    pub fn byte(&self, place: usize) -> usize {
        self.index.places.byte(self.text, place)
    }

    /// The number of the character that starts at a byte.
    pub fn character(&self, byte: usize) -> usize {
        self.index.places.character(self.text, byte)
    }

    /// The number of tokens of a part, in bytes.
    pub fn count_bytes(&self, start: usize, end: usize) -> usize {
        let text = &self.text.as_bytes()[..end];
        let Some(pattern) = self.tokenizer.pattern() else {
            return 0;
        };
        let ends = &self.index.ends;
        let (mut at, mut total) = (start, 0);
        // Count until the part and the text have a boundary in common.
        while at < end && !ends.is_end(at) {
            at = self.count_one(pattern, text, at, &mut total);
        }
        // Up to here the text's pretokens are the part's, if they start at the same places.
        let last = ends.last_by(start + solid_end(pattern, &text[start..]));
        if last > at {
            total += ends.sum(last) - ends.sum(at);
            at = last;
        }
        while at < end {
            at = self.count_one(pattern, text, at, &mut total);
        }
        total
    }

    /// Of a place, in bytes: all tokens of the text but those that the text from there on has, and
    /// those that the text up to there has.
    pub fn measure_byte(&self, place: usize) -> (i64, i64) {
        (self.count_before(place), self.count_up_to(place) as i64)
    }

    /// All tokens of the text but those that the text from `start` on has.
    fn count_before(&self, start: usize) -> i64 {
        let Some(pattern) = self.tokenizer.pattern() else {
            return 0;
        };
        let (mut at, mut counted) = (start, 0);
        while !self.index.ends.is_end(at) {
            at = self.count_one(pattern, self.text.as_bytes(), at, &mut counted);
        }
        self.index.ends.sum(at) as i64 - counted as i64
    }

    /// The number of tokens of the text up to `end`.
    fn count_up_to(&self, end: usize) -> usize {
        let text = &self.text.as_bytes()[..end];
        let Some(pattern) = self.tokenizer.pattern() else {
            return 0;
        };
        // What looks ahead at the end is split anew.
        let mut at = self.index.ends.last_by(solid_end(pattern, text));
        let mut total = self.index.ends.sum(at);
        while at < end {
            at = self.count_one(pattern, text, at, &mut total);
        }
        total
    }

    /// Calls `see` with the end of each token of a part, which is encoded alone; all in bytes.
    pub fn each_token(&self, start: usize, end: usize, mut see: impl FnMut(usize)) {
        let (text, vocabulary) = (&self.text.as_bytes()[..end], self.tokenizer.vocabulary());
        let Some(pattern) = self.tokenizer.pattern() else {
            return;
        };
        let mut at = start;
        while at < end {
            let first = at;
            at = next_end(pattern, text, at);
            match vocabulary.rank(text, first, at) {
                NO_RANK => merge::each_end(vocabulary, text, first, at, &mut see),
                _ => see(at),
            }
        }
    }

    /// Counts the pretoken at `at`, and returns its end.
    fn count_one(&self, pattern: &Pattern, text: &[u8], at: usize, total: &mut usize) -> usize {
        let end = next_end(pattern, text, at);
        *total += self.tokenizer.count_pretoken(text, at, end);
        end
    }
}

fn line_feeds(text: &[u8]) -> u32 {
    // In blocks of which the count fits into a byte, so that many are added at once.
    let feeds = |block: &[u8]| {
        block
            .iter()
            .map(|&byte| u8::from(byte == b'\n'))
            .sum::<u8>()
    };
    text.chunks(255).map(|block| u32::from(feeds(block))).sum()
}

/// Where the run at the end of a text starts that looks at what is behind it: of white space, or of
/// characters without a class. What is before it has one of the run's characters to look at.
///
/// White space that ends in a line break looks no further in most families: a pretoken that ends
/// there ends at the end of the text too.
fn solid_end(pattern: &Pattern, text: &[u8]) -> usize {
    const OTHER: Set = Set::of(&[class::OTHER]);
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

/// The number of characters, at most `all`, that fit where one more does not.
///
/// Looks from `first` on at twice as many each time, then between the last two.
fn most(all: usize, first: usize, fits: impl Fn(usize) -> bool) -> usize {
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
