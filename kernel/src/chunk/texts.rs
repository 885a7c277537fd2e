//! The chunks of many plain texts, as the columns of a table.

use crate::chunk::ids::{self, Id, Ids};
use crate::chunk::settings::Settings;
use crate::chunk::structure::Structure;
use crate::chunk::window::{Error as WindowError, Span, Window};
use crate::count::byte_level::SplitError;
use crate::count::counter::Counter;
use crate::count::tokenizer::Family;
use crate::index::text_map::TextMap;
use crate::index::token_index::Indexed;
use std::collections::{HashMap, HashSet};

/// Bytes of a text above which it is chunked alone.
const LONG: usize = 1 << 20;

/// Bytes of a token that few texts have on average: what has more for each token that fits is cut.
const MAX_BYTES: usize = 8;
/// Bytes that a column of strings holds.
const MAX_COLUMN: usize = 1 << 30;

/// How to chunk, the same for all texts.
pub struct Chunker {
    pub settings: Settings,
    /// What the ids of each size are made of, before the source.
    pub configurations: Vec<Vec<u8>>,
    /// The blocks of plain text.
    pub structure: Structure,
}

/// A text of a column, and its source.
pub struct Document<'a> {
    pub row: i64,
    pub text: &'a [u8],
    pub source: &'a [u8],
}

/// The columns of chunks, in the order of their texts.
#[derive(Default)]
pub struct Rows {
    /// The number of the text.
    pub rows: Vec<i64>,
    pub ids: Vec<Id>,
    /// The texts one after the other, and where each starts and the last ends.
    pub texts: Vec<u8>,
    pub text_ends: Vec<u32>,
    pub sources: Vec<u8>,
    pub source_ends: Vec<u32>,
    pub tokens: Vec<i64>,
    pub starts: Vec<i64>,
    pub ends: Vec<i64>,
    pub start_bytes: Vec<i64>,
    pub end_bytes: Vec<i64>,
    pub lines: Vec<i64>,
    pub indices: Vec<i64>,
    /// The number in these columns of the larger chunk that contains each; -1 for none.
    pub parents: Vec<i64>,
    /// The ids of these.
    pub parent_ids: Vec<u8>,
    pub parent_ends: Vec<u32>,
    /// The numbers of texts that have to be chunked alone.
    pub others: Vec<i64>,
}

impl Rows {
    fn add(&mut self, document: &Document<'_>, span: Row<'_>, id: Id) {
        self.rows.push(document.row);
        self.ids.push(id);
        self.texts.extend_from_slice(span.text.as_bytes());
        self.text_ends.push(self.texts.len() as u32);
        self.sources.extend_from_slice(document.source);
        self.source_ends.push(self.sources.len() as u32);
        self.tokens.push(span.tokens);
        self.starts.push(span.start as i64);
        self.ends.push(span.end as i64);
        self.start_bytes.push(span.start_byte as i64);
        let end_byte = span.start_byte + span.text.len();
        self.end_bytes.push(end_byte as i64);
        self.lines.push(1 + i64::from(span.line));
        self.indices.push(span.index);
        self.parents.push(span.parent);
    }

    /// Puts ids in the columns of parents.
    pub fn finish(&mut self) {
        self.parent_ends.push(0);
        for &parent in &self.parents {
            if let Some(id) = self.ids.get(parent as usize) {
                self.parent_ids.extend_from_slice(id);
            }
            self.parent_ends.push(self.parent_ids.len() as u32);
        }
    }
}

/// A chunk. Offsets are in characters but for its start in bytes.
struct Row<'a> {
    text: &'a str,
    tokens: i64,
    start: usize,
    end: usize,
    start_byte: usize,
    line: u32,
    index: i64,
    parent: i64,
}

pub enum Error {
    /// The number of a text that is not UTF-8.
    Utf8(i64),
    Split(SplitError),
}

/// The most tokens of a text that is surely one chunk of each size: cutting it would only make chunks
/// that cost more each.
fn surely_one(settings: &Settings) -> i64 {
    let smallest = settings.sizes.iter().copied().min().unwrap_or(0);
    let is_full = settings.greedy || settings.target >= 1.0 && settings.per_span >= 0.0;
    match is_full {
        true => smallest,
        false => (settings.target.max(0.0) * smallest as f64) as i64,
    }
}

