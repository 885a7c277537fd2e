//! Batches of `str`: the calling thread, which holds the GIL, makes jobs of texts for all threads, and
//! Python objects of what they find.

use crate::count::counts::spans;
use crate::count::ids::lists::{Gathered, Shape};
use crate::count::jobs::{Counts, Job, Jobs, Text, counting, encoding};
use crate::count::parallel;
use crate::count::pipeline::{self, Caller};
use crate::count::tokenizer::Tokenizer;
use crate::python::convert::arrow::arrow_error;
use crate::python::convert::ids;
use crate::python::convert::text::batch_text;
use crate::python::split_error;
use crate::text::arrow::Column;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};
use std::sync::atomic::AtomicBool;

/// Work on fewer bytes than this keeps the GIL: it ends sooner than another thread would start.
pub const GIL_BYTES: usize = 1 << 15;
/// So few texts, if they are short, are counted one by one, which takes less than making a job.
const FEW: usize = 4;

/// Does work on so many bytes, without the GIL if they are worth it.
pub fn aside<T: Send>(py: Python<'_>, bytes: usize, work: impl FnOnce() -> T + Send) -> T {
    if bytes < GIL_BYTES {
        work()
    } else {
        py.detach(work)
    }
}

/// The number of tokens of each text of a list.
pub fn count<'py>(
    tokenizer: &Tokenizer,
    texts: &Bound<'py, PyList>,
    threads: usize,
) -> PyResult<Bound<'py, PyList>> {
    let py = texts.py();
    if texts.len() <= FEW
        && let Some(counts) = count_few(tokenizer, texts)?
    {
        return PyList::new(py, counts);
    }
    let (strings, counts) = (strings(texts)?, PyList::empty(py));
    let append = |count| counts.append(count);
    count_each(py, tokenizer, self::texts(&strings), threads, append)?;
    Ok(counts)
}

/// Calls `take` with the number of tokens of each of the texts that `next` returns, as
/// [`Jobs::next`] takes it.
pub fn count_each<'a>(
    py: Python<'_>,
    tokenizer: &Tokenizer,
    next: impl FnMut(&mut Vec<u32>) -> PyResult<Option<Text<'a>>>,
    threads: usize,
    mut take: impl FnMut(usize) -> PyResult<()>,
) -> PyResult<()> {
    let mut open = Counts::default();
    let take =
        |counted: Result<_, parallel::Error>| open.of(counted?).into_iter().try_for_each(&mut take);
    let worker = || counting(tokenizer);
    run(py, tokenizer, next, threads, worker, take)
}

/// The ids of the texts that `next` returns, as [`Jobs::next`] takes it.
pub fn encode<'a>(
    py: Python<'_>,
    tokenizer: &Tokenizer,
    next: impl FnMut(&mut Vec<u32>) -> PyResult<Option<Text<'a>>>,
    threads: usize,
    shape: &Shape,
) -> PyResult<Gathered> {
    let mut gathered = Gathered::default();
    let take = |encoded: Result<_, parallel::Error>| {
        let (lists, extent) = encoded?;
        Ok(gathered.push(lists, extent, shape)?)
    };
    let worker = || encoding(tokenizer, shape);
    run(py, tokenizer, next, threads, worker, take)?;
    Ok(gathered)
}

/// As [`encode`], in a list of ids for each text.
pub fn encode_into_lists<'a, 'py>(
    py: Python<'py>,
    tokenizer: &Tokenizer,
    next: impl FnMut(&mut Vec<u32>) -> PyResult<Option<Text<'a>>>,
    threads: usize,
) -> PyResult<Bound<'py, PyList>> {
    let shape = &Shape::default();
    let (found, mut gathered) = (PyList::empty(py), Gathered::default());
    let take = |encoded: Result<_, parallel::Error>| {
        let (lists, extent) = encoded?;
        gathered.push(lists, extent, shape)?;
        for lists in gathered.chunks.drain(..) {
            for (start, end) in spans(0, &lists.ends) {
                found.append(ids::list(py, &lists.ids[start..end])?)?;
            }
        }
        Ok(())
    };
    let worker = || encoding(tokenizer, shape);
    run(py, tokenizer, next, threads, worker, take)?;
    Ok(found)
}

