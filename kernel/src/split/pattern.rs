//! The split patterns, as parameters of one scanner.
//!
//! All families share a skeleton: a word with at most one other character before it, a few digits,
//! punctuation with at most one space before it, white space. They differ in which characters are
//! which; most of that is a map from a character's class to the class that the family sees.
//!
//! The regular expressions that these stand for are in `ctxtools/encodings/files/patterns.py`;
//! `tests/split.rs` compares the two.

use crate::text::unicode::{CJK, CLASS, HAN, class, lookup};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Set(u16);

impl Set {
    pub const fn of(classes: &[u8]) -> Self {
        let (mut bits, mut i) = (0, 0);
        while i < classes.len() {
            bits |= 1 << classes[i];
            i += 1;
        }
        Set(bits)
    }

    #[inline(always)]
    pub const fn has(self, class: u8) -> bool {
        self.0 >> class & 1 != 0
    }
}

/// Where `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` and `'d` belong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Contractions {
    None,
    /// They are separate pretokens.
    Separate {
        fold_case: bool,
    },
    /// They end the word before them, in upper case too.
    Suffix,
}

/// Which one character before a word belongs to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Prefix {
    /// Only a space; it may stand before a number too.
    Space,
    /// Anything but line breaks, letters and numbers.
    Any,
    /// Horizontal space and characters without a class; and ASCII punctuation before ASCII letters, with which
    /// the word then ends.
    Ascii,
}

/// A family of split patterns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    /// Byte of the Unicode table -> the class that this family sees, with [`STARTS_SCRIPT`] where a
    /// script run may start.
    classes: Box<[u8; 256]>,
    /// The classes of the characters below U+10000.
    pub(crate) rows: Box<[Row; ROWS]>,
    pub contractions: Contractions,
    pub prefix: Prefix,
    /// Whether an upper case letter after a lower case one starts a word.
    pub case_split: bool,
    /// The longest number, in characters.
    pub max_digits: usize,
    /// Whether line breaks right after punctuation belong to it.
    pub newline_tail: bool,
    /// Whether slashes among such line breaks do too.
    pub slash_tail: bool,
    /// Whether white space at the end of a text is one pretoken, line breaks included.
    pub joins_trailing_space: bool,
    /// Whether white space sees the end of the text where a number or a script run starts.
    pub look_ahead_stops: bool,
    pub punct: Set,
}

/// The rows of characters below U+10000.
pub const ROWS: usize = 1 << 10;
/// A row may have this many classes besides that of most of its characters.
const MINOR: usize = 3;

/// The classes of 64 characters that differ in the last six bits, which are those of the last byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// The class of most of them, with [`STARTS_SCRIPT`] where that holds.
    pub major: u8,
    /// How many other classes there are; more than [`MINOR`] if they are not listed.
    count: u8,
    /// The others, each with a bit for each character.
    minor: [(u8, u64); MINOR],
}

impl Row {
    const EMPTY: Self = Row {
        major: class::OTHER,
        count: 0,
        minor: [(class::OTHER, 0); MINOR],
    };

    /// A row from its characters' classes.
    fn of(classes: [u8; 64]) -> Self {
        let members = |class| {
            let bit = |(i, &its): (usize, &u8)| u64::from(its == class) << i;
            classes.iter().enumerate().map(bit).sum::<u64>()
        };
        let mut row = Row {
            major: classes[0],
            ..Self::EMPTY
        };
        let mut known = members(row.major);
        let mut most = known.count_ones();
        while known != u64::MAX && usize::from(row.count) < MINOR {
            let class = classes[known.trailing_ones() as usize];
            let its = members(class);
            let minor = &mut row.minor[usize::from(row.count)];
            *minor = (class, its);
            if its.count_ones() > most {
                *minor = (row.major, members(row.major));
                (row.major, most) = (class, its.count_ones());
            }
            known |= its;
            row.count += 1;
        }
        if known != u64::MAX {
            row.count = u8::MAX;
        }
        row
    }

    /// This row, if its classes are listed.
    #[inline(always)]
    pub fn known(&self) -> Option<&Self> {
        (usize::from(self.count) <= MINOR).then_some(self)
    }

    /// The classes but that of most characters, each with a bit for each of its characters.
    #[inline(always)]
    pub fn minor(&self) -> &[(u8, u64)] {
        &self.minor[..usize::from(self.count).min(MINOR)]
    }
}

/// The flag, beside a class, of a character that starts a run of its script.
pub const STARTS_SCRIPT: u8 = 0x80;

/// What words are made of.
pub const WORD: Set = Set::of(&[class::UPPER, class::LOWER, class::CASELESS, class::MARK]);
/// What has no class, of which the last before a word belongs to that.
pub const OTHER: Set = Set::of(&[class::OTHER, class::SCRIPT_OTHER]);
pub const SPACE: Set = Set::of(&[class::HORIZONTAL_SPACE, class::NEWLINE]);

const PUNCT: Set = Set::of(&[class::PUNCT]);
const PUNCT_OR_MARK: Set = Set::of(&[class::PUNCT, class::MARK]);

impl Pattern {
    pub const NAMES: [&str; 9] = [
        "r50k", "cl100k", "llama3", "qwen2", "qwen35", "o200k", "tekken", "kimi", "deepseek",
    ];

