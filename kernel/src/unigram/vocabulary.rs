//! The pieces of a Unigram model and their scores.
//!
//! As `tokenizers` has them: there is one kind of piece, and all are found in texts, the unknown one
//! included. SentencePiece itself is not here: it does not find control and byte pieces in a text, and
//! rounds sums in another way, so that near ties come out differently. In double precision as in single,
//! what was computed differed from it somewhere in 30,000 tokens of one text.

use crate::text::json::Value;
use crate::text::trie::Trie;

/// What a score is less than the lowest one, of a character that is no piece.
const UNKNOWN_PENALTY: f64 = 10.0;

pub struct Vocabulary {
    /// The pieces that are found in texts -> their ids.
    pub(super) trie: Trie,
    /// Of each id, as it is added to a sum.
    pub(super) scores: Vec<f64>,
    pub(super) unknown_id: u32,
    pub(super) unknown_score: f64,
    /// The ids of the bytes, where unknown characters become bytes.
    pub(super) bytes: Option<Box<[Option<u32>; 256]>>,
    spellings: String,
    /// The end of each id's spelling.
    ends: Vec<usize>,
}

impl Vocabulary {
    /// The model of a `tokenizer.json`, with its vocabulary; None if `tokenizers` does not take it, or
    /// raises an error for some text.
    pub fn from_json(model: &Value) -> Option<Self> {
        let mut pieces = Vec::new();
        for piece in model.get("vocab")?.items()? {
            let [piece, score] = piece.items()? else {
                return None;
            };
            let Value::Number(score) = score else {
                return None;
            };
            pieces.push((piece.as_str()?, parse_score(score)?));
        }
        let has_bytes = match model.get("byte_fallback") {
            None => false,
            Some(flag) => flag.as_bool()?,
        };
        Self::of_tokenizers(&pieces, model.get("unk_id")?.as_u32()?, has_bytes)
    }

    /// Pieces in the order of their ids, as `tokenizers` has them.
    pub fn of_tokenizers(pieces: &[(&str, f64)], unknown_id: u32, has_bytes: bool) -> Option<Self> {
        let lowest = pieces.iter().fold(
            f64::INFINITY,
            |lowest, &(_, score)| {
                if score < lowest { score } else { lowest }
            },
        );
        if unknown_id as usize >= pieces.len() {
            return None;
        }
        let trie = Trie::new(pieces.iter().map(|&(piece, _)| piece).zip(0..)).ok()?;
        let byte = |byte| trie.get(format!("<0x{byte:02X}>").as_bytes());
        let bytes = has_bytes.then(|| Box::new(std::array::from_fn(byte)));
        Some(Self::new(
            trie,
            pieces.iter().copied(),
            unknown_id,
            lowest - UNKNOWN_PENALTY,
            bytes,
        ))
    }

    fn new<'a>(
        trie: Trie,
        pieces: impl Iterator<Item = (&'a str, f64)>,
        unknown_id: u32,
        unknown_score: f64,
        bytes: Option<Box<[Option<u32>; 256]>>,
    ) -> Self {
        let mut vocabulary = Vocabulary {
            trie,
            scores: Vec::new(),
            unknown_id,
            unknown_score,
            bytes,
            spellings: String::new(),
            ends: Vec::new(),
        };
        for (piece, score) in pieces {
            vocabulary.scores.push(score);
            vocabulary.spellings.push_str(piece);
            vocabulary.ends.push(vocabulary.spellings.len());
        }
        vocabulary
    }

    pub fn size(&self) -> usize {
        self.ends.len()
    }

    pub fn spelling(&self, id: u32) -> Option<&str> {
        let id = id as usize;
        let start = id.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.spellings.get(start..*self.ends.get(id)?)
    }

    /// The longest piece, in bytes.
    pub fn longest(&self) -> usize {
        self.trie.longest()
    }
}

/// A number as `tokenizers` reads it from JSON: not always the nearest one in double precision, but the
/// nearest to its digits, as an integer, times or by a power of ten.
fn parse_score(number: &str) -> Option<f64> {
    let (is_negative, rest) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let mut exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (mut digits, mut is_full) = (0u64, false);
    for (i, digit) in whole.bytes().chain(fraction.bytes()).enumerate() {
        let more = digits.checked_mul(10);
        let more = more.and_then(|more| more.checked_add(u64::from(digit - b'0')));
        let is_fraction = i >= whole.len();
        match more.filter(|_| !is_full) {
            Some(more) => {
                digits = more;
                exponent -= i32::from(is_fraction);
            }
            None => {
                is_full = true;
                exponent += i32::from(!is_fraction);
            }
        }
    }
    let power: f64 = format!("1e{}", exponent.unsigned_abs().min(308))
        .parse()
        .ok()?;
    if exponent.unsigned_abs() > 308 && digits != 0 {
        return None;
    }
    let digits = digits as f64;
    let value = if exponent < 0 {
        digits / power
    } else {
        digits * power
    };
    value
        .is_finite()
        .then_some(if is_negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_read_digit_by_digit() {
        for (text, value) in [
            ("0", 0.0),
            ("-3.4635426998138428", -3.4635426998138428),
            ("-12.5e-1", -1.25),
            ("2E3", 2000.0),
            ("123456789012345678901234567890", 1.2345678901234568e29),
            ("0.1234567890123456789012345", 0.123_456_789_012_345_68),
        ] {
            let parsed = parse_score(text).expect("a number");
            assert!(
                (parsed - value).abs() <= value.abs() * f64::EPSILON,
                "{text}: {parsed}"
            );
        }
        assert_eq!(parse_score("1e400"), None);
    }
}
