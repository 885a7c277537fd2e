//! Code points, as Python has the characters of a `str`, to UTF-8.
//!
//! How long the next character is, no branch predictor guesses: each is written as four bytes, of which
//! the next one overwrites those that are too many. With AVX-512 that packs bytes, sixteen are written at
//! once.

#[cfg(target_arch = "x86_64")]
use crate::split::level::{Avx512Vbmi2, with_avx512_vbmi2};
use std::mem::{MaybeUninit, take};

/// A byte that may not have been written yet.
type Free = MaybeUninit<u8>;

/// How many code points are converted together.
const BLOCK: usize = 16;
/// The longest character in UTF-8, in bytes.
const LONGEST: usize = 4;

/// Appends a text in UTF-8. As in tiktoken, a pair of surrogates is the character that it encodes; any
/// other surrogate is U+FFFD, as is what is no code point.
pub fn push_utf8(code_points: &[u32], utf8: &mut String) {
    let mut bytes = take(utf8).into_bytes();
    let start = bytes.len();
    // Some is written in vain.
    bytes.reserve((code_points.len() + BLOCK) * LONGEST);
    let length = convert(code_points, bytes.spare_capacity_mut());
    // SAFETY: `convert` wrote as many bytes, all of them of whole characters.
    *utf8 = unsafe {
        bytes.set_len(start + length);
        String::from_utf8_unchecked(bytes)
    };
}

/// Writes UTF-8, and returns its length.
fn convert(code_points: &[u32], utf8: &mut [Free]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if Avx512Vbmi2::detect().is_some() {
        // SAFETY: the level was detected.
        return unsafe { convert_vbmi2(code_points, utf8) };
    }
    convert_with(code_points, utf8, write_short)
}

#[cfg(target_arch = "x86_64")]
with_avx512_vbmi2! {
    /// The same for processors that pack the bytes of a block in one step.
    fn convert_vbmi2(code_points: &[u32], utf8: &mut [Free]) -> usize {
        convert_with(code_points, utf8, |block, utf8| write_short_vbmi2(block, utf8))
    }
}

#[inline(always)]
fn convert_with(
    mut code_points: &[u32],
    utf8: &mut [Free],
    write_short: impl Fn(&[u32; BLOCK], &mut [Free; BLOCK * LONGEST]) -> usize,
) -> usize {
    let mut length = 0;
    while let Some((block, after)) = code_points.split_first_chunk::<BLOCK>() {
        if block.iter().fold(0, |any, c| any | c) < 0x80 {
            write(&mut utf8[length..length + BLOCK], &block.map(|c| c as u8));
            length += BLOCK;
        } else if block.iter().fold(false, |any, &c| any | !is_short(c)) {
            let (taken, written) = write_few(code_points, BLOCK, &mut utf8[length..]);
            length += written;
            code_points = &code_points[taken..];
            continue;
        } else if let Some(free) = utf8[length..].first_chunk_mut() {
            length += write_short(block, free);
        }
        code_points = after;
    }
    length + write_few(code_points, code_points.len(), &mut utf8[length..]).1
}

#[inline(always)]
fn write(free: &mut [Free], bytes: &[u8]) {
    for (free, &byte) in free.iter_mut().zip(bytes) {
        free.write(byte);
    }
}

/// Whether a code point is a character of at most three bytes.
#[inline(always)]
fn is_short(c: u32) -> bool {
    c < 0x10000 && c & 0xf800 != 0xd800
}

/// Writes characters of at most three bytes.
#[inline(always)]
fn write_short(block: &[u32; BLOCK], utf8: &mut [Free; BLOCK * LONGEST]) -> usize {
    let mut length = 0;
    for &c in block {
        let last = 0x80 | c & 0x3f;
        let two = 0xc0 | c >> 6 | last << 8;
        let three = 0xe0 | c >> 12 | (0x80 | c >> 6 & 0x3f) << 8 | last << 16;
        let bytes = if c < 0x800 { two } else { three };
        let bytes = if c < 0x80 { c } else { bytes };
        write(&mut utf8[length..length + LONGEST], &bytes.to_le_bytes());
        length += 1 + usize::from(c >= 0x80) + usize::from(c >= 0x800);
    }
    length
}