    pub fn named(name: &str) -> Option<Self> {
        let mut pattern = Self::without_rows(name)?;
        for (row, number) in pattern.rows.iter_mut().zip(0..) {
            let class = |i| pattern.classes[usize::from(lookup(number << 6 | i as u32))];
            *row = Row::of(std::array::from_fn(class));
        }
        Some(pattern)
    }

    fn without_rows(name: &str) -> Option<Self> {
        let base = Pattern {
            classes: classes(|class| match class {
                class::MARK | class::OTHER => class::PUNCT,
                class => class,
            }),
            rows: Box::new([Row::EMPTY; ROWS]),
            contractions: Contractions::Separate { fold_case: true },
            prefix: Prefix::Any,
            case_split: false,
            max_digits: 3,
            newline_tail: true,
            slash_tail: false,
            joins_trailing_space: false,
            look_ahead_stops: false,
            punct: PUNCT,
        };
        let keep_marks = |class| {
            if class == class::OTHER {
                class::PUNCT
            } else {
                class
            }
        };
        Some(match name {
            "r50k" => Pattern {
                classes: classes(|class| match class {
                    class::MARK | class::OTHER => class::PUNCT,
                    class::NEWLINE => class::HORIZONTAL_SPACE,
                    class => class,
                }),
                contractions: Contractions::Separate { fold_case: false },
                prefix: Prefix::Space,
                max_digits: usize::MAX,
                newline_tail: false,
                ..base
            },
            "cl100k" => Pattern {
                joins_trailing_space: true,
                ..base
            },
            "llama3" => base,
            "qwen2" => Pattern {
                max_digits: 1,
                ..base
            },
            "qwen35" => Pattern {
                classes: classes(keep_marks),
                max_digits: 1,
                ..base
            },
            "o200k" => Pattern {
                classes: classes(keep_marks),
                contractions: Contractions::Suffix,
                case_split: true,
                slash_tail: true,
                punct: PUNCT_OR_MARK,
                ..base
            },
            "tekken" => Pattern {
                contractions: Contractions::None,
                max_digits: 1,
                ..Self::without_rows("o200k")?
            },
            "kimi" => Pattern {
                classes: with_script(HAN, keep_marks, |class| match class {
                    class::NUMBER => class::NUMBER,
                    class if WORD.has(class) && class != class::MARK => class::SCRIPT,
                    _ => class::PUNCT,
                }),
                slash_tail: false,
                ..Self::without_rows("o200k")?
            },
            "deepseek" => Pattern {
                // Splits of what the split by script leaves, too, so letters are not next to others.
                classes: with_script(
                    CJK,
                    |class| class,
                    |class| match class {
                        class::PUNCT => class::SCRIPT_PUNCT,
                        class::OTHER => class::SCRIPT_OTHER,
                        _ => class::SCRIPT,
                    },
                ),
                contractions: Contractions::None,
                prefix: Prefix::Ascii,
                look_ahead_stops: true,
                ..base
            },
            _ => return None,
        })
    }

    /// The class of a code point as this family sees it, with [`STARTS_SCRIPT`] where that holds.
    #[inline(always)]
    pub fn flagged_class(&self, code_point: u32) -> u8 {
        self.classes[lookup(code_point) as usize]
    }

    /// Whether characters without a class are not punctuation.
    #[inline(always)]
    pub fn keeps_other(&self) -> bool {
        self.prefix == Prefix::Ascii
    }

    /// The class of a code point as this family sees it.
    #[inline(always)]
    pub fn class(&self, code_point: u32) -> u8 {
        self.flagged_class(code_point) & !STARTS_SCRIPT
    }
}

fn classes(visit: impl Fn(u8) -> u8) -> Box<[u8; 256]> {
    with_script(0, &visit, &visit)
}

/// The map of a family that treats a script separately.
fn with_script(
    flag: u8,
    visit: impl Fn(u8) -> u8,
    see_script: impl Fn(u8) -> u8,
) -> Box<[u8; 256]> {
    let mut map = Box::new([class::OTHER; 256]);
    for (byte, entry) in (0..=255u8).zip(map.iter_mut()) {
        let class = byte & CLASS;
        *entry = if byte & flag == 0 {
            visit(class)
        } else {
            see_script(class) | STARTS_SCRIPT
        };
    }
    map
}

/// The length in bytes of the contraction that `text` starts with, apostrophe included.
///
/// `ſ` (U+017F) is an `s` to a pattern that folds case.
#[inline]
pub fn contraction(text: &[u8], fold_case: bool) -> Option<usize> {
    let letter = |i: usize| {
        let byte = text.get(i).copied().unwrap_or(0);
        if fold_case {
            byte.to_ascii_lowercase()
        } else {
            byte
        }
    };
    if letter(0) != b'\'' {
        return None;
    }
    match (letter(1), letter(2)) {
        (b's' | b't' | b'm' | b'd', _) => Some(2),
        (b'r', b'e') | (b'v', b'e') | (b'l', b'l') => Some(3),
        (0xc5, 0xbf) if fold_case => Some(3),
        _ => None,
    }
}
