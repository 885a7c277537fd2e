//! Bin packing over a histogram: how many bins of which sizes, not which item goes where.
//!
//! Items of the same size are alike, so that a million documents are packed as a few thousand classes
//! (Krell et al. 2021, <https://arxiv.org/abs/2107.02027>). [`best_fit`] is best-fit decreasing on
//! those (Ding et al. 2024, <https://arxiv.org/abs/2404.10830>). Where it stays above the
//! [`lower_bound`], [`fill`] packs anew, one bin after the other, each as full as a bounded search
//! finds (minimum bin slack: Gupta and Ho 1999). [`pack`] keeps what has fewer bins.
//!
//! The Python fallback (`ctxtools/_core/fallback/bin_packing.py`) does the same, step by step, so that
//! the plans are equal. A change here is a change there.

use std::collections::BTreeMap;

pub const NONE: u32 = u32::MAX;

/// Sizes that occur, ascending, and the number of items of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// At least 1.
    pub sizes: Vec<u64>,
    /// At least 1.
    pub counts: Vec<u64>,
}

impl Histogram {
    pub fn items(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// Items of one class that were put into bins which already held those of `parent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The node before, or `NONE`.
    pub parent: u32,
    pub class: u32,
    pub items: u32,
}

/// Bins, in groups that hold the same: a group is the last of a chain of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packing {
    /// Each after its parent.
    pub nodes: Vec<Node>,
    /// (the last node, the number of bins that are alike)
    pub groups: Vec<(u32, u64)>,
}

impl Packing {
    pub fn bins(&self) -> u64 {
        self.groups.iter().map(|&(_, bins)| bins).sum()
    }

    /// The nodes of a group, from the last to the first.
    pub fn chain(&self, last: u32) -> impl Iterator<Item = Node> {
        let mut at = last;
        std::iter::from_fn(move || {
            let node = *self.nodes.get(at as usize)?;
            at = node.parent;
            Some(node)
        })
    }

    fn push(&mut self, parent: u32, class: usize, items: u64) -> u32 {
        self.nodes.push(Node {
            parent,
            class: class as u32,
            items: items as u32,
        });
        self.nodes.len() as u32 - 1
    }
}

/// The bound L2 of Martello and Toth (1990, "Lower bounds and reduction procedures for the bin
/// packing problem"), and what `max_items` to a bin take.
///
/// For each a up to half the capacity: an item larger than `capacity - a` is alone, one larger than
/// half has a separate bin, and those of at least a that do not fit beside these need more.
pub fn lower_bound(histogram: &Histogram, capacity: u64, max_items: u64) -> u64 {
    let (sizes, counts) = (&histogram.sizes, &histogram.counts);
    let half = sizes.partition_point(|&size| size <= capacity / 2);
    let large: u64 = counts[half..].iter().sum();
    // Large items up to `capacity - a` share a bin with items of at least a: for the smallest a, all
    // of them.
    let mut sharing = sizes.len();
    let volume = |from: usize, to: usize| -> u128 {
        (from..to)
            .map(|i| u128::from(sizes[i]) * u128::from(counts[i]))
            .sum()
    };
    let mut partners = large;
    let mut partners_volume = volume(half, sizes.len());
    let mut small_volume = volume(0, half);
    let mut bound = large;
    for i in 0..=half.min(sizes.len()) {
        let min = if i < half { sizes[i] } else { capacity / 2 + 1 };
        while sharing > half && sizes[sharing - 1] > capacity - min.min(capacity) {
            sharing -= 1;
            partners -= counts[sharing];
            partners_volume -= u128::from(sizes[sharing]) * u128::from(counts[sharing]);
        }
        let remaining = u128::from(partners) * u128::from(capacity) - partners_volume;
        let left_over = small_volume.saturating_sub(remaining);
        bound = bound.max(large + left_over.div_ceil(u128::from(capacity)) as u64);
        if i < half {
            small_volume -= u128::from(sizes[i]) * u128::from(counts[i]);
        }
    }
    bound.max(histogram.items().div_ceil(max_items))
}

