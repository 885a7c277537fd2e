//! A text cut into spans in one pass: cut points, overheads, the choice among them, overlaps, and what
//! there is to know of each span.
//!
//! The fallback is `ctxtools/_core/fallback/chunk/cut.py`.

use crate::chunk::cutting::cut_point::{CutPoints, run};
use crate::chunk::cutting::cut_points::Request;
use crate::chunk::cutting::greedy_cuts::greedy_cuts;
use crate::chunk::cutting::optimal_cuts::{Choices, Weights, optimal_cuts};
use crate::chunk::cutting::overlap::{Overlaps, Rules};
use crate::index::token_index::Indexed;

/// How to choose among the cut points.
pub struct Options<'a> {
    /// The consecutive spans to cut: where each starts, overlap included, and where it ends.
    pub parents: &'a [(u32, u32)],
    /// Where the overhead of a span that starts there or later changes, and its tokens from there on.
    pub overheads: &'a [(u32, i64)],
    /// Tokens of the text before that each span starts with, at most.
    pub overlap: usize,
    pub overlap_rules: Rules<'a>,
    pub weights: Weights,
    /// Whether cuts are chosen one after the other.
    pub greedy: bool,
}

/// The spans, a column for each fact. Offsets are in bytes.
#[derive(Default)]
pub struct Spans {
    /// Where each starts, overlap included.
    pub starts: Vec<u32>,
    /// Where it starts without the overlap.
    pub body_starts: Vec<u32>,
    pub ends: Vec<u32>,
    /// How good the cut at its end is.
    pub strengths: Vec<u8>,
    /// Its tokens, overlap included.
    pub tokens: Vec<u64>,
    /// The tokens that its body leaves of the limit, by the token sums.
    pub spare: Vec<i64>,
    /// Whether it is one character above the limit.
    pub oversize: Vec<bool>,
    /// Whether the start of its parent shortened its overlap.
    pub shortened: Vec<bool>,
}

impl Indexed<'_> {
    /// Cuts the parents of `options` at cut points; None if no cuts keep the limit.
    ///
    /// The request's forced offsets are the ends of all parents but the last.
    pub fn cut(&self, request: &Request<'_>, options: &Options<'_>) -> Option<Spans> {
        let points = self.cut_points(request);
        let limit = options.weights.limit;
        let sums_from = with_overheads(&points, options.overheads, limit);
        let overheads = points.sums_from.iter().zip(&sums_from);
        // What a span may have beside its overhead is what its size is compared with.
        let shares: Vec<f64> = overheads
            .map(|(sum, with)| 1.0 / limit.saturating_sub(sum.saturating_sub(*with)).max(1) as f64)
            .collect();
        let overlaps = Overlaps::new(*self, options.overlap_rules);
        let mut spans = Spans::default();
        let mut first = 0;
        for &parent in options.parents {
            let rest = &points.offsets[first..];
            let n = rest.partition_point(|&offset| offset < parent.1);
            let last = (first + n).min(points.offsets.len() - 1);
            let choices = Choices {
                sums_from: &sums_from[first..=last],
                sums_to: &points.sums_to[first..=last],
                costs: &points.costs[first..=last],
                shares: &shares[first..=last],
            };
            let cuts = if options.greedy {
                greedy_cuts(choices, options.weights)
            } else {
                optimal_cuts(choices, options.weights)?
            };
            let mut i = first;
            for j in cuts[1..].iter().map(|cut| first + cut) {
                // What follows a character above the limit may have no tokens, and is not added to it.
                if i + 1 < j && points.is_oversize(i) {
                    self.add_span(&mut spans, &points, (i, i + 1), parent, options, &overlaps);
                    i += 1;
                }
                self.add_span(&mut spans, &points, (i, j), parent, options, &overlaps);
                i = j;
            }
            first = last;
        }
        Some(spans)
    }

    fn add_span(
        &self,
        spans: &mut Spans,
        points: &CutPoints,
        (i, j): (usize, usize),
        parent: (u32, u32),
        options: &Options<'_>,
        overlaps: &Overlaps<'_>,
    ) {
        let (body_start, end) = (points.offsets[i], points.offsets[j]);
        let oversize = points.is_oversize(i);
        let overlap_start =
            |min: u32| overlaps.start(body_start as usize, options.overlap, min as usize) as u32;
        // A parent that starts after its spans would leave them less than nothing.
        let wanted = overlap_start(0);
        let start = match wanted < parent.0 {
            _ if oversize => body_start,
            true => overlap_start(parent.0),
            false => wanted,
        };
        let size = points.sums_to[j] - points.sums_from[i];
        let is_known = start == body_start
            && points.runs[i] == points.runs[j]
            && match points.runs[i] {
                run::NONE => false,
                run::TEXT => true,
                // Neighbours in an encoding are the encoding of their bytes.
                _ => self.is_merged(start as usize, end as usize),
            };
        let tokens = match is_known {
            true => size as usize,
            false => self.count(start as usize, end as usize),
        };
        let spare = options.weights.limit.saturating_sub(size);
        spans.starts.push(start);
        spans.body_starts.push(body_start);
        spans.ends.push(end);
        spans.strengths.push(points.strengths[j]);
        spans.tokens.push(tokens as u64);
        spans.spare.push(if oversize { 0 } else { spare });
        spans.oversize.push(oversize);
        spans.shortened.push(start > wanted);
    }
}

/// The token sums from each cut point, with the overhead counted to what follows.
///
/// The overhead takes nothing from a span that cannot be cut: that has at most the limit.
fn with_overheads(points: &CutPoints, overheads: &[(u32, i64)], limit: i64) -> Vec<i64> {
    let mut sums = points.sums_from.clone();
    let (mut overheads, mut tokens) = (overheads.iter().peekable(), 0);
    for i in 0..sums.len() - 1 {
        while let Some((_, next)) = overheads.next_if(|(start, _)| *start <= points.offsets[i]) {
            tokens = *next;
        }
        if tokens > 0 {
            let most = points.sums_to[i + 1].saturating_sub(limit);
            sums[i] = sums[i].saturating_sub(tokens).max(most);
        }
    }
    sums
}
