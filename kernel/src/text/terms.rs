//! Where the words of a question occur in texts.
//!
//! A word is a run of letters, marks and digits in lower case; of an identifier, each of its words:
//! `issueRefund` has two. Two words with nothing or underscores between them are looked for as one, too.
//! In Chinese and Japanese, each character with the one after it is a word. The fallback is
//! `ctxtools/_core/fallback/search/terms.py`.

#[cfg(target_arch = "x86_64")]
use crate::split::level::{Avx2, Avx512, with_avx2, with_avx512};
#[cfg(target_arch = "aarch64")]
use crate::split::level::{Neon, with_neon};
use crate::split::simd::{self, Block, Classify};
use crate::text::cohesion::{Kind, kind_of, lower};
use crate::text::unicode::decode;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The words that are looked for, each with the number of its term.
pub struct Terms {
    numbers: HashMap<Box<[u8]>, u32, BuildHasherDefault<Bytes>>,
    /// A bit for each length, up to 63, of the words that start with a byte.
    lengths: [u64; 256],
    /// A bit for the low six bits of each byte of ASCII, of either case, that one starts with.
    firsts: u64,
    /// One more than the highest number.
    size: usize,
}

impl Terms {
    pub fn new(words: impl IntoIterator<Item = (String, u32)>) -> Self {
        let mut terms = Terms {
            numbers: HashMap::default(),
            lengths: [0; 256],
            firsts: 0,
            size: 0,
        };
        for (word, number) in words {
            if let Some(&first) = word.as_bytes().first() {
                terms.lengths[usize::from(first)] |= 1 << word.len().min(63);
                for byte in [first, first.to_ascii_uppercase()] {
                    terms.firsts |= 1 << (byte & 0x3f);
                }
                terms.size = terms.size.max(number as usize + 1);
                terms.numbers.insert(word.into_bytes().into(), number);
            }
        }
        terms
    }

    #[inline(always)]
    fn number(&self, word: &[u8]) -> Option<u32> {
        match self.may_have(*word.first()?, word.len()) {
            true => self.numbers.get(word).copied(),
            false => None,
        }
    }

    /// Whether there may be a word that starts with a byte, and has so many.
    #[inline(always)]
    fn may_have(&self, first: u8, length: usize) -> bool {
        self.lengths[usize::from(first)] >> length.min(63) & 1 != 0
    }
}

/// What one text has.
#[derive(Default)]
pub struct Found {
    /// The words of each segment.
    pub lengths: Vec<u32>,
    /// (segment, term, occurrences), in order.
    pub counts: Vec<(u32, u32, u32)>,
}

/// How often each term occurs in each segment, of `lines` lines, of a text. Linear in the text.
pub fn count(text: &str, terms: &Terms, lines: usize) -> Found {
    let text = text.as_bytes();
    #[cfg(target_arch = "x86_64")]
    if Avx512::detect().is_some() {
        // SAFETY: the level was detected.
        return unsafe { count_avx512(text, terms, lines) };
    } else if Avx2::detect().is_some() {
        // SAFETY: the level was detected.
        return unsafe { count_avx2(text, terms, lines) };
    }
    #[cfg(target_arch = "aarch64")]
    if Neon::detect().is_some() {
        // SAFETY: the level was detected.
        return unsafe { count_neon(text, terms, lines) };
    }
    // Without vectors, masks take longer than to look at each byte.
    count_with(text, terms, lines, |_| None)
}

#[cfg(target_arch = "x86_64")]
with_avx512! {
    fn count_avx512(text: &[u8], terms: &Terms, lines: usize) -> Found {
        // SAFETY: the features are enabled.
        count_with(text, terms, lines, |block| Some(unsafe { Masks::of::<simd::Avx512>(block, terms.firsts) }))
    }
}

#[cfg(target_arch = "x86_64")]
with_avx2! {
    fn count_avx2(text: &[u8], terms: &Terms, lines: usize) -> Found {
        // SAFETY: the features are enabled.
        count_with(text, terms, lines, |block| Some(unsafe { Masks::of::<simd::Avx2>(block, terms.firsts) }))
    }
}

#[cfg(target_arch = "aarch64")]
with_neon! {
    fn count_neon(text: &[u8], terms: &Terms, lines: usize) -> Found {
        // SAFETY: the features are enabled.
        count_with(text, terms, lines, |block| Some(unsafe { Masks::of::<simd::Neon>(block, terms.firsts) }))
    }
}

