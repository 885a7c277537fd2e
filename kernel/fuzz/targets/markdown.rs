//! The blocks of any text are within the text, in order, and within their parents; so are the spans
//! that are not cut. All are in characters.
//!
//! A panic of the parser, which the kernel turns into an error, counts as a finding here.

#![no_main]

use _kernel::chunk::markdown::{Front, parse};
use _kernel::text::char_map::CharMap;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, String)| {
    let (depth, text) = input;
    let (start, end) = (0, 0);
    let front = Front { start, end, title: "" };
    let parsed = parse(&text, &CharMap::new(&text), &front, usize::from(depth));
    let blocks = parsed.expect("the parser has no error");
    let length = text.chars().count() as u32;
    // The blocks that the next one is inside of: the number after each, and its end.
    let mut open = vec![(blocks.items.len() as u32, length)];
    let mut before = 0;
    for (number, block) in (0..).zip(&blocks.items) {
        while open.last().is_some_and(|&(after, _)| after == number) {
            before = open.pop().map_or(before, |(_, end)| end);
        }
        let &(after, end) = open.last().expect("there are as many as the text's own says");
        assert!(before <= block.start && block.start < block.end, "{block:?}");
        assert!(block.end <= end && number < block.after && block.after <= after, "{block:?}");
        open.push((block.after, block.end));
        before = block.start;
    }
    let mut before = 0;
    for &(start, end) in &blocks.inline {
        assert!(before <= start && start < end && end <= length);
        before = start;
    }
});
