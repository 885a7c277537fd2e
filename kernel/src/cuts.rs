//! The best places to cut a text at, all chosen together.
//!
//! The idea is that of D. E. Knuth and M. F. Plass, "Breaking Paragraphs into Lines", Software:
//! Practice and Experience 11 (1981). `ctxtools/chunking/optimal.py` says what is optimised, and is
//! the same in Python, operation for operation, so that both round alike.

/// What parts may be, and what they cost.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// The most tokens of a part.
    pub limit: i64,
    /// A smaller part costs one more.
    pub minimum: i64,
    /// What an empty part would cost more than a full one.
    pub evenness: f64,
}

/// The numbers of the places to cut at, the first and the last among them, so that the cost is least;
/// None where there is no way.
///
/// A part from place `i` to place `j` has `ends[j] - starts[i]` tokens, and `penalties[j]` is the cost
/// of a cut at `j`. All three are of one length. Takes time linear in the places for parts that span
/// a bounded number of them.
pub fn best_cuts(
    starts: &[i64],
    ends: &[i64],
    penalties: &[f64],
    costs: Costs,
) -> Option<Vec<usize>> {
    let Costs {
        limit,
        minimum,
        evenness,
    } = costs;
    let n = starts.len();
    let last = n.checked_sub(1)?;
    let least = least_from_here(ends);
    let (mut totals, mut before) = (vec![0.0; n], vec![usize::MAX; n]);
    let mut first = 0; // no earlier place can reach this one, or any behind it
    for j in 1..n {
        while first < j && least[j].saturating_sub(starts[first]) > limit {
            first += 1;
        }
        let (base, end) = (1.0 + penalties[j], ends[j]);
        let (mut best, mut origin) = (f64::INFINITY, usize::MAX);
        for (i, (&start, &total)) in starts[first..j].iter().zip(&totals[first..j]).enumerate() {
            let size = end.saturating_sub(start);
            if size > limit {
                continue;
            }
            let rest = limit.saturating_sub(size) as f64 / limit as f64;
            let cost = base + evenness * (rest * rest);
            let cost = total + (cost + if size < minimum { 1.0 } else { 0.0 });
            if cost < best {
                (best, origin) = (cost, first + i);
            }
        }
        (totals[j], before[j]) = (best, origin);
    }
    let mut cuts = vec![last];
    let mut at = last;
    while at > 0 {
        at = before[at];
        if at == usize::MAX {
            return None;
        }
        cuts.push(at);
    }
    cuts.reverse();
    Some(cuts)
}

/// The least of each value and those behind it.
fn least_from_here(values: &[i64]) -> Vec<i64> {
    let mut least = values.to_vec();
    for i in (1..least.len()).rev() {
        least[i - 1] = least[i - 1].min(least[i]);
    }
    least
}
