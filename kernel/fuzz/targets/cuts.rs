//! Cutting any text at any limits, in an order or not; and choosing among any numbers.

#![no_main]

#[allow(dead_code)] // what other tests need of it
#[path = "../../tests/reference/merging.rs"]
mod reference;

use _kernel::chunk::cut::Options;
use _kernel::chunk::cut_points::Request;
use _kernel::chunk::greedy_cuts::greedy_cuts;
use _kernel::chunk::optimal_cuts::{Choices, Costs, optimal_cuts};
use _kernel::count::byte_level::Split;
use _kernel::count::tokenizer::Tokenizer;
use _kernel::index::text_map::TextMap;
use _kernel::index::token_index::Indexed;
use _kernel::split::pattern::Pattern;
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

/// The longest text, in bytes.
const LONGEST: usize = 2000;
/// As `Tokens` of `python/numbers.rs`.
const MOST: i64 = 1 << 62;

#[derive(Arbitrary, Debug)]
struct Input {
    family: u8,
    piece: String,
    repeat: u8,
    start: u16,
    limit: i64,
    capacity: i64,
    overlap: u64,
    min_size: i64,
    is_small: bool,
    is_in_order: bool,
    greedy: bool,
    penalties: Vec<f64>,
    evenness: f64,
    parents: Vec<(u16, u16)>,
    atomic: Vec<(u16, u16)>,
    boundaries: Vec<(u16, u8)>,
    overheads: Vec<(u16, i64)>,
    choices: Vec<(i64, i64, u8)>,
}

fuzz_target!(|input: Input| {
    choose(&input);
    let mut text = input.piece.repeat(1 + usize::from(input.repeat % 16));
    text.truncate(text.floor_char_boundary(LONGEST));
    let name = Pattern::NAMES[usize::from(input.family) % Pattern::NAMES.len()];
    let merged = [&b"aa"[..], b" a", b"the", "中".as_bytes(), b"\n\n", b". "];
    let (vocabulary, _) = reference::vocabulary(&merged.map(<[u8]>::to_vec), 2000);
    let tokenizer = Tokenizer::new(vocabulary, Split::new(name).expect("a family"), false);
    let map = TextMap::of_tokens(&tokenizer, &text).expect("a map");
    let index = Indexed::new(&map, &tokenizer, &text).expect("an index");

    let offset =
        |number: u16| text.floor_char_boundary(usize::from(number) % (text.len() + 1)) as u32;
    let number = |tokens: i64| {
        if input.is_small {
            tokens % 100
        } else {
            tokens.clamp(-MOST, MOST)
        }
    };
    let range = |&(first, second): &(u16, u16)| {
        let (first, second) = (offset(first), offset(second));
        (first.min(second), first.max(second))
    };
    let start = offset(input.start);
    let limit = number(input.limit).max(1);
    let mut atomic: Vec<_> = input.atomic.iter().map(range).collect();
    let mut boundaries: Vec<_> = input
        .boundaries
        .iter()
        .map(|&(at, strength)| (offset(at), strength))
        .collect();
    let mut overheads: Vec<_> = input
        .overheads
        .iter()
        .map(|&(at, tokens)| (offset(at), number(tokens)))
        .collect();
    let mut parents: Vec<_> = input.parents.iter().map(range).collect();
    if input.is_in_order {
        // As the interface wants them: blocks without overlap, parents one after the other.
        atomic.sort();
        let mut done = 0;
        atomic.retain(|&(first, last)| {
            let is_after = first >= done && first < last;
            done = if is_after { last } else { done };
            is_after
        });
        boundaries.sort();
        boundaries.dedup_by_key(|&mut (at, _)| at);
        overheads.sort();
        let mut ends: Vec<u32> = parents.iter().map(|&(_, end)| end).collect();
        ends.retain(|&end| end > start);
        ends.push(text.len() as u32);
        ends.sort();
        ends.dedup();
        let starts = [start].into_iter().chain(ends.iter().copied());
        parents = starts.zip(ends.iter().copied()).collect();
    }
    let forced: Vec<u32> = parents.iter().map(|&(_, end)| end).collect();
    let request = Request {
        start: start as usize,
        limit,
        capacity: number(input.capacity),
        boundaries: &boundaries,
        atomic: &atomic,
        forced: &forced[..forced.len().saturating_sub(1)],
    };
    let options = Options {
        parents: &parents,
        overheads: &overheads,
        overlap: if input.is_small {
            input.overlap as usize % 50
        } else {
            input.overlap as usize
        },
        costs: Costs {
            penalties: &input.penalties,
            limit,
            min_size: number(input.min_size),
            evenness: input.evenness,
        },
        greedy: input.greedy,
    };
    let Some(spans) = index.cut(&request, &options) else {
        return;
    };
    let mut done = start;
    for i in 0..spans.ends.len() {
        let (from, body, to) = (spans.starts[i], spans.body_starts[i], spans.ends[i]);
        assert!(from <= body && body <= to, "{from} {body} {to}");
        let tokens = index.count(from as usize, to as usize);
        assert_eq!(spans.tokens[i], tokens as u64);
        if input.is_in_order {
            assert_eq!(body, done, "no gap between two spans");
            done = to;
        }
    }
    if input.is_in_order {
        assert_eq!(done as usize, text.len());
    }
});

/// Choices among any numbers, which no text need have.
fn choose(input: &Input) {
    let (mut sums_from, mut sums_to, mut strengths) = (Vec::new(), Vec::new(), Vec::new());
    for &(from, to, strength) in &input.choices {
        sums_from.push(from);
        sums_to.push(to);
        strengths.push(strength);
    }
    let choices = Choices {
        sums_from: &sums_from,
        sums_to: &sums_to,
        strengths: &strengths,
    };
    let costs = Costs {
        penalties: &input.penalties,
        limit: input.limit,
        min_size: input.min_size,
        evenness: input.evenness,
    };
    let ways = [
        Some(greedy_cuts(choices, costs)),
        optimal_cuts(choices, costs),
    ];
    for cuts in ways.into_iter().flatten() {
        assert!(cuts.is_sorted_by(|a, b| a < b), "{cuts:?}");
        assert_eq!(cuts.first(), Some(&0));
        assert_eq!(
            *cuts.last().expect("a cut"),
            sums_from.len().saturating_sub(1)
        );
    }
}
