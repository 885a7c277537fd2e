//! `Tokenizer` and `StreamCounter`.

pub(super) mod batch;
pub(super) mod sentencepiece;
pub(super) mod session;
pub(super) mod tokenizer_json;
pub(super) mod words;

use crate::bpe::table::OutOfMemory;
use crate::bpe::vocabulary::Vocabulary;
use crate::count::byte_level::Split;
use crate::count::counter::Counter;
use crate::count::ids::lists::Shape;
use crate::count::jobs::Text;
use crate::count::parallel;
use crate::count::stream::Stream;
use crate::count::tokenizer;
use crate::index::text_map::Error;
use crate::index::truncate;
use crate::python::convert::arrow;
use crate::python::convert::buffer::{Buffer, Data};
use crate::python::convert::id_lists::IdLists;
use crate::python::convert::ids;
use crate::python::convert::text::{LastStr, is_better_in_pieces, pieces, text};
use crate::python::index::TokenIndex;
use crate::python::tokenizer::batch::GIL_BYTES;
use crate::python::tokenizer::sentencepiece::of_sentencepiece;
use crate::python::tokenizer::session::Session;
use crate::python::{count_error, interruptible, split_error};
use crate::split::steps::Steps;
use pyo3::exceptions::{PyOSError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use std::collections::HashMap;
use std::path::PathBuf;

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct Tokenizer {
    pub tokenizer: tokenizer::Tokenizer,
    pub last: LastStr,
}

#[pymethods]
impl Tokenizer {
    #[new]
    #[pyo3(signature = (vocabulary, pattern, *, nfc = false))]
    fn new(vocabulary: &Bound<'_, PyAny>, pattern: &str, nfc: bool) -> PyResult<Self> {
        let vocabulary = read_vocabulary(vocabulary)?;
        let split = if pattern.starts_with('{') {
            let steps = Steps::parse(pattern).map(Split::Steps);
            steps.ok_or_else(|| PyValueError::new_err("the pre-tokenizer is not known exactly"))?
        } else {
            Split::new(pattern)
                .map_err(|error| PyValueError::new_err(format!("invalid split pattern: {error}")))?
        };
        Ok(Tokenizer {
            tokenizer: tokenizer::Tokenizer::new(vocabulary, split, nfc),
            last: LastStr::default(),
        })
    }

    #[staticmethod]
    fn knows_splits(pre_tokenizer: &str) -> bool {
        Steps::parse(pre_tokenizer).is_some()
    }

    #[staticmethod]
    fn of_words(model: &str, tokens: &Bound<'_, PyAny>, settings: &str) -> PyResult<Self> {
        Ok(Tokenizer {
            tokenizer: words::of_words(model, tokens, settings)?,
            last: LastStr::default(),
        })
    }

    #[staticmethod]
    fn of_sentencepiece(
        py: Python<'_>,
        data: &[u8],
    ) -> PyResult<(Self, HashMap<String, u32>, i64, i64)> {
        let (tokenizer, control, bos, eos) = py.detach(|| of_sentencepiece(data))?;
        let last = LastStr::default();
        Ok((Tokenizer { tokenizer, last }, control, bos, eos))
    }

    #[getter]
    fn vocabulary_size(&self) -> usize {
        self.tokenizer.vocabulary_size()
    }

    #[pyo3(signature = (text, threads = 1))]
    fn count(&self, py: Python<'_>, text: &Bound<'_, PyString>, threads: usize) -> PyResult<usize> {
        // Checks would take a notable part of the time of a short text.
        if text.len()? < GIL_BYTES
            && let Ok(text) = text.to_str()
            && text.len() < GIL_BYTES
        {
            return self.tokenizer.count(text).map_err(split_error);
        }
        if threads == 1
            && let Some(count) = self.count_in_pieces(py, text)?
        {
            return Ok(count);
        }
        let text = self.last.text(text)?;
        let mut text = Some(Text::Utf8(&text));
        let mut total = 0;
        let next = |_: &mut Vec<u32>| Ok(text.take());
        batch::count_each(py, &self.tokenizer, next, threads, |count| {
            total = count;
            Ok(())
        })?;
        Ok(total)
    }

    fn count_till_limit(
        &self,
        py: Python<'_>,
        text: &Bound<'_, PyString>,
        limit: usize,
    ) -> PyResult<Option<usize>> {
        // A subclass may have overridden its length.
        if text.is_exact_instance_of::<PyString>() && self.tokenizer.is_above(text.len()?, limit) {
            return Ok(None);
        }
        let text = self.last.text(text)?;
        let count = || Counter::new(&self.tokenizer).count_till_limit(&text, limit);
        batch::aside(py, text.len(), count).map_err(split_error)
    }

    #[pyo3(signature = (texts, threads = 1))]
    fn count_batch<'py>(
        &self,
        texts: &Bound<'py, PyList>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyList>> {
        batch::count(&self.tokenizer, texts, threads)
    }

    #[pyo3(signature = (column, threads = 1))]
    fn count_arrow(
        &self,
        py: Python<'_>,
        column: &Bound<'_, PyAny>,
        threads: usize,
    ) -> PyResult<Buffer> {
        let column = arrow::import(column)?;
        let mut counts: Vec<u64> = Vec::new();
        batch::count_each(
            py,
            &self.tokenizer,
            batch::rows(&column),
            threads,
            |count| {
                counts.try_reserve(1).map_err(|_| OutOfMemory)?;
                counts.push(count as u64);
                Ok(())
            },
        )?;
        Ok(Data::U64(counts).into())
    }

    #[pyo3(signature = (paths, threads = 1))]
    fn count_files<'py>(
        &self,
        py: Python<'py>,
        paths: Vec<PathBuf>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyList>> {
        let counts = interruptible(py, |keep_going| {
            parallel::count_files(&self.tokenizer, &paths, threads, keep_going)
        })?;
        let list = PyList::empty(py);
        for (count, path) in counts.into_iter().zip(paths) {
            match count {
                Ok(count) => list.append(count)?,
                Err(parallel::Error::Io(error)) => {
                    let args = (error.raw_os_error(), error.to_string(), path);
                    list.append(PyOSError::new_err(args).into_value(py))?;
                }
                Err(error) => list.append(count_error(error).into_value(py))?,
            }
        }
        Ok(list)
    }

    #[pyo3(signature = (text, limit = None))]
    fn encode(
        &self,
        py: Python<'_>,
        text: &Bound<'_, PyString>,
        limit: Option<usize>,
    ) -> PyResult<Buffer> {
        let (text, limit) = (self.last.text(text)?, limit.unwrap_or(usize::MAX));
        let ids = batch::aside(py, text.len(), || self.tokenizer.encode_first(&text, limit));
        Ok(Data::U32(ids.map_err(count_error)?).into())
    }

    #[pyo3(signature = (texts, threads = 1))]
    fn encode_batch<'py>(
        &self,
        texts: &Bound<'py, PyList>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyList>> {
        let (py, strings) = (texts.py(), batch::strings(texts)?);
        batch::encode_into_lists(py, &self.tokenizer, batch::texts(&strings), threads)
    }

    #[pyo3(signature = (texts, before, after, max_length, overlap, threads = 1))]
    fn encode_batch_to_arrow(
        &self,
        texts: &Bound<'_, PyList>,
        before: Vec<u32>,
        after: Vec<u32>,
        max_length: Option<usize>,
        overlap: Option<usize>,
        threads: usize,
    ) -> PyResult<IdLists> {
        let shape = shape(before, after, max_length, overlap);
        let (py, strings) = (texts.py(), batch::strings(texts)?);
        let next = batch::texts(&strings);
        let found = batch::encode(py, &self.tokenizer, next, threads, &shape)?;
        Ok(IdLists::new(found)?)
    }

    #[pyo3(signature = (column, before, after, max_length, overlap, threads = 1))]
    fn encode_arrow(
        &self,
        column: &Bound<'_, PyAny>,
        before: Vec<u32>,
        after: Vec<u32>,
        max_length: Option<usize>,
        overlap: Option<usize>,
        threads: usize,
    ) -> PyResult<IdLists> {
        let shape = shape(before, after, max_length, overlap);
        let (py, column) = (column.py(), arrow::import(column)?);
        let next = batch::rows(&column);
        let found = batch::encode(py, &self.tokenizer, next, threads, &shape)?;
        Ok(IdLists::new(found)?)
    }

    fn encode_bytes(&self, py: Python<'_>, data: &[u8]) -> PyResult<Buffer> {
        let ids = batch::aside(py, data.len(), || self.tokenizer.encode_bytes(data));
        let ids = ids.ok_or_else(|| PyValueError::new_err("it has no tokens for bytes"))?;
        Ok(Data::U32(ids).into())
    }

    fn decode<'py>(&self, ids: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = ids::decode(&self.tokenizer, ids)?;
        PyBytes::new_with(ids.py(), bytes.len(), |copy| {
            copy.copy_from_slice(&bytes);
            Ok(())
        })
    }

    fn index<'py>(
        slf: &Bound<'py, Self>,
        text: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, TokenIndex>> {
        TokenIndex::of(slf, text)
    }

    fn prefix_end(
        &self,
        py: Python<'_>,
        text: &Bound<'_, PyString>,
        limit: usize,
    ) -> PyResult<usize> {
        let text = self.last.text(text)?;
        py.detach(|| {
            let end = truncate::prefix_end(&self.tokenizer, &text, limit)?;
            Ok(text[..end].chars().count())
        })
        .map_err(index_error)
    }

    fn suffix_length(
        &self,
        py: Python<'_>,
        text: &Bound<'_, PyString>,
        limit: usize,
    ) -> PyResult<usize> {
        let text = self.last.text(text)?;
        py.detach(|| {
            let start = truncate::suffix_start(&self.tokenizer, &text, limit)?;
            Ok(text[start..].chars().count())
        })
        .map_err(index_error)
    }

    fn counter(slf: &Bound<'_, Self>) -> StreamCounter {
        StreamCounter {
            tokenizer: slf.clone().unbind(),
            stream: Stream::default(),
        }
    }

    fn session(slf: &Bound<'_, Self>) -> Session {
        Session::new(slf.clone().unbind())
    }
}

