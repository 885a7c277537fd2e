//! Byte-level BPE: a vocabulary and a split put together.

use crate::bpe::merge;
use crate::bpe::vocabulary::{NO_RANK, Vocabulary};
use crate::count::counts::spans;
use crate::count::ids::encode;
use crate::split::level::Level;
use crate::split::pattern::Pattern;
use crate::split::pretokens::{MIN_BATCH, Pretokens};
use crate::split::steps::Steps;
use crate::text::nfc;
use fancy_regex::Regex;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// How many pretokens of a short text are found at once.
const SMALL_BATCH: usize = MIN_BATCH + 8;

pub enum Split {
    /// By a family that has a scanner.
    Pattern(Pattern),
    /// By any regular expression. What it does not match has no tokens, as in tiktoken.
    Regex(Box<Regex>),
    /// By the steps of a tokenizer.json.
    Steps(Steps),
}

impl Split {
    /// A family's name, or the source of a regular expression.
    pub fn new(pattern: &str) -> Result<Self, SplitError> {
        match Pattern::named(pattern) {
            Some(pattern) => Ok(Split::Pattern(pattern)),
            None => Ok(Split::Regex(Box::new(Regex::new(pattern)?))),
        }
    }
}

/// Why a text was not split.
#[derive(Debug)]
pub enum SplitError {
    /// What is wrong with a regular expression, or that it backtracked too much.
    Regex(Box<fancy_regex::Error>),
    /// The steps of a tokenizer.json took too long.
    Time,
}

impl From<fancy_regex::Error> for SplitError {
    fn from(error: fancy_regex::Error) -> Self {
        SplitError::Regex(Box::new(error))
    }
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SplitError::Regex(error) => error.fmt(f),
            SplitError::Time => f.write_str("it reads the rest of the text again and again"),
        }
    }
}

impl Error for SplitError {}

pub struct ByteLevel {
    pub vocabulary: Vocabulary,
    pub(crate) split: Split,
    nfc: bool,
    pub(crate) level: Level,
}

impl ByteLevel {
    /// Runs as fast as this processor can; with `nfc` a text is normalised first.
    pub fn new(vocabulary: Vocabulary, split: Split, nfc: bool) -> Self {
        ByteLevel {
            vocabulary,
            split,
            nfc,
            level: Level::best(),
        }
    }

    /// The scanner's pattern, if there is one.
    ///
    /// Then a text may be split where [`crate::split::safe_split`] says so, and the pretokens after an
    /// offset where one ends do not depend on what is before it.
    pub fn pattern(&self) -> Option<&Pattern> {
        match &self.split {
            Split::Pattern(pattern) => Some(pattern),
            Split::Regex(_) | Split::Steps(_) => None,
        }
    }

    /// The text that is split: the text itself, or its normal form.
    pub fn normalize<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.nfc {
            nfc::normalize(text)
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Whether the text that is split is the text itself, and the same holds for any part of it.
    pub fn is_inert(&self, text: &str) -> bool {
        !self.nfc || nfc::is_inert(text)
    }

    /// Whether any text of this many characters or bytes is above a limit: no token is longer than
    /// the longest. (A text's normal form may be shorter than the text.)
    pub fn is_above(&self, length: usize, limit: usize) -> bool {
        !self.nfc && length > limit.saturating_mul(self.vocabulary.longest)
    }

    /// The number of tokens of a text, remembering nothing.
    pub fn count(&self, text: &str) -> Result<usize, SplitError> {
        let text = &*self.normalize(text);
        let mut total = 0;
        self.each_batch(text, &mut [0; SMALL_BATCH], |start, ends| {
            for (start, end) in spans(start, ends) {
                total += self.count_pretoken(text.as_bytes(), start, end);
            }
            true
        })?;
        Ok(total)
    }

    /// Appends the ids of a text, remembering nothing.
    pub fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), SplitError> {
        let text = &*self.normalize(text);
        let bytes = text.as_bytes();
        self.each_batch(text, &mut [0; SMALL_BATCH], |start, ends| {
            for (start, end) in spans(start, ends) {
                match self.vocabulary.rank(bytes, start, end) {
                    NO_RANK => encode::merge(&self.vocabulary, bytes, start, end, ids),
                    rank => ids.push(self.vocabulary.id(rank)),
                }
            }
            true
        })
    }

    /// The ids of bytes that are neither normalised nor split, whatever they are.
    pub fn encode_bytes(&self, bytes: &[u8]) -> Vec<u32> {
        let (mut ids, mut start) = (Vec::new(), 0);
        let mut push = |end| {
            let rank = self.vocabulary.rank(bytes, start, end);
            ids.push(self.vocabulary.id(rank));
            start = end;
        };
        match bytes.len() {
            0 => {}
            n if self.vocabulary.rank(bytes, 0, n) != NO_RANK => push(n),
            _ => merge::each_end_of_bytes(&self.vocabulary, bytes, push),
        }
        ids
    }

    /// The number of tokens of the pretoken `text[start..end]`.
    #[inline]
    pub fn count_pretoken(&self, text: &[u8], start: usize, end: usize) -> usize {
        match self.vocabulary.rank(text, start, end) {
            NO_RANK => merge::count(&self.vocabulary, text, start, end),
            _ => 1,
        }
    }

    /// Calls `see` with the start of a pretoken and the ends of it and those that follow, for the
    /// whole of a normal text or until it returns false.
    #[inline(always)]
    pub(crate) fn each_batch(
        &self,
        text: &str,
        batch: &mut [usize],
        mut visit: impl FnMut(usize, &[usize]) -> bool,
    ) -> Result<(), SplitError> {
        match &self.split {
            Split::Pattern(pattern) => {
                let mut pretokens = Pretokens::new(pattern, text.as_bytes(), self.level);
                let mut start = 0;
                while start < text.len() {
                    let n = pretokens.fill(batch);
                    let Some(&end) = batch[..n].last() else { break };
                    if !visit(start, &batch[..n]) {
                        break;
                    }
                    start = end;
                }
            }
            Split::Regex(regex) => {
                for found in regex.find_iter(text) {
                    let found = found?;
                    if !found.as_str().is_empty() && !visit(found.start(), &[found.end()]) {
                        break;
                    }
                }
            }
            Split::Steps(steps) => {
                let (mut start, mut n) = (0, 0_usize);
                let mut goes_on = true;
                let is_split = steps.each_piece(text, &mut |from, end| {
                    // A batch has no gaps.
                    let last = n.checked_sub(1).map(|last| batch[last]);
                    if n == batch.len() || last.is_some_and(|last| last < from) {
                        goes_on = visit(start, &batch[..n]);
                        n = 0;
                    }
                    if n == 0 {
                        start = from;
                    }
                    batch[n] = end;
                    n += 1;
                    goes_on
                });
                if !is_split {
                    return Err(SplitError::Time);
                }
                if goes_on && n > 0 {
                    visit(start, &batch[..n]);
                }
            }
        }
        Ok(())
    }
}
