//! Cut points: the offsets where a text may be cut into chunks, with token sums.
//!
//! There are enough of them that every limit can be met, and so few that choosing among them is
//! linear in the text for every limit: ends of sentences and stronger; where those are far apart,
//! lines, clauses and words; where not even a word fits, offsets inside it; and where they are dense
//! relative to the limit, the cheapest of each granule. The fallback is
//! `ctxtools/_core/fallback/chunk/cut_points.py`.
//!
//! What was tried: cutting a long pretoken where the counts of ever longer prefixes say so. A prefix
//! that ends inside a token has more tokens, and so has what follows it; a Thai text had half as many
//! chunks again as when cut between tokens.

use crate::chunk::cutting::between_tokens::BetweenTokens;
use crate::chunk::cutting::cut_costs::{CostTable, CutCosts};
use crate::chunk::cutting::cut_point::{CutPoint, CutPoints, Thinned, is_dense, run};
use crate::chunk::cutting::long_pretoken::LongPretoken;
use crate::count::pipeline;
use crate::index::token_index::Indexed;
use crate::text::boundaries::strength;
use crate::text::sentences::marks;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// A span longer than this fraction of the limit gets finer cut points.
const COARSE: i64 = 4;
/// The limit divided by this is a granule, which keeps its cheapest cut point.
const GRANULES: i64 = 64;
/// The same within a span without sentences.
const FINE_GRANULES: i64 = 32;
/// Up to these limits most sentences would get finer cut points anyway, so all do.
const ALL_WORDS: i64 = 48;
const ALL_LINES: i64 = 192;
/// So many boundaries are measured on all threads.
const SHARED: usize = 1 << 16;
/// A span of so many bytes is searched by all threads.
const LONG: usize = 1 << 18;

/// What the cut points are for. All offsets are in bytes.
pub struct Request<'a> {
    /// The first cut point; the end of the text is the last.
    pub start: usize,
    /// The maximum number of tokens of a chunk.
    pub limit: i64,
    /// How many of them remain beside overlap and header; this may be negative.
    pub capacity: i64,
    /// Where blocks of the document start, and the strength of a cut there.
    pub boundaries: &'a [(u32, u8)],
    pub costs: &'a CutCosts<'a>,
    /// Offsets that have to be cut points, in order.
    pub forced: &'a [u32],
}

impl Indexed<'_> {
    /// The cut points from the request's start to the end of the text, both included.
    pub fn cut_points(&self, request: &Request<'_>) -> CutPoints {
        let (limit, start, end) = (request.limit, request.start, self.text.len());
        let level = match limit {
            limit if limit <= ALL_WORDS => strength::WORD,
            limit if limit <= ALL_LINES => strength::LINE,
            _ => strength::SENTENCE,
        };
        let finder = Finder {
            indexed: *self,
            limit,
            unbroken: request.capacity.max(limit / 2).max(1),
            wordless: request.capacity.max(limit / 4).max(1),
            costs: request.costs,
            forced: request.forced,
            measure: RefCell::new(Measure::new(*self, request.costs.table(), request.forced)),
        };
        let (ends, granule) = ((start as u32, end as u32), limit / GRANULES);
        let points = if request.boundaries.is_empty() && request.forced.is_empty() {
            let (indexed, table) = (self, request.costs.table());
            let found = self.map_boundaries(level, start, end, || {
                let mut measure = Measure::new(*indexed, table, &[]);
                move |at, strength| measure.cut_point((at as u32, strength))
            });
            let n = found.iter().map(Vec::len).sum();
            finder.thinned(ends, n, strength::SECTION, granule, |add| {
                found.into_iter().flatten().flatten().for_each(add);
            })
        } else {
            let found = self.with_blocks(request, level);
            finder.measured(ends, &found, strength::SECTION, granule)
        };
        finder.refined(points, i64::from(level))
    }

    /// The boundaries, with those of blocks and those forced.
    fn with_blocks(&self, request: &Request<'_>, level: u8) -> Vec<(u32, u8)> {
        // Of those at one offset the first counts.
        const BLOCK: u8 = 0;
        const BOUNDARY: u8 = 1;
        const FORCED: u8 = 2;
        let (start, end) = (request.start, self.text.len());
        let boundaries = self.boundaries_between(level, start, end).into_iter();
        let mut known: Vec<(u32, u8, u8)> = boundaries
            .map(|(at, strength)| (at, BOUNDARY, strength))
            .collect();
        // A parser does not know of clusters. (The cuts of larger chunks are forced.)
        let is_allowed = |at: &u32| {
            request.forced.binary_search(at).is_ok() || !self.is_inside_cluster(*at as usize)
        };
        let blocks = request.boundaries.iter().filter(|(at, _)| is_allowed(at));
        known.extend(blocks.map(|&(at, strength)| (at, BLOCK, strength)));
        let forced = request.forced.iter();
        known.extend(forced.map(|&at| (at, FORCED, strength::NONE)));
        known.sort();
        known.dedup_by_key(|&mut (at, ..)| at);
        known
            .into_iter()
            .filter(|&(at, ..)| start < at as usize && (at as usize) < end)
            .map(|(at, _, strength)| (at, strength))
            .collect()
    }
}

