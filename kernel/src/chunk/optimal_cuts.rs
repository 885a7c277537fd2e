//! The cheapest cuts of a text, all chosen together by dynamic programming.
//!
//! After D. E. Knuth and M. F. Plass, "Breaking Paragraphs into Lines", Software: Practice and
//! Experience 11 (1981): the best way to each cut point extends the best way to one before it. The
//! fallback, `ctxtools/_core/fallback/optimal_cuts.py`, does the same operations in the same order, so
//! that both round alike.

#[cfg(target_arch = "x86_64")]
use crate::split::level::{Avx2, with_avx2};

/// The cut points to choose from, in order. The slices have the same length.
#[derive(Clone, Copy)]
pub struct Choices<'a> {
    /// Token sums for a span that starts at each.
    pub sums_from: &'a [i64],
    /// Token sums for a span that ends at each.
    pub sums_to: &'a [i64],
    pub strengths: &'a [u8],
}

/// What a span may have, and what it costs.
#[derive(Clone, Copy)]
pub struct Costs<'a> {
    /// The cost of a cut of each strength; a strength without one is never cut at.
    pub penalties: &'a [f64],
    pub limit: i64,
    /// A smaller span costs one more.
    pub min_size: i64,
    /// What an empty span would cost more than a full one.
    pub evenness: f64,
}

impl Costs<'_> {
    pub(super) fn penalty(&self, strength: u8) -> f64 {
        let known = self.penalties.get(usize::from(strength));
        known.copied().unwrap_or(f64::INFINITY)
    }
}

/// The numbers of the cut points to cut at, from the first to the last, so that the total cost is
/// minimal; None if no cuts keep the limit.
///
/// The span from cut point i to j has `size = sums_to[j] - sums_from[i]` tokens, at most `limit`, and
/// costs `1 + penalties[strengths[j]] + evenness * ((limit - size) / limit)^2`, and 1 more below
/// `min_size`. Of equal ways the one with the longest last span is taken, and so on to the front.
///
/// Time is the number of cut points times how many of them one span can reach.
pub fn optimal_cuts(points: Choices<'_>, costs: Costs<'_>) -> Option<Vec<usize>> {
    #[cfg(target_arch = "x86_64")]
    if Avx2::detect().is_some() {
        // SAFETY: the level was detected.
        return unsafe { optimal_cuts_avx2(points, costs) };
    }
    optimal_cuts_with(points, costs)
}

#[cfg(target_arch = "x86_64")]
with_avx2! {
    /// The same, compiled for processors that weigh four cut points at a time.
    fn optimal_cuts_avx2(points: Choices<'_>, costs: Costs<'_>) -> Option<Vec<usize>> {
        optimal_cuts_with(points, costs)
    }
}

#[inline(always)]
fn optimal_cuts_with(points: Choices<'_>, costs: Costs<'_>) -> Option<Vec<usize>> {
    let n = points.sums_from.len();
    let min_following = min_from_here(points.sums_to);
    // Token sums are exact as floats, which the processor compares several at a time. The padding
    // lets it always read a full register.
    let mut sums_from: Vec<f64> = points.sums_from.iter().map(|&sum| sum as f64).collect();
    sums_from.resize(n + LANES, 0.0);
    let mut totals = vec![f64::INFINITY; n + LANES];
    let mut before = vec![0; n];
    *totals.first_mut().filter(|_| n > 0)? = 0.0;
    let mut first = 0; // no earlier cut point can reach this one, or any after it
    for j in 1..n {
        while first < j && min_following[j].saturating_sub(points.sums_from[first]) > costs.limit {
            first += 1;
        }
        let span = LastSpan::new(costs, points.sums_to[j], costs.penalty(points.strengths[j]));
        let after = first + (j - first).next_multiple_of(LANES);
        let (total, number) = span.cheapest(&totals[first..after], &sums_from[first..after]);
        (totals[j], before[j]) = (total, first + number);
    }
    let mut cuts = vec![n - 1];
    while let Some(&last) = cuts.last()
        && last > 0
    {
        if totals[last] == f64::INFINITY {
            return None;
        }
        cuts.push(before[last]);
    }
    cuts.reverse();
    Some(cuts)
}

/// How many cut points are weighed at a time.
const LANES: usize = 8;

/// The span that ends at one cut point, wherever it starts.
struct LastSpan {
    sum_to: f64,
    base: f64,
    limit: f64,
    /// The inverse of the limit: multiplying is faster than dividing.
    share: f64,
    min_size: f64,
    evenness: f64,
}

impl LastSpan {
    fn new(costs: Costs<'_>, sum_to: i64, penalty: f64) -> Self {
        LastSpan {
            sum_to: sum_to as f64,
            base: 1.0 + penalty,
            limit: costs.limit as f64,
            share: 1.0 / costs.limit as f64,
            min_size: costs.min_size as f64,
            evenness: costs.evenness,
        }
    }

    /// The total cost up to the end of the span, if it starts where the sum is `sum_from` and the total
    /// so far is `total`.
    #[inline(always)]
    fn cost(&self, total: f64, sum_from: f64) -> f64 {
        let size = self.sum_to - sum_from;
        let rest = (self.limit - size) * self.share;
        let more = if size < self.min_size { 1.0 } else { 0.0 };
        let cost = total + ((self.base + self.evenness * (rest * rest)) + more);
        if size <= self.limit {
            cost
        } else {
            f64::INFINITY
        }
    }

    /// The minimal total cost over the cut points where it may start, a multiple of [`LANES`], and the
    /// number of the first with it.
    #[inline(always)]
    fn cheapest(&self, totals: &[f64], sums_from: &[f64]) -> (f64, usize) {
        let min = |a: f64, b: f64| if b < a { b } else { a };
        let mut lanes = [f64::INFINITY; LANES];
        let (totals, _) = totals.as_chunks::<LANES>();
        let (sums_from, _) = sums_from.as_chunks::<LANES>();
        for (totals, sums_from) in totals.iter().zip(sums_from) {
            for lane in 0..LANES {
                lanes[lane] = min(lanes[lane], self.cost(totals[lane], sums_from[lane]));
            }
        }
        let mut half = LANES / 2;
        while half > 0 {
            for lane in 0..half {
                lanes[lane] = min(lanes[lane], lanes[lane + half]);
            }
            half /= 2;
        }
        let cheapest = lanes[0];
        // A second look is faster than to keep track of the position of each.
        for (number, (totals, sums_from)) in totals.iter().zip(sums_from).enumerate() {
            let is_it: [bool; LANES] =
                std::array::from_fn(|lane| self.cost(totals[lane], sums_from[lane]) == cheapest);
            if let Some(lane) = is_it.iter().position(|&is_it| is_it) {
                return (cheapest, number * LANES + lane);
            }
        }
        (cheapest, 0)
    }
}

/// The minimum of each value and those after it.
fn min_from_here(values: &[i64]) -> Vec<i64> {
    let mut min = values.to_vec();
    for i in (1..min.len()).rev() {
        min[i - 1] = min[i - 1].min(min[i]);
    }
    min
}
