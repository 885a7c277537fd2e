//! Cut points: the offsets where a text may be cut into chunks, with token sums.
//!
//! There are enough of them that every limit can be met, and so few that choosing among them is
//! linear in the text for every limit: ends of sentences and stronger; where those are far apart,
//! lines and words; where not even a word fits, offsets inside it; and where they are dense relative
//! to the limit, the strongest of each granule. The fallback is
//! `ctxtools/_core/fallback/cut_points.py`.
//!
//! What was tried: cutting a long pretoken where the counts of ever longer prefixes say so. A prefix
//! that ends inside a token has more tokens, and so has what follows it; a Thai text had half as many
//! chunks again as when cut between tokens.

use crate::index::token_index::Indexed;
use crate::index::token_map::Ends;
use crate::text::boundaries::strength;
use crate::text::graphemes::Clusters;
use std::cell::RefCell;
use std::ops::Range;

/// A span longer than this fraction of the limit gets finer cut points.
const COARSE: i64 = 4;
/// The limit divided by this is a granule, which keeps its strongest cut point.
const GRANULES: i64 = 64;
/// The same within a span without sentences.
const FINE_GRANULES: i64 = 32;
/// Cut points for each limit that a span without any boundary is long.
const PIECES: i64 = 8;
/// The same where they have to be searched for.
const SEARCHED_PIECES: usize = 4;
/// Up to these limits most sentences would get finer cut points anyway, so all do.
const ALL_WORDS: i64 = 48;
const ALL_LINES: i64 = 192;
/// A pretoken with more tokens is long.
const LONG: usize = 64;

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
    /// Spans that are not to be cut: disjoint, and in order.
    pub atomic: &'a [(u32, u32)],
    /// Offsets that have to be cut points, in order.
    pub forced: &'a [u32],
}

/// Cut points in order. All vectors but the last have the same length, at least 2.
#[derive(Default)]
pub struct CutPoints {
    pub offsets: Vec<u32>,
    pub strengths: Vec<u8>,
    /// Token sums for a span that starts at each: from point i to j it has
    /// `sums_to[j] - sums_from[i]` tokens.
    pub sums_from: Vec<i64>,
    /// Token sums for a span that ends at each.
    pub sums_to: Vec<i64>,
    /// Where the characters start that alone exceed the limit.
    pub oversize: Vec<u32>,
}

impl CutPoints {
    fn push(&mut self, offset: u32, strength: u8, (from, to): (i64, i64)) {
        self.offsets.push(offset);
        self.strengths.push(strength);
        self.sums_from.push(from);
        self.sums_to.push(to);
    }

    fn with_capacity(n: usize) -> Self {
        CutPoints {
            offsets: Vec::with_capacity(n),
            strengths: Vec::with_capacity(n),
            sums_from: Vec::with_capacity(n),
            sums_to: Vec::with_capacity(n),
            oversize: Vec::new(),
        }
    }

    /// The two ends of a span.
    fn ends_only(start: u32, end: u32, last: u8, size: i64) -> Self {
        let mut points = CutPoints::with_capacity(2);
        points.push(start, strength::NONE, (0, 0));
        points.push(end, last, (size, size));
        points
    }

    fn push_some(&mut self, point: Option<(u32, u8, (i64, i64))>) {
        if let Some((offset, strength, sums)) = point {
            self.push(offset, strength, sums);
        }
    }

    /// Adds a cut point that is `tokens` after the last one, with nothing else between them.
    fn push_inside(&mut self, offset: usize, tokens: i64) {
        let sum = self.sums_to.last().map_or(0, |sum| sum + tokens);
        self.push(offset as u32, strength::NONE, (sum, sum));
    }

    /// Adds a range of others, their token sums moved by `shift`.
    fn extend(&mut self, other: &CutPoints, range: Range<usize>, shift: i64) {
        self.offsets
            .extend_from_slice(&other.offsets[range.clone()]);
        self.strengths
            .extend_from_slice(&other.strengths[range.clone()]);
        let shifted = |tokens: &i64| tokens + shift;
        self.sums_from
            .extend(other.sums_from[range.clone()].iter().map(shifted));
        self.sums_to
            .extend(other.sums_to[range].iter().map(shifted));
    }

