//! The index of any text, with any vocabulary and family, against counting each span on its own.

#![no_main]

#[allow(dead_code)] // what other tests need of it
#[path = "../../tests/reference/merging.rs"]
mod reference;

use _kernel::count::byte_level::Split;
use _kernel::count::tokenizer::Tokenizer;
use _kernel::index::text_map::TextMap;
use _kernel::index::token_index::Indexed;
use _kernel::index::token_map::Ends;
use _kernel::index::truncate::{prefix_end, suffix_start};
use _kernel::split::pattern::Pattern;
use libfuzzer_sys::fuzz_target;

/// The longest text, in bytes.
const LONGEST: usize = 2000;

fuzz_target!(|input: (u8, Vec<Vec<u8>>, u8, String, u16, u16, u64)| {
    let (family, mut tokens, repeat, piece, first, second, limit) = input;
    tokens.retain(|token| !token.is_empty() && token.len() < 80);
    tokens.truncate(60);
    let (vocabulary, _) = reference::vocabulary(&tokens, 2000);
    let name = Pattern::NAMES[usize::from(family) % Pattern::NAMES.len()];
    let split = Split::new(name).expect("a family");
    let tokenizer = Tokenizer::new(vocabulary, split, false);
    let mut text = piece.repeat(1 + usize::from(repeat % 16));
    text.truncate(text.floor_char_boundary(LONGEST));
    let offset = |number: u16| text.floor_char_boundary(usize::from(number) % (text.len() + 1));
    let (start, end) = (
        offset(first).min(offset(second)),
        offset(first).max(offset(second)),
    );
    // Small ones, and those that a caller may name.
    let limit = if limit % 2 == 0 {
        limit as usize
    } else {
        limit as usize % 200
    };
    let count = |start: usize, end: usize| tokenizer.count(&text[start..end]).expect("a count");
    let map = TextMap::of_tokens(&tokenizer, &text).expect("a map");
    let index = Indexed::new(&map, &tokenizer, &text).expect("an index");
    let all = text.len();
    assert_eq!(
        index.count(start, end),
        count(start, end),
        "{name} {text:?}"
    );
    let found = index.end(start, limit);
    assert!(start <= found && count(start, found) <= limit);
    if let Some(next) = map.tokens.end_after(found) {
        assert!(count(start, next) > limit);
    }
    let found = index.end_anywhere(start, limit);
    assert!(start <= found && count(start, found) <= limit);
    let found = index.start_anywhere(end, limit);
    assert!(found <= end && count(found, end) <= limit);
    let found = index.overlap_start(end, limit);
    assert!(found <= end && count(found, end) <= limit);
    assert_eq!(index.sum_to(end), count(0, end));
    assert_eq!(
        index.sum_from(end),
        map.tokens.total() as i64 - count(end, all) as i64
    );
    let mut tokens = 0;
    index.each_token(start, end, |_, n| tokens += n);
    assert_eq!(tokens, count(start, end));
    assert_eq!(
        prefix_end(&tokenizer, &text, limit).expect("an end"),
        index.end(0, limit)
    );
    let found = suffix_start(&tokenizer, &text, limit).expect("a start");
    assert!(count(found, all) <= limit);
});
