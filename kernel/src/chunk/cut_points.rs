//! Where a text may be cut, and how large what lies between two such places is.
//!
//! `ctxtools/chunking/candidates.py` is the same in Python, and says why it is so; a property test
//! holds the two together.

use crate::index::token_map::Indexed;
use crate::text::boundaries::{Flags, is_in_cluster, strength};
use std::cell::{OnceCell, RefCell};
use std::ops::Range;

/// A stretch longer than a limit's part of this has finer places.
const COARSE: i64 = 4;
/// Of so many parts of a limit each keeps its strongest place.
const GRANULES: i64 = 64;
/// The same within a stretch that has no sentences.
const FINE_GRANULES: i64 = 32;
/// What has no boundary has so many places for each limit that it spans.
const PIECES: i64 = 8;
/// Where these have to be searched for it is so many.
const PARTS: usize = 4;
/// Up to such a limit all sentences have finer places.
const ALL_WORDS: i64 = 48;
const ALL_LINES: i64 = 192;
/// A pretoken is long if it has more tokens than these.
const LONG: usize = 64;

/// What places are wanted for. Places are in bytes.
pub struct Wanted<'a> {
    /// The most tokens of a chunk.
    pub limit: i64,
    /// How many of them are left beside overlap and header; there may be none.
    pub room: i64,
    /// Where blocks of the document start, and how good a cut there is.
    pub marks: &'a [(u32, u8)],
    /// What is not to be cut: disjoint, and in order.
    pub whole: &'a [(u32, u32)],
    /// Places that have to be there, in order.
    pub forced: &'a [u32],
}

/// Places to cut at, in order, in bytes. The vectors have the same length, at least 2.
#[derive(Default)]
pub struct Places {
    /// Where they are.
    pub at: Vec<u32>,
    /// How good a cut there is.
    pub strengths: Vec<u8>,
    /// Tokens, so that what is between the places i and j has `ends[j] - starts[i]`.
    pub starts: Vec<i64>,
    /// See `starts`.
    pub ends: Vec<i64>,
    /// Where a character starts that alone is above the limit.
    pub oversize: Vec<u32>,
}

impl Places {
    fn push(&mut self, at: u32, strength: u8, (start, end): (i64, i64)) {
        self.at.push(at);
        self.strengths.push(strength);
        self.starts.push(start);
        self.ends.push(end);
    }

    fn with_room(places: usize) -> Self {
        Places {
            at: Vec::with_capacity(places),
            strengths: Vec::with_capacity(places),
            starts: Vec::with_capacity(places),
            ends: Vec::with_capacity(places),
            oversize: Vec::new(),
        }
    }

    /// The two places at the ends of a stretch.
    fn ends_only(start: u32, end: u32, last: u8, size: i64) -> Self {
        let mut places = Places::with_room(2);
        places.push(start, strength::NONE, (0, 0));
        places.push(end, last, (size, size));
        places
    }

    fn push_some(&mut self, place: Option<(u32, u8, (i64, i64))>) {
        if let Some((at, strength, sums)) = place {
            self.push(at, strength, sums);
        }
    }

    /// Adds a place that nothing separates from the last one but so many tokens.
    fn push_inside(&mut self, at: usize, tokens: i64) {
        let sum = self.ends.last().map_or(0, |sum| sum + tokens);
        self.push(at as u32, strength::NONE, (sum, sum));
    }

    /// Adds those of others with these numbers, with more tokens before them.
    fn extend(&mut self, other: &Places, numbers: Range<usize>, shift: i64) {
        self.at.extend_from_slice(&other.at[numbers.clone()]);
        self.strengths
            .extend_from_slice(&other.strengths[numbers.clone()]);
        let shifted = |tokens: &i64| tokens + shift;
        self.starts
            .extend(other.starts[numbers.clone()].iter().map(shifted));
        self.ends.extend(other.ends[numbers].iter().map(shifted));
    }

    /// The tokens between a place and the next.
    fn size(&self, i: usize) -> i64 {
        self.ends[i + 1] - self.starts[i]
    }
}

