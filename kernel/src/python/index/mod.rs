//! `TokenIndex`.

pub(super) mod cut_rules;
pub(super) mod edits;
pub(super) mod text_map;

use crate::chunk::cutting::cut::{Options, Spans};
use crate::chunk::cutting::cut_points::Request;
use crate::chunk::cutting::overlap::Overlaps;
use crate::index::text_map::{Error, TextMap as Map};
use crate::index::token_index::Indexed;
use crate::python::convert::buffer::{Column, Data};
use crate::python::convert::numbers::{Integer, Tokens};
use crate::python::convert::text::{text, without_loss};
use crate::python::index::cut_rules::{Columns, CutOptions, CutRules, weights};
use crate::python::index::edits::{Change, EditedIndex};
use crate::python::index::text_map::{TextMap, View};
use crate::python::tokenizer::{Tokenizer, index_error};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};
use std::borrow::Cow;

#[pyclass(module = "ctxtools._kernel", frozen, extends = TextMap)]
pub struct TokenIndex {
    pub tokenizer: Py<Tokenizer>,
    /// Whether the text has lone surrogates, which its UTF-8 does not tell apart.
    pub has_surrogates: bool,
}

impl TokenIndex {
    pub fn of<'py>(
        tokenizer: &Bound<'py, Tokenizer>,
        string: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, Self>> {
        let py = tokenizer.py();
        // The conversion of one that comes again is kept, and so not in the index too.
        let utf8 = match tokenizer.get().last.is_repeat(string) {
            true => string.to_str().ok().map(Cow::Borrowed),
            false => without_loss(string)?,
        };
        let (utf8, has_surrogates) = match utf8 {
            Some(utf8) => (utf8, false),
            None => (text(string)?, true),
        };
        let core = &tokenizer.get().tokenizer;
        let map = py
            .detach(|| Map::of_tokens(core, &utf8))
            .map_err(index_error)?;
        // A pair of surrogates is one character of the text that is counted: offsets would differ.
        if map.chars.characters != string.len()? {
            return Err(index_error(Error::NotIndexable));
        }
        let tokenizer = tokenizer.clone().unbind();
        let map = TextMap::new(string, utf8, map);
        TokenIndex::new(tokenizer, map, has_surrogates, py)
    }

    pub fn new(
        tokenizer: Py<Tokenizer>,
        map: TextMap,
        has_surrogates: bool,
        py: Python<'_>,
    ) -> PyResult<Bound<'_, Self>> {
        let index = TokenIndex {
            tokenizer,
            has_surrogates,
        };
        Bound::new(py, PyClassInitializer::from(map).add_subclass(index))
    }
}

/// The text map of an index, and the index with its text.
pub fn indexed<'a>(slf: &'a Bound<'_, TokenIndex>) -> PyResult<(&'a TextMap, Indexed<'a>)> {
    let map = slf.as_super().get();
    let mapped = map.mapped(slf.py())?;
    let tokenizer = &slf.get().tokenizer.get().tokenizer;
    let index = Indexed::new(mapped.map, tokenizer, mapped.text);
    Ok((map, index.ok_or_else(|| index_error(Error::NotIndexable))?))
}

#[pymethods]
impl TokenIndex {
    #[getter]
    fn additive(&self) -> bool {
        true
    }

