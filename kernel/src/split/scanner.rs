//! One pretoken at a time: the definition of what the split patterns mean.
//!
//! [`next_end`] is written for reading. It takes any position of any text, looks at nothing before
//! it, and takes time linear in what it passes over. [`crate::split::bitmask`] does the same for 64 bytes at
//! once where it can, and hands back to this one where it cannot.

use crate::split::bitmask::{self, REACH};
use crate::split::pattern::{
    Contractions, Pattern, Prefix, SPACE, STARTS_SCRIPT, Set, WORD, contraction,
};
use crate::split::simd::{self, Classify};
use crate::text::unicode::{CLASS, class, decode, is_lead, lookup};

/// The end of the pretoken that starts at `start`, in bytes. `start` is below the text's length.
pub fn next_end(pattern: &Pattern, text: &[u8], start: usize) -> usize {
    Scan { pattern, text }.next_end(start)
}

const SCRIPT: Set = Set::of(&[class::SCRIPT]);
const NUMBER: Set = Set::of(&[class::NUMBER]);
const OTHER: Set = Set::of(&[class::OTHER]);
const BLANK_OR_OTHER: Set = Set::of(&[class::BLANK, class::OTHER]);
const LETTER_OR_NUMBER: Set =
    Set::of(&[class::UPPER, class::LOWER, class::CASELESS, class::NUMBER]);
const PUNCT_OR_BLANK: Set = Set::of(&[class::PUNCT, class::BLANK]);

struct Scan<'a> {
    pattern: &'a Pattern,
    text: &'a [u8],
}

