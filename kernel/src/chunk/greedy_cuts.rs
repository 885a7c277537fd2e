//! Cuts chosen one after the other: each the strongest near the end of what fits.
//!
//! The fallback is `ctxtools/_core/fallback/greedy_cuts.py`.

use crate::chunk::optimal_cuts::{Choices, Costs};

/// A span is not made smaller than this fraction of the limit, in quarters, for a stronger cut.
const NEAR_QUARTERS: i64 = 3;

/// The numbers of the cut points to cut at, from the first to the last, each chosen without regard to
/// those after it.
///
/// A span ends at the cut point with the lowest penalty among those that fill at least three quarters
/// of the limit, the last of equal ones; if there are none, it is as large as it can be.
pub fn greedy_cuts(points: Choices<'_>, costs: Costs<'_>) -> Vec<usize> {
    let (sums_from, sums_to) = (points.sums_from, points.sums_to);
    let penalty = |i: usize| costs.penalty(points.strengths[i]);
    let last = sums_from.len().saturating_sub(1);
    let (mut cuts, mut i) = (vec![0], 0);
    while i < last {
        let fits = |&&sum: &&i64| sum <= sums_from[i].saturating_add(costs.limit);
        let furthest = i + sums_to[i + 1..].iter().take_while(fits).count().max(1);
        // No product of a limit, which may overflow.
        let (quarter, rest) = (costs.limit / 4, costs.limit % 4);
        let near = quarter * NEAR_QUARTERS + rest * NEAR_QUARTERS / 4;
        let enough = sums_from[i].saturating_add(near);
        let (mut cut, mut k) = (furthest, furthest);
        // At the end of the text there is nothing to choose: what is left fits.
        while furthest < last && k > i + 1 && sums_to[k - 1] >= enough {
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
