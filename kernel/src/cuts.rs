//! The best cuts of a text: all of them chosen together, by dynamic programming.
//!
//! The idea is that of D. E. Knuth and M. F. Plass, "Breaking Paragraphs into Lines", Software:
//! Practice and Experience 11 (1981). `ctxtools/chunking/optimal.py` is the same in Python, operation
//! for operation, so that both round alike.

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
pub fn best_cuts(places: Places<'_>, rule: Rule<'_>) -> Option<Vec<usize>> {
    let n = places.starts.len();
    let least = least_from_here(places.ends);
    // Numbers of tokens are exact as floats, which the processor compares eight at a time.
    let starts: Vec<f64> = places.starts.iter().map(|&start| start as f64).collect();
    let mut costs = vec![f64::INFINITY; n];
    let mut before = vec![None; n];
    *costs.first_mut()? = 0.0;
    let mut first = 0; // no earlier place can reach this one, or any behind it
    for j in 1..n {
        while first < j && least[j] - places.starts[first] > rule.limit {
            first += 1;
        }
        let penalty = rule.penalty(places.strengths[j]);
        let last = Last::new(rule, places.ends[j], penalty);
        let (costs_before, cost) = costs.split_at_mut(j);
        let reach = (&costs_before[first..], &starts[first..j]);
        cost[0] = last.least(reach);
        before[j] = last.first_of(reach, cost[0]).map(|i| first + i);
    }
    let mut cuts = vec![n - 1];
    while let Some(&last) = cuts.last()
        && last > 0
    {
        cuts.push(before[last]?);
    }
    cuts.reverse();
    Some(cuts)
}

/// The numbers of the places from which there are more than so many tokens to the next.
pub fn large_gaps(starts: &[i64], ends: &[i64], most: i64) -> Vec<usize> {
    let sizes = starts
        .iter()
        .zip(ends.iter().skip(1))
        .map(|(start, end)| end - start);
    let large = sizes.enumerate().filter(|&(_, size)| size > most);
    large.map(|(i, _)| i).collect()
}

/// A part that ends at a certain place, wherever it starts.
struct Last {
    end: f64,
    base: f64,
    limit: f64,
    minimum: f64,
    evenness: f64,
}

impl Last {
    fn new(rule: Rule<'_>, end: i64, penalty: f64) -> Self {
        Last {
            end: end as f64,
            base: 1.0 + penalty,
            limit: rule.limit as f64,
            minimum: rule.minimum as f64,
            evenness: rule.evenness,
        }
    }

    /// The cost of all parts up to this one's end, if it starts at a place with these figures.
    #[inline(always)]
    fn cost(&self, so_far: f64, start: f64) -> f64 {
        let size = self.end - start;
        let rest = (self.limit - size) / self.limit;
        let more = if size < self.minimum { 1.0 } else { 0.0 };
        let cost = so_far + ((self.base + self.evenness * (rest * rest)) + more);
        if size <= self.limit {
            cost
        } else {
            f64::INFINITY
        }
    }

    /// The least cost over the places where it may start: (the costs up to there, the tokens).
    fn least(&self, (costs, starts): (&[f64], &[f64])) -> f64 {
        const LANES: usize = 8;
        let less = |a: f64, b: f64| if b < a { b } else { a };
        let mut lanes = [f64::INFINITY; LANES];
        let (costs, odd_costs) = costs.as_chunks::<LANES>();
        let (starts, odd_starts) = starts.as_chunks::<LANES>();
        for (costs, starts) in costs.iter().zip(starts) {
            for lane in 0..LANES {
                lanes[lane] = less(lanes[lane], self.cost(costs[lane], starts[lane]));
            }
        }
        let odd = odd_costs.iter().zip(odd_starts);
        odd.map(|(&cost, &start)| self.cost(cost, start))
            .chain(lanes)
            .fold(f64::INFINITY, less)
    }

    /// The first place to start at that has this cost; None if it is infinite.
    fn first_of(&self, (costs, starts): (&[f64], &[f64]), cost: f64) -> Option<usize> {
        let mut each = costs.iter().zip(starts);
        let found = each.position(|(&so_far, &start)| self.cost(so_far, start) == cost)?;
        cost.is_finite().then_some(found)
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
