//! Text -> the ids of its tokens.
//!
//! As [`counts`](crate::count::counts), but what is remembered of a pretoken is its ids, and
//! pretokens are looked up in the order of the text. Prefetching for ids that are not in their slots
//! did not gain anything.

use crate::bpe::barriers::Segments;
use crate::bpe::merge;
use crate::bpe::vocabulary::{KEY_BYTES, Key, NO_RANK, Vocabulary, hash_bytes};
use crate::count::counts::spans;
use crate::count::memo::Memo;
use crate::split::pretokens::BATCH;

/// With more ids kept than this, all is forgotten.
const MAX_KEPT: usize = 1 << 20;
/// The longest pretoken that is remembered, in bytes.
const LONGEST: usize = 255;

/// Encodes batches of pretokens, remembering what it has seen.
pub struct BatchIds {
    probes: [(Key, u16); BATCH],
    /// The value of a pretoken of one token is its id; of several, where in `kept` their ids start.
    memo: Memo<u32>,
    kept: Vec<u32>,
}

impl BatchIds {
    pub fn new() -> Box<Self> {
        Box::new(BatchIds {
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
        for ((start, end), probe) in spans(start, ends).zip(&mut self.probes) {
            let key = Key::of(text, start, end - start);
            *probe = (key, self.memo.slot(key));
        }
        let mut pass = Pass {
            vocabulary,
            text,
            memo: &mut self.memo,
            kept: &mut self.kept,
            ids,
        };
        for ((start, end), &(key, slot)) in spans(start, ends).zip(&self.probes) {
            match pass.memo.slots().get(key, slot) {
                (1, id) => pass.ids.push(id),
                (0, _) => pass.encode_missed(start, end, key),
                found => pass.emit(found),
            }
        }
    }
}

/// Encodes one batch.
struct Pass<'a> {
    vocabulary: &'a Vocabulary,
    text: &'a [u8],
    memo: &'a mut Memo<u32>,
    kept: &'a mut Vec<u32>,
    ids: &'a mut Vec<u32>,
}

impl Pass<'_> {
    /// Appends the ids of a remembered pretoken.
    #[inline(always)]
    fn emit(&mut self, (tokens, value): (usize, u32)) {
        if tokens == 1 {
            self.ids.push(value);
        } else {
            let start = value as usize;
            self.ids
                .extend_from_slice(&self.kept[start..start + tokens]);
        }
    }

    /// Appends the ids of a pretoken that is not in its slot.
    fn encode_missed(&mut self, start: usize, end: usize, key: Key) {
        if end - start > KEY_BYTES {
            return self.encode_long(start, end);
        }
        match self.vocabulary.rank_of_key(key) {
            NO_RANK => self.encode_merged(start, end, key),
            rank => {
                let id = self.vocabulary.id(rank);
                self.ids.push(id);
                self.memo.put_single(key, id);
            }
        }
    }

    /// Appends the ids of a short pretoken, or a segment, that is not in its slot, and is not a token
    /// or not looked up as one.
    fn encode_merged(&mut self, start: usize, end: usize, key: Key) {
        if let Some(found) = self.memo.find(key) {
            return self.emit(found);
        }
        self.forget_if_full();
        let before = self.ids.len();
        merge(self.vocabulary, self.text, start, end, self.ids);
        let new = &self.ids[before..];
        self.memo.put(key, new.len(), keep(self.kept, new));
    }

    fn encode_long(&mut self, start: usize, end: usize) {
        if self.text[start..end].is_ascii() {
            return self.encode_unsplit(start, end, false);
        }
        let (mut from, mut segments) = (start, Segments::new());
        while from < end {
            from = self.vocabulary.split(self.text, from, end, &mut segments);
            if segments.get(0) == Some((start, end)) {
                return self.encode_unsplit(start, end, false);
            }
            for (start, end) in segments.iter() {
                if end - start >= KEY_BYTES {
                    self.encode_unsplit(start, end, true);
                    continue;
                }
                let key = Key::of(self.text, start, end - start).of_segment();
                match self.memo.slots().get(key, self.memo.slot(key)) {
                    (0, _) => self.encode_merged(start, end, key),
                    found => self.emit(found),
                }
            }
            segments.truncate(0);
        }
    }

    /// Appends the ids of a pretoken without barriers, or of a segment of one, that is too long for
    /// a key.
    fn encode_unsplit(&mut self, start: usize, end: usize, is_segment: bool) {
        let bytes = &self.text[start..end];
        let is_remembered = bytes.len() <= LONGEST;
        let hash = hash_bytes(bytes);
        if is_remembered && let Some(found) = self.memo.find_long(hash, bytes, is_segment) {
            return self.emit(found);
        }
        let before = self.ids.len();
        match self.vocabulary.rank(self.text, start, end) {
            rank if rank != NO_RANK && !is_segment => self.ids.push(self.vocabulary.id(rank)),
            _ => merge(self.vocabulary, self.text, start, end, self.ids),
        }
        if is_remembered {
            self.forget_if_full();
            let (new, kept) = (&self.ids[before..], &mut *self.kept);
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
