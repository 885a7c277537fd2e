//! Merging against the plainest possible implementation, over small vocabularies of every shape.
//!
//! Most vocabularies are random, so they have what trained ones do not: tokens that no merges make,
//! tokens of a lower rank than their halves, texts in which windows do not agree early. Others are
//! trained, as real ones are.

#[path = "reference/merging.rs"]
mod reference;

use _kernel::bpe::merge;
use _kernel::bpe::vocabulary::Vocabulary;
use _kernel::count::byte_level::Split;
use _kernel::count::counter::Counter;
use _kernel::count::tokenizer::Tokenizer;
use proptest::prelude::*;
use reference::{naive, vocabulary};
use std::collections::HashMap;

/// The tokens of a pretoken.
fn encode(ranks: &HashMap<Vec<u8>, u32>, text: &str) -> Vec<u32> {
    if let Some(&rank) = ranks.get(text.as_bytes()) {
        return vec![rank];
    }
    let mut start = 0;
    let token = |end| ranks[&text.as_bytes()[std::mem::replace(&mut start, end)..end]];
    naive(ranks, text.as_bytes())
        .into_iter()
        .map(token)
        .collect()
}

fn ends(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize) -> Vec<usize> {
    let mut ends = Vec::new();
    merge::each_end(vocabulary, text, start, end, |token| ends.push(token));
    assert_eq!(ends.len(), merge::count(vocabulary, text, start, end));
    ends
}

fn tokens() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let token = prop_oneof![4 => "[ab]{2,4}", 2 => "[ab]{2,20}", 1 => "[abc]{2,9}", 1 => "a{2,70}"];
    proptest::collection::vec(token.prop_map(String::into_bytes), 0..40)
}

/// Tokens that are spans of bytes of text in characters of three bytes, complete or not.
fn wide_tokens() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let token = ("[中丮文a€é😀]{1,6}", 0..4usize, 0..4usize).prop_map(|(text, from, less)| {
        let bytes = text.as_bytes();
        let to = bytes.len().saturating_sub(less);
        bytes[from.min(to)..to].to_vec()
    });
    proptest::collection::vec(token, 0..60).prop_map(|tokens| {
        tokens
            .into_iter()
            .filter(|token| !token.is_empty())
            .collect()
    })
}

