//! A reader of protocol buffers (<https://protobuf.dev/programming-guides/encoding/>): fields with their
//! numbers, in the order of the file.

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field<'a> {
    Number(u64),
    Float(f32),
    Double(f64),
    /// A text, bytes or a message.
    Bytes(&'a [u8]),
}

/// The message is truncated, or no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// The fields of a message.
pub fn fields(message: &[u8]) -> impl Iterator<Item = Result<(u64, Field<'_>), Malformed>> {
    let mut rest = message;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let field = next(&mut rest);
        if field.is_none() {
            rest = &[];
        }
        Some(field.ok_or(Malformed))
    })
}

fn next<'a>(rest: &mut &'a [u8]) -> Option<(u64, Field<'a>)> {
    let key = number(rest)?;
    let value = match key & 7 {
        0 => Field::Number(number(rest)?),
        1 => Field::Double(f64::from_le_bytes(*take(rest)?)),
        2 => {
            let length = usize::try_from(number(rest)?).ok()?;
            let (bytes, after) = rest.split_at_checked(length)?;
            *rest = after;
            Field::Bytes(bytes)
        }
        5 => Field::Float(f32::from_le_bytes(*take(rest)?)),
        _ => return None,
    };
    (key >> 3 != 0).then_some((key >> 3, value))
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(bytes)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..70).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        if shift == 63 && byte > 1 {
            return None;
        }
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_order() {
        let message = [
            &b"\x08\xac\x02\x12\x02ab\x1d\x00\x00\x80\x3f"[..],
            b"\x21\x00\x00\x00\x00\x00\x00\xf0\x3f",
        ]
        .concat();
        let found: Result<Vec<_>, _> = fields(&message).collect();
        let expected = vec![
            (1, Field::Number(300)),
            (2, Field::Bytes(b"ab")),
            (3, Field::Float(1.0)),
            (4, Field::Double(1.0)),
        ];
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn what_is_malformed() {
        for message in [
            &b"\x08"[..],
            b"\x12\x05ab",
            b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
            b"\x0b",
            b"\x00\x01",
            b"\x1d\x00",
        ] {
            let found: Result<Vec<_>, _> = fields(message).collect();
            assert_eq!(found, Err(Malformed), "{message:?}");
        }
    }
}