/// The bound of Fekete and Schepers (2001, "New classes of fast lower bounds for bin packing
/// problems"), by their function phi: of items of at least `min` at most k go into a bin, so that
/// each takes a k-th of one, and a larger item than half takes what it leaves no capacity for.
///
/// It is far above L2 where few items go into a bin: of 3,000 to 4,000 into 8,192, two. So it knows
/// earlier that there is nothing to improve.
fn counting_bound(histogram: &Histogram, capacity: u64) -> u64 {
    let (sizes, counts) = (&histogram.sizes, &histogram.counts);
    let half = sizes.partition_point(|&size| size <= capacity / 2);
    let bound = |max: u64| {
        let min = capacity / (max + 1) + 1; // the smallest size of which no more go in
        let small = sizes.partition_point(|&size| size < min).min(half);
        let few: u128 = counts[small..half].iter().map(|&n| u128::from(n)).sum();
        let large = sizes[half..].iter().zip(&counts[half..]);
        let many = large
            .map(|(size, &n)| u128::from(max - ((capacity - size) / min).min(max)) * u128::from(n));
        (few + many.sum::<u128>()).div_ceil(u128::from(max)) as u64
    };
    (2..=COUNTED.min(capacity)).map(bound).max().unwrap_or(0)
}

/// Items of a bin up to which `counting_bound` looks: with more, L2 is as good.
const COUNTED: u64 = 8;

/// Packs into few bins, and returns a lower bound of their number.
///
/// No size is 0 or above `capacity`; `max_items` is at least 1.
pub fn pack(histogram: &Histogram, capacity: u64, max_items: u64) -> (Packing, u64) {
    let bound = lower_bound(histogram, capacity, max_items);
    let mut best = best_fit(histogram, capacity, max_items);
    for order in [Order::Balanced, Order::Spread] {
        if best.bins() == bound || best.bins() <= counting_bound(histogram, capacity) {
            break;
        }
        let other = fill(histogram, capacity, max_items, order);
        if other.bins() < best.bins() {
            best = other;
        }
    }
    (best, bound)
}

/// Bins that hold the same and have capacity remaining.
struct Open {
    last: u32,
    bins: u64,
    items: u64,
}

/// Best-fit decreasing: the largest first, each into the fullest bin that it fits into.
///
/// All items of a class that fit go into a bin at once, and into all bins that hold the same.
pub fn best_fit(histogram: &Histogram, capacity: u64, max_items: u64) -> Packing {
    let mut packing = Packing::default();
    let mut open: BTreeMap<u64, Vec<Open>> = BTreeMap::new();
    let smallest = histogram.sizes.first().copied().unwrap_or(0);
    for class in (0..histogram.sizes.len()).rev() {
        let size = histogram.sizes[class];
        let mut left = histogram.counts[class];
        while left > 0 {
            let (remaining, last, held, alike) = match open.range(size..).next() {
                Some((&remaining, groups)) => {
                    let group = &groups[groups.len() - 1];
                    (remaining, group.last, group.items, group.bins)
                }
                None => (capacity, NONE, 0, u64::MAX),
            };
            let fit = (remaining / size).min(max_items - held);
            let (each, bins) = if left >= fit {
                (fit, alike.min(left / fit))
            } else {
                (left, 1)
            };
            left -= each * bins;
            if last != NONE {
                take_bins(&mut open, remaining, bins);
            }
            let node = packing.push(last, class, each);
            let (remaining, held) = (remaining - each * size, held + each);
            if remaining < smallest || held == max_items {
                packing.groups.push((node, bins));
            } else {
                open.entry(remaining).or_default().push(Open {
                    last: node,
                    bins,
                    items: held,
                });
            }
        }
    }
    let still_open = open.into_values().flatten();
    packing
        .groups
        .extend(still_open.map(|group| (group.last, group.bins)));
    packing
}

/// Takes bins out of the last group of those with this capacity remaining.
fn take_bins(open: &mut BTreeMap<u64, Vec<Open>>, remaining: u64, bins: u64) {
    let Some(groups) = open.get_mut(&remaining) else {
        return;
    };
    if let Some(group) = groups.last_mut() {
        group.bins -= bins;
        if group.bins == 0 {
            groups.pop();
        }
    }
    if groups.is_empty() {
        open.remove(&remaining);
    }
}

/// Which pairs are tried first to fill what remains of a bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Two of about half of it: small items, which fit easily, are kept for later.
    Balanced,
    /// From a different size for each bin, so that all sizes are used up evenly.
    Spread,
}

/// The number of pairs that are tried to fill what remains of a bin.
const TRIES: u32 = 300;

