//! The ids of tokens -> their bytes.

use crate::bpe::table::OutOfMemory;
use crate::count::tokenizer::Tokenizer;

/// How many bytes are asked of the system at once.
const BLOCK: usize = 1 << 16;

#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// No token has this id.
    Unknown(i64),
    Memory,
}

impl From<OutOfMemory> for Error {
    fn from(_: OutOfMemory) -> Self {
        Error::Memory
    }
}

/// The bytes of tokens. Few ids may have many: there may be no memory for them.
pub fn decode<T: Copy + Into<i64>>(tokenizer: &Tokenizer, ids: &[T]) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    for &id in ids {
        push(tokenizer, id.into(), &mut bytes)?;
    }
    Ok(bytes)
}

/// Appends the bytes of a token.
#[inline]
pub fn push(tokenizer: &Tokenizer, id: i64, bytes: &mut Vec<u8>) -> Result<(), Error> {
    let token = u32::try_from(id)
        .ok()
        .and_then(|id| tokenizer.bytes_of_id(id))
        .ok_or(Error::Unknown(id))?;
    if bytes.capacity() - bytes.len() < token.len() {
        let more = token.len().max(BLOCK);
        bytes.try_reserve(more).map_err(|_| OutOfMemory)?;
    }
    bytes.extend_from_slice(token);
    Ok(())
}
