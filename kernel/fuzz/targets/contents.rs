//! What a file of any bytes is, read from the disk in blocks: by the same rules applied to all of it.

#![no_main]

use _kernel::files::content::{Content, Contents};
use _kernel::files::head::{Plain, has_escapes};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::path::PathBuf;
use std::{env, fs, process};

const STARTS: [&[u8]; 5] = [
    b"%PDF-",
    b"\x89PNG",
    b"PK\x03\x04",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
];
const CONTROLS: &[u8] = b"\0\x01\x08\x7f";
const HEAD: usize = 64;
const LIMIT: usize = 1 << 18;

thread_local! {
    // Kept from run to run, as memory that was used before is.
    static CONTENTS: RefCell<Contents> = RefCell::default();
}

fuzz_target!(|input: (&[u8], u8, u16, &[u8])| {
    let (start, filler, count, end) = input;
    let filler = vec![filler; usize::from(count) * 5];
    let bytes = [start, &filler, end].concat();
    let path: PathBuf = env::temp_dir().join(format!("ctxtools-fuzz-{}", process::id()));
    fs::write(&path, &bytes).unwrap();

    let plain = Plain::new(STARTS, CONTROLS, HEAD);
    let head = &bytes[..bytes.len().min(HEAD)];
    let pairs = || bytes.windows(2);
    assert_eq!(
        has_escapes(&bytes),
        pairs().any(|pair| pair == b"\x1b$" || pair == b"~{")
    );
    if plain.is_plain(head) {
        let stripped = head.trim_ascii_start();
        assert!(
            !STARTS
                .iter()
                .any(|start| head.starts_with(start) || stripped.starts_with(start))
        );
        assert!(!head.iter().any(|byte| CONTROLS.contains(byte)));
    }
    CONTENTS.with_borrow_mut(|contents| match contents.read(&path, &plain, LIMIT) {
        Content::Text(text) => {
            assert_eq!(text.as_bytes(), bytes);
            assert!(plain.is_plain(head) && !has_escapes(&bytes) && bytes.len() < LIMIT);
        }
        Content::Head(found) => assert!(found == head && !plain.is_plain(head)),
        Content::Unknown => {
            assert!(bytes.len() >= LIMIT || str::from_utf8(&bytes).is_err() || has_escapes(&bytes))
        }
    });
});
