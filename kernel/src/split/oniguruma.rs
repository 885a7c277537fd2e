//! Regular expressions as Oniguruma reads them, of which `tokenizers` has those of a tokenizer.json.
//!
//! What is written in the few constructs that are here means the same to `regex-automata`, which finds
//! each match of it in linear time; a pattern with anything else is not known. They are: characters, `\r`, `\n`, `\t`,
//! `.`, `$` (the end of a line), `\s`, `\d`, some of `\p{..}`, classes of these, groups, alternatives, and greedy repetition of
//! what is not empty. (Of `\w` and of most of `(?i:..)` the two know different characters.)
//!
//! Every pattern that goes back to GPT-2's has `\s+(?!\S)`, too: white space up to the last character
//! before something else. As an alternative of its own, that is white space up to the end of the text,
//! or two and more characters of it of which the last one is given back.

use regex_automata::Input;
use regex_automata::meta::{BuildError, Config, Regex};
use regex_syntax::hir::Hir;

/// The properties whose tables are the same in both.
const PROPERTIES: [&str; 12] = [
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "N", "Nd", "P", "S",
];
const LOOK_AHEAD: &str = r"\s+(?!\S)";
const CONTRACTIONS: &str = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
/// `ſ` is an `s` where case is folded.
const FOLDED_CONTRACTIONS: &str =
    "(?:'[sS\u{17f}]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
const MAX_REPETITIONS: u32 = 1000;
const MAX_DEPTH: usize = 32;
/// Of a compiled pattern, in bytes.
const MAX_SIZE: usize = 1 << 24;

pub struct Oniguruma {
    /// Several patterns, the first of which that matches counts. Every other one gives its last
    /// character back.
    regex: Regex,
}

impl Oniguruma {
    /// None if the pattern is not known to mean the same here, or may match nothing at all.
    pub fn new(pattern: &str) -> Option<Self> {
        let mut parts = vec![String::new()];
        let mut reader = Reader {
            rest: pattern,
            depth: 0,
        };
        loop {
            let mut alternative = String::new();
            if let Some(after) = after_look_ahead(reader.rest) {
                reader.rest = after;
                add(&mut parts, r"\s+\z");
                parts.extend([r"\s+\s".to_owned(), String::new()]);
            } else {
                if reader.sequence(&mut alternative)? {
                    return None;
                }
                add(&mut parts, &alternative);
            }
            match reader.rest.strip_prefix('|') {
                Some(rest) => reader.rest = rest,
                None if reader.rest.is_empty() => break,
                None => return None,
            }
        }
        if parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
        let patterns = parts.iter().map(|part| regex_syntax::parse(part).ok());
        let patterns: Vec<Hir> = patterns.collect::<Option<_>>()?;
        let is_empty = |hir: &Hir| hir.properties().minimum_len() == Some(0);
        if patterns.iter().any(is_empty) {
            return None;
        }
        Some(Oniguruma {
            regex: compile(&patterns).ok()?,
        })
    }

    /// The next match at or after an offset of a text: its start and its end.
    #[inline]
    pub fn find(&self, text: &str, at: usize) -> Option<(usize, usize)> {
        let found = self.regex.find(Input::new(text).range(at..))?;
        let mut end = found.end();
        if found.pattern().as_usize() % 2 == 1 {
            end -= text[..end].chars().next_back().map_or(0, char::len_utf8);
        }
        Some((found.start(), end))
    }
}

fn compile(patterns: &[Hir]) -> Result<Regex, Box<BuildError>> {
    let config = Config::new().nfa_size_limit(Some(MAX_SIZE));
    let regex = Regex::builder()
        .configure(config)
        .build_many_from_hir(patterns);
    regex.map_err(Box::new)
}

/// What follows `\s+(?!\S)`, if that is the next alternative.
fn after_look_ahead(pattern: &str) -> Option<&str> {
    let after = pattern.strip_prefix(LOOK_AHEAD)?;
    (after.is_empty() || after.starts_with('|')).then_some(after)
}

