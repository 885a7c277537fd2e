//! All pretokens of a block of 64 bytes at once.
//!
//! A block starts where a pretoken does. Each class of characters is a 64-bit mask, and the starts of
//! the pretokens in the block follow from the masks by a few shifts and additions, without a branch
//! that depends on the text. All bytes of a character have its class, so that "the character before"
//! is `mask << 1`.
//!
//! What is not ASCII is classified by rows: 64 characters that differ in their last byte alone. A block
//! has few of them, and a pattern knows the classes of each, so that all characters of a row take a few
//! vector instructions. (One character at a time took half of the time on Japanese, Korean and Cyrillic.)
//! Han and Hangul have too many rows for that; there the first two bytes say enough.
//!
//! Nothing is carried from one block to the next. What a block cannot decide (near its end, or where
//! a pattern looks far ahead) it leaves out, and the next block starts at the last start that was
//! decided. If that is the same one, the scalar scan ([`crate::split::scanner`]) finds one pretoken.

use crate::split::pattern::{Contractions, Pattern, Prefix, ROWS, STARTS_SCRIPT, contraction};
use crate::split::simd::{AsciiMasks, Block, Classify};
use crate::text::unicode::{class, decode};

/// How many bytes a block may look at, itself included: a contraction may go on after its end.
pub const LOOK_AHEAD: usize = 80;

/// A start below this offset is known without what follows the block: the longest character after
/// it is inside.
const DECIDED: u32 = 61;

/// Where characters of up to three bytes start that are inside the block.
const INSIDE: u64 = (1 << 62) - 1;

/// Which bytes belong to characters of which class, as the pattern sees it.
struct ClassMasks {
    upper: u64,
    lower: u64,
    /// Letters without case, and marks where they are letters.
    caseless: u64,
    mark: u64,
    number: u64,
    punct: u64,
    horizontal: u64,
    newline: u64,
    script: u64,
    /// What else is of the script, where that is split from its letters.
    script_rest: u64,
    /// Characters without a class, where they have a meaning of their own.
    other: u64,
    /// Characters whose meaning needs the scalar scan.
    undecided: u64,
    /// Bytes that do not start a character.
    continuation: u64,
}

/// The starts of pretokens in the 64 bytes from `at`, where one starts: bit i for `at + i`.
///
/// Some may be missing, but only after the last one that is given. That at `at` is not given.
///
/// The text goes on for at least [`LOOK_AHEAD`] bytes, and then somewhere has more than white space;
/// otherwise the answer is empty, or wrong about where the text ends.
///
/// # Safety
/// The processor has the features of `C`.
#[inline(always)]
pub unsafe fn starts<C: Classify>(pattern: &Pattern, text: &[u8], at: usize) -> u64 {
    let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<64>()) else {
        return 0;
    };
    // SAFETY: the caller answers for the features.
    let ascii = unsafe { C::ascii(block) };
    let mut classes = ClassMasks::of_ascii(pattern, &ascii);
    if ascii.high != 0 {
        // SAFETY: as above.
        unsafe { classes.add_non_ascii::<C>(pattern, block, text, at, ascii.high) };
    }
    decided_starts(pattern, &ascii, &classes, text, at)
}

impl ClassMasks {
    #[inline(always)]
    fn of_ascii(pattern: &Pattern, ascii: &AsciiMasks) -> Self {
        let known = ascii.upper | ascii.lower | ascii.digit | ascii.newline | ascii.horizontal;
        // Only r50k has no tail, and only it treats line breaks as horizontal space.
        let (horizontal, newline) = if pattern.newline_tail {
            (ascii.horizontal, ascii.newline)
        } else {
            (ascii.horizontal | ascii.newline, 0)
        };
        let other = if pattern.keeps_other() {
            ascii.control
        } else {
            0
        };
        ClassMasks {
            upper: ascii.upper,
            lower: ascii.lower,
            caseless: 0,
            mark: 0,
            number: ascii.digit,
            punct: !(known | ascii.high | other),
            horizontal,
            newline,
            script: 0,
            script_rest: 0,
            other,
            undecided: 0,
            continuation: 0,
        }
    }