impl Scan<'_> {
    fn next_end(&self, start: usize) -> usize {
        let Some((first, length)) = decode(self.text, start) else {
            return self.text.len();
        };
        let flagged = self.pattern.flagged_class(first);
        if flagged & STARTS_SCRIPT != 0 {
            return self.script_end(start);
        }
        let next = start + length;
        match flagged {
            class::NUMBER => self.number_end(start),
            _ => self
                .contraction_end(start)
                .or_else(|| self.word_with_prefix(start, next, flagged))
                .or_else(|| self.after_space(start, next))
                .unwrap_or_else(|| match flagged {
                    class::BLANK | class::NEWLINE => self.space_end(start),
                    class::OTHER => self.unmatched_end(start),
                    _ => self.punct_end(start),
                }),
        }
    }

    /// The class of the character at `at`, and where the next one starts.
    #[inline(always)]
    fn class_at(&self, at: usize) -> Option<(u8, usize)> {
        decode(self.text, at).map(|(c, length)| (self.pattern.class(c), at + length))
    }

    fn is(&self, at: usize, set: Set) -> bool {
        self.class_at(at).is_some_and(|(class, _)| set.has(class))
    }

    /// The end of the longest run of a set's characters from `at` on.
    fn run_end(&self, mut at: usize, set: Set) -> usize {
        while let Some((class, next)) = self.class_at(at)
            && set.has(class)
        {
            at = next;
        }
        at
    }

    fn script_end(&self, mut at: usize) -> usize {
        while let Some((c, length)) = decode(self.text, at)
            && self.pattern.flagged_class(c) & STARTS_SCRIPT != 0
        {
            at += length;
        }
        at
    }

    fn contraction_end(&self, start: usize) -> Option<usize> {
        let Contractions::Apart { fold_case } = self.pattern.contractions else {
            return None;
        };
        contraction(&self.text[start..], fold_case).map(|length| start + length)
    }

    /// A word that starts here or, if the character here may stand before a word, behind it.
    ///
    /// A mark may be both; as the first of the word's own characters it ends the word where it
    /// would as a prefix.
    fn word_with_prefix(&self, start: usize, next: usize, first: u8) -> Option<usize> {
        if WORD.has(first) {
            return Some(self.word_end(start));
        }
        let may_precede = match self.pattern.prefix {
            Prefix::Space => self.text[start] == b' ',
            Prefix::Any => PUNCT_OR_BLANK.has(first),
            Prefix::Ascii if first == class::PUNCT => return self.ascii_word_end(start, next),
            Prefix::Ascii => BLANK_OR_OTHER.has(first),
        };
        (may_precede && self.is(next, WORD)).then(|| self.word_end(next))
    }

    fn ascii_word_end(&self, start: usize, next: usize) -> Option<usize> {
        let letters = self.text[next..]
            .iter()
            .take_while(|b| b.is_ascii_alphabetic())
            .count();
        (self.text[start].is_ascii() && letters > 0).then_some(next + letters)
    }

    fn word_end(&self, start: usize) -> usize {
        let end = if self.pattern.case_split {
            self.cased_end(start)
        } else {
            self.run_end(start, WORD)
        };
        match self.pattern.contractions {
            Contractions::Suffix => end + contraction(&self.text[end..], true).unwrap_or(0),
            _ => end,
        }
    }

    /// The end of capitals and small letters: `U*L+`, or else `U+L*`, where a caseless letter or a
    /// mark is both.
    ///
    /// `U*` takes all it can. If a small letter stops it, `L+` goes on from there. If not, `U*` has
    /// to give back down to the last character that `L+` takes as well, which then is the end.
    fn cased_end(&self, start: usize) -> usize {
        const LOWER: Set = Set::of(&[class::LOWER, class::CASELESS, class::MARK]);
        let (mut at, mut last_caseless) = (start, None);
        while let Some((class, next)) = self.class_at(at) {
            match class {
                class::UPPER => {}
                class::CASELESS | class::MARK => last_caseless = Some(next),
                class::LOWER => return self.run_end(next, LOWER),
                _ => break,
            }
            at = next;
        }
        last_caseless.unwrap_or(at)
    }

    fn number_end(&self, mut at: usize) -> usize {
        for _ in 0..self.pattern.max_digits {
            match self.class_at(at) {
                Some((class::NUMBER, next)) => at = next,
                _ => break,
            }
        }
        at
    }

    /// Punctuation, or where the family has it a number, behind one space.
    fn after_space(&self, start: usize, next: usize) -> Option<usize> {
        if self.text[start] != b' ' {
            None
        } else if self.is(next, self.pattern.punct) {
            Some(self.punct_end(next))
        } else if self.pattern.prefix == Prefix::Space && self.is(next, NUMBER) {
            Some(self.number_end(next))
        } else {
            None
        }
    }

    fn punct_end(&self, start: usize) -> usize {
        let end = self.run_end(start, self.pattern.punct);
        if !self.pattern.newline_tail {
            return end;
        }
        let in_tail =
            |b: &&u8| matches!(b, b'\r' | b'\n') || (self.pattern.slash_tail && **b == b'/');
        end + self.text[end..].iter().take_while(in_tail).count()
    }

    /// White space: to its last line break, or else to before its last character, which belongs to
    /// what follows; or else that one character.
    fn space_end(&self, start: usize) -> usize {
        let (mut at, mut last, mut line_end) = (start, start, None);
        while let Some((class, next)) = self.class_at(at)
            && SPACE.has(class)
        {
            if class == class::NEWLINE {
                line_end = Some(next);
            }
            (last, at) = (at, next);
        }
        let at_end = at == self.text.len();
        if at_end && self.pattern.whole_trailing {
            return at;
        }
        if let Some(line_end) = line_end {
            return line_end;
        }
        let before_wall = self.pattern.walls && (self.is(at, NUMBER) || self.is(at, SCRIPT));
        if at_end || before_wall || last == start {
            at
        } else {
            last
        }
    }

    /// What no alternative matches, up to where one does.
    fn unmatched_end(&self, start: usize) -> usize {
        let (mut at, mut last) = (start, start);
        while let Some((class, next)) = self.class_at(at)
            && OTHER.has(class)
        {
            (last, at) = (at, next);
        }
        if last > start && self.is(at, WORD) {
            last
        } else {
            at
        }
    }
}

/// Whether a text may be cut before `at`: both sides then have, on their own, the pretokens that
/// they have together, in every family and whatever else is on the two sides.
///
/// Such are white space after a letter or a number, a blank after anything but white space, and
/// ASCII digits or punctuation other than an apostrophe after an ASCII letter. A pretoken ends
/// there in every family, and no decision before such a place looks beyond it: look-aheads are
/// tried after white space only.
pub fn is_cut(text: &[u8], at: usize) -> bool {
    let Some(&after) = text.get(at) else {
        return false;
    };
    let Some((before, _)) = previous(text, at) else {
        return false;
    };
    let letter = u8::try_from(before).is_ok_and(|b| b.is_ascii_alphabetic());
    match after {
        b' ' | b'\t' => !SPACE.has(lookup(before) & CLASS),
        b'\r' | b'\n' => LETTER_OR_NUMBER.has(lookup(before) & CLASS),
        b'\'' => false,
        b'0'..=b'9' => letter,
        _ => letter && after.is_ascii_punctuation(),
    }
}

