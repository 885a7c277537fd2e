//! `TokenIndex`.

pub(super) mod edits;
pub(super) mod text_map;

use crate::chunk::cut::{Options, Spans};
use crate::chunk::cut_points::Request;
use crate::chunk::optimal_cuts::Costs;
use crate::index::text_map::{Error, TextMap as Map};
use crate::index::token_index::Indexed;
use crate::python::convert::buffer::{Column, Data};
use crate::python::convert::numbers::{Integer, Integers, Strength, Tokens, push, same_length};
use crate::python::convert::text::{text, without_loss};
use crate::python::index::edits::{Change, EditedIndex};
use crate::python::index::text_map::{TextMap, UsageError, View};
use crate::python::tokenizer::{Tokenizer, index_error};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

#[pyclass(module = "ctxtools._kernel", frozen, extends = TextMap)]
pub struct TokenIndex {
    pub tokenizer: Py<Tokenizer>,
    /// Whether the text has lone surrogates, which its UTF-8 does not tell apart.
    has_surrogates: bool,
}

/// Offsets and a number for each.
type Pairs<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

impl TokenIndex {
    pub fn of<'py>(
        tokenizer: &Bound<'py, Tokenizer>,
        string: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, Self>> {
        let py = tokenizer.py();
        let (utf8, has_surrogates) = match without_loss(string)? {
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
fn indexed<'a>(slf: &'a Bound<'_, TokenIndex>) -> PyResult<(&'a TextMap, Indexed<'a>)> {
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

    fn overlap_starts<'py>(
        slf: &Bound<'py, Self>,
        offsets: &Bound<'_, PyAny>,
        overlap: Tokens,
    ) -> PyResult<View<'py>> {
        let (map, index) = indexed(slf)?;
        let bytes = map.bytes(slf.py(), offsets)?;
        let start = |byte: u32| index.overlap_start(byte as usize, overlap.limit()) as u32;
        let starts = slf.py().detach(|| bytes.into_iter().map(start).collect());
        map.offsets(slf.py(), starts)
    }

    fn cut_points<'py>(
        slf: &Bound<'py, Self>,
        start: Integer,
        limit: Tokens,
        capacity: Tokens,
        boundaries: Pairs<'_>,
        atomic: Pairs<'_>,
        forced: &Bound<'_, PyAny>,
    ) -> PyResult<(View<'py>, View<'py>, View<'py>, View<'py>, View<'py>)> {
        let py = slf.py();
        let (map, index) = indexed(slf)?;
        let request = Request {
            start: map.byte(py, start)?,
            limit: chunk_limit(limit.0)?,
            capacity: capacity.0,
            boundaries: &block_starts(map, &boundaries)?,
            atomic: &map.ranges(py, &atomic.0, &atomic.1)?,
            forced: &map.bytes(py, forced)?,
        };
        let found = py.detach(|| index.cut_points(&request));
        Ok((
            map.offsets(py, found.offsets)?,
            Data::U8(found.strengths).view(py)?,
            Data::I64(found.sums_from).view(py)?,
            Data::I64(found.sums_to).view(py)?,
            map.offsets(py, found.oversize)?,
        ))
    }

    fn cut<'py>(
        slf: &Bound<'py, Self>,
        start: Integer,
        parents: Pairs<'_>,
        boundaries: Pairs<'_>,
        atomic: Pairs<'_>,
        overheads: Pairs<'_>,
        options: CutOptions,
    ) -> PyResult<Columns<'py>> {
        let py = slf.py();
        let (map, index) = indexed(slf)?;
        let parents = map.ranges(py, &parents.0, &parents.1)?;
        let (Tokens(limit), Tokens(capacity), overlap, Tokens(min_size), ..) = options;
        let (.., penalties, evenness, strategy) = options;
        let forced: Vec<u32> = parents.iter().map(|&(_, end)| end).collect();
        let request = Request {
            start: map.byte(py, start)?,
            limit: chunk_limit(limit)?,
            capacity,
            boundaries: &block_starts(map, &boundaries)?,
            atomic: &map.ranges(py, &atomic.0, &atomic.1)?,
            forced: &forced[..forced.len().saturating_sub(1)],
        };
        let options = Options {
            parents: &parents,
            overheads: &with_numbers(map, &overheads, "overhead starts and tokens", |tokens| {
                Tokens::from(tokens).0
            })?,
            overlap: overlap.limit(),
            costs: Costs {
                penalties: &penalties,
                limit,
                min_size,
                evenness,
            },
            greedy: strategy == "greedy",
        };
        let (spans, lines) = py
            .detach(|| {
                let spans = index.cut(&request, &options)?;
                let lines = index.lines(spans.starts.iter().map(|&start| start as usize));
                Some((spans, lines))
            })
            .ok_or_else(|| no_cuts(limit))?;
        columns(py, map, spans, lines)
    }
}

/// The fields of `ctxtools._core.types.CutOptions`.
type CutOptions = (Tokens, Tokens, Tokens, Tokens, Vec<f64>, f64, String);
/// Those of `ctxtools._core.types.Spans`.
type Columns<'py> = (
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

fn columns<'py>(
    py: Python<'py>,
    map: &TextMap,
    spans: Spans,
    lines: Vec<u32>,
) -> PyResult<Columns<'py>> {
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

/// A limit of tokens that a chunk may have.
fn chunk_limit(limit: i64) -> PyResult<i64> {
    if limit < 1 {
        let message = format!("limit must be >= 1, got {limit}");
        return Err(UsageError::new_err(message));
    }
    Ok(limit)
}

/// Where blocks start, in bytes, and the strength of a cut there.
fn block_starts(map: &TextMap, pairs: &Pairs<'_>) -> PyResult<Vec<(u32, u8)>> {
    with_numbers(map, pairs, "block starts and strengths", |strength| {
        Strength::from(strength).0
    })
}

/// Offsets in bytes with the number of each.
fn with_numbers<T>(
    map: &TextMap,
    pairs: &Pairs<'_>,
    what: &str,
    convert: impl Fn(Integer) -> T,
) -> PyResult<Vec<(u32, T)>> {
    let offsets = map.bytes(pairs.0.py(), &pairs.0)?;
    let numbers = Integers::new(&pairs.1)?;
    same_length(what, offsets.len(), numbers.len())?;
    let mut found = Vec::new();
    for (offset, number) in offsets.into_iter().zip(numbers) {
        push(&mut found, (offset, convert(number?)))?;
    }
    Ok(found)
}
