//! `TokenizerJson` and `Vocabulary`.

use crate::bpe::vocabulary;
use crate::load::byte_level::byte_level;
use crate::load::tokenizer_json;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::sync::{Mutex, PoisonError};

/// A vocabulary on its way to the tokenizer that is made of it.
#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct Vocabulary(Mutex<Option<vocabulary::Vocabulary>>);

impl Vocabulary {
    pub fn take(&self) -> PyResult<vocabulary::Vocabulary> {
        let mut vocabulary = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        vocabulary
            .take()
            .ok_or_else(|| PyValueError::new_err("a tokenizer was made of this vocabulary before"))
    }
}

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct TokenizerJson {
    pub file: tokenizer_json::TokenizerJson,
}

#[pymethods]
impl TokenizerJson {
    #[new]
    fn new(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        let file = py.detach(|| tokenizer_json::TokenizerJson::read(data));
        file.map(|file| TokenizerJson { file })
            .map_err(|_| PyValueError::new_err("not a plain tokenizer.json"))
    }

    #[getter]
    fn rest(&self) -> &str {
        &self.file.rest
    }

    #[getter]
    fn token_count(&self) -> usize {
        self.file.tokens.count()
    }

    #[getter]
    fn max_id(&self) -> Option<u32> {
        self.file.tokens.ids.iter().copied().max()
    }

    fn id_of(&self, token: &str) -> Option<u32> {
        let number = self.file.tokens.find(token)?;
        Some(self.file.tokens.ids[number as usize])
    }

    fn byte_level<'py>(
        &self,
        py: Python<'py>,
        ignore_merges: bool,
    ) -> PyResult<Option<(Vocabulary, Bound<'py, PyDict>)>> {
        let Some(found) = py.detach(|| byte_level(&self.file, ignore_merges)) else {
            return Ok(None);
        };
        let unused = PyDict::new(py);
        for (id, bytes) in &found.unused {
            unused.set_item(id, PyBytes::new(py, bytes))?;
        }
        Ok(Some((
            Vocabulary(Mutex::new(Some(found.vocabulary))),
            unused,
        )))
    }
}
