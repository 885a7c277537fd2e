//! The splits that come before a model, as the `pre_tokenizer` of a tokenizer.json has them.
//!
//! They are done twice, in two ways. A word that was not seen before goes through all of them, as in
//! `tokenizers` ([`PreTokenizer::apply`]). And when a tokenizer is loaded, each character is asked
//! what they do around it, whatever its neighbours are ([`PreTokenizer::effect`]): from that follows
//! where the text may be split into words to begin with.
//!
//! A step that is not here, or has options that are not, is not known: then the library counts.

use crate::text::json::Value;
use fancy_regex::Regex;
use unicode_categories::UnicodeCategories;

/// What `\s` is not in, for `Whitespace`.
const WORDS: &str = r"\w+|[^\w\s]+";

/// How many steps there may be, since each takes time.
const MAX_STEPS: usize = 1 << 5;

pub struct PreTokenizer {
    steps: Vec<Step>,
}

enum Step {
    /// Of what is not white space, words and runs of anything else.
    Whitespace(Box<Regex>),
    Characters(fn(char) -> bool, Behavior),
    Character(char, Behavior),
    Metaspace {
        mark: char,
        prepend: Prepend,
        is_split: bool,
    },
}

/// What becomes of a match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behavior {
    Removed,
    Isolated,
    Contiguous,
    MergedWithPrevious,
    MergedWithNext,
}

/// Before which pieces a mark is put.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prepend {
    Always,
    First,
    Never,
}

/// What the splits do around a character.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// It separates what is before it from what is after it, and is in no piece.
    Removed,
    /// It is a piece, whatever is around it.
    Isolated,
    /// A piece starts with it, unless the same is before it.
    Starts,
    None,
}

/// Pieces of a normalized text.
#[derive(Default)]
pub struct Pieces {
    pub text: String,
    /// Where they start and end.
    pub spans: Vec<(usize, usize)>,
    next_text: String,
    next_spans: Vec<(usize, usize)>,
}

impl Pieces {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.spans
            .iter()
            .map(|&(start, end)| &self.text[start..end])
    }
}

impl PreTokenizer {
    /// The steps of a tokenizer.json; None if one of them is not known.
    pub fn from_json(value: &Value<'_>) -> Option<Self> {
        let mut steps = Vec::new();
        add_steps(value, &mut steps)?;
        Some(PreTokenizer { steps })
    }

    /// Whether a mark is put before the first word of a text alone.
    pub fn has_first(&self) -> bool {
        let is_first = |step: &Step| {
            matches!(
                step,
                Step::Metaspace {
                    prepend: Prepend::First,
                    ..
                }
            )
        };
        self.steps.iter().any(is_first)
    }

    /// Whether pieces start where a text does or a space is, and nowhere else, and no mark is put before
    /// any but the first.
    pub fn is_of_spaces(&self) -> bool {
        let is_of_spaces = |step: &Step| match step {
            Step::Metaspace { prepend, .. } => *prepend != Prepend::Always,
            _ => false,
        };
        self.steps.iter().all(is_of_spaces)
    }

    /// What the steps do around a character, or the model after them: `model_splits` says whether no
    /// token crosses the boundary before a `▁`.
    pub fn effect(&self, mut c: char, model_splits: bool) -> Effect {
        // Whether a mark was put before each piece: before those of later steps there is none, but a
        // text that starts with one of them would get it. What starts with a space has its mark.
        let mut has_marks = false;
        for step in &self.steps {
            let behavior = match step {
                Step::Whitespace(_) if c.is_whitespace() => Behavior::Removed,
                Step::Characters(is_it, behavior) if is_it(c) => *behavior,
                &Step::Character(it, behavior) if it == c => behavior,
                &Step::Metaspace {
                    mark,
                    prepend,
                    is_split,
                } => {
                    has_marks |= prepend == Prepend::Always;
                    match c == ' ' || c == mark {
                        true if is_split => return Effect::Starts,
                        true => c = mark,
                        false if has_marks => return Effect::None,
                        false => {}
                    }
                    continue;
                }
                _ => continue,
            };
            match behavior {
                Behavior::Removed if has_marks => return Effect::Starts,
                Behavior::Removed => return Effect::Removed,
                Behavior::Isolated if has_marks => return Effect::None,
                Behavior::Isolated => return Effect::Isolated,
                Behavior::MergedWithNext if matches!(step, Step::Character(..)) => {
                    return Effect::Starts;
                }
                _ => {}
            }
        }
        if model_splits && c == '▁' {
            Effect::Starts
        } else {
            Effect::None
        }
    }

