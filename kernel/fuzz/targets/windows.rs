//! Training windows of any lengths: every token of every document once, and no window above its limit.

#![no_main]

use _kernel::pack::windows::{Cell, Error, Overlong, Request, pack, survey};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

/// More pieces than this are not packed: they take seconds.
const MOST: u64 = 1 << 14;

#[derive(Arbitrary, Debug)]
struct Input {
    lengths: Vec<u64>,
    window: u64,
    eos: u64,
    separator: u64,
    max_documents: u64,
    overlong: u8,
    seed: Option<u64>,
    /// Lengths and limits are below this, so that they meet more often.
    scale: u64,
}

fuzz_target!(|input: Input| {
    let scale = input.scale.max(2);
    let lengths: Vec<u64> = input.lengths.iter().map(|length| length % scale).collect();
    let window = (input.window % scale).clamp(1, 1 << 62);
    let request = Request {
        window,
        eos: input.eos % window,
        separator: (input.separator % scale).min(1 << 62),
        max_documents: input.max_documents.max(1),
        overlong: match input.overlong % 4 {
            0 => Overlong::Split,
            1 => Overlong::Drop,
            2 => Overlong::Truncate,
            _ => Overlong::Raise,
        },
        seed: input.seed,
    };
    let longest = lengths.iter().max().copied().unwrap_or(0);
    if longest.saturating_add(request.eos) <= u64::from(u32::MAX) {
        let narrow: Vec<u32> = lengths.iter().map(|&length| length as u32).collect();
        check(&narrow, &lengths, &request);
    }
    check(&lengths, &lengths, &request);
});

fn check<C: Cell>(cells: &[C], lengths: &[u64], request: &Request) {
    let pieces = |length: u64| length.saturating_add(request.eos).div_ceil(request.window);
    let all = lengths
        .iter()
        .fold(0, |all: u64, &n| all.saturating_add(pieces(n)));
    if let Err(error) = survey(cells, request) {
        assert!(error != Error::Memory);
        return;
    }
    if request.overlong == Overlong::Split && all > MOST {
        return;
    }
    let windows = pack(cells, request).expect("windows");
    let mut ends: Vec<u64> = vec![0; lengths.len()];
    let mut found = Vec::new();
    for i in 1..windows.offsets.len() {
        let span = windows.offsets[i - 1] as usize..windows.offsets[i] as usize;
        assert!(!span.is_empty() && span.len() as u64 <= request.max_documents);
        let tokens: u64 = windows.lengths[span.clone()]
            .iter()
            .map(|&n| n.into())
            .sum();
        assert!(tokens + request.separator * (span.len() as u64 - 1) <= request.window);
        found.extend(span);
    }
    assert_eq!(found.len(), windows.lengths.len());
    let mut order: Vec<usize> = found;
    order.sort_by_key(|&i| (windows.documents[i].into(), windows.starts[i].into()));
    for i in order {
        let document = windows.documents[i].into() as usize;
        assert_eq!(ends[document], windows.starts[i].into());
        ends[document] += windows.lengths[i].into();
    }
    for (document, (&end, &length)) in ends.iter().zip(lengths).enumerate() {
        let document = document as u64;
        if windows.empty.contains(&document) {
            assert_eq!((end, length), (0, 0));
        } else if windows.overlong.contains(&document) {
            let kept = if request.overlong == Overlong::Drop {
                0
            } else {
                request.window
            };
            assert_eq!(end, kept);
        } else {
            assert_eq!(end, length + request.eos);
        }
    }
    assert!(windows.offsets.len() as u64 > windows.lower_bound);
}
