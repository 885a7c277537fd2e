//! Where each piece of a corpus goes, by a packing of the histogram of all lengths alone.
//!
//! Pieces of one size are alike: all of a corpus are numbered, in the order of its parts, and so are
//! the slots for that size in the bins. Piece number n takes slot number n; with a seed, the slot that
//! a [`Permutation`] has for n. So a worker that knows how many pieces of each size are before its part
//! finds the bin of each of its pieces, and where in the bin it starts, without the other parts.
//!
//! The fallback is `ctxtools/_core/fallback/placement.py`.

use crate::bpe::table::{OutOfMemory, try_vec};
use crate::pack::bin_packing::{self, Histogram, NONE, Packing};
use crate::pack::windows::{Cell, Overlong, max_pieces, mix, pieces};

/// Sizes up to this have a table of their classes.
const DENSE: u64 = 1 << 22;

/// 2^64 divided by the golden ratio, by which the keys of a permutation's rounds are apart.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
const ROUNDS: u32 = 4;

/// Where a part is in the corpus: of each size, the number of pieces before it, and with its own.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    pub first: &'a [u64],
    pub ends: &'a [u64],
}

#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Tokens after each document, fewer than the window has.
    pub eos: u64,
    pub overlong: Overlong,
    /// Permutes the windows, and the slots of each size.
    pub seed: Option<u64>,
    /// The number of the first window.
    pub first_window: u64,
}

/// Where the pieces of a part go, in the order of its documents.
#[derive(Debug, Default)]
pub struct Placed<C> {
    pub documents: Vec<C>,
    /// The first token of each piece in its document.
    pub starts: Vec<C>,
    /// The tokens of each piece; of a document's last one, with its EOS tokens.
    pub lengths: Vec<C>,
    pub windows: Vec<C>,
    /// The first token of each piece in its window.
    pub offsets: Vec<C>,
    /// The documents that were truncated or dropped.
    pub overlong: Vec<u64>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// The part has no piece, or no more pieces, of the size of one of this document.
    Uncounted(usize),
    /// It has more pieces of this size than the documents have.
    Missing(u64),
    /// Documents are split into too many pieces: this many, with those that are not split.
    TooMany(u64),
    Memory,
}

impl From<OutOfMemory> for Error {
    fn from(_: OutOfMemory) -> Self {
        Error::Memory
    }
}

/// The slots for one size in bins that hold the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// The number of the first slot, among all of that size.
    slot: u64,
    /// The first bin.
    bin: u64,
    /// How many slots each bin has.
    items: u64,
    /// Where the first of them starts in a bin.
    start: u64,
}

/// A packing of a corpus, and the slots that it has for each size.
pub struct Placement {
    /// Sizes of pieces, without separators.
    histogram: Histogram,
    separator: u64,
    packing: Packing,
    lower_bound: u64,
    bins: u64,
    /// Class by class, those of a class in the order of their slots.
    runs: Vec<Run>,
    /// Where each class starts in `runs`, and the last one ends.
    ends: Vec<usize>,
    /// The class of each size, or `NONE`, where sizes are small.
    dense: Vec<u32>,
}

impl Placement {
    /// Packs pieces into windows; None if their histogram is none, or one is above the window.
    pub fn pack(
        histogram: Histogram,
        window: u64,
        separator: u64,
        max_documents: u64,
    ) -> Option<Self> {
        let capacity = capacity(&histogram, window, separator)?;
        if max_documents == 0 {
            return None;
        }
        let sizes = histogram.sizes.iter().map(|size| size + separator);
        let separated = Histogram {
            sizes: sizes.collect(),
            counts: histogram.counts.clone(),
        };
        let max_items = max_documents.min(u64::from(u32::MAX));
        let (packing, bound) = bin_packing::pack(&separated, capacity, max_items);
        Some(Placement::new(histogram, separator, packing, bound))
    }

