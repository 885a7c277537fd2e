//! `chunk_column`.

use crate::chunk::blocks::Blocks as Flat;
use crate::chunk::settings::Settings;
use crate::chunk::structure::Structure;
use crate::chunk::texts::{Chunker, Distinct, Document, Error, Rows, chunk};
use crate::count::counter::Counter;
use crate::count::parallel;
use crate::count::pipeline::{self, Caller};
use crate::python::chunks::WindowOptions;
use crate::python::convert::arrow::{arrow_error, import};
use crate::python::convert::buffer::{Buffer, Data};
use crate::python::index::text_map::UsageError;
use crate::python::split_error;
use crate::python::tokenizer::Tokenizer;
use crate::text::arrow::{self, Column};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A job has about so many bytes of text, or so many texts.
const JOB: usize = 1 << 20;
const MAX_TEXTS: usize = 1 << 13;

#[pyfunction]
pub fn chunk_column<'py>(
    py: Python<'py>,
    tokenizer: &Bound<'py, Tokenizer>,
    column: &Bound<'py, PyAny>,
    sources: Option<&Bound<'py, PyAny>>,
    options: WindowOptions,
    configurations: Vec<Bound<'py, PyBytes>>,
    threads: usize,
) -> PyResult<(Bound<'py, PyList>, Vec<i64>)> {
    let column = import(column)?;
    let sources = sources.map(import).transpose()?;
    let chunker = Chunker {
        settings: Settings::from(options),
        configurations: configurations
            .iter()
            .map(|each| each.as_bytes().to_vec())
            .collect(),
        structure: Structure::new(Arc::new(Flat::default()), "", false),
    };
    let tokenizer = &tokenizer.get().tokenizer;
    let mut batch = Batch {
        py,
        texts: Box::new(column.rows()),
        sources: sources.as_ref().map(rows),
        row: 0,
        found: Vec::new(),
    };
    let worker = || {
        let (mut counter, chunker) = (Counter::new(tokenizer), &chunker);
        move |job: Vec<Document<'_>>, _: &AtomicBool| chunk(chunker, &mut counter, &job)
    };
    pipeline::run(|| parallel::threads(threads), &mut batch, worker)?;
    let mut found = batch.found;
    let others: Vec<i64> = found.iter().flat_map(|rows| rows.others.clone()).collect();
    py.detach(|| {
        let mut distinct = Distinct::default();
        for rows in &mut found {
            // Ids of texts that are chunked elsewhere may be before those of these.
            if others.is_empty() {
                distinct.rename(rows);
            }
            rows.finish();
        }
    });
    let batches = PyList::empty(py);
    for rows in found {
        if !rows.rows.is_empty() {
            batches.append(columns(py, rows)?)?;
        }
    }
    Ok((batches, others))
}

/// The buffers of Arrow arrays.
fn columns<'py>(py: Python<'py>, rows: Rows) -> PyResult<Bound<'py, PyTuple>> {
    let n = rows.rows.len();
    let has_parent = rows.parents.chunks(8).map(|eight| {
        let bits = eight.iter().enumerate();
        bits.fold(0, |byte, (bit, &parent)| {
            byte | u8::from(parent >= 0) << bit
        })
    });
    let data = [
        Data::I64(rows.rows),
        Data::U8(rows.ids.into_flattened()),
        Data::U32((0..=n as u32).map(|number| number * 32).collect()),
        Data::U8(rows.texts),
        Data::U32(rows.text_ends),
        Data::U8(rows.sources),
        Data::U32(rows.source_ends),
        Data::I64(rows.tokens),
        Data::I64(rows.starts),
        Data::I64(rows.ends),
        Data::I64(rows.start_bytes),
        Data::I64(rows.end_bytes),
        Data::I64(rows.lines),
        Data::I64(rows.indices),
        Data::U8(has_parent.collect()),
        Data::U8(rows.parent_ids),
        Data::U32(rows.parent_ends),
        Data::U32(vec![0; n + 1]),
    ];
    let buffers: Vec<Buffer> = data.into_iter().map(Buffer::from).collect();
    PyTuple::new(py, buffers)
}

type Texts<'a> = Box<dyn Iterator<Item = Result<Option<&'a [u8]>, arrow::Error>> + 'a>;

fn rows(column: &Column) -> Texts<'_> {
    Box::new(column.rows())
}

/// One call of [`chunk_column`].
struct Batch<'a, 'py> {
    py: Python<'py>,
    texts: Texts<'a>,
    sources: Option<Texts<'a>>,
    row: i64,
    found: Vec<Rows>,
}

impl<'a> Caller<Vec<Document<'a>>, Result<Rows, Error>> for Batch<'a, '_> {
    type Error = PyErr;

    fn next(&mut self) -> PyResult<Option<Vec<Document<'a>>>> {
        let (mut job, mut size) = (Vec::new(), 0);
        let uneven =
            || UsageError::new_err("sources has another number of rows than the column of texts");
        while size < JOB && job.len() < MAX_TEXTS {
            let text = self.texts.next().transpose().map_err(arrow_error)?;
            let source = match &mut self.sources {
                None => None,
                Some(sources) => {
                    let source = sources.next().transpose().map_err(arrow_error)?;
                    if source.is_some() != text.is_some() {
                        return Err(uneven());
                    }
                    source.flatten()
                }
            };
            let Some(text) = text else {
                break;
            };
            let row = self.row;
            self.row += 1;
            if let Some(text) = text {
                size += text.len();
                job.push(Document {
                    row,
                    text,
                    source: source.unwrap_or_default(),
                });
            } else {
                size += 1;
            }
        }
        Ok((!job.is_empty() || size > 0).then_some(job))
    }

    fn take(&mut self, rows: Result<Rows, Error>) -> PyResult<()> {
        self.found.push(rows.map_err(|error| match error {
            Error::Utf8(row) => arrow_error(arrow::Error::Utf8(row as usize)),
            Error::Split(error) => split_error(error),
        })?);
        Ok(())
    }

    fn keep_going(&mut self) -> PyResult<()> {
        self.py.check_signals()
    }

    fn aside(&mut self, work: &mut (dyn FnMut() + Send)) {
        self.py.detach(work);
    }
}
