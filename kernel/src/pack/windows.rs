//! From lengths of documents to training windows: which document, from which of its tokens on, is
//! in which window.
//!
//! [`bin_packing`] says what lengths each window holds. Here each length gets its documents, in time
//! and memory linear in their number: nothing is sorted where lengths are below [`DENSE`], and there
//! is no object for a document.
//!
//! The Python fallback (`ctxtools/_core/fallback/windows.py`) does the same, step by step, so that the
//! plans are equal.

use crate::bpe::table::{OutOfMemory, Zero, try_vec, try_zeroed_vec};
use crate::pack::bin_packing::{self, Histogram, Packing};
use std::ops::ControlFlow;

/// Lengths below this are counted in an array, longer ones sorted.
const DENSE: u64 = 1 << 25;
/// Of few pieces, lengths up to this many for each are: a single long one takes no large array.
const DENSE_PER_PIECE: u64 = 64;

/// Documents may be split into as many pieces as this, and [`PIECES_PER_DOCUMENT`] for each one.
///
/// One number says how many pieces a document has, so that without a limit a line of ten digits
/// takes all memory. `ctxtools/_core/bins.py` has the same.
const MAX_PIECES: u64 = 1 << 24;
const PIECES_PER_DOCUMENT: u64 = 64;

/// A number of a plan, and a document's length: 32 bits where all fit, else 64.
pub trait Cell: Zero + Default + Into<u64> {
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
    /// To what fits into a window with the EOS tokens.
    Truncate,
    Drop,
    Raise,
}

#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Tokens of a window, at least 1; with a separator at most 2^63.
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
    /// Those longer than a window that were truncated or dropped.
    pub overlong: Vec<u64>,
    pub empty: Vec<u64>,
    /// No plan has fewer windows.
    pub lower_bound: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// This document is longer than a window, which was refused.
    Overlong(usize),
    /// Documents are split into too many pieces: this many, with those that are not split.
    TooMany(u64),
    Memory,
}

impl From<OutOfMemory> for Error {
    fn from(_: OutOfMemory) -> Self {
        Error::Memory
    }
}

/// The pieces of a document, as (start, tokens): full windows, then the remainder.
///
/// The last one has at least one token of the document itself, not only EOS tokens.
pub fn pieces(length: u64, window: u64, eos: u64) -> impl Iterator<Item = (u64, u64)> {
    let all = length + eos;
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
        let tokens = length.saturating_add(request.eos);
        if tokens <= request.window {
            visit(document, 0, tokens)?;
        } else if request.overlong == Overlong::Split {
            for (start, tokens) in pieces(length, request.window, request.eos) {
                visit(document, start, tokens)?;
            }
        } else if request.overlong == Overlong::Truncate {
            visit(document, 0, request.window)?;
        }
    }
    ControlFlow::Continue(())
}

/// The result of one scan of the lengths.
#[derive(Default)]
pub struct Survey {
    overlong: Vec<u64>,
    empty: Vec<u64>,
    /// The longest document, with its EOS tokens.
    longest: u64,
    /// No fewer pieces than there are.
    pieces: u64,
}

/// Whether these documents can be packed.
pub fn survey<C: Cell>(lengths: &[C], request: &Request) -> Result<Survey, Error> {
    let mut found = Survey::default();
    for (document, &length) in lengths.iter().enumerate() {
        let length: u64 = length.into();
        if length == 0 {
            found.empty.push(document as u64);
            continue;
        }
        let tokens = length.saturating_add(request.eos);
        found.longest = found.longest.max(tokens);
        found.pieces = found.pieces.saturating_add(1);
        if tokens > request.window {
            match request.overlong {
                // No piece ends beyond 64 bits.
                Overlong::Split if length.checked_add(request.eos).is_none() => {
                    return Err(Error::TooMany(u64::MAX));
                }
                Overlong::Split => {
                    let more = (tokens - 1) / request.window;
                    found.pieces = found.pieces.saturating_add(more);
                }
                Overlong::Truncate | Overlong::Drop => found.overlong.push(document as u64),
                Overlong::Raise => return Err(Error::Overlong(document)),
            }
        }
    }
    if found.pieces > max_pieces(lengths.len()) {
        return Err(Error::TooMany(found.pieces));
    }
    Ok(found)
}