/// Adds an alternative to the last part.
fn add(parts: &mut [String], alternative: &str) {
    if let Some(last) = parts.last_mut() {
        if !last.is_empty() {
            last.push('|');
        }
        last.push_str(alternative);
    }
}

/// Reads a pattern, and writes the same for `regex-automata`.
struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn skip(&mut self, expected: &str) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Alternatives up to the end of a group; whether one may be empty.
    fn alternatives(&mut self, out: &mut String) -> Option<bool> {
        let mut may_be_empty = self.sequence(out)?;
        while self.skip("|") {
            out.push('|');
            may_be_empty |= self.sequence(out)?;
        }
        Some(may_be_empty)
    }

    /// What is up to a `|` or a `)`; whether it may be empty.
    fn sequence(&mut self, out: &mut String) -> Option<bool> {
        let mut may_be_empty = true;
        while !self.rest.is_empty() && !self.rest.starts_with(['|', ')']) {
            let is_empty_atom = self.atom(out)?;
            may_be_empty &= self.repetition(out, is_empty_atom)? || is_empty_atom;
        }
        Some(may_be_empty)
    }

    fn atom(&mut self, out: &mut String) -> Option<bool> {
        if self.skip(CONTRACTIONS) {
            out.push_str(FOLDED_CONTRACTIONS);
            return Some(false);
        }
        match self.next()? {
            '(' => {
                let is_plain = self.skip("?:") || !self.rest.starts_with(['?', '*']);
                self.depth += 1;
                if !is_plain || self.depth > MAX_DEPTH {
                    return None;
                }
                out.push_str("(?:");
                let may_be_empty = self.alternatives(out)?;
                out.push(')');
                self.depth -= 1;
                self.skip(")").then_some(may_be_empty)
            }
            '[' => self.class(out).map(|()| false),
            '\\' => self.escape(out).map(|()| false),
            '.' => {
                out.push('.');
                Some(false)
            }
            // The end of a line, which is no character.
            '$' if self.rest.is_empty() || self.rest.starts_with(['|', ')']) => {
                out.push_str("(?m:$)");
                Some(true)
            }
            '*' | '+' | '?' | '{' | '}' | ']' | '^' | '$' => None,
            literal => {
                push(literal, out);
                Some(false)
            }
        }
    }

    /// What is after a `\`, in a class or not; whether it is a single character.
    fn escape(&mut self, out: &mut String) -> Option<()> {
        match self.next()? {
            c @ ('r' | 'n' | 't' | 's' | 'S' | 'd' | 'D') => {
                out.push('\\');
                out.push(c);
            }
            c @ ('p' | 'P') => {
                let (name, rest) = self.rest.strip_prefix('{')?.split_once('}')?;
                PROPERTIES.contains(&name).then_some(())?;
                self.rest = rest;
                out.push('\\');
                out.push(c);
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
            c if c.is_ascii_punctuation() => push(c, out),
            _ => return None,
        }
        Some(())
    }

    /// What is after a `[`.
    fn class(&mut self, out: &mut String) -> Option<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        out.push('[');
        if self.skip("^") {
            out.push('^');
        }
        if self.rest.starts_with(']') {
            return None;
        }
        let mut is_start = true;
        while !self.skip("]") {
            if self.skip("[") {
                if self.rest.starts_with(':') {
                    return None;
                }
                self.class(out)?;
            } else if self.rest.starts_with("&&") {
                return None;
            } else {
                self.class_member(is_start, out)?;
            }
            is_start = false;
        }
        out.push(']');
        self.depth -= 1;
        Some(())
    }

    /// A character, a range of them, or an escape.
    fn class_member(&mut self, is_start: bool, out: &mut String) -> Option<()> {
        let is_plain = !self.rest.starts_with(['\\', '-']);
        match self.next()? {
            '\\' => {
                let is_character = self.rest.starts_with(|c: char| !c.is_ascii_alphabetic());
                self.escape(out)?;
                // A range from there would be read here as one, too, but is in no known file.
                let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
                return (is_character || !is_range)
                    .then_some(())
                    .filter(|()| !is_range);
            }
            '-' if !is_start && !self.rest.starts_with(']') => return None,
            c => push(c, out),
        }
        if is_plain && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
            self.next();
            let end = self.next().filter(|c| !['\\', '[', '-'].contains(c))?;
            out.push('-');
            push(end, out);
        }
        Some(())
    }

    /// A quantifier, if there is one; whether it may be none at all.
    fn repetition(&mut self, out: &mut String, is_empty_atom: bool) -> Option<bool> {
        let at_least;
        match self.rest.chars().next() {
            Some(quantifier @ ('?' | '*' | '+')) => {
                self.next();
                out.push(quantifier);
                at_least = u32::from(quantifier == '+');
            }
            Some('{') => {
                let (content, rest) = self.rest[1..].split_once('}')?;
                self.rest = rest;
                let number = |digits: &str| {
                    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
                    let number: u32 = digits.parse().ok().filter(|_| is_plain)?;
                    (number <= MAX_REPETITIONS).then_some(number)
                };
                let (low, high) = content.split_once(',').unwrap_or((content, content));
                at_least = number(low)?;
                if !high.is_empty() {
                    // Oniguruma swaps the two.
                    number(high).filter(|&high| high >= at_least.max(1))?;
                }
                out.push('{');
                out.push_str(content);
                out.push('}');
            }
            _ => return Some(false),
        }
        // Lazy and possessive ones, and repetitions of repetitions.
        let is_odd = self.rest.starts_with(['?', '*', '+', '{']);
        (!is_odd && !is_empty_atom).then_some(at_least == 0)
    }
}