    /// Whether the character after a cut point alone exceeds the limit.
    pub fn is_oversize(&self, i: usize) -> bool {
        self.oversize.binary_search(&self.offsets[i]).is_ok()
    }

    /// The tokens between a cut point and the next.
    fn size(&self, i: usize) -> i64 {
        self.sums_to[i + 1] - self.sums_from[i]
    }
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
            atomic: request.atomic,
            long: RefCell::default(),
        };
        let found = if request.boundaries.is_empty() && request.forced.is_empty() {
            let mut found = Vec::new();
            self.each_boundary(level, start, end, |at, strength| {
                found.push((at as u32, strength));
                true
            });
            found
        } else {
            self.with_blocks(request, level)
        };
        let (ends, granule) = ((start as u32, end as u32), limit / GRANULES);
        let points = finder.measured(ends, &found, strength::SECTION, granule, request.forced);
        finder.refined(points, i64::from(level))
    }

    /// The boundaries, with those of blocks, and without those inside of atomic spans.
    fn with_blocks(&self, request: &Request<'_>, level: u8) -> Vec<(u32, u8)> {
        // Of those at one offset the first counts.
        const BLOCK: u8 = 0;
        const BOUNDARY: u8 = 1;
        const FORCED: u8 = 2;
        const AFTER_ATOMIC: u8 = 3;
        let (start, end) = (request.start, self.text.len());
        let mut known: Vec<(u32, u8, u8)> = Vec::new();
        let mut atomic = request.atomic.iter().peekable();
        self.each_boundary(level, start, end, |at, strength| {
            let at = at as u32;
            while atomic.next_if(|(_, last)| *last <= at).is_some() {}
            if atomic.peek().is_none_or(|(first, _)| at <= *first) {
                known.push((at, BOUNDARY, strength));
            }
            true
        });
        let is_forced = |at: &u32| request.forced.binary_search(at).is_ok();
        // A parser does not know of clusters. (The cuts of larger chunks are forced.)
        let is_allowed = |at: &u32| is_forced(at) || !self.is_inside_cluster(*at as usize);
        let blocks = request.boundaries.iter().filter(|(at, _)| is_allowed(at));
        known.extend(blocks.map(|&(at, strength)| (at, BLOCK, strength)));
        let ends = request.atomic.iter().map(|&(_, end)| end);
        known.extend(
            ends.filter(is_allowed)
                .map(|at| (at, AFTER_ATOMIC, strength::LINE)),
        );
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

struct Finder<'a> {
    indexed: Indexed<'a>,
    limit: i64,
    /// A longer span without words is cut between pretokens.
    wordless: i64,
    /// A longer span without boundaries is cut where there is none.
    unbroken: i64,
    atomic: &'a [(u32, u32)],
    /// The last one met, which may have cut points at several levels.
    long: RefCell<LongPretoken>,
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

    /// The cut points `start`, those found, and `end`, which has the strength `last`. Where they are
    /// dense, the strongest of each `granule` tokens, the last of equal ones, and those forced.
    fn measured(
        &self,
        (start, end): (u32, u32),
        found: &[(u32, u8)],
        last: u8,
        granule: i64,
        forced: &[u32],
    ) -> CutPoints {
        let mut long = self.long.borrow_mut();
        let mut measure = |at: u32| {
            let sums = long.measure(&self.indexed, at as usize);
            sums.unwrap_or_else(|| {
                let at = at as usize;
                (self.indexed.sum_from(at), self.indexed.sum_to(at) as i64)
            })
        };
        let (first, total) = (measure(start), measure(end));
        let (n, size) = (found.len() as i64 + 2, total.1 - first.0);
        let is_dense = granule >= 2 && n.saturating_mul(granule) >= size.saturating_mul(2);
        let mut points = CutPoints::with_capacity(if is_dense { 2 } else { found.len() + 2 });
        points.push(start, strength::NONE, first);
        let (mut goal, mut best, mut before) = (first.0, None, first.1);
        for &(at, strength) in found {
            let sums = measure(at);
            // The point after a span without any is kept, so that nothing of that span is left to cut.
            let is_far = sums.1 - before > granule;
            before = sums.1;
            if !is_dense || is_far || forced.binary_search(&at).is_ok() {
                points.push_some(best.take());
                points.push(at, strength, sums);
                continue;
            }
            if sums.1 >= goal {
                points.push_some(best.take());
                goal = sums.1 + granule;
            }
            if best.is_none_or(|(_, strongest, _)| strength >= strongest) {
                best = Some((at, strength, sums));
            }
        }
        points.push_some(best);
        points.push(end, last, total);
        points
    }

    /// The cut points, and more of them where the span between two is large.
    fn refined(&self, points: CutPoints, level: i64) -> CutPoints {
        let (finer, n) = (level - 1, points.offsets.len());
        let longest = self.longest(finer);
        let large = (0..n - 1).filter(|&i| points.size(i) > longest);
        let is_atomic = |i: usize| {
            let span = (points.offsets[i], points.offsets[i + 1]);
            self.atomic.binary_search(&span).is_ok()
        };
        let mut refined = CutPoints::default();
        let (mut done, mut shift) = (0, 0);
        for i in large.filter(|&i| !is_atomic(i)) {
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
            let mut found = Vec::new();
            self.indexed.each_boundary(
                finer as u8,
                start as usize,
                end as usize,
                |at, strength| {
                    found.push((at as u32, strength));
                    true
                },
            );
            if !found.is_empty() {
                let granule = self.limit / FINE_GRANULES;
                let inner = self.measured((start, end), &found, last, granule, &[]);
                // What was left out may be needed yet, where sizes are uneven.
                let left_out = inner.offsets.len() < found.len() + 2;
                return self.refined(inner, finer + i64::from(left_out));
            }
        }
        if size <= self.unbroken {
            return CutPoints::ends_only(start, end, last, size);
        }
        self.cut_anywhere(start as usize, end as usize, last)
    }

    /// A span without boundaries, cut between tokens that end where grapheme clusters do; where those
    /// are too far apart, between clusters, or characters if need be.
    fn cut_anywhere(&self, start: usize, end: usize, last: u8) -> CutPoints {
        let text = &self.indexed.text[start..end];
        let clusters = Clusters::default();
        let is_end = |at: usize| text.is_char_boundary(at) && !clusters.is_inside(text, at);
        let mut points = CutPoints::default();
        points.push(start as u32, strength::NONE, (0, 0));
        let aim = (self.unbroken / PIECES).max(1);
        // Token sums: up to here, at the last cut point, and at the last cluster end after that.
        let (mut tokens, mut done, mut near) = (0, 0, (start, 0));
        let mut see = |token: usize, n: usize| {
            tokens += n as i64;
            if !is_end(token - start) {
                return;
            }
            if tokens - done > aim {
                if near.1 > done {
                    points.push_inside(near.0, near.1 - done);
                    done = near.1;
                }
                if tokens - done > self.unbroken {
                    self.search(&mut points, near.0, token);
                    done = tokens;
                } else if tokens - done > aim {
                    points.push_inside(token, tokens - done);
                    done = tokens;
                }
            }
            near = (token, tokens);
        };
        self.indexed.each_token(start, end, &mut see);
        see(end, 0); // what is last may have no tokens
        if points
            .offsets
            .last()
            .is_none_or(|&last| (last as usize) < end)
        {
            points.push_inside(end, tokens - done);
        }
        if let Some(strength) = points.strengths.last_mut() {
            *strength = last;
        }
        points
    }

    /// Adds cut points to a span in which no tokens show where: the ends of the longest pieces that keep
    /// the limit, and some in each for what is before and after.
    fn search(&self, points: &mut CutPoints, start: usize, end: usize) {
        let mut add = |ends: &[u32], from: usize, range: Range<usize>, size: i64| {
            let (n, mut done, mut known) = (range.len(), 0, 0);
            for piece in 1..SEARCHED_PIECES {
                let more = n * piece / SEARCHED_PIECES;
                if more > done {
                    let end = ends[range.start + more - 1] as usize;
                    let tokens = self.indexed.count(from, end) as i64;
                    points.push_inside(end, tokens - known);
                    (done, known) = (more, tokens);
                }
            }
            if size > self.limit {
                points.oversize.push(from as u32);
            }
            let size = size.min(self.limit);
            points.push_inside(ends[range.end - 1] as usize, size - known);
        };
        let clusters = self.indexed.cluster_ends(start, end);
        self.each_piece(start, &clusters, &mut |from, range, size| {
            let cluster = &self.indexed.text[from..clusters[range.end - 1] as usize];
            if size <= self.limit || cluster.chars().nth(1).is_none() {
                return add(&clusters, from, range, size);
            }
            // A cluster above the limit is cut between its characters.
            let ends = cluster.char_indices().map(|(at, c)| at + c.len_utf8());
            let characters: Vec<u32> = ends.map(|end| (from + end) as u32).collect();
            self.each_piece(from, &characters, &mut |from, range, size| {
                add(&characters, from, range, size);
            });
        });
    }

    /// Calls `see` with consecutive pieces from `start` to the last of the ends, each of as many ends as
    /// fit, or one: where it starts, the range of its ends, and its tokens.
    fn each_piece(
        &self,
        mut start: usize,
        ends: &[u32],
        visit: &mut dyn FnMut(usize, Range<usize>, i64),
    ) {
        let (mut done, mut guess) = (0, usize::try_from(self.unbroken).unwrap_or(usize::MAX));
        while done < ends.len() {
            let count = |n: usize| self.indexed.count(start, ends[done + n - 1] as usize) as i64;
            let (more, tokens) = max_fitting(ends.len() - done, self.unbroken, guess, count);
            visit(start, done..done + more, tokens);
            (done, guess) = (done + more, more);
            start = ends[done - 1] as usize;
        }
    }
}

