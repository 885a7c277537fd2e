//! A block of 64 bytes -> bit masks, one for each kind of byte.
//!
//! The only code that differs between processors. [`Portable`] says what the masks mean; the others
//! are tested against it. Without vector instructions, masks are a fifth slower than the scalar scan
//! on prose, and nearly half on Chinese.

/// The bytes of a block.
pub const BLOCK: usize = 64;

pub type Block = [u8; BLOCK];

/// Which bytes of a block are which of ASCII. Bit i stands for byte i.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AsciiMasks {
    pub upper: u64,
    pub lower: u64,
    pub digit: u64,
    pub newline: u64,
    /// Space, tab, vertical tab, form feed.
    pub horizontal: u64,
    pub space: u64,
    pub apostrophe: u64,
    pub slash: u64,
    /// ASCII controls that are not white space.
    pub control: u64,
    /// Bytes of non-ASCII characters.
    pub high: u64,
}

/// Which bytes of a block are which of non-ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NonAsciiMasks {
    /// Bytes that do not start a character.
    pub continuation: u64,
    /// Bytes that start a character from U+4E00 to U+9F7F, all of them Han letters, unless it takes
    /// the byte after the block to know that.
    pub han: u64,
    /// The same from U+AC00 to U+D77F, all of them Hangul syllables.
    pub hangul: u64,
}

pub trait Classify {
    /// The masks of ASCII.
    ///
    /// # Safety
    /// The processor has the features that the implementation names.
    unsafe fn ascii(block: &Block) -> AsciiMasks;

    /// The masks of other characters.
    ///
    /// # Safety
    /// The processor has the features that the implementation names.
    unsafe fn non_ascii(block: &Block) -> NonAsciiMasks;

    /// White space of ASCII, and the bytes of non-ASCII characters.
    ///
    /// # Safety
    /// The processor has the features that the implementation names.
    unsafe fn space_and_high(block: &Block) -> (u64, u64);

    /// The bytes that equal this one.
    ///
    /// # Safety
    /// The processor has the features that the implementation names.
    unsafe fn equal(block: &Block, byte: u8) -> u64;

    /// The bytes whose low six bits are the number of a bit that is set.
    ///
    /// # Safety
    /// The processor has the features that the implementation names.
    unsafe fn members(block: &Block, set: u64) -> u64;
}

/// Byte by byte. Needs no features.
pub struct Portable;

impl Classify for Portable {
    unsafe fn ascii(block: &Block) -> AsciiMasks {
        let mask = |is: fn(u8) -> bool| mask(block, is);
        AsciiMasks {
            upper: mask(|b| b.is_ascii_uppercase()),
            lower: mask(|b| b.is_ascii_lowercase()),
            digit: mask(|b| b.is_ascii_digit()),
            newline: mask(|b| matches!(b, b'\r' | b'\n')),
            horizontal: mask(|b| matches!(b, b' ' | b'\t' | 0x0b | 0x0c)),
            space: mask(|b| b == b' '),
            apostrophe: mask(|b| b == b'\''),
            slash: mask(|b| b == b'/'),
            control: mask(|b| b.is_ascii_control() && !matches!(b, 0x09..=0x0d)),
            high: mask(|b| b >= 0x80),
        }
    }

    unsafe fn non_ascii(block: &Block) -> NonAsciiMasks {
        let second = |is: fn(u8) -> bool| mask(block, is) >> 1;
        NonAsciiMasks {
            continuation: mask(block, |b| b & 0xc0 == 0x80),
            han: mask(block, |b| (0xe5..=0xe8).contains(&b))
                | mask(block, |b| b == 0xe4) & second(|b| b >= 0xb8)
                | mask(block, |b| b == 0xe9) & second(|b| b < 0xbe),
            hangul: mask(block, |b| (0xeb..=0xec).contains(&b))
                | mask(block, |b| b == 0xea) & second(|b| b >= 0xb0)
                | mask(block, |b| b == 0xed) & second(|b| b < 0x9e),
        }
    }

    unsafe fn space_and_high(block: &Block) -> (u64, u64) {
        let space = mask(block, |b| matches!(b, b' ' | 0x09..=0x0d));
        (space, mask(block, |b| b >= 0x80))
    }

    unsafe fn equal(block: &Block, byte: u8) -> u64 {
        mask(block, |b| b == byte)
    }

    unsafe fn members(block: &Block, set: u64) -> u64 {
        mask(block, |b| set >> (b & 0x3f) & 1 != 0)
    }
}

fn mask(block: &Block, is: impl Fn(u8) -> bool) -> u64 {
    block
        .iter()
        .rev()
        .fold(0, |mask, &byte| mask << 1 | u64::from(is(byte)))
}