/// The chunks of some texts.
pub fn chunk(
    chunker: &Chunker,
    counter: &mut Counter<'_>,
    documents: &[Document<'_>],
) -> Result<Rows, Error> {
    let mut rows = Rows::default();
    rows.text_ends.push(0);
    rows.source_ends.push(0);
    let most = surely_one(&chunker.settings);
    let mut prefixes = Prefixes::new(&chunker.configurations);
    let is_byte_level = matches!(counter.tokenizer().family, Family::ByteLevel(_));
    for document in documents {
        if document.text.is_empty() {
            continue;
        }
        let Ok(text) = std::str::from_utf8(document.text) else {
            return Err(Error::Utf8(document.row));
        };
        let is_long = text.len() > LONG || memchr::memchr(b'\x0c', document.text).is_some();
        if is_long || !counter.tokenizer().is_inert(text) {
            rows.others.push(document.row);
            continue;
        }
        let prefixes = prefixes.of(document.source);
        if is_byte_level && (text.len() / MAX_BYTES) as i64 <= most {
            let tokens = counter.count(text).map_err(Error::Split)? as i64;
            if tokens <= most {
                let end = text.chars().count();
                let mut parent = -1;
                for prefix in prefixes {
                    let row = Row {
                        text,
                        tokens,
                        start: 0,
                        end,
                        start_byte: 0,
                        line: 0,
                        index: 0,
                        parent,
                    };
                    parent = rows.rows.len() as i64;
                    rows.add(document, row, ids::alone(prefix, document.text));
                }
                continue;
            }
        }
        if !add_cut(chunker, counter, document, text, prefixes, &mut rows)? {
            rows.others.push(document.row);
        }
    }
    Ok(rows)
}

/// Adds the chunks of a text that is cut; false if it has to be cut alone.
fn add_cut(
    chunker: &Chunker,
    counter: &Counter<'_>,
    document: &Document<'_>,
    text: &str,
    prefixes: &[ids::Prefix],
    rows: &mut Rows,
) -> Result<bool, Error> {
    let tokenizer = counter.tokenizer();
    let Ok(map) = TextMap::of_tokens(tokenizer, text) else {
        return Ok(false);
    };
    let Some(index) = Indexed::new(&map, tokenizer, text) else {
        return Ok(false);
    };
    let window = Window::new(index, tokenizer, &chunker.structure, &chunker.settings, 0);
    let levels = match window.spans(0, &[], &[]) {
        Ok(levels) => levels,
        Err(WindowError::Split(error)) => return Err(Error::Split(error)),
        Err(_) => return Ok(false),
    };
    let spans = levels.iter().flatten();
    let size: usize = spans.map(|span| (span.end - span.start) as usize).sum();
    let is_too_large = rows.texts.len().saturating_add(size) > MAX_COLUMN;
    if is_too_large || levels.iter().flatten().any(|span| span.oversize) {
        return Ok(false);
    }
    let lines: Vec<Vec<u32>> = levels
        .iter()
        .map(|spans| index.lines(spans.iter().map(|span| span.start as usize)))
        .collect();
    let mut ids: Vec<Ids> = prefixes.iter().map(Ids::of).collect();
    let first = rows.rows.len() as i64;
    for (depth, number, parent) in nested(&levels, 0, usize::MAX) {
        let span = levels[depth][number];
        let text = &text[span.start as usize..span.end as usize];
        let row = Row {
            text,
            tokens: span.tokens,
            start: index.character(span.start as usize),
            end: index.character(span.end as usize),
            start_byte: span.start as usize,
            line: lines[depth][number],
            index: number as i64,
            parent: parent.map_or(-1, |parent| first + parent as i64),
        };
        let id = ids[depth].next([].into_iter(), &[text.as_bytes()]);
        rows.add(document, row, id);
    }
    Ok(true)
}

/// The spans of the first size from one to before another, each followed by the smaller ones inside it:
/// the number of the size, the number of the span among those of its size, and the number in this list
/// of the span around it.
pub fn nested(
    levels: &[Vec<Span>],
    first: usize,
    last: usize,
) -> Vec<(usize, usize, Option<usize>)> {
    let mut found = Vec::new();
    let Some(end) = levels.first().map(|level| level.len().min(last)) else {
        return found;
    };
    // Where the search for the spans inside goes on at each size.
    let mut next = vec![0; levels.len()];
    for number in first..end {
        add_nested(levels, (0, number), None, &mut next, &mut found);
    }
    found
}

fn add_nested(
    levels: &[Vec<Span>],
    (depth, number): (usize, usize),
    parent: Option<usize>,
    next: &mut [usize],
    found: &mut Vec<(usize, usize, Option<usize>)>,
) {
    let (at, span) = (found.len(), levels[depth][number]);
    found.push((depth, number, parent));
    let Some(inner) = levels.get(depth + 1) else {
        return;
    };
    let from = next[depth + 1];
    let from = from + inner[from..].partition_point(|child| child.end <= span.body_start);
    let to = from + inner[from..].partition_point(|child| child.end <= span.end);
    for child in from..to {
        add_nested(levels, (depth + 1, child), Some(at), next, found);
    }
    next[depth + 1] = to;
}

/// What the ids of a document are made of, before its text.
struct Prefixes<'a> {
    configurations: &'a [Vec<u8>],
    known: Vec<ids::Prefix>,
    /// Of these.
    source: Option<Vec<u8>>,
}

impl<'a> Prefixes<'a> {
    fn new(configurations: &'a [Vec<u8>]) -> Self {
        Prefixes {
            configurations,
            known: Vec::new(),
            source: None,
        }
    }

    fn of(&mut self, source: &[u8]) -> &[ids::Prefix] {
        if self.source.as_deref() != Some(source) {
            let prefix = |before: &Vec<u8>| ids::Prefix::new(&[before.as_slice(), source]);
            self.known = self.configurations.iter().map(prefix).collect();
            self.source = Some(source.to_vec());
        }
        &self.known
    }
}

/// Gives chunks of several documents distinct ids: see `DistinctIds` of
/// `ctxtools/chunking/integrations/distinct.py`.
#[derive(Default)]
pub struct Distinct {
    seen: HashSet<[u8; 16]>,
    repeated: HashMap<[u8; 16], u64>,
}

impl Distinct {
    pub fn rename(&mut self, rows: &mut Rows) {
        for id in &mut rows.ids {
            let mut key = [0; 16];
            key.copy_from_slice(&id[..16]);
            if !self.seen.insert(key) {
                let number = self.repeated.entry(key).or_default();
                *number += 1;
                *id = ids::of_text(&[&id[..], format!(" {number}").as_bytes()]);
            }
        }
    }
}
