//! Splits one after another, as the `pre_tokenizer` of a tokenizer.json has them.
//!
//! Each step splits the pieces of the step before it, to which their ends are those of a text. A piece
//! goes through all the steps before the next one is looked for, so nothing of a text is kept.
//!
//! Nothing is known of where such a text may be split, so it is counted as a whole.

use crate::split::oniguruma::Oniguruma;
use crate::text::json::Value;
use std::time::{Duration, Instant};

/// What `ByteLevel` splits by, where it is told to.
const BYTE_LEVEL: &str =
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
const MAX_STEPS: usize = 32;

/// How long the steps of a text may take. One match is found in time that is linear in the text, but a
/// pattern may read the rest of it for each of very many: then it is given up. Published patterns need
/// less than a hundredth of this.
const MAX_TIME: Duration = Duration::from_secs(5);
const MAX_TIME_PER_BYTE: Duration = Duration::from_micros(10);
/// After so many matches the clock is read.
const CHECK_AFTER: u32 = 16;
/// If more has gone by between two readings, the process was stopped.
const MAX_STEP: Duration = Duration::from_secs(1);

pub struct Steps(Vec<Step>);

struct Step {
    find: Find,
    keeps_matches: bool,
    keeps_gaps: bool,
}

enum Find {
    Regex(Box<Oniguruma>),
    /// Each numeric character, or a run of them.
    Digits {
        are_single: bool,
    },
}

impl Steps {
    /// The steps of a pre-tokenizer whose last one is `ByteLevel`; None if one of them is not known.
    pub fn parse(json: &str) -> Option<Self> {
        let value = Value::parse(json).ok()?;
        let mut steps = Vec::new();
        match value.get("type")?.as_str()? {
            "Sequence" => {
                has(&value, &["pretokenizers"])?;
                let (last, others) = value.get("pretokenizers")?.items()?.split_last()?;
                for step in others {
                    steps.push(Step::from_json(step)?);
                }
                steps.extend(byte_level(last)?);
            }
            _ => steps.extend(byte_level(&value)?),
        }
        (steps.len() <= MAX_STEPS).then_some(Steps(steps))
    }

    /// Calls `visit` with the start and the end of each piece of a text, in order, until it returns
    /// false. Says false if it took so long that the text was given up.
    #[must_use]
    pub fn each_piece(&self, text: &str, visit: &mut impl FnMut(usize, usize) -> bool) -> bool {
        let mut time = Time::of(text);
        split(&self.0, text, 0, text.len(), &mut time, visit);
        !time.is_over
    }
}

/// The time that is left.
struct Time {
    left: Duration,
    checked: Instant,
    matches: u32,
    is_over: bool,
}

impl Time {
    fn of(text: &str) -> Self {
        let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
        Time {
            left: MAX_TIME + MAX_TIME_PER_BYTE * bytes,
            checked: Instant::now(),
            matches: 0,
            is_over: false,
        }
    }

    /// Takes note of a match that was looked for, and says whether there is time for another.
    fn goes_on(&mut self) -> bool {
        self.matches += 1;
        if self.matches == CHECK_AFTER {
            let now = Instant::now();
            let spent = now.duration_since(self.checked).min(MAX_STEP);
            self.is_over = spent > self.left;
            self.left = self.left.saturating_sub(spent);
            (self.checked, self.matches) = (now, 0);
        }
        !self.is_over
    }
}

/// Splits `text[start..end]`, and says whether to go on.
fn split(
    steps: &[Step],
    text: &str,
    start: usize,
    end: usize,
    time: &mut Time,
    visit: &mut impl FnMut(usize, usize) -> bool,
) -> bool {
    if start == end {
        return true;
    }
    let Some((step, later)) = steps.split_first() else {
        return visit(start, end);
    };
    let piece = &text[start..end];
    let mut done = 0;
    while done < piece.len() {
        let (from, to) = step.find(piece, done).unwrap_or((piece.len(), piece.len()));
        if !time.goes_on() {
            return false;
        }
        if step.keeps_gaps && !split(later, text, start + done, start + from, time, visit) {
            return false;
        }
        if step.keeps_matches && !split(later, text, start + from, start + to, time, visit) {
            return false;
        }
        done = to;
    }
    true
}

