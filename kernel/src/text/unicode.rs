//! Character classes, from the Unicode version that the reference tokenizers were built with (16.0).
//!
//! One byte says all that any split pattern or the normaliser asks of a character. The bytes are in
//! `unicode.bin`, a two-stage table: 4,352 block numbers, then the distinct blocks of 256 characters.
//! `tests/unicode_tables.rs` generates the file from `regex-syntax` and holds the two together.

/// Classes of characters: the general categories that the split patterns tell apart.
pub mod class {
    /// Anything without a class below: controls, formats, unassigned, private use.
    pub const OTHER: u8 = 0;
    /// `\p{Lu}` and `\p{Lt}`.
    pub const UPPER: u8 = 1;
    /// `\p{Ll}`.
    pub const LOWER: u8 = 2;
    /// `\p{Lm}` and `\p{Lo}`, which the case-splitting patterns count as both upper and lower.
    pub const CASELESS: u8 = 3;
    /// `\p{M}`.
    pub const MARK: u8 = 4;
    /// `\p{N}`.
    pub const NUMBER: u8 = 5;
    /// `\p{P}` and `\p{S}`.
    pub const PUNCT: u8 = 6;
    /// `\s` other than carriage return and line feed.
    pub const HORIZONTAL_SPACE: u8 = 7;
    pub const NEWLINE: u8 = 8;
    /// A letter that its pattern splits off by script. Only a [`crate::split::pattern::Pattern`] assigns it.
    pub const SCRIPT: u8 = 9;
    /// Punctuation of such a script, where it is split from the letters.
    pub const SCRIPT_PUNCT: u8 = 10;
    /// What has no class in such a script, where letters and punctuation are split.
    pub const SCRIPT_OTHER: u8 = 11;
    pub const COUNT: usize = 12;
}

/// The bits of a table byte that hold its [`class`].
pub const CLASS: u8 = 0x0f;
/// The flag of `\p{Han}`.
pub const HAN: u8 = 0x10;
/// The flag of DeepSeek's second split: `[一-龥぀-ゟ゠-ヿ]`.
pub const CJK: u8 = 0x20;
/// The flag of a character that NFC may change, move or join to the one before it.
pub const NOT_INERT: u8 = 0x40;

const TABLE: &[u8] = include_bytes!("unicode.bin");
const BLOCK: usize = 256;
const INDEX: usize = 0x11_0000 / BLOCK;

/// The table byte of a code point: its [`class`] and flags.
///
/// Anything above U+10FFFF, which no `str` holds, is [`class::OTHER`].
#[inline(always)]
pub fn lookup(code_point: u32) -> u8 {
    let (block, offset) = (code_point as usize / BLOCK, code_point as usize % BLOCK);
    if block >= INDEX {
        return class::OTHER;
    }
    let start = INDEX + TABLE[block] as usize * BLOCK;
    TABLE.get(start + offset).copied().unwrap_or(class::OTHER)
}

/// The character at `at` of valid UTF-8, and its length in bytes; None at the end.
#[inline(always)]
pub fn decode(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let lead = *text.get(at)?;
    if lead < 0x80 {
        return Some((u32::from(lead), 1));
    }
    let tail = |i: usize| u32::from(text.get(at + i).copied().unwrap_or(0x80) & 0x3f);
    let lead = u32::from(lead);
    Some(if lead < 0xe0 {
        ((lead & 0x1f) << 6 | tail(1), 2)
    } else if lead < 0xf0 {
        ((lead & 0x0f) << 12 | tail(1) << 6 | tail(2), 3)
    } else {
        (
            (lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3),
            4,
        )
    })
}

/// The character that ends at `at`, and where it starts.
pub fn decode_before(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let start = text[..at].iter().rposition(|&byte| is_lead(byte))?;
    decode(text, start).map(|(c, _)| (c, start))
}

/// The same, fast for ASCII.
#[inline(always)]
pub fn before(text: &[u8], at: usize) -> Option<(u32, usize)> {
    match text.get(at.wrapping_sub(1)) {
        Some(&byte) if byte < 0x80 => Some((u32::from(byte), at - 1)),
        _ => decode_before(text, at),
    }
}

#[inline(always)]
pub fn is_lead(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_every_character() {
        let mut buffer = [0; 4];
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = c.encode_utf8(&mut buffer).as_bytes();
            assert_eq!(decode(text, 0), Some((u32::from(c), text.len())));
        }
        assert_eq!(decode(b"", 0), None);
    }
}
