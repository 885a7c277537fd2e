//! The Python module `ctxtools._kernel`: conversions, errors, and letting go of the GIL.
//!
//! What each function means is documented in `ctxtools/_kernel.pyi`.

use crate::tokenizer::{Split, SplitError, Tokenizer};
use crate::vocabulary::Vocabulary;
use pyo3::exceptions::{PyKeyError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use std::borrow::Cow;

/// Work on fewer bytes than this keeps the GIL: it is done sooner than another thread would start.
const GIL_BYTES: usize = 1 << 15;

#[pymodule]
fn _kernel(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyTokenizer>()
}

/// The text of a `str`, without a copy if it has one in UTF-8. Lone surrogates become U+FFFD.
fn text<'a>(string: &'a Bound<'_, PyString>) -> PyResult<Cow<'a, str>> {
    if let Ok(text) = string.to_str() {
        return Ok(Cow::Borrowed(text));
    }
    // As tiktoken has it: a pair of surrogates is the character that they mean.
    let utf16 = string.call_method1("encode", ("utf-16", "surrogatepass"))?;
    let clean = utf16.call_method1("decode", ("utf-16", "replace"))?;
    Ok(Cow::Owned(clean.cast::<PyString>()?.to_str()?.to_owned()))
}

fn split_error(error: SplitError) -> PyErr {
    PyRuntimeError::new_err(format!("the split pattern gave up: {error}"))
}

#[pyclass(name = "Tokenizer", module = "ctxtools._kernel", frozen)]
struct PyTokenizer {
    tokenizer: Tokenizer,
}

#[pymethods]
impl PyTokenizer {
    #[new]
    #[pyo3(signature = (vocabulary, pattern, *, nfc = false))]
    fn new(vocabulary: &[u8], pattern: &str, nfc: bool) -> PyResult<Self> {
        let vocabulary =
            Vocabulary::unpack(vocabulary).map_err(|e| PyValueError::new_err(e.to_string()))?;
        let split = Split::new(pattern).map_err(|e| PyValueError::new_err(e.to_string()))?;
        Ok(PyTokenizer { tokenizer: Tokenizer::new(vocabulary, split, nfc) })
    }

    fn count(&self, py: Python<'_>, text: &Bound<'_, PyString>) -> PyResult<usize> {
        let text = self::text(text)?;
        let count = || self.tokenizer.count(&text);
        if text.len() < GIL_BYTES { count() } else { py.detach(count) }.map_err(split_error)
    }

    fn encode(&self, py: Python<'_>, text: &Bound<'_, PyString>) -> PyResult<Vec<u32>> {
        let text = self::text(text)?;
        py.detach(|| self.tokenizer.encode(&text)).map_err(split_error)
    }

    fn decode<'py>(&self, py: Python<'py>, ids: Vec<u32>) -> PyResult<Bound<'py, PyBytes>> {
        match self.tokenizer.decode(&ids) {
            Ok(bytes) => Ok(PyBytes::new(py, &bytes)),
            Err(id) => Err(PyKeyError::new_err(id)),
        }
    }
}
