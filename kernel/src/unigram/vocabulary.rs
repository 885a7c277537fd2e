//! The pieces of a Unigram model and their scores.
//!
//! As `tokenizers` has them: there is one kind of piece, and all are found in texts, the unknown one
//! included. SentencePiece itself is not here: it does not find control and byte pieces in a text, and
//! rounds sums in another way, so that near ties come out differently. In double precision as in single,
//! what was computed differed from it somewhere in 30,000 tokens of one text.

use crate::bpe::tokens::Tokens;
use crate::text::trie::Trie;
use std::sync::Arc;

/// What a score is less than the lowest one, of a character that is no piece.
const UNKNOWN_PENALTY: f64 = 10.0;
/// The longest piece, in bytes. For each byte of a text so many are looked at, at most: less is not slow,
/// and more would let a vocabulary make it so.
const MAX_PIECE: usize = 1 << 10;

pub struct Vocabulary {
    pieces: Arc<Tokens>,
    /// The pieces -> their ids.
    pub(super) trie: Trie,
    /// Of each id, as it is added to a sum.
    pub(super) scores: Vec<f64>,
    pub(super) unknown_id: u32,
    pub(super) unknown_score: f64,
    /// The ids of the bytes, where unknown characters become bytes.
    pub(super) bytes: Option<Box<[Option<u32>; 256]>>,
}

impl Vocabulary {
    /// Pieces whose ids are their numbers, with a score for each; None if the unknown one is not there,
    /// or a piece is too long.
    pub fn new(
        pieces: Arc<Tokens>,
        scores: Vec<f64>,
        unknown_id: u32,
        has_bytes: bool,
    ) -> Option<Self> {
        let lowest = scores.iter().fold(
            f64::INFINITY,
            |lowest, &score| {
                if score < lowest { score } else { lowest }
            },
        );
        if unknown_id as usize >= pieces.count() || scores.len() != pieces.count() {
            return None;
        }
        let trie = Trie::new((0..pieces.count() as u32).map(|id| (pieces.get(id), id))).ok()?;
        if trie.longest() > MAX_PIECE {
            return None;
        }
        let byte = |byte| pieces.find(&format!("<0x{byte:02X}>"));
        let bytes = has_bytes.then(|| Box::new(std::array::from_fn(byte)));
        Some(Vocabulary {
            pieces,
            trie,
            scores,
            unknown_id,
            unknown_score: lowest - UNKNOWN_PENALTY,
            bytes,
        })
    }

    pub fn size(&self) -> usize {
        self.scores.len()
    }

    pub fn spelling(&self, id: u32) -> Option<&str> {
        self.pieces.get_if(id)
    }

    /// The longest piece, in bytes.
    pub fn longest(&self) -> usize {
        self.trie.longest()
    }
}