impl Tokenizer {
    /// The number of tokens of a `str` that is counted while it is converted, so that the conversion
    /// is never held as a whole; None if that does not suit it.
    fn count_in_pieces(
        &self,
        py: Python<'_>,
        string: &Bound<'_, PyString>,
    ) -> PyResult<Option<usize>> {
        if !is_better_in_pieces(string)? || self.last.is_repeat(string) {
            return Ok(None);
        }
        let tokenizer = &self.tokenizer;
        let mut stream = Stream::default();
        for piece in pieces(string)? {
            let piece = piece?;
            let Ok(piece) = piece.to_str() else {
                return Ok(None);
            };
            if stream.push(piece.as_bytes())? {
                py.detach(|| stream.count_pending(tokenizer))
                    .map_err(count_error)?;
                py.check_signals()?;
            }
        }
        let count = py.detach(|| stream.finish(tokenizer));
        Ok(Some(count.map_err(count_error)?))
    }
}

fn shape(
    before: Vec<u32>,
    after: Vec<u32>,
    max_length: Option<usize>,
    overlap: Option<usize>,
) -> Shape {
    Shape {
        before,
        after,
        max_length,
        overlap,
    }
}

/// A vocabulary from a packaged file's content, a dict of ranks, or tokens with ids and ranks.
fn read_vocabulary(source: &Bound<'_, PyAny>) -> PyResult<Vocabulary> {
    if let Ok(vocabulary) = source.cast::<crate::python::tokenizer::tokenizer_json::Vocabulary>() {
        return vocabulary.get().take();
    }
    let vocabulary = if let Ok(data) = source.cast::<PyBytes>() {
        Vocabulary::unpack(data.as_bytes())
    } else if let Ok(ranks) = source.cast::<PyDict>() {
        let token = |(token, rank): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            let rank: u32 = rank.extract()?;
            PyResult::Ok((token.extract::<Vec<u8>>()?, rank, rank))
        };
        Vocabulary::from_tokens(ranks.iter().map(token).collect::<PyResult<_>>()?)
    } else if let Ok(tokens) = source.extract::<Vec<(Vec<u8>, u32, u32)>>() {
        Vocabulary::from_tokens(tokens)
    } else {
        return Err(PyTypeError::new_err(
            "vocabulary must be bytes, dict[bytes, int], list[tuple[bytes, int, int]] or a Vocabulary",
        ));
    };
    vocabulary.map_err(|error| PyValueError::new_err(error.to_string()))
}

