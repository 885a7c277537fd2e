//! Bin packing over a histogram: how many windows of which lengths, not which document goes where.
//!
//! Documents of the same length are alike, so that a million of them are packed as a few thousand
//! classes (Krell and others 2021, <https://arxiv.org/abs/2107.02027>). [`best_fit`] is best-fit
//! decreasing on those (Ding and others 2024, <https://arxiv.org/abs/2404.10830>). Where it stays
//! above the [`lower_bound`], [`fill`] packs anew, one window after the other, each as full as a
//! bounded search finds (minimum bin slack: Gupta and Ho 1999). [`pack`] keeps what has fewer bins.
//!
//! `ctxtools/packing/bins.py` does the same, step by step: the plans are equal. A change here is a
//! change there.

use std::collections::BTreeMap;

/// No parent, or no limit.
pub const NONE: u32 = u32::MAX;

/// Sizes that occur, ascending, and how many of each there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// From 1 on.
    pub sizes: Vec<u64>,
    /// From 1 on.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// The number of items.
    pub fn items(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// A number of items of one class that were put into bins which held `parent`'s already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The node that was there before, or `NONE`.
    pub parent: u32,
    /// The place in the histogram.
    pub class: u32,
    /// How many, in each bin.
    pub items: u32,
}

/// Bins, in groups that hold the same: a group is the last of a chain of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packing {
    /// Each behind its parent.
    pub nodes: Vec<Node>,
    /// (the last node, how many bins there are like this)
    pub groups: Vec<(u32, u64)>,
}

impl Packing {
    /// The number of bins.
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

/// The bound of Martello and Toth (1990, "Lower bounds and reduction procedures for the bin packing
/// problem"), called L2; and with at most `most` items to a bin, no fewer bins than that takes.
///
/// For each a up to half the capacity: what is larger than `capacity - a` is alone, what is larger
/// than half has a bin of its own, and what is at least a and does not fit beside those needs more.
pub fn lower_bound(histogram: &Histogram, capacity: u64, most: u64) -> u64 {
    let (sizes, counts) = (&histogram.sizes, &histogram.counts);
    let half = sizes.partition_point(|&size| size <= capacity / 2);
    let large: u64 = counts[half..].iter().sum();
    // Of those up to `a`'s complement, that share a bin with what is at least `a`: starting from
    // the smallest a, all of them.
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
        let least = if i < half { sizes[i] } else { capacity / 2 + 1 };
        while sharing > half && sizes[sharing - 1] > capacity - least.min(capacity) {
            sharing -= 1;
            partners -= counts[sharing];
            partners_volume -= u128::from(sizes[sharing]) * u128::from(counts[sharing]);
        }
        let room = u128::from(partners) * u128::from(capacity) - partners_volume;
        let over = small_volume.saturating_sub(room);
        bound = bound.max(large + over.div_ceil(u128::from(capacity)) as u64);
        if i < half {
            small_volume -= u128::from(sizes[i]) * u128::from(counts[i]);
        }
    }
    bound.max(histogram.items().div_ceil(most))
}

/// The bound of Fekete and Schepers (2001, "New classes of fast lower bounds for bin packing
/// problems"), by their function phi: of at least `least` go at most k into a bin, so that each
/// takes a k-th of one, and what is larger than half takes all that it leaves no room for.
///
/// It is far above L2 where few items go into a bin: of 3,000 to 4,000 into 8,192, two. So it knows
/// earlier that there is nothing to mend.
fn counting_bound(histogram: &Histogram, capacity: u64) -> u64 {
    let (sizes, counts) = (&histogram.sizes, &histogram.counts);
    let half = sizes.partition_point(|&size| size <= capacity / 2);
    let bound = |most: u64| {
        let least = capacity / (most + 1) + 1; // the smallest of which no more go in
        let small = sizes.partition_point(|&size| size < least).min(half);
        let few: u128 = counts[small..half].iter().map(|&n| u128::from(n)).sum();
        let large = sizes[half..].iter().zip(&counts[half..]);
        let many = large.map(|(size, &n)| {
            u128::from(most - ((capacity - size) / least).min(most)) * u128::from(n)
        });
        (few + many.sum::<u128>()).div_ceil(u128::from(most)) as u64
    };
    (2..=COUNTED.min(capacity)).map(bound).max().unwrap_or(0)
}

