//! Cut points in a span without any boundary: between tokens, or where not even these show where.
//!
//! The fallback is in `ctxtools/_core/fallback/chunk/cut_points.py`.

use crate::chunk::cutting::cut_costs::CutCosts;
use crate::chunk::cutting::cut_point::{CutPoints, run};
use crate::index::token_index::{Indexed, Part};
use crate::text::graphemes::Clusters;
use crate::text::sentences::marks;
use std::ops::Range;

/// Cut points for each limit that a span without any boundary is long.
const PIECES: i64 = 8;
/// The same where they have to be searched for.
const SEARCHED_PIECES: usize = 4;

pub struct BetweenTokens<'a> {
    pub indexed: Indexed<'a>,
    /// The maximum number of tokens of a chunk.
    pub limit: i64,
    /// A longer span is cut.
    pub unbroken: i64,
    pub costs: &'a CutCosts<'a>,
}

impl BetweenTokens<'_> {
    /// Adds the end of a span, and cut points inside it: between tokens that end where grapheme clusters
    /// do; where those are too far apart, between clusters, or characters if need be.
    pub fn add(&self, points: &mut CutPoints, start: usize, end: usize) {
        if start == end {
            return;
        }
        let mut walk = Walk {
            cuts: self,
            points,
            text: &self.indexed.text[start..end],
            start,
            clusters: Clusters::default(),
            aim: (self.unbroken / PIECES).max(1),
            tokens: 0,
            done: 0,
            near: (start, 0, run::NONE),
        };
        self.indexed.each_part(start, end, |pretoken, part| {
            let run = pretoken as u32 + 1;
            match part {
                Part::Tokens(end, n) => walk.tokens(end, n as i64, run),
                Part::Segment(start, end, n) => {
                    if !walk.pass(end, n as i64, run) {
                        let each = |end| walk.tokens(end, 1, run);
                        self.indexed.each_segment_token(start, end, each);
                    }
                }
            }
        });
        walk.tokens(end, 0, run::NONE); // what is last may have no tokens
        let rest = walk.tokens - walk.done;
        if points
            .offsets
            .last()
            .is_none_or(|&last| (last as usize) < end)
        {
            points.push_inside(end, rest, run::NONE, self.costs);
        }
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
                    points.push_inside(end, tokens - known, run::NONE, self.costs);
                    (done, known) = (more, tokens);
                }
            }
            if size > self.limit {
                points.oversize.push(from as u32);
            }
            let size = size.min(self.limit);
            let end = ends[range.end - 1] as usize;
            points.push_inside(end, size - known, run::NONE, self.costs);
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

/// A walk over the tokens of a span.
struct Walk<'a, 'p> {
    cuts: &'a BetweenTokens<'a>,
    points: &'p mut CutPoints,
    text: &'a str,
    start: usize,
    clusters: Clusters,
    /// So many tokens are in a piece.
    aim: i64,
    /// The tokens up to here, and up to the last cut point.
    tokens: i64,
    done: i64,
    /// The last cluster end after that: its offset, the tokens up to there, and its run.
    near: (usize, i64, u32),
}

impl Walk<'_, '_> {
    fn is_end(&self, at: usize) -> bool {
        let at = at - self.start;
        self.text.is_char_boundary(at)
            && !marks::starts_with_closing(self.text.as_bytes(), at)
            && !self.clusters.is_inside(self.text, at)
    }

    /// Goes on to where `n` tokens end.
    fn tokens(&mut self, end: usize, n: i64, run: u32) {
        self.tokens += n;
        if !self.is_end(end) {
            return;
        }
        if self.tokens - self.done > self.aim {
            let (near, tokens, its_run) = self.near;
            if tokens > self.done {
                self.push(near, tokens, its_run);
            }
            if self.tokens - self.done > self.cuts.unbroken {
                self.cuts.search(self.points, near, end);
                self.done = self.tokens;
            } else if self.tokens - self.done > self.aim {
                self.push(end, self.tokens, run);
            }
        }
        self.near = (end, self.tokens, run);
    }

    fn push(&mut self, offset: usize, tokens: i64, run: u32) {
        let more = tokens - self.done;
        self.points.push_inside(offset, more, run, self.cuts.costs);
        self.done = tokens;
    }

    /// Goes on to where a segment of `n` tokens ends, if it makes no difference which these are.
    fn pass(&mut self, end: usize, n: i64, run: u32) -> bool {
        let passes = self.tokens + n - self.done <= self.aim && self.is_end(end);
        if passes {
            self.tokens += n;
            self.near = (end, self.tokens, run);
        }
        passes
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
