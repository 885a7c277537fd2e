//! The token index of a text: where its pretokens end, and how many tokens there are up to there.
//!
//! No pattern looks behind. So a part of the text that starts where a pretoken does is split as the
//! whole is, up to the last pretoken that its end touches or that has only white space behind it
//! (white space looks ahead). The tokens of any part are then a difference of two sums, and what is
//! counted anew at its two ends.

use crate::pattern::Pattern;
use crate::pretokenize::{next_end, trimmed_end};
use crate::table::vec_with_room;
use crate::tokenizer::{Counter, SplitError, Tokenizer};
use crate::unicode::is_lead;

/// How much of a boundary the end of a pretoken is.
pub mod strength {
    /// Nothing separates what is before from what is behind.
    pub const NONE: u8 = 0;
    /// White space before or behind.
    pub const WORD: u8 = 1;
    /// The end of a sentence.
    pub const SENTENCE: u8 = 2;
    /// A line break before.
    pub const LINE: u8 = 3;
    /// An empty line before.
    pub const PARAGRAPH: u8 = 4;
    /// A line break before and a Markdown heading behind.
    pub const HEADING: u8 = 5;
}

/// The token index of a text. It does not hold the text, which its functions ask for again.
///
/// Places are in characters.
#[derive(Default)]
pub struct Index {
    /// Where each pretoken ends.
    pub ends: Vec<u32>,
    /// How many tokens there are up to there.
    pub sums: Vec<u32>,
    /// How much of a boundary that is: see [`strength`].
    pub strengths: Vec<u8>,
    /// The pretokens that are not ASCII, and by how much more in bytes than in characters the text
    /// is long up to their ends.
    wide: Vec<(u32, u32)>,
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
        if tokenizer.pattern().is_none() || !tokenizer.is_settled(text) {
            return Err(Error::NoPlaces);
        }
        let mut builder = Builder::new(text.as_bytes());
        let add = |start: usize, ends: &[usize], tokens: &[u32]| {
            builder.add(start, ends, tokens);
            true
        };
        Counter::new(tokenizer)
            .each_batch(text, add)
            .map_err(Error::Split)?;
        Ok(builder.index)
    }

    /// Where a pretoken ends, in bytes.
    fn byte_end(&self, number: usize) -> usize {
        let wide = self
            .wide
            .partition_point(|&(wide, _)| wide as usize <= number);
        let more = wide.checked_sub(1).map_or(0, |i| self.wide[i].1);
        (self.ends[number] + more) as usize
    }

    /// How many pretokens end at a place or before it, in bytes.
    fn ended_by(&self, place: usize) -> usize {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = (low + high) / 2;
            if self.byte_end(middle) <= place {
                low = middle + 1
            } else {
                high = middle
            }
        }
        low
    }

    /// The number of characters of the text.
    pub fn length(&self) -> usize {
        self.ends.last().map_or(0, |&end| end as usize)
    }

    /// The number of tokens of the text.
    pub fn total(&self) -> usize {
        self.sums.last().map_or(0, |&sum| sum as usize)
    }

    /// The number of tokens of `text[start..end]`, any two places with `start <= end <= length`.
    pub fn count(&self, tokenizer: &Tokenizer, text: &str, start: usize, end: usize) -> usize {
        let part = Part {
            index: self,
            tokenizer,
            text: text.as_bytes(),
        };
        part.count(part.byte(start), part.byte(end))
    }

    /// The last boundary to which the text from `start` on has at most `limit` tokens, or `start`.
    pub fn end(&self, tokenizer: &Tokenizer, text: &str, start: usize, limit: usize) -> usize {
        let part = Part {
            index: self,
            tokenizer,
            text: text.as_bytes(),
        };
        let from = part.byte(start);
        let fits = |number: usize| part.count(from, self.byte_end(number)) <= limit;
        let first = self.ends.partition_point(|&end| end as usize <= start);
        let before = first
            .checked_sub(1)
            .map_or(0, |number| self.sums[number] as usize);
        // The sums are right but for the two ends; from there it is a step or two.
        let mut after = self
            .sums
            .partition_point(|&sum| sum as usize <= before + limit)
            .max(first);
        while after > first && !fits(after - 1) {
            after -= 1;
        }
        while after < self.ends.len() && fits(after) {
            after += 1;
        }
        if after == first {
            start
        } else {
            self.ends[after - 1] as usize
        }
    }
}