impl Indexed<'_> {
    /// The places from `start` to the end of the text, both included, and those forced.
    pub fn cut_places(&self, wanted: &Wanted<'_>, start: usize) -> Places {
        let (limit, end) = (wanted.limit, self.text().len());
        let level = match limit {
            limit if limit <= ALL_WORDS => strength::WORD,
            limit if limit <= ALL_LINES => strength::LINE,
            _ => strength::SENTENCE,
        };
        let finder = Finder {
            indexed: *self,
            limit,
            unbroken: wanted.room.max(limit / 2).max(1),
            wordless: wanted.room.max(limit / 4).max(1),
            whole: wanted.whole,
            long: RefCell::default(),
        };
        let found = if wanted.marks.is_empty() && wanted.forced.is_empty() {
            let mut found = Vec::new();
            self.each_boundary(level, start, end, |at, strength| {
                found.push((at as u32, strength));
                true
            });
            found
        } else {
            self.with_blocks(wanted, level, start)
        };
        let (ends, granule) = ((start as u32, end as u32), limit / GRANULES);
        let places = finder.measured(ends, &found, strength::SECTION, granule, wanted.forced);
        finder.refined(places, i64::from(level))
    }

    /// The boundaries, with those of blocks, and without those inside of blocks kept whole.
    fn with_blocks(&self, wanted: &Wanted<'_>, level: u8, start: usize) -> Vec<(u32, u8)> {
        // Of those at one place the first counts.
        const MARK: u8 = 0;
        const BOUNDARY: u8 = 1;
        const FORCED: u8 = 2;
        const BEHIND_WHOLE: u8 = 3;
        let end = self.text().len();
        let mut known: Vec<(u32, u8, u8)> = Vec::new();
        let mut whole = wanted.whole.iter().peekable();
        self.each_boundary(level, start, end, |at, strength| {
            let at = at as u32;
            while whole.next_if(|(_, last)| *last <= at).is_some() {}
            if whole.peek().is_none_or(|(first, _)| at <= *first) {
                known.push((at, BOUNDARY, strength));
            }
            true
        });
        let is_forced = |place: &u32| wanted.forced.binary_search(place).is_ok();
        // A parser does not know of clusters. (Forced are the cuts of larger chunks.)
        let may_be = |place: &u32| is_forced(place) || !self.is_in_cluster(*place as usize);
        let marks = wanted.marks.iter().filter(|(at, _)| may_be(at));
        known.extend(marks.map(|&(at, strength)| (at, MARK, strength)));
        let lasts = wanted.whole.iter().map(|&(_, last)| last);
        known.extend(
            lasts
                .filter(may_be)
                .map(|at| (at, BEHIND_WHOLE, strength::LINE)),
        );
        let forced = wanted.forced.iter();
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

/// What finds the places of one text.
struct Finder<'a> {
    indexed: Indexed<'a>,
    limit: i64,
    /// A longer stretch without words is cut between pretokens.
    wordless: i64,
    /// A longer stretch without boundaries is cut where nothing is.
    unbroken: i64,
    whole: &'a [(u32, u32)],
    /// The last one that was met: there may be places in it at several levels.
    long: RefCell<LongPretoken>,
}

