//! One text after another -> the ids of their tokens.

use crate::bpe::table::OutOfMemory;
use crate::count::encode::BatchIds;
use crate::count::parallel::Error;
use crate::count::tokenizer::Tokenizer;
use crate::split::pretokens::BATCH;

/// Encodes one text after another, remembering what it has seen.
pub struct Encoder<'t> {
    tokenizer: &'t Tokenizer,
    /// Back in the tokenizer's pool when this is dropped, and there until then.
    scratch: Option<Box<BatchIds>>,
}

impl<'t> Encoder<'t> {
    pub fn new(tokenizer: &'t Tokenizer) -> Self {
        Encoder {
            tokenizer,
            scratch: tokenizer.encoder_pool.take(),
        }
    }

    /// Appends the ids of a text. After an error, `ids` has those of a part of it.
    pub fn encode_into(&mut self, text: &str, ids: &mut Vec<u32>) -> Result<(), Error> {
        self.encode_first(text, usize::MAX, ids)
    }

    /// Appends the ids of a text, at most the first `limit`, and reads little more of it than these.
    pub fn encode_first(
        &mut self,
        text: &str,
        limit: usize,
        ids: &mut Vec<u32>,
    ) -> Result<(), Error> {
        let tokenizer = self.tokenizer;
        let text = &*tokenizer.normalize(text);
        let end = ids.len().saturating_add(limit);
        let scratch = self.scratch.get_or_insert_with(BatchIds::new);
        let (vocabulary, bytes) = (&tokenizer.vocabulary, text.as_bytes());
        let mut memory = Ok(());
        tokenizer.each_batch(text, &mut [0; BATCH], |start, ends| {
            let length = ends.last().map_or(0, |end| end - start);
            // A token has a byte or more.
            memory = ids.try_reserve(length).map_err(|_| OutOfMemory);
            if memory.is_ok() {
                scratch.encode(vocabulary, bytes, start, ends, ids);
            }
            memory.is_ok() && ids.len() < end
        })?;
        ids.truncate(end);
        Ok(memory?)
    }

    /// Appends the ids of each text, in order, and calls `visit` with how many ids there are then.
    pub fn encode_each<'a>(
        &mut self,
        texts: impl Iterator<Item = &'a str>,
        ids: &mut Vec<u32>,
        mut visit: impl FnMut(usize),
    ) -> Result<(), Error> {
        for text in texts {
            self.encode_into(text, ids)?;
            visit(ids.len());
        }
        Ok(())
    }
}

impl Drop for Encoder<'_> {
    fn drop(&mut self) {
        if let Some(scratch) = self.scratch.take() {
            self.tokenizer.encoder_pool.put(scratch);
        }
    }
}
