//! One text after another -> the ids of their tokens.

use crate::bpe::table::OutOfMemory;
use crate::count::ids::encode::BatchIds;
use crate::count::parallel::Error;
use crate::count::tokenizer::{Family, Tokenizer};
use crate::split::pretokens::BATCH;
use crate::words::memo::WordIds;

/// Encodes one text after another, remembering what it has seen.
pub struct Encoder<'t> {
    tokenizer: &'t Tokenizer,
    /// Back in the tokenizer's pool when this is dropped, and there until then.
    scratch: Option<Box<Ids>>,
}

/// What finds the ids of a batch, for a tokenizer's family.
pub enum Ids {
    Pretokens(Box<BatchIds>),
    Words(Box<WordIds>),
}

impl Ids {
    fn new(tokenizer: &Tokenizer) -> Box<Self> {
        Box::new(match &tokenizer.family {
            Family::ByteLevel(bpe) => Ids::Pretokens(BatchIds::new(bpe.level)),
            Family::Words(_) => Ids::Words(Box::new(WordIds::new())),
        })
    }
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

    /// Appends the ids of a piece of a text; `is_first` says whether the text starts with it.
    pub fn encode_piece(
        &mut self,
        text: &str,
        is_first: bool,
        ids: &mut Vec<u32>,
    ) -> Result<(), Error> {
        self.encode_part(text, is_first, usize::MAX, ids)
    }

    /// Appends the ids of a text, at most the first `limit`, and reads little more of it than these.
    pub fn encode_first(
        &mut self,
        text: &str,
        limit: usize,
        ids: &mut Vec<u32>,
    ) -> Result<(), Error> {
        self.encode_part(text, true, limit, ids)
    }

    fn encode_part(
        &mut self,
        text: &str,
        is_first: bool,
        limit: usize,
        ids: &mut Vec<u32>,
    ) -> Result<(), Error> {
        let tokenizer = self.tokenizer;
        let text = &*tokenizer.normalize(text);
        let end = ids.len().saturating_add(limit);
        let scratch = self.scratch.get_or_insert_with(|| Ids::new(tokenizer));
        let mut memory = Ok(());
        // A token has a byte or more, but for a word that is longer when it is normalized.
        let mut reserve = |ids: &mut Vec<u32>, length: usize| {
            memory = ids.try_reserve(length).map_err(|_| OutOfMemory);
            memory.is_ok()
        };
        match (&tokenizer.family, &mut **scratch) {
            (Family::ByteLevel(bpe), Ids::Pretokens(scratch)) => {
                let (vocabulary, bytes) = (&bpe.vocabulary, text.as_bytes());
                bpe.each_batch(text, &mut [0; BATCH], |start, ends| {
                    let length = ends.last().map_or(0, |end| end - start);
                    let is_reserved = reserve(ids, length);
                    if is_reserved {
                        scratch.encode(vocabulary, bytes, start, ends, ids);
                    }
                    is_reserved && ids.len() < end
                })?;
            }
            (Family::Words(words), Ids::Words(scratch)) => {
                words.each_batch(text, &mut [0; BATCH], |start, ends| {
                    let length = ends.last().map_or(0, |end| end - start);
                    let is_reserved = reserve(ids, length);
                    if is_reserved {
                        let is_first = is_first && start == 0;
                        scratch.encode(words, text, start, ends, is_first, ids);
                    }
                    is_reserved && ids.len() < end
                });
            }
            _ => unreachable!("what is in the pool of a tokenizer is of its family"),
        }
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
