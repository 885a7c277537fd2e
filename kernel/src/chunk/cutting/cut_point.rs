//! Cut points, and which of them remain where they are dense.

use crate::chunk::cutting::cut_costs::CutCosts;
use crate::text::boundaries::strength;
use std::ops::Range;

/// What the token sums at a cut point are sums of. Other numbers than these are one more than the
/// offset of a pretoken in which the cut point is between two tokens.
pub mod run {
    /// No sums, or not of the same as those of any other.
    pub const NONE: u32 = 0;
    /// The tokens of the text, of whose pretokens one ends there, whatever follows.
    pub const TEXT: u32 = u32::MAX;
}

/// An offset where a text may be cut.
#[derive(Clone, Copy)]
pub struct CutPoint {
    pub offset: u32,
    pub strength: u8,
    /// See [`CutPoints::runs`].
    pub run: u32,
    pub cost: f64,
    pub sum_from: i64,
    pub sum_to: i64,
}

/// Cut points in order. All vectors but the last have the same length, at least 2.
#[derive(Default)]
pub struct CutPoints {
    pub offsets: Vec<u32>,
    pub strengths: Vec<u8>,
    /// What a cut at each costs.
    pub costs: Vec<f64>,
    /// Token sums for a span that starts at each: from point i to j it has
    /// `sums_to[j] - sums_from[i]` tokens.
    pub sums_from: Vec<i64>,
    /// Token sums for a span that ends at each.
    pub sums_to: Vec<i64>,
    /// Between two of the same run, except [`run::NONE`], the difference of the sums is the number of
    /// tokens: see [`run`].
    pub runs: Vec<u32>,
    /// Where the characters start that alone exceed the limit.
    pub oversize: Vec<u32>,
}

impl CutPoint {
    /// One at the end of a span, where a cut is no choice.
    pub fn end(offset: u32, strength: u8, (sum_from, sum_to): (i64, i64)) -> Self {
        CutPoint {
            offset,
            strength,
            run: run::NONE,
            cost: 0.0,
            sum_from,
            sum_to,
        }
    }
}

impl CutPoints {
    pub fn push(&mut self, point: CutPoint) {
        self.offsets.push(point.offset);
        self.strengths.push(point.strength);
        self.costs.push(point.cost);
        self.sums_from.push(point.sum_from);
        self.sums_to.push(point.sum_to);
        self.runs.push(point.run);
    }

    pub fn with_capacity(n: usize) -> Self {
        CutPoints {
            offsets: Vec::with_capacity(n),
            strengths: Vec::with_capacity(n),
            costs: Vec::with_capacity(n),
            sums_from: Vec::with_capacity(n),
            sums_to: Vec::with_capacity(n),
            runs: Vec::with_capacity(n),
            oversize: Vec::new(),
        }
    }

    /// The two ends of a span.
    pub fn ends_only(start: u32, end: u32, last: u8, size: i64) -> Self {
        let mut points = CutPoints::with_capacity(2);
        points.push(CutPoint::end(start, strength::NONE, (0, 0)));
        points.push(CutPoint::end(end, last, (size, size)));
        points
    }

    /// Adds a cut point that is `tokens` after the last one, with nothing else between them.
    pub fn push_inside(&mut self, offset: usize, tokens: i64, run: u32, costs: &CutCosts<'_>) {
        let sum = self.sums_to.last().map_or(0, |sum| sum + tokens);
        let offset = offset as u32;
        self.push(CutPoint {
            run,
            cost: costs.anywhere(offset, strength::NONE),
            ..CutPoint::end(offset, strength::NONE, (sum, sum))
        });
    }

    /// Adds a range of others, their token sums moved by `shift`.
    pub fn extend(&mut self, other: &CutPoints, range: Range<usize>, shift: i64) {
        self.offsets
            .extend_from_slice(&other.offsets[range.clone()]);
        self.strengths
            .extend_from_slice(&other.strengths[range.clone()]);
        self.costs.extend_from_slice(&other.costs[range.clone()]);
        let runs = other.runs[range.clone()].iter();
        self.runs.extend(runs.map(|&run| match run {
            run::TEXT if shift != 0 => run::NONE,
            run => run,
        }));
        let shifted = |tokens: &i64| tokens + shift;
        self.sums_from
            .extend(other.sums_from[range.clone()].iter().map(shifted));
        self.sums_to
            .extend(other.sums_to[range].iter().map(shifted));
    }

    /// Whether the character after a cut point alone exceeds the limit.
    pub fn is_oversize(&self, i: usize) -> bool {
        self.oversize.binary_search(&self.offsets[i]).is_ok()
    }

    /// The tokens between a cut point and the next.
    pub fn size(&self, i: usize) -> i64 {
        self.sums_to[i + 1] - self.sums_from[i]
    }
}

/// Whether `n` boundaries are so many between two cut points that they are to be thinned out.
pub fn is_dense(n: usize, [first, last]: [CutPoint; 2], granule: i64) -> bool {
    let (most, size) = (n as i64 + 2, last.sum_to - first.sum_from);
    granule >= 2 && most.saturating_mul(granule) >= size.saturating_mul(2)
}

/// Cut points in order, those that are dense thinned out: the cheapest of each granule remains.
pub struct Thinned {
    pub points: CutPoints,
    granule: i64,
    /// Where the granule ends, in tokens.
    goal: i64,
    /// The cheapest of the granule so far, the last of equal ones.
    best: Option<CutPoint>,
    /// The last of the granule so far.
    last: Option<CutPoint>,
    /// The sum at the last point that was seen.
    sum: i64,
}

impl Thinned {
    pub fn new(granule: i64) -> Self {
        Thinned {
            points: CutPoints::default(),
            granule,
            goal: i64::MIN,
            best: None,
            last: None,
            sum: 0,
        }
    }

    /// Makes room for this many points.
    pub fn reserve(&mut self, points: i64) {
        self.points = CutPoints::with_capacity(usize::try_from(points).unwrap_or(0));
    }

    /// Adds a point that remains.
    pub fn keep(&mut self, point: CutPoint) {
        self.finish(self.is_far(&point));
        self.points.push(point);
        self.sum = point.sum_to;
    }

    /// Adds a point that remains if it is the cheapest of its granule, or next to a span without any,
    /// so that nothing of that span is left to cut.
    pub fn add(&mut self, point: CutPoint) {
        if self.is_far(&point) {
            return self.keep(point);
        }
        self.sum = point.sum_to;
        if point.sum_to >= self.goal {
            self.finish(false);
            self.goal = point.sum_to + self.granule;
        }
        self.last = Some(point);
        if self.best.is_none_or(|best| point.cost <= best.cost) {
            self.best = Some(point);
        }
    }

    /// Adds a point, which remains if it is one of these.
    pub fn add_or_keep(&mut self, point: CutPoint, forced: &[u32]) {
        match forced.binary_search(&point.offset) {
            Ok(_) => self.keep(point),
            Err(_) => self.add(point),
        }
    }

    /// Whether a point is far from the one before.
    fn is_far(&self, point: &CutPoint) -> bool {
        point.sum_to - self.sum > self.granule
    }

    /// Ends the granule; `with_last` keeps its last point too.
    fn finish(&mut self, with_last: bool) {
        let (best, last) = (self.best.take(), self.last.take());
        let Some(best) = best else { return };
        self.points.push(best);
        if let Some(last) = last.filter(|last| with_last && last.offset > best.offset) {
            self.points.push(last);
        }
    }
}
