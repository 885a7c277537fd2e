//! A `tokenizer.json`: its vocabulary and its merges, and the rest.

use crate::bpe::table::OutOfMemory;
use crate::bpe::tokens::{Refused, Tokens};
use crate::text::json::{Scanner, Unreadable};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// A merge of two tokens, and what they become: their numbers.
pub type Merge = [u32; 3];

pub struct TokenizerJson {
    /// The file, in which `model.vocab` is `{}` and `model.merges` is `[]`, where it has them.
    pub rest: String,
    pub tokens: Arc<Tokens>,
    /// Of each token, where the vocabulary is a list of tokens and scores; their ids are those of the
    /// list, and so are their numbers.
    pub scores: Vec<f64>,
    pub merges: Vec<Merge>,
}

impl TokenizerJson {
    /// Reads a file that has its vocabulary, an object or a list, before its merges.
    pub fn read(data: &[u8]) -> Result<Self, Unreadable> {
        let text = str::from_utf8(data).map_err(|_| Unreadable)?;
        let mut reader = Reader {
            taken: Vec::new(),
            tokens: Tokens::new(data.len() / 8).map_err(|OutOfMemory| Unreadable)?,
            scores: Vec::new(),
            merges: Vec::new(),
        };
        let mut has_model = false;
        Scanner::new(text).each_member(|scanner, key| match key {
            Cow::Borrowed("model") if !has_model => {
                has_model = true;
                reader.read_model(scanner)
            }
            // Of two of a name the last one would count, and a name may be spelled with escapes.
            Cow::Borrowed("model") | Cow::Owned(_) => Err(Unreadable),
            Cow::Borrowed(_) => scanner.skip(),
        })?;
        let mut rest = String::new();
        let mut end = 0;
        for taken in reader.taken {
            rest.push_str(&text[end..taken.start]);
            rest.push_str(match text.as_bytes()[taken.start] {
                b'{' => "{}",
                _ => "[]",
            });
            end = taken.end;
        }
        rest.push_str(&text[end..]);
        Ok(TokenizerJson {
            rest,
            tokens: Arc::new(reader.tokens),
            scores: reader.scores,
            merges: reader.merges,
        })
    }
}

struct Reader {
    /// What is not in the rest.
    taken: Vec<Range<usize>>,
    tokens: Tokens,
    scores: Vec<f64>,
    merges: Vec<Merge>,
}