    /// A packing that was made before; None if it is not one of these pieces into such windows.
    pub fn of(
        histogram: Histogram,
        window: u64,
        separator: u64,
        max_documents: u64,
        packing: Packing,
        lower_bound: u64,
    ) -> Option<Self> {
        let capacity = u128::from(capacity(&histogram, window, separator)?);
        let mut left: Vec<u128> = histogram.counts.iter().map(|&n| n.into()).collect();
        let valid_node = |(at, node): (usize, &bin_packing::Node)| {
            (node.parent == NONE || (node.parent as usize) < at)
                && (node.class as usize) < left.len()
                && node.items > 0
        };
        if packing.nodes.len() >= NONE as usize || !packing.nodes.iter().enumerate().all(valid_node)
        {
            return None;
        }
        for &(last, bins) in &packing.groups {
            if bins == 0 || last as usize >= packing.nodes.len() {
                return None;
            }
            let (mut size, mut held) = (0, 0);
            for node in packing.chain(last) {
                let (class, items) = (node.class as usize, u128::from(node.items));
                size += u128::from(histogram.sizes[class] + separator) * items;
                held += items;
                left[class] = left[class].checked_sub(items * u128::from(bins))?;
            }
            if size > capacity || held > u128::from(max_documents) {
                return None;
            }
        }
        let whole = left.iter().all(|&items| items == 0) && lower_bound <= packing.bins();
        whole.then(|| Placement::new(histogram, separator, packing, lower_bound))
    }

    /// Bins are in the order of the packing's groups, and in a bin its chain's first piece is first.
    fn new(histogram: Histogram, separator: u64, packing: Packing, lower_bound: u64) -> Self {
        let mut found: Vec<(u32, Run)> = Vec::new();
        let mut slots = vec![0; histogram.sizes.len()];
        let (mut bin, mut chain) = (0, Vec::new());
        for &(last, alike) in &packing.groups {
            chain.clear();
            chain.extend(packing.chain(last));
            let mut start = 0;
            for node in chain.iter().rev() {
                let (class, items) = (node.class as usize, u64::from(node.items));
                let slot = slots[class];
                let run = Run {
                    slot,
                    bin,
                    items,
                    start,
                };
                found.push((node.class, run));
                slots[class] += items * alike;
                start += items * (histogram.sizes[class] + separator);
            }
            bin += alike;
        }
        found.sort_unstable_by_key(|&(class, run)| (class, run.slot));
        let ends = (0..=histogram.sizes.len() as u32)
            .map(|class| found.partition_point(|&(other, _)| other < class))
            .collect();
        let mut dense = Vec::new();
        if let Some(&max) = histogram.sizes.last()
            && max <= DENSE
        {
            dense = vec![NONE; max as usize + 1];
            for (class, &size) in (0..).zip(&histogram.sizes) {
                dense[size as usize] = class;
            }
        }
        Placement {
            histogram,
            separator,
            bins: packing.bins(),
            packing,
            lower_bound,
            runs: found.into_iter().map(|(_, run)| run).collect(),
            ends,
            dense,
        }
    }

    pub fn bins(&self) -> u64 {
        self.bins
    }

    /// No packing has fewer bins.
    pub fn lower_bound(&self) -> u64 {
        self.lower_bound
    }

    pub fn histogram(&self) -> &Histogram {
        &self.histogram
    }

    pub fn packing(&self) -> &Packing {
        &self.packing
    }

    #[inline]
    fn class(&self, size: u64) -> Option<usize> {
        if self.dense.is_empty() {
            return self.histogram.sizes.binary_search(&size).ok();
        }
        let &class = self.dense.get(size as usize)?;
        (class != NONE).then_some(class as usize)
    }

    /// Whether a part may be one of what was packed.
    pub fn has(&self, part: Part<'_>) -> bool {
        let counts = &self.histogram.counts;
        part.first.len() == counts.len()
            && part.ends.len() == counts.len()
            && part
                .first
                .iter()
                .zip(part.ends)
                .all(|(first, end)| first <= end)
            && part
                .ends
                .iter()
                .zip(counts)
                .all(|(end, count)| end <= count)
    }

