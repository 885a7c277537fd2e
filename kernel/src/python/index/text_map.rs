//! `TextMap`, and the one place where the offsets of Python's characters become bytes, and back.

use crate::bpe::table::try_vec;
use crate::index::text_map::{Mapped, TextMap as Map};
use crate::python::convert::buffer::{Column, Data};
use crate::python::convert::numbers::{Integer, Integers, Strength, push, same_length};
use crate::python::convert::text::{new_string, one_to_one, slice as ascii_slice, text as utf8_of};
use crate::python::tokenizer::index_error;
use crate::text::cohesion::cohesion;
use pyo3::prelude::*;
use pyo3::types::{PyMemoryView, PySlice, PyString};
use std::borrow::Cow;
use std::sync::Arc;

pyo3::import_exception!(ctxtools.errors, PositionError);
pyo3::import_exception!(ctxtools.errors, UsageError);

pub type View<'py> = Bound<'py, PyMemoryView>;

#[pyclass(module = "ctxtools._kernel", frozen, subclass)]
pub struct TextMap {
    string: Py<PyString>,
    /// Its UTF-8 without surrogates, where the `str` does not hold that itself.
    utf8: Option<String>,
    map: Arc<Map>,
}

impl TextMap {
    pub fn new(string: &Bound<'_, PyString>, utf8: Cow<'_, str>, map: Map) -> Self {
        let utf8 = match utf8 {
            Cow::Borrowed(_) => None,
            Cow::Owned(utf8) => Some(utf8),
        };
        TextMap {
            string: string.clone().unbind(),
            utf8,
            map: Arc::new(map),
        }
    }

    pub fn mapped<'a>(&'a self, py: Python<'a>) -> PyResult<Mapped<'a>> {
        let text = match &self.utf8 {
            Some(utf8) => utf8,
            None => self.string.bind(py).to_str()?,
        };
        Ok(Mapped {
            map: &self.map,
            text,
        })
    }

    fn characters(&self) -> usize {
        self.map.chars.characters
    }

    pub fn map(&self) -> Arc<Map> {
        self.map.clone()
    }

    fn check(&self, offset: Integer) -> PyResult<usize> {
        checked(offset, self.characters())
    }

    fn check_range(&self, start: Integer, end: Integer) -> PyResult<(usize, usize)> {
        checked_range(start, end, self.characters())
    }

    /// The byte at an offset in characters.
    pub fn byte(&self, py: Python<'_>, offset: Integer) -> PyResult<usize> {
        Ok(self.mapped(py)?.byte(self.check(offset)?))
    }

    pub fn range(&self, py: Python<'_>, start: Integer, end: Integer) -> PyResult<(usize, usize)> {
        let (start, end) = self.check_range(start, end)?;
        let mapped = self.mapped(py)?;
        Ok((mapped.byte(start), mapped.byte(end)))
    }

    pub fn bytes(&self, py: Python<'_>, offsets: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
        let mut cursor = self.mapped(py)?.cursor();
        Integers::new(offsets)?.collect(|offset| Ok(cursor.byte(self.check(offset)?) as u32))
    }

    pub fn ranges(
        &self,
        py: Python<'_>,
        starts: &Bound<'_, PyAny>,
        ends: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<(u32, u32)>> {
        let (starts, ends) = (Integers::new(starts)?, Integers::new(ends)?);
        same_length("starts and ends", starts.len(), ends.len())?;
        let mut cursor = self.mapped(py)?.cursor();
        let mut ranges = try_vec(starts.len())?;
        for (start, end) in starts.zip(ends) {
            let (start, end) = self.check_range(start?, end?)?;
            let range = (cursor.byte(start) as u32, cursor.byte(end) as u32);
            push(&mut ranges, range)?;
        }
        Ok(ranges)
    }

    /// Bytes where characters start, as offsets in characters.
    pub fn offsets<'py>(&self, py: Python<'py>, mut bytes: Vec<u32>) -> PyResult<View<'py>> {
        let mapped = self.mapped(py)?;
        if !self.map.chars.is_ascii() {
            let character = |byte: &mut u32| *byte = mapped.character(*byte as usize) as u32;
            py.detach(|| bytes.iter_mut().for_each(character));
        }
        Data::U32(bytes).view(py)
    }

    /// The text of several ranges of bytes.
    pub fn texts<'py>(
        &self,
        py: Python<'py>,
        ranges: impl Iterator<Item = (u32, u32)>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let mapped = self.mapped(py)?;
        let string = self.string.bind(py);
        let is_ascii = self.map.chars.is_ascii();
        let slice = |(start, end)| {
            if is_ascii {
                return ascii_slice(string, start as isize, end as isize);
            }
            let utf8 = &mapped.text[start as usize..end as usize];
            // Decoding is faster than slicing, which looks for the widest character of the slice. But
            // what is U+FFFD here may be a lone surrogate.
            if utf8.is_ascii() || !utf8.contains(char::REPLACEMENT_CHARACTER) {
                return Ok(new_string(py, utf8)?.into_any());
            }
            let [start, end] = [start, end].map(|at| mapped.character(at as usize) as isize);
            string.get_item(PySlice::new(py, start, end, 1))
        };
        ranges.map(slice).collect()
    }

    pub fn segments<'py>(&self, py: Python<'py>, column: Column) -> PyResult<View<'py>> {
        let mapped = self.mapped(py)?;
        py.detach(|| mapped.segments());
        Data::Segments(self.map.clone(), column).view(py)
    }
}

