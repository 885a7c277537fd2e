//! The blocks of any text are within the text, in post-order, and within their parents.
//!
//! A panic of the parser, which the kernel turns into an error, counts as a finding here.

#![no_main]

use _kernel::chunk::markdown::blocks;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, String)| {
    let (depth, text) = input;
    let found = blocks(&text, usize::from(depth)).expect("the parser has no error");
    let mut open: Vec<(u32, u32)> = Vec::new();
    for (i, (&start, &end)) in found.starts.iter().zip(&found.ends).enumerate() {
        assert!(start <= end && end as usize <= text.len(), "{start}..{end}");
        let children = found.children[i] as usize;
        for (child_start, child_end) in open.split_off(open.len() - children) {
            assert!(start <= child_start && child_end <= end, "{start}..{end}");
        }
        if let Some(&(_, before)) = open.last() {
            assert!(
                before <= start,
                "{start}..{end} overlaps the block before it"
            );
        }
        open.push((start, end));
    }
});