    /// Where the pieces of a part go; `window` is that of the packing, which has the part.
    pub fn place<C: Cell>(
        &self,
        lengths: &[u64],
        part: Part<'_>,
        window: u64,
        request: &Request,
    ) -> Result<Placed<C>, Error> {
        let count = count_pieces(lengths, window, request)?;
        let mut walk = Walk::new(self, part, request.seed);
        let mut placed = Placed {
            documents: try_vec(count)?,
            starts: try_vec(count)?,
            lengths: try_vec(count)?,
            windows: try_vec(count)?,
            offsets: try_vec(count)?,
            overlong: Vec::new(),
        };
        let mut put = |document: usize, start: u64, tokens: u64| -> Result<(), Error> {
            let found = self.class(tokens).and_then(|class| walk.next(class));
            let (bin, offset) = found.ok_or(Error::Uncounted(document))?;
            placed.documents.push(C::narrow(document as u64));
            placed.starts.push(C::narrow(start));
            placed.lengths.push(C::narrow(tokens));
            placed.windows.push(C::narrow(request.first_window + bin));
            placed.offsets.push(C::narrow(offset));
            Ok(())
        };
        for (document, &length) in lengths.iter().enumerate() {
            let tokens = length.saturating_add(request.eos);
            if length == 0 {
                continue;
            }
            if tokens <= window {
                put(document, 0, tokens)?;
                continue;
            }
            match request.overlong {
                Overlong::Split => {
                    for (start, tokens) in pieces(length, window, request.eos) {
                        put(document, start, tokens)?;
                    }
                    continue;
                }
                Overlong::Truncate => put(document, 0, window)?,
                Overlong::Drop => {}
                Overlong::Raise => return Err(Error::Uncounted(document)),
            }
            placed.overlong.push(document as u64);
        }
        if let Some(class) = (0..part.ends.len()).find(|&class| walk.next[class] < part.ends[class])
        {
            return Err(Error::Missing(self.histogram.sizes[class]));
        }
        Ok(placed)
    }
}

/// The size of a bin; None if the histogram is none of pieces that a window holds.
fn capacity(histogram: &Histogram, window: u64, separator: u64) -> Option<u64> {
    let (sizes, counts) = (&histogram.sizes, &histogram.counts);
    let items = counts.iter().try_fold(0u64, |sum, &n| sum.checked_add(n));
    let capacity = window.checked_add(separator).filter(|&n| n <= 1 << 63)?;
    let is_one = sizes.len() == counts.len()
        && sizes.len() < NONE as usize
        && sizes.is_sorted_by(|a, b| a < b)
        && sizes.first().is_none_or(|&size| size > 0)
        && sizes.last().is_none_or(|&size| size <= window)
        && !counts.contains(&0)
        && items.is_some_and(|n| n <= 1 << 62);
    is_one.then_some(capacity)
}

fn count_pieces(lengths: &[u64], window: u64, request: &Request) -> Result<usize, Error> {
    let mut count = 0u64;
    for &length in lengths.iter().filter(|&&length| length > 0) {
        let more = match length.checked_add(request.eos) {
            Some(tokens) if tokens <= window => 1,
            None if request.overlong == Overlong::Split => return Err(Error::TooMany(u64::MAX)),
            Some(tokens) if request.overlong == Overlong::Split => tokens.div_ceil(window),
            _ => u64::from(request.overlong == Overlong::Truncate),
        };
        count = count.saturating_add(more);
    }
    if count > max_pieces(lengths.len()) {
        return Err(Error::TooMany(count));
    }
    Ok(count as usize)
}

/// A walk over the slots of all sizes, from the first that a part has.
struct Walk<'a> {
    placement: &'a Placement,
    /// The next piece of each class.
    next: Vec<u64>,
    ends: &'a [u64],
    order: Order,
}

enum Order {
    /// The run that has the next slot of each class.
    Ascending(Vec<usize>),
    /// Of the slots of each class, and of the bins.
    Permuted(Vec<Permutation>, Permutation),
}

