//! Whether a file is plainly text in UTF-8, by its first bytes.
//!
//! `ctxtools/documents/decode.py` has the rules. What a file may be besides text is told by what it
//! starts with, by control bytes, or by the sequences that the charsets with seven bits have. So
//! bytes are plain if they have nothing of that: fewer files than are text, and never one that is
//! not.

use std::ops::Range;

/// What sets plain text apart; the tables are those of `ctxtools/signatures.py`.
pub struct Plain {
    /// What signatures and byte order marks start with, by the first byte.
    starts: Vec<Vec<Box<[u8]>>>,
    /// Bytes that no text has.
    is_control: [bool; 256],
    /// How many bytes decide.
    size: usize,
}

impl Plain {
    pub fn new<'a>(
        starts: impl IntoIterator<Item = &'a [u8]>,
        controls: &[u8],
        size: usize,
    ) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        for start in starts {
            if let Some(&first) = start.first() {
                by_first[usize::from(first)].push(start.into());
            }
        }
        let mut is_control = [false; 256];
        for &byte in controls {
            is_control[usize::from(byte)] = true;
        }
        Plain {
            starts: by_first,
            is_control,
            size,
        }
    }

    /// How many bytes decide.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The first bytes, which decide.
    pub fn head<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[..bytes.len().min(self.size)]
    }

    /// Whether a file that starts with these bytes is text in UTF-8, if all of it is valid UTF-8
    /// and [`has_escapes`] finds nothing in it.
    pub fn is_plain(&self, head: &[u8]) -> bool {
        // A PDF may have white space before its signature.
        let stripped = head.trim_ascii_start();
        !self.has_start(head)
            && (stripped.len() == head.len() || !self.has_start(stripped))
            && !self.has_control(head)
            && !may_be_utf7(head)
    }

    fn has_start(&self, head: &[u8]) -> bool {
        head.first().is_some_and(|&first| {
            let starts = &self.starts[usize::from(first)];
            starts.iter().any(|start| head.starts_with(start))
        })
    }

    fn has_control(&self, head: &[u8]) -> bool {
        // Without a branch for each byte.
        let any = |block: &[u8]| {
            let found = |found, &byte| found | self.is_control[usize::from(byte)];
            block.iter().fold(false, found)
        };
        head.chunks(512).any(any)
    }
}

/// Whether ASCII bytes may be in ISO-2022 or HZ.
pub fn has_escapes(bytes: &[u8]) -> bool {
    // Both first bytes are rare, and found many at a time.
    memchr::memchr2_iter(0x1b, b'~', bytes).any(|at| match bytes[at] {
        b'~' => bytes.get(at + 1) == Some(&b'{'),
        _ => bytes.get(at + 1) == Some(&b'$'),
    })
}

/// How long a run of base64 has to be for a file to be looked at, and to be one of UTF-7.
const LONG_RUN: usize = 6;
const RUN: usize = 3;

/// Whether every `+` that base64 follows may start characters in UTF-7, and there are such.
///
/// A run encodes 16 bits for each character, and zeros up to a multiple of 6. Of runs in program
/// code and in diffs, which nearly all are none, that disproves most at once.
fn may_be_utf7(head: &[u8]) -> bool {
    let (mut has_long, mut at) = (false, 0);
    while let Some(found) = memchr::memchr(b'+', &head[at..]) {
        let run = run(head, at + found + 1);
        at = run.end;
        if run.len() < RUN {
            continue;
        }
        // The character at the end of the head may be cut, as it is for the one who decides.
        if !has_whole_characters(&head[run.clone()]) {
            return false;
        }
        has_long |= run.len() >= LONG_RUN;
    }
    has_long
}

fn run(head: &[u8], start: usize) -> Range<usize> {
    let length = head[start..]
        .iter()
        .position(|&byte| sextet(byte).is_none());
    start..length.map_or(head.len(), |length| start + length)
}

fn has_whole_characters(run: &[u8]) -> bool {
    let extra = run.len() * 6 % 16;
    // Beyond the last whole character there are `extra` bits, all in the last byte if it is valid.
    extra < 6
        && run
            .last()
            .and_then(|&last| sextet(last))
            .is_some_and(|bits| bits & ((1 << extra) - 1) == 0)
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
