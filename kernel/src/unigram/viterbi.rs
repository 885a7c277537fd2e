//! The pieces of a text whose scores add up to the most.
//!
//! From each character on, in order, every piece that the text goes on with offers a path to its end:
//! the best path to its start, and the piece. The better one stays; of two alike, the first. A character
//! that is no piece itself is an unknown one. Since a path is offered once for each piece, and at a
//! position there are no more of those than the longest has bytes, time is linear.
//!
//! Sums are rounded: so which of two paths that are about as good is taken may depend on all that is
//! before them, and a text cannot be split without changing what comes out, although no piece may cross
//! the offset. It is split where `tokenizers` splits it.
//!
//! What is split nowhere may be very long, and a step takes more memory than a byte of text. So of all
//! blocks but the last one only what their first step needs is kept, which are the paths into them; when
//! the best path is followed from its end, the steps of a block are found a second time.

use crate::unigram::vocabulary::Vocabulary;

/// The best path to an offset.
#[derive(Clone, Copy)]
struct Step {
    sum: f64,
    /// The id of the last piece.
    id: u32,
    /// The length of the last piece in bytes; 0 if there is no path.
    length: u32,
}

/// The longest text whose steps are on the stack, in bytes.
const SHORT: usize = 63;
/// The bytes of a block.
const BLOCK: usize = 1 << 20;
/// The longest character, in bytes.
const CHARACTER: usize = 4;

const START: Step = Step {
    sum: 0.0,
    id: 0,
    length: 0,
};

/// Calls `visit` with the pieces of the best path, from the last to the first: start, end and id.
#[inline]
pub fn each_backwards(
    vocabulary: &Vocabulary,
    text: &str,
    mut visit: impl FnMut(usize, usize, u32),
) {
    let text = text.as_bytes();
    if text.len() <= SHORT {
        let mut steps = [START; SHORT + 1];
        find(vocabulary, text, 0, &mut steps);
        follow(&steps, 0, text.len(), &mut visit);
    } else {
        each_of_long(vocabulary, text, &mut visit);
    }
}

fn each_of_long(vocabulary: &Vocabulary, text: &[u8], visit: &mut impl FnMut(usize, usize, u32)) {
    let reach = vocabulary.longest().max(CHARACTER);
    let mut steps = vec![START; text.len().min(BLOCK + CHARACTER + reach) + 1];
    // The blocks before this one: where they start, and the steps to there and as far as paths into
    // them reach.
    let mut blocks: Vec<(usize, Vec<Step>)> = Vec::new();
    let mut start = 0;
    loop {
        let paths = text.len() > start + BLOCK;
        let paths = paths.then(|| steps[..=reach].to_vec());
        let next = find(vocabulary, text, start, &mut steps);
        let Some(paths) = paths.filter(|_| next < text.len()) else {
            break;
        };
        blocks.push((start, paths));
        steps.copy_within(next - start..=next - start + reach, 0);
        steps[reach + 1..].fill(START);
        start = next;
    }
    let mut end = follow(&steps, start, text.len(), visit);
    while let Some((start, paths)) = blocks.pop() {
        steps.fill(START);
        steps[..=reach].copy_from_slice(&paths);
        find(vocabulary, text, start, &mut steps);
        end = follow(&steps, start, end, visit);
    }
}

/// Finds the steps of the block that starts at an offset, which is that of the first step, and returns
/// where the next one starts.
#[inline(always)]
fn find(vocabulary: &Vocabulary, text: &[u8], block: usize, steps: &mut [Step]) -> usize {
    let end = text.len().min(block + BLOCK);
    let mut start = block;
    while start < end {
        let lead = text[start];
        let length = if lead < 0x80 {
            1
        } else {
            lead.leading_ones() as usize
        };
        let before = steps[start - block].sum;
        let mut is_known = false;
        let mut offer = |length: usize, sum: f64, id: u32| {
            let step = &mut steps[start - block + length];
            if step.length == 0 || sum > step.sum {
                *step = Step {
                    sum,
                    id,
                    length: length as u32,
                };
            }
        };
        vocabulary.trie.each_prefix(&text[start..], |piece, id| {
            is_known |= piece == length;
            offer(piece, vocabulary.scores[id as usize] + before, id);
        });
        if !is_known {
            let sum = vocabulary.unknown_score + before;
            offer(length, sum, vocabulary.unknown_id);
        }
        start += length;
    }
    start
}

/// Follows the best path from its `end` to the start of a block or before it, and returns where.
#[inline(always)]
fn follow(
    steps: &[Step],
    block: usize,
    mut end: usize,
    visit: &mut impl FnMut(usize, usize, u32),
) -> usize {
    while end > block {
        let step = steps[end - block];
        let start = end - step.length as usize;
        visit(start, end, step.id);
        end = start;
    }
    end
}
