//! `TokenIndex`.

use super::buffer::Data;
use super::text::text;
use super::tokenizer::Tokenizer;
use crate::chunk::cut_points::Wanted;
use crate::index::token_map::{Error, Index, Indexed};
use pyo3::buffer::{Element, PyBuffer};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyMemoryView, PySlice, PyString};
use std::borrow::Cow;
use std::sync::Arc;

pyo3::import_exception!(ctxtools.errors, PlaceError);

type View<'py> = Bound<'py, PyMemoryView>;

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct TokenIndex {
    index: Arc<Index>,
    tokenizer: Py<Tokenizer>,
    text: Text,
}

/// A `str`, and its text without surrogates, where that is not a part of it.
struct Text {
    string: Py<PyString>,
    own: Option<String>,
}

impl Text {
    fn get<'a>(&'a self, py: Python<'a>) -> PyResult<&'a str> {
        match &self.own {
            Some(text) => Ok(text),
            None => self.string.bind(py).to_str(),
        }
    }
}

impl TokenIndex {
    /// The index of any `str`.
    pub fn new(tokenizer: &Bound<'_, Tokenizer>, string: &Bound<'_, PyString>) -> PyResult<Self> {
        let py = tokenizer.py();
        let utf8 = text(string)?;
        let core = &tokenizer.get().tokenizer;
        let index = py
            .detach(|| Index::new(core, &utf8))
            .map_err(super::tokenizer::index_error)?;
        // A pair of surrogates is one character of the text that is counted: no place is right.
        if index.length() != string.len()? {
            return Err(super::tokenizer::index_error(Error::NoPlaces));
        }
        let own = match utf8 {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(text),
        };
        let string = string.clone().unbind();
        Ok(TokenIndex {
            index: Arc::new(index),
            tokenizer: tokenizer.clone().unbind(),
            text: Text { string, own },
        })
    }

    /// Asks the index, beside its text, without the GIL where that is `long` work.
    fn ask<T: Send>(
        &self,
        py: Python<'_>,
        long: bool,
        question: impl FnOnce(Indexed<'_>) -> T + Send,
    ) -> PyResult<T> {
        let text = self.text.get(py)?;
        let indexed = Indexed::new(&self.index, &self.tokenizer.get().tokenizer, text);
        Ok(match long {
            true => py.detach(|| question(indexed)),
            false => question(indexed),
        })
    }

    /// A number for each pretoken.
    fn list<'py>(&self, py: Python<'py>, data: fn(Arc<Index>) -> Data) -> PyResult<View<'py>> {
        self.ask(py, true, |indexed| {
            indexed.lists();
        })?;
        data(self.index.clone()).view(py)
    }

    fn place(&self, place: i64) -> PyResult<usize> {
        let length = self.index.length();
        let known = usize::try_from(place).ok().filter(|&place| place <= length);
        known.ok_or_else(|| {
            PlaceError::new_err(format!(
                "{place} is no place in a text of {length} characters"
            ))
        })
    }

    fn no_part(&self, start: i64, end: i64) -> PyErr {
        let length = self.index.length();
        PlaceError::new_err(format!(
            "{start} to {end} is no part of a text of {length} characters"
        ))
    }

    /// Start and end of each part.
    fn parts(
        &self,
        starts: &Bound<'_, PyAny>,
        ends: &Bound<'_, PyAny>,
    ) -> PyResult<impl Iterator<Item = (usize, usize)> + Send + use<>> {
        let (starts, ends) = (self.places(starts)?, self.places(ends)?);
        if starts.len() != ends.len() {
            return Err(PyValueError::new_err("there are more starts, or more ends"));
        }
        if let Some((start, end)) = starts.iter().zip(&ends).find(|(start, end)| start > end) {
            return Err(self.no_part(*start as i64, *end as i64));
        }
        Ok(starts.into_iter().zip(ends))
    }

    fn places(&self, places: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
        let places = numbers(places)?.into_iter();
        places.map(|place| self.place(place)).collect()
    }
}

#[pymethods]
impl TokenIndex {
    #[getter]
    fn additive(&self) -> bool {
        true
    }

