//! Whether any of some strings occurs in a text. The fallback is
//! `ctxtools/_core/fallback/literals.py`.

use aho_corasick::{AhoCorasick, BuildError};

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
        Ok(Literals {
            searcher: AhoCorasick::new(lower)?,
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
}