    /// Adds the characters that are not ASCII: Han letters all at once, Hangul syllables too, then
    /// the rest row by row. Few scripts have more than a handful of rows of 64 characters.
    ///
    /// # Safety
    /// The processor has the features of `C`.
    #[inline(always)]
    unsafe fn add_non_ascii<C: Classify>(
        &mut self,
        pattern: &Pattern,
        block: &Block,
        text: &[u8],
        at: usize,
        high: u64,
    ) {
        // SAFETY: the caller answers for the features.
        let others = unsafe { C::non_ascii(block) };
        let mut masks = ByClass([0; 16]);
        let spans = |leads: u64| leads | leads << 1 | leads << 2;
        let (han, hangul) = (spans(others.han), spans(others.hangul));
        masks.add(pattern.class(0x5000), han);
        masks.add(pattern.class(0xac00), hangul);
        let leads = high & !others.continuation & !han & !hangul;
        let mut single = leads & !INSIDE;
        let mut leads = leads & INSIDE;
        while leads != 0 {
            let i = leads.trailing_zeros();
            let lead = block[i as usize];
            let second = block[(i as usize + 1) % block.len()];
            if lead >= 0xf0 {
                single |= 1 << i;
                leads &= leads - 1;
                continue;
            }
            let is_wide = lead >= 0xe0;
            let (row, any) = if is_wide {
                (usize::from(lead & 0xf) << 6 | usize::from(second & 0x3f), 0)
            } else {
                (usize::from(lead & 0x1f), !0)
            };
            // SAFETY: as above.
            let mut row_leads =
                unsafe { leads & C::equal(block, lead) & (C::equal(block, second) >> 1 | any) };
            leads &= !row_leads;
            let Some(row) = pattern.rows[row % ROWS].known() else {
                single |= row_leads;
                continue;
            };
            let spans = |leads: u64| leads | leads << 1 | (leads << 2 & !any);
            for &(flagged, members) in row.minor() {
                // SAFETY: as above.
                let members = unsafe { C::members(block, members) } >> (1 + u32::from(is_wide));
                let found = row_leads & members;
                self.add(&mut masks, flagged, spans(found));
                row_leads &= !found;
            }
            self.add(&mut masks, row.major, spans(row_leads));
        }
        while single != 0 {
            let i = single.trailing_zeros();
            single &= single - 1;
            let Some((c, length)) = decode(text, at + i as usize) else {
                break;
            };
            let span = ((1 << length) - 1) << i;
            self.add(&mut masks, pattern.flagged_class(c), span);
        }
        self.continuation = others.continuation;
        self.upper |= masks.get(class::UPPER);
        self.lower |= masks.get(class::LOWER);
        self.mark = masks.get(class::MARK);
        self.caseless = masks.get(class::CASELESS) | self.mark;
        self.number |= masks.get(class::NUMBER);
        self.punct |= masks.get(class::PUNCT);
        self.horizontal |= masks.get(class::HORIZONTAL_SPACE);
        self.newline |= masks.get(class::NEWLINE);
        self.script = masks.get(class::SCRIPT);
        self.script_rest = masks.get(class::SCRIPT_PUNCT) | masks.get(class::SCRIPT_OTHER);
        self.other |= masks.get(class::OTHER);
    }

    /// Adds the bytes of characters of a class, to `undecided` where a script run may start with
    /// what is neither of the script's class nor its punctuation.
    #[inline(always)]
    fn add(&mut self, masks: &mut ByClass, flagged: u8, span: u64) {
        let class = flagged & !STARTS_SCRIPT;
        if flagged & STARTS_SCRIPT != 0 && !matches!(class, class::SCRIPT | class::SCRIPT_PUNCT) {
            self.undecided |= span;
        }
        masks.add(class, span);
    }

    /// The starts of the characters after those that start at these bits.
    #[inline(always)]
    fn next(&self, leads: u64) -> u64 {
        // Adding carries a bit through the continuation bytes above it.
        (leads << 1).wrapping_add(self.continuation) & !self.continuation
    }

    /// The starts of the characters before those that start at these bits.
    #[inline(always)]
    fn previous(&self, leads: u64) -> u64 {
        let mut bits = leads >> 1;
        if self.continuation != 0 {
            for _ in 0..3 {
                let inside = bits & self.continuation;
                bits = bits ^ inside | inside >> 1;
            }
        }
        bits
    }
}

/// Bytes of characters, by their class.
struct ByClass([u64; 16]);

impl ByClass {
    #[inline(always)]
    fn add(&mut self, class: u8, bytes: u64) {
        self.0[usize::from(class % 16)] |= bytes;
    }

    #[inline(always)]
    fn get(&self, class: u8) -> u64 {
        self.0[usize::from(class % 16)]
    }
}

/// The first bytes of the runs in a mask.
#[inline(always)]
fn firsts(mask: u64) -> u64 {
    mask & !(mask << 1)
}

