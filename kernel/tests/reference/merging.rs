//! The plainest possible merging: what the kernel's is compared with.

use _kernel::bpe::vocabulary::Vocabulary;
use std::collections::HashMap;

/// A vocabulary of the single bytes and these tokens, whose ranks start at `first`.
///
/// With a low `first` the tokens rank before most of the bytes, which merging never asks about.
pub fn vocabulary(tokens: &[Vec<u8>], first: u32) -> (Vocabulary, HashMap<Vec<u8>, u32>) {
    let bytes = (0..=255u8).map(|byte| (vec![byte], 1000 + u32::from(byte)));
    let longer = tokens.iter().cloned().zip(first..);
    let mut ranks = HashMap::new();
    for (token, rank) in bytes.chain(longer) {
        ranks.entry(token).or_insert(rank);
    }
    let list = ranks
        .iter()
        .map(|(token, &rank)| (token.clone(), rank, rank))
        .collect();
    (Vocabulary::from_tokens(list).expect("a vocabulary"), ranks)
}

/// The ends of the tokens: joins the best pair, over and over.
pub fn naive(ranks: &HashMap<Vec<u8>, u32>, text: &[u8]) -> Vec<usize> {
    let mut ends: Vec<usize> = (0..=text.len()).collect();
    loop {
        let best = (0..ends.len().saturating_sub(2))
            .filter_map(|i| Some((ranks.get(&text[ends[i]..ends[i + 2]])?, i)))
            .min();
        match best {
            Some((_, i)) => ends.remove(i + 1),
            None => return ends.split_off(1),
        };
    }
}
