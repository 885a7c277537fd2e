//! Text -> the ids of its tokens.
//!
//! As [`counts`](crate::count::counts), but what is remembered of a pretoken is its ids, and
//! pretokens are looked up in the order of the text. Prefetching for ids that are not in their slots
//! did not gain anything.

use crate::bpe::barriers::Segments;
use crate::bpe::merge;
use crate::bpe::vocabulary::{KEY_BYTES, Key, NO_RANK, Vocabulary, hash_bytes};
use crate::count::counts::Spans;
use crate::count::memo::Memo;
use crate::split::pretokens::BATCH;

/// With more ids kept than this, all is forgotten.
const MAX_KEPT: usize = 1 << 20;
/// The longest pretoken that is remembered, in bytes.
const LONGEST: usize = 255;

/// Encodes pretokens, remembering what it has seen.
pub struct Encoder {
    probes: [(Key, u16); BATCH],
    /// The value of a pretoken of one token is its id; of several, where in `kept` their ids start.
    memo: Memo<u32>,
    kept: Vec<u32>,
}

impl Encoder {
    /// An encoder that remembers nothing yet.
    pub fn new() -> Box<Self> {
        Box::new(Encoder {
            probes: [(Key::NONE, 0); BATCH],
            memo: Memo::new(),
            kept: Vec::new(),
        })
    }

    /// Appends the ids of consecutive pretokens, at most a batch.
    pub fn encode(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        start: usize,
        ends: &[usize],
        ids: &mut Vec<u32>,
    ) {
        for ((start, end), probe) in Spans::new(start, ends).zip(&mut self.probes) {
            let key = Key::of(text, start, end - start);
            *probe = (key, self.memo.slot(key));
        }
        for (i, (start, end)) in Spans::new(start, ends).enumerate() {
            let (key, slot) = self.probes[i];
            match self.memo.slots().get(key, slot) {
                (1, id) => ids.push(id),
                (0, _) => self.encode_missed(vocabulary, text, (start, end), key, ids),
                found => self.emit(found, ids),
            }
        }
    }

    /// Appends the ids of a remembered pretoken.
    #[inline(always)]
    fn emit(&self, (tokens, value): (usize, u32), ids: &mut Vec<u32>) {
        if tokens == 1 {
            ids.push(value);
        } else {
            let start = value as usize;
            ids.extend_from_slice(&self.kept[start..start + tokens]);
        }
    }

    /// Appends the ids of a pretoken that is not in its slot.
    fn encode_missed(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        (start, end): (usize, usize),
        key: Key,
        ids: &mut Vec<u32>,
    ) {
        if end - start > KEY_BYTES {
            return self.encode_long(vocabulary, text, start, end, ids);
        }
        match vocabulary.rank_of_key(key) {
            NO_RANK => self.encode_merged(vocabulary, text, (start, end), key, ids),
            rank => {
                let id = vocabulary.id(rank);
                ids.push(id);
                self.memo.put_single(key, id);
            }
        }
    }

    /// Appends the ids of a short pretoken, or a segment, that is not in its slot, and is not a token
    /// or not looked up as one.
    fn encode_merged(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        (start, end): (usize, usize),
        key: Key,
        ids: &mut Vec<u32>,
    ) {
        if let Some(found) = self.memo.find(key) {
            return self.emit(found, ids);
        }
        self.forget_if_full();
        let before = ids.len();
        merge(vocabulary, text, start, end, ids);
        let new = &ids[before..];
        self.memo.put(key, new.len(), keep(&mut self.kept, new));
    }

    fn encode_long(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        start: usize,
        end: usize,
        ids: &mut Vec<u32>,
    ) {
        if text[start..end].is_ascii() {
            return self.encode_unsplit(vocabulary, text, (start, end), false, ids);
        }
        let (mut from, mut segments) = (start, Segments::new());
        while from < end {
            from = vocabulary.split(text, from, end, &mut segments);
            if segments.get(0) == Some((start, end)) {
                return self.encode_unsplit(vocabulary, text, (start, end), false, ids);
            }
            for (start, end) in segments.iter() {
                if end - start >= KEY_BYTES {
                    self.encode_unsplit(vocabulary, text, (start, end), true, ids);
                    continue;
                }
                let key = Key::of(text, start, end - start).of_segment();
                match self.memo.slots().get(key, self.memo.slot(key)) {
                    (0, _) => self.encode_merged(vocabulary, text, (start, end), key, ids),
                    found => self.emit(found, ids),
                }
            }
            segments.truncate(0);
        }
    }

    /// Appends the ids of a pretoken without barriers, or of a segment of one, that is too long for
    /// a key.
    fn encode_unsplit(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        (start, end): (usize, usize),
        is_segment: bool,
        ids: &mut Vec<u32>,
    ) {
        let bytes = &text[start..end];
        let is_remembered = bytes.len() <= LONGEST;
        let hash = hash_bytes(bytes);
        if is_remembered && let Some(found) = self.memo.find_long(hash, bytes, is_segment) {
            return self.emit(found, ids);
        }
        let before = ids.len();
        match vocabulary.rank(text, start, end) {
            rank if rank != NO_RANK && !is_segment => ids.push(vocabulary.id(rank)),
            _ => merge(vocabulary, text, start, end, ids),
        }
        if is_remembered {
            self.forget_if_full();
            let (new, kept) = (&ids[before..], &mut self.kept);
            self.memo
                .put_long(hash, bytes, is_segment, new.len(), || keep(kept, new));
        }
    }

    fn forget_if_full(&mut self) {
        if self.kept.len() > MAX_KEPT {
            self.kept.clear();
            self.memo.clear();
        }
    }
}

/// The value of a pretoken of these ids.
fn keep(kept: &mut Vec<u32>, ids: &[u32]) -> u32 {
    if let &[id] = ids {
        return id;
    }
    let start = kept.len() as u32;
    kept.extend_from_slice(ids);
    start
}

/// Appends the ids of the tokens that a pretoken is merged to.
pub fn merge(vocabulary: &Vocabulary, text: &[u8], start: usize, end: usize, ids: &mut Vec<u32>) {
    let mut from = start;
    merge::each_end(vocabulary, text, start, end, |to| {
        ids.push(vocabulary.id(vocabulary.rank(text, from, to)));
        from = to;
    });
}
