//! A text that is edited, and the tokens of any span of it.
//!
//! The text is a [`Rope`]: at first one leaf, the text and map of the index that was edited first, so
//! that the first edit costs no more than others. An edit splits again from the last pretoken that it
//! cannot change ([`resplit`](crate::index::resplit)) to where a pretoken ends that ended there before: from there on
//! all are as they were. That span, with a little of what is around it, becomes new leaves. So an
//! edit takes time for what it changes, for a leaf or two, and for a logarithm of the text: some
//! microseconds. It takes longer where it changes many pretokens (a digit in a long number) or a very
//! long one.
//!
//! Memory: once half of the first text was replaced, each edit also makes a leaf of what is still used
//! of it, and as soon as nothing is, it is freed. So there are never more than both, and no edit pays
//! for all.
//!
//! What was tried: a list of pieces, as in the piece tables of editors, grows with each edit and has to
//! be compacted; leaves of a minimum size need neither.

use crate::count::tokenizer::Tokenizer;
use crate::index::leaf::{Block, Draft, Leaf, MAX_LEAF, MIN_LEAF};
use crate::index::resplit::{LOOK_AHEAD, Source, ceil_char_boundary, each_pretoken};
use crate::index::rope::Rope;
use crate::index::text_map::{Error, TextMap};
use crate::index::token_index::solid_end;
use crate::index::token_map::Ends;
use std::borrow::Cow;
use std::ops::Range;

/// What a window has, in bytes, beyond what is sure to be needed.
const AHEAD: usize = 128;

/// What an edit changed, in characters: the span from `start` on had, and has, so many tokens.
///
/// All pretokens before and after the span are as they were.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edit {
    pub start: usize,
    /// Where the span ended before the edit.
    pub old_end: usize,
    /// Where it ends now.
    pub new_end: usize,
    pub old_tokens: usize,
    pub new_tokens: usize,
}

/// An edited text and its tokenizer. All offsets are in bytes.
#[derive(Clone, Copy)]
pub struct Edited<'a> {
    pub rope: &'a Rope,
    pub tokenizer: &'a Tokenizer,
}

impl Rope {
    /// A text that was indexed, by [`Block::Whole`].
    pub fn of(block: Block) -> Self {
        if block.text().is_empty() {
            return Rope::default();
        }
        Rope::new(&[Leaf::new(block)])
    }

    pub fn text(&self, span: Range<usize>) -> String {
        let mut text = String::with_capacity(span.len());
        self.each(span.start, span.end, |base, leaf| {
            let end = leaf.bytes().min(span.end - base);
            text.push_str(&leaf.text()[span.start.saturating_sub(base)..end]);
        });
        text
    }

    pub fn character(&self, byte: usize) -> usize {
        match self.at_byte(byte) {
            Some((before, leaf)) => before.characters + leaf.character(byte - before.bytes),
            None => 0,
        }
    }

    pub fn byte(&self, character: usize) -> usize {
        match self.find(character, |sums| sums.characters) {
            Some((before, leaf)) => before.bytes + leaf.byte(character - before.characters),
            None => 0,
        }
    }

    /// The offset, or the last one before it between two characters.
    fn floor_char_boundary(&self, at: usize) -> usize {
        match self.at_byte(at) {
            Some((before, leaf)) => {
                let inside = (0..=at - before.bytes).rev();
                let mut inside = inside.filter(|&at| leaf.text().is_char_boundary(at));
                before.bytes + inside.next().unwrap_or(0)
            }
            None => 0,
        }
    }

    /// The leaf that ends at an offset above 0 or has the byte before it, and where it starts.
    fn ending(&self, at: usize) -> Option<(usize, &Leaf)> {
        let (before, leaf) = self.at_byte(at.checked_sub(1)?)?;
        Some((before.bytes, leaf))
    }

    /// The last end of a pretoken that no edit from an offset on changes, nor what is before it.
    fn settled_end(&self, at: usize) -> usize {
        let mut end = self.end_before(at);
        for _ in 0..LOOK_AHEAD {
            end = self.end_before(end.saturating_sub(1));
        }
        end
    }

    /// Adds a span between two ends of pretokens to a draft.
    fn copy(&self, span: Range<usize>, draft: &mut Draft) {
        self.each(span.start, span.end, |base, leaf| {
            let start = span.start.saturating_sub(base);
            draft.copy(leaf, start..leaf.bytes().min(span.end - base));
        });
    }

