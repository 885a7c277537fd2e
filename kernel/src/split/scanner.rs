//! One pretoken at a time: the definition of what the split patterns mean.
//!
//! [`next_end`] is written for reading. It takes any offset of any text, looks at nothing before it,
//! and takes time linear in what it scans. [`crate::split::bitmask`] does the same for 64 bytes at
//! once where it can, and leaves the rest to this.

use crate::split::pattern::{
    Contractions, Pattern, Prefix, SPACE, STARTS_SCRIPT, Set, WORD, contraction,
};
use crate::text::unicode::{class, decode};

/// The end of the pretoken that starts at `start`, in bytes. `start` is below the text's length.
pub fn next_end(pattern: &Pattern, text: &[u8], start: usize) -> usize {
    Scan { pattern, text }.next_end(start)
}

const SCRIPT: Set = Set::of(&[class::SCRIPT]);
const SCRIPT_PUNCT: Set = Set::of(&[class::SCRIPT_PUNCT]);
const SCRIPT_OTHER: Set = Set::of(&[class::SCRIPT_OTHER]);
const SPLIT_FROM_SCRIPT: Set = Set::of(&[class::SCRIPT_PUNCT, class::SCRIPT_OTHER]);
/// Where a run of a script starts.
const ANY_SCRIPT: Set = Set::of(&[class::SCRIPT, class::SCRIPT_PUNCT, class::SCRIPT_OTHER]);
const NUMBER: Set = Set::of(&[class::NUMBER]);
const UNMATCHED: Set = Set::of(&[class::OTHER]);
const SPACE_OR_OTHER: Set = Set::of(&[class::HORIZONTAL_SPACE, class::OTHER]);
const PUNCT_OR_SPACE: Set = Set::of(&[class::PUNCT, class::HORIZONTAL_SPACE]);

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
            return match flagged & !STARTS_SCRIPT {
                class::SCRIPT_PUNCT => self.run_end(start, SCRIPT_PUNCT),
                class::SCRIPT_OTHER if self.is(start + length, SCRIPT) => {
                    self.script_end(start + length)
                }
                class::SCRIPT_OTHER => self.unmatched_end(start, SCRIPT_OTHER, SCRIPT),
                _ => self.script_end(start),
            };
        }
        let next = start + length;
        match flagged {
            class::NUMBER => self.number_end(start),
            _ => self
                .contraction_end(start)
                .or_else(|| self.word_with_prefix(start, next, flagged))
                .or_else(|| self.after_space(start, next))
                .unwrap_or_else(|| match flagged {
                    class::HORIZONTAL_SPACE | class::NEWLINE => self.space_end(start),
                    class::OTHER => self.unmatched_end(start, UNMATCHED, WORD),
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
            && !SPLIT_FROM_SCRIPT.has(self.pattern.class(c))
        {
            at += length;
        }
        at
    }

    fn contraction_end(&self, start: usize) -> Option<usize> {
        let Contractions::Separate { fold_case } = self.pattern.contractions else {
            return None;
        };
        contraction(&self.text[start..], fold_case).map(|length| start + length)
    }

    /// A word that starts here or, if the character here may be a word's prefix, after it.
    ///
    /// A mark may be both; the word ends at the same offset either way.
    fn word_with_prefix(&self, start: usize, next: usize, first: u8) -> Option<usize> {
        if WORD.has(first) {
            return Some(self.word_end(start));
        }
        let may_precede = match self.pattern.prefix {
            Prefix::Space => self.text[start] == b' ',
            Prefix::Any => PUNCT_OR_SPACE.has(first),
            Prefix::Ascii if first == class::PUNCT => return self.ascii_word_end(start, next),
            Prefix::Ascii => SPACE_OR_OTHER.has(first),
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

    /// The end of upper and lower case letters: `U*L+`, or else `U+L*`, where a caseless letter or a
    /// mark is both.
    ///
    /// `U*` takes all it can. If a lower case letter stops it, `L+` goes on from there. If not, `U*`
    /// backtracks to the last character that `L+` takes as well, which then is the end.
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

    /// Punctuation, or in some families a number, after one space.
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

    /// White space: to its last line break; or else to before its last character, which belongs to
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
        if at_end && self.pattern.joins_trailing_space {
            return at;
        }
        if let Some(line_end) = line_end {
            return line_end;
        }
        let before_stop =
            self.pattern.look_ahead_stops && (self.is(at, NUMBER) || self.is(at, ANY_SCRIPT));
        if at_end || before_stop || last == start {
            at
        } else {
            last
        }
    }

    /// What no alternative of the pattern matches, up to where one does: `word` with one before it.
    fn unmatched_end(&self, start: usize, unmatched: Set, word: Set) -> usize {
        let (mut at, mut last) = (start, start);
        while let Some((class, next)) = self.class_at(at)
            && unmatched.has(class)
        {
            (last, at) = (at, next);
        }
        if last > start && self.is(at, word) {
            last
        } else {
            at
        }
    }
}