/// A block in vector registers.
trait Registers: Copy {
    /// # Safety
    /// The processor has the features that the implementation names, here and in what follows.
    unsafe fn load(block: &Block) -> Self;

    /// The bytes that equal this one.
    ///
    /// # Safety
    /// As for `load`.
    unsafe fn is(self, byte: u8) -> u64;

    /// The bytes from `first` to `first + count - 1`.
    ///
    /// # Safety
    /// As for `load`.
    unsafe fn within(self, first: u8, count: u8) -> u64;

    /// The bytes from 0x80 on.
    ///
    /// # Safety
    /// As for `load`.
    unsafe fn high(self) -> u64;

    /// The bytes whose low six bits are the number of a bit that is set.
    ///
    /// # Safety
    /// As for `load`.
    unsafe fn members(self, set: u64) -> u64;
}

/// For each three low bits of a byte, the bit of that number.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const POWERS: u64 = 0x8040_2010_0804_0201;

impl<R: Registers> Classify for R {
    #[inline(always)]
    unsafe fn ascii(block: &Block) -> AsciiMasks {
        // SAFETY: the caller answers for the features.
        unsafe {
            let bytes = R::load(block);
            let (newline, space) = (bytes.is(b'\n') | bytes.is(b'\r'), bytes.is(b' '));
            let white = bytes.within(0x09, 5);
            AsciiMasks {
                upper: bytes.within(b'A', 26),
                lower: bytes.within(b'a', 26),
                digit: bytes.within(b'0', 10),
                newline,
                horizontal: white & !newline | space,
                space,
                apostrophe: bytes.is(b'\''),
                slash: bytes.is(b'/'),
                control: bytes.within(0, 0x20) & !white | bytes.is(0x7f),
                high: bytes.high(),
            }
        }
    }

    #[inline(always)]
    unsafe fn non_ascii(block: &Block) -> NonAsciiMasks {
        // SAFETY: as in `ascii`.
        unsafe {
            let bytes = R::load(block);
            NonAsciiMasks {
                continuation: bytes.within(0x80, 0x40),
                han: bytes.within(0xe5, 4)
                    | bytes.is(0xe4) & bytes.within(0xb8, 0x48) >> 1
                    | bytes.is(0xe9) & bytes.within(0, 0xbe) >> 1,
                hangul: bytes.within(0xeb, 2)
                    | bytes.is(0xea) & bytes.within(0xb0, 0x50) >> 1
                    | bytes.is(0xed) & bytes.within(0, 0x9e) >> 1,
            }
        }
    }

    #[inline(always)]
    unsafe fn space_and_high(block: &Block) -> (u64, u64) {
        // SAFETY: as in `ascii`.
        unsafe {
            let bytes = R::load(block);
            (bytes.within(0x09, 5) | bytes.is(b' '), bytes.high())
        }
    }

    #[inline(always)]
    unsafe fn equal(block: &Block, byte: u8) -> u64 {
        // SAFETY: as in `ascii`.
        unsafe { R::load(block).is(byte) }
    }

    #[inline(always)]
    unsafe fn members(block: &Block, set: u64) -> u64 {
        // SAFETY: as in `ascii`.
        unsafe { R::load(block).members(set) }
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Block, POWERS, Registers};
    use std::arch::x86_64::*;

    /// With AVX-512: F and BW.
    #[derive(Clone, Copy)]
    pub struct Avx512(__m512i);

    impl Registers for Avx512 {
        #[inline(always)]
        unsafe fn load(block: &Block) -> Self {
            // SAFETY: the load reads the block's 64 bytes.
            unsafe { Avx512(_mm512_loadu_si512(block.as_ptr().cast())) }
        }

        #[inline(always)]
        unsafe fn is(self, byte: u8) -> u64 {
            // SAFETY: the caller answers for AVX-512.
            unsafe { _mm512_cmpeq_epi8_mask(self.0, _mm512_set1_epi8(byte as i8)) }
        }

        #[inline(always)]
        unsafe fn within(self, first: u8, count: u8) -> u64 {
            // SAFETY: the caller answers for AVX-512.
            unsafe {
                let offset = _mm512_sub_epi8(self.0, _mm512_set1_epi8(first as i8));
                _mm512_cmplt_epu8_mask(offset, _mm512_set1_epi8(count as i8))
            }
        }

        #[inline(always)]
        unsafe fn high(self) -> u64 {
            // SAFETY: the caller answers for AVX-512.
            unsafe { _mm512_movepi8_mask(self.0) }
        }

