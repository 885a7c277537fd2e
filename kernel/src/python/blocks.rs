//! `Blocks`.

use crate::chunk::blocks::{Block, Blocks as Flat, KINDS, Kind};
use crate::chunk::titles::one_line;
use crate::python::convert::buffer::Data;
use crate::python::convert::numbers::{Integers, elements, push, same_length};
use crate::python::convert::text::new_string;
use crate::python::index::text_map::{UsageError, View};
use pyo3::exceptions::{PyOverflowError, PyRecursionError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyIterator, PyList, PyString, PyTuple};
use std::sync::Arc;

/// The deepest that blocks from Python are nested.
const MAX_DEPTH: usize = 500;

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct Blocks {
    pub flat: Arc<Flat>,
}

impl From<Flat> for Blocks {
    fn from(flat: Flat) -> Self {
        Blocks {
            flat: Arc::new(flat),
        }
    }
}

type Columns<'py> = [View<'py>; 10];

#[pymethods]
impl Blocks {
    #[new]
    #[pyo3(signature = (blocks, inline = None))]
    fn of(blocks: &Bound<'_, PyAny>, inline: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let mut flat = Flat::default();
        let mut waiting: Vec<Bound<'_, PyIterator>> = vec![blocks.try_iter()?];
        let mut open: Vec<usize> = Vec::new();
        while let Some(siblings) = waiting.last_mut() {
            let Some(block) = siblings.next() else {
                waiting.pop();
                if let Some(parent) = open.pop() {
                    flat.items[parent].after = flat.items.len() as u32;
                }
                continue;
            };
            if waiting.len() > MAX_DEPTH {
                return Err(PyRecursionError::new_err("blocks are nested too deeply"));
            }
            let block = block?.cast_into::<PyTuple>()?;
            open.push(flat.items.len());
            let children = add(&mut flat, &block)?;
            waiting.push(children.try_iter()?);
        }
        if let Some(inline) = inline {
            for span in inline.try_iter()? {
                push(&mut flat.inline, span?.extract()?)?;
            }
        }
        Ok(flat.into())
    }

    #[staticmethod]
    #[pyo3(signature = (columns, titles, kinds, inline = None))]
    fn from_post_order(
        py: Python<'_>,
        columns: [Bound<'_, PyAny>; 5],
        titles: &Bound<'_, PyString>,
        kinds: Vec<String>,
        inline: Option<(Bound<'_, PyAny>, Bound<'_, PyAny>)>,
    ) -> PyResult<Self> {
        let columns = columns.each_ref().map(numbers);
        let [starts, ends, numbers_of_kinds, strengths, children] = columns;
        let (starts, ends, strengths) = (starts?, ends?, strengths?);
        let (numbers_of_kinds, children) = (numbers_of_kinds?, children?);
        for column in [&ends, &numbers_of_kinds, &strengths, &children] {
            same_length("columns of blocks", starts.len(), column.len())?;
        }
        let kinds: Vec<Kind> = kinds
            .iter()
            .map(|name| kind(name))
            .collect::<PyResult<_>>()?;
        let titles = utf8(titles)?;
        let inline = inline.map(|(starts, ends)| {
            let (starts, ends) = (numbers(&starts)?, numbers(&ends)?);
            same_length("starts and ends", starts.len(), ends.len())?;
            PyResult::Ok(starts.into_iter().zip(ends).collect())
        });
        let inline = inline.transpose()?.unwrap_or_default();
        let flat = py.detach(|| {
            let mut flat = Flat {
                inline,
                ..Flat::default()
            };
            let mut titles = titles.split(|&byte| byte == b'\n');
            let mut blocks = Vec::with_capacity(starts.len());
            for n in 0..starts.len() {
                let kind = *kinds.get(numbers_of_kinds[n] as usize)?;
                let title = one_line(titles.next().unwrap_or_default());
                blocks.push(Block {
                    title: flat.texts.add(&title),
                    is_atomic: kind != Kind::Paragraph,
                    ..Block::new(starts[n], ends[n], kind, strengths[n].min(255) as u8)
                });
            }
            let mut open = 0_usize;
            for &n in &children {
                open = open.checked_sub(n as usize)? + 1;
            }
            flat.items = Flat::from_post_order(&blocks, &children);
            Some(flat)
        });
        let flat = flat.ok_or_else(|| UsageError::new_err("columns that are of no blocks"))?;
        Ok(flat.into())
    }

    fn __len__(&self) -> usize {
        self.flat.items.len()
    }

    #[getter]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let column = |value: fn(&Block) -> u32| {
            Data::U32(self.flat.items.iter().map(value).collect()).view(py)
        };
        let columns: Columns<'py> = [
            column(|block| block.start)?,
            column(|block| block.end)?,
            column(|block| block.after)?,
            column(|block| block.kind as u32)?,
            column(|block| u32::from(block.strength))?,
            column(|block| block.level)?,
            column(|block| u32::from(block.is_atomic))?,
            column(|block| block.title)?,
            column(|block| block.repeat)?,
            column(|block| block.repeat_from)?,
        ];
        PyTuple::new(py, columns)
    }

    #[getter]
    fn texts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let texts = &self.flat.texts;
        let strings: Vec<_> = (0..texts.count() as u32)
            .map(|number| string(py, texts.get(number)))
            .collect::<PyResult<_>>()?;
        PyList::new(py, strings)
    }

    #[getter]
    fn inline<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, &self.flat.inline)
    }
}