/// The same, with the masks of a block where they are fast to make.
#[inline(always)]
fn count_with(
    text: &[u8],
    terms: &Terms,
    lines: usize,
    masks: impl Fn(&Block) -> Option<Masks>,
) -> Found {
    let mut scan = Scan {
        text,
        terms,
        lines,
        line: 0,
        found: Found::default(),
        occurrences: vec![0; terms.size],
        touched: Vec::new(),
        word: Vec::new(),
        before: 0,
        unread: None,
        lower: Vec::new(),
        is_joined: false,
        length: 0,
    };
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if let Some(masks) = text[at..].first_chunk().and_then(&masks) {
            let n = scan.block(at, &masks);
            if n > 0 {
                at += n;
                continue;
            }
        }
        if byte.is_ascii_alphanumeric() || byte >= 0x80 {
            scan.read_before();
            at = scan.run(text, at);
            continue;
        }
        if byte == b'\n' {
            scan.end_line();
        }
        scan.is_joined &= byte == b'_';
        at += 1;
    }
    scan.end_segment();
    scan.found
}

/// Which bytes of a block are what, up to its last byte that may not be in the same run as the byte
/// after the block. Bit i stands for byte i.
struct Masks {
    /// How many bytes these are, none of which is of a run with other characters than ASCII.
    length: u32,
    /// Where words start, and where the byte before ends one.
    starts: u64,
    ends: u64,
    /// Where a word that is looked for may start, and some other bytes.
    likely: u64,
    newlines: u64,
    /// Neither of a word nor an underscore.
    others: u64,
}

impl Masks {
    /// Of a block that starts where no run goes on; `firsts` as in `Terms`.
    ///
    /// # Safety
    /// The processor has the features of `C`.
    #[inline(always)]
    unsafe fn of<C: Classify>(block: &Block, firsts: u64) -> Self {
        // SAFETY: the caller answers for the features.
        let (all, newlines, underscores, likely) = unsafe {
            let equal = |byte| C::equal(block, byte);
            let likely = C::members(block, firsts);
            (C::ascii(block), equal(b'\n'), equal(b'_'), likely)
        };
        let words = all.upper | all.lower | all.digit;
        let mut length = all.high.trailing_zeros();
        // Without the run at the end, which may go on.
        let last = words & below(length);
        if length > 0 {
            length -= (last << (64 - length)).leading_ones();
        }
        let words = words & below(length);
        let after_small = (all.lower | all.digit) << 1;
        let before_small = all.upper << 1 & all.lower >> 1;
        let starts = words & (!(words << 1) | all.upper & (after_small | before_small));
        Masks {
            length,
            starts,
            likely,
            ends: words << 1 & (!words | starts),
            newlines: newlines & below(length),
            others: !(words | underscores) & below(length),
        }
    }
}

/// A letter or digit of ASCII in lower case: a digit has the bit of such a letter already.
#[inline(always)]
fn lower_ascii(byte: u8) -> u8 {
    byte | 0x20
}

/// The bits below one.
#[inline(always)]
fn below(bit: u32) -> u64 {
    1_u64.checked_shl(bit).map_or(u64::MAX, |bit| bit - 1)
}

struct Scan<'a> {
    text: &'a [u8],
    terms: &'a Terms,
    /// The lines of a segment, and those before this one in it.
    lines: usize,
    line: usize,
    found: Found,
    /// Of each term in this segment; and the terms that have any.
    occurrences: Vec<u32>,
    touched: Vec<u32>,
    /// The word before, of `before` bytes, and this one, in lower case.
    word: Vec<u8>,
    before: usize,
    /// Where the word before is, of ASCII, if `word` does not have it yet.
    unread: Option<(usize, usize)>,
    /// A word of ASCII in lower case.
    lower: Vec<u8>,
    /// Whether nothing, or underscores, came after the word before.
    is_joined: bool,
    /// The words of this segment.
    length: u32,
}

