//! Ids against the plainest possible implementation: batches of any size, of words that are tokens, that
//! are merged to a few or to many, and that are too long to be remembered.

#[path = "reference/merging.rs"]
mod reference;

use _kernel::count::byte_level::Split;
use _kernel::count::ids::encoder::Encoder;
use _kernel::count::tokenizer::Tokenizer;
use proptest::prelude::*;
use reference::{naive, vocabulary};
use std::collections::HashMap;

fn tokenizer(tokens: &[Vec<u8>], first: u32) -> (Tokenizer, HashMap<Vec<u8>, u32>) {
    let (vocabulary, ranks) = vocabulary(tokens, first);
    let split = Split::new("r50k").expect("a pattern");
    (Tokenizer::new(vocabulary, split, false), ranks)
}

/// The ids of a text of words, each of which is a pretoken with the space before it.
fn encode(ranks: &HashMap<Vec<u8>, u32>, words: &[String]) -> (String, Vec<u32>) {
    let (mut text, mut ids) = (String::new(), Vec::new());
    for word in words {
        let pretoken = format!(" {word}");
        text += &pretoken;
        if let Some(&id) = ranks.get(pretoken.as_bytes()) {
            ids.push(id);
            continue;
        }
        let mut start = 0;
        let token = |end| ranks[&pretoken.as_bytes()[std::mem::replace(&mut start, end)..end]];
        ids.extend(naive(ranks, pretoken.as_bytes()).into_iter().map(token));
    }
    (text, ids)
}

fn tokens() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let token =
        prop_oneof![4 => "[ab]{2,5}", 4 => " [ab]{1,5}", 2 => "[中丮文é]{1,3}", 1 => " ?a{9,30}"];
    proptest::collection::vec(token.prop_map(String::into_bytes), 0..60)
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        20 => "[ab]{1,8}",
        4 => "[abc]{9,20}",
        4 => "[中丮文éa]{1,12}",
        2 => "[中丮文]{20,90}",
        1 => "(ab|a|aab){60,300}",
        1 => "a{200,300}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(100)
    ))]

    #[test]
    fn encodes_as_the_naive_one_does(
        tokens in tokens(),
        first in prop_oneof![Just(0u32), Just(1 << 31)],
        words in proptest::collection::vec(word(), 1..80),
        // How many words a text has: up to some more than are looked up together.
        sizes in proptest::collection::vec(prop_oneof![1..60usize, 185..200usize, 380..390usize, 505..520usize], 1..4),
        limit in 0..3000usize,
    ) {
        let (tokenizer, ranks) = tokenizer(&tokens, first);
        let mut encoder = Encoder::new(&tokenizer);
        for size in sizes {
            let words: Vec<String> = words.iter().cycle().take(size).cloned().collect();
            let (text, expected) = encode(&ranks, &words);
            let mut ids = vec![7];
            encoder.encode_into(&text, &mut ids).expect("memory");
            prop_assert_eq!(&ids[1..], &expected);
            prop_assert_eq!(tokenizer.encode(&text).expect("memory"), &expected[..]);
            encoder.encode_first(&text, limit, &mut ids).expect("memory");
            prop_assert_eq!(&ids[1 + expected.len()..], &expected[..limit.min(expected.len())]);
        }
    }

    #[test]
    fn texts_do_not_meet(tokens in tokens(), texts in proptest::collection::vec("[ab中 .\n]{0,40}", 0..60)) {
        let (tokenizer, _) = tokenizer(&tokens, 0);
        let (mut ids, mut ends) = (Vec::new(), vec![0]);
        let all = texts.iter().map(String::as_str);
        Encoder::new(&tokenizer).encode_each(all, &mut ids, |end| ends.push(end)).expect("memory");
        prop_assert_eq!(ends.len(), texts.len() + 1);
        for (text, ends) in texts.iter().zip(ends.windows(2)) {
            prop_assert_eq!(&ids[ends[0]..ends[1]], tokenizer.encode(text).expect("memory"));
        }
    }
}

/// More words, of more tokens, than are remembered at a time.
#[test]
fn forgets_and_learns_again() {
    let (tokenizer, ranks) = tokenizer(&[b"ab".to_vec(), b" a".to_vec()], 300);
    let word = |n: u32| -> String {
        let digits = (0..8).map(|i| char::from(b'a' + (n >> i & 1) as u8));
        digits
            .chain(format!("{n:06}").chars().map(|c| char::from(c as u8 + 49)))
            .collect()
    };
    let words: Vec<String> = (0..120_000).map(word).collect();
    let (text, expected) = encode(&ranks, &words);
    let mut encoder = Encoder::new(&tokenizer);
    for _ in 0..2 {
        let mut ids = Vec::new();
        encoder.encode_into(&text, &mut ids).expect("memory");
        assert!(ids == expected);
    }
}
