//! The token index of a text: where its pretokens end, and how many tokens there are up to there.
//!
//! No pattern looks behind. So a part of the text that starts where a pretoken does is split as the
//! whole is, up to the last pretoken that its end touches or that has only white space behind it
//! (white space looks ahead). The tokens of any part are then a difference of two sums, and what is
//! counted anew at its two ends.

use crate::boundaries::{Flags, Likely, WideEnds, is_in_cluster, strength, strength_at};
use crate::pattern::{Pattern, SPACE, Set};
use crate::places::Places;
use crate::pretokenize::{next_end, previous};
use crate::table::vec_with_room;
use crate::tokenizer::{Counter, SplitError, Tokenizer};
use crate::unicode::{class, is_lead};
use std::sync::OnceLock;

/// The token index of a text. It does not hold the text, which its functions ask for again.
pub struct Index {
    /// Where each pretoken ends, in bytes.
    pub byte_ends: Vec<u32>,
    /// How many tokens there are up to there.
    pub sums: Vec<u32>,
    places: Places,
    /// What only some ask for.
    ends: OnceLock<Vec<u32>>,
    strengths: OnceLock<Vec<u8>>,
    flags: OnceLock<Flags>,
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
        let is_normal = || tokenizer.is_settled(text) || *tokenizer.normalize(text) == *text;
        if tokenizer.pattern().is_none() || !is_normal() {
            return Err(Error::NoPlaces);
        }
        // Mostly enough; memory that is not used is not touched.
        let likely = text.len() / 4 + 1;
        let (mut byte_ends, mut sums) = (vec_with_room(likely), vec_with_room(likely));
        let mut total = 0;
        let add = |_: usize, ends: &[usize], tokens: &[u32]| {
            byte_ends.extend(ends.iter().map(|&end| end as u32));
            sums.extend(tokens.iter().map(|&tokens| {
                total += tokens;
                total
            }));
            true
        };
        Counter::new(tokenizer)
            .each_batch(text, add)
            .map_err(Error::Split)?;
        Ok(Index {
            byte_ends,
            sums,
            places: Places::new(text),
            ends: OnceLock::new(),
            strengths: OnceLock::new(),
            flags: OnceLock::new(),
        })
    }

    /// The number of characters of the text.
    pub fn length(&self) -> usize {
        self.places.length()
    }

    /// The number of tokens of the text.
    pub fn total(&self) -> usize {
        self.sums.last().map_or(0, |&sum| sum as usize)
    }

    /// Where each pretoken ends, in characters.
    pub fn ends(&self, text: &str) -> &[u32] {
        if self.places.are_bytes() {
            return &self.byte_ends;
        }
        self.ends.get_or_init(|| {
            let (mut character, mut start) = (0, 0);
            let characters = |&end: &u32| {
                let bytes = &text.as_bytes()[start..end as usize];
                start = end as usize;
                character += bytes
                    .iter()
                    .map(|&byte| u32::from(is_lead(byte)))
                    .sum::<u32>();
                character
            };
            self.byte_ends.iter().map(characters).collect()
        })
    }

    /// What `ends` has found before.
    pub fn known_ends(&self) -> &[u32] {
        match self.places.are_bytes() {
            true => &self.byte_ends,
            false => self.ends.get().map_or(&[], Vec::as_slice),
        }
    }

    /// What `strengths` has found before.
    pub fn known_strengths(&self) -> &[u8] {
        self.strengths.get().map_or(&[], Vec::as_slice)
    }

    /// How good a place to cut each end is: see [`strength`].
    pub fn strengths(&self, text: &str) -> &[u8] {
        self.strengths.get_or_init(|| {
            let strength = |&end: &u32| strength_at(text.as_bytes(), end as usize);
            self.byte_ends.iter().map(strength).collect()
        })
    }

    /// A guess at how many pretokens end by a place, in bytes.
    fn guess(&self, place: usize) -> usize {
        match self.byte_ends.last() {
            Some(&all) => place * self.byte_ends.len() / all as usize,
            None => 0,
        }
    }

    /// How many pretokens end at a place or before it, in bytes; likely to be about `near`.
    fn ended_by(&self, place: usize, near: usize) -> usize {
        partition_near(&self.byte_ends, near, |end| end as usize <= place)
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

    /// The last end of a pretoken to which the text from `start` has at most `limit` tokens, or
    /// `start`.
    pub fn end(&self, start: usize, limit: usize) -> usize {
        let index = self.index;
        let from = self.byte(start);
        let fits =
            |number: usize| self.count_bytes(from, index.byte_ends[number] as usize) <= limit;
        let first = index.ended_by(from, index.guess(from));
        let before = first.checked_sub(1).map_or(0, |i| index.sums[i] as usize);
        // The sums are right but for the two ends; from there it is a step or two.
        let most = before.saturating_add(limit);
        let mut after = index
            .sums
            .partition_point(|&sum| sum as usize <= most)
            .max(first);
        while after > first && !fits(after - 1) {
            after -= 1;
        }
        while after < index.byte_ends.len() && fits(after) {
            after += 1;
        }
        match after {
            _ if after == first => start,
            _ => self.character(index.byte_ends[after - 1] as usize),
        }
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
        let mut cursor = self.index.places.cursor(self.text);
        let near = self.index.guess(start);
        self.each_boundary(least, start, end, near, |place, strength| {
            places.push(cursor.character(place) as u32);
            strengths.push(strength);
            true
        });
        (places, strengths)
    }

    /// The number of tokens of each of some parts: as `count`.
    pub fn counts(&self, parts: impl Iterator<Item = (usize, usize)>) -> Vec<u64> {
        let (mut cursor, mut near) = (self.index.places.cursor(self.text), 0);
        let count = |(start, end)| {
            let start = cursor.byte(start);
            near = self.index.ended_by(start, near);
            self.count_near(start, cursor.byte(end), near) as u64
        };
        parts.map(count).collect()
    }

    /// For each place, its byte, and the number of line feeds before it.
    pub fn positions(&self, places: impl Iterator<Item = usize>) -> (Vec<u32>, Vec<u32>) {
        let (mut bytes, mut lines) = (Vec::new(), Vec::new());
        let mut cursor = self.index.places.cursor(self.text);
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
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        let (mut cursor, mut near) = (self.index.places.cursor(self.text), 0);
        for place in places {
            let place = cursor.byte(place);
            near = self.index.ended_by(place, near);
            starts.push(self.count_before(place, near));
            ends.push(self.count_up_to(place, near));
        }
        (starts, ends)
    }

    /// For each place, where the overlap of at most so many tokens starts that ends there.
    pub fn overlap_starts(&self, places: impl Iterator<Item = usize>, overlap: usize) -> Vec<u32> {
        let (mut cursor, mut near) = (self.index.places.cursor(self.text), 0);
        let start = |place: usize| {
            if overlap == 0 {
                return place as u32;
            }
            let end = cursor.byte(place);
            near = self.index.ended_by(end, near);
            let start = match self.overlap_start(end, near, overlap) {
                Some(start) => self.character(start),
                None => self.start_anywhere(place, overlap),
            };
            start as u32
        };
        places.map(start).collect()
    }

    /// The first boundary of a word or more, in bytes, from which there are few enough tokens.
    fn overlap_start(&self, end: usize, near: usize, overlap: usize) -> Option<usize> {
        // No token is longer, so more bytes are more tokens; and a pretoken may be of any length.
        let reach = overlap.saturating_mul(self.tokenizer.vocabulary().longest());
        let pretoken = near.checked_sub(1).map_or(0, |i| self.index.byte_ends[i]) as usize;
        let (first, low) = if end - pretoken > reach {
            (near, end - reach - 1)
        } else {
            let excess = (self.count_up_to(end, near) as usize).saturating_sub(overlap);
            if excess == 0 {
                return Some(0);
            }
            // What starts at this pretoken's end has few enough; and perhaps something before it.
            let first = partition_near(&self.index.sums, near, |sum| (sum as usize) < excess);
            let low = first.checked_sub(1).map_or(0, |i| self.index.byte_ends[i]) as usize;
            (first, low.min(end).max(end.saturating_sub(reach + 1)))
        };
        let mut found = None;
        self.each_boundary(strength::WORD, low, end, first, |place, _| {
            if self.count_near(place, end, first) <= overlap {
                found = Some(place);
            }
            found.is_none()
        });
        found
    }

    /// Calls `see` with the boundaries (in bytes) in `start < place < end`, until it returns false.
    #[inline(always)]
    fn each_boundary(
        &self,
        least: u8,
        start: usize,
        end: usize,
        near: usize,
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
        let first = self.index.ended_by(start, near);
        let last = self.index.ended_by(end.saturating_sub(1), first);
        let ends = &self.index.byte_ends[first..last.max(first)];
        let all_seen = if least > strength::WORD {
            Likely::new(text, ends).all(&mut each)
        } else {
            ends.iter().all(|&place| each(place as usize))
        };
        if all_seen {
            each(end);
        }
    }

    fn is_in_cluster(&self, place: usize) -> bool {
        let flags = || {
            self.index
                .flags
                .get_or_init(|| Flags::of(self.text.as_bytes()))
        };
        is_in_cluster(self.text, place, flags)
    }

    fn byte(&self, place: usize) -> usize {
        self.index.places.byte(self.text, place)
    }

    fn character(&self, place: usize) -> usize {
        self.index.places.character(self.text, place)
    }

    /// The number of tokens of a part, in bytes.
    fn count_bytes(&self, start: usize, end: usize) -> usize {
        self.count_near(start, end, self.index.guess(start))
    }

    /// The same; about `near` pretokens end before it.
    fn count_near(&self, start: usize, end: usize, near: usize) -> usize {
        let text = &self.text.as_bytes()[..end];
        let Some(pattern) = self.tokenizer.pattern() else {
            return 0;
        };
        // Up to here the text's pretokens are the part's, if they start at the same places.
        let solid = start + solid_end(pattern, &text[start..]);
        let (mut at, mut total) = (start, 0);
        let mut next = start
            .checked_sub(1)
            .map_or(0, |before| self.index.ended_by(before, near));
        let last = self.index.ended_by(solid, next);
        let end_of = |number: usize| self.index.byte_ends[number] as usize;
        // Count until the part and the text have a boundary in common.
        while at < end && at > 0 && next < last && end_of(next) != at {
            at = self.count_one(pattern, text, at, &mut total);
            while next < last && end_of(next) < at {
                next += 1;
            }
        }
        if next < last && (at == 0 || end_of(next) == at) {
            let before = if at == 0 { 0 } else { self.index.sums[next] };
            total += (self.index.sums[last - 1] - before) as usize;
            at = end_of(last - 1);
        }
        while at < end {
            at = self.count_one(pattern, text, at, &mut total);
        }
        total
    }

    /// All tokens of the text but those that the text from `start` on has; `near` pretokens end by
    /// there.
    fn count_before(&self, start: usize, near: usize) -> i64 {
        let Some(pattern) = self.tokenizer.pattern() else {
            return 0;
        };
        let text = self.text.as_bytes();
        let end_of = |number: usize| self.index.byte_ends[number] as usize;
        let sum_of = |number: usize| i64::from(self.index.sums[number]);
        if near == 0 && start == 0 {
            return 0;
        }
        if near > 0 && end_of(near - 1) == start {
            return sum_of(near - 1);
        }
        let (mut at, mut next, mut counted) = (start, near, 0);
        while end_of(next) != at {
            at = self.count_one(pattern, text, at, &mut counted);
            while end_of(next) < at {
                next += 1;
            }
        }
        sum_of(next) - counted as i64
    }

    /// The number of tokens of the text up to `end`; `near` pretokens end by there.
    fn count_up_to(&self, end: usize, near: usize) -> i64 {
        let text = &self.text.as_bytes()[..end];
        let Some(pattern) = self.tokenizer.pattern() else {
            return 0;
        };
        let end_of = |number: usize| self.index.byte_ends[number] as usize;
        // What looks ahead at the end is split anew.
        let solid = solid_end(pattern, text);
        let mut last = near;
        while last > 0 && end_of(last - 1) > solid {
            last -= 1;
        }
        let (mut at, mut total) = match last {
            0 => (0, 0),
            _ => (end_of(last - 1), self.index.sums[last - 1] as usize),
        };
        while at < end {
            at = self.count_one(pattern, text, at, &mut total);
        }
        total as i64
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

/// How many of some ascending values are before a point; likely to be about `near`.
fn partition_near(values: &[u32], near: usize, is_before: impl Fn(u32) -> bool) -> usize {
    let (mut low, mut high, mut step) = (0, values.len(), 1);
    match values.get(near) {
        Some(&value) if is_before(value) => {
            low = near + 1;
            while let Some(&value) = values.get(low + step - 1)
                && is_before(value)
            {
                low += step;
                step *= 2;
            }
            high = high.min(low + step);
        }
        _ => {
            high = high.min(near);
            while high > 0 && !is_before(values[high.saturating_sub(step)]) {
                high = high.saturating_sub(step);
                step *= 2;
            }
            low = low.max(high.saturating_sub(step));
        }
    }
    low + values[low..high].partition_point(|&value| is_before(value))
}

/// Where the run at the end of a text starts that looks at what is behind it: of white space, or of
/// characters without a class. What is before it has one of the run's characters to look at.
///
/// White space that ends in a line break looks no further in most families: a pretoken that ends
/// there ends at the end of the text too.
fn solid_end(pattern: &Pattern, text: &[u8]) -> usize {
    const OTHER: Set = Set::of(&[class::OTHER]);
    let last = previous(text, text.len()).map_or(class::PUNCT, |(c, _)| pattern.class(c));
    if last == class::NEWLINE && pattern.newline_tail {
        return text.len();
    }
    let Some(run) = [SPACE, OTHER].into_iter().find(|run| run.has(last)) else {
        return text.len();
    };
    let mut end = text.len();
    while let Some((c, start)) = previous(text, end)
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
