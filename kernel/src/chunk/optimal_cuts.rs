//! The best cuts of a text: all of them chosen together, by dynamic programming.
//!
//! The idea is that of D. E. Knuth and M. F. Plass, "Breaking Paragraphs into Lines", Software:
//! Practice and Experience 11 (1981). `ctxtools/chunking/optimal.py` is the same in Python, operation
//! for operation, so that both round alike.

#[cfg(target_arch = "x86_64")]
use crate::split::level::{Avx2, with_avx2};

/// What each place of a text costs and counts, in order. The slices have the same length.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    /// The tokens before each place, as a part that starts there sees it.
    pub starts: &'a [i64],
    /// The tokens before each place, as a part that ends there sees it.
    pub ends: &'a [i64],
    /// How good a cut at each place is.
    pub strengths: &'a [u8],
}

/// What a part may be, and what it costs by its size.
#[derive(Clone, Copy)]
pub struct Rule<'a> {
    /// What a cut of each strength costs; one that is not here costs too much.
    pub penalties: &'a [f64],
    /// The most tokens of a part.
    pub limit: i64,
    /// A smaller part costs one more.
    pub minimum: i64,
    /// What an empty part would cost more than a full one.
    pub evenness: f64,
}

impl Rule<'_> {
    fn penalty(&self, strength: u8) -> f64 {
        let known = self.penalties.get(usize::from(strength));
        known.copied().unwrap_or(f64::INFINITY)
    }
}

/// The numbers of the places to cut at, from the first to the last, so that the cost is least; None
/// if there is no way.
///
/// The part from place i to place j has `size = ends[j] - starts[i]` tokens, at most `limit`, and
/// costs `1 + penalties[strengths[j]] + evenness * ((limit - size) / limit)^2`, and 1 more below
/// `minimum`. Of equal ways the one with the longest last part is taken, and so on to the front.
///
/// Time is the number of places times how many of them one part can span.
pub fn optimal_cuts(places: Places<'_>, rule: Rule<'_>) -> Option<Vec<usize>> {
    #[cfg(target_arch = "x86_64")]
    if Avx2::detect().is_some() {
        // SAFETY: the level was detected.
        return unsafe { optimal_cuts_avx2(places, rule) };
    }
    optimal_cuts_with(places, rule)
}

#[cfg(target_arch = "x86_64")]
with_avx2! {
    /// The same, compiled for processors that weigh four places at a time.
    fn optimal_cuts_avx2(places: Places<'_>, rule: Rule<'_>) -> Option<Vec<usize>> {
        optimal_cuts_with(places, rule)
    }
}

#[inline(always)]
fn optimal_cuts_with(places: Places<'_>, rule: Rule<'_>) -> Option<Vec<usize>> {
    let n = places.starts.len();
    let least = least_from_here(places.ends);
    // Numbers of tokens are exact as floats, which the processor compares several at a time. Behind
    // the last there are more, so that it always sees as many.
    let mut starts: Vec<f64> = places.starts.iter().map(|&start| start as f64).collect();
    starts.resize(n + LANES, 0.0);
    // What is not known yet costs too much.
    let mut costs = vec![f64::INFINITY; n + LANES];
    let mut before = vec![0; n];
    *costs.first_mut().filter(|_| n > 0)? = 0.0;
    let mut first = 0; // no earlier place can reach this one, or any behind it
    for j in 1..n {
        while first < j && least[j] - places.starts[first] > rule.limit {
            first += 1;
        }
        let last = Last::new(rule, places.ends[j], rule.penalty(places.strengths[j]));
        let after = first + (j - first).next_multiple_of(LANES);
        let (cost, number) = last.least(&costs[first..after], &starts[first..after]);
        (costs[j], before[j]) = (cost, first + number);
    }
    let mut cuts = vec![n - 1];
    while let Some(&last) = cuts.last()
        && last > 0
    {
        if costs[last] == f64::INFINITY {
            return None;
        }
        cuts.push(before[last]);
    }
    cuts.reverse();
    Some(cuts)
}

/// A part is not made smaller than such a share of the limit, in quarters, for a stronger cut.
const NEAR_QUARTERS: i64 = 3;

