//! What is repeated of a block: the header of a table, the opening fence of code.

use crate::chunk::blocks::{Block, Kind};
use crate::chunk::markdown::lines::{line_end, line_start};
use crate::text::boundaries::strength;
use crate::text::spaces::trim_end;

/// Where a table starts, and where the rows end that are repeated: the header row, the delimiter row,
/// and those that a paragraph right before the table ends with.
///
/// `start..end` is the table, which starts with its header row; `before` the block before it.
pub fn table(text: &str, start: usize, end: usize, before: Option<&Block>) -> (usize, usize) {
    let header_end = line_end(text, line_end(text, start).min(end)).min(end);
    let mut first = start;
    if let Some(before) = before
        && before.kind == Kind::Paragraph
        && before.end as usize == start
    {
        while first > before.start as usize {
            let line = line_start(text, first).max(before.start as usize);
            if !is_pipe_row(&text[line..first]) {
                break;
            }
            first = line;
        }
    }
    (first, header_end)
}

/// Whether a line, with its line break, is in pipes.
fn is_pipe_row(line: &str) -> bool {
    let row = line.trim_end_matches(['\r', '\n']);
    let is_ended = row.len() < line.len();
    let row = row.trim_matches([' ', '\t']);
    is_ended && row.len() > 1 && row.starts_with('|') && row.ends_with('|')
}

/// The end of the opening fence of code, with its line break, and the lines between the fences as a
/// block; None if it is indented instead, or empty.
///
/// `start..end` is the code; it is inside a list or a quote, or not.
pub fn code(text: &str, start: usize, end: usize, is_inside: bool) -> Option<(usize, Block)> {
    let body = line_end(text, start).min(end);
    let (indent, fence) = opening(&text[start..body])?;
    if !is_inside && indent > 3 {
        return None;
    }
    let inside = trim_end(&text[body..end]);
    let last_line = inside.rfind(['\r', '\n']).map_or(0, |at| at + 1);
    let line = inside[last_line..].trim_start_matches([' ', '\t', '>']);
    let is_closed = line.len() >= fence.len() && line.bytes().all(|b| b == fence.as_bytes()[0]);
    let last = if is_closed { body + last_line } else { end };
    (last > body).then(|| {
        let lines = Block::new(body as u32, last as u32, Kind::Code, strength::NONE);
        (body, lines)
    })
}

/// The fence of a line, after the signs of lists and quotes that it may be in, and how many spaces the
/// line starts with; more than three if anything else is before the fence.
fn opening(line: &str) -> Option<(usize, &str)> {
    let bytes = line.as_bytes();
    let blank = |at: usize| matches!(bytes.get(at), Some(b' ' | b'\t'));
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes[at..]
            .iter()
            .take(9)
            .take_while(|b| b.is_ascii_digit())
            .count();
        let number = at + digits;
        let is_number = digits > 0 && matches!(bytes.get(number), Some(b'.' | b')'));
        match byte {
            b' ' | b'\t' | b'>' => at += 1,
            b'*' | b'+' | b'-' if blank(at + 1) => at += 1,
            _ if is_number && blank(number + 1) => at = number + 1,
            _ => break,
        }
    }
    let sign = *bytes.get(at).filter(|sign| matches!(sign, b'`' | b'~'))?;
    let length = bytes[at..].iter().take_while(|&&byte| byte == sign).count();
    let is_plain = bytes[..at].iter().all(|&byte| byte == b' ');
    (length >= 3).then_some((if is_plain { at } else { 4 }, &line[at..at + length]))
}