/// Adds a `Block` without those inside it, which are returned.
fn add<'py>(flat: &mut Flat, block: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
    if block.len() != 10 {
        return Err(PyTypeError::new_err("expected a block of ten values"));
    }
    let number = |at: usize| -> PyResult<u32> {
        let value: i64 = block.get_borrowed_item(at)?.extract()?;
        u32::try_from(value)
            .map_err(|_| PyOverflowError::new_err("an offset has more than 32 bits"))
    };
    let name = block.get_item(2)?.cast_into::<PyString>()?;
    let title = block.get_item(4)?.cast_into::<PyString>()?;
    let repeat = block.get_item(6)?.cast_into::<PyString>()?;
    let title = flat.texts.add(&utf8(&title)?);
    let repeat = flat.texts.add(&utf8(&repeat)?);
    let item = Block {
        is_atomic: block.get_borrowed_item(5)?.is_truthy()?,
        level: number(9)?,
        title,
        repeat,
        repeat_from: number(8)?,
        ..Block::new(
            number(0)?,
            number(1)?,
            kind(name.to_str()?)?,
            number(3)?.min(255) as u8,
        )
    };
    push(&mut flat.items, item)?;
    block.get_item(7)
}

fn kind(name: &str) -> PyResult<Kind> {
    Kind::named(name).ok_or_else(|| {
        let kinds = KINDS.join(", ");
        UsageError::new_err(format!(
            "unknown kind of block {name:?}, expected one of {kinds}"
        ))
    })
}

fn numbers(column: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
    if let Some(numbers) = elements(column)? {
        return Ok(numbers);
    }
    Integers::new(column)?.collect(|number| {
        u32::try_from(number.0)
            .map_err(|_| PyOverflowError::new_err("an offset has more than 32 bits"))
    })
}

/// A text in UTF-8, a lone surrogate in three bytes.
fn utf8(text: &Bound<'_, PyString>) -> PyResult<Vec<u8>> {
    if let Ok(text) = text.to_str() {
        return Ok(text.as_bytes().to_vec());
    }
    let encoded = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
    Ok(encoded.cast_into::<PyBytes>()?.as_bytes().to_vec())
}

/// A `str` of such a text.
pub fn string<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyString>> {
    if let Ok(text) = std::str::from_utf8(text) {
        return new_string(py, text);
    }
    // SAFETY: bytes of this length; what is returned is a new `str`, or null with an exception.
    unsafe {
        let errors = c"surrogatepass".as_ptr();
        let bytes = text.as_ptr().cast();
        let string = ffi::PyUnicode_DecodeUTF8(bytes, text.len() as isize, errors);
        Ok(Bound::from_owned_ptr_or_err(py, string)?.cast_into_unchecked())
    }
}
