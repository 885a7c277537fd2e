//! Token sums at many offsets inside one long pretoken.

use crate::index::token_index::Indexed;
use crate::index::token_map::Ends;

/// A pretoken with more tokens is long.
const LONG: usize = 64;

/// A long pretoken, in which there may be many cut points: the exact sums at one take a count of all of
/// it. So they are taken from its tokens, which are those of its parts but for one or two.
#[derive(Default)]
pub struct LongPretoken {
    start: usize,
    end: usize,
    /// Where its tokens end, as far as that is between two characters, and the token sums there.
    tokens: Vec<(usize, i64)>,
}

impl LongPretoken {
    /// The token sums for spans that start and end at an offset.
    #[inline]
    pub fn sums(&mut self, indexed: &Indexed<'_>, at: usize) -> (i64, i64) {
        if let Some(sum) = indexed.sum_at(at) {
            return (sum as i64, sum as i64);
        }
        let inside = self.inside(indexed, at);
        inside.unwrap_or_else(|| (indexed.sum_from(at), indexed.sum_to(at) as i64))
    }

    /// The same of an offset in a long pretoken.
    fn inside(&mut self, indexed: &Indexed<'_>, at: usize) -> Option<(i64, i64)> {
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