        #[inline(always)]
        unsafe fn members(self, set: u64) -> u64 {
            // SAFETY: the caller answers for AVX-512.
            unsafe {
                let seven = _mm512_set1_epi8(7);
                // Bits of the byte before are shifted in, and masked off.
                let eighth = _mm512_and_si512(_mm512_srli_epi16::<3>(self.0), seven);
                let bits = _mm512_shuffle_epi8(_mm512_set1_epi64(set as i64), eighth);
                let powers = _mm512_set1_epi64(POWERS as i64);
                let bit = _mm512_shuffle_epi8(powers, _mm512_and_si512(self.0, seven));
                _mm512_test_epi8_mask(bits, bit)
            }
        }
    }

    #[derive(Clone, Copy)]
    pub struct Avx2(__m256i, __m256i);

    impl Registers for Avx2 {
        #[inline(always)]
        unsafe fn load(block: &Block) -> Self {
            // SAFETY: the two loads read the block's 64 bytes.
            unsafe {
                let at = block.as_ptr();
                Avx2(
                    _mm256_loadu_si256(at.cast()),
                    _mm256_loadu_si256(at.add(32).cast()),
                )
            }
        }

        #[inline(always)]
        unsafe fn is(self, byte: u8) -> u64 {
            // SAFETY: the caller answers for AVX2.
            unsafe {
                let byte = _mm256_set1_epi8(byte as i8);
                Avx2(
                    _mm256_cmpeq_epi8(self.0, byte),
                    _mm256_cmpeq_epi8(self.1, byte),
                )
                .high()
            }
        }

        #[inline(always)]
        unsafe fn within(self, first: u8, count: u8) -> u64 {
            // SAFETY: the caller answers for AVX2.
            unsafe {
                let (first, last) = (
                    _mm256_set1_epi8(first as i8),
                    _mm256_set1_epi8((count - 1) as i8),
                );
                let within = |half| {
                    let offset = _mm256_sub_epi8(half, first);
                    _mm256_cmpeq_epi8(_mm256_min_epu8(offset, last), offset)
                };
                Avx2(within(self.0), within(self.1)).high()
            }
        }

        #[inline(always)]
        unsafe fn high(self) -> u64 {
            // SAFETY: the caller answers for AVX2.
            unsafe {
                let (low, high) = (_mm256_movemask_epi8(self.0), _mm256_movemask_epi8(self.1));
                u64::from(low as u32) | u64::from(high as u32) << 32
            }
        }

        #[inline(always)]
        unsafe fn members(self, set: u64) -> u64 {
            // SAFETY: the caller answers for AVX2.
            unsafe {
                let seven = _mm256_set1_epi8(7);
                let (set, powers) = (
                    _mm256_set1_epi64x(set as i64),
                    _mm256_set1_epi64x(POWERS as i64),
                );
                let is_member = |half| {
                    // Bits of the byte before are shifted in, and masked off.
                    let eighth = _mm256_and_si256(_mm256_srli_epi16::<3>(half), seven);
                    let bits = _mm256_shuffle_epi8(set, eighth);
                    let bit = _mm256_shuffle_epi8(powers, _mm256_and_si256(half, seven));
                    _mm256_cmpeq_epi8(_mm256_and_si256(bits, bit), bit)
                };
                Avx2(is_member(self.0), is_member(self.1)).high()
            }
        }
    }
}

#[cfg(target_arch = "aarch64")]
pub use arm::Neon;

#[cfg(target_arch = "aarch64")]
mod arm {
    use super::{Block, POWERS, Registers};
    use std::arch::aarch64::*;

    /// With NEON, on a little-endian processor.
    ///
    /// Byte i of the block is in vector i % 4, at i / 4, so that the bits of four neighbours come
    /// together without a shuffle: no instruction makes a mask. Making one from bits and pairwise
    /// additions, as is usual, takes a fifth to a quarter more instructions for the whole scan.
    #[derive(Clone, Copy)]
    pub struct Neon(uint8x16x4_t);

    impl Registers for Neon {
        #[inline(always)]
        unsafe fn load(block: &Block) -> Self {
            // SAFETY: the load reads the block's 64 bytes.
            unsafe { Neon(vld4q_u8(block.as_ptr())) }
        }

        #[inline(always)]
        unsafe fn is(self, byte: u8) -> u64 {
            // SAFETY: the caller answers for NEON.
            unsafe {
                let byte = vdupq_n_u8(byte);
                self.each(|quarter| vceqq_u8(quarter, byte)).mask()
            }
        }

