//! The punctuation that ends sentences and clauses, closes them, or breaks lines.
//!
//! After the classes of UAX #29, "Unicode Text Segmentation", table 4. The fallback is
//! `ctxtools/_core/fallback/sentences/marks.py`.

use crate::text::unicode::{CLASS, class, decode, lookup};

/// What a character may do at the end of a sentence or clause, as flags.
pub mod role {
    /// Ends a sentence where white space follows the closing punctuation.
    pub const TERMINATOR: u8 = 1;
    /// Ends it without any white space.
    pub const FULL_WIDTH_TERMINATOR: u8 = 2;
    /// Closes its quote or bracket before white space, where even an opening mark must close.
    pub const CLOSER: u8 = 4;
    /// The same without white space.
    pub const FULL_WIDTH_CLOSER: u8 = 8;
    /// Ends a clause where white space follows.
    pub const CLAUSE: u8 = 16;
    /// Ends it without any white space.
    pub const FULL_WIDTH_CLAUSE: u8 = 32;
    /// Breaks a line or page.
    pub const BREAK: u8 = 64;
}

const ASCII_ROLES: [u8; 128] = {
    let mut roles = [0; 128];
    set(&mut roles, b".!?", role::TERMINATOR);
    set(&mut roles, b",;:", role::CLAUSE);
    set(&mut roles, b"\"'*_`", role::CLOSER);
    set(&mut roles, b")]}", role::CLOSER | role::FULL_WIDTH_CLOSER);
    set(&mut roles, b"\n\x0b\x0c\r", role::BREAK);
    roles
};

const fn set(roles: &mut [u8; 128], mut bytes: &[u8], role: u8) {
    while let [byte, rest @ ..] = bytes {
        roles[*byte as usize] = role;
        bytes = rest;
    }
}

/// The [`role`]s of a character.
#[inline(always)]
pub fn role(c: u32) -> u8 {
    match ASCII_ROLES.get(c as usize) {
        Some(&role) => role,
        None => role_beyond_ascii(c),
    }
}

fn role_beyond_ascii(c: u32) -> u8 {
    use role::*;
    // Ideographs and Hangul, of which there are many, are none.
    if matches!(c, 0x3400..0xa000 | 0xac00..0xd800) {
        return 0;
    }
    match char::from_u32(c).unwrap_or_default() {
        '…' => TERMINATOR | FULL_WIDTH_TERMINATOR,
        '。' | '！' | '？' | '｡' | '．' => FULL_WIDTH_TERMINATOR,
        '，' | '；' | '：' | '、' | '､' | '﹐' | '﹑' | '﹔' | '﹕' | '︐' | '︑' | '︓' | '︔' => {
            FULL_WIDTH_CLAUSE
        }
        '“' | '‹' | '«' | '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' => CLOSER,
        '”' | '’' | '»' | '›' | '）' | '］' | '｝' | '」' | '』' | '】' | '》' | '〉' | '〕'
        | '〗' | '〙' | '｣' | '｠' => CLOSER | FULL_WIDTH_CLOSER,
        // Dashes; the commas and their like of Greek, Armenian, Arabic, N'Ko, Tibetan, Myanmar,
        // Ethiopic, Khmer and Mongolian.
        '–'
        | '—'
        | '\u{387}'
        | '\u{55d}'
        | '\u{60c}'
        | '\u{61b}'
        | '\u{7f8}'
        | '\u{f0d}'
        | '\u{f0e}'
        | '\u{104a}'
        | '\u{1363}'..='\u{1366}'
        | '\u{17d6}'
        | '\u{1802}'
        | '\u{1808}'
        | '⁏'
        | '⹁' => CLAUSE,
        '\u{85}' | '\u{2028}' | '\u{2029}' => BREAK,
        _ if is_format(c) => CLOSER | FULL_WIDTH_CLOSER,
        _ if is_other_terminator(c) => TERMINATOR,
        _ => 0,
    }
}

