//! What the bytes of each token of a byte-level vocabulary become when they are merged alone.
//!
//! For files whose merges come before those of their halves: a merge of `x` and `yz` before that of `y`
//! and `z` (GLM-4, Llama 3 and Qwen 3.5 have such). It joins `x` and `yz` as soon as there is `yz`. Which
//! tokens are made at all, and by which merge, is found by merging.

use crate::bpe::pairs::Pairs;
use crate::bpe::tokens::Tokens;
use crate::bpe::vocabulary::NO_RANK;
use crate::load::tokenizer_json::Merge;

/// Squares of the lengths of tokens, in bytes, together, at most: what merging them takes.
const MAX_STEPS: usize = 1 << 26;
const NO_MERGE: u64 = u64::MAX;

pub struct MergedAlone {
    /// The numbers of the tokens that are made, in the order of the merges that make them; single bytes
    /// first.
    pub made: Vec<u32>,
    /// By number: whether two tokens are left, which no merge joins.
    pub ends_in_two: Vec<bool>,
}

impl MergedAlone {
    /// `single_of` has the number of the token of each byte, `spell` the bytes of a token. None if a pair
    /// is listed twice, so that its rank is ambiguous, or this would take long.
    pub fn new(
        tokens: &Tokens,
        merges: &[Merge],
        single_of: &[u32; 256],
        spell: impl Fn(&str, &mut Vec<u8>) -> bool,
    ) -> Option<Self> {
        let mut pairs = Pairs::new(merges.len());
        for (rank, &[first, second, merged]) in (0u32..).zip(merges) {
            if pairs.get(first, second).is_some() {
                return None;
            }
            let value = u64::from(rank) << 32 | u64::from(merged);
            pairs.insert(first, second, value).ok()?;
        }
        let (mut bytes, mut symbols, mut candidates) = (Vec::new(), Vec::new(), Vec::new());
        let mut made: Vec<(u32, u32)> = Vec::new();
        let (mut ends_in_two, mut steps) = (vec![false; tokens.count()], 0);
        for number in 0..tokens.count() as u32 {
            bytes.clear();
            if !spell(tokens.get(number), &mut bytes) {
                continue;
            }
            steps += bytes.len().pow(2);
            if steps > MAX_STEPS {
                return None;
            }
            symbols.clear();
            symbols.extend(bytes.iter().map(|&byte| single_of[usize::from(byte)]));
            let last = merge(&pairs, &mut symbols, &mut candidates);
            match *symbols {
                [only] if only == number => made.push((last, number)),
                [_, _] => ends_in_two[number as usize] = true,
                _ => {}
            }
        }
        // A byte has no merge; it is first.
        made.sort_by_key(|&(last, _)| last.wrapping_add(1));
        Some(MergedAlone {
            made: made.into_iter().map(|(_, number)| number).collect(),
            ends_in_two,
        })
    }
}

/// Merges symbols again and again by the pair of the lowest rank, the leftmost of equals, and returns the
/// rank of the last merge, or [`NO_RANK`].
fn merge(pairs: &Pairs, symbols: &mut Vec<u32>, candidates: &mut Vec<u64>) -> u32 {
    let get = |first, second| pairs.get(first, second).unwrap_or(NO_MERGE);
    candidates.clear();
    candidates.extend(symbols.windows(2).map(|pair| get(pair[0], pair[1])));
    let mut last = NO_RANK;
    while let Some((at, &best)) = candidates
        .iter()
        .enumerate()
        .min_by_key(|&(_, &value)| value)
        && best != NO_MERGE
    {
        last = (best >> 32) as u32;
        symbols[at] = best as u32;
        symbols.remove(at + 1);
        candidates.remove(at);
        if at > 0 {
            candidates[at - 1] = get(symbols[at - 1], symbols[at]);
        }
        if at < candidates.len() {
            candidates[at] = get(symbols[at], symbols[at + 1]);
        }
    }
    last
}
