//! What the processor can do, as values that only detection can make.
//!
//! Code that is compiled for more than the baseline may run only where the processor has those
//! features. A value of `Avx2`, `Avx512` or `Neon` is the proof: its field is private, and
//! `detect` is the only way to one. Each list of features is written once, below: `detect` asks for
//! it, and the macro of the level (`with_avx2!`, ...) compiles a function for it. So a function in
//! such a macro may be called by whoever holds the level's value.

macro_rules! levels {
    ($dollar:tt $is_detected:ident $(
        $(#[$doc:meta])* $Level:ident, $with:ident: [$($feature:tt)+]
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $Level(());

        impl $Level {
            /// The level, if this processor has all of its features.
            #[inline(always)]
            pub fn detect() -> Option<Self> {
                use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
                // One look for the whole list: merging asks for each pretoken.
                static FOUND: AtomicU8 = AtomicU8::new(UNKNOWN);
                let found = match FOUND.load(Relaxed) {
                    UNKNOWN => {
                        let all = cfg!(target_endian = "little")
                            $(&& std::arch::$is_detected!($feature))+;
                        FOUND.store(u8::from(all), Relaxed);
                        all
                    }
                    found => found == 1,
                };
                found.then_some($Level(()))
            }
        }

        macro_rules! $with {
            ($dollar($dollar function:tt)*) => {
                $(#[target_feature(enable = $feature)])+
                $dollar($dollar function)*
            };
        }
        pub(crate) use $with;
    )+};
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const UNKNOWN: u8 = 2;

#[cfg(target_arch = "x86_64")]
levels! {
    $ is_x86_feature_detected

    /// AVX2, and the bit instructions that came with it.
    Avx2, with_avx2: ["avx2" "bmi1" "bmi2" "lzcnt" "popcnt"]

    /// AVX-512 for bytes and products of 64 bits, on top of [`Avx2`].
    Avx512, with_avx512: ["avx512f" "avx512bw" "avx512dq" "avx2" "bmi1" "bmi2" "lzcnt" "popcnt"]

    /// AVX-512 that packs bytes, on top of [`Avx512`].
    Avx512Vbmi2, with_avx512_vbmi2: ["avx512vbmi2" "avx512f" "avx512bw" "avx512dq" "avx2" "bmi1" "bmi2" "lzcnt" "popcnt"]
}

#[cfg(target_arch = "aarch64")]
levels! {
    $ is_aarch64_feature_detected

    /// NEON on a little-endian processor, which the order of the mask's bits relies on.
    Neon, with_neon: ["neon"]
}

/// How a text is split: in which steps, and with what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// One pretoken at a time.
    Scalar,
    /// 64 bytes at a time, without vectors. Slower than scalar: it is there for tests, so that
    /// the masks are right on processors that nobody has at hand.
    Portable,
    /// 64 bytes at a time, in two registers.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// 64 bytes at a time, in one register.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    /// 64 bytes at a time, in four registers.
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
}

impl Level {
    pub fn best() -> Self {
        let mut levels = Level::all();
        match levels.pop() {
            None | Some(Level::Portable) => Level::Scalar,
            Some(best) => best,
        }
    }

    /// All that this processor has, the fastest last.
    pub fn all() -> Vec<Self> {
        let levels = [
            Some(Level::Scalar),
            Some(Level::Portable),
            #[cfg(target_arch = "x86_64")]
            Avx2::detect().map(Level::Avx2),
            #[cfg(target_arch = "x86_64")]
            Avx512::detect().map(Level::Avx512),
            #[cfg(target_arch = "aarch64")]
            Neon::detect().map(Level::Neon),
        ];
        levels.into_iter().flatten().collect()
    }
}