/// Writes a character that stands for itself.
fn push(literal: char, out: &mut String) {
    out.push_str(&format!("\\x{{{:x}}}", u32::from(literal)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces<'a>(pattern: &str, text: &'a str) -> Vec<&'a str> {
        let regex = Oniguruma::new(pattern).expect("it is known");
        let (mut found, mut at) = (Vec::new(), 0);
        while let Some((start, end)) = regex.find(text, at) {
            found.push(&text[start..end]);
            at = end;
        }
        found
    }

    #[test]
    fn white_space_gives_a_character_back() {
        let pattern = r"\p{L}+|\s+(?!\S)| ?\p{N}|\s";
        assert_eq!(
            pieces(pattern, "a  1 b \u{3000}"),
            ["a", " ", " 1", " ", "b", " \u{3000}"]
        );
        assert_eq!(pieces(r"\s+(?!\S)", "  a "), [" ", " "]);
    }

    #[test]
    fn what_is_known() {
        for pattern in [
            r"[^\r\n\p{L}]?(a|bc)+",
            r"[+\-a-z[.,]]{1,3}",
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|x",
        ] {
            assert!(Oniguruma::new(pattern).is_some(), "{pattern}");
        }
    }

    #[test]
    fn what_is_not_known() {
        for pattern in [
            "",
            "|a",
            r"\s+(?!\S)|",
            "a*",
            "a|",
            "a++",
            "a{2}+",
            "a{,3}",
            "a{3,1}",
            "a+?",
            r"\w",
            r"\p{Han}",
            r"\p{^L}",
            "[[:alpha:]]",
            "[a&&b]",
            "(a",
            "a)",
            "[a",
            "[]a]",
            "(?i:a)",
            "(?=a)",
            "(?<n>a)",
            "(a*)+",
            "^a",
            "a$b",
            "$",
            "a$+",
            r"\1",
            r"\b",
            "}",
            r"a\s+(?!\S)",
            r"(\s+(?!\S))",
            r"[\s-z]",
            r"[a-\s]",
            "a\\",
        ] {
            assert!(Oniguruma::new(pattern).is_none(), "{pattern}");
        }
    }
}
