//! A look-ahead window of a document, cut in one pass into spans with their overlap and header, none
//! of which is above the limit.
//!
//! In Python: `ctxtools/chunking/cutting/` (`window.py`, `assemble.py`, `repair.py`).

use crate::chunk::cutting::cut::{Options, Spans};
use crate::chunk::cutting::cut_points::Request;
use crate::chunk::cutting::optimal_cuts::Weights;
use crate::chunk::cutting::overlap::Overlaps;
use crate::chunk::headers::Headers;
use crate::chunk::rules::{RuleMaker, Rules};
use crate::chunk::settings::Settings;
use crate::chunk::structure::{Header, Structure};
use crate::count::byte_level::SplitError;
use crate::count::tokenizer::Tokenizer;
use crate::index::token_index::Indexed;
use crate::text::boundaries::strength;

/// A chunk to be. Offsets are in bytes of its look-ahead window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// Where its slice of the text starts, overlap included.
    pub start: u32,
    /// Where it starts after the overlap.
    pub body_start: u32,
    pub end: u32,
    /// Of the cut at its end.
    pub strength: u8,
    /// Of header and slice.
    pub tokens: i64,
    pub header: Header,
    /// It is one character above the limit.
    pub oversize: bool,
    /// It has less overlap than was asked for.
    pub shortened: bool,
    /// Its header, or a part of it, was left out.
    pub dropped: bool,
}

pub enum Error {
    /// No cuts leave at most so many tokens in each span.
    NoCuts(i64),
    /// A span has no boundary to cut at.
    NoBoundary,
    Split(SplitError),
}

impl From<SplitError> for Error {
    fn from(error: SplitError) -> Self {
        Error::Split(error)
    }
}

/// A look-ahead window.
pub struct Window<'a> {
    index: Indexed<'a>,
    tokenizer: &'a Tokenizer,
    settings: &'a Settings,
    headers: Headers<'a>,
    /// Where it starts in the document, in characters.
    offset: u32,
}

impl<'a> Window<'a> {
    pub fn new(
        index: Indexed<'a>,
        tokenizer: &'a Tokenizer,
        structure: &'a Structure,
        settings: &'a Settings,
        offset: u32,
    ) -> Self {
        Window {
            index,
            tokenizer,
            settings,
            headers: Headers::new(structure, tokenizer),
            offset,
        }
    }

    /// The text of a header.
    pub fn header_text(&self, header: Header) -> String {
        self.headers.text(header)
    }

    /// The consecutive spans of each size from an offset on, none of which reaches across a break. A cut
    /// at one of the offsets of `extra` costs more.
    pub fn spans(
        &self,
        body_start: u32,
        breaks: &[u32],
        extra: &[(u32, f64)],
    ) -> Result<Vec<Vec<Span>>, Error> {
        let rules = RuleMaker::new(
            self.index,
            &self.headers,
            self.settings,
            self.offset,
            !breaks.is_empty(),
        );
        let mut parents = self.between_breaks(body_start, breaks);
        let mut levels = Vec::new();
        for &limit in &self.settings.sizes {
            let rules = Rules {
                extra: extra.to_vec(),
                ..rules.rules(limit)?
            };
            let cut = self.cut(&parents, body_start, &rules, limit)?;
            let level = Level {
                window: self,
                overlaps: Overlaps::new(self.index, rules.overlap_rules()),
                atomic: &rules.atomic,
                limit,
            };
            let spans = level.assembled(&cut)?;
            parents = level.repaired(spans, &parents)?;
            levels.push(parents.clone());
        }
        Ok(levels)
    }

    /// What is to be cut: all of the text, or that between each two breaks.
    fn between_breaks(&self, body_start: u32, breaks: &[u32]) -> Vec<Span> {
        let allowed = |at: &&u32| !self.index.is_inside_cluster(**at as usize);
        let breaks: Vec<u32> = breaks.iter().filter(allowed).copied().collect();
        let number = breaks.partition_point(|&at| at <= body_start);
        // Nor does the overlap of the first chunk reach across a break.
        let mut start = number.checked_sub(1).map_or(0, |last| breaks[last]);
        let mut spans = Vec::new();
        let length = self.index.text.len() as u32;
        for end in breaks[number..].iter().copied().chain([length]) {
            spans.push(Span {
                start,
                body_start: start.max(body_start),
                end,
                strength: strength::SECTION,
                ..Span::default()
            });
            start = end;
        }
        spans
    }