impl Finder<'_> {
    /// More tokens than this, and a stretch gets places of the next finer kind.
    fn longest(&self, level: i64) -> i64 {
        match level {
            ..0 => self.unbroken,
            0 => self.wordless,
            _ => (self.limit / COARSE).max(1),
        }
    }

    /// The place `start`, those found, and `end`, which has the strength `last`. Where they are dense,
    /// the strongest of each `granule` tokens, the last of equal ones, and those forced.
    fn measured(
        &self,
        (start, end): (u32, u32),
        found: &[(u32, u8)],
        last: u8,
        granule: i64,
        forced: &[u32],
    ) -> Places {
        let mut long = self.long.borrow_mut();
        let mut measure = |at: u32| {
            let sums = long.measure(&self.indexed, at as usize);
            sums.unwrap_or_else(|| self.indexed.measure_byte(at as usize))
        };
        let (first, total) = (measure(start), measure(end));
        let (n, size) = (found.len() as i64 + 2, total.1 - first.0);
        let is_dense = granule >= 2 && n.saturating_mul(granule) >= size.saturating_mul(2);
        let mut places = Places::with_room(if is_dense { 2 } else { found.len() + 2 });
        places.push(start, strength::NONE, first);
        let (mut goal, mut best, mut before) = (first.0, None, first.1);
        for &(at, strength) in found {
            let sums = measure(at);
            // What is behind a stretch without places is kept, so that none of that is left to cut.
            let is_far = sums.1 - before > granule;
            before = sums.1;
            if !is_dense || is_far || forced.binary_search(&at).is_ok() {
                places.push_some(best.take());
                places.push(at, strength, sums);
                continue;
            }
            if sums.1 >= goal {
                places.push_some(best.take());
                goal = sums.1 + granule;
            }
            if best.is_none_or(|(_, strongest, _)| strength >= strongest) {
                best = Some((at, strength, sums));
            }
        }
        places.push_some(best);
        places.push(end, last, total);
        places
    }

    /// The places, and more of them where what lies between two is large.
    fn refined(&self, places: Places, level: i64) -> Places {
        let (finer, n) = (level - 1, places.at.len());
        let longest = self.longest(finer);
        let large = (0..n - 1).filter(|&i| places.size(i) > longest);
        let is_whole = |i: usize| {
            let stretch = (places.at[i], places.at[i + 1]);
            self.whole.binary_search(&stretch).is_ok()
        };
        let mut refined = Places::default();
        let (mut done, mut shift) = (0, 0);
        for i in large.filter(|&i| !is_whole(i)) {
            let part = self.split(&places, i, finer);
            // What is inside a pretoken may be smaller when it is counted than by the sums.
            let n = part.at.len();
            let is_same = n == 2 && part.ends[1] - part.starts[0] == places.size(i);
            if is_same && part.oversize.is_empty() {
                continue;
            }
            if done == 0 {
                refined = Places::with_room(2 * places.at.len());
            }
            refined.extend(&places, done..i + 1, shift);
            let origin = places.starts[i] + shift - part.starts[0];
            refined.extend(&part, 1..n - 1, origin);
            shift = part.ends[n - 1] + origin - places.ends[i + 1];
            refined.oversize.extend(part.oversize);
            done = i + 1;
        }
        if done == 0 {
            return places;
        }
        refined.extend(&places, done..n, shift);
        refined
    }

    /// What lies between two neighbours, with places inside it of a level or finer ones.
    fn split(&self, places: &Places, i: usize, level: i64) -> Places {
        let (start, end) = (places.at[i], places.at[i + 1]);
        let (size, last) = (places.size(i), places.strengths[i + 1]);
        for finer in (0..=level).rev() {
            if size <= self.longest(finer) {
                return Places::ends_only(start, end, last, size);
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
                let part = self.measured((start, end), &found, last, granule, &[]);
                // What was left out may be wanted yet, where sizes are uneven.
                let left_out = part.at.len() < found.len() + 2;
                return self.refined(part, finer + i64::from(left_out));
            }
        }
        if size <= self.unbroken {
            return Places::ends_only(start, end, last, size);
        }
        self.cut_anywhere(start as usize, end as usize, last)
    }

    /// What has no boundary inside, cut between tokens that end where grapheme clusters do; where those
    /// are too far apart, between clusters, or characters if need be.
    fn cut_anywhere(&self, start: usize, end: usize, last: u8) -> Places {
        let text = &self.indexed.text()[start..end];
        let flags = OnceCell::new();
        let is_end = |at: usize| {
            let flags = || flags.get_or_init(|| Flags::of(text.as_bytes()));
            text.is_char_boundary(at) && !is_in_cluster(text, at, flags)
        };
        let mut places = Places::default();
        places.push(start as u32, strength::NONE, (0, 0));
        let aim = (self.unbroken / PIECES).max(1);
        // Sums of tokens: up to here, at the last place, and at the last end after that.
        let (mut tokens, mut done, mut near) = (0, 0, (start, 0));
        self.indexed.each_token(start, end, |token| {
            tokens += 1;
            if !is_end(token - start) {
                return;
            }
            if tokens - done > aim {
                if near.1 > done {
                    places.push_inside(near.0, near.1 - done);
                    done = near.1;
                }
                if tokens - done > self.unbroken {
                    self.search(&mut places, near.0, token);
                    done = tokens;
                } else if tokens - done > aim {
                    places.push_inside(token, tokens - done);
                    done = tokens;
                }
            }
            near = (token, tokens);
        });
        if near.1 > done {
            places.push_inside(near.0, near.1 - done);
        }
        if let Some(strength) = places.strengths.last_mut() {
            *strength = last;
        }
        places
    }

    /// Adds places of a stretch where no tokens say where: the ends of the longest pieces that keep the
    /// limit, and some in each for what is before and behind.
    fn search(&self, places: &mut Places, start: usize, end: usize) {
        let mut add = |steps: &Steps, from: usize, numbers: Range<usize>, size: i64| {
            let (n, mut done, mut known) = (numbers.len(), 0, 0);
            for part in 1..PARTS {
                let more = n * part / PARTS;
                if more > done {
                    let place = steps.place(numbers.start + more - 1);
                    let tokens = self.indexed.count_bytes(from, place) as i64;
                    places.push_inside(place, tokens - known);
                    (done, known) = (more, tokens);
                }
            }
            if size > self.limit {
                places.oversize.push(from as u32);
            }
            let size = size.min(self.limit);
            places.push_inside(steps.place(numbers.end - 1), size - known);
        };
        let clusters = self.ends_of_clusters(start, end);
        self.each_piece(start, &clusters, &mut |from, numbers, size| {
            let cluster = &self.indexed.text()[from..clusters.place(numbers.end - 1)];
            if size <= self.limit || cluster.chars().nth(1).is_none() {
                return add(&clusters, from, numbers, size);
            }
            // A cluster above the limit is cut between its characters.
            let steps = Steps::of_characters(cluster, from);
            self.each_piece(from, &steps, &mut |from, numbers, size| {
                add(&steps, from, numbers, size);
            });
        });
    }

    fn ends_of_clusters(&self, start: usize, end: usize) -> Steps {
        let text = &self.indexed.text()[start..end];
        if text.is_ascii() && !text.contains('\r') {
            return Steps::Bytes(start, text.len());
        }
        let flags = OnceCell::new();
        let is_inside = |at| {
            is_in_cluster(text, at, || {
                flags.get_or_init(|| Flags::of(text.as_bytes()))
            })
        };
        let ends = text.char_indices().skip(1).map(|(at, _)| at);
        let ends = ends.filter(|&at| !is_inside(at)).chain([text.len()]);
        Steps::Listed(ends.map(|at| (start + at) as u32).collect())
    }

    /// Calls `see` with the parts of a stretch from `start` to the last of its steps, each of as many
    /// steps as fit, or one: where it starts, the numbers of its steps, and its tokens.
    fn each_piece(
        &self,
        mut start: usize,
        steps: &Steps,
        see: &mut dyn FnMut(usize, Range<usize>, i64),
    ) {
        let (mut done, mut likely) = (0, usize::try_from(self.unbroken).unwrap_or(usize::MAX));
        while done < steps.len() {
            let count = |n: usize| {
                let end = steps.place(done + n - 1);
                self.indexed.count_bytes(start, end) as i64
            };
            let (more, tokens) = most(steps.len() - done, self.unbroken, likely, count);
            see(start, done..done + more, tokens);
            (done, likely) = (done + more, more);
            start = steps.place(done - 1);
        }
    }
}