/// The limit of the pieces of so many documents, in all.
pub fn max_pieces(documents: usize) -> u64 {
    MAX_PIECES
        .saturating_add((documents as u64).saturating_mul(PIECES_PER_DOCUMENT))
        .min(u64::from(bin_packing::NONE) - 1)
}

/// The lengths that occur: each is a class of pieces.
struct Classes {
    histogram: Histogram,
    /// The class of each length, where lengths are small.
    dense: Vec<u32>,
}

impl Classes {
    fn new<C: Cell>(lengths: &[C], request: &Request, found: &Survey) -> Result<Self, OutOfMemory> {
        let mut histogram = Histogram::default();
        let mut dense = Vec::new();
        let max = found.longest.min(request.window);
        if max >= DENSE.min(found.pieces.saturating_mul(DENSE_PER_PIECE)) {
            let mut sorted = try_vec(found.pieces as usize)?;
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
            dense = try_zeroed_vec::<u32>(max as usize + 1)?;
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
        Ok(Classes { histogram, dense })
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

/// A bijection of 64 bits, each of which depends on all: the output function of [`Random`].
#[inline]
pub fn mix(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Numbers that look random: SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
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
    fn new(packing: &Packing, histogram: &Histogram) -> Result<Self, OutOfMemory> {
        let mut classes = vec![0];
        for &count in &histogram.counts {
            classes.push(classes[classes.len() - 1] + count as usize);
        }
        let mut next = classes.clone();
        let mut bins = try_zeroed_vec(classes[classes.len() - 1])?;
        let mut pieces = try_zeroed_vec(packing.bins() as usize)?;
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
        Ok(Slots {
            bins,
            classes,
            pieces,
        })
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
    let classes = Classes::new(lengths, request, &found)?;
    // Each piece brings a separator, one more than there are between pieces: capacity grows by that.
    let sizes = classes.histogram.sizes.iter();
    let histogram = Histogram {
        sizes: sizes.map(|size| size + request.separator).collect(),
        counts: classes.histogram.counts.clone(),
    };
    let capacity = request.window + request.separator;
    let (packing, lower_bound) = bin_packing::pack(&histogram, capacity, request.max_documents);
    let mut slots = Slots::new(&packing, &histogram)?;
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
            let mut order = try_vec(slots.pieces.len())?;
            order.extend(0..slots.pieces.len() as u32);
            random.shuffle(order.len(), |i, j| order.swap(i, j));
            order
        }
        None => by_first_document(lengths, request, &classes, &slots)?,
    };
    let mut windows: Windows<C> = assign(lengths, request, &classes, &slots, &order)?;
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
    windows.overlong = found.overlong;
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
) -> Result<Vec<u32>, OutOfMemory> {
    let mut order = try_vec(slots.pieces.len())?;
    order.resize(slots.pieces.len(), bin_packing::NONE);
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
    Ok(order)
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
) -> Result<Windows<C>, OutOfMemory> {
    let mut offsets = try_zeroed_vec::<u64>(order.len() + 1)?;
    for (&number, &pieces) in order.iter().zip(&slots.pieces) {
        offsets[number as usize + 1] = u64::from(pieces);
    }
    for i in 1..offsets.len() {
        offsets[i] += offsets[i - 1];
    }
    let pieces = slots.bins.len();
    // Where the next piece of each bin goes.
    let starts = order.iter().map(|&number| offsets[number as usize] as u32);
    let mut cursors = try_vec(order.len())?;
    cursors.extend(starts);
    let mut next = slots.classes.clone();
    let mut windows = Windows {
        documents: try_zeroed_vec(pieces)?,
        starts: try_zeroed_vec(pieces)?,
        lengths: try_zeroed_vec(pieces)?,
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
    Ok(windows)
}