    /// The spans of one size, inside those of the next larger one.
    fn cut(
        &self,
        parents: &[Span],
        body_start: u32,
        rules: &Rules,
        limit: i64,
    ) -> Result<Spans, Error> {
        let settings = self.settings;
        let reserved = match settings.has_headers {
            true => limit / 2,
            false => 0,
        };
        let parents: Vec<(u32, u32)> = parents.iter().map(|span| (span.start, span.end)).collect();
        let forced: Vec<u32> = parents.iter().map(|&(_, end)| end).collect();
        let request = Request {
            start: body_start as usize,
            limit,
            capacity: limit - settings.overlap - reserved,
            boundaries: &rules.boundaries,
            costs: &rules.costs(&settings.penalties),
            forced: &forced[..forced.len().saturating_sub(1)],
        };
        let options = Options {
            parents: &parents,
            overheads: &rules.overheads,
            overlap: settings.overlap as usize,
            overlap_rules: rules.overlap_rules(),
            weights: Weights {
                limit,
                min_size: settings.min_size,
                below_min: settings.below_min,
                evenness: settings.evenness,
                smallness: settings.smallness,
                per_span: settings.per_span,
                target: settings.target,
            },
            greedy: settings.greedy,
        };
        let cut = self.index.cut(&request, &options);
        cut.ok_or(Error::NoCuts(limit))
    }

    /// An offset in characters of the document.
    fn character(&self, byte: u32) -> u32 {
        self.offset + self.index.character(byte as usize) as u32
    }

    fn count(&self, start: u32, end: u32) -> i64 {
        self.index.count(start as usize, end as usize) as i64
    }
}

/// The spans of one size.
struct Level<'a, 'w> {
    window: &'w Window<'a>,
    overlaps: Overlaps<'w>,
    /// What is cut only if nothing else can be.
    atomic: &'w [(u32, u32)],
    limit: i64,
}

impl Level<'_, '_> {
    /// The spans that the index cut, with overlap and header.
    fn assembled(&self, cut: &Spans) -> Result<Vec<Span>, SplitError> {
        let is_plain =
            self.window.settings.overlap == 0 && self.window.headers.structure.is_empty();
        let mut spans = Vec::with_capacity(cut.starts.len());
        for n in 0..cut.starts.len() {
            let span = Span {
                start: cut.starts[n],
                body_start: cut.body_starts[n],
                end: cut.ends[n],
                strength: cut.strengths[n],
                tokens: cut.tokens[n] as i64,
                oversize: cut.oversize[n],
                shortened: cut.shortened[n],
                ..Span::default()
            };
            spans.push(match is_plain {
                true => span,
                false => self.with_extras(span, cut.spare[n])?,
            });
        }
        Ok(spans)
    }

    /// The span with its header, and as much overlap as remains for it, counted.
    fn with_extras(&self, mut span: Span, spare: i64) -> Result<Span, SplitError> {
        let window = self.window;
        let (start, wanted) = (span.start, window.settings.overlap);
        let headers = &window.headers;
        let [at, body_at] =
            [start, span.body_start].map(|byte| match headers.structure.is_empty() {
                true => 0,
                false => window.character(byte),
            });
        (span.header, span.dropped) = headers.header(at, body_at, self.limit, spare)?;
        let remaining = (spare - headers.tokens(span.header)?).max(0);
        if remaining < wanted && start < span.body_start {
            span.start = start.max(self.overlap_start(span.body_start, remaining));
        }
        let has_overlap = wanted > 0 && (window.offset > 0 || span.body_start > 0);
        let is_short = span.shortened || span.start > start || span.start == span.body_start;
        span.shortened = has_overlap && is_short;
        self.counted(span, span.start != start)
    }

    /// The span with its tokens, if it has a header or they are not known yet.
    fn counted(&self, mut span: Span, is_new: bool) -> Result<Span, SplitError> {
        let window = self.window;
        if span.header != (0, 0) {
            let mut text = window.headers.text(span.header);
            text.push_str(&window.index.text[span.start as usize..span.end as usize]);
            span.tokens = window.tokenizer.count(&text)? as i64;
        } else if is_new {
            span.tokens = window.count(span.start, span.end);
        }
        Ok(span)
    }

    /// The start of an overlap of at most so many tokens that ends at an offset.
    fn overlap_start(&self, end: u32, overlap: i64) -> u32 {
        let overlap = usize::try_from(overlap).unwrap_or(0);
        self.overlaps.start(end as usize, overlap, 0) as u32
    }

    /// The spans, each of at most the limit or one character.
    fn repaired(&self, spans: Vec<Span>, parents: &[Span]) -> Result<Vec<Span>, Error> {
        if spans.iter().all(|span| span.tokens <= self.limit) {
            return Ok(spans);
        }
        let (mut done, mut waiting) = (Vec::with_capacity(spans.len()), spans);
        waiting.reverse();
        while let Some(span) = waiting.pop() {
            if span.tokens <= self.limit || span.oversize {
                done.push(span);
                continue;
            }
            let number = parents.partition_point(|parent| parent.end <= span.body_start);
            let earliest = parents.get(number).map_or(0, |parent| parent.start);
            waiting.extend(self.repair(span, earliest)?.into_iter().rev());
        }
        Ok(done)
    }

