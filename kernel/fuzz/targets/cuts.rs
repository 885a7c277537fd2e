//! Cutting any text at any limits, in an order or not; and choosing among any numbers.

#![no_main]

#[allow(dead_code)] // what other tests need of it
#[path = "../../tests/reference/merging.rs"]
mod reference;

use _kernel::chunk::cutting::cut::Options;
use _kernel::chunk::cutting::cut_costs::CutCosts;
use _kernel::chunk::cutting::cut_points::Request;
use _kernel::chunk::cutting::greedy_cuts::greedy_cuts;
use _kernel::chunk::cutting::optimal_cuts::{Choices, Weights, optimal_cuts};
use _kernel::chunk::cutting::overlap::Rules;
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
    below_min: f64,
    evenness: f64,
    smallness: f64,
    parents: Vec<(u16, u16)>,
    atomic: Vec<(u16, u16)>,
    boundaries: Vec<(u16, u8)>,
    inside: Vec<(u16, f64)>,
    extra: Vec<(u16, f64)>,
    overheads: Vec<(u16, i64)>,
    overlap_strengths: Vec<(u16, u8)>,
    walls: Vec<u16>,
    choices: Vec<(i64, i64, f64, f64)>,
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
    let costs = |column: &[(u16, f64)]| -> Vec<(u32, f64)> {
        column.iter().map(|&(at, cost)| (offset(at), cost)).collect()
    };
    let (mut inside, mut extra) = (costs(&input.inside), costs(&input.extra));
    let mut good: Vec<_> = input
        .overlap_strengths
        .iter()
        .map(|&(at, strength)| (offset(at), strength))
        .collect();
    let mut walls: Vec<_> = input.walls.iter().map(|&at| offset(at)).collect();
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
        inside.sort_by_key(|&(at, _)| at);
        extra.sort_by_key(|&(at, _)| at);
        good.sort();
        walls.sort();
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
        costs: &CutCosts::new(&input.penalties, &inside, &extra, &atomic),
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
        overlap_rules: Rules {
            boundaries: &boundaries,
            good: &good,
            walls: &walls,
        },
        weights: Weights {
            limit,
            min_size: number(input.min_size),
            below_min: input.below_min,
            evenness: input.evenness,
            smallness: input.smallness,
            per_span: 1.0,
            target: 0.6,
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
    let n = input.choices.len();
    let column = |number: fn(&(i64, i64, f64, f64)) -> f64| -> Vec<f64> {
        input.choices.iter().map(number).collect()
    };
    let choices = Choices {
        sums_from: &input.choices.iter().map(|row| row.0).collect::<Vec<_>>(),
        sums_to: &input.choices.iter().map(|row| row.1).collect::<Vec<_>>(),
        costs: &column(|row| row.2),
        shares: &column(|row| row.3),
    };
    let weights = Weights {
        limit: input.limit,
        min_size: input.min_size,
        below_min: input.below_min,
        evenness: input.evenness,
        smallness: input.smallness,
        per_span: 1.0,
        target: 0.6,
    };
    let ways = [
        Some(greedy_cuts(choices, weights)),
        optimal_cuts(choices, weights),
    ];
    for cuts in ways.into_iter().flatten() {
        assert!(cuts.is_sorted_by(|a, b| a < b), "{cuts:?}");
        assert_eq!(cuts.first(), Some(&0));
        assert_eq!(
            *cuts.last().expect("a cut"),
            n.saturating_sub(1)
        );
    }
}