    #[getter]
    fn sums<'py>(slf: &Bound<'py, Self>) -> PyResult<View<'py>> {
        slf.as_super().get().segments(slf.py(), Column::Sums)
    }

    #[getter]
    fn total(slf: &Bound<'_, Self>) -> PyResult<usize> {
        Ok(indexed(slf)?.1.map.tokens.total())
    }

    fn replaced(
        slf: &Bound<'_, Self>,
        start: Integer,
        end: Integer,
        text: &Bound<'_, PyString>,
    ) -> PyResult<(EditedIndex, Change)> {
        if slf.get().has_surrogates {
            return Err(index_error(Error::NotIndexable));
        }
        EditedIndex::of(slf, (start, end), text)
    }

    fn count(slf: &Bound<'_, Self>, start: Integer, end: Integer) -> PyResult<usize> {
        let (map, index) = indexed(slf)?;
        let (start, end) = map.range(slf.py(), start, end)?;
        Ok(index.count(start, end))
    }

    fn counts<'py>(
        slf: &Bound<'py, Self>,
        starts: &Bound<'_, PyAny>,
        ends: &Bound<'_, PyAny>,
    ) -> PyResult<View<'py>> {
        let (map, index) = indexed(slf)?;
        let ranges = map.ranges(slf.py(), starts, ends)?;
        let count = |(start, end)| index.count(start as usize, end as usize) as u64;
        let counts = slf.py().detach(|| ranges.into_iter().map(count).collect());
        Data::U64(counts).view(slf.py())
    }

    fn end(slf: &Bound<'_, Self>, start: Integer, limit: Tokens) -> PyResult<usize> {
        let (map, index) = indexed(slf)?;
        let start = map.byte(slf.py(), start)?;
        Ok(index.character(index.end(start, limit.limit())))
    }

    fn end_anywhere(slf: &Bound<'_, Self>, start: Integer, limit: Tokens) -> PyResult<usize> {
        let (map, index) = indexed(slf)?;
        let start = map.byte(slf.py(), start)?;
        Ok(index.character(index.end_anywhere(start, limit.limit())))
    }

    fn start_anywhere(slf: &Bound<'_, Self>, end: Integer, limit: Tokens) -> PyResult<usize> {
        let (map, index) = indexed(slf)?;
        let end = map.byte(slf.py(), end)?;
        Ok(index.character(index.start_anywhere(end, limit.limit())))
    }

    fn token_ends<'py>(
        slf: &Bound<'py, Self>,
        start: Integer,
        end: Integer,
    ) -> PyResult<(View<'py>, View<'py>)> {
        let (map, index) = indexed(slf)?;
        let (start, end) = map.range(slf.py(), start, end)?;
        let (ends, sums) = slf.py().detach(|| {
            let (mut ends, mut sums, mut sum) = (Vec::new(), Vec::new(), 0);
            index.each_token(start, end, |token, n| {
                sum += n as u32;
                if index.text.is_char_boundary(token) {
                    ends.push(token as u32);
                    sums.push(sum);
                }
            });
            (ends, sums)
        });
        Ok((
            map.offsets(slf.py(), ends)?,
            Data::U32(sums).view(slf.py())?,
        ))
    }

    fn measure<'py>(
        slf: &Bound<'py, Self>,
        offsets: &Bound<'_, PyAny>,
    ) -> PyResult<(View<'py>, View<'py>)> {
        let (map, index) = indexed(slf)?;
        let bytes = map.bytes(slf.py(), offsets)?;
        let measure = |byte: u32| {
            let byte = byte as usize;
            (index.sum_from(byte), index.sum_to(byte) as i64)
        };
        let (from, to) = slf.py().detach(|| bytes.into_iter().map(measure).unzip());
        Ok((
            Data::I64(from).view(slf.py())?,
            Data::I64(to).view(slf.py())?,
        ))
    }

    #[pyo3(signature = (offsets, overlap, rules = None))]
    fn overlap_starts<'py>(
        slf: &Bound<'py, Self>,
        offsets: &Bound<'_, PyAny>,
        overlap: Tokens,
        rules: Option<CutRules<'_>>,
    ) -> PyResult<View<'py>> {
        let py = slf.py();
        let (map, index) = indexed(slf)?;
        let bytes = map.bytes(py, offsets)?;
        let columns = rules.map(|rules| Columns::new(py, map, &rules));
        let columns = columns.transpose()?.unwrap_or_default();
        let starts = py.detach(|| {
            let overlaps = Overlaps::new(index, columns.overlap_rules());
            let start = |byte: u32| overlaps.start(byte as usize, overlap.limit(), 0) as u32;
            bytes.into_iter().map(start).collect()
        });
        map.offsets(py, starts)
    }

    fn cut_points<'py>(
        slf: &Bound<'py, Self>,
        start: Integer,
        forced: &Bound<'_, PyAny>,
        rules: CutRules<'_>,
        options: CutOptions,
    ) -> PyResult<PointColumns<'py>> {
        let py = slf.py();
        let (map, index) = indexed(slf)?;
        let start = map.byte(py, start)?;
        let limit = weights(&options)?.limit;
        let columns = Columns::new(py, map, &rules)?;
        let forced = map.bytes(py, forced)?;
        let found = py.detach(|| {
            index.cut_points(&Request {
                start,
                limit,
                capacity: options.1.0,
                boundaries: &columns.boundaries,
                costs: &columns.costs(&options.4),
                forced: &forced,
            })
        });
        Ok((
            map.offsets(py, found.offsets)?,
            Data::U8(found.strengths).view(py)?,
            Data::F64(found.costs).view(py)?,
            Data::I64(found.sums_from).view(py)?,
            Data::I64(found.sums_to).view(py)?,
            map.offsets(py, found.oversize)?,
        ))
    }

    fn cut<'py>(
        slf: &Bound<'py, Self>,
        start: Integer,
        parents: (Bound<'_, PyAny>, Bound<'_, PyAny>),
        rules: CutRules<'_>,
        options: CutOptions,
    ) -> PyResult<SpanColumns<'py>> {
        let py = slf.py();
        let (map, index) = indexed(slf)?;
        let start = map.byte(py, start)?;
        let parents = map.ranges(py, &parents.0, &parents.1)?;
        let weights = weights(&options)?;
        let columns = Columns::new(py, map, &rules)?;
        let (_, Tokens(capacity), overlap, _, penalties, _, _, strategy) = options;
        let (spans, lines) = py
            .detach(|| {
                let forced: Vec<u32> = parents.iter().map(|&(_, end)| end).collect();
                let request = Request {
                    start,
                    limit: weights.limit,
                    capacity,
                    boundaries: &columns.boundaries,
                    costs: &columns.costs(&penalties),
                    forced: &forced[..forced.len().saturating_sub(1)],
                };
                let options = Options {
                    parents: &parents,
                    overheads: &columns.overheads,
                    overlap: overlap.limit(),
                    overlap_rules: columns.overlap_rules(),
                    weights,
                    greedy: strategy == "greedy",
                };
                let spans = index.cut(&request, &options)?;
                let lines = index.lines(spans.starts.iter().map(|&start| start as usize));
                Some((spans, lines))
            })
            .ok_or_else(|| no_cuts(weights.limit))?;
        span_columns(py, map, spans, lines)
    }
}

