//! Normalization: what a tokenizer does to a text before it splits it, step by step.
//!
//! The steps are those of a `tokenizer.json` ([`settings`] reads them), exactly as `tokenizers`
//! applies them, with the tables of its Unicode versions; or the one step of a SentencePiece model
//! ([`sentencepiece`]). Texts are not normalized as wholes: they are split into raw words, and only a
//! word that was not seen before is normalized. [`local`] proves where a text may be split so that the
//! normal forms of the sides join to that of the whole. [`charsmap`] is the compiled table of
//! replacements that both kinds have.

mod bert;
pub mod charsmap;
pub mod local;
pub mod sentencepiece;
pub mod settings;
pub mod step;

use sentencepiece::SentencePiece;
use step::Step;

pub struct Normalizer(Kind);

enum Kind {
    Steps(Vec<Step>),
    SentencePiece(SentencePiece),
}

impl Normalizer {
    /// The steps of a `tokenizer.json`; none leave a text as it is.
    pub fn of_steps(steps: Vec<Step>) -> Self {
        Normalizer(Kind::Steps(steps))
    }

    pub fn of_sentencepiece(normalizer: SentencePiece) -> Self {
        Normalizer(Kind::SentencePiece(normalizer))
    }

    /// Whether it leaves every text as it is.
    pub fn is_identity(&self) -> bool {
        matches!(&self.0, Kind::Steps(steps) if steps.is_empty())
    }

    /// Appends the normal form of a word; `is_first` says whether its text starts with it. What is done
    /// at the end of a text is done at its end: it does nothing to one with another after it, by how
    /// words end (see [`local`]).
    pub fn normalize(&self, word: &str, is_first: bool, out: &mut String) {
        match &self.0 {
            Kind::Steps(steps) => match steps.as_slice() {
                [] => out.push_str(word),
                [step] => step.apply(word, is_first, out),
                [first, rest @ ..] => {
                    let (mut from, mut to) = (String::new(), String::new());
                    first.apply(word, is_first, &mut from);
                    for step in rest {
                        to.clear();
                        step.apply(&from, is_first, &mut to);
                        std::mem::swap(&mut from, &mut to);
                    }
                    out.push_str(&from);
                }
            },
            Kind::SentencePiece(normalizer) => normalizer.normalize(word, is_first, out),
        }
    }

    /// Whether the first word of a text becomes something else than the same word elsewhere.
    pub fn has_first(&self) -> bool {
        match &self.0 {
            Kind::Steps(steps) => steps.iter().any(Step::has_first),
            Kind::SentencePiece(normalizer) => normalizer.has_first(),
        }
    }
}
