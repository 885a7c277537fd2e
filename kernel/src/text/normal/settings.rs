//! The normalizer of a `tokenizer.json`, from its settings.

use crate::text::json::Value;
use crate::text::normal::Normalizer;
use crate::text::normal::bert::Bert;
use crate::text::normal::charsmap::Charsmap;
use crate::text::normal::step::{Runs, Step};

/// How many bytes a byte of a text may become, and how many may be put before a text: the kernel has no
/// process of its own, as the library has, whose memory a file may use up. ALBERT's normalizer, which
/// decomposes twice, has 242.
const MAX_GROWTH: usize = 1 << 8;
const MAX_PREFIX: usize = 1 << 10;
/// How many steps there may be, since each takes time.
const MAX_STEPS: usize = 1 << 5;

impl Normalizer {
    /// A normalizer that does exactly what `tokenizers` does with these settings; None if that is not
    /// known of them, or would make a text much longer.
    pub fn from_json(settings: &Value) -> Option<Self> {
        let mut steps = Vec::new();
        if !settings.is_null() {
            add_steps(settings, &mut steps)?;
        }
        let growth = |all: usize, step: &Step| all.saturating_mul(step.growth().max(1));
        let is_bounded = steps.iter().fold(1, growth) <= MAX_GROWTH;
        is_bounded.then(|| Normalizer::of_steps(steps))
    }
}

fn add_steps(settings: &Value, steps: &mut Vec<Step>) -> Option<()> {
    if steps.len() >= MAX_STEPS {
        return None;
    }
    let text = |key| settings.get(key)?.as_str();
    let flag = |key| settings.get(key)?.as_bool();
    steps.push(match text("type")? {
        "Sequence" => {
            let mut all = settings.get("normalizers")?.items()?.iter();
            return all.try_for_each(|settings| add_steps(settings, steps));
        }
        "BertNormalizer" => Step::Bert(Bert::from_json(settings)?),
        "NFC" => Step::Nfc,
        "NFD" => Step::Nfd,
        "NFKC" => Step::Nfkc,
        "NFKD" => Step::Nfkd,
        "Lowercase" => Step::Lowercase,
        "StripAccents" => Step::StripAccents,
        "Nmt" => Step::Nmt,
        "Strip" => Step::Strip {
            left: flag("strip_left")?,
            right: flag("strip_right")?,
        },
        "Prepend" => {
            let prefix = text("prepend").filter(|prefix| prefix.len() <= MAX_PREFIX);
            Step::Prepend(prefix?.to_owned())
        }
        "Replace" => replace(settings.get("pattern")?, text("content")?.to_owned())?,
        "Precompiled" => {
            Step::Charsmap(Charsmap::new(&from_base64(text("precompiled_charsmap")?)?)?)
        }
        _ => return None,
    });
    Some(())
}

fn replace(pattern: &Value, content: String) -> Option<Step> {
    let [(kind, pattern)] = pattern.entries()? else {
        return None;
    };
    let pattern = pattern.as_str()?;
    if &**kind == "String" && !pattern.is_empty() {
        return Some(Step::Replace {
            pattern: pattern.to_owned(),
            content,
        });
    }
    let (spaces, min) = match (&**kind, pattern) {
        ("Regex", " {2,}") => (true, 2),
        ("Regex", " +") => (true, 1),
        ("Regex", r"\s{2,}") => (false, 2),
        ("Regex", r"\s+") => (false, 1),
        _ => return None,
    };
    let runs = Runs { spaces, min };
    Some(Step::ReplaceRuns { runs, content })
}

/// The bytes that a text in base 64 stands for, in its strict form: with padding, without line breaks.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let (groups, rest) = text.as_bytes().as_chunks::<4>();
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(groups.len() * 3).ok()?;
    for (i, group) in groups.iter().enumerate() {
        let is_last = i + 1 == groups.len();
        let digits = match group {
            [_, _, b'=', b'='] if is_last => 2,
            [_, _, _, b'='] if is_last => 3,
            _ => 4,
        };
        let value = group[..digits].iter().try_fold(0, |value, &byte| {
            let digit = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            Some(value << 6 | u32::from(digit))
        })?;
        let (unused, length) = (6 * digits as u32 % 8, digits * 3 / 4);
        if value & ((1 << unused) - 1) != 0 {
            return None;
        }
        let [_, whole @ ..] = (value << (6 * (4 - digits))).to_be_bytes();
        bytes.extend_from_slice(&whole[..length]);
    }
    rest.is_empty().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_texts_much_longer_is_not_known() {
        let replace = |from: &str, to: &str| {
            format!(r#"{{"type":"Replace","pattern":{{"String":"{from}"}},"content":"{to}"}}"#)
        };
        let sequence = |steps: &[String]| {
            let steps = steps.join(",");
            format!(r#"{{"type":"Sequence","normalizers":[{steps}]}}"#)
        };
        let nfkc = r#"{"type":"NFKC"}"#.to_owned();
        let prepend =
            |length| format!(r#"{{"type":"Prepend","prepend":"{}"}}"#, "x".repeat(length));
        for (settings, is_known) in [
            (sequence(&[nfkc.clone(), replace(" ", "▁")]), true),
            (replace("a", &"a".repeat(MAX_GROWTH)), true),
            (replace("a", &"a".repeat(MAX_GROWTH + 1)), false),
            (replace("aa", &"a".repeat(2 * MAX_GROWTH)), true),
            (sequence(&vec![replace("a", "aa"); 8]), true),
            (sequence(&vec![replace("a", "aa"); 9]), false),
            (sequence(&vec![nfkc; 3]), false),
            (sequence(&vec![replace("a", "b"); MAX_STEPS]), true),
            (sequence(&vec![replace("a", "b"); MAX_STEPS + 1]), false),
            (prepend(MAX_PREFIX), true),
            (prepend(MAX_PREFIX + 1), false),
        ] {
            let value = Value::parse(&settings).unwrap();
            assert_eq!(
                Normalizer::from_json(&value).is_some(),
                is_known,
                "{settings:.90}"
            );
        }
    }

    #[test]
    fn base_64() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("TQ==", Some(b"M")),
            ("TWE=", Some(b"Ma")),
            ("TWFu", Some(b"Man")),
            ("TWFu+/8=", Some(b"Man\xfb\xff")),
            ("TQ", None),
            ("TR==", None),
            ("TQ==TQ==", None),
            ("T===", None),
        ] {
            assert_eq!(from_base64(text).as_deref(), bytes, "{text}");
        }
    }
}
