//! JSON, read into a tree that borrows from the text.
//!
//! For tokenizer files. What such a file may say twice or in two ways is an error here, so that what
//! is read is what every reader reads: a key that is there twice, half a surrogate pair, a number or
//! a nesting that readers differ about.

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

/// Not JSON, or not for certain: the offset in bytes up to which it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid(pub usize);

impl<'a> Value<'a> {
    pub fn parse(text: &'a str) -> Result<Self, Invalid> {
        let mut parser = Parser { text, at: 0 };
        let value = parser.value(0).ok_or(Invalid(parser.at))?;
        parser.skip_space();
        if parser.at < text.len() {
            return Err(Invalid(parser.at));
        }
        Ok(value)
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

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Takes a byte, after white space, if it is there.
    fn take(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn value(&mut self, depth: usize) -> Option<Value<'a>> {
        self.skip_space();
        if depth > MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string().map(Value::String),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number().map(Value::Number),
        }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Option<Value<'a>> {
        self.text[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn array(&mut self, depth: usize) -> Option<Value<'a>> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take(b']').is_some() {
            return Some(Value::Array(items));
        }
        loop {
            items.try_reserve(1).ok()?;
            items.push(self.value(depth + 1)?);
            if self.take(b',').is_none() {
                return self.take(b']').map(|()| Value::Array(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value<'a>> {
        self.at += 1;
        let mut entries = Vec::new();
        if self.take(b'}').is_some() {
            return Some(Value::Object(entries));
        }
        loop {
            self.skip_space();
            let key = (self.peek()? == b'"').then(|| self.string())??;
            self.take(b':')?;
            entries.try_reserve(1).ok()?;
            entries.push((key, self.value(depth + 1)?));
            if self.take(b',').is_none() {
                self.take(b'}')?;
                return are_distinct(&entries).then_some(Value::Object(entries));
            }
        }
    }

    /// A number, by the grammar of JSON.
    fn number(&mut self) -> Option<&'a str> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let first = self.peek()?;
        if self.digits() == 0 || (first == b'0' && self.digits_since(start) > 1) {
            return None;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return None;
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return None;
            }
        }
        Some(&self.text[start..self.at])
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn digits_since(&self, start: usize) -> usize {
        self.text[start..self.at].trim_start_matches('-').len()
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.at += 1;
        let plain = self.plain()?;
        if self.peek()? == b'"' {
            self.at += 1;
            return Some(Cow::Borrowed(plain));
        }
        let mut string = plain.to_owned();
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(Cow::Owned(string));
                }
                b'\\' => {
                    self.at += 1;
                    let escaped = self.escape()?;
                    string.push(escaped);
                }
                _ => {
                    let plain = self.plain()?;
                    string.try_reserve(plain.len()).ok()?;
                    string.push_str(plain);
                }
            }
        }
    }

    /// What is before the next quote or escape; None if there is none, or a control before it.
    fn plain(&mut self) -> Option<&'a str> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest
            .iter()
            .position(|&byte| matches!(byte, b'"' | b'\\' | ..0x20))?;
        let plain = &self.text[self.at..self.at + length];
        self.at += length;
        (rest[length] >= 0x20).then_some(plain)
    }

    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first);
                }
                let is_pair = self.text[self.at..].starts_with("\\u");
                self.at += 2;
                let second = is_pair.then(|| self.unit())??;
                let low = second.checked_sub(0xdc00).filter(|&low| low < 0x400)?;
                return char::from_u32(0x1_0000 + ((first - 0xd800) << 10 | low));
            }
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_hexadecimal.then(|| u32::from_str_radix(digits, 16).ok())?
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
        fn reads_any_text_or_says_where_it_stopped(text in "[\\[\\]{}\",:0-9a\\\\ue.+ -]{0,40}") {
            if let Err(Invalid(at)) = Value::parse(&text) {
                prop_assert!(at <= text.len() + 4);
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
