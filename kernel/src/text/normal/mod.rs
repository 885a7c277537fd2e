//! Normalizers, as the `normalizer` of a tokenizer.json has them.
//!
//! A raw text is normalized word by word, so what matters beside the result is where that is the same
//! as normalizing the whole.
//!
//! In reading order: [`bert`] is BERT's.

mod bert;

use crate::text::json::Value;
use bert::Bert;

pub struct Normalizer {
    steps: Vec<Step>,
}

enum Step {
    Bert(Bert),
}

impl Normalizer {
    /// The steps of a tokenizer.json; None if one of them is not known exactly.
    pub fn from_json(value: &Value<'_>) -> Option<Self> {
        let mut steps = Vec::new();
        add_steps(value, &mut steps)?;
        Some(Normalizer { steps })
    }

    /// Whether a text is left as it is.
    pub fn is_identity(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether the first word of a text becomes something else than the same word elsewhere.
    pub fn has_first(&self) -> bool {
        false
    }

    /// Whether normalizing the two sides of a boundary before this character, whatever is before it,
    /// is the same as normalizing both together.
    pub fn is_local_before(&self, c: char) -> bool {
        let mut steps = self.steps.iter();
        steps.all(|Step::Bert(bert)| bert.is_local_before(c))
    }

    /// Appends the normalized form of a word. `is_first` says whether its text starts with it.
    pub fn normalize(&self, word: &str, _is_first: bool, out: &mut String) {
        let mut steps = self.steps.iter();
        let Some(Step::Bert(first)) = steps.next() else {
            return out.push_str(word);
        };
        let start = out.len();
        first.normalize(word, out);
        for Step::Bert(bert) in steps {
            let before = out.split_off(start);
            bert.normalize(&before, out);
        }
    }
}

fn add_steps(value: &Value<'_>, steps: &mut Vec<Step>) -> Option<()> {
    if value.is_null() {
        return Some(());
    }
    match value.get("type")?.as_str()? {
        "Sequence" => value
            .get("normalizers")?
            .items()?
            .iter()
            .try_for_each(|step| add_steps(step, steps)),
        "BertNormalizer" => {
            steps.push(Step::Bert(Bert::from_json(value)?));
            Some(())
        }
        _ => None,
    }
}
