//! Text -> the number of its tokens, or the tokens, by a tokenizer of any family.

use crate::bpe::table::vec_in_large_pages;
use crate::bpe::vocabulary::Vocabulary;
use crate::count::byte_level::{ByteLevel, Split, SplitError};
use crate::count::counter::{Counter, Scratch};
use crate::count::ids::encoder::{Encoder, Ids};
use crate::count::parallel::{Error, threads};
use crate::split::pattern::Pattern;
use crate::split::safe_split::is_safe_split;
use crate::words::tokenizer::Words;
use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

/// A single text below this many bytes is counted without a memo: fetching one would cost more.
const MIN_MEMO_BYTES: usize = 4096;
/// Until there was this much of such text, in bytes.
const WARM_BYTES: usize = 1 << 16;
/// How many calls' memory is kept for later ones, or one for each processor, if these are more.
const POOL: usize = 16;
/// The bytes of a token, about, to allocate memory for ids.
const BYTES_PER_TOKEN: usize = 4;

/// How a text becomes tokens.
#[expect(
    clippy::large_enum_variant,
    reason = "a tokenizer has one, and byte-level BPE is to be no further away"
)]
pub enum Family {
    /// By pretokens, which are merged.
    ByteLevel(ByteLevel),
    /// By words, each of which is normalized before it becomes tokens.
    Words(Words),
}

pub struct Tokenizer {
    pub(crate) family: Family,
    pub(crate) scratch_pool: Pool<Scratch>,
    pub(crate) encoder_pool: Pool<Ids>,
    /// The bytes that were counted without a memo, about.
    cold_bytes: AtomicUsize,
}

impl Tokenizer {
    /// Byte-level BPE, as fast as this processor can; with `nfc` a text is normalised first.
    pub fn new(vocabulary: Vocabulary, split: Split, nfc: bool) -> Self {
        Self::of(Family::ByteLevel(ByteLevel::new(vocabulary, split, nfc)))
    }

    pub fn of_words(words: Words) -> Self {
        Self::of(Family::Words(words))
    }

    fn of(family: Family) -> Self {
        Tokenizer {
            family,
            scratch_pool: Pool::new(),
            encoder_pool: Pool::new(),
            cold_bytes: AtomicUsize::new(0),
        }
    }

    /// One more than the highest id.
    pub fn vocabulary_size(&self) -> usize {
        match &self.family {
            Family::ByteLevel(bpe) => bpe.vocabulary.size(),
            Family::Words(words) => words.model().size(),
        }
    }

    pub fn bytes_of_id(&self, id: u32) -> Option<&[u8]> {
        match &self.family {
            Family::ByteLevel(bpe) => bpe.vocabulary.bytes_of_id(id),
            Family::Words(words) => words.model().bytes_of_id(id),
        }
    }

    /// The scanner's pattern; see [`ByteLevel::pattern`].
    pub fn pattern(&self) -> Option<&Pattern> {
        match &self.family {
            Family::ByteLevel(bpe) => bpe.pattern(),
            Family::Words(_) => None,
        }
    }

    /// Whether a text may be split at offsets that [`Tokenizer::is_safe_split`] finds.
    pub fn may_split(&self) -> bool {
        match &self.family {
            Family::ByteLevel(bpe) => bpe.pattern().is_some(),
            Family::Words(_) => true,
        }
    }

    /// Whether the start of a text may have other tokens than the same bytes after a safe split.
    pub fn has_first(&self) -> bool {
        matches!(&self.family, Family::Words(words) if words.has_first())
    }

    /// Whether a text's tokens can be told from those of its pretokens or words.
    pub fn is_indexable(&self) -> bool {
        match &self.family {
            Family::ByteLevel(bpe) => bpe.pattern().is_some(),
            Family::Words(_) => true,
        }
    }

    /// Whether a text may be split at an offset: the tokens of the two sides are those of the whole.
    #[inline]
    pub fn is_safe_split(&self, text: &[u8], at: usize) -> bool {
        match &self.family {
            Family::ByteLevel(_) => is_safe_split(text, at),
            Family::Words(words) => words.is_end(text, at),
        }
    }