#[cfg(target_arch = "x86_64")]
with_avx512_vbmi2! {
    /// As [`write_short`].
    #[inline]
    fn write_short_vbmi2(block: &[u32; BLOCK], utf8: &mut [Free; BLOCK * LONGEST]) -> usize {
        use std::arch::x86_64::*;
        // SAFETY: the load and the store are those of whole arrays.
        unsafe {
            let c = _mm512_loadu_si512(block.as_ptr().cast());
            let all = |number: i32| _mm512_set1_epi32(number);
            let or = |a, b| _mm512_or_si512(a, b);
            let low = |bits| or(all(0x80), _mm512_and_si512(bits, all(0x3f)));
            let two = or(or(all(0xc0), _mm512_srli_epi32::<6>(c)), _mm512_slli_epi32::<8>(low(c)));
            let middle = _mm512_slli_epi32::<8>(low(_mm512_srli_epi32::<6>(c)));
            let ends = or(all(0xe0), or(_mm512_srli_epi32::<12>(c), _mm512_slli_epi32::<16>(low(c))));
            let three = or(ends, middle);
            let (is_two, is_three) = (
                _mm512_cmpge_epu32_mask(c, all(0x80)),
                _mm512_cmpge_epu32_mask(c, all(0x800)),
            );
            let choose = |one, two, three| {
                _mm512_mask_mov_epi32(_mm512_mask_mov_epi32(one, is_two, two), is_three, three)
            };
            let taken = _mm512_movepi8_mask(choose(all(0xff), all(0xffff), all(0xff_ffff)));
            let bytes = _mm512_maskz_compress_epi8(taken, choose(c, two, three));
            _mm512_storeu_si512(utf8.as_mut_ptr().cast(), bytes);
            taken.count_ones() as usize
        }
    }
}

/// Writes this many code points, at most a block, or one more where the last two are a pair; how many
/// these were, and their bytes.
#[inline(never)]
fn write_few(code_points: &[u32], wanted: usize, utf8: &mut [Free]) -> (usize, usize) {
    let (mut length, mut done) = (0, 0);
    while done < wanted {
        let (c, taken) = match code_points[done] {
            c @ 0xd800..0xdc00 => match code_points.get(done + 1) {
                Some(&low @ 0xdc00..0xe000) => (0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00), 2),
                _ => (0xfffd, 1),
            },
            c => (c, 1),
        };
        done += taken;
        let c = char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut bytes = [0; LONGEST];
        let bytes = c.encode_utf8(&mut bytes).as_bytes();
        write(&mut utf8[length..length + bytes.len()], bytes);
        length += bytes.len();
    }
    (done, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// After another text, as a job has it, and in both ways.
    fn utf8(code_points: &[u32]) -> Vec<u8> {
        let mut utf8 = String::from("é");
        push_utf8(code_points, &mut utf8);
        let mut slow = Vec::with_capacity((code_points.len() + BLOCK) * LONGEST);
        let length = convert_with(code_points, slow.spare_capacity_mut(), write_short);
        // SAFETY: as in `push_utf8`.
        unsafe { slow.set_len(length) };
        assert_eq!(&utf8.as_bytes()[2..], slow);
        assert!(std::str::from_utf8(utf8.as_bytes()).is_ok());
        slow
    }

    proptest! {
        #[test]
        fn characters_become_what_the_standard_library_makes_of_them(
            text in "(\\PC|[a-z]{1,20}|\u{0}|\u{7ff}|\u{800}|\u{ffff}|\u{10000}|\u{10ffff}){0,80}",
        ) {
            let code_points: Vec<u32> = text.chars().map(u32::from).collect();
            prop_assert_eq!(utf8(&code_points), text.as_bytes());
        }

        #[test]
        fn so_do_characters_of_up_to_three_bytes(
            text in "[a-z\u{0}\u{7f}\u{80}-\u{900}\u{4e00}-\u{d7ff}\u{e000}-\u{ffff}]{0,200}",
        ) {
            let code_points: Vec<u32> = text.chars().map(u32::from).collect();
            prop_assert_eq!(utf8(&code_points), text.as_bytes());
        }

        #[test]
        fn surrogates_become_what_utf16_makes_of_them(
            units in proptest::collection::vec(
                prop_oneof![0xd7fe..0xe002u16, 0x20..0x7fu16, 0xd800..0xd802u16], 0..80),
        ) {
            let code_points: Vec<u32> = units.iter().map(|&unit| unit.into()).collect();
            prop_assert_eq!(utf8(&code_points), String::from_utf16_lossy(&units).into_bytes());
        }
    }

    #[test]
    fn what_is_no_code_point_is_replaced() {
        assert_eq!(
            utf8(&[0x11_0000, 97, u32::MAX]),
            "\u{fffd}a\u{fffd}".as_bytes()
        );
    }
}
