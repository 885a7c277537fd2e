//! `Structure`, `WindowSpans` and `ChunkIds`: a document's blocks, a look-ahead window that was cut by
//! them, and the ids of its chunks.

use crate::chunk::blocks::Blocks as Flat;
use crate::chunk::ids::Ids;
use crate::chunk::settings::Settings;
use crate::chunk::structure::Structure as Core;
use crate::chunk::texts::nested;
use crate::chunk::window::{Error, Span, Window, start_before};
use crate::python::blocks::Blocks;
use crate::python::columns::columns;
use crate::python::convert::numbers::{Integer, Tokens};
use crate::python::convert::text::{new_string, without_loss};
use crate::python::index::cut_rules::{Pairs, costed};
use crate::python::index::text_map::TextMap;
use crate::python::index::{TokenIndex, indexed, no_cuts};
use crate::python::split_error;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct Structure {
    pub(super) core: Core,
}

/// The fields of `WindowOptions` of `ctxtools._core.cut_types`.
#[derive(FromPyObject)]
pub struct WindowOptions(
    Vec<Tokens>,
    Tokens,
    Tokens,
    Vec<f64>,
    f64,
    (f64, f64, f64, f64),
    f64,
    f64,
    f64,
    String,
    bool,
    bool,
);

impl From<WindowOptions> for Settings {
    fn from(options: WindowOptions) -> Self {
        let WindowOptions(sizes, overlap, min_size, penalties, below_min, costs, ..) = options;
        let (evenness, smallness, per_span, target) = costs;
        Settings {
            sizes: sizes.into_iter().map(|size| size.0).collect(),
            overlap: overlap.0,
            min_size: min_size.0,
            penalties,
            below_min,
            evenness,
            smallness,
            per_span,
            target,
            atomic: options.6,
            glued: options.7,
            closing: options.8,
            greedy: options.9 == "greedy",
            has_headers: options.10,
            within_sections: options.11,
        }
    }
}

#[pymethods]
impl Structure {
    /// None where titles are not UTF-8.
    #[staticmethod]
    fn of(
        py: Python<'_>,
        blocks: Option<&Bound<'_, Blocks>>,
        text: &Bound<'_, PyString>,
        with_titles: bool,
    ) -> PyResult<Option<Self>> {
        let flat = blocks.map_or_else(|| Arc::new(Flat::default()), |b| b.get().flat.clone());
        let text = match flat.closings.len() == flat.items.len() {
            true => Some("".into()), // nothing is asked of it
            false => without_loss(text)?,
        };
        let core = text.and_then(|text| {
            py.detach(|| {
                let is_utf8 = flat.texts.are_utf8();
                is_utf8.then(|| Core::new(flat, &text, with_titles))
            })
        });
        Ok(core.map(|core| Structure { core }))
    }

    /// The spans of a look-ahead window; None if Python has to cut it.
    fn window(
        slf: &Bound<'_, Self>,
        index: &Bound<'_, TokenIndex>,
        offset: u32,
        body_start: Integer,
        breaks: &Bound<'_, PyAny>,
        extra: Pairs<'_>,
        options: WindowOptions,
    ) -> PyResult<Option<WindowSpans>> {
        let py = slf.py();
        if index.get().has_surrogates {
            return Ok(None);
        }
        let (map, core) = indexed(index)?;
        let (body_start, breaks) = (map.byte(py, body_start)?, map.bytes(py, breaks)?);
        let extra = costed(map, &extra, "offsets and extra costs")?;
        let settings = Settings::from(options);
        let tokenizer = &index.get().tokenizer.get().tokenizer;
        let structure = &slf.get().core;
        let found = py.detach(|| {
            let window = Window::new(core, tokenizer, structure, &settings, offset);
            let levels = window.spans(body_start as u32, &breaks, &extra)?;
            let mut headers = HashMap::new();
            for span in levels.iter().flatten() {
                if span.header != (0, 0) && !headers.contains_key(&span.header) {
                    headers.insert(span.header, window.header_text(span.header));
                }
            }
            let starts = levels.iter().map(|spans| {
                let starts = spans.iter().map(|span| span.start as usize);
                core.lines(starts)
            });
            let lines = starts.collect();
            Ok((levels, headers, lines))
        });
        let (levels, headers, lines) = match found {
            Ok(found) => found,
            Err(Error::NoCuts(limit)) => return Err(no_cuts(limit)),
            Err(Error::NoBoundary) => return Ok(None),
            Err(Error::Split(error)) => return Err(split_error(error)),
        };
        Ok(Some(WindowSpans {
            structure: slf.clone().unbind(),
            index: index.clone().unbind(),
            offset,
            overlap: settings.overlap,
            levels,
            lines,
            headers,
        }))
    }
}

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct WindowSpans {
    pub(super) structure: Py<Structure>,
    pub(super) index: Py<TokenIndex>,
    /// Where the window starts in the document, in characters.
    pub(super) offset: u32,
    overlap: i64,
    /// The spans of each size.
    pub(super) levels: Vec<Vec<Span>>,
    /// The number of line feeds before each.
    pub(super) lines: Vec<Vec<u32>>,
    headers: HashMap<(u32, u32), String>,
}