/// What training on a text makes: again and again the most frequent pair becomes a token.
fn trained() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let sample = prop_oneof!["[ab]{20,400}", "[abc]{20,400}", "(a|b|ab|bba|aaab){9,90}"];
    (sample, 1..60usize).prop_map(|(sample, merges)| {
        let mut symbols: Vec<Vec<u8>> = sample.bytes().map(|byte| vec![byte]).collect();
        let mut tokens = Vec::new();
        for _ in 0..merges {
            let mut pairs: HashMap<(&[u8], &[u8]), usize> = HashMap::new();
            for pair in symbols.windows(2) {
                *pairs.entry((&pair[0], &pair[1])).or_default() += 1;
            }
            let Some((_, (first, second))) = pairs.into_iter().map(|(pair, n)| (n, pair)).max()
            else {
                break;
            };
            let (first, second) = (first.to_vec(), second.to_vec());
            let mut i = 0;
            while i + 1 < symbols.len() {
                if symbols[i] == first && symbols[i + 1] == second {
                    symbols[i].extend(&second);
                    symbols.remove(i + 1);
                }
                i += 1;
            }
            tokens.push([first, second].concat());
        }
        tokens
    })
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let short = prop_oneof!["[ab]{1,40}", "[abc]{1,300}", "(ab|a|aab){50,700}"];
    prop_oneof![
        short.prop_map(String::into_bytes),
        ("[ab]{1,9}", 1..200usize).prop_map(|(piece, times)| piece.repeat(times).into_bytes()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1000)
    ))]

    #[test]
    fn merges_as_the_naive_one_does(
        tokens in prop_oneof![tokens(), trained()],
        text in text(),
        first in prop_oneof![Just(0u32), Just(2000)],
    ) {
        let (vocabulary, ranks) = vocabulary(&tokens, first);
        let mut framed = b"xy".to_vec();
        framed.extend(&text);
        framed.extend(b"zz");
        let expected: Vec<usize> =
            naive(&ranks, &text).into_iter().map(|end| end + 2).collect();
        prop_assert_eq!(ends(&vocabulary, &framed, 2, text.len() + 2), expected);
    }

    #[test]
    fn merges_many_in_turn(
        tokens in prop_oneof![tokens(), trained()],
        pieces in proptest::collection::vec("[abc]{1,16}", 0..40),
    ) {
        let (vocabulary, ranks) = vocabulary(&tokens, 0);
        let text = pieces.concat();
        let mut start = 0;
        let spans = pieces.iter().map(|piece| {
            start += piece.len();
            (start - piece.len(), start)
        });
        let (mut lanes, mut counts) = (merge::Lanes::default(), vec![0; pieces.len()]);
        lanes.count_each(&vocabulary, text.as_bytes(), spans, |n, tokens| counts[n] += tokens);
        let expected = pieces.iter().map(|piece| naive(&ranks, piece.as_bytes()).len());
        prop_assert_eq!(counts, expected.collect::<Vec<_>>());
    }

    /// Segments of pretokens are counted, and remembered, separately from pretokens.
    #[test]
    fn merges_wide_characters_as_the_naive_one_does(
        tokens in wide_tokens(),
        texts in proptest::collection::vec("[中丮文a€é😀]{1,60}", 1..9),
    ) {
        let (vocabulary, ranks) = vocabulary(&tokens, 0);
        let split = Split::new("[^!]+|!").expect("a pattern");
        let tokenizer = Tokenizer::new(vocabulary, split, false);
        let count = |text: &str| encode(&ranks, text).len();
        let mut counter = Counter::new(&tokenizer);
        // Twice, so that what was remembered is asked for.
        for text in texts.iter().chain(&texts) {
            prop_assert_eq!(counter.count(text).expect("no limit"), count(text));
            prop_assert_eq!(tokenizer.encode(text).expect("no limit"), encode(&ranks, text));
        }
        // Long enough for what remembers, and so that it has much to remember.
        let all = (texts.join("!") + "!").repeat(1 + 5000 / texts.concat().len());
        let mut ids = Vec::new();
        for clause in all.split_inclusive('!') {
            let (pretoken, end) = clause.split_at(clause.len() - 1);
            ids.extend([encode(&ranks, pretoken), encode(&ranks, end)].concat());
        }
        prop_assert_eq!(counter.count(&all).expect("no limit"), ids.len());
        prop_assert_eq!(tokenizer.encode(&all).expect("no limit"), ids);
    }

    /// Short texts are counted together, but each as if it were alone.
    #[test]
    fn rows_do_not_meet(
        tokens in wide_tokens(),
        rows in proptest::collection::vec("([ab ]|[中é'\\.\r\n!0 ]){0,12}|[ab中]{60,90}", 0..120),
    ) {
        for pattern in ["o200k", "r50k", "deepseek", "(?s)..?"] {
            let split = Split::new(pattern).expect("a pattern");
            let tokenizer = Tokenizer::new(vocabulary(&tokens, 0).0, split, true);
            let texts: Vec<&str> = rows.iter().map(String::as_str).collect();
            let mut counts = Vec::new();
            let counted = Counter::new(&tokenizer)
                .count_each(texts.iter().copied(), |count| counts.push(count));
            counted.expect("no limit");
            let alone = texts.iter().map(|text| tokenizer.count(text).expect("no limit"));
            prop_assert_eq!(counts, alone.collect::<Vec<_>>());
        }
    }

    /// A pretoken that is a token is that token, even if no merges make it.
    #[test]
    fn a_token_is_itself(tokens in tokens()) {
        let (vocabulary, ranks) = vocabulary(&tokens, 2000);
        let split = Split::new("(?s).+").expect("a pattern");
        let tokenizer = Tokenizer::new(vocabulary, split, false);
        for token in &tokens {
            let text = std::str::from_utf8(token).expect("ASCII");
            prop_assert_eq!(tokenizer.encode(text).expect("no limit"), [ranks[token]]);
            prop_assert_eq!(tokenizer.count(text).expect("no limit"), 1);
        }
    }

    /// Data that is not a vocabulary is an error, and a vocabulary comes back token by token.
    #[test]
    fn unpacks_or_refuses(mut data in packed(), damage in any::<Option<(u16, u8)>>()) {
        if let Some((offset, byte)) = damage {
            let offset = usize::from(offset) % data.len();
            data[offset] = byte;
        }
        if let Ok(vocabulary) = Vocabulary::unpack(&data) {
            for rank in 0..vocabulary.token_count() as u32 {
                let token = vocabulary.token(rank);
                prop_assert_eq!(vocabulary.rank(token, 0, token.len()), rank);
                prop_assert_eq!(vocabulary.bytes_of_id(vocabulary.id(rank)), Some(token));
            }
        }
    }

    #[test]
    fn refuses_any_other_bytes(data in any::<Vec<u8>>()) {
        prop_assert!(Vocabulary::unpack(&data).is_err());
    }
}

/// A packaged vocabulary's content, of the single bytes and some tokens.
fn packed() -> impl Strategy<Value = Vec<u8>> {
    (tokens(), any::<u16>()).prop_map(|(mut tokens, first)| {
        tokens.sort();
        tokens.dedup();
        tokens.splice(0..0, (0..=255).map(|byte| vec![byte]));
        let mut data = b"ctxvocab\x01\0\0\0".to_vec();
        data.extend(u32::from(first).to_le_bytes());
        data.extend((tokens.len() as u32).to_le_bytes());
        data.extend(tokens.iter().map(|token| token.len() as u8));
        data.extend(tokens.concat());
        data
    })
}

/// Every text of up to 9 of two letters, for every vocabulary of up to three of their short words, in
/// every order.
#[test]
fn merges_every_small_text() {
    let words: Vec<Vec<u8>> = (2..=4usize)
        .flat_map(|n| (0..1usize << n).map(move |bits| letters(bits, n)))
        .filter(|word| word[0] == b'a' || word.len() < 4)
        .collect();
    for first in &words {
        for second in &words {
            let third =
                &words[(first.len() * 7 + second.len() * 3 + second[1] as usize) % words.len()];
            let (vocabulary, ranks) =
                vocabulary(&[first.clone(), second.clone(), third.clone()], 0);
            for n in 1..=9 {
                for bits in 0..1 << n {
                    let text = letters(bits, n);
                    assert_eq!(ends(&vocabulary, &text, 0, n), naive(&ranks, &text));
                }
            }
        }
    }
}

fn letters(bits: usize, n: usize) -> Vec<u8> {
    (0..n)
        .map(|i| if bits >> i & 1 == 0 { b'a' } else { b'b' })
        .collect()
}
