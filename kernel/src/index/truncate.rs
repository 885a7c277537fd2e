//! How much of a text fits, from either side.

use crate::count::counter::Counter;
use crate::count::pieces::{PIECE, piece_start};
use crate::count::tokenizer::Tokenizer;
use crate::index::token_map::{Error, Index, Indexed};

/// The last boundary (in characters) to which a text has at most `limit` tokens.
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
    let index = Index::new(tokenizer, text)?;
    Ok(Indexed::new(&index, tokenizer, text).end(0, limit))
}

/// The number of characters from the first boundary from which a text has at most `limit` tokens.
///
/// Looks at little more than what fits.
pub fn suffix_length(tokenizer: &Tokenizer, text: &str, limit: usize) -> Result<usize, Error> {
    let (mut start, mut total) = (text.len(), 0);
    let mut counter = Counter::new(tokenizer);
    while start > 0 && total <= limit {
        let end = start;
        // In steps of what may well be enough.
        let step = (limit * 8).clamp(1 << 12, PIECE);
        start = piece_start(text.as_bytes(), end, step);
        total += counter.count(&text[start..end]).map_err(Error::Split)?;
    }
    let index = Index::new(tokenizer, &text[start..])?;
    // What is behind a boundary is split as on its own, so these differences are exact.
    let excess = index.total().saturating_sub(limit);
    let before = match excess.checked_sub(1) {
        None => 0,
        Some(more) => {
            let end = index.ends.next(index.ends.last_with(more));
            Indexed::new(&index, tokenizer, &text[start..]).character(end.unwrap_or(0))
        }
    };
    Ok(index.length() - before)
}
