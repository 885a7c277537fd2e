//! From lengths of documents to windows: which document, from which of its tokens, is where.
//!
//! [`crate::pack::bin_packing`] says what lengths each window holds. Here each length gets its documents, in time
//! and memory that grow with their number and no faster: nothing is sorted where lengths are below
//! [`DENSE`], and there is no object for a document.
//!
//! `ctxtools/packing/windows.py` does the same, step by step: the plans are equal.

use crate::pack::bin_packing::{self, Histogram, Packing};

/// Lengths below this are counted in an array, longer ones sorted.
const DENSE: u64 = 1 << 25;

/// The length of a document, as it was given.
pub trait Length: Copy {
    /// `None` if it is negative.
    fn get(self) -> Option<u64>;
}

macro_rules! lengths {
    ($($kind:ty),*) => {$(
        impl Length for $kind {
            fn get(self) -> Option<u64> {
                u64::try_from(self).ok()
            }
        }
    )*};
}
lengths!(i8, i16, i32, i64, u8, u16, u32, u64);

/// A number of a plan: 32 bits where all fit, else 64.
pub trait Cell: Copy + Default {
    /// The number, which is known to fit.
    fn narrow(value: u64) -> Self;
    /// As 64 bits.
    fn widen(self) -> u64;
}

impl Cell for u32 {
    fn narrow(value: u64) -> Self {
        value as u32
    }
    fn widen(self) -> u64 {
        u64::from(self)
    }
}

impl Cell for u64 {
    fn narrow(value: u64) -> Self {
        value
    }
    fn widen(self) -> u64 {
        self
    }
}

/// What to do with a document that is longer than a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlong {
    /// Into whole windows and a rest.
    Split,
    /// Leave it out.
    Drop,
    /// Make no plan.
    Refuse,
}

/// How to pack.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Tokens of a window, at least 1.
    pub window: u64,
    /// Tokens behind each document, fewer than the window has.
    pub eos: u64,
    /// Tokens between two documents of a window.
    pub separator: u64,
    /// Documents of a window at most, at least 1.
    pub most: u64,
    /// What to do with a document that is longer than a window.
    pub overlong: Overlong,
    /// What to shuffle with.
    pub seed: Option<u64>,
}

/// Windows in compressed sparse rows: window `i` holds the pieces `offsets[i]..offsets[i + 1]`.
#[derive(Debug, Default)]
pub struct Windows<C> {
    /// Where each window's pieces start, and the last one's end.
    pub offsets: Vec<u64>,
    /// The document of each piece.
    pub documents: Vec<C>,
    /// The first token of each piece in its document.
    pub starts: Vec<C>,
    /// The tokens of each piece, with those behind the document at its last one.
    pub lengths: Vec<C>,
    /// The documents that were too long.
    pub dropped: Vec<u64>,
    /// Those without a token.
    pub empty: Vec<u64>,
    /// There are no fewer windows in any plan.
    pub lower_bound: u64,
}

/// Why there is no plan.
#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// The document's length is negative.
    Negative(usize),
    /// The document is longer than a window, which was refused.
    Overlong(usize),
    /// There are 2^32 pieces or more.
    TooMany,
    /// The lengths changed while they were read.
    Changed,
}

/// The pieces of a document, as (start, tokens): whole windows, then the rest.
///
/// The last one has a token of the document itself, not only those behind it.
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

/// Calls `each` with (document, start, tokens) of every piece, in order.
fn for_pieces<L: Length, E>(
    lengths: &[L],
    request: &Request,
    mut each: impl FnMut(usize, u64, u64) -> Result<(), E>,
) -> Result<(), E> {
    for (document, length) in lengths.iter().enumerate() {
        let length = length.get().unwrap_or(0);
        if length == 0 {
            continue;
        }
        let tokens = length + request.eos;
        if tokens <= request.window {
            each(document, 0, tokens)?;
        } else if request.overlong == Overlong::Split {
            for (start, tokens) in pieces(length, request) {
                each(document, start, tokens)?;
            }
        }
    }
    Ok(())
}

/// What a first look at the lengths tells.
#[derive(Default)]
struct Survey {
    dropped: Vec<u64>,
    empty: Vec<u64>,
    /// The longest document, with the tokens behind it.
    longest: u64,
}