/// The fields of `CutPoints` of `ctxtools._core.cut_types`.
type PointColumns<'py> = (
    View<'py>,
    View<'py>,
    View<'py>,
    View<'py>,
    View<'py>,
    View<'py>,
);
/// Those of `Spans`.
type SpanColumns<'py> = (
    View<'py>,
    View<'py>,
    View<'py>,
    View<'py>,
    Bound<'py, PyList>,
    View<'py>,
    View<'py>,
    View<'py>,
    View<'py>,
    View<'py>,
    View<'py>,
    View<'py>,
);

fn span_columns<'py>(
    py: Python<'py>,
    map: &TextMap,
    spans: Spans,
    lines: Vec<u32>,
) -> PyResult<SpanColumns<'py>> {
    let ranges = spans.starts.iter().copied().zip(spans.ends.iter().copied());
    let texts = PyList::new(py, map.texts(py, ranges)?)?;
    Ok((
        map.offsets(py, spans.starts.clone())?,
        map.offsets(py, spans.body_starts)?,
        map.offsets(py, spans.ends.clone())?,
        Data::U8(spans.strengths).view(py)?,
        texts,
        Data::U64(spans.tokens).view(py)?,
        Data::I64(spans.spare).view(py)?,
        Data::Bool(spans.oversize).view(py)?,
        Data::Bool(spans.shortened).view(py)?,
        Data::U32(spans.starts).view(py)?,
        Data::U32(spans.ends).view(py)?,
        Data::U32(lines).view(py)?,
    ))
}

pub fn no_cuts(limit: i64) -> PyErr {
    PyValueError::new_err(format!("no cuts leave at most {limit} tokens in each span"))
}