impl Scan<'_> {
    /// Reads the bytes of a block, at an offset, that its masks are of; their number.
    #[inline(always)]
    fn block(&mut self, at: usize, masks: &Masks) -> usize {
        let Masks {
            starts,
            ends,
            others,
            ..
        } = *masks;
        // The offsets of the first word from a bit on.
        let word = |bit: u32| {
            let first = (starts & !below(bit)).trailing_zeros();
            let last = (ends & !below(first + 1)).trailing_zeros();
            (first < 64).then_some((first, last))
        };
        let in_text = |(first, last): (u32, u32)| (at + first as usize, at + last as usize);
        if let Some(each) = word(0)
            && self.is_joined
            && others & below(each.0) == 0
        {
            self.joined(in_text(each));
        }
        let (mut rest, mut newlines) = (starts, masks.newlines);
        loop {
            let remaining = self.lines - self.line;
            let end = match newlines.count_ones() as usize >= remaining {
                true => {
                    for _ in 1..remaining {
                        newlines &= newlines - 1;
                    }
                    newlines.trailing_zeros()
                }
                false => 64,
            };
            self.length += (rest & below(end)).count_ones();
            let mut likely = rest & masks.likely & below(end);
            while let Some(each) = word(likely.trailing_zeros()) {
                let next = word(each.1).filter(|next| others & below(next.0) & !below(each.1) == 0);
                self.likely(in_text(each), next.map(in_text));
                likely &= likely - 1;
            }
            rest &= !below(end);
            if end == 64 {
                self.line += newlines.count_ones() as usize;
                break;
            }
            self.end_segment();
            newlines &= newlines - 1;
        }
        if starts != 0 {
            let (first, last) = in_text(word(63 - starts.leading_zeros()).unwrap_or_default());
            self.unread = Some((first, last));
            self.is_joined = others & !below((last - at) as u32) == 0;
        } else {
            self.is_joined &= others == 0;
        }
        masks.length as usize
    }

    /// Counts a word of ASCII, and with the one that is joined to it.
    #[inline(always)]
    fn likely(&mut self, (start, end): (usize, usize), next: Option<(usize, usize)>) {
        let (first, length) = (lower_ascii(self.text[start]), end - start);
        if self.terms.may_have(first, length) {
            self.lower.clear();
            self.push_lower(start, end);
            self.add(self.terms.number(&self.lower));
        }
        if let Some((from, to)) = next
            && self.terms.may_have(first, length + to - from)
        {
            self.lower.clear();
            self.push_lower(start, end);
            self.push_lower(from, to);
            self.add(self.terms.number(&self.lower));
        }
    }

    /// Counts a word of ASCII together with the word before.
    fn joined(&mut self, (start, end): (usize, usize)) {
        self.read_before();
        if self.before > 0 && self.terms.may_have(self.word[0], self.before + end - start) {
            self.lower.clear();
            self.lower.extend_from_slice(&self.word[..self.before]);
            self.push_lower(start, end);
            self.add(self.terms.number(&self.lower));
        }
    }

    fn push_lower(&mut self, start: usize, end: usize) {
        let word = self.text[start..end].iter().map(u8::to_ascii_lowercase);
        self.lower.extend(word);
    }

    /// Makes `word` the word before.
    fn read_before(&mut self) {
        if let Some((start, end)) = self.unread.take() {
            self.word.clear();
            self.word
                .extend(self.text[start..end].iter().map(u8::to_ascii_lowercase));
            self.before = self.word.len();
        }
    }

    /// Reads the letters, marks and digits from `at` on, up to the character after them; at least one
    /// character.
    fn run(&mut self, text: &[u8], mut at: usize) -> usize {
        let mut last = 0; // the character before, 0 if it is of no word
        while let Some((c, n)) = decode(text, at) {
            match kind_of(c) {
                Kind::Other => {
                    self.end_word();
                    if c >= 0x80 {
                        self.is_joined = false;
                        at += n;
                    }
                    return at;
                }
                Kind::Ideograph => {
                    self.end_word();
                    self.word.extend_from_slice(&text[at..at + n]);
                    if let Some((next, m)) = decode(text, at + n)
                        && kind_of(next) == Kind::Ideograph
                    {
                        self.word.extend_from_slice(&text[at + n..at + n + m]);
                    }
                    self.end_word();
                    last = 0;
                }
                Kind::Letter => {
                    if is_upper(c) && last != 0 && starts_word(last, text.get(at + 1)) {
                        self.end_word();
                    }
                    self.push(c);
                    last = c;
                }
            }
            at += n;
        }
        self.end_word();
        at
    }

    #[inline(always)]
    fn push(&mut self, c: u32) {
        let c = lower(c);
        match u8::try_from(c) {
            Ok(byte) if byte < 0x80 => self.word.push(byte),
            _ => {
                let c = char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
                let mut bytes = [0; 4];
                self.word
                    .extend_from_slice(c.encode_utf8(&mut bytes).as_bytes());
            }
        }
    }

    /// Ends the word that has been read, if there is one.
    #[inline(always)]
    fn end_word(&mut self) {
        if self.word.len() == self.before {
            return;
        }
        self.length += 1;
        self.add(self.terms.number(&self.word[self.before..]));
        if self.is_joined && self.before > 0 {
            self.add(self.terms.number(&self.word));
        }
        self.word.drain(..self.before);
        self.before = self.word.len();
        self.is_joined = true;
    }

    #[inline(always)]
    fn add(&mut self, term: Option<u32>) {
        if let Some(term) = term {
            let occurrences = &mut self.occurrences[term as usize];
            if *occurrences == 0 {
                self.touched.push(term);
            }
            *occurrences += 1;
        }
    }

    fn end_line(&mut self) {
        self.line += 1;
        if self.line == self.lines {
            self.end_segment();
        }
    }

    fn end_segment(&mut self) {
        self.line = 0;
        let segment = self.found.lengths.len() as u32;
        self.found.lengths.push(self.length);
        self.length = 0;
        self.touched.sort_unstable();
        for term in self.touched.drain(..) {
            let occurrences = &mut self.occurrences[term as usize];
            self.found.counts.push((segment, term, *occurrences));
            *occurrences = 0;
        }
    }
}

