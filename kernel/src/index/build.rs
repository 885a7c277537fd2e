//! The token map of a text, whose pieces all threads split and count.

use crate::count::byte_level::SplitError;
use crate::count::counter::Counter;
use crate::count::parallel::threads;
use crate::count::pieces::piece_end;
use crate::count::pipeline::{self, Caller};
use crate::count::tokenizer::Tokenizer;
use crate::index::token_map::{Builder, TokenMap};
use crate::text::char_map::{self, CharMap};
use std::ops::Range;
use std::sync::atomic::AtomicBool;

/// The bytes of the smallest piece: what takes several times as long as to start a thread.
const SMALLEST: usize = 1 << 18;

/// The maps of a normal text of a byte-level tokenizer, whose pretokens have no more tokens than bytes.
pub fn maps(tokenizer: &Tokenizer, text: &str) -> Result<(TokenMap, CharMap), SplitError> {
    let threads = threads(0);
    let mut pieces = Pieces {
        tokenizer,
        threads,
        text,
        start: 0,
        map: None,
        leads: Vec::new(),
    };
    let worker = || {
        let mut counter = Counter::new(tokenizer);
        move |piece: Range<usize>, _: &AtomicBool| {
            let mut map = Builder::new(piece.start, piece.len());
            let part = &text[piece.clone()];
            counter.each_batch(part, |_, ends, tokens| {
                map.extend(ends, tokens);
                true
            })?;
            Ok((map, char_map::leads_of_blocks(text, piece)))
        }
    };
    pipeline::run(|| threads, &mut pieces, worker)?;
    let map = pieces.map.unwrap_or_else(|| Builder::new(0, 0));
    Ok((map.finish(), CharMap::of_leads(text, &pieces.leads)))
}

struct Pieces<'a> {
    tokenizer: &'a Tokenizer,
    text: &'a str,
    threads: usize,
    /// Where the next piece starts.
    start: usize,
    map: Option<Builder>,
    /// The numbers of characters of blocks, for a [`CharMap`].
    leads: Vec<u8>,
}

/// What is known of a piece.
type Piece = (Builder, Vec<u8>);

impl Caller<Range<usize>, Result<Piece, SplitError>> for Pieces<'_> {
    type Error = SplitError;

    fn next(&mut self) -> Result<Option<Range<usize>>, SplitError> {
        let rest = &self.text[self.start..];
        // The pieces get smaller, so that all threads end at almost the same time.
        let size = (rest.len() / (2 * self.threads)).max(SMALLEST);
        let end = self.start + piece_end(self.tokenizer, rest, size);
        let piece = std::mem::replace(&mut self.start, end)..end;
        Ok((!piece.is_empty()).then_some(piece))
    }

    fn take(&mut self, piece: Result<Piece, SplitError>) -> Result<(), SplitError> {
        let (map, leads) = piece?;
        match &mut self.map {
            // Most texts are one piece.
            None if map.end() == self.text.len() => (self.map, self.leads) = (Some(map), leads),
            all => {
                let bytes = self.text.len();
                all.get_or_insert_with(|| Builder::new(0, bytes))
                    .append(map);
                self.leads.extend(leads);
            }
        }
        Ok(())
    }

    fn keep_going(&mut self) -> Result<(), SplitError> {
        Ok(())
    }
}