impl Reader {
    fn read_model(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Unreadable> {
        let (mut has_vocabulary, mut has_merges) = (false, false);
        scanner.each_member(|scanner, key| {
            let start = scanner.offset();
            match key {
                Cow::Borrowed("vocab") if !has_vocabulary && !has_merges => {
                    has_vocabulary = true;
                    match scanner.peek() {
                        Some(b'[') => self.read_pieces(scanner)?,
                        _ => self.read_vocabulary(scanner)?,
                    }
                }
                Cow::Borrowed("merges") if has_vocabulary && !has_merges => {
                    has_merges = true;
                    self.read_merges(scanner)?;
                }
                Cow::Borrowed("vocab" | "merges") | Cow::Owned(_) => return Err(Unreadable),
                Cow::Borrowed(_) => return scanner.skip(),
            }
            self.taken.push(start..scanner.end());
            Ok(())
        })
    }

    fn read_vocabulary(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Unreadable> {
        scanner.each_member(|scanner, token| {
            let id = scanner.integer()?;
            self.tokens.insert(&token, id).map_err(|Refused| Unreadable)
        })
    }

    fn read_pieces(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Unreadable> {
        scanner.each(b'[', b']', |scanner| {
            scanner.expect(b'[')?;
            let piece = scanner.string()?;
            scanner.expect(b',')?;
            self.scores.push(scanner.double()?);
            scanner.expect(b']')?;
            let id = self.tokens.count();
            let inserted = self.tokens.insert(&piece, id as u32);
            inserted.map_err(|Refused| Unreadable)?;
            // Of two pieces alike, each has an id, and one is found.
            let is_new = self.tokens.count() > id;
            is_new.then_some(()).ok_or(Unreadable)
        })
    }

    fn read_merges(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Unreadable> {
        let mut joined = String::new();
        scanner.each(b'[', b']', |scanner| {
            let merge = if scanner.peek() == Some(b'[') {
                let mut pair = Vec::with_capacity(2);
                scanner.each(b'[', b']', |scanner| {
                    pair.push(scanner.string()?);
                    if pair.len() > 2 {
                        Err(Unreadable)
                    } else {
                        Ok(())
                    }
                })?;
                let [first, second] = pair.as_slice() else {
                    return Err(Unreadable);
                };
                self.merge(first, second, &mut joined)
            } else {
                let line = scanner.string()?;
                let (first, second) = line.split_once(' ').ok_or(Unreadable)?;
                // Of a list of lines, as merges.txt has them, one may be that of the version.
                if line.starts_with("#version") || second.contains(' ') {
                    return Err(Unreadable);
                }
                self.merge(first, second, &mut joined)
            };
            self.merges.push(merge.ok_or(Unreadable)?);
            Ok(())
        })
    }

    fn merge(&self, first: &str, second: &str, joined: &mut String) -> Option<Merge> {
        let (a, b) = (self.tokens.find(first)?, self.tokens.find(second)?);
        // Mostly the token after that of the merge before, which is found without a look-up.
        if let Some(&[.., last]) = self.merges.last()
            && let Some(next) = self.tokens.get_if(last + 1)
            && next.strip_prefix(first) == Some(second)
        {
            return Some([a, b, last + 1]);
        }
        joined.clear();
        joined.push_str(first);
        joined.push_str(second);
        Some([a, b, self.tokens.find(joined)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_large_members_are_taken_out() {
        let file = r#"{"a": [1], "model": {"vocab" : {"x": 0, "y": 1, "xy": 7}, "n": null,
            "merges": [["x", "y"]] }, "b": {}}"#;
        let found = TokenizerJson::read(file.as_bytes()).expect("it is plain");
        let rest = r#"{"a": [1], "model": {"vocab" : {}, "n": null,
            "merges": [] }, "b": {}}"#;
        assert_eq!(found.rest, rest);
        assert_eq!(found.merges, [[0, 1, 2]]);
        assert_eq!(found.tokens.ids, [0, 1, 7]);
        let lines = file.replace(r#"["x", "y"]"#, r#""x y""#);
        let found = TokenizerJson::read(lines.as_bytes()).expect("it is plain");
        assert_eq!(found.merges, [[0, 1, 2]]);
    }

    #[test]
    fn a_list_of_pieces_with_scores() {
        let file = r#"{"model": {"vocab" : [["x", 0], ["\u00e9" , -1.5]], "unk_id": 0}}"#;
        let found = TokenizerJson::read(file.as_bytes()).expect("it is plain");
        assert_eq!(found.rest, r#"{"model": {"vocab" : [], "unk_id": 0}}"#);
        assert_eq!(found.tokens.find("é"), Some(1));
        assert_eq!(found.tokens.ids, [0, 1]);
        assert_eq!(found.scores, [0.0, -1.5]);
    }

    #[test]
    fn what_is_odd_is_left_to_others() {
        for odd in [
            r#"{"model": {}, "model": {}}"#,
            r#"{"mod\u0065l": {}}"#,
            r#"{"model": {"vocab": {}, "vocab": {}}}"#,
            r#"{"model": {"merges": [], "vocab": {}}}"#,
            r#"{"model": {"vocab": {"x": 1.0}}}"#,
            r#"{"model": {"vocab": {"x": 0}, "merges": [["x", "x"]]}}"#,
            r#"{"model": {"vocab": {"x": 0, "xx": 1}, "merges": ["x x x"]}}"#,
            r#"{"model": {"vocab": {"x": 0, "xx": 1}, "merges": [["x"]]}}"#,
            r#"{"model": {"vocab": [["x", 0.5, 1]]}}"#,
            r#"{"model": {"vocab": [["x", "y"]]}}"#,
            r#"{"model": {"vocab": [["x", 1], ["x", 2]]}}"#,
            r#"{"model": {"vocab": ["x"]}}"#,
            "[]",
            "",
        ] {
            assert!(TokenizerJson::read(odd.as_bytes()).is_err(), "{odd}");
        }
    }
}