#[inline(always)]
fn decided_starts(
    pattern: &Pattern,
    ascii: &AsciiMasks,
    classes: &ClassMasks,
    text: &[u8],
    at: usize,
) -> u64 {
    let letters = classes.upper | classes.lower | classes.caseless;
    let (punct, newline) = without_tails(pattern, ascii, classes);
    let white = classes.horizontal | newline;
    let mut undecided = classes.undecided;
    let mut starts = 0;

    // Punctuation: a run starts a pretoken unless a space is before it. One such character alone
    // before a word belongs to it.
    let free = firsts(punct) & !(ascii.space << 1);
    let before_word = match pattern.prefix {
        Prefix::Space => 0,
        Prefix::Any => classes.next(free) & letters,
        Prefix::Ascii => classes.next(free & !ascii.high) & letters & !ascii.high,
    };
    if pattern.look_ahead_stops && before_word != 0 {
        // After ASCII punctuation a word ends where its ASCII letters do. Adding its first carries
        // to there.
        let ascii_letters = letters & !ascii.high;
        starts |= ascii_letters.wrapping_add(before_word) & !ascii_letters & letters;
    }
    let prefix = if pattern.prefix == Prefix::Space {
        ascii.space
    } else {
        classes.horizontal | classes.other
    };
    starts |= free | firsts(letters) & !(before_word | prefix << 1);

    if pattern.case_split {
        starts |= classes.upper & classes.lower << 1;
        // A capital after a letter without case may or may not go with it.
        undecided |= classes.upper & classes.caseless << 1;
        // Marks after punctuation belong to it.
        undecided |= classes.mark & classes.punct << 1;
    }
    starts |= numbers(pattern, ascii, classes);
    starts |= firsts(classes.script) | firsts(classes.script_rest);
    // What has no class, but for the last of it before a word, which belongs to that.
    starts |= firsts(classes.other) | classes.previous(classes.other << 1 & letters);

    // White space: the last horizontal space before anything else starts a pretoken, and so does the first
    // after the last line break.
    let stops = if pattern.look_ahead_stops {
        classes.number | classes.script | classes.script_rest
    } else {
        0
    };
    starts |= classes.previous(classes.horizontal << 1 & !white & !stops) | firsts(white);
    let (after_lines, lines_decided) = indents(classes.horizontal, newline);
    starts |= after_lines;

    let decided = DECIDED.min(lines_decided).min(undecided.trailing_zeros());
    let starts = contractions(pattern, ascii.apostrophe, letters, free, starts, text, at);
    starts & ((1 << decided) - 1) & !1
}

/// Punctuation and line breaks, without the line breaks (and slashes) that belong to the
/// punctuation before them.
#[inline(always)]
fn without_tails(pattern: &Pattern, ascii: &AsciiMasks, classes: &ClassMasks) -> (u64, u64) {
    let tail = classes.newline | if pattern.slash_tail { ascii.slash } else { 0 };
    let seeds = classes.newline & classes.punct << 1;
    // Adding the seeds carries each through the run that it is in, and clears the run on the way.
    let taken = tail & !tail.wrapping_add(seeds) | seeds;
    (classes.punct & !taken, classes.newline & !taken)
}

#[inline(always)]
fn numbers(pattern: &Pattern, ascii: &AsciiMasks, classes: &ClassMasks) -> u64 {
    let number = classes.number;
    let mut starts = firsts(number);
    match pattern.max_digits {
        1 => number & !classes.continuation,
        3 => {
            let mut group = starts;
            loop {
                for _ in 0..3 {
                    group = classes.next(group) & number;
                }
                if group == 0 {
                    return starts;
                }
                starts |= group;
            }
        }
        _ => {
            if pattern.prefix == Prefix::Space {
                starts &= !(ascii.space << 1);
            }
            starts
        }
    }
}

/// The horizontal spaces that start a pretoken because a line break is before them, and no further one in the
/// same white space; and up to where that is decided.
#[inline(always)]
fn indents(horizontal: u64, newline: u64) -> (u64, u32) {
    let mut indents = horizontal & newline << 1;
    if indents == 0 {
        return (0, u64::BITS);
    }
    let (sum, beyond) = horizontal.overflowing_add(indents);
    let decided = if beyond {
        63 - indents.leading_zeros()
    } else {
        u64::BITS
    };
    let mut ended = sum & !horizontal & newline;
    while ended != 0 {
        let below = indents & ((1 << ended.trailing_zeros()) - 1);
        indents ^= 1 << (63 - below.leading_zeros());
        ended &= ended - 1;
    }
    (indents, decided)
}

/// The starts, with those that contractions add and remove.
#[inline(always)]
fn contractions(
    pattern: &Pattern,
    apostrophe: u64,
    letters: u64,
    free: u64,
    mut starts: u64,
    text: &[u8],
    at: usize,
) -> u64 {
    let (fold_case, suffix) = match pattern.contractions {
        Contractions::None => return starts,
        Contractions::Separate { fold_case } => (fold_case, false),
        Contractions::Suffix => (true, true),
    };
    let mut candidates = apostrophe & free & letters >> 1;
    if suffix {
        candidates &= letters << 1;
    }
    let mut last_end = 0;
    while candidates != 0 {
        let i = candidates.trailing_zeros() as usize;
        candidates &= candidates - 1;
        // A contraction ends a word, not another contraction.
        if suffix && i == last_end {
            continue;
        }
        if let Some(length) = contraction(&text[at + i..], fold_case) {
            let inside = ((1u64 << length) - 1) << i;
            starts &= !inside;
            starts |= if suffix { 0 } else { 1 << i };
            last_end = i + length;
            starts |= 1u64.checked_shl(last_end as u32).unwrap_or(0);
        }
    }
    starts
}
