//! The Python module `ctxtools._kernel`: conversions, errors, and releasing the GIL.
//!
//! What each function means is documented where Python looks for it, in `ctxtools/_kernel.pyi`.

mod blocks;
mod chunk_column;
mod chunks;
mod code;
mod columns;
mod convert;
mod cuts;
mod files;
mod html;
mod index;
mod json;
mod literals;
mod markdown;
mod placement;
mod rank;
mod terms;
mod tokenizer;
#[cfg(unix)]
mod walk;
mod windows;

use crate::bpe::table::OutOfMemory;
use crate::count::byte_level::SplitError;
use crate::count::parallel::{self, KeepGoing};
use pyo3::exceptions::{PyKeyboardInterrupt, PyUnicodeDecodeError};
use pyo3::prelude::*;

/// Compared by the Python seam, which refuses an extension that was built for another interface.
/// Raise it whenever a signature in `ctxtools/_kernel.pyi` changes.
const INTERFACE: u32 = 11;

#[pymodule]
fn _kernel(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("INTERFACE", INTERFACE)?;
    module.add_class::<tokenizer::Tokenizer>()?;
    module.add_class::<tokenizer::StreamCounter>()?;
    module.add_class::<tokenizer::session::Session>()?;
    module.add_class::<tokenizer::tokenizer_json::TokenizerJson>()?;
    module.add_class::<tokenizer::tokenizer_json::Vocabulary>()?;
    module.add_class::<files::FileCounter>()?;
    module.add_class::<files::FileReader>()?;
    #[cfg(unix)]
    module.add_class::<walk::Walk>()?;
    module.add_class::<index::text_map::TextMap>()?;
    module.add_class::<index::TokenIndex>()?;
    module.add_class::<index::edits::EditedIndex>()?;
    module.add_class::<blocks::Blocks>()?;
    module.add_class::<chunks::Structure>()?;
    module.add_class::<chunks::WindowSpans>()?;
    module.add_class::<chunks::ChunkIds>()?;
    module.add_class::<placement::Placement>()?;
    module.add_class::<convert::buffer::Buffer>()?;
    module.add_class::<convert::id_lists::IdLists>()?;
    module.add_function(wrap_pyfunction!(cuts::optimal_cuts, module)?)?;
    module.add_function(wrap_pyfunction!(cuts::greedy_cuts, module)?)?;
    module.add_function(wrap_pyfunction!(chunk_column::chunk_column, module)?)?;
    module.add_function(wrap_pyfunction!(code::code_blocks, module)?)?;
    module.add_function(wrap_pyfunction!(html::html_blocks, module)?)?;
    module.add_function(wrap_pyfunction!(json::json_blocks, module)?)?;
    module.add_function(wrap_pyfunction!(markdown::markdown_blocks, module)?)?;
    module.add_function(wrap_pyfunction!(markdown::markdown_html, module)?)?;
    module.add_function(wrap_pyfunction!(markdown::markdown_inline, module)?)?;
    module.add_function(wrap_pyfunction!(terms::count_terms, module)?)?;
    module.add_function(wrap_pyfunction!(literals::texts_with, module)?)?;
    module.add_function(wrap_pyfunction!(literals::find_literals, module)?)?;
    module.add_function(wrap_pyfunction!(rank::rank_files, module)?)?;
    module.add_function(wrap_pyfunction!(windows::pack_sequences, module)?)
}

pyo3::import_exception!(ctxtools.errors, VocabularyError);

fn split_error(error: SplitError) -> PyErr {
    let raised = VocabularyError::new_err(format!("the split pattern failed: {error}"));
    let hint = "use a pattern that suits texts of this kind";
    match Python::attach(|py| raised.value(py).setattr("hint", hint)) {
        Ok(()) => raised,
        Err(other) => other,
    }
}

fn count_error(error: parallel::Error) -> PyErr {
    match error {
        parallel::Error::Io(error) => error.into(),
        parallel::Error::Utf8(at) => PyUnicodeDecodeError::new_err((
            "utf-8",
            &b""[..],
            at,
            at + 1,
            "invalid start byte or continuation",
        )),
        parallel::Error::Arrow(error) => convert::arrow::arrow_error(error),
        parallel::Error::Split(error) => split_error(error),
        parallel::Error::Memory => OutOfMemory.into(),
        parallel::Error::Interrupted => PyKeyboardInterrupt::new_err(()),
    }
}

impl From<parallel::Error> for PyErr {
    fn from(error: parallel::Error) -> Self {
        count_error(error)
    }
}

/// Runs work without the GIL, and checks now and then for a signal (Ctrl-C).
fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(KeepGoing<'_>) -> Result<T, parallel::Error> + Send,
) -> PyResult<T> {
    let mut signal = None;
    let result = py.detach(|| {
        work(&mut || {
            Python::attach(|py| match py.check_signals() {
                Ok(()) => true,
                Err(raised) => {
                    signal.get_or_insert(raised);
                    false
                }
            })
        })
    });
    match (signal, result) {
        (Some(raised), _) => Err(raised),
        (None, result) => result.map_err(count_error),
    }
}