/// A long pretoken, in which there may be many cut points: the exact sums at one take a count of all of
/// it. So they are taken from its tokens, which are those of its parts but for one or two.
#[derive(Default)]
struct LongPretoken {
    start: usize,
    end: usize,
    /// Where its tokens end, as far as that is between two characters, and the token sums there.
    tokens: Vec<(usize, i64)>,
}

impl LongPretoken {
    /// The sums from and to an offset, if it is in a long pretoken.
    fn measure(&mut self, indexed: &Indexed<'_>, at: usize) -> Option<(i64, i64)> {
        let map = &indexed.map.tokens;
        if map.is_end(at) {
            return None;
        }
        let (start, end) = (map.end_before(at), map.end_after(at)?);
        let before = map.sum(start);
        if map.sum(end) - before <= LONG {
            return None;
        }
        if (start, end) != (self.start, self.end) {
            let mut sum = before as i64;
            self.tokens.clear();
            self.tokens.push((start, sum));
            indexed.each_token(start, end, |token, n| {
                sum += n as i64;
                if indexed.text.is_char_boundary(token) {
                    self.tokens.push((token, sum));
                }
            });
            (self.start, self.end) = (start, end);
        }
        let after = self.tokens.partition_point(|&(end, _)| end < at);
        let (end, sum) = self.tokens[after];
        let is_end = end == at;
        Some((self.tokens[after - usize::from(!is_end)].1, sum))
    }
}

