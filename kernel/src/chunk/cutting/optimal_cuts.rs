//! The cheapest cuts of a text, all chosen together by dynamic programming.
//!
//! After D. E. Knuth and M. F. Plass, "Breaking Paragraphs into Lines", Software: Practice and
//! Experience 11 (1981): the best way to each cut point extends the best way to one before it. The
//! fallback, `ctxtools/_core/fallback/chunk/optimal_cuts.py`, does the same operations in the same order, so
//! that both round alike.

#[cfg(target_arch = "x86_64")]
use crate::split::level::{Avx2, Avx512, with_avx2, with_avx512};

/// The cut points to choose from, in order. The slices have the same length.
#[derive(Clone, Copy)]
pub struct Choices<'a> {
    /// Token sums for a span that starts at each.
    pub sums_from: &'a [i64],
    /// Token sums for a span that ends at each.
    pub sums_to: &'a [i64],
    /// What a cut at each costs.
    pub costs: &'a [f64],
    /// The inverse of what a span that starts at each may have beside its overhead: multiplying is
    /// faster than dividing.
    pub shares: &'a [f64],
}

/// What a span may have, and what it costs.
#[derive(Clone, Copy)]
pub struct Weights {
    pub limit: i64,
    /// A smaller span costs `below_min` more.
    pub min_size: i64,
    pub below_min: f64,
    /// What an empty span would cost more than one of the target's size, by the square of what it
    /// misses; one that is larger costs half as much, by the square of what it has more.
    pub evenness: f64,
    /// What an empty span costs besides, by the sixteenth power of what is left, which only a small
    /// span has much of.
    pub smallness: f64,
    /// What each span costs.
    pub per_span: f64,
    /// The share of what it may have that a span has best.
    pub target: f64,
}

/// The numbers of the cut points to cut at, from the first to the last, so that the total cost is
/// minimal; None if no cuts keep the limit.
///
/// The span from cut point i to j has `size = sums_to[j] - sums_from[i]` tokens, at most `limit`, and
/// with `rest = (limit - size) * shares[i]` and `missing = 1 - (1 - rest) / target` costs
/// `per_span + costs[j] + evenness * missing^2 + smallness * rest^16`, half of the evenness where it is
/// above the target, and `below_min` more below `min_size`. Of equal ways the one with the longest last
/// span is taken, and so on to the front.
///
/// Time is the number of cut points times how many of them one span can reach.
pub fn optimal_cuts(points: Choices<'_>, weights: Weights) -> Option<Vec<usize>> {
    #[cfg(target_arch = "x86_64")]
    if Avx512::detect().is_some() {
        // SAFETY: the level was detected.
        return unsafe { optimal_cuts_avx512(points, weights) };
    } else if Avx2::detect().is_some() {
        // SAFETY: the level was detected.
        return unsafe { optimal_cuts_avx2(points, weights) };
    }
    optimal_cuts_with(points, weights)
}

#[cfg(target_arch = "x86_64")]
with_avx512! {
    /// The same, compiled for processors that weigh eight cut points at a time.
    fn optimal_cuts_avx512(points: Choices<'_>, weights: Weights) -> Option<Vec<usize>> {
        optimal_cuts_with(points, weights)
    }
}

#[cfg(target_arch = "x86_64")]
with_avx2! {
    /// The same, compiled for processors that weigh four cut points at a time.
    fn optimal_cuts_avx2(points: Choices<'_>, weights: Weights) -> Option<Vec<usize>> {
        optimal_cuts_with(points, weights)
    }
}

