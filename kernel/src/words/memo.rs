//! The tokens of a batch of words, most of which are remembered.
//!
//! As for pretokens ([`crate::count::counts`]), keys are made and their slots fetched before the first
//! is looked up. A word may have no tokens at all, which no entry of a memo can say: what is
//! remembered is one more. The first word of a text is remembered as a segment where it may have
//! other tokens than elsewhere.

use crate::bpe::vocabulary::{KEY_BYTES, Key, hash_bytes};
use crate::count::counts::spans;
use crate::count::memo::{LONGEST, Memo, Value};
use crate::split::pretokens::BATCH;
use crate::words::pre_tokenizer::Pieces;
use crate::words::tokenizer::Words;

/// One more than the most tokens of a word that is remembered by its key.
const MAX_ENTRY: usize = 15;
/// The longest word whose ids are remembered, in bytes.
const LONGEST_KEPT: usize = 1 << 10;
/// With more ids kept than this, all is forgotten.
const MAX_KEPT: usize = 1 << 20;

/// Counts batches of words, remembering what it has seen.
pub struct WordCounts {
    lookup: Lookup<()>,
    tokens: [u32; BATCH],
}

/// Encodes batches of words, remembering what it has seen.
pub struct WordIds {
    /// The value of a word of one token is its id; of several, where in `kept` their ids start.
    lookup: Lookup<u32>,
    kept: Vec<u32>,
}

struct Lookup<V: Value> {
    memo: Memo<V>,
    probes: [(Key, u16); BATCH],
    pieces: Pieces,
    /// The ids of a word that is not remembered.
    ids: Vec<u32>,
}

impl WordCounts {
    pub fn new() -> Self {
        WordCounts {
            lookup: Lookup::new(),
            tokens: [0; BATCH],
        }
    }

    /// The numbers of tokens of consecutive words, at most a batch. `is_first` says whether the first
    /// of them is the first of its text.
    pub fn count(
        &mut self,
        words: &Words,
        text: &str,
        start: usize,
        ends: &[usize],
        is_first: bool,
    ) -> &[u32] {
        let is_other = is_first && words.has_first();
        self.lookup.probe(text, start, ends, is_other);
        let mut is_first = is_first;
        for (i, (start, end)) in spans(start, ends).enumerate() {
            let (key, slot) = self.lookup.probes[i];
            let is_first = std::mem::take(&mut is_first);
            let entry = match self.lookup.memo.slots().get(key, slot) {
                (0, ()) => {
                    let word = &text[start..end];
                    let is_other = is_first && is_other;
                    self.lookup
                        .missed(words, word, key, is_first, is_other, LONGEST, |_| ())
                        .0
                }
                (entry, ()) => entry,
            };
            self.tokens[i] = (entry - 1) as u32;
        }
        &self.tokens[..ends.len()]
    }
}

impl WordIds {
    pub fn new() -> Self {
        WordIds {
            lookup: Lookup::new(),
            kept: Vec::new(),
        }
    }

    /// Appends the ids of consecutive words, at most a batch; see [`WordCounts::count`].
    pub fn encode(
        &mut self,
        words: &Words,
        text: &str,
        start: usize,
        ends: &[usize],
        is_first: bool,
        ids: &mut Vec<u32>,
    ) {
        let is_other = is_first && words.has_first();
        self.lookup.probe(text, start, ends, is_other);
        let mut is_first = is_first;
        for (i, (start, end)) in spans(start, ends).enumerate() {
            let (key, slot) = self.lookup.probes[i];
            let is_first = std::mem::take(&mut is_first);
            let found = match self.lookup.memo.slots().get(key, slot) {
                (0, _) => {
                    if self.kept.len() > MAX_KEPT {
                        self.kept.clear();
                        self.lookup.memo.clear();
                    }
                    let (word, kept) = (&text[start..end], &mut self.kept);
                    let is_other = is_first && is_other;
                    let keep = |ids: &[u32]| keep(kept, ids);
                    let longest = LONGEST_KEPT;
                    let lookup = &mut self.lookup;
                    let found = lookup.missed(words, word, key, is_first, is_other, longest, keep);
                    if found.2 {
                        ids.extend_from_slice(&lookup.ids);
                        continue;
                    }
                    (found.0, found.1)
                }
                found => found,
            };
            match found {
                (2, id) => ids.push(id),
                (entry, at) => {
                    let at = at as usize;
                    ids.extend_from_slice(&self.kept[at..at + entry - 1]);
                }
            }
        }
    }
}

impl<V: Value> Lookup<V> {
    fn new() -> Self {
        Lookup {
            memo: Memo::new(),
            probes: [(Key::NONE, 0); BATCH],
            pieces: Pieces::default(),
            ids: Vec::new(),
        }
    }

    /// Makes the keys of a batch, and fetches their slots; `is_other` says that the first word is
    /// remembered apart from the same bytes elsewhere.
    #[inline(always)]
    fn probe(&mut self, text: &str, start: usize, ends: &[usize], is_other: bool) {
        let text = text.as_bytes();
        for ((start, end), probe) in spans(start, ends).zip(&mut self.probes) {
            let key = Key::of(text, start, end - start);
            *probe = (key, self.memo.slot(key));
        }
        if let Some(&end) = ends.first()
            && is_other
        {
            let key = match end - start {
                ..KEY_BYTES => self.probes[0].0.of_segment(),
                _ => Key::NONE,
            };
            self.probes[0] = (key, self.memo.slot(key));
        }
    }

    /// One more than the number of tokens of a word that is not in its slot, its value, and whether
    /// its ids are in `ids`: then the value says nothing.
    #[expect(
        clippy::too_many_arguments,
        reason = "two callers, on the way of every miss"
    )]
    fn missed(
        &mut self,
        words: &Words,
        word: &str,
        key: Key,
        is_first: bool,
        is_other: bool,
        longest: usize,
        value: impl FnOnce(&[u32]) -> V,
    ) -> (usize, V, bool) {
        let has_key = key != Key::NONE;
        if has_key && let Some((entry, value)) = self.memo.find(key) {
            return (entry, value, false);
        }
        let bytes = word.as_bytes();
        let hash = hash_bytes(bytes);
        let is_kept = bytes.len() <= longest;
        if is_kept && let Some((entry, value)) = self.memo.find_long(hash, bytes, is_other) {
            return (entry, value, false);
        }
        self.ids.clear();
        words.encode_word(word, is_first, &mut self.pieces, &mut self.ids);
        let entry = self.ids.len() + 1;
        if has_key && entry <= MAX_ENTRY {
            self.memo.put(key, entry, value(&self.ids));
        } else if is_kept {
            let ids = &self.ids;
            self.memo
                .put_long(hash, bytes, is_other, entry, || value(ids));
        }
        (entry, V::default(), true)
    }
}

/// The value of a word of these ids.
fn keep(kept: &mut Vec<u32>, ids: &[u32]) -> u32 {
    if let &[id] = ids {
        return id;
    }
    let start = kept.len() as u32;
    kept.extend_from_slice(ids);
    start
}
