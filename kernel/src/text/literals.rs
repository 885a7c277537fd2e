//! Where, or whether, any of some strings occurs in a text. The fallback is
//! `ctxtools/_core/fallback/search/literals.py`.

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

/// Strings of ASCII to look for.
pub struct Literals {
    searcher: AhoCorasick,
    ignore_case: bool,
}

impl Literals {
    pub fn new(literals: &[String], ignore_case: bool) -> Result<Self, BuildError> {
        let lower = literals.iter().map(|each| match ignore_case {
            true => each.to_ascii_lowercase(),
            false => each.clone(),
        });
        // As alternatives of a regular expression: the first of those that start at an offset.
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostFirst);
        Ok(Literals {
            searcher: builder.build(lower)?,
            ignore_case,
        })
    }

    pub fn occur_in(&self, text: &str) -> bool {
        // To change the case of all letters first is faster than to search for both cases of each.
        match self.ignore_case {
            true => self.searcher.is_match(&text.to_ascii_lowercase()),
            false => self.searcher.is_match(text),
        }
    }

    /// The offsets, in characters, at which one occurs; those that overlap one before do not count.
    pub fn offsets(&self, text: &str) -> Vec<usize> {
        let is_ascii = text.is_ascii();
        let (mut bytes, mut characters) = (0, 0);
        self.searcher
            .find_iter(text)
            .map(|found| {
                characters += match is_ascii {
                    true => found.start() - bytes,
                    false => text[bytes..found.start()].chars().count(),
                };
                bytes = found.start();
                characters
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_literal_is_found_anywhere() {
        let literals = ["data:", "\"image/"].map(String::from);
        let found = |text: &str, ignore_case| {
            let literals = Literals::new(&literals, ignore_case);
            literals.is_ok_and(|literals| literals.occur_in(text))
        };
        for text in ["data:", "é data: x", "a \"image/png"] {
            assert!(found(text, false) && found(text, true), "{text}");
        }
        assert!(!found("DATA:", false) && found("DATA:", true));
        assert!(!found("data :", true) && !found("", true));
    }

    #[test]
    fn offsets_are_in_characters() {
        let literals = ["ab", "abc", "ba"].map(String::from);
        let offsets = |text| Literals::new(&literals, false).map(|each| each.offsets(text));
        assert_eq!(offsets("abab éabcba").ok(), Some(vec![0, 2, 6, 9]));
        assert_eq!(offsets("").ok(), Some(vec![]));
    }
}
