//! The ids of chunks: the same in every run for the same content and configuration.
//!
//! The fallback is `ctxtools/_core/fallback/chunk_ids.py`.

use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Bytes of a hash that tell chunks apart.
const KEY: usize = 8;
/// Bytes of a hash that are an id.
const ID: usize = 16;

/// An id in hexadecimal digits.
pub type Id = [u8; 2 * ID];

/// A SHA-256, of which an id has the start.
pub type Hash = [u8; 32];

/// What the ids of chunks are made of, before their headings and text.
#[derive(Clone)]
pub struct Prefix(Sha256);

impl Prefix {
    /// Of a configuration in parts.
    pub fn new(configuration: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        let length: usize = configuration.iter().map(|part| part.len()).sum();
        hash.update((length as u64).to_le_bytes());
        for part in configuration {
            hash.update(part);
        }
        Prefix(hash)
    }

    /// The hash of a chunk's text, given in parts, after what it is prefixed with.
    pub fn hash(self, text: &[&[u8]]) -> Hash {
        let Prefix(mut hash) = self;
        for part in text {
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// The id of the only chunk of a document without headings.
pub fn alone(Prefix(hash): &Prefix, text: &[u8]) -> Id {
    let mut hash = hash.clone();
    hash.update(0_u64.to_le_bytes());
    hash.update(text);
    hexadecimal(&hash.finalize().into())
}

/// The start of the SHA-256 of bytes.
pub fn of_text(parts: &[&[u8]]) -> Id {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hexadecimal(&hash.finalize().into())
}

/// The ids of the chunks of one size of a document, in order.
pub struct Ids {
    /// What all ids are made of.
    configuration: Sha256,
    /// The same with the headings of the last chunk, and what these are.
    with_headings: Option<(u32, Prefix)>,
    /// Of the chunks so far, the start of each hash; and how often each was repeated.
    seen: HashSet<[u8; KEY]>,
    repeated: HashMap<[u8; KEY], u64>,
}

impl Ids {
    pub fn new(configuration: &[u8]) -> Self {
        Ids::of(&Prefix::new(&[configuration]))
    }

    pub fn of(Prefix(hash): &Prefix) -> Self {
        Ids {
            configuration: hash.clone(),
            with_headings: None,
            seen: HashSet::new(),
            repeated: HashMap::new(),
        }
    }

    /// The id of the next chunk. It depends on earlier chunks only if one of them is equal.
    ///
    /// It has the start of the SHA-256 of the configuration, the number of headings (8 bytes, the lowest
    /// first), each heading, and the text. Each but the text is after its length, as such a number.
    pub fn next<'a>(
        &mut self,
        headings: impl ExactSizeIterator<Item = &'a [u8]>,
        text: &[&[u8]],
    ) -> Id {
        let hash = self.prefix(headings).hash(text);
        self.distinct(hash)
    }

    /// What the ids of chunks with the headings of a number are made of, before their text. The last
    /// headings are remembered.
    pub fn prefix_of<'a, I: ExactSizeIterator<Item = &'a [u8]>>(
        &mut self,
        number: u32,
        headings: impl FnOnce() -> I,
    ) -> Prefix {
        match &self.with_headings {
            Some((last, prefix)) if *last == number => prefix.clone(),
            _ => {
                let prefix = self.prefix(headings());
                self.with_headings = Some((number, prefix.clone()));
                prefix
            }
        }
    }

    fn prefix<'a>(&self, headings: impl ExactSizeIterator<Item = &'a [u8]>) -> Prefix {
        let mut hash = self.configuration.clone();
        hash.update((headings.len() as u64).to_le_bytes());
        for heading in headings {
            update(&mut hash, heading);
        }
        Prefix(hash)
    }

    /// The id of the next chunk, of a hash of all that it is made of.
    pub fn distinct(&mut self, alone: Hash) -> Id {
        let mut key = [0; KEY];
        key.copy_from_slice(&alone[..KEY]);
        if self.seen.insert(key) {
            return hexadecimal(&alone);
        }
        let number = self.repeated.entry(key).or_default();
        *number += 1;
        // Not a hash of text and number: joined, they may be the text of another chunk.
        of_text(&[&alone, format!(" {number}").as_bytes()])
    }
}

/// Adds bytes after their length.
fn update(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

fn hexadecimal(hash: &[u8; 32]) -> Id {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut id = [0; 2 * ID];
    for (two, byte) in id.as_chunks_mut::<2>().0.iter_mut().zip(hash) {
        *two = [
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ];
    }
    id
}
