//! A document in pieces, which all threads parse.
//!
//! A piece starts with a heading after an empty line: it ends all blocks but fenced code and HTML, so
//! that what is before it is parsed as if it were all, unless such a block is open at its end. A
//! reference in a heading may have its definition in another piece; then that heading is parsed again.

use crate::chunk::markdown::rows::{self, Row, Rows, kind};
use crate::chunk::markdown::{Error, inline};
use crate::count::pipeline;
use crate::text::char_map::CharMap;
use memchr::memmem;
use pulldown_cmark::Parser;
use std::ops::Range;

/// So many bytes are a piece, if it may end there: parsed, that is about what a core's cache holds.
pub const PIECE: usize = 1 << 16;

/// What is found in a piece of a document.
pub struct Piece {
    pub rows: Rows,
    /// Spans that are not cut, in bytes and in no order.
    pub inline: Vec<(u32, u32)>,
}

/// A document that is parsed.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    pub text: &'a str,
    /// The same, as the parser is to see it.
    pub shown: &'a str,
    pub map: &'a CharMap,
    /// How deep blocks may be inside others.
    pub depth: usize,
}

impl Document<'_> {
    /// Calls `take` with the pieces of about a size from an offset on, in order. Returns the titles that
    /// become others by what is defined in another piece: where their headings start, and the text.
    pub fn parse(
        &self,
        start: usize,
        size: usize,
        mut take: impl FnMut(Piece),
    ) -> Result<Vec<(u32, String)>, Error> {
        let ranges = ranges(self.shown, start, size);
        if ranges.len() == 1 {
            take(self.piece(start..self.shown.len())?);
            return Ok(Vec::new());
        }
        let mut references = References::default();
        let mut take = |piece: Piece| {
            references.add(&piece.rows);
            take(piece);
        };
        // The number of the next piece, and those from the first one on that is open at its end.
        let (mut number, mut waiting) = (0, Vec::new());
        let worker = || |range: Range<usize>| self.piece(range);
        pipeline::each(ranges.iter().cloned(), worker, |piece| match piece {
            Ok(piece) if waiting.is_empty() && !piece.rows.is_open => {
                take(piece);
                number += 1;
            }
            piece => waiting.push(piece),
        });
        let mut waiting = waiting.into_iter();
        while let Some(piece) = waiting.next() {
            let (mut piece, first, mut more) = (piece?, number, 1);
            number += 1;
            while piece.rows.is_open && number < ranges.len() {
                // Ever more at once, so that no text takes more than some times as long.
                number += waiting.by_ref().take(more).count();
                piece = self.piece(ranges[first].start..ranges[number - 1].end)?;
                more *= 2;
            }
            take(piece);
        }
        self.resolved(&references)
    }

    fn piece(&self, range: Range<usize>) -> Result<Piece, Error> {
        let rows = rows::rows(self.shown, range.clone(), self.depth, |_| false)?;
        let mut inline = Vec::new();
        let segments = inline::segments(range, &rows.rows);
        inline::inline_spans(self.text, self.map, segments, &mut inline);
        Ok(Piece { rows, inline })
    }

    fn resolved(&self, references: &References) -> Result<Vec<(u32, String)>, Error> {
        let mut titles = Vec::new();
        if references.unknown.is_empty() {
            return Ok(titles);
        }
        let labels = references.labels.iter();
        let definitions: String = labels.map(|label| format!("[{label}]: x\n\n")).collect();
        let parser = Parser::new(&definitions);
        let defined = parser.reference_definitions();
        let is_known = |label: &str| defined.get(label).is_some();
        for (row, label) in &references.unknown {
            let is_done = titles.last().is_some_and(|&(start, _)| start == row.start);
            if is_done || !is_known(label) {
                continue;
            }
            let range = row.start as usize..row.end as usize;
            let again = rows::rows(self.shown, range, self.depth, is_known)?;
            let title = again.titles.lines().next().unwrap_or_default();
            titles.push((row.start, title.to_owned()));
        }
        Ok(titles)
    }
}

