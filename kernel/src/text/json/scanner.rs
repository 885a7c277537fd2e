//! A scanner of JSON, for files that are a few very large objects and arrays.
//!
//! It goes through the text once. Strings without escapes, nearly all, are borrowed from it. It does not
//! judge what it skips: that is read again by a JSON parser.

use std::borrow::Cow;
use std::sync::LazyLock;

/// The highest power of ten in double precision.
const MAX_POWER: i32 = 308;

/// The powers of ten.
static POWERS: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let power = |exponent| format!("1e{exponent}").parse();
    (0..=MAX_POWER)
        .map_while(|exponent| power(exponent).ok())
        .collect()
});

/// This is not JSON of the kind that is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Scanner { text, at: 0 }
    }

    /// The offset of the next byte that is not white space.
    pub fn offset(&mut self) -> usize {
        self.peek();
        self.at
    }

    /// The end of what was taken last.
    pub fn end(&self) -> usize {
        self.at
    }

    /// The next byte that is not white space.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            let next = *self.text.as_bytes().get(self.at)?;
            if !matches!(next, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(next);
            }
            self.at += 1;
        }
    }

    /// Takes this byte, if it is the next one.
    pub fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    pub fn expect(&mut self, wanted: u8) -> Result<(), Unreadable> {
        self.take(wanted).then_some(()).ok_or(Unreadable)
    }

    /// Calls `read` for each item between these brackets, which it has to take.
    pub fn each(
        &mut self,
        open: u8,
        close: u8,
        mut read: impl FnMut(&mut Self) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        self.expect(open)?;
        if self.take(close) {
            return Ok(());
        }
        loop {
            read(self)?;
            if !self.take(b',') {
                return self.expect(close);
            }
        }
    }

    /// Calls `read` with each key of an object; it has to take the value.
    pub fn each_member(
        &mut self,
        mut read: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        self.each(b'{', b'}', |scanner| {
            let key = scanner.string()?;
            scanner.expect(b':')?;
            read(scanner, key)
        })
    }

    pub fn string(&mut self) -> Result<Cow<'a, str>, Unreadable> {
        self.expect(b'"')?;
        let start = self.at;
        let plain = self.plain()?;
        if self.text.as_bytes()[self.at] == b'"' {
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        self.at = start;
        self.escaped().map(Cow::Owned)
    }

    /// The text up to the next quote or backslash.
    fn plain(&mut self) -> Result<&'a str, Unreadable> {
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let length = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | ..0x20));
        self.at += length.ok_or(Unreadable)?;
        if self.text.as_bytes()[self.at] < 0x20 {
            return Err(Unreadable);
        }
        Ok(&self.text[start..self.at])
    }

    /// The rest of a string with escapes.
    fn escaped(&mut self) -> Result<String, Unreadable> {
        let mut string = String::new();
        loop {
            let plain = self.plain()?;
            string.try_reserve(plain.len()).map_err(|_| Unreadable)?;
            string.push_str(plain);
            self.at += 1;
            if self.text.as_bytes()[self.at - 1] == b'"' {
                return Ok(string);
            }
            let escape = *self.text.as_bytes().get(self.at).ok_or(Unreadable)?;
            self.at += 1;
            string.push(match escape {
                b'"' | b'\\' | b'/' => char::from(escape),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unicode_escape()?,
                _ => return Err(Unreadable),
            });
        }
    }

    fn unicode_escape(&mut self) -> Result<char, Unreadable> {
        let first = self.hexadecimal()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or(Unreadable);
        }
        if self.text.as_bytes().get(self.at..self.at + 2) != Some(b"\\u") {
            return Err(Unreadable);
        }
        self.at += 2;
        let second = self.hexadecimal()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(Unreadable);
        }
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(Unreadable)
    }

    fn hexadecimal(&mut self) -> Result<u32, Unreadable> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Unreadable)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Unreadable);
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Unreadable)
    }

    /// A number without sign, point or exponent.
    pub fn integer(&mut self) -> Result<u32, Unreadable> {
        self.number()?.parse().map_err(|_| Unreadable)
    }

    /// A number, by the grammar of JSON, as it is spelled.
    pub fn number(&mut self) -> Result<&'a str, Unreadable> {
        self.peek();
        let start = self.at;
        self.take_any(b"-");
        let integer = self.at;
        let is_padded = self.text[integer..].starts_with('0');
        let digits = self.digits();
        if digits == 0 || (digits > 1 && is_padded) {
            return Err(Unreadable);
        }
        if self.take_any(b".") && self.digits() == 0 {
            return Err(Unreadable);
        }
        if self.take_any(b"eE") {
            self.take_any(b"+-");
            if self.digits() == 0 {
                return Err(Unreadable);
            }
        }
        Ok(&self.text[start..self.at])
    }

    /// Takes one of these bytes, if it comes at once.
    fn take_any(&mut self, wanted: &[u8]) -> bool {
        let next = self.text.as_bytes().get(self.at);
        let found = next.is_some_and(|next| wanted.contains(next));
        self.at += usize::from(found);
        found
    }

    /// Takes digits, and returns how many.
    fn digits(&mut self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        digits
    }

    /// Takes `true`, `false` or `null`.
    pub fn word(&mut self, word: &str) -> Result<(), Unreadable> {
        self.peek();
        if !self.text[self.at..].starts_with(word) {
            return Err(Unreadable);
        }
        self.at += word.len();
        Ok(())
    }

    /// A number in double precision, as `serde_json` reads it, which `tokenizers` has: its digits as an
    /// integer, times or by a power of ten. That is not always the number nearest to what is written.
    pub fn double(&mut self) -> Result<f64, Unreadable> {
        let is_negative = self.take(b'-');
        let (mut digits, mut exponent) = (0_u64, 0_i32);
        let start = self.at;
        while let Some(more) = self.digit(digits) {
            digits = more.ok_or(Unreadable)?;
        }
        let whole = &self.text[start..self.at];
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(Unreadable);
        }
        if self.take_next(b".") {
            let start = self.at;
            let mut is_full = false;
            while let Some(more) = self.digit(digits) {
                match more.filter(|_| !is_full) {
                    Some(more) => (digits, exponent) = (more, exponent - 1),
                    None => is_full = true, // what follows is not looked at
                }
            }
            if self.at == start {
                return Err(Unreadable);
            }
        }
        if self.take_next(b"eE") {
            let is_below = self.take_next(b"-");
            if !is_below {
                self.take_next(b"+");
            }
            let start = self.at;
            let mut power = 0;
            while let Some(more) = self.digit(power) {
                power = more.ok_or(Unreadable)?;
            }
            let power = i32::try_from(power).map_err(|_| Unreadable)?;
            if self.at == start || power > MAX_POWER {
                return Err(Unreadable);
            }
            exponent += if is_below { -power } else { power };
        }
        let power = POWERS.get(exponent.unsigned_abs() as usize);
        let (digits, power) = (digits as f64, power.ok_or(Unreadable)?);
        let value = if exponent < 0 {
            digits / power
        } else {
            digits * power
        };
        let value = if is_negative { -value } else { value };
        value.is_finite().then_some(value).ok_or(Unreadable)
    }

    /// Takes a digit, if there is one, and appends it to others; `Some(None)` if there are too many.
    fn digit(&mut self, before: u64) -> Option<Option<u64>> {
        let digit = self.text.as_bytes().get(self.at)?.wrapping_sub(b'0');
        (digit < 10).then(|| {
            self.at += 1;
            before.checked_mul(10)?.checked_add(u64::from(digit))
        })
    }

    /// Takes the very next byte, if it is one of these.
    fn take_next(&mut self, wanted: &[u8]) -> bool {
        let next = self.text.as_bytes().get(self.at);
        let found = next.is_some_and(|next| wanted.contains(next));
        self.at += usize::from(found);
        found
    }

    /// Goes to the end of a value, without a look at what it is.
    pub fn skip(&mut self) -> Result<(), Unreadable> {
        let mut depth = 0_usize;
        loop {
            match self.peek().ok_or(Unreadable)? {
                b'"' => self.skip_string()?,
                b'{' | b'[' => {
                    self.at += 1;
                    depth += 1;
                }
                b'}' | b']' => {
                    self.at += 1;
                    depth = depth.checked_sub(1).ok_or(Unreadable)?;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                b',' | b':' => return Err(Unreadable),
                _ => self.skip_word(),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn skip_string(&mut self) -> Result<(), Unreadable> {
        self.at += 1;
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
            self.at += end.ok_or(Unreadable)? + 1;
            if self.text.as_bytes()[self.at - 1] == b'"' {
                return Ok(());
            }
            self.at = (self.at + 1).min(self.text.len());
        }
    }

    /// A number, `true`, `false` or `null`, or what is none of these.
    fn skip_word(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let end = rest
            .iter()
            .position(|byte| matches!(byte, b',' | b':' | b'}' | b']' | b'{' | b'[' | b'"'));
        self.at += end.unwrap_or(rest.len()).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        let string = |text| Scanner::new(text).string().map(Cow::into_owned);
        assert_eq!(string(r#" "aé""#), Ok("aé".to_owned()));
        assert_eq!(
            string(r#""\"\\\/\b\f\n\r\t\u00e9""#),
            Ok("\"\\/\u{8}\u{c}\n\r\té".to_owned())
        );
        assert_eq!(string(r#""x\ud83d\ude00""#), Ok("x😀".to_owned()));
        for odd in [
            r#""\ud83d""#,
            r#""\ud83dx""#,
            r#""\ud83d\u0041""#,
            r#""\ude00""#,
            r#""\u12"#,
            r#""\u+123""#,
            r#""\x""#,
            "\"a\nb\"",
            r#""a"#,
            r#""a\"#,
            "a",
            "",
        ] {
            assert_eq!(string(odd), Err(Unreadable), "{odd}");
        }
    }

    #[test]
    fn numbers() {
        let number = |text| Scanner::new(text).integer();
        assert_eq!(number(" 120 "), Ok(120));
        assert_eq!(number("4294967295"), Ok(u32::MAX));
        for odd in ["4294967296", "-1", "1.0", "1e3", "01", "", "x", "+1"] {
            assert_eq!(number(odd), Err(Unreadable), "{odd}");
        }
    }

    #[test]
    fn numbers_in_double_precision() {
        let number = |text| Scanner::new(text).double();
        for (text, value) in [
            ("0", 0.0),
            (" -3.4635426998138428 ", -3.4635426998138428),
            ("-12.5e-1", -1.25),
            ("2E3", 2000.0),
            ("1e+2", 100.0),
            ("0.1234567890123456789012345", 0.123_456_789_012_345_68),
            ("18446744073709551615", 18_446_744_073_709_551_615.0),
        ] {
            let found: f64 = number(text).expect("a number");
            assert!(
                (found - value).abs() <= value.abs() * f64::EPSILON,
                "{text}: {found}"
            );
        }
        for odd in [
            "",
            "-",
            "- 1",
            "+1",
            ".5",
            "1.",
            "01",
            "1e",
            "1e400",
            "1e-400",
            "1.9e308",
            "18446744073709551616",
            "1e99999999999",
            "NaN",
            "1 .5",
        ] {
            let mut scanner = Scanner::new(odd);
            let is_read = scanner.double().is_ok() && scanner.end() == odd.len();
            assert!(!is_read, "{odd}");
        }
    }

    #[test]
    fn values_are_skipped() {
        for value in [
            "{\"a\": [1, {\"b]\": \"\\\"]\"}], \"c\": null}",
            "[]",
            "\"a\\\\\"",
            "1.5e3",
            "true",
        ] {
            let text = format!("{value},");
            let mut scanner = Scanner::new(&text);
            assert_eq!(scanner.skip(), Ok(()));
            assert_eq!(scanner.offset(), value.len(), "{value}");
        }
        for value in ["[1", "\"a", "]", ",", "", "\"\\"] {
            assert_eq!(Scanner::new(value).skip(), Err(Unreadable), "{value}");
        }
    }
}