impl Step {
    fn from_json(value: &Value<'_>) -> Option<Self> {
        let isolated = |find| Step {
            find,
            keeps_matches: true,
            keeps_gaps: true,
        };
        match value.get("type")?.as_str()? {
            "Digits" => {
                has(value, &["individual_digits"])?;
                Some(isolated(Find::Digits {
                    are_single: value.get("individual_digits")?.as_bool()?,
                }))
            }
            "Split" => {
                has(value, &["pattern", "behavior", "invert"])?;
                let [(kind, pattern)] = value.get("pattern")?.entries()? else {
                    return None;
                };
                let regex = (kind == "Regex").then(|| Oniguruma::new(pattern.as_str()?))??;
                let is_inverted = value.get("invert")?.as_bool()?;
                let is_removed = match value.get("behavior")?.as_str()? {
                    "Isolated" => false,
                    "Removed" => true,
                    _ => return None,
                };
                Some(Step {
                    find: Find::Regex(Box::new(regex)),
                    keeps_matches: !is_removed || is_inverted,
                    keeps_gaps: !is_removed || !is_inverted,
                })
            }
            _ => None,
        }
    }

    fn find(&self, piece: &str, at: usize) -> Option<(usize, usize)> {
        match &self.find {
            Find::Regex(regex) => regex.find(piece, at),
            &Find::Digits { are_single } => {
                let start = at + piece[at..].find(char::is_numeric)?;
                let length = match are_single {
                    true => piece[start..].chars().next()?.len_utf8(),
                    false => {
                        let digits = &piece[start..];
                        digits
                            .find(|c: char| !c.is_numeric())
                            .unwrap_or(digits.len())
                    }
                };
                Some((start, start + length))
            }
        }
    }
}

/// The step that `ByteLevel` is, if it splits at all.
fn byte_level(value: &Value<'_>) -> Option<Option<Step>> {
    has(value, &["add_prefix_space", "trim_offsets", "use_regex"])?;
    let is = |key| value.get(key).map(Value::as_bool);
    if value.get("type")?.as_str()? != "ByteLevel" || is("add_prefix_space")?? {
        return None;
    }
    Some(match is("use_regex") {
        Some(uses) if !uses? => None,
        _ => Some(Step {
            find: Find::Regex(Box::new(Oniguruma::new(BYTE_LEVEL)?)),
            keeps_matches: true,
            keeps_gaps: true,
        }),
    })
}

/// Some if a step has no keys but these: others are an error here, and are skipped in the library.
fn has(value: &Value<'_>, keys: &[&str]) -> Option<()> {
    let is_known = |key: &str| key == "type" || keys.contains(&key);
    let entries = value.entries()?;
    entries.iter().all(|(key, _)| is_known(key)).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_given_up_when_its_time_is_over() {
        let json = r#"{"type":"Sequence","pretokenizers":[
            {"type":"Split","pattern":{"Regex":"a[^b]*b|a"},"behavior":"Isolated","invert":false},
            {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}"#;
        let steps = Steps::parse(json).expect("steps");
        let text = "a".repeat(100);
        let mut pieces = 0;
        assert!(steps.each_piece(&text, &mut |_, _| {
            pieces += 1;
            true
        }));
        assert_eq!(pieces, 100);
        let mut time = Time::of(&text);
        time.left = Duration::ZERO;
        pieces = 0;
        split(&steps.0, &text, 0, text.len(), &mut time, &mut |_, _| {
            pieces += 1;
            true
        });
        assert!(time.is_over);
        assert_eq!(pieces, CHECK_AFTER - 1);
    }
}