/// The last place above `floor` at which the text may be cut.
pub fn last_cut(text: &[u8], floor: usize) -> Option<usize> {
    (floor + 1..text.len()).rev().find(|&at| is_cut(text, at))
}

/// The character that ends at `at`, and where it starts.
pub fn previous(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let start = text[..at].iter().rposition(|&byte| is_lead(byte))?;
    decode(text, start).map(|(c, _)| (c, start))
}

/// The pretokens of a text, a batch at a time.
pub struct Pretokens<'a> {
    pattern: &'a Pattern,
    text: &'a [u8],
    at: usize,
    /// Windows may start below this.
    windows_end: usize,
    /// Where the last character ends that is neither white space nor without a class.
    trimmed_end: usize,
    tail: Tail,
    level: Level,
}

/// A copy of the end of a text, so that windows may look at more than there is.
struct Tail {
    /// The text from `start` to its trimmed end, and what [`Tail::fill`] puts behind it.
    bytes: [u8; 2 * REACH],
    /// [`usize::MAX`] until there is a copy.
    start: usize,
}

impl Tail {
    /// Letters, which make one pretoken, behind a text that is still to come.
    const EMPTY: Self = Tail {
        bytes: [b'a'; 2 * REACH],
        start: usize::MAX,
    };

    /// Copies the end of a text that does not end in white space, from `start` on.
    ///
    /// A digit behind it changes no pretoken before it: nothing but a number goes on with one, and it
    /// starts another where the number would have ended.
    fn fill(&mut self, end: &[u8], start: usize) {
        self.bytes[..end.len()].copy_from_slice(end);
        self.bytes[end.len()] = b'0';
        self.start = start;
    }
}

/// What the processor can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// One pretoken at a time.
    Walk,
    /// 64 bytes at a time, without vectors. Slower than walking: it is there for tests, so that
    /// windows are right on processors that nobody has at hand.
    Portable,
    /// 64 bytes at a time, in two halves.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 64 bytes at a time.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// 64 bytes at a time, in four quarters.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Level {
    /// The best that this processor has.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("bmi2") {
            if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512f") {
                return Level::Avx512;
            }
            if is_x86_feature_detected!("avx2") {
                return Level::Avx2;
            }
        }
        #[cfg(target_arch = "aarch64")]
        if simd::Neon::is_there() {
            return Level::Neon;
        }
        Level::Walk
    }

    /// All that this processor has.
    pub fn all() -> Vec<Self> {
        let best = Level::best();
        let mut all = vec![Level::Walk, Level::Portable];
        if !all.contains(&best) {
            all.push(best);
        }
        #[cfg(target_arch = "x86_64")]
        all.extend((best == Level::Avx512).then_some(Level::Avx2));
        all
    }
}

/// How many ends of pretokens come in a batch, at most.
pub const BATCH: usize = 512;
/// The ends of some consecutive pretokens.
pub type Batch = [usize; BATCH];

impl<'a> Pretokens<'a> {
    /// The pretokens of a text of valid UTF-8.
    pub fn new(pattern: &'a Pattern, text: &'a [u8], level: Level) -> Self {
        // Windows know nothing of the end of a text, which white space before it could see.
        let trimmed_end = match level {
            Level::Walk => 0,
            _ => trimmed_end(pattern, text),
        };
        Pretokens {
            pattern,
            text,
            at: 0,
            windows_end: trimmed_end.saturating_sub(REACH),
            trimmed_end,
            tail: Tail::EMPTY,
            level,
        }
    }

