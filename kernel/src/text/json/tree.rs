//! JSON, read into a tree that borrows from the text.
//!
//! What a tokenizer file may say twice or in two ways is an error here, so that what
//! is read is what every reader reads: a key that is there twice, half a surrogate pair, a number or
//! a nesting that readers differ about.

use crate::text::json::scanner::{Scanner, Unreadable};
use std::borrow::Cow;
use std::collections::HashSet;

/// How deep arrays and objects may be nested.
const MAX_DEPTH: usize = 100;
/// An object of up to this many keys is searched for a second one of the same name by comparing all.
const FEW_KEYS: usize = 16;

#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    /// As it is spelled.
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Value<'a>>),
    /// In the order of the text. No key is there twice.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Value<'a> {
    pub fn parse(text: &'a str) -> Result<Self, Unreadable> {
        let mut scanner = Scanner::new(text);
        let value = value(&mut scanner, 0)?;
        scanner.peek().is_none().then_some(value).ok_or(Unreadable)
    }

    /// The value of a key of an object; None if it is no object or has no such key.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        let found = self.entries()?.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value)
    }

    pub fn entries(&self) -> Option<&[(Cow<'a, str>, Value<'a>)]> {
        match self {
            Value::Object(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn items(&self) -> Option<&[Value<'a>]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// An integer that is spelled as one.
    pub fn as_u32(&self) -> Option<u32> {
        match self {
            Value::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        *self == Value::Null
    }
}

fn value<'a>(scanner: &mut Scanner<'a>, depth: usize) -> Result<Value<'a>, Unreadable> {
    if depth > MAX_DEPTH {
        return Err(Unreadable);
    }
    let word = |scanner: &mut Scanner<'a>, word, value| scanner.word(word).map(|()| value);
    match scanner.peek().ok_or(Unreadable)? {
        b'{' => {
            let mut entries = Vec::new();
            scanner.each_member(|scanner, key| {
                entries.try_reserve(1).map_err(|_| Unreadable)?;
                entries.push((key, value(scanner, depth + 1)?));
                Ok(())
            })?;
            let are_distinct = are_distinct(&entries);
            are_distinct
                .then_some(Value::Object(entries))
                .ok_or(Unreadable)
        }
        b'[' => {
            let mut items = Vec::new();
            scanner.each(b'[', b']', |scanner| {
                items.try_reserve(1).map_err(|_| Unreadable)?;
                items.push(value(scanner, depth + 1)?);
                Ok(())
            })?;
            Ok(Value::Array(items))
        }
        b'"' => scanner.string().map(Value::String),
        b't' => word(scanner, "true", Value::Bool(true)),
        b'f' => word(scanner, "false", Value::Bool(false)),
        b'n' => word(scanner, "null", Value::Null),
        _ => scanner.number().map(Value::Number),
    }
}

/// Whether no key is there twice.
fn are_distinct(entries: &[(Cow<'_, str>, Value<'_>)]) -> bool {
    if entries.len() <= FEW_KEYS {
        let mut pairs = entries.iter().enumerate();
        return pairs.all(|(i, (key, _))| entries[..i].iter().all(|(other, _)| other != key));
    }
    let mut seen = HashSet::new();
    seen.try_reserve(entries.len()).is_ok() && entries.iter().all(|(key, _)| seen.insert(&**key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values() -> impl Strategy<Value = Value<'static>> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            proptest::sample::select(vec!["0", "-1", "17", "0.5", "1e5", "-2.25E-7"])
                .prop_map(Value::Number),
            any::<String>().prop_map(|text| Value::String(text.into())),
        ];
        leaf.prop_recursive(4, 40, 30, |inner| {
            let keyed = proptest::collection::btree_map(any::<String>(), inner.clone(), 0..30);
            prop_oneof![
                proptest::collection::vec(inner, 0..6).prop_map(Value::Array),
                keyed.prop_map(|keyed| {
                    Value::Object(keyed.into_iter().map(|(k, v)| (k.into(), v)).collect())
                }),
            ]
        })
    }

    /// Writes a value, each character of a string in one of the ways there are.
    fn write(value: &Value<'_>, way: u8, json: &mut String) {
        match value {
            Value::Null => json.push_str(" null"),
            Value::Bool(value) => json.push_str(if *value { "true" } else { "false\n" }),
            Value::Number(number) => json.push_str(number),
            Value::String(text) => write_string(text, way, json),
            Value::Array(items) => {
                json.push('[');
                for (i, item) in items.iter().enumerate() {
                    json.push_str(if i > 0 { " , " } else { "" });
                    write(item, way, json);
                }
                json.push_str("\t]");
            }
            Value::Object(entries) => {
                json.push('{');
                for (i, (key, value)) in entries.iter().enumerate() {
                    json.push_str(if i > 0 { "," } else { " " });
                    write_string(key, way, json);
                    json.push_str(" :");
                    write(value, way, json);
                }
                json.push('}');
            }
        }
    }

    fn write_string(text: &str, way: u8, json: &mut String) {
        json.push('"');
        for (i, c) in text.chars().enumerate() {
            let is_escaped =
                c < ' ' || matches!(c, '"' | '\\') || (i as u8 ^ way).is_multiple_of(3);
            match c {
                '\n' if way.is_multiple_of(2) => json.push_str("\\n"),
                '"' | '\\' | '/' if way.is_multiple_of(2) => json.extend(['\\', c]),
                _ if is_escaped => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        json.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                _ => json.push(c),
            }
        }
        json.push('"');
    }

    proptest! {
        #[test]
        fn reads_what_was_written(value in values(), way in any::<u8>()) {
            let mut json = String::new();
            write(&value, way, &mut json);
            prop_assert_eq!(Value::parse(&json), Ok(value));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\]{}\",:0-9a\\\\ue.+ -]{0,40}") {
            if Value::parse(&text).is_ok() {
                let mut scanner = Scanner::new(&text);
                prop_assert_eq!(scanner.skip(), Ok(()));
                prop_assert_eq!(scanner.peek(), None);
            }
        }
    }

    #[test]
    fn refuses_what_readers_differ_about() {
        for json in [
            "",
            "01",
            "-",
            "1.",
            ".5",
            "+1",
            "1e",
            "NaN",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\":1,\"a\":1}",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\u00g0\"",
            "\"\\x\"",
            "\"\n\"",
            "\"",
            "\"\\",
            "tru",
            "1 2",
            "{1:2}",
            "[1 2]",
            "\u{feff}1",
        ] {
            assert!(Value::parse(json).is_err(), "{json}");
        }
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Value::parse(&nested(MAX_DEPTH)).is_ok());
        assert!(Value::parse(&nested(1 << 20)).is_err());
    }
}