    /// A span above the limit with less overlap, in two or more, or without its header.
    fn repair(&self, span: Span, earliest: u32) -> Result<Vec<Span>, Error> {
        let excess = span.tokens - self.limit;
        let middle = self.middle(span);
        if span.start < span.body_start {
            let overlap = self.window.count(span.start, span.body_start);
            // Little is taken from the overlap; for more, the chunk itself is cut.
            if excess <= (overlap / 8).max(2) || middle.is_none() {
                let found = self.overlap_start(span.body_start, (overlap - excess).max(0));
                let start = match found > span.start {
                    true => found,
                    false => span.body_start,
                };
                let span = Span {
                    start,
                    shortened: true,
                    ..span
                };
                return Ok(vec![self.counted(span, true)?]);
            }
        }
        if let Some(middle) = middle {
            return self.split(middle, span, earliest);
        }
        if span.header != (0, 0) {
            let span = Span {
                header: (0, 0),
                dropped: true,
                ..span
            };
            return Ok(vec![self.counted(span, true)?]);
        }
        let text = &self.window.index.text[span.body_start as usize..span.end as usize];
        if text.chars().nth(1).is_none() {
            return Ok(vec![Span {
                oversize: true,
                ..span
            }]);
        }
        Err(Error::NoBoundary)
    }

    /// The strongest boundary near the middle of a span, and its strength. In an atomic span only if
    /// there is none outside, and no start or end of such a span.
    fn middle(&self, span: Span) -> Option<(u32, u8)> {
        let index = &self.window.index;
        let twice = |byte: u32| 2 * index.character(byte as usize) as i64;
        let middle = (twice(span.body_start) + twice(span.end)) / 2;
        let far = |&(at, _): &(u32, u8)| (twice(at) - middle).abs();
        let mut inside = None;
        for min in (strength::NONE..=strength::SECTION).rev() {
            let (body_start, end) = (span.body_start as usize, span.end as usize);
            let (offsets, strengths) = index.boundaries(min, body_start, end);
            let found: Vec<_> = offsets.into_iter().zip(strengths).collect();
            let outside = found.iter().filter(|&&(at, _)| !self.is_in_atomic(at));
            let nearest = outside.copied().min_by_key(far);
            if nearest.is_some() {
                return nearest;
            }
            inside = inside.or_else(|| found.into_iter().min_by_key(far));
        }
        self.atomic_ends(span).min_by_key(far).or(inside)
    }

    fn is_in_atomic(&self, at: u32) -> bool {
        let before = self.atomic.partition_point(|&(start, _)| start < at);
        before > 0 && at < self.atomic[before - 1].1
    }

    /// The starts and ends of atomic spans in a span, as cuts without strength.
    fn atomic_ends(&self, span: Span) -> impl Iterator<Item = (u32, u8)> {
        let first = self
            .atomic
            .partition_point(|&(_, end)| end <= span.body_start);
        let last = self.atomic.partition_point(|&(start, _)| start < span.end);
        let spans = self.atomic.get(first..last).unwrap_or_default().iter();
        let ends = spans.flat_map(|&(start, end)| [start, end]);
        let is_inside = move |&at: &u32| span.body_start < at && at < span.end;
        ends.filter(is_inside)
            .filter(|&at| !self.window.index.is_inside_cluster(at as usize))
            .map(|at| (at, strength::NONE))
    }

    /// A span in two, with overlap and header each.
    fn split(
        &self,
        (middle, strength): (u32, u8),
        span: Span,
        earliest: u32,
    ) -> Result<Vec<Span>, Error> {
        let overlap = self.window.settings.overlap;
        let first = Span {
            start: span.start,
            body_start: span.body_start,
            end: middle,
            strength,
            ..Span::default()
        };
        let second = Span {
            start: self.overlap_start(middle, overlap),
            body_start: middle,
            end: span.end,
            strength: span.strength,
            ..Span::default()
        };
        Ok(vec![
            self.made(first, earliest)?,
            self.made(second, earliest)?,
        ])
    }

    /// One more span, whose overlap is to start at its start, but not before its parent.
    fn made(&self, mut span: Span, earliest: u32) -> Result<Span, SplitError> {
        let window = self.window;
        if span.start < earliest {
            span.start = earliest;
            if window.count(earliest, span.body_start) > window.settings.overlap {
                // Less text may have more tokens.
                span.start = span.body_start;
            }
            span.shortened = true;
        }
        span.tokens = window.count(span.start, span.end);
        let spare = self.limit - window.count(span.body_start, span.end);
        self.with_extras(span, spare)
    }
}

/// The number of the span at whose start the next look-ahead window may start, so that the span it
/// continues with has as much text before it as its overlap needs.
pub fn start_before(index: &Indexed<'_>, spans: &[Span], number: usize, overlap: i64) -> usize {
    let Some(next) = spans.get(number) else {
        return number;
    };
    let reached = |span: &Span| index.count(span.start as usize, next.body_start as usize) as i64;
    let mut number = number;
    while number > 0 && reached(&spans[number]) < overlap {
        number -= 1;
    }
    number
}