/// What is known of the references in headings.
#[derive(Default)]
struct References {
    /// Those that are not defined in their piece, with their headings.
    unknown: Vec<(Row, String)>,
    /// The labels of all definitions.
    labels: Vec<String>,
}

impl References {
    fn add(&mut self, rows: &Rows) {
        self.labels.extend_from_slice(&rows.labels);
        if rows.unknown.is_empty() {
            return;
        }
        let is_heading = |row: &&Row| (kind::HEADING + 1..kind::INSIDE).contains(&row.kind);
        let headings: Vec<&Row> = rows.rows.iter().filter(is_heading).collect();
        for (number, label) in &rows.unknown {
            if let Some(row) = headings.get(*number) {
                self.unknown.push((**row, label.clone()));
            }
        }
    }
}

/// The pieces of a text from an offset on.
fn ranges(text: &str, start: usize, size: usize) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let heading = memmem::Finder::new("\n\n#");
    let fences = ["\n```", "\n~~~"].map(memmem::Finder::new);
    let (mut ranges, mut first) = (Vec::new(), start);
    while bytes.len() - first > size {
        // How many fences there are up to an offset tells most often whether it is in code.
        let (mut at, mut counted, mut count) = (first + size, first, 0);
        let next = loop {
            let Some(ahead) = heading.find(&bytes[at..]) else {
                break None;
            };
            at += ahead + 2;
            let inside = &bytes[counted..at];
            let found = fences.iter().map(|fence| fence.find_iter(inside).count());
            count += found.sum::<usize>();
            counted = at;
            if count % 2 == 0 && is_heading(&bytes[at..]) {
                break Some(at);
            }
        };
        let Some(next) = next else { break };
        ranges.push(first..next);
        first = next;
    }
    ranges.push(first..bytes.len());
    ranges
}

/// Whether a text starts with a heading.
fn is_heading(text: &[u8]) -> bool {
    let level = text.iter().take_while(|&&byte| byte == b'#').count();
    level <= 6 && matches!(text.get(level), None | Some(b' ' | b'\t' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        let parts = [
            "\n",
            "\n\n",
            "\n\n# ",
            "\n\n## a [r]",
            "# ",
            "```",
            "~~~",
            "    ",
            "- ",
            "> ",
            "1. ",
            "a",
            "`",
            "[r]",
            "[r]: x",
            "[R]: <y z>",
            "![",
            "](",
            ")",
            "<!--",
            "-->",
            "<pre>",
            "<b>",
            "</pre>",
            "<div>",
            "---",
            "===",
            "|a|b|\n|-|-|\n",
            "é",
            " ",
            "\\",
            "*",
            "\t",
        ];
        let part = prop::sample::select(parts.to_vec());
        prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
    }

    /// Rows, titles and spans.
    type Found = (Vec<Row>, Vec<(u32, String)>, Vec<(u32, u32)>);

    /// What is found of a text in pieces of a size.
    fn parsed(text: &str, size: usize) -> Found {
        let document = Document {
            text,
            shown: text,
            map: &CharMap::new(text),
            depth: 32,
        };
        let (mut rows, mut titles, mut spans) = (Vec::new(), Vec::new(), Vec::new());
        let others = document.parse(0, size, |piece| {
            let shift = rows.len() as u32;
            let is_heading = |row: &&Row| (kind::HEADING + 1..kind::INSIDE).contains(&row.kind);
            let starts = piece
                .rows
                .rows
                .iter()
                .filter(is_heading)
                .map(|row| row.start);
            let lines = piece.rows.titles.lines().map(str::to_owned);
            titles.extend(starts.zip(lines));
            rows.extend(piece.rows.rows.iter().map(|row| Row {
                after: row.after + shift,
                ..*row
            }));
            spans.extend(piece.inline);
        });
        for (start, other) in others.unwrap_or_default() {
            let found = titles.iter_mut().find(|(at, _)| *at == start);
            found
                .into_iter()
                .for_each(|(_, title)| title.clone_from(&other));
        }
        inline::sort(&mut spans);
        (rows, titles, spans)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn pieces_make_no_difference(text in text(), size in 1..40_usize) {
            prop_assert_eq!(parsed(&text, size), parsed(&text, usize::MAX));
        }
    }
}
