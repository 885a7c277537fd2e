//! Cuts chosen one after the other: each the cheapest near the end of what fits.
//!
//! The fallback is `ctxtools/_core/fallback/chunk/greedy_cuts.py`.

use crate::chunk::cutting::optimal_cuts::{Choices, Weights};

/// A span is not made smaller than this fraction of the limit, in quarters, for a cheaper cut.
const NEAR_QUARTERS: i64 = 3;

/// The numbers of the cut points to cut at, from the first to the last, each chosen without regard to
/// those after it.
///
/// A span ends at the cheapest of the cut points that fill at least three quarters of the limit, the last
/// of equal ones; if there are none, it is as large as it can be. Where all of these cost `below_min` or
/// more, as one does after a heading, it is the last before them that costs less.
pub fn greedy_cuts(points: Choices<'_>, weights: Weights) -> Vec<usize> {
    let (sums_from, sums_to, costs) = (points.sums_from, points.sums_to, points.costs);
    let last = sums_from.len().saturating_sub(1);
    let (mut cuts, mut i) = (vec![0], 0);
    while i < last {
        let fits = |&&sum: &&i64| sum <= sums_from[i].saturating_add(weights.limit);
        let furthest = i + sums_to[i + 1..].iter().take_while(fits).count().max(1);
        // No product of a limit, which may overflow.
        let (quarter, rest) = (weights.limit / 4, weights.limit % 4);
        let near = quarter * NEAR_QUARTERS + rest * NEAR_QUARTERS / 4;
        let enough = sums_from[i].saturating_add(near);
        let (mut cut, mut k) = (furthest, furthest);
        // At the end of the text there is nothing to choose: what is left fits.
        while furthest < last
            && k > i + 1
            && (sums_to[k - 1] >= enough || costs[cut] >= weights.below_min)
        {
            k -= 1;
            if costs[k] < costs[cut] {
                cut = k;
            }
        }
        i = cut;
        cuts.push(i);
    }
    cuts
}