/// How many of `left` ends fit into a limit, at least one, and the tokens up to there.
///
/// The fallback, `longest_pieces.py`, tries the same numbers: tokens inside a pretoken do not always
/// grow with it, so others may lead elsewhere.
fn max_fitting(
    left: usize,
    limit: i64,
    guess: usize,
    count: impl Fn(usize) -> i64,
) -> (usize, i64) {
    let (mut low, mut tokens) = (0, 0);
    let mut high = guess.min(left).max(1);
    let mut over;
    loop {
        over = count(high);
        if over > limit {
            break;
        }
        if high == left {
            return (high, over);
        }
        (low, tokens, high) = (high, over, high.saturating_mul(2).min(left));
    }
    let mut bisect = false;
    while high - low > 1 {
        // By turns interpolated and bisected, which is never slow.
        let width = high - low;
        let share = if bisect {
            width
        } else {
            let share = 2 * width as i128 * i128::from(limit - tokens);
            (share / i128::from(over - tokens)) as usize
        };
        let middle = (low + share / 2).max(low + 1).min(high - 1);
        let size = count(middle);
        if size <= limit {
            (low, tokens) = (middle, size);
        } else {
            (high, over) = (middle, size);
        }
        bisect = !bisect;
    }
    if low > 0 { (low, tokens) } else { (1, over) }
}