fn survey<L: Length>(lengths: &[L], request: &Request) -> Result<Survey, Error> {
    let mut found = Survey::default();
    let mut pieces = 0_u64;
    for (document, length) in lengths.iter().enumerate() {
        let length = length.get().ok_or(Error::Negative(document))?;
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
                Overlong::Refuse => return Err(Error::Overlong(document)),
            }
        }
    }
    if pieces.saturating_add(lengths.len() as u64) >= u64::from(bin_packing::NONE) {
        return Err(Error::TooMany);
    }
    Ok(found)
}

/// Lengths that occur, and the class of each.
struct Classes {
    histogram: Histogram,
    /// The class of each length, where lengths are small.
    dense: Vec<u32>,
}

impl Classes {
    fn new<L: Length>(lengths: &[L], request: &Request, longest: u64) -> Result<Self, Error> {
        let mut histogram = Histogram::default();
        let most = longest.min(request.window);
        if most >= DENSE {
            let mut sorted = Vec::new();
            for_pieces(lengths, request, |_, _, tokens| {
                sorted.push(tokens);
                Ok::<(), Error>(())
            })?;
            sorted.sort_unstable();
            for run in sorted.chunk_by(|a, b| a == b) {
                histogram.sizes.push(run[0]);
                histogram.counts.push(run.len() as u64);
            }
        }
        let mut dense = vec![0_u32; if most < DENSE { most as usize + 1 } else { 0 }];
        if !dense.is_empty() {
            for_pieces(lengths, request, |_, _, tokens| {
                let count = dense.get_mut(tokens as usize).ok_or(Error::Changed)?;
                *count += 1;
                Ok(())
            })?;
            for (size, cell) in dense.iter_mut().enumerate().filter(|(_, cell)| **cell > 0) {
                histogram.sizes.push(size as u64);
                histogram.counts.push(u64::from(*cell));
                *cell = histogram.sizes.len() as u32 - 1;
            }
        }
        Ok(Classes { histogram, dense })
    }

