//! Ends of pretokens and token sums, against a plain list of them.

use _kernel::index::token_map::{Builder, Ends, TokenMap, bits};
use proptest::prelude::*;

/// Pretokens of a text: (bytes, tokens), short ones and some that are longer than a word of bits.
fn pretokens() -> impl Strategy<Value = Vec<(usize, u32)>> {
    let bytes = prop_oneof![8 => 1..12usize, 2 => 1..80usize, 1 => 100..1000usize];
    let pretoken = bytes.prop_flat_map(|bytes| (Just(bytes), 1..=bytes as u32));
    proptest::collection::vec(pretoken, 0..60)
}

/// (end, tokens up to there) of each, from 0 on.
fn listed(pretokens: &[(usize, u32)]) -> Vec<(usize, usize)> {
    let mut sums = vec![(0, 0)];
    for &(bytes, tokens) in pretokens {
        let (end, sum) = sums[sums.len() - 1];
        sums.push((end + bytes, sum + tokens as usize));
    }
    sums
}

/// The map, built batch by batch, in pieces of so many batches.
fn built(list: &[(usize, usize)], batch: usize, batches: usize) -> TokenMap {
    let ends: Vec<usize> = list[1..].iter().map(|&(end, _)| end).collect();
    let tokens = list.windows(2).map(|pair| (pair[1].1 - pair[0].1) as u32);
    let tokens: Vec<u32> = tokens.collect();
    let mut whole = Builder::new(0, 0);
    let piece = batch * batches;
    for (number, (ends, tokens)) in ends.chunks(piece).zip(tokens.chunks(piece)).enumerate() {
        let start = list[number * piece].0;
        let mut builder = Builder::new(start, ends[ends.len() - 1] - start);
        for (ends, tokens) in ends.chunks(batch).zip(tokens.chunks(batch)) {
            let ends: Vec<usize> = ends.iter().map(|end| end - start).collect();
            builder.extend(&ends, tokens);
        }
        match number {
            0 => whole = builder,
            _ => whole.append(builder),
        }
    }
    whole.finish()
}

proptest! {
    #[test]
    fn knows_every_end(pretokens in pretokens(), batch in 1..20usize, batches in 1..20usize) {
        let list = listed(&pretokens);
        let ends = built(&list, batch, batches);
        let &(length, total) = list.last().expect("at least 0");
        prop_assert_eq!((ends.count(), ends.total()), (pretokens.len(), total));
        let all: Vec<usize> = list[1..].iter().map(|&(end, _)| end).collect();
        prop_assert_eq!(ends.iter().collect::<Vec<_>>(), all.clone());
        for offset in 0..=length {
            let before = list.iter().rposition(|&(end, _)| end <= offset).expect("0 is before");
            let (last, sum) = list[before];
            prop_assert_eq!(ends.is_end(offset), last == offset);
            prop_assert_eq!(ends.end_before(offset), last);
            prop_assert_eq!(ends.end_after(offset), list.get(before + 1).map(|&(end, _)| end));
            prop_assert_eq!(ends.sum(last), sum);
        }
    }

    #[test]
    fn finds_the_last_end_within_a_limit(pretokens in pretokens(), max in 0..3000usize) {
        let list = listed(&pretokens);
        let expected = list.iter().rev().find(|&&(_, sum)| sum <= max);
        prop_assert_eq!(built(&list, 7, 3).last_within(max), expected.expect("0 is within").0);
    }

    #[test]
    fn gives_the_ends_between_two_offsets(
        pretokens in pretokens(),
        offsets in (0.0..=1f64, 0.0..=1f64),
    ) {
        let list = listed(&pretokens);
        let length = list[list.len() - 1].0 as f64;
        let [start, stop] = [offsets.0.min(offsets.1), offsets.0.max(offsets.1)]
            .map(|share| (share * length) as usize);
        let ends = built(&list, 7, 3);
        let rows = ends.rows(start, stop);
        let found: Vec<usize> = rows
            .flat_map(|(base, row)| bits(row).map(move |bit| base + bit + 1))
            .collect();
        let between = list[1..].iter().map(|&(end, _)| end);
        let expected: Vec<usize> = between.filter(|&end| start < end && end < stop).collect();
        prop_assert_eq!(found, expected);
    }
}