/// 2^32 divided by the golden ratio: its multiples are spread evenly.
const GOLDEN: u32 = 0x9E37_79B9;

/// Fills one bin after the other: with the largest item that is left, then those that fit best.
pub fn fill(histogram: &Histogram, capacity: u64, max_items: u64, order: Order) -> Packing {
    let mut packing = Packing::default();
    let mut stock = Stock {
        sizes: histogram.sizes.clone(),
        counts: histogram.counts.clone(),
        classes: (0..histogram.sizes.len() as u32).collect(),
        below: (0..=histogram.sizes.len() as u32).collect(),
        above: (0..=histogram.sizes.len() as u32).collect(),
        used_up: 0,
        order,
        turn: 0,
    };
    while let Some(largest) = stock.last() {
        let content = stock.fill_bin(largest, capacity, max_items);
        let bins = content
            .iter()
            .map(|&(at, items)| stock.counts[at] / items)
            .min()
            .unwrap_or(1);
        let mut node = NONE;
        for &(at, items) in &content {
            node = packing.push(node, stock.classes[at] as usize, items);
            stock.take(at, items * bins);
        }
        packing.groups.push((node, bins));
        stock.turn = stock.turn.wrapping_add(GOLDEN);
        stock.compact();
    }
    packing
}

/// The items that are in no bin yet.
struct Stock {
    sizes: Vec<u64>,
    counts: Vec<u64>,
    classes: Vec<u32>,
    /// Disjoint sets: from 1 + each index towards 1 + the next that is not used up, downwards; 0 is
    /// the end. Without them, long runs that are used up would be scanned for every bin.
    below: Vec<u32>,
    /// From each index towards the next that is not used up, upwards.
    above: Vec<u32>,
    used_up: usize,
    order: Order,
    /// Where the search starts in `Spread`, as a fraction of 2^32.
    turn: u32,
}

/// (index in the stock, number of items)
type Content = Vec<(usize, u64)>;

impl Stock {
    fn last(&mut self) -> Option<usize> {
        self.at_or_below(self.sizes.len().checked_sub(1)?)
    }

    /// The next index that is not used up, from `at` downwards.
    fn at_or_below(&mut self, mut at: usize) -> Option<usize> {
        loop {
            at = skip(&mut self.below, at + 1).checked_sub(1)?;
            if self.counts[at] > 0 {
                return Some(at);
            }
            at = at.checked_sub(1)?; // in the bin that is being filled
        }
    }

    fn at_or_above(&mut self, mut at: usize) -> Option<usize> {
        loop {
            at = skip(&mut self.above, at);
            if *self.counts.get(at)? > 0 {
                return Some(at);
            }
            at += 1;
        }
    }

    fn largest_fitting(&mut self, remaining: u64) -> Option<usize> {
        let at = self.sizes.partition_point(|&size| size <= remaining);
        self.at_or_below(at.checked_sub(1)?)
    }

    fn take(&mut self, at: usize, items: u64) {
        self.counts[at] -= items;
        if self.counts[at] == 0 {
            self.used_up += 1;
            self.below[at + 1] = at as u32;
            self.above[at] = at as u32 + 1;
        }
    }

    /// Drops the classes that are used up, once they are more than half of the stock.
    fn compact(&mut self) {
        while self.counts.last() == Some(&0) {
            self.sizes.pop();
            self.counts.pop();
            self.classes.pop();
            self.used_up -= 1;
        }
        if self.used_up * 2 <= self.sizes.len() {
            return;
        }
        let kept = |at: &usize| self.counts[*at] > 0;
        let left: Vec<usize> = (0..self.sizes.len()).filter(kept).collect();
        self.sizes = left.iter().map(|&at| self.sizes[at]).collect();
        self.classes = left.iter().map(|&at| self.classes[at]).collect();
        self.counts = left.iter().map(|&at| self.counts[at]).collect();
        self.below = (0..=left.len() as u32).collect();
        self.above = self.below.clone();
        self.used_up = 0;
    }