    /// The class of a length, or one that there is not.
    fn of(&self, tokens: u64) -> usize {
        if self.dense.is_empty() {
            let found = self.histogram.sizes.binary_search(&tokens);
            return found.unwrap_or(usize::MAX);
        }
        self.dense
            .get(tokens as usize)
            .map_or(usize::MAX, |&class| class as usize)
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
}

/// Packs documents into windows.
pub fn pack<L: Length, C: Cell>(lengths: &[L], request: &Request) -> Result<Windows<C>, Error> {
    let found = survey(lengths, request)?;
    let classes = Classes::new(lengths, request, found.longest)?;
    // A separator is part of each piece, and of a window that is longer by the one it has too many.
    let histogram = Histogram {
        sizes: classes
            .histogram
            .sizes
            .iter()
            .map(|size| size + request.separator)
            .collect(),
        counts: classes.histogram.counts.clone(),
    };
    let capacity = request.window + request.separator;
    let (packing, lower_bound) = bin_packing::pack(&histogram, capacity, request.most);
    let mut slots = Slots::new(&packing, &histogram);
    drop(packing);
    let mut random = request.seed.map(Random);
    if let Some(random) = &mut random {
        for class in slots.classes.windows(2) {
            let bins = &mut slots.bins[class[0]..class[1]];
            random.shuffle(bins.len(), |i, j| bins.swap(i, j));
        }
    }
    let places = match &mut random {
        Some(random) => shuffled(slots.pieces.len(), random),
        None => by_first_document(lengths, request, &classes, &slots)?,
    };
    let mut windows: Windows<C> = place(lengths, request, &classes, &slots, &places)?;
    if let Some(random) = &mut random {
        for i in 1..windows.offsets.len() {
            let part = windows.offsets[i - 1] as usize..windows.offsets[i] as usize;
            let documents = &mut windows.documents[part.clone()];
            let starts = &mut windows.starts[part.clone()];
            let lengths = &mut windows.lengths[part];
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
    check(lengths, request, &windows)?;
    Ok(windows)
}

/// A place among the windows for each bin, at random.
fn shuffled(bins: usize, random: &mut Random) -> Vec<u32> {
    let mut places: Vec<u32> = (0..bins as u32).collect();
    random.shuffle(bins, |i, j| places.swap(i, j));
    places
}

/// A place among the windows for each bin: in the order of their first pieces.
fn by_first_document<L: Length>(
    lengths: &[L],
    request: &Request,
    classes: &Classes,
    slots: &Slots,
) -> Result<Vec<u32>, Error> {
    let mut places = vec![bin_packing::NONE; slots.pieces.len()];
    let mut next = slots.classes.clone();
    let mut seen = 0;
    let all = for_pieces(lengths, request, |_, _, tokens| {
        let bin = take_slot(classes.of(tokens), slots, &mut next).ok_or(Some(Error::Changed))?;
        if places[bin] == bin_packing::NONE {
            places[bin] = seen;
            seen += 1;
        }
        if seen as usize == places.len() {
            return Err(None); // all are known: no need to go on
        }
        Ok(())
    });
    match all {
        Err(Some(error)) => Err(error),
        _ if (seen as usize) < places.len() => Err(Error::Changed),
        _ => Ok(places),
    }
}

fn take_slot(class: usize, slots: &Slots, next: &mut [usize]) -> Option<usize> {
    let end = *slots.classes.get(class.checked_add(1)?)?;
    let slot = next.get_mut(class)?;
    if *slot >= end {
        return None;
    }
    *slot += 1;
    Some(slots.bins[*slot - 1] as usize)
}

/// Puts each piece into its window, in the order of the documents.
///
/// Most of the time goes here, into memory. A document and its length side by side, to be parted
/// afterwards, did not pay: what fewer lines of memory save, the second copy costs.
fn place<L: Length, C: Cell>(
    lengths: &[L],
    request: &Request,
    classes: &Classes,
    slots: &Slots,
    places: &[u32],
) -> Result<Windows<C>, Error> {
    let mut offsets = vec![0; places.len() + 1];
    for (bin, &place) in places.iter().enumerate() {
        offsets[place as usize + 1] = u64::from(slots.pieces[bin]);
    }
    for i in 1..offsets.len() {
        offsets[i] += offsets[i - 1];
    }
    let pieces = slots.bins.len();
    // Where the next piece of each bin goes.
    let mut cursors: Vec<u32> = places
        .iter()
        .map(|&place| offsets[place as usize] as u32)
        .collect();
    let mut next = slots.classes.clone();
    let mut windows = Windows {
        documents: vec![C::default(); pieces],
        starts: vec![C::default(); pieces],
        lengths: vec![C::default(); pieces],
        ..Windows::default()
    };
    for_pieces(lengths, request, |document, start, tokens| {
        let bin = take_slot(classes.of(tokens), slots, &mut next).ok_or(Error::Changed)?;
        let at = cursors[bin] as usize;
        cursors[bin] += 1;
        windows.documents[at] = C::narrow(document as u64);
        windows.lengths[at] = C::narrow(tokens);
        if start > 0 {
            windows.starts[at] = C::narrow(start);
        }
        Ok(())
    })?;
    windows.offsets = offsets;
    Ok(windows)
}

/// Whether the windows have the documents' pieces, each once, and none is too full.
///
/// Compares sums of 64-bit hashes, since to look up each document would take longer than the rest.
fn check<L: Length, C: Cell>(
    lengths: &[L],
    request: &Request,
    windows: &Windows<C>,
) -> Result<(), Error> {
    let mut expected = 0_u64;
    for_pieces(lengths, request, |document, start, tokens| {
        expected = expected.wrapping_add(hash(document as u64, start, tokens));
        Ok::<(), Error>(())
    })?;
    let mut found = 0_u64;
    for i in 1..windows.offsets.len() {
        let row = windows.offsets[i - 1] as usize..windows.offsets[i] as usize;
        let pieces = row.len() as u64;
        let mut tokens = pieces.saturating_sub(1) * request.separator;
        for at in row {
            let length = windows.lengths[at].widen();
            let document = windows.documents[at].widen();
            found = found.wrapping_add(hash(document, windows.starts[at].widen(), length));
            tokens += length;
        }
        if tokens > request.window || pieces == 0 || pieces > request.most {
            return Err(Error::Changed);
        }
    }
    if found != expected {
        return Err(Error::Changed);
    }
    Ok(())
}

fn hash(document: u64, start: u64, tokens: u64) -> u64 {
    let place = document.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ start.rotate_left(32);
    let mixed = (place ^ (place >> 29) ^ tokens).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 32)).wrapping_mul(0x94D0_49BB_1331_11EB)
}