    /// The last offset above `floor` where the text may be split.
    pub fn last_safe_split(&self, text: &[u8], floor: usize) -> Option<usize> {
        (floor + 1..text.len())
            .rev()
            .find(|&at| self.is_safe_split(text, at))
    }

    /// The text that is split: the text itself, or its normal form.
    pub fn normalize<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match &self.family {
            Family::ByteLevel(bpe) => bpe.normalize(text),
            Family::Words(_) => Cow::Borrowed(text),
        }
    }

    /// Whether the text that is split is the text itself, and the same holds for any part of it.
    pub fn is_inert(&self, text: &str) -> bool {
        match &self.family {
            Family::ByteLevel(bpe) => bpe.is_inert(text),
            Family::Words(_) => true,
        }
    }

    /// Whether any text of this many characters or bytes is above a limit, as far as that is known.
    pub fn is_above(&self, length: usize, limit: usize) -> bool {
        match &self.family {
            Family::ByteLevel(bpe) => bpe.is_above(length, limit),
            Family::Words(_) => false,
        }
    }

    pub fn count(&self, text: &str) -> Result<usize, SplitError> {
        if text.len() < MIN_MEMO_BYTES {
            if !self.is_warm(text) {
                return match &self.family {
                    Family::ByteLevel(bpe) => bpe.count(text),
                    Family::Words(words) => Ok(words.count(text)),
                };
            }
            // Locking once is quicker than taking a scratch and putting it back.
            if let Some(count) = self
                .scratch_pool
                .with(|scratch| scratch.count(self, text, true))
            {
                return count;
            }
        }
        Counter::new(self).count(text)
    }

    /// Whether enough short texts were counted for their words to be worth remembering.
    fn is_warm(&self, text: &str) -> bool {
        self.cold_bytes.load(Ordering::Relaxed) > WARM_BYTES
            || self.cold_bytes.fetch_add(text.len(), Ordering::Relaxed) > WARM_BYTES
    }

    pub fn encode(&self, text: &str) -> Result<Vec<u32>, Error> {
        self.encode_first(text, usize::MAX)
    }

    /// The ids of a text, at most the first `limit`.
    pub fn encode_first(&self, text: &str, limit: usize) -> Result<Vec<u32>, Error> {
        let capacity = (text.len() / BYTES_PER_TOKEN + 1).min(limit);
        if text.len() < MIN_MEMO_BYTES && !self.is_warm(text) {
            let mut ids = Vec::with_capacity(capacity);
            match &self.family {
                Family::ByteLevel(bpe) => bpe.encode(text, &mut ids)?,
                Family::Words(words) => words.encode(text, &mut ids),
            }
            ids.truncate(limit);
            return Ok(ids);
        }
        let mut ids = vec_in_large_pages(capacity);
        Encoder::new(self).encode_first(text, limit, &mut ids)?;
        Ok(ids)
    }

    /// The ids of bytes as one pretoken, whatever they are; None in families that have no tokens for
    /// bytes.
    pub fn encode_bytes(&self, bytes: &[u8]) -> Option<Vec<u32>> {
        match &self.family {
            Family::ByteLevel(bpe) => Some(bpe.encode_bytes(bytes)),
            Family::Words(_) => None,
        }
    }
}

/// Memory of earlier calls, for later ones.
pub(crate) struct Pool<T> {
    items: Mutex<Vec<Box<T>>>,
    /// How many items it keeps; found when the first one comes.
    capacity: OnceLock<usize>,
}

impl<T> Pool<T> {
    fn new() -> Self {
        Pool {
            items: Mutex::default(),
            capacity: OnceLock::new(),
        }
    }

    pub(crate) fn take(&self) -> Option<Box<T>> {
        self.items.lock().ok()?.pop()
    }

    pub(crate) fn put(&self, item: Box<T>) {
        let capacity = *self.capacity.get_or_init(|| POOL.max(threads(0)));
        if let Ok(mut items) = self.items.lock()
            && items.len() < capacity
        {
            items.push(item);
        }
    }

    /// Runs `work` on the pooled item; None if there is none, or another thread holds it.
    fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut items = self.items.try_lock().ok()?;
        items.last_mut().map(|item| work(item))
    }
}
