//! The columns of chunks: Python's objects are made while other threads hash the texts for the ids.

use crate::chunk::blocks::{KINDS, Kind};
use crate::chunk::ids::{Hash, Prefix};
use crate::chunk::structure::{NONE, Structure};
use crate::count::parallel;
use crate::count::pipeline::{self, Caller};
use crate::index::token_index::Indexed;
use crate::python::blocks::string;
use crate::python::chunks::{ChunkIds, LevelIds, WindowSpans};
use crate::python::convert::text::new_string;
use crate::python::index::indexed;
use crate::python::index::text_map::TextMap;
use crate::text::boundaries::strength;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;

/// The name of a chunk's kind that is from several blocks.
const MIXED: &str = "mixed";
/// A job has about so many bytes of text.
const JOB: usize = 1 << 17;

/// The chunks of spans that are `nested`: see [`crate::chunk::texts::nested`].
///
/// `origin` is where the look-ahead window starts in the document: characters, bytes, and the line.
pub fn columns<'py>(
    py: Python<'py>,
    spans: &WindowSpans,
    nested: Vec<(usize, usize, Option<usize>)>,
    origin: (u64, u64, u64),
    ids: &ChunkIds,
) -> PyResult<Bound<'py, PyTuple>> {
    let (map, core) = indexed(spans.index.bind(py))?;
    let mut levels = ids.levels.lock().unwrap_or_else(PoisonError::into_inner);
    let names = KINDS.iter().chain([&MIXED]);
    let mut chunks = Chunks {
        py,
        spans,
        map,
        core,
        structure: &spans.structure.get().core,
        nested,
        origin,
        levels: &mut levels,
        known: HashMap::new(),
        names: names.map(|name| PyString::intern(py, name)).collect(),
        no_header: new_string(py, "")?,
        columns: Columns::default(),
    };
    let worker =
        || |job: Vec<Text<'_>>, _: &AtomicBool| job.into_iter().map(Text::hash).collect::<Vec<_>>();
    pipeline::run(|| parallel::threads(0), &mut chunks, worker)?;
    let Columns {
        ids,
        texts,
        headers,
        tokens,
        starts,
        ends,
        start_bytes,
        end_bytes,
        lines,
        paths,
        kinds,
        parents,
        indices,
        depths,
        strengths,
        shortened,
        dropped,
    } = chunks.columns;
    let columns = [
        PyList::new(py, ids)?,
        PyList::new(py, texts)?,
        PyList::new(py, headers)?,
        PyList::new(py, tokens)?,
        PyList::new(py, starts)?,
        PyList::new(py, ends)?,
        PyList::new(py, start_bytes)?,
        PyList::new(py, end_bytes)?,
        PyList::new(py, lines)?,
        PyList::new(py, paths)?,
        PyList::new(py, kinds)?,
        PyList::new(py, parents)?,
        PyList::new(py, indices)?,
        PyList::new(py, depths)?,
        PyList::new(py, strengths)?,
        PyList::new(py, shortened)?,
        PyList::new(py, dropped)?,
    ];
    PyTuple::new(py, columns)
}

/// A chunk's text for its id, in two parts.
struct Text<'a> {
    prefix: Prefix,
    header: &'a str,
    slice: &'a str,
}

impl Text<'_> {
    fn hash(self) -> Hash {
        self.prefix
            .hash(&[self.header.as_bytes(), self.slice.as_bytes()])
    }
}

#[derive(Default)]
struct Columns<'py> {
    ids: Vec<Bound<'py, PyString>>,
    texts: Vec<Bound<'py, PyString>>,
    headers: Vec<Bound<'py, PyString>>,
    tokens: Vec<i64>,
    starts: Vec<u64>,
    ends: Vec<u64>,
    start_bytes: Vec<u64>,
    end_bytes: Vec<u64>,
    lines: Vec<u64>,
    paths: Vec<Bound<'py, PyTuple>>,
    kinds: Vec<Bound<'py, PyString>>,
    parents: Vec<Option<Bound<'py, PyString>>>,
    indices: Vec<u64>,
    depths: Vec<usize>,
    strengths: Vec<u8>,
    shortened: Vec<bool>,
    dropped: Vec<bool>,
}

