//! Code points, as Python has the characters of a `str`, to UTF-8.

/// How many code points are converted together.
const BLOCK: usize = 16;
/// The longest character in UTF-8, in bytes.
const LONGEST: usize = 4;

/// Appends a text in UTF-8. As in tiktoken, a pair of surrogates is the character that it encodes; any
/// other surrogate is U+FFFD, as is what is no code point.
pub fn push_utf8(mut code_points: &[u32], utf8: &mut Vec<u8>) {
    utf8.reserve(code_points.len());
    while !code_points.is_empty() {
        code_points = if let Some((block, after)) = code_points.split_first_chunk::<BLOCK>() {
            if block.iter().fold(0, |any, c| any | c) < 0x80 {
                utf8.extend_from_slice(&block.map(|c| c as u8));
                after
            } else {
                &code_points[push_few(code_points, BLOCK, utf8)..]
            }
        } else {
            &code_points[push_few(code_points, code_points.len(), utf8)..]
        };
    }
}

/// Appends this many code points, at most a block, or one more where the last two are a pair; how
/// many these were.
#[inline]
fn push_few(code_points: &[u32], wanted: usize, utf8: &mut Vec<u8>) -> usize {
    let mut bytes = [0; (BLOCK + 1) * LONGEST];
    let (mut length, mut done) = (0, 0);
    while done < wanted {
        let (c, taken) = match code_points[done] {
            c @ 0xd800..0xdc00 => match code_points.get(done + 1) {
                Some(&low @ 0xdc00..0xe000) => (0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00), 2),
                _ => (0xfffd, 1),
            },
            0xdc00..0xe000 => (0xfffd, 1),
            0x11_0000.. => (0xfffd, 1),
            c => (c, 1),
        };
        done += taken;
        let next = |shift: u32| 0x80 | (c >> shift & 0x3f) as u8;
        let rest = &mut bytes[length..length + LONGEST];
        length += match c {
            0..0x80 => {
                rest[0] = c as u8;
                1
            }
            0x80..0x800 => {
                rest[..2].copy_from_slice(&[0xc0 | (c >> 6) as u8, next(0)]);
                2
            }
            0x800..0x10000 => {
                rest[..3].copy_from_slice(&[0xe0 | (c >> 12) as u8, next(6), next(0)]);
                3
            }
            _ => {
                rest.copy_from_slice(&[0xf0 | (c >> 18) as u8, next(12), next(6), next(0)]);
                4
            }
        };
    }
    utf8.extend_from_slice(&bytes[..length]);
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn utf8(code_points: &[u32]) -> Vec<u8> {
        let mut utf8 = Vec::new();
        push_utf8(code_points, &mut utf8);
        utf8
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
