//! All pretokens of 64 bytes at once.
//!
//! Where [`crate::split::scanner`] walks, this computes: a window starts where a pretoken does, each
//! class of character is a 64-bit mask, and the starts of the pretokens in the window follow from
//! the masks by a few shifts and additions, without a branch that depends on the text. All bytes of a
//! character carry its class, so that "the character before" is `mask << 1`.
//!
//! Nothing is carried from one window to the next. What a window cannot settle (what is near its end,
//! or in a place where a pattern looks far) it leaves out, and the next window starts at the last
//! start that was settled. If that is its own start, the walker takes over for one pretoken.

use crate::split::pattern::{Contractions, Pattern, Prefix, STARTS_SCRIPT, contraction};
use crate::split::simd::{Classify, Kinds, Window};
use crate::text::unicode::{class, decode};

/// How many bytes from its start on a window may look at.
pub const REACH: usize = 80;

/// A start below this place in the window needs nothing behind the window to be known: the longest
/// character after it is inside.
const SETTLED: u32 = 61;

/// Which bytes belong to characters of which class, as the pattern sees it.
struct Classes {
    upper: u64,
    lower: u64,
    /// Letters without case, and marks where they are letters.
    caseless: u64,
    mark: u64,
    number: u64,
    punct: u64,
    blank: u64,
    newline: u64,
    script: u64,
    /// Characters whose meaning needs the walker.
    odd: u64,
    /// Bytes that do not start a character.
    continuation: u64,
}

/// The starts of pretokens in the 64 bytes from `at`, where one starts: bit i for `at + i`.
///
/// Some may be missing, but only behind the last one that is given. That at `at` is not given.
///
/// # Safety
/// The processor has the features of `C`.
///
/// The text goes on for at least [`REACH`] bytes, and then somewhere has more than white space;
/// otherwise the answer is empty, or wrong about where the text ends.
#[inline(always)]
pub unsafe fn starts<C: Classify>(pattern: &Pattern, text: &[u8], at: usize) -> u64 {
    let Some(window) = text.get(at..).and_then(|rest| rest.first_chunk::<64>()) else {
        return 0;
    };
    // SAFETY: the caller answers for the features.
    let kinds = unsafe { C::kinds(window) };
    let mut classes = Classes::of_ascii(pattern, &kinds);
    if kinds.high != 0 {
        // SAFETY: as above.
        unsafe { classes.add_wide::<C>(pattern, window, text, at, kinds.high) };
    }
    settle(pattern, &kinds, &classes, text, at)
}

impl Classes {
    #[inline(always)]
    fn of_ascii(pattern: &Pattern, kinds: &Kinds) -> Self {
        let known = kinds.upper | kinds.lower | kinds.digit | kinds.newline | kinds.blank;
        // Only r50k has no tail, and only it sees line breaks as blanks.
        let (blank, newline) = if pattern.newline_tail {
            (kinds.blank, kinds.newline)
        } else {
            (kinds.blank | kinds.newline, 0)
        };
        let odd = if pattern.walls { kinds.control } else { 0 };
        Classes {
            upper: kinds.upper,
            lower: kinds.lower,
            caseless: 0,
            mark: 0,
            number: kinds.digit,
            punct: !(known | kinds.high | odd),
            blank,
            newline,
            script: 0,
            odd,
            continuation: 0,
        }
    }