/// Makes the columns but for the ids, then takes these.
struct Chunks<'a, 'py> {
    py: Python<'py>,
    spans: &'a WindowSpans,
    map: &'a TextMap,
    core: Indexed<'a>,
    structure: &'a Structure,
    nested: Vec<(usize, usize, Option<usize>)>,
    origin: (u64, u64, u64),
    levels: &'a mut [LevelIds],
    /// The headings above a block.
    known: HashMap<u32, Bound<'py, PyTuple>>,
    /// Of kinds.
    names: Vec<Bound<'py, PyString>>,
    no_header: Bound<'py, PyString>,
    columns: Columns<'py>,
}

impl<'a, 'py> Chunks<'a, 'py> {
    /// Adds the next chunk but for its id, and returns what that is made of.
    fn add(&mut self, depth: usize, number: usize) -> PyResult<Text<'a>> {
        let (py, spans, core) = (self.py, self.spans, self.core);
        let span = &spans.levels[depth][number];
        let at = |offset: u32| core.character(offset as usize) as u64;
        let (start, end) = (at(span.start), at(span.end));
        let (character, byte, line) = self.origin;
        let (titled, kind) = self.block(at(span.body_start) as u32, end as u32);
        let header = spans.header(span);
        let structure = self.structure;
        let titles = || structure.titles(titled);
        let texts = &structure.blocks.texts;
        let level = &mut self.levels[depth];
        let prefix = level.ids.prefix_of(titled, || {
            let titles: Vec<&[u8]> = titles().into_iter().map(|n| texts.get(n)).collect();
            titles.into_iter()
        });
        let path = match self.known.entry(titled) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let titles = titles().into_iter().map(|n| string(py, texts.get(n)));
                unknown.insert(PyTuple::new(py, titles.collect::<PyResult<Vec<_>>>()?)?)
            }
        };
        let columns = &mut self.columns;
        columns.paths.push(path.clone());
        columns.texts.push(spans.text(self.map, py, span)?);
        columns.headers.push(match header {
            "" => self.no_header.clone(),
            header => new_string(py, header)?,
        });
        columns.kinds.push(self.names[kind].clone());
        columns.indices.push(level.count);
        level.count += 1;
        columns.tokens.push(span.tokens);
        columns.starts.push(character + start);
        columns.ends.push(character + end);
        columns.start_bytes.push(byte + u64::from(span.start));
        columns.end_bytes.push(byte + u64::from(span.end));
        let lines = spans.lines[depth][number];
        columns.lines.push(line + u64::from(lines));
        columns.depths.push(depth);
        columns.strengths.push(span.strength.min(strength::SECTION));
        columns.shortened.push(span.shortened);
        columns.dropped.push(span.dropped);
        Ok(Text {
            prefix,
            header,
            slice: &core.text[span.start as usize..span.end as usize],
        })
    }

    /// The block whose headings are those above a span, and the number of the span's kind; the span is in
    /// characters of the window.
    fn block(&self, body_start: u32, end: u32) -> (u32, usize) {
        let (structure, offset) = (self.structure, self.spans.offset);
        if structure.is_empty() {
            return (NONE, Kind::Text as usize);
        }
        let (body_start, end) = (
            offset + body_start,
            (offset + end).max(offset + body_start + 1),
        );
        let titled = structure.titled(structure.enclosing(body_start));
        let kind = structure.kind(body_start, end);
        (titled, kind.map_or(KINDS.len(), |kind| kind as usize))
    }
}

impl<'a> Caller<Vec<Text<'a>>, Vec<Hash>> for Chunks<'a, '_> {
    type Error = PyErr;

    fn next(&mut self) -> PyResult<Option<Vec<Text<'a>>>> {
        let (mut job, mut size) = (Vec::new(), 0);
        while size < JOB
            && let Some(&(depth, number, _)) = self.nested.get(self.columns.texts.len())
        {
            let text = self.add(depth, number)?;
            size += text.slice.len();
            job.push(text);
        }
        Ok((!job.is_empty()).then_some(job))
    }

    fn take(&mut self, hashes: Vec<Hash>) -> PyResult<()> {
        for hash in hashes {
            let (depth, _, parent) = self.nested[self.columns.ids.len()];
            let id = self.levels[depth].ids.distinct(hash);
            let id = new_string(self.py, std::str::from_utf8(&id).unwrap_or_default())?;
            let ids = &mut self.columns.ids;
            let parent = parent.and_then(|parent| ids.get(parent).cloned());
            ids.push(id);
            self.columns.parents.push(parent);
        }
        Ok(())
    }

    fn keep_going(&mut self) -> PyResult<()> {
        Ok(())
    }
}