        #[inline(always)]
        unsafe fn within(self, first: u8, count: u8) -> u64 {
            // SAFETY: the caller answers for NEON.
            unsafe {
                let (first, count) = (vdupq_n_u8(first), vdupq_n_u8(count));
                self.each(|quarter| vcltq_u8(vsubq_u8(quarter, first), count))
                    .mask()
            }
        }

        #[inline(always)]
        unsafe fn high(self) -> u64 {
            // SAFETY: the caller answers for NEON.
            unsafe {
                self.each(|quarter| vcltzq_s8(vreinterpretq_s8_u8(quarter)))
                    .mask()
            }
        }

        #[inline(always)]
        unsafe fn members(self, set: u64) -> u64 {
            // SAFETY: the caller answers for NEON.
            unsafe {
                let seven = vdupq_n_u8(7);
                let set = vreinterpretq_u8_u64(vdupq_n_u64(set));
                let powers = vreinterpretq_u8_u64(vdupq_n_u64(POWERS));
                self.each(|quarter| {
                    let eighth = vandq_u8(vshrq_n_u8::<3>(quarter), seven);
                    let bit = vqtbl1q_u8(powers, vandq_u8(quarter, seven));
                    vtstq_u8(vqtbl1q_u8(set, eighth), bit)
                })
                .mask()
            }
        }
    }

    impl Neon {
        /// A bit for each byte, of bytes that are all ones or all zeros.
        #[inline(always)]
        unsafe fn mask(self) -> u64 {
            let Neon(uint8x16x4_t(a, b, c, d)) = self;
            // SAFETY: the caller answers for NEON.
            unsafe {
                // Each byte becomes the bits of four neighbours, lowest first, twice.
                let pairs = vdupq_n_u8(0b0101_0101);
                let (low, high) = (vbslq_u8(pairs, a, b), vbslq_u8(pairs, c, d));
                let fours = vbslq_u8(vdupq_n_u8(0b0011_0011), low, high);
                // The middle of two such bytes has the bits of both.
                let eights = vshrn_n_u16::<4>(vreinterpretq_u16_u8(fours));
                vget_lane_u64::<0>(vreinterpret_u64_u8(eights))
            }
        }

        #[inline(always)]
        fn each(self, change: impl Fn(uint8x16_t) -> uint8x16_t) -> Self {
            let Neon(uint8x16x4_t(a, b, c, d)) = self;
            Neon(uint8x16x4_t(change(a), change(b), change(c), change(d)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::level::Level;
    use proptest::prelude::*;

    type Seen = (AsciiMasks, NonAsciiMasks, [u64; 2], (u64, u64));

    /// # Safety
    /// The processor has the features of `C`.
    unsafe fn seen<C: Classify>(block: &Block, set: u64) -> Seen {
        // SAFETY: the caller answers for the features.
        unsafe {
            let of_first = [C::equal(block, block[0]), C::members(block, set)];
            let space_and_high = C::space_and_high(block);
            (
                C::ascii(block),
                C::non_ascii(block),
                of_first,
                space_and_high,
            )
        }
    }

    /// What this processor sees, in each way that it can.
    fn all_seen(block: &Block, set: u64) -> Vec<Seen> {
        let see = |level| match level {
            // SAFETY: `Portable` needs no features, and the value of another level proves them.
            Level::Scalar | Level::Portable => unsafe { seen::<Portable>(block, set) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2(_) => unsafe { seen::<Avx2>(block, set) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512(_) => unsafe { seen::<Avx512>(block, set) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            Level::Neon(_) => unsafe { seen::<Neon>(block, set) },
        };
        Level::all().into_iter().map(see).collect()
    }

    proptest! {
        #[test]
        fn every_processor_sees_the_same(
            block in proptest::array::uniform32(any::<[u8; 2]>()),
            set in any::<u64>(),
        ) {
            let mut bytes = [0; 64];
            bytes.copy_from_slice(block.as_flattened());
            let all = all_seen(&bytes, set);
            for seen in &all {
                prop_assert_eq!(seen, &all[0]);
            }
        }
    }

    /// Random bytes seldom meet the ends of ranges, least of all those of two bytes.
    #[test]
    fn every_processor_sees_each_pair_of_bytes_the_same() {
        for first in (0..=u16::MAX).step_by(32) {
            let mut bytes = [0; 64];
            for (pair, number) in bytes.chunks_exact_mut(2).zip(first..=u16::MAX) {
                pair.copy_from_slice(&number.to_be_bytes());
            }
            for odd in [0, 1] {
                bytes.rotate_left(odd);
                let all = all_seen(&bytes, u64::from(first) << 13);
                for seen in &all {
                    assert_eq!(seen, &all[0], "{bytes:?}");
                }
            }
        }
    }
}
