//! `Session`.

use crate::index::session;
use crate::python::convert::text::{self, without_loss};
use crate::python::count_error;
use crate::python::tokenizer::Tokenizer;
use crate::python::tokenizer::batch::aside;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

#[pyclass(module = "ctxtools._kernel")]
pub struct Session {
    tokenizer: Py<Tokenizer>,
    session: session::Session,
    /// The first half of a surrogate pair, if the text ends with one.
    half: Option<Py<PyString>>,
}

impl Session {
    pub fn new(tokenizer: Py<Tokenizer>) -> Self {
        Session {
            tokenizer,
            session: session::Session::default(),
            half: None,
        }
    }
}

#[pymethods]
impl Session {
    fn append(&mut self, py: Python<'_>, text: &Bound<'_, PyString>) -> PyResult<usize> {
        let (tokenizer, session) = (&self.tokenizer.get().tokenizer, &mut self.session);
        // What was added as U+FFFD may be half of a character.
        let joined = self.half.as_ref().map(|half| half.bind(py).add(text));
        let joined = joined.transpose()?.map(|joined| joined.cast_into());
        let joined = joined.transpose()?;
        let string = joined.as_ref().unwrap_or(text);
        let (text, half) = match without_loss(string)? {
            Some(text) => (text, None),
            None => (text::text(string)?, first_half_at_end(string)?),
        };
        let replaces_last = self.half.is_some();
        let append = || session.append(tokenizer, &text, replaces_last);
        aside(py, text.len(), append).map_err(count_error)?;
        self.half = half;
        Ok(self.session.total())
    }

    #[getter]
    fn total(&self) -> usize {
        self.session.total()
    }
}

/// The last character of a `str` that has surrogates, if a second half of a pair may follow it.
fn first_half_at_end(string: &Bound<'_, PyString>) -> PyResult<Option<Py<PyString>>> {
    let last = string
        .get_item(string.len()? - 1)?
        .cast_into::<PyString>()?;
    let encoded = last.call_method1("encode", ("utf-8", "surrogatepass"))?;
    let is_half = matches!(
        encoded.cast::<PyBytes>()?.as_bytes(),
        [0xed, 0xa0..=0xaf, _]
    );
    Ok(is_half.then(|| last.unbind()))
}