/// An offset into a text of so many characters.
pub fn checked(offset: Integer, characters: usize) -> PyResult<usize> {
    let known = usize::try_from(offset.0).ok();
    known.filter(|&offset| offset <= characters).ok_or_else(|| {
        PositionError::new_err(format!(
            "offset {offset} is outside a text of {characters} characters"
        ))
    })
}

/// A span of such a text.
pub fn checked_range(start: Integer, end: Integer, characters: usize) -> PyResult<(usize, usize)> {
    if 0 <= start.0 && start.0 <= end.0 && end.0 <= characters as i64 {
        return Ok((start.0 as usize, end.0 as usize));
    }
    Err(PositionError::new_err(format!(
        "invalid range {start}..{end} for a text of {characters} characters"
    )))
}

#[pymethods]
impl TextMap {
    #[new]
    fn of_words(text: &Bound<'_, PyString>) -> PyResult<Self> {
        let py = text.py();
        let mut utf8 = utf8_of(text)?;
        let mut map = py.detach(|| Map::of_words(&utf8)).map_err(index_error)?;
        // Of a pair of surrogates one character was made.
        if map.chars.characters != text.len()? {
            utf8 = one_to_one(text)?;
            map = py.detach(|| Map::of_words(&utf8)).map_err(index_error)?;
        }
        Ok(TextMap::new(text, utf8, map))
    }

    #[getter]
    fn ends<'py>(&self, py: Python<'py>) -> PyResult<View<'py>> {
        self.segments(py, Column::Ends)
    }

    #[getter]
    fn strengths<'py>(&self, py: Python<'py>) -> PyResult<View<'py>> {
        self.segments(py, Column::Strengths)
    }

    #[getter]
    fn text<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        self.string.bind(py).clone()
    }

    #[getter]
    fn length(&self) -> usize {
        self.characters()
    }

    fn __len__(&self) -> usize {
        self.map.tokens.count()
    }

    fn slices<'py>(
        &self,
        py: Python<'py>,
        starts: &Bound<'_, PyAny>,
        ends: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.texts(py, self.ranges(py, starts, ends)?.into_iter())
    }

    fn positions<'py>(
        &self,
        py: Python<'py>,
        offsets: &Bound<'_, PyAny>,
    ) -> PyResult<(View<'py>, View<'py>)> {
        let bytes = self.bytes(py, offsets)?;
        let mapped = self.mapped(py)?;
        let lines = py.detach(|| mapped.lines(bytes.iter().map(|&byte| byte as usize)));
        Ok((Data::U32(bytes).view(py)?, Data::U32(lines).view(py)?))
    }

    #[pyo3(signature = (strength, start = Integer(0), end = None))]
    fn boundaries<'py>(
        &self,
        py: Python<'py>,
        strength: Strength,
        start: Integer,
        end: Option<Integer>,
    ) -> PyResult<(View<'py>, View<'py>)> {
        let start = self.byte(py, start)?;
        let mapped = self.mapped(py)?;
        let end = end.map_or(Ok(mapped.text.len()), |end| self.byte(py, end))?;
        let (offsets, strengths) = py.detach(|| mapped.boundaries(strength.0, start, end));
        Ok((self.offsets(py, offsets)?, Data::U8(strengths).view(py)?))
    }

    fn cluster_ends<'py>(
        &self,
        py: Python<'py>,
        start: Integer,
        end: Integer,
    ) -> PyResult<View<'py>> {
        let (start, end) = self.range(py, start, end)?;
        let mapped = self.mapped(py)?;
        let ends = py.detach(|| mapped.cluster_ends(start, end));
        self.offsets(py, ends)
    }

    #[pyo3(signature = (offsets, reach, weight = 1.0))]
    fn cohesion<'py>(
        &self,
        py: Python<'py>,
        offsets: &Bound<'_, PyAny>,
        reach: Integer,
        weight: f64,
    ) -> PyResult<View<'py>> {
        let bytes = self.bytes(py, offsets)?;
        let mapped = self.mapped(py)?;
        let reach = usize::try_from(reach.0).unwrap_or(0);
        Data::F64(py.detach(|| cohesion(mapped.text, &bytes, reach, weight))).view(py)
    }

    fn is_inside_cluster(&self, py: Python<'_>, offset: Integer) -> PyResult<bool> {
        let byte = self.byte(py, offset)?;
        Ok(self.mapped(py)?.is_inside_cluster(byte))
    }
}