/// The numbers of the places to cut at, from the first to the last, each chosen without those behind
/// it: where the penalty is least among those that make the part three quarters of the limit, or else
/// as large as it can be; the last of equal ones. `ctxtools/chunking/greedy.py` is the same.
pub fn greedy_cuts(places: Places<'_>, rule: Rule<'_>) -> Vec<usize> {
    let (starts, ends) = (places.starts, places.ends);
    let penalty = |i: usize| rule.penalty(places.strengths[i]);
    let last = starts.len().saturating_sub(1);
    let (mut cuts, mut i) = (vec![0], 0);
    while i < last {
        let fits = |&&end: &&i64| end <= starts[i].saturating_add(rule.limit);
        let furthest = i + ends[i + 1..].iter().take_while(fits).count().max(1);
        // No product of a limit, which may be large.
        let enough =
            starts[i] + rule.limit / 4 * NEAR_QUARTERS + rule.limit % 4 * NEAR_QUARTERS / 4;
        let (mut cut, mut k) = (furthest, furthest);
        // At the end of the text there is nothing to weigh: what is left fits.
        while furthest < last && k > i + 1 && ends[k - 1] >= enough {
            k -= 1;
            if penalty(k) < penalty(cut) {
                cut = k;
            }
        }
        i = cut;
        cuts.push(i);
    }
    cuts
}

/// So many places are weighed at a time.
const LANES: usize = 8;

/// A part that ends at a certain place, wherever it starts.
struct Last {
    end: f64,
    base: f64,
    limit: f64,
    /// One part of the limit: multiplying is quicker than dividing.
    share: f64,
    minimum: f64,
    evenness: f64,
}

impl Last {
    fn new(rule: Rule<'_>, end: i64, penalty: f64) -> Self {
        Last {
            end: end as f64,
            base: 1.0 + penalty,
            limit: rule.limit as f64,
            share: 1.0 / rule.limit as f64,
            minimum: rule.minimum as f64,
            evenness: rule.evenness,
        }
    }

    /// The cost of all parts up to this one's end, if it starts at a place with these figures.
    #[inline(always)]
    fn cost(&self, so_far: f64, start: f64) -> f64 {
        let size = self.end - start;
        let rest = (self.limit - size) * self.share;
        let more = if size < self.minimum { 1.0 } else { 0.0 };
        let cost = so_far + ((self.base + self.evenness * (rest * rest)) + more);
        if size <= self.limit {
            cost
        } else {
            f64::INFINITY
        }
    }

    /// The least cost over the places where it may start, of which there are a multiple of
    /// [`LANES`], and the number of the first place with it.
    #[inline(always)]
    fn least(&self, costs: &[f64], starts: &[f64]) -> (f64, usize) {
        let less = |a: f64, b: f64| if b < a { b } else { a };
        let mut lanes = [f64::INFINITY; LANES];
        let (costs, _) = costs.as_chunks::<LANES>();
        let (starts, _) = starts.as_chunks::<LANES>();
        for (costs, starts) in costs.iter().zip(starts) {
            for lane in 0..LANES {
                lanes[lane] = less(lanes[lane], self.cost(costs[lane], starts[lane]));
            }
        }
        let mut half = LANES / 2;
        while half > 0 {
            for lane in 0..half {
                lanes[lane] = less(lanes[lane], lanes[lane + half]);
            }
            half /= 2;
        }
        let least = lanes[0];
        // To look again is quicker than to remember where each was.
        for (number, (costs, starts)) in costs.iter().zip(starts).enumerate() {
            let is_it: [bool; LANES] =
                std::array::from_fn(|lane| self.cost(costs[lane], starts[lane]) == least);
            if let Some(lane) = is_it.iter().position(|&is_it| is_it) {
                return (least, number * LANES + lane);
            }
        }
        (least, 0)
    }
}

/// The least of each value and those behind it.
fn least_from_here(values: &[i64]) -> Vec<i64> {
    let mut least = values.to_vec();
    for i in (1..least.len()).rev() {
        least[i - 1] = least[i - 1].min(least[i]);
    }
    least
}
