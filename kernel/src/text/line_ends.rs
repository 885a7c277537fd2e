//! Which offsets may be ends of lines or sentences, 64 at a time, by the bytes around them.

#[cfg(target_arch = "x86_64")]
use crate::split::level::{Avx2, Avx512, with_avx2, with_avx512};
#[cfg(target_arch = "aarch64")]
use crate::split::level::{Neon, with_neon};
use crate::split::simd::{self, Block, Classify};

/// 64 bytes, and those before and after them.
pub struct Around<'a> {
    before: u8,
    block: &'a Block,
    after: u8,
}

impl<'a> Around<'a> {
    /// None where there is not one before and one after.
    #[inline(always)]
    pub fn of(text: &'a [u8], base: usize) -> Option<Self> {
        Some(Around {
            before: *text.get(base.checked_sub(1)?)?,
            block: text.get(base..)?.first_chunk()?,
            after: *text.get(base + simd::BLOCK)?,
        })
    }
}

/// The offsets that may be of the strength LINE or more, or with `only_sentences` of SENTENCE; bit i
/// is the offset after byte i. The others cannot be. And those after a byte that is not ASCII, of
/// which all may be. None where the processor has no vectors, without which it is slow.
#[inline(always)]
pub fn likely(around: &Around<'_>, only_sentences: bool) -> Option<(u64, u64)> {
    #[cfg(target_arch = "x86_64")]
    if Avx512::detect().is_some() {
        // SAFETY: the level was detected.
        return Some(unsafe { likely_avx512(around, only_sentences) });
    } else if Avx2::detect().is_some() {
        // SAFETY: the level was detected.
        return Some(unsafe { likely_avx2(around, only_sentences) });
    }
    #[cfg(target_arch = "aarch64")]
    if Neon::detect().is_some() {
        // SAFETY: the level was detected.
        return Some(unsafe { likely_neon(around, only_sentences) });
    }
    None
}

#[cfg(target_arch = "x86_64")]
with_avx512! {
    fn likely_avx512(around: &Around<'_>, only_sentences: bool) -> (u64, u64) {
        // SAFETY: the features are enabled.
        unsafe { likely_with::<simd::Avx512>(around, only_sentences) }
    }
}

#[cfg(target_arch = "x86_64")]
with_avx2! {
    fn likely_avx2(around: &Around<'_>, only_sentences: bool) -> (u64, u64) {
        // SAFETY: the features are enabled.
        unsafe { likely_with::<simd::Avx2>(around, only_sentences) }
    }
}

#[cfg(target_arch = "aarch64")]
with_neon! {
    fn likely_neon(around: &Around<'_>, only_sentences: bool) -> (u64, u64) {
        // SAFETY: the features are enabled.
        unsafe { likely_with::<simd::Neon>(around, only_sentences) }
    }
}

/// What punctuation and white space there is; bit i stands for byte i.
struct Masks {
    /// `.!?`
    terminators: u64,
    /// `)]}`
    brackets: u64,
    /// Brackets, quotes and marks of emphasis, which close a sentence.
    closers: u64,
    space: u64,
    high: u64,
}

/// # Safety
/// The processor has the features of `C`.
#[inline(always)]
unsafe fn likely_with<C: Classify>(around: &Around<'_>, only_sentences: bool) -> (u64, u64) {
    let block = around.block;
    // SAFETY: the caller answers for the features.
    let equal = |byte: u8| unsafe { C::equal(block, byte) };
    // SAFETY: as above.
    let (space, high) = unsafe { C::space_and_high(block) };
    let brackets = equal(b')') | equal(b']') | equal(b'}');
    let quotes = equal(b'"') | equal(b'\'') | equal(b'`');
    let masks = Masks {
        terminators: equal(b'.') | equal(b'!') | equal(b'?'),
        brackets,
        closers: brackets | quotes | equal(b'*') | equal(b'_'),
        space,
        high,
    };
    let (first, last) = (Masks::of(around.before), Masks::of(around.after));
    // What is said of the byte before the last one, and of the one after the offset.
    let before = |mask: u64, first: u64| mask << 1 | first;
    let after = |mask: u64, last: u64| mask >> 1 | last << 63;
    let may_end = |masks: &Masks| masks.terminators | masks.closers | masks.high;
    let ended = before(may_end(&masks), may_end(&first));
    let is_spaced = after(masks.space | masks.high, last.space | last.high);
    // After a letter, a closing mark closes no sentence, unless it is that of a note.
    let closers = masks.closers & (ended | equal(b']'));
    let marks = (masks.terminators | closers) & is_spaced;
    // Full-width terminators need no space.
    let full_width = brackets & before(brackets | high, first.brackets | first.high);
    let breaks = match only_sentences {
        // After a letter, a line break ends a line alone, but for pages and headings.
        true => {
            let page = equal(0x0c);
            let heading = after(equal(b'#'), u64::from(around.after == b'#'));
            space & (ended | before(space, first.space) | heading) | page
        }
        false => space,
    };
    let breaks = breaks & !equal(b' ') & !equal(b'\t');
    (marks | full_width | breaks | high, high)
}

impl Masks {
    /// Those of one byte.
    #[inline(always)]
    fn of(byte: u8) -> Self {
        let bit = u64::from;
        let is_bracket = matches!(byte, b')' | b']' | b'}');
        let is_other = matches!(byte, b'"' | b'\'' | b'`' | b'*' | b'_');
        Masks {
            terminators: bit(matches!(byte, b'.' | b'!' | b'?')),
            brackets: bit(is_bracket),
            closers: bit(is_bracket | is_other),
            space: bit(matches!(byte, b' ' | b'\t'..=b'\r')),
            high: bit(byte >= 0x80),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::boundaries::{strength, strength_at};
    use proptest::prelude::*;

    const PIECES: &[&str] = &[
        "a", "B", "1", ".", "!", "?", ",", ";", "\"", "'", ")", "]", "[", "}", "*", "_", "`", " ",
        "\t", "\n", "\n\n", "\r\n", "\x0b", "\x0c", "#", "# ", "。", "”", "’", "»", "中", "é",
        "\u{a0}", "\u{2028}", "\u{85}", "—", "\u{feff}", "[1]",
    ];

    proptest! {
        #[test]
        fn no_end_is_missed(
            pieces in proptest::collection::vec(proptest::sample::select(PIECES), 70..200),
        ) {
            let text = pieces.concat();
            let bytes = text.as_bytes();
            for base in 1..bytes.len() - simd::BLOCK {
                let Some(around) = Around::of(bytes, base) else { break };
                for min in [strength::LINE, strength::SENTENCE] {
                    // SAFETY: it needs no features.
                    let (found, high) = unsafe {
                        likely_with::<simd::Portable>(&around, min > strength::LINE)
                    };
                    let fast = likely(&around, min > strength::LINE);
                    prop_assert!(fast.is_none_or(|fast| fast == (found, high)));
                    for bit in 0..simd::BLOCK {
                        let at = base + bit + 1;
                        if text.is_char_boundary(at) && strength_at(bytes, at) >= min {
                            prop_assert!(found >> bit & 1 != 0, "{:?}", &text[..at]);
                        }
                    }
                }
            }
        }
    }
}