/// Finds the costs and token sums of boundaries, mostly asked for in their order.
struct Measure<'a> {
    indexed: Indexed<'a>,
    costs: CutCosts<'a>,
    forced: &'a [u32],
    long: LongPretoken,
}

impl<'a> Measure<'a> {
    fn new(indexed: Indexed<'a>, costs: CostTable<'a>, forced: &'a [u32]) -> Self {
        Measure {
            indexed,
            costs: costs.costs(),
            forced,
            long: LongPretoken::default(),
        }
    }

    /// A boundary as a cut point; None if there is no cut.
    #[inline]
    fn cut_point(&mut self, (offset, strength): (u32, u8)) -> Option<CutPoint> {
        let cost = match self.costs.at(offset, strength) {
            Some(cost) => cost,
            None if self.forced.binary_search(&offset).is_ok() => {
                self.costs.anywhere(offset, strength)
            }
            None => return None,
        };
        Some(CutPoint {
            cost,
            ..self.end(offset, strength)
        })
    }

    /// A boundary as a cut point; None inside an atomic span, or before what closes the text before it.
    #[inline]
    fn inside(&mut self, (at, strength): (u32, u8)) -> Option<CutPoint> {
        let text = self.indexed.text.as_bytes();
        if strength == strength::NONE && marks::starts_with_closing(text, at as usize) {
            return None;
        }
        let cost = self.costs.at(at, strength)?;
        Some(CutPoint {
            cost,
            ..self.end(at, strength)
        })
    }

    /// One at the end of a span, where a cut is no choice.
    #[inline]
    fn end(&mut self, offset: u32, strength: u8) -> CutPoint {
        let at = offset as usize;
        match self.indexed.sum_at(at) {
            Some(sum) => CutPoint {
                run: run::TEXT,
                ..CutPoint::end(offset, strength, (sum as i64, sum as i64))
            },
            None => CutPoint::end(offset, strength, self.long.sums(&self.indexed, at)),
        }
    }
}

struct Finder<'a> {
    indexed: Indexed<'a>,
    limit: i64,
    /// A longer span without words is cut between pretokens.
    wordless: i64,
    /// A longer span without boundaries is cut where there is none.
    unbroken: i64,
    costs: &'a CutCosts<'a>,
    forced: &'a [u32],
    /// Knows the last long pretoken, which may have cut points at several levels.
    measure: RefCell<Measure<'a>>,
}

