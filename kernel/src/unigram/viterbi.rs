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

use crate::unigram::vocabulary::Vocabulary;

/// The best path to an offset: its last piece.
#[derive(Clone, Copy)]
pub struct Step {
    sum: f64,
    /// The id of the last piece.
    pub id: u32,
    /// Where the last piece starts; [`NONE`] if there is no path.
    pub start: u32,
}

const NONE: u32 = u32::MAX;
/// The longest text whose steps are on the stack, in bytes.
const SHORT: usize = 63;

const START: Step = Step {
    sum: 0.0,
    id: 0,
    start: NONE,
};

/// Calls `visit` with the best path: the steps by the offset that they end at.
#[inline]
pub fn with_best_path<R>(
    vocabulary: &Vocabulary,
    text: &str,
    visit: impl FnOnce(&[Step]) -> R,
) -> R {
    if text.len() <= SHORT {
        let mut steps = [START; SHORT + 1];
        let steps = &mut steps[..=text.len()];
        find(vocabulary, text, steps);
        visit(steps)
    } else {
        let mut steps = vec![START; text.len() + 1];
        find(vocabulary, text, &mut steps);
        visit(&steps)
    }
}

fn find(vocabulary: &Vocabulary, text: &str, steps: &mut [Step]) {
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(&lead) = bytes.get(start) {
        let length = if lead < 0x80 {
            1
        } else {
            lead.leading_ones() as usize
        };
        let before = steps[start].sum;
        let mut is_known = false;
        let mut offer = |end: usize, sum: f64, id: u32| {
            let step = &mut steps[end];
            if step.start == NONE || sum > step.sum {
                *step = Step {
                    sum,
                    id,
                    start: start as u32,
                };
            }
        };
        vocabulary.trie.each_prefix(&bytes[start..], |piece, id| {
            is_known |= piece == length;
            let sum = vocabulary.scores[id as usize] + before;
            offer(start + piece, sum, id);
        });
        if !is_known {
            let sum = vocabulary.unknown_score + before;
            offer(start + length, sum, vocabulary.unknown_id);
        }
        start += length;
    }
}

/// The pieces of a path, from the last to the first: start, end and id.
pub fn backwards(steps: &[Step]) -> impl Iterator<Item = (usize, usize, u32)> + '_ {
    let mut end = steps.len() - 1;
    std::iter::from_fn(move || {
        let step = steps[end];
        (end > 0).then(|| {
            let start = step.start as usize;
            (start, std::mem::replace(&mut end, start), step.id)
        })
    })
}
