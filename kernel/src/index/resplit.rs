//! The pretokens of a text that is not in one piece, from where one starts on.
//!
//! No split pattern looks at what is before a match, and little at what is after it: *where a pretoken
//! ends depends on nothing from the end of the third pretoken after it on.* What patterns look at is
//!
//! - a character or two after the end: what ends a run, and the letters of a contraction, which
//!   together with the character before them are the pretoken that follows, or two;
//! - white space, up to what follows it: the rest of it is the pretoken that follows, or two, and what
//!   is after that is in the next;
//! - capitals, after a letter that is neither capital nor small (`中ABC`), up to what follows them:
//!   these are the pretoken that follows.
//!
//! So in a window of a text, all ends of pretokens but the last three are those of the text; and an
//! edit changes no pretoken that three others follow before it. (`tests/split.rs` tests each family.)
//! Safe splits ([`crate::split::safe_split`]) need less context, but some texts have none.

use crate::count::byte_level::SplitError;
use crate::count::counter::Counter;
use crate::count::tokenizer::{Family, Tokenizer};
use crate::split::scanner::next_end;
use std::borrow::Cow;

/// A pretoken ends where it does whatever there is from the end of this many others after it on.
pub const LOOK_AHEAD: usize = 3;
/// A window of fewer bytes is counted without a memo.
const MIN_MEMO_BYTES: usize = 4096;
/// Windows grow up to this many bytes, and beyond it only where a pretoken does not fit.
const MAX_WINDOW: usize = 1 << 20;

/// A text that may be in several pieces.
pub trait Source {
    fn bytes(&self) -> usize;

    /// The text from an offset on: at least so many bytes of it where there are as many, and only
    /// whole characters.
    fn window(&self, start: usize, bytes: usize) -> Cow<'_, str>;
}

impl Source for str {
    fn bytes(&self) -> usize {
        self.len()
    }

    fn window(&self, start: usize, bytes: usize) -> Cow<'_, str> {
        let text = &self[start..];
        Cow::Borrowed(&text[..ceil_char_boundary(text, bytes)])
    }
}

/// The offset, or the first one after it between two characters.
pub fn ceil_char_boundary(text: &str, at: usize) -> usize {
    (at..text.len())
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(text.len())
}

/// Calls `visit` with the end of each pretoken and its number of tokens, from where one starts on,
/// until it returns false.
///
/// The text is looked at in windows, the first one of at least so many bytes.
pub fn each_pretoken(
    tokenizer: &Tokenizer,
    source: &(impl Source + ?Sized),
    mut at: usize,
    mut bytes: usize,
    mut visit: impl FnMut(usize, u32) -> bool,
) -> Result<(), SplitError> {
    while at < source.bytes() {
        let window = source.window(at, bytes);
        let (start, mut goes_on) = (at, true);
        let is_last = start + window.len() >= source.bytes();
        each_in_window(tokenizer, &window, is_last, |end, tokens| {
            at = start + end;
            goes_on = visit(at, tokens);
            goes_on
        })?;
        if !goes_on || is_last {
            break;
        }
        bytes = if at == start {
            bytes.saturating_mul(4)
        } else {
            bytes.saturating_mul(2).min(MAX_WINDOW)
        };
    }
    Ok(())
}

/// As [`each_pretoken`], for a window; without its last pretokens if more text follows.
fn each_in_window(
    tokenizer: &Tokenizer,
    text: &str,
    is_last: bool,
    mut visit: impl FnMut(usize, u32) -> bool,
) -> Result<(), SplitError> {
    let bytes = text.as_bytes();
    if text.len() < MIN_MEMO_BYTES
        && let Family::ByteLevel(bpe) = &tokenizer.family
        && let Some(pattern) = bpe.pattern()
    {
        let mut visit = |start, end| visit(end, bpe.count_pretoken(bytes, start, end) as u32);
        let (mut at, mut held, mut goes_on) = (0, [(0, 0); LOOK_AHEAD], true);
        for number in 0.. {
            if at == text.len() || !goes_on {
                break;
            }
            let start = at;
            at = next_end(pattern, bytes, start);
            if is_last {
                goes_on = visit(start, at);
            } else {
                let (start, end) = std::mem::replace(&mut held[number % LOOK_AHEAD], (start, at));
                goes_on = number < LOOK_AHEAD || visit(start, end);
            }
        }
        return Ok(());
    }
    let (mut held, mut number) = ([(0, 0); LOOK_AHEAD], 0);
    Counter::new(tokenizer).each_batch(text, |_, ends, tokens| {
        ends.iter().zip(tokens).all(|(&end, &tokens)| {
            if is_last {
                return visit(end, tokens);
            }
            let (end, tokens) = std::mem::replace(&mut held[number % LOOK_AHEAD], (end, tokens));
            number += 1;
            number <= LOOK_AHEAD || visit(end, tokens)
        })
    })
}
