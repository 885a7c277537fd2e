//! How much of a text fits, from either side.

use crate::count::counter::Counter;
use crate::count::pieces::{PIECE, piece_start};
use crate::count::tokenizer::Tokenizer;
use crate::index::text_map::{Error, TextMap};
use crate::index::token_index::Indexed;
use crate::index::token_map::Ends;

/// The last end of a pretoken to which a text has at most `limit` tokens.
///
/// Looks at little more than what fits.
pub fn prefix_end(tokenizer: &Tokenizer, text: &str, limit: usize) -> Result<usize, Error> {
    let (mut total, mut enough) = (0, 0);
    let count = |_: usize, ends: &[usize], tokens: &[u32]| {
        total += tokens.iter().map(|&n| n as usize).sum::<usize>();
        enough = ends.last().copied().unwrap_or(enough);
        total <= limit
    };
    Counter::new(tokenizer)
        .each_batch(text, count)
        .map_err(Error::Split)?;
    let text = &text[..enough];
    let map = TextMap::of_tokens(tokenizer, text)?;
    let index = Indexed::new(&map, tokenizer, text).ok_or(Error::NotIndexable)?;
    Ok(index.end(0, limit))
}

/// The first end of a pretoken from which a text has at most `limit` tokens.
///
/// Looks at little more than what fits.
pub fn suffix_start(tokenizer: &Tokenizer, text: &str, limit: usize) -> Result<usize, Error> {
    let (mut start, mut total) = (text.len(), 0);
    let mut counter = Counter::new(tokenizer);
    while start > 0 && total <= limit {
        let end = start;
        // In steps of what may well be enough.
        let step = limit.saturating_mul(8).clamp(1 << 12, PIECE);
        start = piece_start(tokenizer, text.as_bytes(), end, step);
        total += counter.count(&text[start..end]).map_err(Error::Split)?;
    }
    let map = TextMap::of_tokens(tokenizer, &text[start..])?;
    // What starts where a pretoken does is split as on its own, so these differences are exact.
    let tokens = &map.tokens;
    let excess = tokens.total().saturating_sub(limit);
    let first = excess
        .checked_sub(1)
        .and_then(|more| tokens.end_after(tokens.last_within(more)));
    Ok(start + first.unwrap_or(0))
}
