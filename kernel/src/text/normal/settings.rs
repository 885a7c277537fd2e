//! The normalizer of a `tokenizer.json`, from its settings.

use crate::text::json::Value;
use crate::text::normal::Normalizer;
use crate::text::normal::bert::Bert;
use crate::text::normal::charsmap::Charsmap;
use crate::text::normal::step::{Runs, Step};

impl Normalizer {
    /// A normalizer that does exactly what `tokenizers` does with these settings; None if that is not
    /// known of them.
    pub fn from_json(settings: &Value) -> Option<Self> {
        let mut steps = Vec::new();
        if !settings.is_null() {
            add_steps(settings, &mut steps)?;
        }
        Some(Normalizer::of_steps(steps))
    }
}

fn add_steps(settings: &Value, steps: &mut Vec<Step>) -> Option<()> {
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
        "Prepend" => Step::Prepend(text("prepend")?.to_owned()),
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
