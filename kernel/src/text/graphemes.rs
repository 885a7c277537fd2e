//! Grapheme clusters (UAX #29): what a reader takes for one character.

use crate::text::unicode::{CLASS, class, decode, decode_before, lookup};
use std::sync::OnceLock;
use unicode_segmentation::GraphemeCursor;

/// The grapheme clusters of one text, which each function is given again.
#[derive(Default)]
pub struct Clusters {
    flags: OnceLock<FlagRuns>,
}

impl Clusters {
    #[inline(always)]
    pub fn is_inside(&self, text: &str, at: usize) -> bool {
        let bytes = text.as_bytes();
        match (at.checked_sub(1).and_then(|i| bytes.get(i)), bytes.get(at)) {
            (Some(&before), Some(&after)) if before < 0x80 && after < 0x80 => {
                before == b'\r' && after == b'\n'
            }
            (Some(_), Some(_)) => self.is_inside_non_ascii(text, at),
            _ => false,
        }
    }

    #[inline(never)]
    fn is_inside_non_ascii(&self, text: &str, at: usize) -> bool {
        let bytes = text.as_bytes();
        let (Some((before, _)), Some((after, _))) = (decode_before(bytes, at), decode(bytes, at))
        else {
            return false;
        };
        if is_plain(before) && is_plain(after) {
            return false;
        }
        if REGIONAL_INDICATORS.contains(&before) && REGIONAL_INDICATORS.contains(&after) {
            return self.flags.get_or_init(|| FlagRuns::of(bytes)).is_inside(at);
        }
        joins(text, at) || (lookup(after) & CLASS == class::CASELESS && is_linked(text, at))
    }

    pub fn ends<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        let offsets = text.char_indices().skip(1).map(|(at, _)| at);
        let ends = offsets.filter(|&at| !self.is_inside(text, at));
        ends.chain((!text.is_empty()).then_some(text.len()))
    }
}

const REGIONAL_INDICATORS: std::ops::RangeInclusive<u32> = 0x1_f1e6..=0x1_f1ff;
const INDICATOR_LENGTH: usize = 4;

/// Where each run of regional indicators starts, of which two are a flag.
///
/// Whether an offset between two of them is inside a flag depends on how many are before it. With this
/// a run of a million does not have to be counted again for each offset in it.
struct FlagRuns(Vec<usize>);

impl FlagRuns {
    fn of(text: &[u8]) -> Self {
        const START: [u8; 3] = [0xf0, 0x9f, 0x87];
        let (mut starts, mut run_end) = (Vec::new(), usize::MAX);
        let leads = text.windows(START.len()).enumerate();
        for (at, _) in leads.filter(|(_, bytes)| *bytes == START) {
            if decode(text, at).is_some_and(|(c, _)| REGIONAL_INDICATORS.contains(&c)) {
                if at != run_end {
                    starts.push(at);
                }
                run_end = at + INDICATOR_LENGTH;
            }
        }
        FlagRuns(starts)
    }

    /// Whether an offset between two regional indicators is inside a flag.
    fn is_inside(&self, at: usize) -> bool {
        let run = self.0.partition_point(|&start| start < at);
        run > 0 && (at - self.0[run - 1]) / INDICATOR_LENGTH % 2 == 1
    }
}

fn joins(text: &str, at: usize) -> bool {
    // With the whole text the cursor needs no more context.
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    !cursor.is_boundary(text, 0).unwrap_or(true)
}

/// Whether a letter joins the marks before it, whatever is before them.
///
/// Rule GB9c joins it after a virama whose marks follow a consonant; other implementations, Python's
/// `regex` among them, after any. A cut is made where all agree.
fn is_linked(text: &str, at: usize) -> bool {
    const CONSONANT: char = 'क';
    let is_linker = |c: &char| {
        matches!(c, '\u{200c}' | '\u{200d}') || lookup(u32::from(*c)) & CLASS == class::MARK
    };
    let marks = text[..at].chars().rev().take_while(is_linker);
    let marks: usize = marks.map(char::len_utf8).sum();
    let letter = text[at..].chars().next().filter(|_| marks > 0);
    letter.is_some_and(|letter| {
        let joined = format!("{CONSONANT}{}{letter}", &text[at - marks..at]);
        joins(&joined, joined.len() - letter.len_utf8())
    })
}

/// Whether there is a boundary between any two such characters that are not both ASCII: they are not
/// marks, joiners, regional indicators or Hangul jamo.
pub(crate) fn is_plain(c: u32) -> bool {
    matches!(
        c,
        0..0x300
            | 0x370..0x483
            | 0x48a..0x590
            | 0x2010..0x2028
            | 0x2030..0x2060
            | 0x3000..0x302a
            | 0x3041..0x3097
            | 0x30a0..0x3100
            | 0x3400..0x4dc0
            | 0x4e00..0xa000
            | 0xff00..0xff9e
    )
}