/// Items of a bin up to which `counting_bound` looks: with more, L2 is as good.
const COUNTED: u64 = 8;

/// Packs into few bins, and says how many there must be at least.
///
/// Args: no size is 0 or above `capacity`; at most `most` items, at least 1, go into a bin.
pub fn pack(histogram: &Histogram, capacity: u64, most: u64) -> (Packing, u64) {
    let bound = lower_bound(histogram, capacity, most);
    let mut best = best_fit(histogram, capacity, most);
    for order in [Order::Balanced, Order::Spread] {
        if best.bins() == bound || best.bins() <= counting_bound(histogram, capacity) {
            break;
        }
        let other = fill(histogram, capacity, most, order);
        if other.bins() < best.bins() {
            best = other;
        }
    }
    (best, bound)
}

/// Bins that hold the same and have room left.
struct Open {
    last: u32,
    bins: u64,
    items: u64,
}

/// Best-fit decreasing: the largest first, each into the fullest bin that has room for it.
///
/// As many of a class as fit go into a bin at once, and into all bins that hold the same.
pub fn best_fit(histogram: &Histogram, capacity: u64, most: u64) -> Packing {
    let mut packing = Packing::default();
    let mut open: BTreeMap<u64, Vec<Open>> = BTreeMap::new();
    let least = histogram.sizes.first().copied().unwrap_or(0);
    for class in (0..histogram.sizes.len()).rev() {
        let size = histogram.sizes[class];
        let mut left = histogram.counts[class];
        while left > 0 {
            let (room, last, held, alike) = match open.range(size..).next() {
                Some((&room, groups)) => {
                    let group = &groups[groups.len() - 1];
                    (room, group.last, group.items, group.bins)
                }
                None => (capacity, NONE, 0, u64::MAX),
            };
            let fit = (room / size).min(most - held);
            let (each, bins) = if left >= fit {
                (fit, alike.min(left / fit))
            } else {
                (left, 1)
            };
            left -= each * bins;
            if last != NONE {
                take_bins(&mut open, room, bins);
            }
            let node = packing.push(last, class, each);
            let (room, held) = (room - each * size, held + each);
            if room < least || held == most {
                packing.groups.push((node, bins));
            } else {
                open.entry(room).or_default().push(Open {
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

/// Takes bins out of the last group of those with this much room.
fn take_bins(open: &mut BTreeMap<u64, Vec<Open>>, room: u64, bins: u64) {
    let Some(groups) = open.get_mut(&room) else {
        return;
    };
    if let Some(group) = groups.last_mut() {
        group.bins -= bins;
        if group.bins == 0 {
            groups.pop();
        }
    }
    if groups.is_empty() {
        open.remove(&room);
    }
}

/// Which pairs are tried first to fill a bin's room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Two of about half the room: the small ones, which are easy to place, are kept for later.
    Balanced,
    /// From another place for each bin, so that all sizes are used up alike.
    Spread,
}

/// Pairs that are looked at to fill one room.
const TRIES: u32 = 300;

/// 2^32 divided by the golden ratio: its multiples are spread evenly.
const GOLDEN: u32 = 0x9E37_79B9;

/// Fills one bin after the other: the largest item that is left, then those that fill it best.
pub fn fill(histogram: &Histogram, capacity: u64, most: u64, order: Order) -> Packing {
    let mut packing = Packing::default();
    let mut stock = Stock {
        sizes: histogram.sizes.clone(),
        counts: histogram.counts.clone(),
        classes: (0..histogram.sizes.len() as u32).collect(),
        below: (0..=histogram.sizes.len() as u32).collect(),
        above: (0..=histogram.sizes.len() as u32).collect(),
        gone: 0,
        order,
        turn: 0,
    };
    while let Some(largest) = stock.last() {
        let content = stock.fill_bin(largest, capacity, most);
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
        stock.tidy();
    }
    packing
}

/// The items that are in no bin yet.
struct Stock {
    sizes: Vec<u64>,
    counts: Vec<u64>,
    classes: Vec<u32>,
    /// From one behind each place towards the one behind the next that is not used up, downwards;
    /// 0 is before all. Without, long runs that are used up are gone through for every bin.
    below: Vec<u32>,
    /// From each place towards the next that is not used up, upwards.
    above: Vec<u32>,
    gone: usize,
    order: Order,
    /// Where the search starts in `Spread`, as a part of 2^32.
    turn: u32,
}

/// (place in the stock, how many)
type Content = Vec<(usize, u64)>;

impl Stock {
    fn last(&mut self) -> Option<usize> {
        self.down(self.sizes.len().checked_sub(1)?)
    }

    /// The place of the largest that fits, from `at` downwards.
    fn down(&mut self, mut at: usize) -> Option<usize> {
        loop {
            at = skip(&mut self.below, at + 1).checked_sub(1)?;
            if self.counts[at] > 0 {
                return Some(at);
            }
            at = at.checked_sub(1)?; // in the bin that is being filled
        }
    }

    fn up(&mut self, mut at: usize) -> Option<usize> {
        loop {
            at = skip(&mut self.above, at);
            if *self.counts.get(at)? > 0 {
                return Some(at);
            }
            at += 1;
        }
    }

    fn fitting(&mut self, room: u64) -> Option<usize> {
        let at = self.sizes.partition_point(|&size| size <= room);
        self.down(at.checked_sub(1)?)
    }

    fn take(&mut self, at: usize, items: u64) {
        self.counts[at] -= items;
        if self.counts[at] == 0 {
            self.gone += 1;
            self.below[at + 1] = at as u32;
            self.above[at] = at as u32 + 1;
        }
    }

    /// Forgets the classes that are used up, once they are most of the stock.
    fn tidy(&mut self) {
        while self.counts.last() == Some(&0) {
            self.sizes.pop();
            self.counts.pop();
            self.classes.pop();
            self.gone -= 1;
        }
        if self.gone * 2 <= self.sizes.len() {
            return;
        }
        let kept = |at: &usize| self.counts[*at] > 0;
        let places: Vec<usize> = (0..self.sizes.len()).filter(kept).collect();
        self.sizes = places.iter().map(|&at| self.sizes[at]).collect();
        self.classes = places.iter().map(|&at| self.classes[at]).collect();
        self.counts = places.iter().map(|&at| self.counts[at]).collect();
        self.below = (0..=places.len() as u32).collect();
        self.above = self.below.clone();
        self.gone = 0;
    }

    /// What a bin is filled with. The stock is as before.
    ///
    /// A greedy walk takes the largest that fits; before each of its steps a pair is sought that
    /// would fill the rest. The first content with the least room left is the answer.
    fn fill_bin(&mut self, largest: usize, capacity: u64, most: u64) -> Content {
        let mut path: Content = vec![(largest, 1)];
        let mut room = capacity - self.sizes[largest];
        let mut left = most - 1;
        self.counts[largest] -= 1;
        let mut pair: Option<(u64, usize, Content)> = None; // room left, steps of the path before it
        while left > 0
            && let Some(at) = self.fitting(room)
        {
            let size = self.sizes[at];
            let mut items = 1;
            if size < room && room <= 2 * size && left > 1 {
                if let Some((over, two)) = self.find_pair(room)
                    && pair.as_ref().is_none_or(|best| over < best.0)
                {
                    pair = Some((over, path.len(), two));
                    if over == 0 {
                        break;
                    }
                }
            } else if room > 2 * size {
                items = ((room - size - 1) / size).min(self.counts[at]).min(left);
            }
            self.counts[at] -= items;
            path.push((at, items));
            room -= items * size;
            left -= items;
        }
        for &(at, items) in &path {
            self.counts[at] += items;
        }
        if let Some((over, steps, two)) = pair
            && over < room
        {
            path.truncate(steps);
            path.extend(two);
        }
        merge(path)
    }

    /// The two items that fill a room best, as far as `TRIES` go.
    ///
    /// The larger one's size goes up from where it starts, and the smaller one's down.
    fn find_pair(&mut self, room: u64) -> Option<(u64, Content)> {
        let half = room / 2;
        let more = match self.order {
            Order::Balanced => 0,
            Order::Spread => (u128::from(half) * u128::from(self.turn)) >> 32,
        };
        let least = room - half + more as u64;
        let mut large = self.up(self.sizes.partition_point(|&size| size < least))?;
        let mut small = self.fitting(room - least)?;
        let mut best: Option<(u64, Content)> = None;
        for _ in 0..TRIES {
            let next = if self.sizes[large] + self.sizes[small] > room {
                let below = small.checked_sub(1).and_then(|below| self.down(below));
                below.map(|below| small = below)
            } else {
                if self.keep_best(&mut best, large, small, room) {
                    break;
                }
                self.up(large + 1).map(|above| large = above)
            };
            if next.is_none() {
                break;
            }
        }
        best
    }

    /// Keeps a pair if it is the best so far, and says whether it leaves no room at all.
    fn keep_best(
        &self,
        best: &mut Option<(u64, Content)>,
        large: usize,
        small: usize,
        room: u64,
    ) -> bool {
        if large == small && self.counts[large] < 2 {
            return false;
        }
        let over = room - self.sizes[large] - self.sizes[small];
        if best.as_ref().is_none_or(|least| over < least.0) {
            *best = Some((over, vec![(large, 1), (small, 1)]));
        }
        over == 0
    }
}

/// Follows places to the last, and makes the way shorter for the next time.
fn skip(places: &mut [u32], mut at: usize) -> usize {
    while places[at] as usize != at {
        places[at] = places[places[at] as usize];
        at = places[at] as usize;
    }
    at
}

/// Each place once, the largest first.
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

    fn histogram(items: &[(u64, u64)]) -> Histogram {
        Histogram {
            sizes: items.iter().map(|item| item.0).collect(),
            counts: items.iter().map(|item| item.1).collect(),
        }
    }

    #[test]
    fn bounds_of_small_cases() {
        let bound = |items, most| lower_bound(&histogram(items), 10, most);
        assert_eq!(bound(&[], 9), 0);
        assert_eq!(bound(&[(5, 4)], 9), 2);
        assert_eq!(bound(&[(6, 4)], 9), 4, "two of more than half share no bin");
        assert_eq!(bound(&[(4, 2), (7, 2)], 9), 3, "a 4 fits beside no 7");
        assert_eq!(bound(&[(1, 10)], 2), 5);
    }

    #[test]
    fn few_to_a_bin_are_counted() {
        let sizes: Vec<(u64, u64)> = (3000..4000).map(|size| (size, 2)).collect();
        let items = histogram(&sizes);
        assert!(lower_bound(&items, 8192, u64::MAX) < 900);
        assert_eq!(counting_bound(&items, 8192), 1000);
        assert_eq!(pack(&items, 8192, u64::MAX).0.bins(), 1000);
    }

    #[test]
    fn every_item_is_in_a_bin_that_holds_it() {
        let sizes: Vec<(u64, u64)> = (1..400).map(|i| (i * 7 % 1009 + 1, i % 4 + 1)).collect();
        let mut sizes = sizes;
        sizes.sort_unstable();
        sizes.dedup_by_key(|item| item.0);
        let items = histogram(&sizes);
        for most in [3, u64::MAX] {
            let (capacity, mut packings) = (1009, vec![best_fit(&items, 1009, most)]);
            packings.push(fill(&items, capacity, most, Order::Balanced));
            packings.push(fill(&items, capacity, most, Order::Spread));
            for packing in packings {
                let mut placed = vec![0; items.sizes.len()];
                for &(last, bins) in &packing.groups {
                    let (mut size, mut held) = (0, 0);
                    for node in packing.chain(last) {
                        size += items.sizes[node.class as usize] * u64::from(node.items);
                        held += u64::from(node.items);
                        placed[node.class as usize] += u64::from(node.items) * bins;
                    }
                    assert!(size <= capacity && held <= most);
                }
                assert_eq!(placed, items.counts);
                assert!(packing.bins() >= lower_bound(&items, capacity, most));
            }
        }
    }

    #[test]
    fn filling_closes_what_best_fit_leaves() {
        let sizes: Vec<(u64, u64)> = (150..400).map(|size| (size, 40)).collect();
        let items = histogram(&sizes);
        let (packing, bound) = pack(&items, 1000, u64::MAX);
        assert!(best_fit(&items, 1000, u64::MAX).bins() > packing.bins());
        assert!(packing.bins() <= bound + bound / 100);
    }
}
