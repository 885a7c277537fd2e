//! From lengths of documents to training windows: which document, from which of its tokens on, is
//! in which window.
//!
//! [`bin_packing`] says what lengths each window holds. Here each length gets its documents, in time
//! and memory linear in their number: nothing is sorted where lengths are below [`DENSE`], and there
//! is no object for a document.
//!
//! The Python fallback (`ctxtools/_core/fallback/windows.py`) does the same, step by step, so that the
//! plans are equal.

use crate::pack::bin_packing::{self, Histogram, Packing};
use std::ops::ControlFlow;

/// Lengths below this are counted in an array, longer ones sorted.
const DENSE: u64 = 1 << 25;

/// A number of a plan, and a document's length: 32 bits where all fit, else 64.
pub trait Cell: Copy + Default + Into<u64> {
    fn narrow(value: u64) -> Self;
}

impl Cell for u32 {
    fn narrow(value: u64) -> Self {
        value as u32
    }
}

impl Cell for u64 {
    fn narrow(value: u64) -> Self {
        value
    }
}

/// What to do with a document that is longer than a training window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlong {
    /// Into full windows and a remainder.
    Split,
    Drop,
    Raise,
}

#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Tokens of a window, at least 1.
    pub window: u64,
    /// Tokens after each document, fewer than the window has.
    pub eos: u64,
    /// Tokens between two documents of a window.
    pub separator: u64,
    /// The maximum number of documents in a window, at least 1.
    pub max_documents: u64,
    pub overlong: Overlong,
    /// Shuffles the windows, and the documents of each.
    pub seed: Option<u64>,
}

/// Training windows in compressed sparse rows: window `i` holds the pieces `offsets[i]..offsets[i + 1]`.
#[derive(Debug, Default)]
pub struct Windows<C> {
    /// Where each window's pieces start, and the last one's end.
    pub offsets: Vec<u64>,
    pub documents: Vec<C>,
    /// The first token of each piece in its document.
    pub starts: Vec<C>,
    /// The tokens of each piece; of a document's last one, with its EOS tokens.
    pub lengths: Vec<C>,
    pub dropped: Vec<u64>,
    pub empty: Vec<u64>,
    /// No plan has fewer windows.
    pub lower_bound: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// This document is longer than a window, which was refused.
    Overlong(usize),
    /// There are 2^32 pieces or more.
    TooMany,
}

/// The pieces of a document, as (start, tokens): full windows, then the remainder.
///
/// The last one has at least one token of the document itself, not only EOS tokens.
fn pieces(length: u64, request: &Request) -> impl Iterator<Item = (u64, u64)> {
    let (window, all) = (request.window, length + request.eos);
    let last = (all - 1) / window * window;
    let last = last.min(length - 1);
    let mut start = 0;
    std::iter::from_fn(move || {
        let tokens = match start {
            at if at >= all => return None,
            at if at < last => window.min(last - at),
            at => all - at,
        };
        start += tokens;
        Some((start - tokens, tokens))
    })
}

