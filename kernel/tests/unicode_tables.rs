//! Generates `src/text/unicode.bin` from the Unicode tables of `regex-syntax` and of the normaliser.
//!
//! The test fails when the file is not what the tables say. `BLESS=1 cargo test --test unicode_tables`
//! writes it anew: for a new Unicode version, and only when the reference tokenizers move to it.

use _kernel::text::unicode::{CJK, HAN, NOT_INERT, class};
use regex_syntax::hir::{Class, HirKind};
use unicode_normalization_alignments::{IsNormalized, char, is_nfc_quick};

/// Calls `mark` with every code point that the regular expression (one class) matches.
fn each_of(class: &str, mut mark: impl FnMut(usize)) {
    let hir = regex_syntax::parse(class).expect("a class");
    let HirKind::Class(Class::Unicode(set)) = hir.kind() else {
        panic!("{class} is not a class")
    };
    for range in set.ranges() {
        (range.start() as usize..=range.end() as usize).for_each(&mut mark);
    }
}

fn table() -> Vec<u8> {
    let mut of = vec![class::OTHER; 0x11_0000];
    for (pattern, value) in [
        (r"[\p{Lu}\p{Lt}]", class::UPPER),
        (r"\p{Ll}", class::LOWER),
        (r"[\p{Lm}\p{Lo}]", class::CASELESS),
        (r"\p{M}", class::MARK),
        (r"\p{N}", class::NUMBER),
        (r"[\p{P}\p{S}]", class::PUNCT),
        (r"[\s&&[^\r\n]]", class::HORIZONTAL_SPACE),
        (r"[\r\n]", class::NEWLINE),
    ] {
        each_of(pattern, |c| of[c] = value);
    }
    each_of(r"\p{Han}", |c| of[c] |= HAN);
    each_of(r"[一-龥぀-ゟ゠-ヿ]", |c| of[c] |= CJK);
    for c in (0..=0x10_ffff).filter_map(char::from_u32) {
        let is_inert = char::canonical_combining_class(c) == 0
            && is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes;
        if !is_inert {
            of[c as usize] |= NOT_INERT;
        }
    }
    two_stage(&of)
}

fn two_stage(of: &[u8]) -> Vec<u8> {
    let mut blocks: Vec<&[u8]> = Vec::new();
    let mut file = Vec::new();
    for block in of.chunks(256) {
        let number = blocks.iter().position(|b| *b == block).unwrap_or_else(|| {
            blocks.push(block);
            blocks.len() - 1
        });
        file.push(u8::try_from(number).expect("more than 256 distinct blocks"));
    }
    file.extend(blocks.concat());
    file
}

#[test]
fn the_table_is_what_the_unicode_tables_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/text/unicode.bin");
    let table = table();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &table).expect("a file");
    }
    assert!(
        std::fs::read(path).expect("a file") == table,
        "unicode.bin is stale"
    );
}