    #[getter]
    fn ends<'py>(&self, py: Python<'py>) -> PyResult<View<'py>> {
        self.list(py, Data::Ends)
    }

    #[getter]
    fn sums<'py>(&self, py: Python<'py>) -> PyResult<View<'py>> {
        self.list(py, Data::Sums)
    }

    #[getter]
    fn strengths<'py>(&self, py: Python<'py>) -> PyResult<View<'py>> {
        self.list(py, Data::Strengths)
    }

    #[getter]
    fn length(&self) -> usize {
        self.index.length()
    }

    #[getter]
    fn total(&self) -> usize {
        self.index.total()
    }

    fn __len__(&self) -> usize {
        self.index.ends.count()
    }

    fn count(&self, py: Python<'_>, start: i64, end: i64) -> PyResult<usize> {
        match (self.place(start), self.place(end)) {
            (Ok(start), Ok(end)) if start <= end => {
                self.ask(py, false, |indexed| indexed.count(start, end))
            }
            _ => Err(self.no_part(start, end)),
        }
    }

    fn counts<'py>(
        &self,
        py: Python<'py>,
        starts: &Bound<'_, PyAny>,
        ends: &Bound<'_, PyAny>,
    ) -> PyResult<View<'py>> {
        let parts = self.parts(starts, ends)?;
        let counts = self.ask(py, true, |indexed| indexed.counts(parts))?;
        Data::Counts(counts).view(py)
    }

    fn slices<'py>(
        &self,
        py: Python<'py>,
        starts: &Bound<'_, PyAny>,
        ends: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let parts = self.parts(starts, ends)?;
        let string = self.text.string.bind(py);
        let indexed = Indexed::new(
            &self.index,
            &self.tokenizer.get().tokenizer,
            self.text.get(py)?,
        );
        let mut cursor = indexed.cursor();
        let slice = |(start, end)| {
            let utf8 = &self.text.get(py)?[cursor.byte(start)..cursor.byte(end)];
            // To decode is quicker than to look for the widest character of a part, and narrow it.
            // But what is U+FFFD here may be a lone surrogate.
            match utf8.is_ascii() || !utf8.contains(char::REPLACEMENT_CHARACTER) {
                true => Ok(PyString::new(py, utf8).into_any()),
                false => string.get_item(PySlice::new(py, start as isize, end as isize, 1)),
            }
        };
        parts.map(slice).collect()
    }

    fn positions<'py>(
        &self,
        py: Python<'py>,
        places: &Bound<'_, PyAny>,
    ) -> PyResult<(View<'py>, View<'py>)> {
        let places = self.places(places)?;
        let (bytes, lines) = self.ask(py, true, |indexed| indexed.positions(places.into_iter()))?;
        Ok((Data::Places(bytes).view(py)?, Data::Places(lines).view(py)?))
    }

    fn end(&self, py: Python<'_>, start: i64, limit: i64) -> PyResult<usize> {
        let start = self.place(start)?;
        self.ask(py, false, |indexed| indexed.end(start, tokens(limit)))
    }

    fn end_anywhere(&self, py: Python<'_>, start: i64, limit: i64) -> PyResult<usize> {
        let start = self.place(start)?;
        self.ask(py, false, |indexed| {
            indexed.end_anywhere(start, tokens(limit))
        })
    }

    fn start_anywhere(&self, py: Python<'_>, end: i64, limit: i64) -> PyResult<usize> {
        let end = self.place(end)?;
        self.ask(py, false, |indexed| {
            indexed.start_anywhere(end, tokens(limit))
        })
    }

    #[pyo3(signature = (strength, start = 0, end = None))]
    fn boundaries<'py>(
        &self,
        py: Python<'py>,
        strength: u8,
        start: i64,
        end: Option<i64>,
    ) -> PyResult<(View<'py>, View<'py>)> {
        let start = self.place(start)?;
        let end = end.map_or(Ok(self.index.length()), |end| self.place(end))?;
        let (places, strengths) =
            self.ask(py, true, |indexed| indexed.boundaries(strength, start, end))?;
        Ok((
            Data::Places(places).view(py)?,
            Data::Grades(strengths).view(py)?,
        ))
    }

    fn token_ends<'py>(
        &self,
        py: Python<'py>,
        start: i64,
        end: i64,
    ) -> PyResult<(View<'py>, View<'py>)> {
        let part = match (self.place(start), self.place(end)) {
            (Ok(start), Ok(end)) if start <= end => (start, end),
            _ => return Err(self.no_part(start, end)),
        };
        let (ends, sums) = self.ask(py, true, |indexed| {
            let (mut ends, mut sums, mut sum) = (Vec::new(), Vec::new(), 0);
            let mut cursor = indexed.cursor();
            let (start, end) = (indexed.byte(part.0), indexed.byte(part.1));
            indexed.each_token(start, end, |token| {
                sum += 1;
                if indexed.text().is_char_boundary(token) {
                    ends.push(cursor.character(token) as u32);
                    sums.push(sum);
                }
            });
            (ends, sums)
        })?;
        Ok((Data::Places(ends).view(py)?, Data::Places(sums).view(py)?))
    }

    fn measure<'py>(
        &self,
        py: Python<'py>,
        places: &Bound<'_, PyAny>,
    ) -> PyResult<(View<'py>, View<'py>)> {
        let places = self.places(places)?;
        let (starts, ends) = self.ask(py, true, |indexed| indexed.measure(places.into_iter()))?;
        Ok((
            Data::Measures(starts).view(py)?,
            Data::Measures(ends).view(py)?,
        ))
    }

    /// See `candidates.rs`; the text's own end is the last place.
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn cut_points<'py>(
        &self,
        py: Python<'py>,
        start: i64,
        limit: i64,
        capacity: i64,
        boundaries: (Bound<'_, PyAny>, Vec<u8>),
        atomic: (Bound<'_, PyAny>, Bound<'_, PyAny>),
        forced: &Bound<'_, PyAny>,
    ) -> PyResult<(View<'py>, View<'py>, View<'py>, View<'py>, View<'py>)> {
        let start = self.place(start)?;
        let (marks, strengths) = (self.places(&boundaries.0)?, boundaries.1);
        let whole = (self.places(&atomic.0)?, self.places(&atomic.1)?);
        let forced = self.places(forced)?;
        if marks.len() != strengths.len() || whole.0.len() != whole.1.len() {
            return Err(PyValueError::new_err(
                "what belongs together differs in length",
            ));
        }
        let found = self.ask(py, true, |indexed| {
            let bytes = |places: Vec<usize>| -> Vec<u32> {
                let mut cursor = indexed.cursor();
                let places = places.into_iter();
                places.map(|place| cursor.byte(place) as u32).collect()
            };
            let marks: Vec<_> = bytes(marks).into_iter().zip(strengths).collect();
            let whole: Vec<_> = bytes(whole.0).into_iter().zip(bytes(whole.1)).collect();
            let wanted = Wanted {
                limit,
                room: capacity,
                marks: &marks,
                whole: &whole,
                forced: &bytes(forced),
            };
            let mut found = indexed.cut_places(&wanted, indexed.byte(start));
            for places in [&mut found.at, &mut found.oversize] {
                let mut cursor = indexed.cursor();
                let place = |place: &mut u32| *place = cursor.character(*place as usize) as u32;
                places.iter_mut().for_each(place);
            }
            found
        })?;
        Ok((
            Data::Places(found.at).view(py)?,
            Data::Grades(found.strengths).view(py)?,
            Data::Measures(found.starts).view(py)?,
            Data::Measures(found.ends).view(py)?,
            Data::Places(found.oversize).view(py)?,
        ))
    }

    fn overlap_starts<'py>(
        &self,
        py: Python<'py>,
        places: &Bound<'_, PyAny>,
        overlap: i64,
    ) -> PyResult<View<'py>> {
        let places = self.places(places)?;
        let starts = self.ask(py, true, |indexed| {
            indexed.overlap_starts(places.into_iter(), tokens(overlap))
        })?;
        Data::Places(starts).view(py)
    }
}

/// A limit in tokens; below zero nothing fits, as at zero.
fn tokens(limit: i64) -> usize {
    usize::try_from(limit).unwrap_or(0)
}

/// The integers of a buffer or another sequence.
fn numbers(source: &Bound<'_, PyAny>) -> PyResult<Vec<i64>> {
    if let Some(numbers) = elements::<u32>(source) {
        return Ok(numbers.into_iter().map(i64::from).collect());
    }
    match elements(source) {
        Some(numbers) => Ok(numbers),
        None => source.extract(),
    }
}

/// What a buffer of one type holds.
fn elements<T: Element>(source: &Bound<'_, PyAny>) -> Option<Vec<T>> {
    PyBuffer::<T>::get(source).ok()?.to_vec(source.py()).ok()
}