fn is_upper(c: u32) -> bool {
    (u32::from(b'A')..=u32::from(b'Z')).contains(&c)
}

/// Whether an ASCII capital starts a word, by the character before it and the byte after it.
#[inline(always)]
fn starts_word(before: u32, after: Option<&u8>) -> bool {
    match u8::try_from(before) {
        Ok(b'a'..=b'z' | b'0'..=b'9') => true,
        Ok(b'A'..=b'Z') => after.is_some_and(u8::is_ascii_lowercase),
        _ => false,
    }
}

/// FNV-1a: the words are few, and of the user's own.
struct Bytes(u64);

impl Default for Bytes {
    fn default() -> Self {
        Bytes(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(text: &str, words: &[&str], lines: usize) -> Found {
        let words = words.iter().map(|word| word.to_string());
        count(text, &Terms::new(words.zip(0..)), lines)
    }

    #[test]
    fn identifiers_have_words() {
        let found = counted(
            "getHTTPServer2Go load_encoding\nLoadEncoding",
            &["http", "server2", "loadencoding", "encoding"],
            1,
        );
        assert_eq!(found.lengths, [6, 2]);
        assert_eq!(
            found.counts,
            [
                (0, 0, 1),
                (0, 1, 1),
                (0, 2, 1),
                (0, 3, 1),
                (1, 2, 1),
                (1, 3, 1)
            ]
        );
    }

    proptest! {
        #[test]
        fn blocks_have_the_words_of_a_scan_byte_by_byte(
            parts in proptest::collection::vec((0..24_usize, 1..5_usize), 0..80),
            lines in 1..4_usize,
        ) {
            let known = [
                "a", "B", "ab", "Ab", "HTTP", "Server2", "encoding", "_", "__", " ", "    ", "\n", "\r\n",
                "é", "É", "文", "件", "\u{301}", "。", "7", ".", "load", "Load", "aaaaaaaaaaaaaaaaaaaaaaaa",
            ];
            let text: String = parts.iter().map(|&(part, n)| known[part].repeat(n)).collect();
            let words = [
                "a", "ab", "http", "server2", "loadencoding", "encoding", "load", "é", "文件", "éload",
                "loadé", "ba", "7", "aaaaaaaaaaaaaaaaaaaaaaaa", "encodingload",
            ];
            let terms = Terms::new(words.map(str::to_owned).into_iter().zip(0..));
            let by_bytes = count_with(text.as_bytes(), &terms, lines, |_| None);
            let by_blocks = count(&text, &terms, lines);
            prop_assert_eq!(by_blocks.lengths, by_bytes.lengths);
            prop_assert_eq!(by_blocks.counts, by_bytes.counts);
        }
    }

    #[test]
    fn ideographs_come_in_pairs() {
        let found = counted("文件系统 x", &["文件", "件系", "统", "文"], 9);
        assert_eq!(found.lengths, [5]);
        assert_eq!(found.counts, [(0, 0, 1), (0, 1, 1), (0, 2, 1)]);
        assert_eq!(counted("", &["a"], 1).lengths, [0]);
    }
}