impl<'a> Walk<'a> {
    fn new(placement: &'a Placement, part: Part<'a>, seed: Option<u64>) -> Self {
        let order = match seed {
            None => {
                let firsts = part.first.iter().enumerate();
                let runs = firsts.map(|(class, &slot)| placement.run_of(class, slot));
                Order::Ascending(runs.collect())
            }
            Some(seed) => {
                let numbered = (1..).zip(&placement.histogram.counts);
                Order::Permuted(
                    numbered
                        .map(|(number, &count)| Permutation::new(count, seed, number))
                        .collect(),
                    Permutation::new(placement.bins, seed, 0),
                )
            }
        };
        Walk {
            placement,
            next: part.first.to_vec(),
            ends: part.ends,
            order,
        }
    }

    /// The window of the next piece of a class, and where it starts there; None if there are no more.
    #[inline(always)]
    fn next(&mut self, class: usize) -> Option<(u64, u64)> {
        let Placement {
            runs,
            ends,
            histogram,
            separator,
            ..
        } = self.placement;
        let piece = self.next[class];
        if piece >= self.ends[class] {
            return None;
        }
        self.next[class] = piece + 1;
        let (slot, run) = match &mut self.order {
            Order::Ascending(at) => {
                let at = &mut at[class];
                if *at + 1 < ends[class + 1] && runs[*at + 1].slot <= piece {
                    *at += 1;
                }
                (piece, &runs[*at])
            }
            Order::Permuted(of_slots, _) => {
                let slot = of_slots[class].of(piece);
                (slot, &runs[self.placement.run_of(class, slot)])
            }
        };
        let inside = slot - run.slot;
        let (bin, number) = if run.items == 1 {
            (inside, 0)
        } else {
            (inside / run.items, inside % run.items)
        };
        let bin = run.bin + bin;
        let window = match &self.order {
            Order::Ascending(_) => bin,
            Order::Permuted(_, of_bins) => of_bins.of(bin),
        };
        Some((
            window,
            run.start + number * (histogram.sizes[class] + separator),
        ))
    }
}

impl Placement {
    /// The run with a slot of a class.
    #[inline]
    fn run_of(&self, class: usize, slot: u64) -> usize {
        let runs = &self.runs[self.ends[class]..self.ends[class + 1]];
        self.ends[class] + runs.partition_point(|run| run.slot <= slot) - 1
    }
}

/// A bijection of the numbers below `count`, which takes no memory.
///
/// It is a Feistel network on as many bits as the numbers have; what comes out of it too large goes in
/// again (cycle walking: Black and Rogaway 2002, "Ciphers with arbitrary finite domains"). At most as
/// many are too large as not, so that it is run twice on average at the most.
struct Permutation {
    count: u64,
    key: u64,
    low: u32,
    masks: [u64; 2],
}

impl Permutation {
    /// Those of other numbers are others.
    fn new(count: u64, seed: u64, number: u64) -> Self {
        let bits = u64::BITS - count.saturating_sub(1).leading_zeros();
        let low = bits / 2;
        Permutation {
            count,
            key: mix(mix(seed).wrapping_add(number)),
            low,
            masks: [(1 << low) - 1, (1 << (bits - low)) - 1],
        }
    }

    #[inline]
    fn of(&self, number: u64) -> u64 {
        let mut number = number;
        loop {
            number = self.rounds(number);
            if number < self.count {
                return number;
            }
        }
    }