    /// Replaces a span between two ends of pretokens.
    fn replace_leaves(&self, span: Range<usize>, leaves: &[Leaf]) -> Rope {
        let (left, right) = (self.split(span.start).0, self.split(span.end).1);
        left.join(Rope::new(leaves)).join(right)
    }

    /// Where new leaves start that replace the text from an end of a pretoken on: at the start of a
    /// leaf, or inside a large one of a text that was indexed as a whole.
    fn widen_left(&self, at: usize) -> usize {
        match self.ending(at) {
            Some((base, leaf)) if at - base < leaf.bytes() => base + left_of(leaf, at - base),
            _ => at,
        }
    }

    /// Where new leaves end that replace the text up to an end of a pretoken.
    fn widen_right(&self, at: usize) -> usize {
        match self.at_byte(at) {
            Some((before, leaf)) if before.bytes < at => {
                before.bytes + right_of(leaf, at - before.bytes)
            }
            _ => at,
        }
    }

    /// The span, with what is before or after it if it would be too small for a leaf by so much.
    fn with_neighbours(&self, mut span: Range<usize>, missing: usize) -> Range<usize> {
        let is_small = |leaf: &Leaf| leaf.is_whole() || leaf.bytes() <= MAX_LEAF;
        if missing > 0
            && let Some((base, leaf)) = self.ending(span.start)
            && is_small(leaf)
        {
            span.start = base + left_of(leaf, span.start - base);
        } else if missing > 0
            && span.end < self.bytes()
            && let Some((before, leaf)) = self.at_byte(span.end)
            && is_small(leaf)
        {
            span.end = before.bytes + right_of(leaf, span.end - before.bytes);
        }
        span
    }

    /// Makes a leaf of some of a text that was indexed as a whole and is half replaced.
    fn without_waste(self) -> Rope {
        if self.sums().whole == 0 {
            return self;
        }
        let Some((before, leaf)) = self.find(0, |sums| sums.whole) else {
            return self;
        };
        if self.sums().whole * 2 > leaf.block().text().len() {
            return self;
        }
        let span = before.bytes..before.bytes + right_of(leaf, 0);
        let mut draft = Draft::default();
        self.copy(span.clone(), &mut draft);
        self.replace_leaves(span, &draft.leaves())
    }
}

/// Up to where the end of a leaf is made anew, from an end of a pretoken in it leftwards.
fn left_of(leaf: &Leaf, at: usize) -> usize {
    match at.checked_sub(MIN_LEAF) {
        Some(goal) if leaf.is_whole() && goal >= MIN_LEAF => leaf.end_after(goal),
        _ => 0,
    }
}

/// The same rightwards.
fn right_of(leaf: &Leaf, at: usize) -> usize {
    let goal = at + MIN_LEAF;
    if leaf.is_whole() && goal + MIN_LEAF <= leaf.bytes() {
        // Not even one pretoken may end up to there.
        match leaf.end_before(goal) {
            end if end > at => end,
            _ => leaf.end_after(at),
        }
    } else {
        leaf.bytes()
    }
}

impl Ends for Rope {
    fn is_end(&self, offset: usize) -> bool {
        self.ending(offset)
            .is_none_or(|(base, leaf)| leaf.is_end(offset - base))
    }

    fn sum(&self, end: usize) -> usize {
        match self.at_byte(end) {
            Some((before, leaf)) => before.tokens + leaf.sum(end - before.bytes),
            None => 0,
        }
    }

    fn end_before(&self, offset: usize) -> usize {
        self.ending(offset)
            .map_or(0, |(base, leaf)| base + leaf.end_before(offset - base))
    }

    fn end_after(&self, offset: usize) -> Option<usize> {
        if offset >= self.bytes() {
            return None;
        }
        let (before, leaf) = self.at_byte(offset)?;
        Some(before.bytes + leaf.end_after(offset - before.bytes))
    }

    fn last_within(&self, max: usize) -> usize {
        match self.find(max, |sums| sums.tokens) {
            Some((before, leaf)) => before.bytes + leaf.last_within(max - before.tokens),
            None => 0,
        }
    }
}

impl Source for Rope {
    fn bytes(&self) -> usize {
        Rope::bytes(self)
    }