    /// What to fill a bin with. Leaves the stock as it was.
    ///
    /// A greedy walk takes the largest item that fits; before each step a pair is sought that would
    /// fill what remains. The answer is the first content with the minimum remaining.
    fn fill_bin(&mut self, largest: usize, capacity: u64, max_items: u64) -> Content {
        let mut path: Content = vec![(largest, 1)];
        let mut remaining = capacity - self.sizes[largest];
        let mut left = max_items - 1;
        self.counts[largest] -= 1;
        let mut pair: Option<(u64, usize, Content)> = None; // remaining, steps of the path before it
        while left > 0
            && let Some(at) = self.largest_fitting(remaining)
        {
            let size = self.sizes[at];
            let mut items = 1;
            if size < remaining && remaining <= 2 * size && left > 1 {
                if let Some((left_over, two)) = self.find_pair(remaining)
                    && pair.as_ref().is_none_or(|best| left_over < best.0)
                {
                    pair = Some((left_over, path.len(), two));
                    if left_over == 0 {
                        break;
                    }
                }
            } else if remaining > 2 * size {
                items = ((remaining - size - 1) / size)
                    .min(self.counts[at])
                    .min(left);
            }
            self.counts[at] -= items;
            path.push((at, items));
            remaining -= items * size;
            left -= items;
        }
        for &(at, items) in &path {
            self.counts[at] += items;
        }
        if let Some((left_over, steps, two)) = pair
            && left_over < remaining
        {
            path.truncate(steps);
            path.extend(two);
        }
        merge(path)
    }

    /// The two items that fill the remaining capacity best, within [`TRIES`].
    ///
    /// The larger one's size goes up, and the smaller one's down.
    fn find_pair(&mut self, remaining: u64) -> Option<(u64, Content)> {
        let half = remaining / 2;
        let more = match self.order {
            Order::Balanced => 0,
            Order::Spread => (u128::from(half) * u128::from(self.turn)) >> 32,
        };
        let min = remaining - half + more as u64;
        let mut large = self.at_or_above(self.sizes.partition_point(|&size| size < min))?;
        let mut small = self.largest_fitting(remaining - min)?;
        let mut best: Option<(u64, Content)> = None;
        for _ in 0..TRIES {
            let next = if self.sizes[large] + self.sizes[small] > remaining {
                let below = small
                    .checked_sub(1)
                    .and_then(|below| self.at_or_below(below));
                below.map(|below| small = below)
            } else {
                if self.keep_best(&mut best, large, small, remaining) {
                    break;
                }
                self.at_or_above(large + 1).map(|above| large = above)
            };
            if next.is_none() {
                break;
            }
        }
        best
    }

    /// Keeps a pair if it is the best so far, and returns whether it fills the bin.
    fn keep_best(
        &self,
        best: &mut Option<(u64, Content)>,
        large: usize,
        small: usize,
        remaining: u64,
    ) -> bool {
        if large == small && self.counts[large] < 2 {
            return false;
        }
        let left_over = remaining - self.sizes[large] - self.sizes[small];
        if best.as_ref().is_none_or(|best| left_over < best.0) {
            *best = Some((left_over, vec![(large, 1), (small, 1)]));
        }
        left_over == 0
    }
}

/// The representative of a disjoint set, with path halving.
fn skip(next: &mut [u32], mut at: usize) -> usize {
    while next[at] as usize != at {
        next[at] = next[next[at] as usize];
        at = next[at] as usize;
    }
    at
}

/// Each index once, the largest first.
fn merge(mut content: Content) -> Content {
    content.sort_unstable_by(|a, b| b.cmp(a));
    content.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_in_a_bin_that_holds_it() {
        let classes: BTreeMap<u64, u64> = (1..400).map(|i| (i * 7 % 1009 + 1, i % 4 + 1)).collect();
        let (sizes, counts) = classes.into_iter().unzip();
        let items = Histogram { sizes, counts };
        for max_items in [3, u64::MAX] {
            let (capacity, mut packings) = (1009, vec![best_fit(&items, 1009, max_items)]);
            packings.push(fill(&items, capacity, max_items, Order::Balanced));
            packings.push(fill(&items, capacity, max_items, Order::Spread));
            for packing in packings {
                let mut placed = vec![0; items.sizes.len()];
                for &(last, bins) in &packing.groups {
                    let (mut size, mut held) = (0, 0);
                    for node in packing.chain(last) {
                        size += items.sizes[node.class as usize] * u64::from(node.items);
                        held += u64::from(node.items);
                        placed[node.class as usize] += u64::from(node.items) * bins;
                    }
                    assert!(size <= capacity && held <= max_items);
                }
                assert_eq!(placed, items.counts);
                assert!(packing.bins() >= lower_bound(&items, capacity, max_items));
            }
        }
    }
}