/// Calls `see` with (document, start, tokens) of every piece, in order, until it breaks off.
#[inline(always)]
fn each_piece<C: Cell>(
    lengths: &[C],
    request: &Request,
    mut visit: impl FnMut(usize, u64, u64) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for (document, &length) in lengths.iter().enumerate() {
        let length: u64 = length.into();
        if length == 0 {
            continue;
        }
        let tokens = length + request.eos;
        if tokens <= request.window {
            visit(document, 0, tokens)?;
        } else if request.overlong == Overlong::Split {
            for (start, tokens) in pieces(length, request) {
                visit(document, start, tokens)?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// The result of one scan of the lengths.
#[derive(Default)]
pub struct Survey {
    dropped: Vec<u64>,
    empty: Vec<u64>,
    /// The longest document, with its EOS tokens.
    longest: u64,
}

/// Whether these documents can be packed.
pub fn survey<C: Cell>(lengths: &[C], request: &Request) -> Result<Survey, Error> {
    let mut found = Survey::default();
    let mut pieces = 0_u64;
    for (document, &length) in lengths.iter().enumerate() {
        let length: u64 = length.into();
        if length == 0 {
            found.empty.push(document as u64);
            continue;
        }
        let tokens = length.checked_add(request.eos).ok_or(Error::TooMany)?;
        found.longest = found.longest.max(tokens);
        if tokens > request.window {
            match request.overlong {
                Overlong::Split => pieces = pieces.saturating_add((tokens - 1) / request.window),
                Overlong::Drop => found.dropped.push(document as u64),
                Overlong::Raise => return Err(Error::Overlong(document)),
            }
        }
    }
    if pieces.saturating_add(lengths.len() as u64) >= u64::from(bin_packing::NONE) {
        return Err(Error::TooMany);
    }
    Ok(found)
}

/// The lengths that occur: each is a class of pieces.
struct Classes {
    histogram: Histogram,
    /// The class of each length, where lengths are small.
    dense: Vec<u32>,
}

impl Classes {
    fn new<C: Cell>(lengths: &[C], request: &Request, longest: u64) -> Self {
        let mut histogram = Histogram::default();
        let mut dense = Vec::new();
        let max = longest.min(request.window);
        if max >= DENSE {
            let mut sorted = Vec::new();
            _ = each_piece(lengths, request, |_, _, tokens| {
                sorted.push(tokens);
                ControlFlow::Continue(())
            });
            sorted.sort_unstable();
            for run in sorted.chunk_by(|a, b| a == b) {
                histogram.sizes.push(run[0]);
                histogram.counts.push(run.len() as u64);
            }
        } else {
            dense = vec![0_u32; max as usize + 1];
            _ = each_piece(lengths, request, |_, _, tokens| {
                dense[tokens as usize] += 1;
                ControlFlow::Continue(())
            });
            for (size, cell) in (0..).zip(&mut dense).filter(|(_, cell)| **cell > 0) {
                histogram.sizes.push(size);
                histogram.counts.push(u64::from(*cell));
                *cell = histogram.sizes.len() as u32 - 1;
            }
        }
        Classes { histogram, dense }
    }

    #[inline(always)]
    fn of(&self, tokens: u64) -> usize {
        if self.dense.is_empty() {
            self.histogram.sizes.partition_point(|&size| size < tokens)
        } else {
            self.dense[tokens as usize] as usize
        }
    }
}

/// Numbers that look random: SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Fisher and Yates: from the last to the second, swaps each with one up to it.
    fn shuffle(&mut self, length: usize, mut swap: impl FnMut(usize, usize)) {
        for i in (1..length).rev() {
            let other = (u128::from(self.next()) * (i as u128 + 1)) >> 64;
            swap(i, other as usize);
        }
    }
}

/// For the pieces of each class, the bins that they go to.
struct Slots {
    /// The bins, class by class.
    bins: Vec<u32>,
    /// Where each class starts in `bins`, and the last one ends.
    classes: Vec<usize>,
    /// The pieces of each bin.
    pieces: Vec<u32>,
}

impl Slots {
    fn new(packing: &Packing, histogram: &Histogram) -> Self {
        let mut classes = vec![0];
        for &count in &histogram.counts {
            classes.push(classes[classes.len() - 1] + count as usize);
        }
        let mut next = classes.clone();
        let mut bins = vec![0; classes[classes.len() - 1]];
        let mut pieces = vec![0; packing.bins() as usize];
        let mut first = 0;
        for &(last, alike) in &packing.groups {
            let alike = alike as usize;
            for node in packing.chain(last) {
                let (class, items) = (node.class as usize, node.items as usize);
                for (bin, held) in pieces.iter_mut().enumerate().skip(first).take(alike) {
                    bins[next[class]..next[class] + items].fill(bin as u32);
                    next[class] += items;
                    *held += node.items;
                }
            }
            first += alike;
        }
        Slots {
            bins,
            classes,
            pieces,
        }
    }

    /// The bin of the next piece of a class.
    #[inline(always)]
    fn take(&self, class: usize, next: &mut [usize]) -> usize {
        let slot = next[class];
        next[class] = slot + 1;
        self.bins[slot] as usize
    }
}

pub fn pack<C: Cell>(lengths: &[C], request: &Request) -> Result<Windows<C>, Error> {
    let found = survey(lengths, request)?;
    let classes = Classes::new(lengths, request, found.longest);
    // Each piece brings a separator, one more than there are between pieces: capacity grows by that.
    let sizes = classes.histogram.sizes.iter();
    let histogram = Histogram {
        sizes: sizes.map(|size| size + request.separator).collect(),
        counts: classes.histogram.counts.clone(),
    };
    let capacity = request.window + request.separator;
    let (packing, lower_bound) = bin_packing::pack(&histogram, capacity, request.max_documents);
    let mut slots = Slots::new(&packing, &histogram);
    drop(packing);
    let mut random = request.seed.map(Random);
    if let Some(random) = &mut random {
        for class in slots.classes.windows(2) {
            let bins = &mut slots.bins[class[0]..class[1]];
            random.shuffle(bins.len(), |i, j| bins.swap(i, j));
        }
    }
    // The number of the window that each bin becomes.
    let order = match &mut random {
        Some(random) => {
            let mut order: Vec<u32> = (0..slots.pieces.len() as u32).collect();
            random.shuffle(order.len(), |i, j| order.swap(i, j));
            order
        }
        None => by_first_document(lengths, request, &classes, &slots),
    };
    let mut windows: Windows<C> = assign(lengths, request, &classes, &slots, &order);
    if let Some(random) = &mut random {
        for i in 1..windows.offsets.len() {
            let span = windows.offsets[i - 1] as usize..windows.offsets[i] as usize;
            let documents = &mut windows.documents[span.clone()];
            let starts = &mut windows.starts[span.clone()];
            let lengths = &mut windows.lengths[span];
            random.shuffle(documents.len(), |i, j| {
                documents.swap(i, j);
                starts.swap(i, j);
                lengths.swap(i, j);
            });
        }
    }
    windows.dropped = found.dropped;
    windows.empty = found.empty;
    windows.lower_bound = lower_bound;
    Ok(windows)
}

/// The number of the window that each bin becomes, in the order of their first pieces.
fn by_first_document<C: Cell>(
    lengths: &[C],
    request: &Request,
    classes: &Classes,
    slots: &Slots,
) -> Vec<u32> {
    let mut order = vec![bin_packing::NONE; slots.pieces.len()];
    let mut next = slots.classes.clone();
    let mut seen = 0;
    _ = each_piece(lengths, request, |_, _, tokens| {
        let bin = slots.take(classes.of(tokens), &mut next);
        if order[bin] == bin_packing::NONE {
            order[bin] = seen;
            seen += 1;
        }
        if seen as usize == order.len() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    order
}

/// Puts each piece into its window, in the order of the documents.
///
/// Most of the time goes here, into memory. Writing a document and its length side by side, and
/// separating them afterwards, did not pay: the second copy costs what fewer cache lines save.
fn assign<C: Cell>(
    lengths: &[C],
    request: &Request,
    classes: &Classes,
    slots: &Slots,
    order: &[u32],
) -> Windows<C> {
    let mut offsets = vec![0; order.len() + 1];
    for (&number, &pieces) in order.iter().zip(&slots.pieces) {
        offsets[number as usize + 1] = u64::from(pieces);
    }
    for i in 1..offsets.len() {
        offsets[i] += offsets[i - 1];
    }
    let pieces = slots.bins.len();
    // Where the next piece of each bin goes.
    let starts = order.iter().map(|&number| offsets[number as usize] as u32);
    let mut cursors: Vec<u32> = starts.collect();
    let mut next = slots.classes.clone();
    let mut windows = Windows {
        documents: vec![C::default(); pieces],
        starts: vec![C::default(); pieces],
        lengths: vec![C::default(); pieces],
        ..Windows::default()
    };
    _ = each_piece(lengths, request, |document, start, tokens| {
        let bin = slots.take(classes.of(tokens), &mut next);
        let at = cursors[bin] as usize;
        cursors[bin] += 1;
        windows.documents[at] = C::narrow(document as u64);
        windows.lengths[at] = C::narrow(tokens);
        if start > 0 {
            windows.starts[at] = C::narrow(start);
        }
        ControlFlow::Continue(())
    });
    windows.offsets = offsets;
    windows
}