impl Finder<'_> {
    /// A span with more tokens than this gets cut points of the next finer kind.
    fn longest(&self, level: i64) -> i64 {
        match level {
            ..0 => self.unbroken,
            0 => self.wordless,
            _ => (self.limit / COARSE).max(1),
        }
    }

    /// The cut points `start`, those at boundaries, and `end`, which has the strength `last`; thinned
    /// out where they are dense.
    fn measured(&self, ends: (u32, u32), found: &[(u32, u8)], last: u8, granule: i64) -> CutPoints {
        self.thinned(ends, found.len(), last, granule, |add| {
            if found.len() < SHARED {
                let mut measure = self.measure.borrow_mut();
                let points = found.iter().filter_map(|&found| measure.cut_point(found));
                return points.for_each(add);
            }
            let (indexed, table, forced) = (self.indexed, self.costs.table(), self.forced);
            let worker = || {
                let mut measure = Measure::new(indexed, table, forced);
                move |found: &[(u32, u8)]| {
                    let points = found.iter().filter_map(|&found| measure.cut_point(found));
                    points.collect::<Vec<_>>()
                }
            };
            pipeline::each(found.chunks(SHARED / 16), worker, |points| {
                points.into_iter().for_each(&mut *add);
            });
        })
    }

    /// The cut points `start` and `end`, the latter of the strength `last`.
    fn ends(&self, (start, end): (u32, u32), last: u8) -> [CutPoint; 2] {
        let mut measure = self.measure.borrow_mut();
        [measure.end(start, strength::NONE), measure.end(end, last)]
    }

    /// The cut points `start`, those that `each` adds, made of `n` boundaries, and `end`, which has the
    /// strength `last`. Where they are dense, the cheapest of each `granule` tokens, the last of equal
    /// ones; and those forced.
    fn thinned(
        &self,
        (start, end): (u32, u32),
        n: usize,
        last: u8,
        granule: i64,
        each: impl FnOnce(&mut dyn FnMut(CutPoint)),
    ) -> CutPoints {
        let [first, last] = self.ends((start, end), last);
        if !is_dense(n, [first, last], granule) {
            let mut all = CutPoints::with_capacity(n + 2);
            all.push(first);
            each(&mut |point| all.push(point));
            all.push(last);
            return all;
        }
        let mut thinned = Thinned::new(granule);
        thinned.keep(first);
        each(&mut |point| thinned.add_or_keep(point, self.forced));
        thinned.keep(last);
        thinned.points
    }

    /// As `measured`, of the boundaries [`inside`](Self::inside) a long span, which are found, measured
    /// and thinned out piece by piece, if they are dense; and how many there are. None if they are not
    /// dense.
    fn dense(
        &self,
        level: u8,
        (start, end): (u32, u32),
        last: u8,
        granule: i64,
    ) -> Option<(CutPoints, usize)> {
        if ((end - start) as usize) < LONG || granule < 2 {
            return None;
        }
        let [first, last] = self.ends((start, end), last);
        let mut thinned = Thinned::new(granule);
        thinned.reserve((last.sum_to - first.sum_from) / granule);
        thinned.keep(first);
        let (indexed, table, forced) = (self.indexed, self.costs.table(), self.forced);
        // New memory for each piece takes longer than what is done with it.
        let spares = Mutex::new(Vec::<Vec<CutPoint>>::new());
        let lock = || spares.lock().unwrap_or_else(PoisonError::into_inner);
        let worker = || {
            let lock = &lock;
            let mut measure = Measure::new(indexed, table, forced);
            move |piece: Range<usize>| {
                let mut points = lock().pop().unwrap_or_default();
                indexed.each_boundary(level, piece.start, piece.end, |at, strength| {
                    points.extend(measure.inside((at as u32, strength)));
                    true
                });
                points
            }
        };
        let pieces = indexed.pieces(start as usize, end as usize, LONG / 16);
        let mut n = 0;
        pipeline::each(pieces, worker, |mut points: Vec<CutPoint>| {
            n += points.len();
            for point in points.drain(..) {
                thinned.add_or_keep(point, self.forced);
            }
            lock().push(points);
        });
        thinned.keep(last);
        is_dense(n, [first, last], granule).then_some((thinned.points, n))
    }

    /// The cut points, and more of them where the span between two is large.
    fn refined(&self, points: CutPoints, level: i64) -> CutPoints {
        let (finer, n) = (level - 1, points.offsets.len());
        let longest = self.longest(finer);
        let large = (0..n - 1).filter(|&i| points.size(i) > longest);
        let mut refined = CutPoints::default();
        let (mut done, mut shift) = (0, 0);
        for i in large {
            let inner = self.split(&points, i, finer);
            // Inside a pretoken a count may be smaller than the difference of the sums.
            let n = inner.offsets.len();
            if n == 2 && inner.size(0) == points.size(i) && inner.oversize.is_empty() {
                continue;
            }
            if done == 0 {
                refined = CutPoints::with_capacity(2 * points.offsets.len());
            }
            refined.extend(&points, done..i + 1, shift);
            let origin = points.sums_from[i] + shift - inner.sums_from[0];
            refined.extend(&inner, 1..n - 1, origin);
            shift = inner.sums_to[n - 1] + origin - points.sums_to[i + 1];
            refined.oversize.extend(inner.oversize);
            done = i + 1;
        }
        if done == 0 {
            return points;
        }
        refined.extend(&points, done..n, shift);
        refined
    }

    /// The span between two neighbours, with cut points inside it of a level or finer ones.
    fn split(&self, points: &CutPoints, i: usize, level: i64) -> CutPoints {
        let (start, end) = (points.offsets[i], points.offsets[i + 1]);
        let (size, last) = (points.size(i), points.strengths[i + 1]);
        for finer in (0..=level).rev() {
            if size <= self.longest(finer) {
                return CutPoints::ends_only(start, end, last, size);
            }
            if finer == i64::from(strength::WORD) && self.is_unspaced(start, end) {
                continue;
            }
            let granule = self.limit / FINE_GRANULES;
            let (inner, n) = self
                .dense(finer as u8, (start, end), last, granule)
                .unwrap_or_else(|| {
                    let found = self.inside(finer as u8, start as usize, end as usize);
                    let inner = self.measured((start, end), &found, last, granule);
                    (inner, found.len())
                });
            if n > 0 {
                // What was left out may be needed yet, where sizes are uneven.
                let left_out = inner.offsets.len() < n + 2;
                return self.refined(inner, finer + i64::from(left_out));
            }
        }
        if size <= self.unbroken {
            return CutPoints::ends_only(start, end, last, size);
        }
        self.cut_anywhere(start, end, last)
    }

    /// Whether it is seen at once that no white space is in a long span, nor around it.
    fn is_unspaced(&self, start: u32, end: u32) -> bool {
        let text = self.indexed.text.as_bytes();
        let span = &text[start.saturating_sub(1) as usize..text.len().min(end as usize + 1)];
        let has = |block: &[u8]| {
            let is_space = |&byte: &u8| !(b'!'..=b'~').contains(&byte);
            block.iter().fold(false, |any, byte| any | is_space(byte))
        };
        span.len() >= LONG && !span.chunks(1 << 10).any(has)
    }

    /// The boundaries of a level inside a span, but for those before what closes the text before.
    fn inside(&self, level: u8, start: usize, end: usize) -> Vec<(u32, u8)> {
        let mut found = self.indexed.boundaries_between(level, start, end);
        let text = self.indexed.text.as_bytes();
        found.retain(|&(at, strength)| {
            let is_good =
                strength > strength::NONE || !marks::starts_with_closing(text, at as usize);
            is_good && self.costs.at(at, strength).is_some()
        });
        found
    }

    /// A span without boundaries, cut before and after atomic spans that fit, and elsewhere between
    /// tokens.
    fn cut_anywhere(&self, start: u32, end: u32, last: u8) -> CutPoints {
        let cuts = BetweenTokens {
            indexed: self.indexed,
            limit: self.limit,
            unbroken: self.unbroken,
            costs: self.costs,
        };
        let mut points = CutPoints::default();
        points.push(CutPoint::end(start, strength::NONE, (0, 0)));
        let mut done = start;
        for &(first, after) in self.costs.atomic_after(start) {
            if first >= end {
                break;
            }
            let size = self.indexed.count(first as usize, after as usize) as i64;
            let is_kept = first >= done && after <= end && size <= self.limit;
            let is_allowed = |at: u32| !self.indexed.is_inside_cluster(at as usize);
            if is_kept && is_allowed(first) && is_allowed(after) {
                cuts.add(&mut points, done as usize, first as usize);
                points.push_inside(after as usize, size, run::NONE, self.costs);
                done = after;
            }
        }
        cuts.add(&mut points, done as usize, end as usize);
        if let Some(strength) = points.strengths.last_mut() {
            *strength = last;
        }
        points
    }
}