    #[inline]
    fn rounds(&self, number: u64) -> u64 {
        let (mut low, mut high) = (number & self.masks[0], number >> self.low);
        let mut key = self.key;
        for _ in 0..ROUNDS / 2 {
            high ^= mix(low.wrapping_add(key)) & self.masks[1];
            key = key.wrapping_add(GOLDEN);
            low ^= mix(high.wrapping_add(key)) & self.masks[0];
            key = key.wrapping_add(GOLDEN);
        }
        high << self.low | low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: u64 = 50;

    /// The histogram of the pieces of documents, by listing them.
    fn histogram(lengths: &[u64], request: &Request) -> Histogram {
        let mut counts = std::collections::BTreeMap::new();
        for &length in lengths.iter().filter(|&&length| length > 0) {
            let all = length + request.eos;
            let sizes = match request.overlong {
                _ if all <= WINDOW => vec![all],
                Overlong::Drop | Overlong::Raise => vec![],
                Overlong::Truncate => vec![WINDOW],
                Overlong::Split => pieces(length, WINDOW, request.eos).map(|p| p.1).collect(),
            };
            for size in sizes {
                *counts.entry(size).or_insert(0) += 1;
            }
        }
        Histogram {
            sizes: counts.keys().copied().collect(),
            counts: counts.values().copied().collect(),
        }
    }

    proptest! {
        #[test]
        fn parts_fill_the_windows_without_overlaps(
            parts in prop::collection::vec(prop::collection::vec(0u64..160, 0..30), 1..5),
            eos in 0u64..3,
            separator in 0u64..3,
            max_documents in prop_oneof![Just(u64::from(u32::MAX)), 1u64..4],
            overlong in prop::sample::select(vec![
                Overlong::Split, Overlong::Truncate, Overlong::Drop,
            ]),
            seed in prop::option::of(any::<u64>()),
        ) {
            let request = Request { eos, overlong, seed, first_window: 3 };
            let all = histogram(&parts.concat(), &request);
            let made = Placement::pack(all.clone(), WINDOW, separator, max_documents).unwrap();
            let (packing, bound) = (made.packing.clone(), made.lower_bound);
            let placement =
                Placement::of(all.clone(), WINDOW, separator, max_documents, packing, bound).unwrap();
            let mut windows = vec![vec![]; placement.bins() as usize];
            let mut first = vec![0; all.sizes.len()];
            for part in &parts {
                let here = histogram(part, &request);
                let mut ends = first.clone();
                for (size, count) in here.sizes.iter().zip(&here.counts) {
                    ends[placement.class(*size).unwrap()] += count;
                }
                let slots = Part { first: &first, ends: &ends };
                prop_assert!(placement.has(slots));
                let placed = placement.place::<u64>(part, slots, WINDOW, &request).unwrap();
                for (i, &window) in placed.windows.iter().enumerate() {
                    windows[window as usize - 3].push((placed.offsets[i], placed.lengths[i]));
                }
                first = ends;
            }
            prop_assert_eq!(&first, &all.counts);
            for window in &mut windows {
                window.sort_unstable();
                prop_assert!(!window.is_empty() && window.len() as u64 <= max_documents);
                let mut expected = 0;
                for &(offset, length) in &*window {
                    prop_assert_eq!(offset, expected);
                    expected = offset + length + separator;
                }
                prop_assert!(expected - separator <= WINDOW);
            }
        }

        #[test]
        fn permutations_are_bijections(count in 1u64..3000, seed in any::<u64>(), number in 0u64..9) {
            let permutation = Permutation::new(count, seed, number);
            let mut seen = vec![false; count as usize];
            for i in 0..count {
                seen[permutation.of(i) as usize] = true;
            }
            prop_assert!(seen.into_iter().all(|seen| seen));
        }
    }

    #[test]
    fn permutations_of_large_counts_end() {
        for count in [1 << 61, (1 << 62) - 1, (1 << 61) + 1] {
            assert!(Permutation::new(count, 3, 1).of(count - 1) < count);
        }
    }

    #[test]
    fn a_packing_of_other_pieces_is_refused() {
        let histogram = |counts: &[u64]| Histogram {
            sizes: vec![3, 20],
            counts: counts.to_vec(),
        };
        let made = Placement::pack(histogram(&[5, 4]), 50, 1, 9).unwrap();
        let again = |counts: &[u64], window, max_documents| {
            let packing = made.packing.clone();
            Placement::of(histogram(counts), window, 1, max_documents, packing, 2).is_some()
        };
        assert!(again(&[5, 4], 50, 9));
        assert!(!again(&[5, 5], 50, 9));
        assert!(!again(&[4, 4], 50, 9));
        assert!(!again(&[5, 4], 30, 9));
        assert!(!again(&[5, 4], 50, 1));
    }
}