    fn window(&self, start: usize, bytes: usize) -> Cow<'_, str> {
        let Some((before, leaf)) = self.at_byte(start) else {
            return Cow::Borrowed("");
        };
        let text = &leaf.text()[start - before.bytes..];
        if bytes <= text.len() {
            return Cow::Borrowed(&text[..ceil_char_boundary(text, bytes)]);
        }
        let mut window = String::from(text);
        self.each(
            start + text.len(),
            start.saturating_add(bytes),
            |_, leaf| {
                let text = leaf.text();
                let missing = bytes - window.len();
                window.push_str(&text[..ceil_char_boundary(text, missing)]);
            },
        );
        Cow::Owned(window)
    }
}

/// A text up to an offset.
struct Prefix<'a> {
    rope: &'a Rope,
    end: usize,
}

impl Source for Prefix<'_> {
    fn bytes(&self) -> usize {
        self.end
    }

    fn window(&self, start: usize, bytes: usize) -> Cow<'_, str> {
        self.rope.window(start, bytes.min(self.end - start))
    }
}

/// A text in which a span is replaced.
struct Spliced<'a> {
    rope: &'a Rope,
    span: Range<usize>,
    text: &'a str,
}

impl Spliced<'_> {
    /// Where the new text ends.
    fn end(&self) -> usize {
        self.span.start + self.text.len()
    }

    /// Where what is at an offset from the end of the new text on was before.
    fn before(&self, at: usize) -> usize {
        at - self.end() + self.span.end
    }
}

impl Source for Spliced<'_> {
    fn bytes(&self) -> usize {
        self.end() + self.rope.bytes() - self.span.end
    }

    fn window(&self, start: usize, bytes: usize) -> Cow<'_, str> {
        let end = start.saturating_add(bytes).min(self.bytes());
        if end <= self.span.start {
            return self.rope.window(start, end - start);
        }
        if start >= self.end() {
            return self.rope.window(self.before(start), end - start);
        }
        let mut window = String::with_capacity(end - start);
        if start < self.span.start {
            window += &self.rope.text(start..self.span.start);
        }
        let new = &self.text[start.saturating_sub(self.span.start)..];
        window += &new[..ceil_char_boundary(new, end - start - window.len())];
        if end > self.end() {
            window += &self.rope.window(self.span.end, end - self.end());
        }
        Cow::Owned(window)
    }
}

impl Edited<'_> {
    /// The number of tokens of a span, as if it were counted on its own.
    pub fn count(&self, start: usize, end: usize) -> Result<usize, Error> {
        let Edited { rope, tokenizer } = *self;
        let span = Prefix { rope, end };
        let (mut at, mut total) = (start, 0);
        // Count until the span and the text have a boundary in common.
        if at < end && !rope.is_end(at) {
            each_pretoken(tokenizer, &span, at, AHEAD.min(end - at), |end, tokens| {
                at = end;
                total += tokens as usize;
                !rope.is_end(at)
            })
            .map_err(Error::Split)?;
        }
        let mut last = rope.settled_end(end).max(at);
        if last < end
            && let Some(pattern) = tokenizer.pattern()
        {
            let window = span.window(last, end - last);
            let solid = last + solid_end(pattern, window.as_bytes());
            last = last.max(rope.end_before(solid));
        }
        if last > at {
            total += rope.sum(last) - rope.sum(at);
            at = last;
        }
        if at < end {
            each_pretoken(tokenizer, &span, at, end - at, |_, tokens| {
                total += tokens as usize;
                true
            })
            .map_err(Error::Split)?;
        }
        Ok(total)
    }

    /// The last end of a pretoken to which the text from `start` has at most `limit` tokens, or
    /// `start`.
    pub fn end(&self, start: usize, limit: usize) -> Result<usize, Error> {
        let fits = |end: usize| Ok(self.count(start, end)? <= limit);
        self.rope.end_within(start, limit, fits)
    }

    /// The text with a span replaced.
    pub fn replace(&self, span: Range<usize>, text: &str) -> Result<(Rope, Edit), Error> {
        let Edited { rope, tokenizer } = *self;
        if u32::try_from(rope.bytes() - span.len() + text.len()).is_err() {
            return Err(Error::TooLong);
        }
        let spliced = Spliced { rope, span, text };
        // Only byte-level BPE is split again from anywhere.
        if tokenizer.pattern().is_none() || !spliced.stays_normal(tokenizer) {
            return Err(Error::NotIndexable);
        }
        let changed = spliced.changed(tokenizer)?;
        let Changed { start, old_end, .. } = changed;
        let new_end = changed.pretokens.last().map_or(start, |&(end, _)| end);
        let new = spliced.window(start, new_end - start);
        let first = rope.character(start);
        let edit = Edit {
            start: first,
            old_end: rope.character(old_end),
            new_end: first + new.chars().count(),
            old_tokens: rope.sum(old_end) - rope.sum(start),
            new_tokens: changed.pretokens.iter().map(|&(_, n)| n as usize).sum(),
        };
        if start == old_end && new.is_empty() {
            return Ok((rope.clone(), edit));
        }
        let wide = rope.widen_left(start)..rope.widen_right(old_end);
        let bytes = (start - wide.start) + new.len() + (wide.end - old_end);
        let wide = rope.with_neighbours(wide, MIN_LEAF.saturating_sub(bytes));
        let mut draft = Draft::default();
        rope.copy(wide.start..start, &mut draft);
        let base = draft.text.len();
        draft.text.push_str(&new);
        for &(end, tokens) in &changed.pretokens {
            draft.push(base + end - start, tokens);
        }
        rope.copy(old_end..wide.end, &mut draft);
        let edited = rope.replace_leaves(wide, &draft.leaves());
        Ok((edited.without_waste(), edit))
    }

    /// The text and its map, in one piece.
    pub fn whole(&self) -> (String, TextMap) {
        let mut draft = Draft::default();
        draft.text.reserve_exact(self.rope.bytes());
        self.rope.copy(0..self.rope.bytes(), &mut draft);
        let tokens = draft.token_map();
        let map = TextMap::new(&draft.text, tokens);
        (draft.text, map)
    }
}