/// A long pretoken, in which there may be many places: to measure one exactly is to count all of it.
/// So they are measured by its tokens, which are those of its parts but for one or two.
#[derive(Default)]
struct LongPretoken {
    start: usize,
    end: usize,
    /// Where its tokens end, as far as that is between two characters, and how many of the text's
    /// tokens there are up to there.
    tokens: Vec<(usize, i64)>,
}

impl LongPretoken {
    /// What has the tokens before a place and those up to there, if it is in a long pretoken.
    fn measure(&mut self, indexed: &Indexed<'_>, place: usize) -> Option<(i64, i64)> {
        let ends = indexed.ends();
        if ends.is_end(place) {
            return None;
        }
        let (start, end) = (ends.last_by(place), ends.next(place)?);
        let before = ends.sum(start);
        if ends.sum(end) - before <= LONG {
            return None;
        }
        if (start, end) != (self.start, self.end) {
            let mut sum = before as i64;
            self.tokens.clear();
            self.tokens.push((start, sum));
            indexed.each_token(start, end, |token| {
                sum += 1;
                if indexed.text().is_char_boundary(token) {
                    self.tokens.push((token, sum));
                }
            });
            (self.start, self.end) = (start, end);
        }
        let after = self.tokens.partition_point(|&(end, _)| end < place);
        let (end, sum) = self.tokens[after];
        let is_end = end == place;
        Some((self.tokens[after - usize::from(!is_end)].1, sum))
    }
}

/// Where a stretch may end, one place after the other.
enum Steps {
    /// Behind each of so many bytes from a place on.
    Bytes(usize, usize),
    Listed(Vec<u32>),
}

impl Steps {
    fn of_characters(text: &str, start: usize) -> Self {
        let ends = text.char_indices().skip(1).map(|(at, _)| at);
        let ends = ends.chain([text.len()]);
        Steps::Listed(ends.map(|at| (start + at) as u32).collect())
    }

    fn len(&self) -> usize {
        match self {
            Steps::Bytes(_, n) => *n,
            Steps::Listed(ends) => ends.len(),
        }
    }

    fn place(&self, i: usize) -> usize {
        match self {
            Steps::Bytes(start, _) => start + i + 1,
            Steps::Listed(ends) => ends[i] as usize,
        }
    }
}

/// How many of `left` steps fit into a limit, at least one, and the tokens up to there.
///
/// `ctxtools/chunking/pieces.py` looks at the same numbers of steps.
fn most(left: usize, limit: i64, likely: usize, count: impl Fn(usize) -> i64) -> (usize, i64) {
    let (mut low, mut tokens) = (0, 0);
    let mut high = likely.min(left).max(1);
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
    let mut halve = false;
    while high - low > 1 {
        // By turns where it is likely to be, and half way, which is never slow.
        let width = high - low;
        let share = match halve {
            true => width,
            false => {
                let part = 2 * width as i128 * i128::from(limit - tokens);
                (part / i128::from(over - tokens)) as usize
            }
        };
        let middle = (low + share / 2).max(low + 1).min(high - 1);
        let size = count(middle);
        if size <= limit {
            (low, tokens) = (middle, size);
        } else {
            (high, over) = (middle, size);
        }
        halve = !halve;
    }
    if low > 0 { (low, tokens) } else { (1, over) }
}
