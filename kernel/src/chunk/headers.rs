//! The headers of chunks: how many tokens they take, and how much of one fits.
//!
//! In Python: `ctxtools/chunking/cutting/headers.py`.

use crate::chunk::structure::{Header, Structure};
use crate::count::byte_level::SplitError;
use crate::count::tokenizer::Tokenizer;
use std::cell::RefCell;
use std::collections::HashMap;

/// The headers of the chunks of one look-ahead window.
pub struct Headers<'a> {
    pub structure: &'a Structure,
    tokenizer: &'a Tokenizer,
    tokens: RefCell<HashMap<Header, i64>>,
}

impl<'a> Headers<'a> {
    pub fn new(structure: &'a Structure, tokenizer: &'a Tokenizer) -> Self {
        Headers {
            structure,
            tokenizer,
            tokens: RefCell::default(),
        }
    }

    /// The text of a header. Texts of blocks that are cut here are UTF-8.
    pub fn text(&self, header: Header) -> String {
        let text = self.structure.header_text(header);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The tokens of a header.
    pub fn tokens(&self, header: Header) -> Result<i64, SplitError> {
        if header == (0, 0) {
            return Ok(0);
        }
        if let Some(&tokens) = self.tokens.borrow().get(&header) {
            return Ok(tokens);
        }
        let tokens = self.tokenizer.count(&self.text(header))? as i64;
        self.tokens.borrow_mut().insert(header, tokens);
        Ok(tokens)
    }

    /// What of a header has at most some tokens.
    pub fn fitting(&self, (titles, rows): Header, max: i64) -> Result<Header, SplitError> {
        for header in [(titles, rows), (0, rows), (titles, 0)] {
            if self.tokens(header)? <= max {
                return Ok(header);
            }
        }
        Ok((0, 0))
    }

    /// Where in `start..=end`, offsets in the document, the header changes, and its tokens in chunks of
    /// at most `limit` from there on. The first one is at or before `start`.
    pub fn costs(
        &self,
        (start, end): (u32, u32),
        limit: i64,
    ) -> Result<Vec<(u32, i64)>, SplitError> {
        let changes = self.structure.header_changes();
        let first = changes.partition_point(|&(offset, _)| offset <= start);
        let last = changes.partition_point(|&(offset, _)| offset <= end);
        let here = &changes[first.saturating_sub(1)..last];
        let mut costs: Vec<(u32, i64)> = Vec::with_capacity(here.len());
        for &(offset, header) in here {
            costs.push((offset, self.tokens(self.fitting(header, limit / 2)?)?));
        }
        Ok(costs)
    }

    /// The header of a chunk that starts at `start`, or at `body_start` after its overlap, both in
    /// characters of the document, and whether it had to be made smaller. `spare`: the tokens that its
    /// body leaves.
    pub fn header(
        &self,
        start: u32,
        body_start: u32,
        limit: i64,
        spare: i64,
    ) -> Result<(Header, bool), SplitError> {
        if self.structure.is_empty() {
            return Ok(((0, 0), false));
        }
        let wanted = self.structure.header(start, body_start);
        let header = match spare {
            0 => (0, 0),
            _ => self.fitting(wanted, spare.min(limit / 2))?,
        };
        Ok((header, header != wanted))
    }
}