/// An index that is being made.
struct Builder<'a> {
    text: &'a [u8],
    index: Index,
    characters: u32,
    total: u32,
}

impl<'a> Builder<'a> {
    fn new(text: &'a [u8]) -> Self {
        // Mostly enough; memory that is not used is not touched.
        let likely = text.len() / 4 + 1;
        let index = Index {
            ends: vec_with_room(likely),
            sums: vec_with_room(likely),
            strengths: vec_with_room(likely),
            wide: Vec::new(),
        };
        Builder {
            text,
            index,
            characters: 0,
            total: 0,
        }
    }

    /// Adds consecutive pretokens, the first of which starts at `start`.
    fn add(&mut self, start: usize, ends: &[usize], tokens: &[u32]) {
        let (text, index) = (self.text, &mut self.index);
        index
            .strengths
            .extend(ends.iter().map(|&end| strength_at(text, end)));
        let mut total = self.total;
        index.sums.extend(tokens.iter().map(|&tokens| {
            total += tokens;
            total
        }));
        self.total = total;
        let Some(&last) = ends.last() else { return };
        if text[start..last].is_ascii() {
            let before = start as u32 - self.characters;
            index
                .ends
                .extend(ends.iter().map(|&end| end as u32 - before));
            self.characters = last as u32 - before;
        } else {
            self.add_wide(start, ends);
        }
    }

    fn add_wide(&mut self, mut start: usize, ends: &[usize]) {
        for &end in ends {
            let bytes = &self.text[start..end];
            let characters = bytes.iter().filter(|&&byte| is_lead(byte)).count();
            self.characters += characters as u32;
            if characters < bytes.len() {
                let number = self.index.ends.len() as u32;
                self.index.wide.push((number, end as u32 - self.characters));
            }
            self.index.ends.push(self.characters);
            start = end;
        }
    }
}

/// An index with its text.
struct Part<'a> {
    index: &'a Index,
    tokenizer: &'a Tokenizer,
    text: &'a [u8],
}

impl Part<'_> {
    /// Where the character number `place` starts.
    fn byte(&self, place: usize) -> usize {
        if self.index.wide.is_empty() {
            return place.min(self.text.len());
        }
        let number = self
            .index
            .ends
            .partition_point(|&end| end as usize <= place);
        let Some(before) = number.checked_sub(1) else {
            return self.skip(0, place);
        };
        self.skip(
            self.index.byte_end(before),
            place - self.index.ends[before] as usize,
        )
    }

    /// Where the character starts that is so many characters behind the one that starts at `from`.
    fn skip(&self, from: usize, characters: usize) -> usize {
        let mut leads = (from..self.text.len()).filter(|&i| is_lead(self.text[i]));
        leads.nth(characters).unwrap_or(self.text.len())
    }

    /// The number of tokens of `text[start..end]`, in bytes.
    fn count(&self, start: usize, end: usize) -> usize {
        let text = &self.text[..end];
        // Up to here the text's pretokens are the part's, if they start at the same places.
        let Some(pattern) = self.tokenizer.pattern() else {
            return 0;
        };
        let solid = start + trimmed_end(pattern, &text[start..]);
        let last = self.index.ended_by(solid);
        let (mut at, mut total) = (start, 0);
        let mut next = start
            .checked_sub(1)
            .map_or(0, |before| self.index.ended_by(before));
        // Count until the part and the text have a boundary in common.
        while at < end && at > 0 && next < last && self.index.byte_end(next) != at {
            at = self.count_one(pattern, text, at, &mut total);
            while next < last && self.index.byte_end(next) < at {
                next += 1;
            }
        }
        if next < last && (at == 0 || self.index.byte_end(next) == at) {
            let before = if at == 0 { 0 } else { self.index.sums[next] };
            total += (self.index.sums[last - 1] - before) as usize;
            at = self.index.byte_end(last - 1);
        }
        while at < end {
            at = self.count_one(pattern, text, at, &mut total);
        }
        total
    }

    /// Counts the pretoken at `at`, and returns its end.
    fn count_one(&self, pattern: &Pattern, text: &[u8], at: usize, total: &mut usize) -> usize {
        let end = next_end(pattern, text, at);
        *total += self.tokenizer.count_pretoken(text, at, end);
        end
    }
}

