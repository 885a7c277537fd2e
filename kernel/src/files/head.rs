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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STARTS: [&[u8]; 4] = [b"%PDF-", b"\x89PNG", b"PK\x03\x04", b"\xef\xbb\xbf"];
    const CONTROLS: &[u8] = b"\0\x01\x08\x7f";

    /// The definition, a bit at a time.
    fn is_run_of_characters(run: &[u8]) -> bool {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let position = |byte| alphabet.iter().position(|&each| each == byte).unwrap();
        let bits: Vec<usize> = run
            .iter()
            .flat_map(|&byte| (0..6).rev().map(move |bit| position(byte) >> bit & 1))
            .collect();
        let rest = &bits[bits.len() / 16 * 16..];
        rest.len() < 6 && rest.iter().all(|&bit| bit == 0)
    }

    fn is_plain(head: &[u8]) -> bool {
        let text = head
            .iter()
            .map(|&byte| char::from(byte))
            .collect::<String>();
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
        let (mut runs, mut remaining) = (Vec::new(), &*text);
        while let Some((_, after)) = remaining.split_once('+') {
            let end = after.find(|c| !is_base64(c)).unwrap_or(after.len());
            runs.push(&after[..end]);
            remaining = &after[end..];
        }
        runs.retain(|run| run.len() >= 3);
        let is_utf7 = runs.iter().any(|run| run.len() >= 6)
            && runs.iter().all(|run| is_run_of_characters(run.as_bytes()));
        let space = head.iter().take_while(|byte| b" \t\n\r\x0c".contains(byte));
        let stripped = &head[space.count()..];
        !is_utf7
            && !head.iter().any(|byte| CONTROLS.contains(byte))
            && !STARTS
                .iter()
                .any(|start| head.starts_with(start) || stripped.starts_with(start))
    }

    fn parts() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            "[ -~]{0,9}".prop_map(String::into_bytes),
            "\\+[A-Za-z0-9+/]{0,12}-?".prop_map(String::into_bytes),
            // In UTF-7.
            proptest::collection::vec(any::<char>(), 1..4).prop_map(|text| {
                let units = text
                    .iter()
                    .flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec());
                let bits: Vec<u16> = units
                    .flat_map(|unit| (0..16).rev().map(move |bit| unit >> bit & 1))
                    .collect();
                let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
                let value = |six: &[u16]| (0..6).fold(0, |n, i| 2 * n + six.get(i).unwrap_or(&0));
                let run = bits.chunks(6).map(|six| alphabet[usize::from(value(six))]);
                b"+".iter().copied().chain(run).chain(*b"-").collect()
            }),
            proptest::sample::select(&STARTS[..]).prop_map(<[u8]>::to_vec),
            proptest::sample::select(&[" ", "\n\t", "é", "\x1b$B", "~{", "~~{", "\x1b", "\0"][..])
                .prop_map(|part| part.as_bytes().to_vec()),
        ]
    }

    proptest! {
        #[test]
        fn a_head_is_plain_by_definition(
            parts in proptest::collection::vec(parts(), 0..5),
        ) {
            let head = parts.concat();
            let plain = Plain::new(STARTS, CONTROLS, 8192);
            prop_assert_eq!(plain.is_plain(&head), is_plain(&head));
            let escapes = head.windows(2).any(|pair| pair == b"\x1b$" || pair == b"~{");
            prop_assert_eq!(has_escapes(&head), escapes);
        }
    }

    #[test]
    fn a_control_byte_is_found_wherever_it_is() {
        let plain = Plain::new(STARTS, CONTROLS, 2000);
        for at in 0..2000 {
            let mut head = vec![b'a'; 2000];
            head[at] = CONTROLS[at % CONTROLS.len()];
            assert!(!plain.is_plain(&head), "{at}");
        }
        assert_eq!(plain.head(&[b'a'; 2001]).len(), 2000);
    }
}
