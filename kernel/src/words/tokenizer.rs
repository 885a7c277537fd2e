//! A tokenizer that is counted by words: a normalizer, the splits before the model, and the model.

use crate::text::normal::Normalizer;
use crate::words::model::Model;
use crate::words::pre_tokenizer::{Effect, Pieces, PreTokenizer};
use crate::words::split::{Class, Classes, JOINS_AFTER, JOINS_BEFORE, PLAIN, Rules, SINGLE, SPACE};

/// Scripts without spaces are from Thai on. Words of others are short, and their characters mostly
/// joined.
const FIRST_UNSPACED: char = '\u{e00}';

/// A normalizer, splits and a model, and where a raw text may be split for them.
pub struct Words {
    parts: Parts,
    classes: Classes,
}

struct Parts {
    normalizer: Normalizer,
    pre_tokenizer: PreTokenizer,
    model: Box<dyn Model>,
    splits_before_marks: bool,
    /// Whether a text may be split wherever the model may, between characters that nothing changes.
    splits_plain: bool,
}

impl Words {
    /// None if what is put before the first piece of a text is not certain: it depends on where that is
    /// in the text that was not normalized yet.
    pub fn new(
        normalizer: Normalizer,
        pre_tokenizer: PreTokenizer,
        model: Box<dyn Model>,
    ) -> Option<Self> {
        if pre_tokenizer.has_first() && !normalizer.is_identity() {
            return None;
        }
        let parts = Parts {
            splits_before_marks: model.splits_before_spaces(),
            splits_plain: normalizer.splits_at_spaces() && pre_tokenizer.is_of_spaces(),
            normalizer,
            pre_tokenizer,
            model,
        };
        Some(Words {
            classes: Classes::new(&parts),
            parts,
        })
    }

    pub(crate) fn model(&self) -> &dyn Model {
        &*self.parts.model
    }

    /// Whether the first word of a text may have other tokens than the same bytes elsewhere.
    pub fn has_first(&self) -> bool {
        self.parts.normalizer.has_first() || self.parts.pre_tokenizer.has_first()
    }

    /// Puts the ends of the words from `start` on into a batch, as many as fit, and returns how many.
    pub fn fill(&self, text: &[u8], start: usize, batch: &mut [usize]) -> usize {
        self.classes.fill(text, start, batch, &self.parts)
    }

    /// The end of the word that starts at `start`, which is before the end of the text.
    pub fn next_end(&self, text: &[u8], start: usize) -> usize {
        self.classes.next_end(text, start, &self.parts)
    }

    /// Whether a word ends at an offset inside a text.
    pub fn is_end(&self, text: &[u8], at: usize) -> bool {
        self.classes.is_end(text, at, &self.parts)
    }

    /// Calls `visit` with the start of a word and the ends of it and those that follow, for the whole of
    /// a text or until it returns false.
    #[inline(always)]
    pub(crate) fn each_batch(
        &self,
        text: &str,
        batch: &mut [usize],
        mut visit: impl FnMut(usize, &[usize]) -> bool,
    ) {
        let mut start = 0;
        while start < text.len() {
            let n = self.fill(text.as_bytes(), start, batch);
            let Some(&end) = batch[..n].last() else { break };
            if !visit(start, &batch[..n]) {
                break;
            }
            start = end;
        }
    }

    /// Appends the ids of a text, remembering nothing.
    pub fn encode(&self, text: &str, ids: &mut Vec<u32>) {
        let (mut start, mut pieces) = (0, Pieces::default());
        while start < text.len() {
            let end = self.next_end(text.as_bytes(), start);
            self.encode_word(&text[start..end], start == 0, &mut pieces, ids);
            start = end;
        }
    }

    /// The number of tokens of a text, remembering nothing.
    pub fn count(&self, text: &str) -> usize {
        let mut ids = Vec::new();
        self.encode(text, &mut ids);
        ids.len()
    }

    /// The number of tokens of a raw word.
    pub fn count_word(&self, word: &str, is_first: bool) -> usize {
        let mut ids = Vec::new();
        self.encode_word(word, is_first, &mut Pieces::default(), &mut ids);
        ids.len()
    }

    /// Appends the ids of a raw word.
    pub fn encode_word(&self, word: &str, is_first: bool, pieces: &mut Pieces, ids: &mut Vec<u32>) {
        pieces.text.clear();
        let parts = &self.parts;
        parts.normalizer.normalize(word, is_first, &mut pieces.text);
        parts.pre_tokenizer.apply(pieces, is_first);
        for piece in pieces.iter() {
            parts.model.encode(piece, ids);
        }
    }
}

impl Rules for Parts {
    fn classify(&self, c: char) -> Class {
        let is_plain = self.splits_plain && c >= FIRST_UNSPACED && self.normalizer.is_plain(c);
        self.classify_by_itself(c) | if is_plain { PLAIN } else { 0 }
    }

    fn may_join(&self, before: char, after: char) -> bool {
        self.model.may_join(before, after)
    }
}

impl Parts {
    /// What a character is to the split, without its neighbours: it follows from what becomes of it.
    fn classify_by_itself(&self, c: char) -> Class {
        let normalizer = &self.normalizer;
        let effect = |c| self.pre_tokenizer.effect(c, self.splits_before_marks);
        let is_space = |c| matches!(effect(c), Effect::Removed | Effect::Starts);
        if !normalizer.is_local_before(' ') && normalizer.splits_at_spaces() {
            // What a boundary before a space is depends on both sides of it, and there are no others.
            return match c {
                ' ' if is_space('▁') && (normalizer.marks_spaces() || is_space(' ')) => SPACE,
                c if normalizer.ends_words(c) => JOINS_BEFORE,
                _ => JOINS_BEFORE | JOINS_AFTER,
            };
        }
        let mut normal = String::new();
        normalizer.normalize(c.encode_utf8(&mut [0; 4]), false, &mut normal);
        let is_separate = |effect| matches!(effect, Effect::Removed | Effect::Isolated);
        let (Some(first), Some(last)) = (normal.chars().next(), normal.chars().next_back()) else {
            // What is removed leaves what is before it next to what is after it.
            return JOINS_BEFORE | JOINS_AFTER;
        };
        let after = match effect(last) {
            Effect::Starts => JOINS_AFTER,
            _ => 0,
        };
        if !normalizer.is_local_before(c) {
            return JOINS_BEFORE | after;
        }
        if normal.chars().all(is_space) {
            return SPACE;
        }
        if is_separate(effect(first)) && is_separate(effect(last)) {
            return SINGLE;
        }
        after
    }
}