/// How much of a boundary there is at `at`, where a pretoken ends.
#[inline(always)]
fn strength_at(text: &[u8], at: usize) -> u8 {
    let last = KINDS[usize::from(text[at - 1])];
    let next = KINDS[usize::from(text.get(at).copied().unwrap_or(b' '))];
    if last > kind::BLANK {
        return strength_behind(text, at, last, next);
    }
    // Most are decided without a branch.
    u8::from(last == kind::BLANK) | u8::from(next == kind::BLANK) | u8::from(next == kind::NEWLINE)
}

#[inline(never)]
fn strength_behind(text: &[u8], at: usize, last: u8, next: u8) -> u8 {
    let before_space = next == kind::BLANK || next == kind::NEWLINE;
    match last {
        kind::NEWLINE => line_strength(text, at),
        kind::STOP if before_space => strength::SENTENCE,
        kind::WIDE_STOP if is_wide_stop(&text[..at]) => strength::SENTENCE,
        _ => u8::from(before_space) * strength::WORD,
    }
}

/// What a byte says of the boundary that it is next to.
mod kind {
    pub const OTHER: u8 = 0;
    pub const BLANK: u8 = 1;
    pub const NEWLINE: u8 = 2;
    pub const STOP: u8 = 3;
    /// The last byte of `。`, `！` or `？`, and of others.
    pub const WIDE_STOP: u8 = 4;
}

const KINDS: [u8; 256] = {
    let mut kinds = [kind::OTHER; 256];
    kinds[b' ' as usize] = kind::BLANK;
    kinds[b'\t' as usize] = kind::BLANK;
    kinds[b'\r' as usize] = kind::NEWLINE;
    kinds[b'\n' as usize] = kind::NEWLINE;
    kinds[b'.' as usize] = kind::STOP;
    kinds[b'!' as usize] = kind::STOP;
    kinds[b'?' as usize] = kind::STOP;
    kinds[0x81] = kind::WIDE_STOP;
    kinds[0x82] = kind::WIDE_STOP;
    kinds[0x9f] = kind::WIDE_STOP;
    kinds
};

fn is_wide_stop(before: &[u8]) -> bool {
    ["。", "！", "？"]
        .iter()
        .any(|stop| before.ends_with(stop.as_bytes()))
}

fn line_strength(text: &[u8], at: usize) -> u8 {
    if is_heading(&text[at..]) {
        strength::HEADING
    } else if ends_in_empty_line(&text[..at]) {
        strength::PARAGRAPH
    } else {
        strength::LINE
    }
}

/// Whether a Markdown heading (`# ` to `###### `) starts here.
fn is_heading(text: &[u8]) -> bool {
    let level = text
        .iter()
        .take(7)
        .take_while(|&&byte| byte == b'#')
        .count();
    (1..=6).contains(&level) && matches!(text.get(level), Some(b' ' | b'\t'))
}

/// Whether the white space at the end has more than one line break.
fn ends_in_empty_line(text: &[u8]) -> bool {
    let blank_from_end = text
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_whitespace());
    blank_from_end
        .filter(|&&byte| byte == b'\n')
        .nth(1)
        .is_some()
}
