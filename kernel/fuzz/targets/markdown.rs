//! The blocks of any text are within the text, in order, and within their parents; so are the spans
//! that are not cut.
//!
//! A panic of the parser, which the kernel turns into an error, counts as a finding here.

#![no_main]

use _kernel::chunk::blocks::Node;
use _kernel::chunk::markdown::{Front, parse};
use _kernel::text::char_map::CharMap;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, String)| {
    let (depth, text) = input;
    let (start, end) = (0, 0);
    let front = Front { start, end, title: "" };
    let parsed = parse(&text, &CharMap::new(&text), &front, usize::from(depth));
    let (blocks, inline) = parsed.expect("the parser has no error");
    check(&blocks, 0, text.len() as u32);
    for (start, end) in inline {
        assert!(start < end && text.get(start as usize..end as usize).is_some());
    }
});

fn check(blocks: &[Node], start: u32, end: u32) {
    let mut before = start;
    for block in blocks {
        assert!(before <= block.start && block.start < block.end, "{block:?}");
        check(&block.children, block.start, block.end);
        before = block.end;
    }
    assert!(before <= end, "{before} of {end}");
}