impl WindowSpans {
    pub(super) fn header(&self, span: &Span) -> &str {
        self.headers.get(&span.header).map_or("", String::as_str)
    }

    pub(super) fn text<'py>(
        &self,
        map: &TextMap,
        py: Python<'py>,
        span: &Span,
    ) -> PyResult<Bound<'py, PyString>> {
        let text = &map.mapped(py)?.text[span.start as usize..span.end as usize];
        match self.header(span) {
            "" => new_string(py, text),
            header => new_string(py, &[header, text].concat()),
        }
    }
}

#[pymethods]
impl WindowSpans {
    fn __len__(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// The values of the fields of `Span`, but for its children, which are in its place.
    fn spans<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let index = self.index.bind(py);
        let (map, core) = indexed(index)?;
        let found = PyList::empty(py);
        for (depth, number, _) in nested(&self.levels, 0, usize::MAX) {
            let span = self.levels[depth][number];
            let character = |byte: u32| core.character(byte as usize);
            let values = PyTuple::new(
                py,
                [
                    depth.into_pyobject(py)?.into_any(),
                    character(span.start).into_pyobject(py)?.into_any(),
                    character(span.body_start).into_pyobject(py)?.into_any(),
                    character(span.end).into_pyobject(py)?.into_any(),
                    span.strength.into_pyobject(py)?.into_any(),
                    self.text(map, py, &span)?.into_any(),
                    span.tokens.into_pyobject(py)?.into_any(),
                    span.oversize.into_pyobject(py)?.to_owned().into_any(),
                    span.shortened.into_pyobject(py)?.to_owned().into_any(),
                    span.start.into_pyobject(py)?.into_any(),
                    span.end.into_pyobject(py)?.into_any(),
                    self.lines[depth][number].into_pyobject(py)?.into_any(),
                    new_string(py, self.header(&span))?.into_any(),
                    span.dropped.into_pyobject(py)?.to_owned().into_any(),
                ],
            )?;
            found.append(values)?;
        }
        Ok(found)
    }

    /// Whether a span of the first size from one to before another, or inside them, is one character
    /// above the limit.
    fn has_oversize(&self, first: usize, last: usize) -> bool {
        let mut found = nested(&self.levels, first, last).into_iter();
        found.any(|(depth, number, _)| self.levels[depth][number].oversize)
    }

    /// Where the next look-ahead window may start that continues with a span, in characters, bytes and
    /// lines of this one; and where that span starts after its overlap, in characters from there.
    fn start_before(&self, py: Python<'_>, number: usize) -> PyResult<(usize, u32, u32, usize)> {
        let (_, core) = indexed(self.index.bind(py))?;
        let spans = self.levels.first().map_or(&[][..], Vec::as_slice);
        let before = start_before(&core, spans, number, self.overlap);
        let (Some(first), Some(span)) = (spans.get(before), spans.get(number)) else {
            return Ok((0, 0, 0, 0));
        };
        let start = core.character(first.start as usize);
        let body_start = core.character(span.body_start as usize) - start;
        Ok((start, first.start, self.lines[0][before], body_start))
    }

    /// The columns of the chunks of the spans of the first size from one to before another, each
    /// followed by the smaller ones inside it.
    fn columns<'py>(
        &self,
        py: Python<'py>,
        first: usize,
        last: usize,
        origin: (u64, u64, u64),
        ids: &Bound<'_, ChunkIds>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        columns(
            py,
            self,
            nested(&self.levels, first, last),
            origin,
            ids.get(),
        )
    }
}

pub(super) struct LevelIds {
    pub ids: Ids,
    /// How many chunks there were.
    pub count: u64,
}

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct ChunkIds {
    pub(super) levels: Mutex<Vec<LevelIds>>,
}

#[pymethods]
impl ChunkIds {
    #[new]
    fn new(configurations: Vec<Bound<'_, PyBytes>>) -> Self {
        let level = |configuration: Bound<'_, PyBytes>| LevelIds {
            ids: Ids::new(configuration.as_bytes()),
            count: 0,
        };
        ChunkIds {
            levels: Mutex::new(configurations.into_iter().map(level).collect()),
        }
    }

    /// The id and number of the next chunk.
    fn next<'py>(
        &self,
        py: Python<'py>,
        depth: usize,
        headings: Vec<Bound<'py, PyBytes>>,
        text: &Bound<'py, PyBytes>,
    ) -> PyResult<(Bound<'py, PyString>, u64)> {
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(level) = levels.get_mut(depth) else {
            return Err(pyo3::exceptions::PyIndexError::new_err("no such size"));
        };
        let titles = headings.iter().map(|heading| heading.as_bytes());
        let id = level.ids.next(titles, &[text.as_bytes()]);
        let number = level.count;
        level.count += 1;
        let id = new_string(py, std::str::from_utf8(&id).unwrap_or_default())?;
        Ok((id, number))
    }
}
