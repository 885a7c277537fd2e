//! Unigram: every piece of the vocabulary has a score, and a text becomes those pieces whose scores
//! add up to the most.
//!
//! - [`vocabulary`]: the pieces and their scores, as `tokenizers` reads them.
//! - [`viterbi`]: the best path through a text, in one pass.
//! - [`model`]: from the path to ids: unknown characters are fused, or become bytes.

pub mod model;
pub mod viterbi;
pub mod vocabulary;