/// The pretokens that an edit makes.
struct Changed {
    start: usize,
    /// Where what they replace ended.
    old_end: usize,
    /// Their ends, and their numbers of tokens.
    pretokens: Vec<(usize, u32)>,
}

impl Spliced<'_> {
    fn changed(&self, tokenizer: &Tokenizer) -> Result<Changed, Error> {
        let Spliced { rope, span, text } = self;
        if span.is_empty() && text.is_empty() {
            return Ok(Changed {
                start: span.start,
                old_end: span.end,
                pretokens: Vec::new(),
            });
        }
        let mut start = rope.settled_end(span.start);
        let (mut pretokens, mut old_end) = (Vec::new(), None);
        let bytes = self.end() - start + AHEAD;
        each_pretoken(tokenizer, self, start, bytes, |end, tokens| {
            let is_kept = end <= span.start && rope.end_after(start) == Some(end);
            if is_kept && pretokens.is_empty() {
                start = end;
            } else {
                pretokens.push((end, tokens));
            }
            // From where an end is met again, all is as it was; but the first pretoken of a text may
            // be another one than in the middle.
            old_end = (end >= self.end())
                .then(|| self.before(end))
                .filter(|&before| before > 0 && rope.is_end(before));
            old_end.is_none()
        })
        .map_err(Error::Split)?;
        Ok(Changed {
            start,
            old_end: old_end.unwrap_or(rope.bytes()),
            pretokens,
        })
    }

    /// Whether the text stays in the form that is split.
    fn stays_normal(&self, tokenizer: &Tokenizer) -> bool {
        let Spliced { rope, span, text } = self;
        let inert = |c: char| tokenizer.is_inert(c.encode_utf8(&mut [0; 4]));
        let after = rope.window(span.end, 1);
        if tokenizer.is_inert(text) && after.chars().next().is_none_or(inert) {
            return true;
        }
        // A text may be normalised independently before and from an inert character on.
        let mut reach = AHEAD;
        loop {
            let first = rope.floor_char_boundary(span.start.saturating_sub(reach));
            let before = rope.text(first..span.start);
            let after = rope.window(span.end, reach);
            let start = before.char_indices().rfind(|&(_, c)| inert(c));
            let end = after.char_indices().find(|&(_, c)| inert(c));
            let is_all = span.end + after.len() >= rope.bytes();
            if (start.is_some() || first == 0) && (end.is_some() || is_all) {
                let (start, _) = start.unwrap_or_default();
                let end = end.map_or(after.len(), |(end, _)| end);
                let joint = [&before[start..], text, &after[..end]].concat();
                return *tokenizer.normalize(&joint) == *joint;
            }
            reach = reach.saturating_mul(4);
        }
    }
}