/// The texts of strings, one after another, as [`Jobs::next`] takes them.
pub fn texts<'a, 'py: 'a>(
    strings: &'a [Bound<'py, PyString>],
) -> impl FnMut(&mut Vec<u32>) -> PyResult<Option<Text<'a>>> {
    let mut strings = strings.iter();
    move |code_points| {
        let string = strings.next();
        string
            .map(|string| batch_text(string, code_points))
            .transpose()
    }
}

/// The texts of a column, likewise.
pub fn rows<'a>(column: &'a Column) -> impl FnMut(&mut Vec<u32>) -> PyResult<Option<Text<'a>>> {
    let mut rows = (0..).zip(column.rows());
    move |_| {
        let row = rows.next();
        let text = row.map(|(row, bytes)| match bytes {
            Ok(bytes) => Ok(bytes.map_or(Text::Null, |bytes| Text::Bytes(row, bytes))),
            Err(error) => Err(arrow_error(error)),
        });
        text.transpose()
    }
}

/// As [`count`]; None where a text is not short.
fn count_few(tokenizer: &Tokenizer, texts: &Bound<'_, PyList>) -> PyResult<Option<Vec<usize>>> {
    let mut counts = Vec::with_capacity(FEW);
    for text in texts.iter() {
        match text.cast::<PyString>()?.to_str() {
            Ok(text) if text.len() < GIL_BYTES / FEW => {
                counts.push(tokenizer.count(text).map_err(split_error)?);
            }
            _ => return Ok(None),
        }
    }
    Ok(Some(counts))
}

/// The texts of a list, which other threads may change meanwhile.
pub fn strings<'py>(texts: &Bound<'py, PyList>) -> PyResult<Vec<Bound<'py, PyString>>> {
    let text = |text: Bound<'py, PyAny>| Ok(text.cast_into::<PyString>()?);
    texts.iter().map(text).collect()
}

/// Has the texts that `next` returns counted or encoded by workers, and takes what they find.
fn run<'a, R: Send, W>(
    py: Python<'_>,
    tokenizer: &Tokenizer,
    next: impl FnMut(&mut Vec<u32>) -> PyResult<Option<Text<'a>>>,
    threads: usize,
    worker: impl Fn() -> W + Sync,
    take: impl FnMut(R) -> PyResult<()>,
) -> PyResult<()>
where
    W: FnMut(Job<'a>, &AtomicBool) -> R + Send,
{
    let jobs = Jobs::new(tokenizer, threads);
    let mut batch = Batch {
        py,
        jobs,
        next,
        take,
    };
    pipeline::run(|| parallel::threads(threads), &mut batch, worker)
}

/// One call of [`run`].
struct Batch<'t, 'a, 'py, N, T> {
    py: Python<'py>,
    jobs: Jobs<'t, 'a>,
    next: N,
    take: T,
}

impl<'a, R, N, T> Caller<Job<'a>, R> for Batch<'_, 'a, '_, N, T>
where
    N: FnMut(&mut Vec<u32>) -> PyResult<Option<Text<'a>>>,
    T: FnMut(R) -> PyResult<()>,
{
    type Error = PyErr;

    fn next(&mut self) -> PyResult<Option<Job<'a>>> {
        self.jobs.next(&mut self.next)
    }

    fn take(&mut self, result: R) -> PyResult<()> {
        (self.take)(result)
    }

    fn keep_going(&mut self) -> PyResult<()> {
        self.py.check_signals()
    }

    fn aside(&mut self, work: &mut (dyn FnMut() + Send)) {
        aside(self.py, self.jobs.size(), work);
    }
}