#[inline(always)]
fn optimal_cuts_with(points: Choices<'_>, weights: Weights) -> Option<Vec<usize>> {
    let n = points.sums_from.len();
    let min_following = min_from_here(points.sums_to);
    // Token sums are exact as floats, which the processor compares several at a time. The padding
    // lets it always read a full register.
    let mut sums_from: Vec<f64> = points.sums_from.iter().map(|&sum| sum as f64).collect();
    sums_from.resize(n + LANES, 0.0);
    let mut shares = points.shares.to_vec();
    shares.resize(n + LANES, 0.0);
    let mut totals = vec![f64::INFINITY; n + LANES];
    let mut before = vec![0; n];
    *totals.first_mut().filter(|_| n > 0)? = 0.0;
    let mut first = 0; // no earlier cut point can reach this one, or any after it
    for j in 1..n {
        while first < j && min_following[j].saturating_sub(points.sums_from[first]) > weights.limit
        {
            first += 1;
        }
        let span = LastSpan::new(weights, points.sums_to[j], points.costs[j]);
        let starts = first..first + (j - first).next_multiple_of(LANES);
        let (total, number) = span.cheapest(Starts {
            totals: totals[starts.clone()].as_chunks().0,
            sums_from: sums_from[starts.clone()].as_chunks().0,
            shares: shares[starts].as_chunks().0,
        });
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

/// The cut points where a span may start, [`LANES`] at a time.
#[derive(Clone, Copy)]
struct Starts<'a> {
    /// The total cost up to each.
    totals: &'a [[f64; LANES]],
    sums_from: &'a [[f64; LANES]],
    shares: &'a [[f64; LANES]],
}

/// The span that ends at one cut point, wherever it starts.
struct LastSpan {
    sum_to: f64,
    base: f64,
    limit: f64,
    min_size: f64,
    below_min: f64,
    evenness: f64,
    smallness: f64,
    /// What an empty span misses of the target is 1, and this is what a full one does.
    full: f64,
    slope: f64,
}

impl LastSpan {
    fn new(weights: Weights, sum_to: i64, cost: f64) -> Self {
        LastSpan {
            sum_to: sum_to as f64,
            base: weights.per_span + cost,
            limit: weights.limit as f64,
            min_size: weights.min_size as f64,
            below_min: weights.below_min,
            evenness: weights.evenness,
            smallness: weights.smallness,
            full: 1.0 - 1.0 / weights.target,
            slope: 1.0 / weights.target,
        }
    }

    /// The total cost up to the end of the span, if it starts where the sum is `sum_from` and the total
    /// so far is `total`.
    #[inline(always)]
    fn cost(&self, total: f64, sum_from: f64, share: f64) -> f64 {
        let size = self.sum_to - sum_from;
        let rest = (self.limit - size) * share;
        let square = rest * rest;
        let fourth = square * square;
        let eighth = fourth * fourth;
        let missing = self.full + self.slope * rest;
        let evenness = if missing < 0.0 {
            0.5 * self.evenness
        } else {
            self.evenness
        };
        let uneven = evenness * (missing * missing) + self.smallness * (eighth * eighth);
        let more = if size < self.min_size {
            self.below_min
        } else {
            0.0
        };
        let cost = total + ((self.base + uneven) + more);
        if size <= self.limit {
            cost
        } else {
            f64::INFINITY
        }
    }

    /// The minimal total cost over the cut points where it may start, and the number of the first with
    /// it.
    #[inline(always)]
    fn cheapest(&self, starts: Starts<'_>) -> (f64, usize) {
        let starts = starts
            .totals
            .iter()
            .zip(starts.sums_from)
            .zip(starts.shares);
        // In each lane, the minimum so far and the block of the first with it.
        let (mut lanes, mut blocks) = ([f64::INFINITY; LANES], [0u64; LANES]);
        for (block, ((totals, sums_from), shares)) in (0..).zip(starts) {
            for lane in 0..LANES {
                let cost = self.cost(totals[lane], sums_from[lane], shares[lane]);
                let is_less = cost < lanes[lane];
                lanes[lane] = if is_less { cost } else { lanes[lane] };
                blocks[lane] = if is_less { block } else { blocks[lane] };
            }
        }
        let min = |a: f64, b: f64| if b < a { b } else { a };
        let cheapest = reduced(lanes, min);
        let mut numbers = [u64::MAX; LANES];
        for lane in 0..LANES {
            if lanes[lane] == cheapest {
                numbers[lane] = blocks[lane] * LANES as u64 + lane as u64;
            }
        }
        (cheapest, reduced(numbers, u64::min) as usize)
    }
}

/// All lanes in one, in steps that the compiler vectorises.
#[inline(always)]
fn reduced<T: Copy>(mut lanes: [T; LANES], join: impl Fn(T, T) -> T) -> T {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = join(lanes[lane], lanes[lane + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// The minimum of each value and those after it.
fn min_from_here(values: &[i64]) -> Vec<i64> {
    let mut min = values.to_vec();
    for i in (1..min.len()).rev() {
        min[i - 1] = min[i - 1].min(min[i]);
    }
    min
}
