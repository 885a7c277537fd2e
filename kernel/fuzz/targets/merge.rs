//! Merging against the plainest implementation, with any vocabulary.

#![no_main]

#[allow(dead_code)] // what other tests need of it
#[path = "../../tests/reference/merging.rs"]
mod reference;

use _kernel::bpe::merge;
use libfuzzer_sys::fuzz_target;

/// The longest text, in bytes: the reference takes cubic time.
const LONGEST: usize = 600;

fuzz_target!(|input: (Vec<Vec<u8>>, u16, u8, Vec<u8>)| {
    let (mut tokens, first, repeat, piece) = input;
    tokens.retain(|token| !token.is_empty() && token.len() < 80);
    tokens.truncate(60);
    let mut text = piece.repeat(1 + usize::from(repeat % 8));
    text.truncate(LONGEST);
    if text.is_empty() {
        return;
    }
    // The bytes' ranks start at 1000: those of other tokens may be lower.
    let (vocabulary, ranks) = reference::vocabulary(&tokens, u32::from(first % 2) * 2000);
    // Pretokens are valid UTF-8, which what finds their barriers relies on.
    let text = String::from_utf8_lossy(&text);
    let mut ends = Vec::new();
    merge::each_end(&vocabulary, text.as_bytes(), 0, text.len(), |end| {
        ends.push(end)
    });
    assert_eq!(ends, reference::naive(&ranks, text.as_bytes()));
    let count = merge::count(&vocabulary, text.as_bytes(), 0, text.len());
    assert_eq!(count, ends.len());
});