    /// Puts the ends of the next pretokens into a batch, which has room for 64 or more, and returns
    /// how many; 0 at the end.
    pub fn fill(&mut self, batch: &mut [usize]) -> usize {
        match self.level {
            Level::Walk => self.walk(batch),
            // SAFETY: `Portable` needs no features.
            Level::Portable => unsafe { self.fill_with::<simd::Portable>(batch) },
            // SAFETY: `Level::best` has found the features that these functions enable.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { self.fill_avx2(batch) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { self.fill_avx512(batch) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            Level::Neon => unsafe { self.fill_neon(batch) },
        }
    }

    fn walk(&mut self, batch: &mut [usize]) -> usize {
        let mut n = 0;
        while n < batch.len() && self.at < self.text.len() {
            self.at = next_end(self.pattern, self.text, self.at);
            batch[n] = self.at;
            n += 1;
        }
        n
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    unsafe fn fill_avx2(&mut self, batch: &mut [usize]) -> usize {
        // SAFETY: the features of `Avx2` are enabled here.
        unsafe { self.fill_with::<simd::Avx2>(batch) }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx2,bmi1,bmi2,lzcnt,popcnt")]
    unsafe fn fill_avx512(&mut self, batch: &mut [usize]) -> usize {
        // SAFETY: the features of `Avx512` are enabled here.
        unsafe { self.fill_with::<simd::Avx512>(batch) }
    }

    #[cfg(target_arch = "aarch64")]
    #[target_feature(enable = "neon")]
    unsafe fn fill_neon(&mut self, batch: &mut [usize]) -> usize {
        // SAFETY: the features of `Neon` are enabled here.
        unsafe { self.fill_with::<simd::Neon>(batch) }
    }

    /// # Safety
    /// The processor has the features of `C`.
    #[inline(always)]
    unsafe fn fill_with<C: Classify>(&mut self, batch: &mut [usize]) -> usize {
        let mut n = 0;
        while n + 64 <= batch.len() && self.at < self.text.len() {
            // SAFETY: the caller answers for the features.
            let starts = unsafe {
                if self.at < self.windows_end {
                    bitmask::starts::<C>(self.pattern, self.text, self.at)
                } else {
                    self.last_starts::<C>()
                }
            };
            if starts == 0 {
                self.at = next_end(self.pattern, self.text, self.at);
                batch[n] = self.at;
                n += 1;
            } else {
                n = spread(starts, self.at, batch, n);
                self.at += 63 - starts.leading_zeros() as usize;
            }
        }
        n
    }

    /// As [`bitmask::starts`], near the end of the text, and with the end itself for a start.
    ///
    /// # Safety
    /// The processor has the features of `C`.
    #[inline(always)]
    unsafe fn last_starts<C: Classify>(&mut self) -> u64 {
        if self.at >= self.trimmed_end {
            return 0;
        }
        let left = self.trimmed_end - self.at;
        if self.tail.start == usize::MAX {
            self.tail
                .fill(&self.text[self.at..self.trimmed_end], self.at);
        }
        // SAFETY: the caller answers for the features.
        let starts = unsafe {
            bitmask::starts::<C>(self.pattern, &self.tail.bytes, self.at - self.tail.start)
        };
        // What is trimmed off may belong to what is before it.
        let below = if self.trimmed_end == self.text.len() {
            left + 1
        } else {
            left
        };
        match 1u64.checked_shl(below as u32) {
            Some(bit) => starts & (bit - 1),
            None => starts,
        }
    }
}

/// Puts the places of the bits into the batch, from `n` on, where 64 have room.
#[inline(always)]
fn spread(mut bits: u64, base: usize, batch: &mut [usize], n: usize) -> usize {
    let after = n + bits.count_ones() as usize;
    let mut i = n;
    while bits != 0 {
        // Some are written in vain, which costs less than a mispredicted branch.
        for place in &mut batch[i..i + 8] {
            *place = base + bits.trailing_zeros() as usize;
            bits &= bits.wrapping_sub(1);
        }
        i += 8;
    }
    after
}

/// Where the last character ends that is neither white space nor without a class: what looks ahead,
/// at whether the text ends there, is made of those.
pub fn trimmed_end(pattern: &Pattern, text: &[u8]) -> usize {
    const LOOKS_AHEAD: Set = Set::of(&[class::BLANK, class::NEWLINE, class::OTHER]);
    let mut end = text.len();
    while let Some((c, start)) = previous(text, end)
        && LOOKS_AHEAD.has(pattern.class(c))
    {
        end = start;
    }
    end
}