    /// Splits the text of `pieces` into its pieces. `is_first` says whether it starts where the whole
    /// text does.
    pub fn apply(&self, pieces: &mut Pieces, is_first: bool) {
        pieces.spans.clear();
        if !pieces.text.is_empty() {
            pieces.spans.push((0, pieces.text.len()));
        }
        for step in &self.steps {
            step.apply(pieces, is_first);
        }
    }
}

impl Step {
    fn apply(&self, pieces: &mut Pieces, is_first: bool) {
        let Pieces {
            text,
            spans,
            next_text,
            next_spans,
        } = pieces;
        next_spans.clear();
        if let &Step::Metaspace {
            mark,
            prepend,
            is_split,
        } = self
        {
            next_text.clear();
            for &(start, end) in &*spans {
                let from = next_text.len();
                let piece = &text[start..end];
                let is_marked = piece.starts_with([' ', mark]);
                let is_prepended = match prepend {
                    Prepend::Always => true,
                    Prepend::First => is_first && start == 0,
                    Prepend::Never => false,
                };
                next_text.extend((is_prepended && !is_marked).then_some(mark));
                next_text.extend(piece.chars().map(|c| if c == ' ' { mark } else { c }));
                let piece = &next_text[from..];
                if is_split {
                    let mut split = Split::new(Behavior::MergedWithNext, from, next_spans);
                    characters(piece, |c| c == mark, &mut split);
                } else {
                    next_spans.push((from, from + piece.len()));
                }
            }
            std::mem::swap(text, next_text);
        } else {
            for &(start, end) in &*spans {
                let piece = &text[start..end];
                match self {
                    Step::Whitespace(regex) => {
                        // It matches what it matches by itself: no look-around, no backtracking.
                        for found in regex.find_iter(piece).flatten() {
                            next_spans.push((start + found.start(), start + found.end()));
                        }
                    }
                    Step::Characters(is_it, behavior) => {
                        characters(piece, is_it, &mut Split::new(*behavior, start, next_spans));
                    }
                    &Step::Character(it, behavior) => {
                        let mut split = Split::new(behavior, start, next_spans);
                        characters(piece, |c| c == it, &mut split);
                    }
                    Step::Metaspace { .. } => {}
                }
            }
        }
        std::mem::swap(spans, next_spans);
    }
}

/// Splits a piece at each of some characters.
fn characters(piece: &str, is_it: impl Fn(char) -> bool, split: &mut Split<'_>) {
    let mut done = 0;
    for (at, c) in piece.char_indices().filter(|&(_, c)| is_it(c)) {
        let end = at + c.len_utf8();
        if done < at {
            split.add(done, at, false);
        }
        split.add(at, end, true);
        done = end;
    }
    if done < piece.len() {
        split.add(done, piece.len(), false);
    }
}

/// Collects the pieces that matches, and what is between them, make of a piece.
struct Split<'a> {
    behavior: Behavior,
    /// Where the piece starts.
    base: usize,
    spans: &'a mut Vec<(usize, usize)>,
    /// The pieces of others.
    known: usize,
    /// Whether the last span was a match; for `MergedWithNext`, one that waits for what follows.
    was_match: bool,
}

impl<'a> Split<'a> {
    fn new(behavior: Behavior, base: usize, spans: &'a mut Vec<(usize, usize)>) -> Self {
        Split {
            behavior,
            base,
            known: spans.len(),
            spans,
            was_match: false,
        }
    }

    fn add(&mut self, start: usize, end: usize, is_match: bool) {
        let is_joined = match self.behavior {
            Behavior::Removed if is_match => return,
            Behavior::Removed | Behavior::Isolated => false,
            Behavior::Contiguous => is_match == self.was_match,
            Behavior::MergedWithPrevious => is_match && !self.was_match,
            Behavior::MergedWithNext => !is_match && self.was_match,
        };
        self.was_match = is_match;
        match self.spans[self.known..].last_mut() {
            Some(last) if is_joined => last.1 = self.base + end,
            _ => self.spans.push((self.base + start, self.base + end)),
        }
    }
}

