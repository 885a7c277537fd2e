//! `EditedIndex`.

use crate::bpe::table::try_vec;
use crate::index::edits::{Edit, Edited};
use crate::index::leaf::Block;
use crate::index::rope::Rope;
use crate::index::text_map::Error;
use crate::python::convert::buffer::Data;
use crate::python::convert::numbers::{Integer, Integers, Tokens, push, same_length};
use crate::python::convert::text::new_string;
use crate::python::index::TokenIndex;
use crate::python::index::text_map::{TextMap, View, checked, checked_range};
use crate::python::tokenizer::batch::aside;
use crate::python::tokenizer::{Tokenizer, index_error};
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::borrow::Cow;
use std::ops::Range;
use std::ptr::NonNull;

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct EditedIndex {
    tokenizer: Py<Tokenizer>,
    rope: Rope,
}

/// The fields of an [`Edit`].
pub type Change = (usize, usize, usize, usize, usize);

/// The text of an index, which it keeps alive.
struct IndexText {
    text: NonNull<str>,
    _index: Py<TokenIndex>,
}

// SAFETY: the text is only read, and dropping a `Py` needs no GIL.
unsafe impl Send for IndexText {}
// SAFETY: as above.
unsafe impl Sync for IndexText {}

impl AsRef<str> for IndexText {
    fn as_ref(&self) -> &str {
        // SAFETY: it points into the index's `str`, or its UTF-8. An index never changes, and the
        // reference beside the pointer keeps it alive.
        unsafe { self.text.as_ref() }
    }
}

impl EditedIndex {
    /// An index with a span of its text replaced, in characters.
    pub fn of(
        index: &Bound<'_, TokenIndex>,
        range: (Integer, Integer),
        text: &Bound<'_, PyString>,
    ) -> PyResult<(Self, Change)> {
        let py = index.py();
        let map = index.as_super().get();
        let held = IndexText {
            text: map.mapped(py)?.text.into(),
            _index: index.clone().unbind(),
        };
        let whole = EditedIndex {
            tokenizer: index.get().tokenizer.clone_ref(py),
            rope: Rope::of(Block::Whole {
                text: Box::new(held),
                map: map.map(),
            }),
        };
        whole.replaced(py, range.0, range.1, text)
    }

    fn edited(&self) -> Edited<'_> {
        Edited {
            rope: &self.rope,
            tokenizer: &self.tokenizer.get().tokenizer,
        }
    }

    fn byte(&self, offset: Integer) -> PyResult<usize> {
        let characters = self.rope.sums().characters;
        Ok(self.rope.byte(checked(offset, characters)?))
    }

    fn range(&self, start: Integer, end: Integer) -> PyResult<Range<usize>> {
        let (start, end) = checked_range(start, end, self.rope.sums().characters)?;
        Ok(self.rope.byte(start)..self.rope.byte(end))
    }

    /// What `work` returns for each of some spans.
    fn each<T>(
        &self,
        starts: &Bound<'_, PyAny>,
        ends: &Bound<'_, PyAny>,
        work: impl Fn(Range<usize>) -> PyResult<T>,
    ) -> PyResult<Vec<T>> {
        let (starts, ends) = (Integers::new(starts)?, Integers::new(ends)?);
        same_length("starts and ends", starts.len(), ends.len())?;
        let mut results = try_vec(starts.len())?;
        for (start, end) in starts.zip(ends) {
            push(&mut results, work(self.range(start?, end?)?)?)?;
        }
        Ok(results)
    }
}

#[pymethods]
impl EditedIndex {
    #[getter]
    fn additive(&self) -> bool {
        true
    }

    #[getter]
    fn length(&self) -> usize {
        self.rope.sums().characters
    }

    #[getter]
    fn total(&self) -> usize {
        self.rope.sums().tokens
    }

    #[getter]
    fn text(&self) -> String {
        self.rope.text(0..self.rope.bytes())
    }

    fn count(&self, start: Integer, end: Integer) -> PyResult<usize> {
        let range = self.range(start, end)?;
        let count = self.edited().count(range.start, range.end);
        count.map_err(index_error)
    }

    fn counts<'py>(
        &self,
        py: Python<'py>,
        starts: &Bound<'_, PyAny>,
        ends: &Bound<'_, PyAny>,
    ) -> PyResult<View<'py>> {
        let counts = self.each(starts, ends, |range| {
            let count = self.edited().count(range.start, range.end);
            Ok(count.map_err(index_error)? as u64)
        })?;
        Data::U64(counts).view(py)
    }

    fn end(&self, start: Integer, limit: Tokens) -> PyResult<usize> {
        let end = self.edited().end(self.byte(start)?, limit.limit());
        Ok(self.rope.character(end.map_err(index_error)?))
    }

    fn slices(&self, starts: &Bound<'_, PyAny>, ends: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
        self.each(starts, ends, |range| Ok(self.rope.text(range)))
    }

    fn replaced(
        &self,
        py: Python<'_>,
        start: Integer,
        end: Integer,
        text: &Bound<'_, PyString>,
    ) -> PyResult<(Self, Change)> {
        let range = self.range(start, end)?;
        // Lone surrogates are not kept here.
        let text = text
            .to_str()
            .map_err(|_| index_error(Error::NotIndexable))?;
        let replace = || self.edited().replace(range, text);
        let (rope, edit) = aside(py, text.len(), replace).map_err(index_error)?;
        let Edit {
            start,
            old_end,
            new_end,
            old_tokens,
            new_tokens,
        } = edit;
        let tokenizer = self.tokenizer.clone_ref(py);
        let change = (start, old_end, new_end, old_tokens, new_tokens);
        Ok((EditedIndex { tokenizer, rope }, change))
    }

    fn whole<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, TokenIndex>> {
        let (text, map) = py.detach(|| self.edited().whole());
        let string = new_string(py, &text)?;
        let utf8 = if map.chars.is_ascii() {
            Cow::Borrowed("")
        } else {
            Cow::Owned(text)
        };
        let tokenizer = self.tokenizer.clone_ref(py);
        TokenIndex::new(tokenizer, TextMap::new(&string, utf8, map), false, py)
    }
}