pub fn index_error(error: Error) -> PyErr {
    match error {
        Error::TooLong => PyOverflowError::new_err("the text has more than 4 GiB of UTF-8"),
        Error::NotIndexable => PyValueError::new_err(
            "the text cannot be indexed: it is not in NFC or has a surrogate pair, or the split pattern is \
             a regular expression",
        ),
        Error::Split(error) => split_error(error),
    }
}

#[pyclass(module = "ctxtools._kernel")]
pub struct StreamCounter {
    tokenizer: Py<Tokenizer>,
    stream: Stream,
}

#[pymethods]
impl StreamCounter {
    fn feed(&mut self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<()> {
        let (tokenizer, stream) = (&self.tokenizer.get().tokenizer, &mut self.stream);
        let mut feed = |bytes: &[u8]| py.detach(|| stream.feed(tokenizer, bytes));
        let fed = match data.cast::<PyString>() {
            Ok(string) => feed(text(string)?.as_bytes()),
            Err(_) => feed(data.cast::<PyBytes>()?.as_bytes()),
        };
        fed.map_err(count_error)
    }

    #[getter]
    fn count_so_far(&self) -> usize {
        self.stream.total
    }

    fn finish(&mut self, py: Python<'_>) -> PyResult<usize> {
        let (tokenizer, stream) = (&self.tokenizer.get().tokenizer, &mut self.stream);
        py.detach(|| stream.finish(tokenizer)).map_err(count_error)
    }
}