fn add_steps(value: &Value<'_>, steps: &mut Vec<Step>) -> Option<()> {
    if value.is_null() {
        return Some(());
    }
    if steps.len() >= MAX_STEPS {
        return None;
    }
    // Keys that a step does not have are an error here, and are skipped in the library.
    let has = |keys: &[&str]| {
        let entries = value.entries()?;
        let is_known = |key: &str| key == "type" || keys.contains(&key);
        entries.iter().all(|(key, _)| is_known(key)).then_some(())
    };
    match value.get("type")?.as_str()? {
        "Sequence" => {
            has(&["pretokenizers"])?;
            for step in value.get("pretokenizers")?.items()? {
                add_steps(step, steps)?;
            }
        }
        "BertPreTokenizer" => {
            has(&[])?;
            steps.push(Step::Characters(char::is_whitespace, Behavior::Removed));
            steps.push(Step::Characters(is_punctuation, Behavior::Isolated));
        }
        "Whitespace" => {
            has(&[])?;
            steps.push(Step::Whitespace(Box::new(Regex::new(WORDS).ok()?)));
        }
        "WhitespaceSplit" => {
            has(&[])?;
            steps.push(Step::Characters(char::is_whitespace, Behavior::Removed));
        }
        "Punctuation" => {
            has(&["behavior"])?;
            let behavior = match value.get("behavior") {
                Some(behavior) => Behavior::from_json(behavior)?,
                None => Behavior::Isolated,
            };
            steps.push(Step::Characters(is_punctuation, behavior));
        }
        "Digits" => {
            has(&["individual_digits"])?;
            let behavior = match value.get("individual_digits")?.as_bool()? {
                true => Behavior::Isolated,
                false => Behavior::Contiguous,
            };
            steps.push(Step::Characters(char::is_numeric, behavior));
        }
        "CharDelimiterSplit" => {
            has(&["delimiter"])?;
            let delimiter = character(value.get("delimiter")?)?;
            steps.push(Step::Character(delimiter, Behavior::Removed));
        }
        "Split" => {
            has(&["pattern", "behavior", "invert"])?;
            let [(kind, pattern)] = value.get("pattern")?.entries()? else {
                return None;
            };
            if kind != "String" || value.get("invert")?.as_bool()? {
                return None;
            }
            let behavior = Behavior::from_json(value.get("behavior")?)?;
            steps.push(Step::Character(character(pattern)?, behavior));
        }
        "Metaspace" => {
            has(&[
                "replacement",
                "add_prefix_space",
                "prepend_scheme",
                "split",
                "str_rep",
            ])?;
            steps.push(metaspace(value)?);
        }
        _ => return None,
    }
    Some(())
}

fn metaspace(value: &Value<'_>) -> Option<Step> {
    let scheme = match value.get("prepend_scheme") {
        Some(scheme) => scheme.as_str()?,
        None => "always",
    };
    let prefixed = match value.get("add_prefix_space") {
        Some(prefixed) if !prefixed.is_null() => prefixed.as_bool()?,
        _ => true,
    };
    let prepend = match (scheme, prefixed) {
        ("always", true) => Prepend::Always,
        ("first", true) => Prepend::First,
        ("never", _) => Prepend::Never,
        _ => return None,
    };
    let is_split = match value.get("split") {
        Some(split) if !split.is_null() => split.as_bool()?,
        _ => true,
    };
    // Marks of other kinds would have to be told from `▁`, which the models know.
    let mark = character(value.get("replacement")?).filter(|&mark| mark == '▁')?;
    Some(Step::Metaspace {
        mark,
        prepend,
        is_split,
    })
}

impl Behavior {
    fn from_json(value: &Value<'_>) -> Option<Self> {
        Some(match value.as_str()? {
            "Removed" => Behavior::Removed,
            "Isolated" => Behavior::Isolated,
            "Contiguous" => Behavior::Contiguous,
            "MergedWithPrevious" => Behavior::MergedWithPrevious,
            "MergedWithNext" => Behavior::MergedWithNext,
            _ => return None,
        })
    }
}

/// The only character of a string.
fn character(value: &Value<'_>) -> Option<char> {
    let mut chars = value.as_str()?.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// Punctuation by the tables of `tokenizers`, which are of an older Unicode version.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || UnicodeCategories::is_punctuation(c)
}
