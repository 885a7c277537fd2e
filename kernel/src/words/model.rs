//! What the tokenizers that are counted by words have in common: a piece of text -> ids.

/// From a normalized piece of a text, without the splits that came before, to tokens.
///
/// Time is linear in the length of a piece, whatever is in it.
pub trait Model: Send + Sync {
    /// Appends the ids of a piece. Never fails: what the vocabulary lacks is its unknown token, bytes,
    /// or nothing, as the model has it.
    fn encode(&self, piece: &str, ids: &mut Vec<u32>);

    /// How many ids a piece has.
    fn count(&self, piece: &str) -> usize {
        let mut ids = Vec::new();
        self.encode(piece, &mut ids);
        ids.len()
    }

    /// The spelling of an id in the vocabulary, or the byte that it stands for.
    fn bytes_of_id(&self, id: u32) -> Option<&[u8]>;

    /// One more than the highest id.
    fn size(&self) -> usize;

    /// The longest piece, in bytes, that may be a single token; [`usize::MAX`] if there is no bound,
    /// as for a whole word that is unknown.
    fn longest(&self) -> usize {
        usize::MAX
    }

    /// Whether no token crosses the boundary before a space mark (`▁`), proven from the vocabulary:
    /// then a piece may be split there, and its ids are those of the two sides.
    fn splits_before_spaces(&self) -> bool {
        false
    }

    /// Whether a token may cross the boundary between two characters of a piece, whatever is around
    /// them; where none may, the ids of a piece are those of the two sides.
    fn may_join(&self, _before: char, _after: char) -> bool {
        true
    }
}
