//! A long sequence of symbols -> its tokens, merged in overlapping spans of bounded length.
//!
//! [`crate::bpe::merge`] proves that two spans may be joined at a token that both have, whatever the
//! symbols are (bytes or characters) and whatever the priorities of merges depend on, as long as these
//! are the two tokens alone, and the leftmost of equals is first.

/// The symbols of a span at first.
const MIN_SYMBOLS: usize = 64;

/// The encoding of the symbols from `start`: where each token ends, from there, and what it is.
struct Span<T> {
    start: usize,
    length: usize,
    tokens: Vec<(usize, T)>,
}

/// Calls `emit` with each token of the first `length` symbols, in order.
///
/// # Arguments
/// * `encode`: the encoding of the symbols of a range alone, which is not empty.
pub fn each_token<T: Copy>(
    length: usize,
    mut encode: impl FnMut(usize, usize) -> Vec<(usize, T)>,
    mut emit: impl FnMut(T),
) {
    let mut encode = |start: usize, size: usize| {
        let end = length.min(start + size);
        Span {
            start,
            length: end - start,
            tokens: encode(start, end),
        }
    };
    let mut size = MIN_SYMBOLS;
    let mut span = encode(0, size);
    while span.start + span.length < length {
        let Some((count, next)) = follow(&span, |start| encode(start, size)) else {
            // They agree on no token. A longer span has more to choose from, and one that ends where
            // the sequence does needs none.
            size *= 4;
            span = encode(span.start, size);
            continue;
        };
        span.tokens[..count]
            .iter()
            .for_each(|&(_, token)| emit(token));
        span = next;
        size = MIN_SYMBOLS.max(size / 2);
    }
    span.tokens.iter().for_each(|&(_, token)| emit(token));
}

/// A span that starts at one of this one's later tokens and agrees on that token, and the number of
/// tokens before it.
fn follow<T>(
    span: &Span<T>,
    mut encode_from: impl FnMut(usize) -> Span<T>,
) -> Option<(usize, Span<T>)> {
    for goal in [span.length * 3 / 4, span.length / 2] {
        let count = span.tokens.partition_point(|&(end, _)| end <= goal);
        let (Some(&(end, _)), true) = (span.tokens.get(count), count > 0) else {
            continue;
        };
        let start = span.tokens[count - 1].0;
        let next = encode_from(span.start + start);
        if next
            .tokens
            .first()
            .is_some_and(|first| first.0 == end - start)
        {
            return Some((count, next));
        }
    }
    None
}
