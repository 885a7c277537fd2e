//! `markdown_blocks`, `markdown_html` and `markdown_inline`.

use crate::chunk::markdown::{self, Error, Front, inline};
use crate::python::blocks::Blocks;
use crate::text::char_map::CharMap;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;

impl From<Error> for PyErr {
    fn from(error: Error) -> PyErr {
        match error {
            Error::TooLong => PyOverflowError::new_err("the text has more than 4 GiB of UTF-8"),
            Error::Parser => PyValueError::new_err("the Markdown parser failed"),
        }
    }
}

#[pyfunction]
pub fn markdown_blocks(
    py: Python<'_>,
    text: &str,
    start: usize,
    front: usize,
    title: &str,
    depth: usize,
) -> PyResult<Blocks> {
    let blocks = py.detach(|| {
        let map = CharMap::new(text);
        let front = Front {
            start: map.byte(text, start),
            end: map.byte(text, front),
            title,
        };
        markdown::parse(text, &map, &front, depth)
    });
    Ok(blocks?.into())
}

#[pyfunction]
pub fn markdown_html(
    py: Python<'_>,
    text: &str,
    front: usize,
    depth: usize,
) -> PyResult<Vec<(u32, u32)>> {
    let spans = py.detach(|| {
        let map = CharMap::new(text);
        let spans = markdown::html(text, map.byte(text, front), depth)?;
        let character = |byte: u32| map.character(text, byte as usize) as u32;
        let spans = spans.into_iter().map(|(a, b)| (character(a), character(b)));
        Ok::<_, Error>(spans.collect())
    });
    Ok(spans?)
}

#[pyfunction]
pub fn markdown_inline(
    py: Python<'_>,
    text: &str,
    segments: Vec<(usize, usize)>,
) -> PyResult<Vec<(u32, u32)>> {
    if u32::try_from(text.len()).is_err() {
        return Err(Error::TooLong.into());
    }
    Ok(py.detach(|| {
        let map = CharMap::new(text);
        let mut cursor = map.cursor(text);
        let segments = segments.into_iter();
        let segments = segments.map(|(a, b)| (cursor.byte(a), cursor.byte(b)));
        let mut spans = Vec::new();
        inline::inline_spans(text, &map, segments, &mut spans);
        inline::sort(&mut spans);
        let character = |byte: u32| map.character(text, byte as usize) as u32;
        let spans = spans.into_iter().map(|(a, b)| (character(a), character(b)));
        spans.collect()
    }))
}
