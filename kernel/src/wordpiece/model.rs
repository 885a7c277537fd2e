//! A word -> the ids of the longest tokens, from its start on.
//!
//! A token that does not start its word has a prefix in the vocabulary (`##`), so the walk through the
//! trie starts after that. A word in which at some point no token goes on is unknown as a whole, and so
//! is one of too many characters, which bounds the time.

use crate::text::trie::{Node, ROOT, TooLarge, Trie};
use crate::words::model::Model;

/// For each byte of a word, the bytes that are looked at, at most: less is not slow, and more would let
/// a vocabulary make it so.
const MAX_STEPS: usize = 1 << 10;

pub struct WordPiece {
    trie: Trie,
    /// Where tokens start that do not start their word; None if there are none.
    continuing: Option<Node>,
    unknown: u32,
    max_characters: usize,
    /// Spellings, by id.
    spellings: Vec<Option<Box<str>>>,
}

/// Why there is no model of a vocabulary.
#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    Memory,
    /// There is no token for what is unknown, or an id that is not below 2^24, or some token twice.
    Vocabulary,
    /// It would not be linear.
    TooLong,
}

impl From<TooLarge> for Error {
    fn from(_: TooLarge) -> Self {
        Error::Memory
    }
}

/// The ids of a vocabulary are below this.
const MAX_IDS: u32 = 1 << 24;

impl WordPiece {
    /// Tokens with their ids, the token of what is unknown, the prefix of tokens that do not start a
    /// word, and how many characters a word may have that is not unknown.
    pub fn new(
        tokens: &[(&str, u32)],
        unknown: &str,
        prefix: &str,
        max_characters: usize,
    ) -> Result<Self, Error> {
        let size = tokens.iter().map(|&(_, id)| id).max().unwrap_or(0);
        if size >= MAX_IDS {
            return Err(Error::Vocabulary);
        }
        let mut spellings = Vec::new();
        let size = size as usize + 1;
        spellings.try_reserve(size).map_err(|_| Error::Memory)?;
        spellings.resize(size, None);
        for &(token, id) in tokens {
            if spellings[id as usize].replace(token.into()).is_some() {
                return Err(Error::Vocabulary);
            }
        }
        let trie = Trie::new(tokens.iter().copied())?;
        let id = |token: &str| trie.get(token.as_bytes());
        if tokens.iter().any(|&(token, its)| id(token) != Some(its)) {
            return Err(Error::Vocabulary);
        }
        if trie.longest().min(max_characters) > MAX_STEPS {
            return Err(Error::TooLong);
        }
        Ok(WordPiece {
            unknown: id(unknown).ok_or(Error::Vocabulary)?,
            continuing: trie.node(prefix.as_bytes()),
            trie,
            max_characters,
            spellings,
        })
    }
}

impl Model for WordPiece {
    fn encode(&self, piece: &str, ids: &mut Vec<u32>) {
        let before = ids.len();
        let is_long =
            piece.len() > self.max_characters && piece.chars().nth(self.max_characters).is_some();
        let mut rest = if is_long { &[] } else { piece.as_bytes() };
        let mut node = Some(ROOT);
        while let Some((length, id)) = node.and_then(|node| self.trie.longest_after(node, rest)) {
            ids.push(id);
            rest = &rest[length..];
            node = self.continuing;
        }
        if is_long || !rest.is_empty() {
            ids.truncate(before);
            ids.push(self.unknown);
        }
    }

    fn bytes_of_id(&self, id: u32) -> Option<&[u8]> {
        let spelling = self.spellings.get(id as usize)?.as_deref();
        spelling.map(str::as_bytes)
    }

    fn size(&self) -> usize {
        self.spellings.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// As the paper has it: the longest first, over again.
    fn reference(tokens: &BTreeMap<String, u32>, word: &str, max_characters: usize) -> Vec<u32> {
        let chars: Vec<char> = word.chars().collect();
        let (mut ids, mut start) = (Vec::new(), 0);
        while start < chars.len() && chars.len() <= max_characters {
            let prefix = if start > 0 { "##" } else { "" };
            let spelled = |end: usize| chars[start..end].iter().collect::<String>();
            let ends = (start + 1..=chars.len()).rev();
            let mut found = ends.filter_map(|end| {
                let id = tokens.get(&format!("{prefix}{}", spelled(end)))?;
                Some((end, *id))
            });
            let Some((end, id)) = found.next() else { break };
            ids.push(id);
            start = end;
        }
        if start < chars.len() {
            vec![tokens["?"]]
        } else {
            ids
        }
    }

    proptest! {
        #[test]
        fn finds_the_longest_tokens(
            tokens in proptest::collection::btree_set("(##)?[abé#]{1,4}", 1..30),
            words in proptest::collection::vec("[abé#]{0,9}", 1..9),
            max_characters in 1..12usize,
        ) {
            let tokens = tokens.into_iter().chain(["?".to_owned()]);
            let tokens: BTreeMap<String, u32> = tokens.zip(3..).collect();
            let list: Vec<(&str, u32)> = tokens.iter().map(|(token, &id)| (&**token, id)).collect();
            let model = WordPiece::new(&list, "?", "##", max_characters);
            let model = model.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
            for word in words {
                let mut ids = Vec::new();
                model.encode(&word, &mut ids);
                prop_assert_eq!(ids, reference(&tokens, &word, max_characters));
            }
        }
    }

    #[test]
    fn refuses_a_vocabulary_that_says_no_certain_thing() {
        let new = |tokens: &[(&str, u32)], n| WordPiece::new(tokens, "?", "##", n).err();
        assert_eq!(new(&[("a", 0)], 100), Some(Error::Vocabulary));
        assert_eq!(new(&[("?", 0), ("a", 0)], 100), Some(Error::Vocabulary));
        assert_eq!(
            new(&[("?", 0), ("a", 1), ("a", 2)], 100),
            Some(Error::Vocabulary)
        );
        assert_eq!(
            new(&[("?", 0), ("a", 1 << 31)], 100),
            Some(Error::Vocabulary)
        );
        let long = "a".repeat(2 * MAX_STEPS);
        assert_eq!(
            new(&[("?", 0), (&long, 1)], 2 * MAX_STEPS),
            Some(Error::TooLong)
        );
        assert_eq!(new(&[("?", 0), (&long, 1)], 100), None);
    }
}