/// Whether it shows nothing, such as a mark of direction: it belongs to what is before it.
pub fn is_format(c: u32) -> bool {
    matches!(
        c,
        0xad | 0x200b | 0x200e..=0x200f | 0x202a..=0x202e | 0x2060..=0x2064 | 0x2066..=0x2069 | 0xfeff
    )
}

/// The terminators (STerm and ATerm) of Unicode that need white space, but for ASCII: Khmer's, which
/// the standard leaves out, and without Myanmar's comma.
#[rustfmt::skip]
fn is_other_terminator(c: u32) -> bool {
    matches!(
        c,
        0x589 | 0x61d..=0x61f | 0x6d4 | 0x700..=0x702 | 0x7f9 | 0x837 | 0x839 | 0x83d..=0x83e
        | 0x964..=0x965 | 0x104b | 0x1362 | 0x1367..=0x1368 | 0x166e | 0x1735..=0x1736
        | 0x17d4..=0x17d5 | 0x1803 | 0x1809 | 0x1944..=0x1945 | 0x1aa8..=0x1aab | 0x1b5a..=0x1b5b
        | 0x1b5e..=0x1b5f | 0x1b7d..=0x1b7e | 0x1c3b..=0x1c3c | 0x1c7e..=0x1c7f | 0x2024
        | 0x203c..=0x203d | 0x2047..=0x2049 | 0x2e2e | 0x2e3c | 0x2e53..=0x2e54 | 0xa4ff
        | 0xa60e..=0xa60f | 0xa6f3 | 0xa6f7 | 0xa876..=0xa877 | 0xa8ce..=0xa8cf | 0xa92f
        | 0xa9c8..=0xa9c9 | 0xaa5d..=0xaa5f | 0xaaf0..=0xaaf1 | 0xabeb | 0xfe52 | 0xfe56..=0xfe57
        | 0x10a56..=0x10a57 | 0x10f55..=0x10f59 | 0x10f86..=0x10f89 | 0x11047..=0x11048
        | 0x110be..=0x110c1 | 0x11141..=0x11143 | 0x111c5..=0x111c6 | 0x111cd | 0x111de..=0x111df
        | 0x11238..=0x11239 | 0x1123b..=0x1123c | 0x112a9 | 0x1144b..=0x1144c | 0x115c2..=0x115c3
        | 0x115c9..=0x115d7 | 0x11641..=0x11642 | 0x1173c..=0x1173e | 0x11944 | 0x11946
        | 0x11a42..=0x11a43 | 0x11a9b..=0x11a9c | 0x11c41..=0x11c42 | 0x11ef7..=0x11ef8
        | 0x11f43..=0x11f44 | 0x16a6e..=0x16a6f | 0x16af5 | 0x16b37..=0x16b38 | 0x16b44 | 0x16e98
        | 0x1bc9f | 0x1da88
    )
}

#[inline(always)]
pub fn is_space(c: u32) -> bool {
    match c {
        ..0x80 => matches!(c, 0x20 | 0x09..=0x0d),
        _ => matches!(lookup(c) & CLASS, class::HORIZONTAL_SPACE | class::NEWLINE),
    }
}

/// Whether it breaks a line or page.
#[inline(always)]
pub fn is_break(c: u32) -> bool {
    matches!(c, 0x0a..=0x0d | 0x85 | 0x2028 | 0x2029)
}

/// Whether a paragraph ends before it, without an empty line: the form feed, between pages, and
/// Unicode's separator.
pub fn ends_paragraph(c: u32) -> bool {
    matches!(c, 0x0c | 0x2029)
}

/// Whether what is at `at` belongs to what is before it: a comma, full stop or closing mark of a
/// script without spaces.
pub fn starts_with_closing(text: &[u8], at: usize) -> bool {
    const CLOSING: u8 =
        role::FULL_WIDTH_TERMINATOR | role::FULL_WIDTH_CLAUSE | role::FULL_WIDTH_CLOSER;
    decode(text, at).is_some_and(|(c, _)| role(c) & CLOSING != 0)
}