    /// Adds the characters that are not ASCII: Han letters all at once, others one by one.
    ///
    /// # Safety
    /// The processor has the features of `C`.
    #[inline(always)]
    unsafe fn add_wide<C: Classify>(
        &mut self,
        pattern: &Pattern,
        window: &Window,
        text: &[u8],
        at: usize,
        high: u64,
    ) {
        // SAFETY: the caller answers for the features.
        let wide = unsafe { C::wide(window) };
        let mut masks = [0u64; class::COUNT];
        let han = wide.han | wide.han << 1 | wide.han << 2;
        masks[usize::from(pattern.class(0x5000))] = han;
        let mut leads = high & !wide.continuation & !han;
        while leads != 0 {
            let i = leads.trailing_zeros();
            leads &= leads - 1;
            let Some((c, length)) = decode(text, at + i as usize) else {
                break;
            };
            let flagged = pattern.flagged_class(c);
            let span = ((1 << length) - 1) << i;
            if flagged & STARTS_SCRIPT != 0 && flagged & !STARTS_SCRIPT != class::SCRIPT {
                self.odd |= span;
            }
            masks[usize::from(flagged & !STARTS_SCRIPT) % class::COUNT] |= span;
        }
        self.continuation = wide.continuation;
        self.upper |= masks[usize::from(class::UPPER)];
        self.lower |= masks[usize::from(class::LOWER)];
        self.mark = masks[usize::from(class::MARK)];
        self.caseless = masks[usize::from(class::CASELESS)] | self.mark;
        self.number |= masks[usize::from(class::NUMBER)];
        self.punct |= masks[usize::from(class::PUNCT)];
        self.blank |= masks[usize::from(class::BLANK)];
        self.newline |= masks[usize::from(class::NEWLINE)];
        self.script = masks[usize::from(class::SCRIPT)];
        self.odd |= masks[usize::from(class::OTHER)];
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

/// The first bytes of the runs in a mask.
#[inline(always)]
fn firsts(mask: u64) -> u64 {
    mask & !(mask << 1)
}

#[inline(always)]
fn settle(pattern: &Pattern, kinds: &Kinds, classes: &Classes, text: &[u8], at: usize) -> u64 {
    let letters = classes.upper | classes.lower | classes.caseless;
    let (punct, newline) = without_tails(pattern, kinds, classes);
    let white = classes.blank | newline;
    let mut odd = classes.odd;

    // Punctuation: a run starts a pretoken unless a space is before it. One such character alone
    // before a word belongs to it.
    let free = firsts(punct) & !(kinds.space << 1);
    let before_word = match pattern.prefix {
        Prefix::Space => 0,
        Prefix::Any => classes.next(free) & letters,
        Prefix::Ascii => classes.next(free & !kinds.high) & letters & !kinds.high,
    };
    if pattern.walls && before_word != 0 {
        // Behind ASCII punctuation a word ends where its ASCII letters do.
        odd |= letters & kinds.high & (letters & !kinds.high) << 1;
    }
    let prefix = if pattern.prefix == Prefix::Space {
        kinds.space
    } else {
        classes.blank
    };
    let mut starts = free | firsts(letters) & !(before_word | prefix << 1);

    if pattern.case_split {
        starts |= classes.upper & classes.lower << 1;
        // A capital after a letter without case may or may not go with it.
        odd |= classes.upper & classes.caseless << 1;
        // Marks after punctuation belong to it.
        odd |= classes.mark & classes.punct << 1;
    }
    starts |= numbers(pattern, kinds, classes) | firsts(classes.script);

    // White space: the last blank before anything else starts a pretoken, and so does the first
    // after the last line break.
    let walls = if pattern.walls {
        classes.number | classes.script
    } else {
        0
    };
    starts |= classes.previous(classes.blank << 1 & !white & !walls) | firsts(white);
    let (after_lines, lines_settled) = indents(classes.blank, newline);
    starts |= after_lines;

    let settled = SETTLED.min(lines_settled).min(odd.trailing_zeros());
    let starts = contractions(pattern, kinds.apostrophe, letters, free, starts, text, at);
    starts & ((1 << settled) - 1) & !1
}

/// Punctuation and line breaks, without the line breaks (and slashes) that belong to the
/// punctuation before them.
#[inline(always)]
fn without_tails(pattern: &Pattern, kinds: &Kinds, classes: &Classes) -> (u64, u64) {
    let tail = classes.newline | if pattern.slash_tail { kinds.slash } else { 0 };
    let seeds = classes.newline & classes.punct << 1;
    // Adding the seeds carries each through the run that it is in, and clears the run on the way.
    let taken = tail & !tail.wrapping_add(seeds) | seeds;
    (classes.punct & !taken, classes.newline & !taken)
}

#[inline(always)]
fn numbers(pattern: &Pattern, kinds: &Kinds, classes: &Classes) -> u64 {
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
                starts &= !(kinds.space << 1);
            }
            starts
        }
    }
}

/// The blanks that start a pretoken because a line break is before them, and no further one in the
/// same white space; and how far that is settled.
#[inline(always)]
fn indents(blank: u64, newline: u64) -> (u64, u32) {
    let mut indents = blank & newline << 1;
    if indents == 0 {
        return (0, u64::BITS);
    }
    let (sum, beyond) = blank.overflowing_add(indents);
    let settled = if beyond {
        63 - indents.leading_zeros()
    } else {
        u64::BITS
    };
    let mut ended = sum & !blank & newline;
    while ended != 0 {
        let below = indents & ((1 << ended.trailing_zeros()) - 1);
        indents ^= 1 << (63 - below.leading_zeros());
        ended &= ended - 1;
    }
    (indents, settled)
}

/// The starts, with those that contractions make and unmake.
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
        Contractions::Apart { fold_case } => (fold_case, false),
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
