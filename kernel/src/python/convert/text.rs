//! The text of a `str`, in UTF-8; and a text as a `str`.

use crate::bpe::table::{OutOfMemory, vec_in_large_pages};
use crate::count::jobs::{MAX_CODE_POINTS, Text};
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PySlice, PyString};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A shorter `str`, in characters, is converted by Python, which keeps the conversion.
const LONG: usize = 1 << 16;
/// From this many characters on, a text of a batch that is not ASCII is converted by the threads.
const COPIED: usize = 256;
/// How many characters are converted at once: few enough to stay in the fastest cache.
const PIECE: isize = 1 << 13;

/// The text of a `str`, without a copy if it is ASCII, or was converted before. Lone surrogates
/// become U+FFFD.
///
/// Python converts a long text at half of the speed at which it is counted, into two new blocks of
/// memory, one of which the `str` keeps. In pieces, most of which are ASCII in most texts, it takes a
/// fraction of that, and nothing is kept.
pub fn text<'a>(string: &'a Bound<'_, PyString>) -> PyResult<Cow<'a, str>> {
    match without_loss(string)? {
        Some(text) => Ok(text),
        None => without_surrogates(string),
    }
}

/// As [`text`]; None if there are surrogates.
pub fn without_loss<'a>(string: &'a Bound<'_, PyString>) -> PyResult<Option<Cow<'a, str>>> {
    if !is_better_in_pieces(string)? {
        return Ok(string.to_str().ok().map(Cow::Borrowed));
    }
    let length = string.len()?;
    let mut text = String::from_utf8(vec_in_large_pages(length + length / 8)).unwrap_or_default();
    for piece in pieces(string)? {
        match piece?.to_str() {
            Ok(piece) => text.push_str(piece),
            Err(_) => return Ok(None),
        }
    }
    Ok(Some(Cow::Owned(text)))
}

/// The text of a `str` as a batch has it: that of one that is not ASCII as its code points, which
/// another thread converts. Python would do that with the GIL held, in more time than it
/// takes to copy them, and the `str` would keep the conversion.
pub fn batch_text<'a>(
    string: &'a Bound<'_, PyString>,
    code_points: &mut Vec<u32>,
) -> PyResult<Text<'a>> {
    let length = string.len()?;
    if (COPIED..=MAX_CODE_POINTS).contains(&length) && is_not_ascii(string)? {
        push_code_points(string, code_points)?;
        return Ok(Text::CodePoints(length));
    }
    Ok(match text(string)? {
        Cow::Borrowed(text) => Text::Utf8(text),
        Cow::Owned(text) => {
            let span = 0..text.len();
            Text::Shared(Arc::new(text), span)
        }
    })
}

fn push_code_points(string: &Bound<'_, PyString>, code_points: &mut Vec<u32>) -> PyResult<()> {
    let (start, length) = (code_points.len(), string.len()?);
    code_points.try_reserve(length).map_err(|_| OutOfMemory)?;
    let free = code_points.spare_capacity_mut();
    let size = free.len() as ffi::Py_ssize_t;
    // SAFETY: a `str`, and memory for `size` code points, of which no more are written.
    let copied =
        unsafe { ffi::PyUnicode_AsUCS4(string.as_ptr(), free.as_mut_ptr().cast(), size, 0) };
    if copied.is_null() {
        return Err(PyErr::fetch(string.py()));
    }
    // SAFETY: as many were reserved, and written.
    unsafe { code_points.set_len(start + length) };
    Ok(())
}

/// Whether a `str` is long, and not ASCII.
pub fn is_better_in_pieces(string: &Bound<'_, PyString>) -> PyResult<bool> {
    Ok(string.len()? >= LONG && is_not_ascii(string)?)
}

/// Whether a `str` is surely not ASCII. A subclass may have overridden the methods.
fn is_not_ascii(string: &Bound<'_, PyString>) -> PyResult<bool> {
    Ok(string.is_exact_instance_of::<PyString>()
        && !string
            .call_method0(intern!(string.py(), "isascii"))?
            .is_truthy()?)
}

/// A `str` in pieces, whose conversions are not kept.
pub fn pieces<'a, 'py>(
    string: &'a Bound<'py, PyString>,
) -> PyResult<impl Iterator<Item = PyResult<Bound<'py, PyString>>> + 'a> {
    let starts = (0..string.len()? as isize).step_by(PIECE as usize);
    Ok(starts.map(move |start| {
        let piece = string.get_item(PySlice::new(string.py(), start, start + PIECE, 1))?;
        Ok(piece.cast_into::<PyString>()?)
    }))
}

/// A `str` of a text. `PyString::new` panics where memory does not hold it.
pub fn new_string<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyString>> {
    // SAFETY: bytes of this length; what is returned is a new `str`, or null with an exception.
    unsafe {
        let bytes = text.as_ptr().cast();
        let string = ffi::PyUnicode_FromStringAndSize(bytes, text.len() as isize);
        Ok(Bound::from_owned_ptr_or_err(py, string)?.cast_into_unchecked())
    }
}

/// The characters from `start` to `end` of a `str`, as a new one: of ASCII, as fast as a copy.
pub fn slice<'py>(
    string: &Bound<'py, PyString>,
    start: isize,
    end: isize,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: a `str`; what is returned is a new one, or null with an exception.
    unsafe {
        let slice = ffi::PyUnicode_Substring(string.as_ptr(), start, end);
        Bound::from_owned_ptr_or_err(string.py(), slice)
    }
}

/// As [`text`], by Python's conversion, which the `str` keeps.
pub fn kept<'a>(string: &'a Bound<'_, PyString>) -> PyResult<Cow<'a, str>> {
    match string.to_str() {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) => without_surrogates(string),
    }
}

/// Remembers which `str` came last: one that comes again is worth the memory of its conversion.
#[derive(Default)]
pub struct LastStr(AtomicUsize);

impl LastStr {
    /// Whether a `str` is the last one again.
    pub fn is_repeat(&self, string: &Bound<'_, PyString>) -> bool {
        // The address of a freed str may be reused; that costs one conversion more.
        let address = string.as_ptr().addr();
        self.0.swap(address, Ordering::Relaxed) == address
    }

    /// The text of a `str`, which keeps its conversion if it is the last one again.
    pub fn text<'a>(&self, string: &'a Bound<'_, PyString>) -> PyResult<Cow<'a, str>> {
        if string.len()? < LONG || self.is_repeat(string) {
            kept(string)
        } else {
            text(string)
        }
    }
}

/// As in tiktoken, a pair of surrogates is the character that they encode.
fn without_surrogates<'a>(string: &Bound<'_, PyString>) -> PyResult<Cow<'a, str>> {
    let utf16 = string.call_method1("encode", ("utf-16", "surrogatepass"))?;
    let clean = utf16.call_method1("decode", ("utf-16", "replace"))?;
    Ok(Cow::Owned(clean.cast::<PyString>()?.to_str()?.to_owned()))
}

/// The text of a `str`, in which each surrogate is U+FFFD: as many characters as the `str` has.
pub fn one_to_one(string: &Bound<'_, PyString>) -> PyResult<Cow<'static, str>> {
    let encoded = string.call_method1("encode", ("utf-8", "surrogatepass"))?;
    let mut utf8 = encoded.cast::<PyBytes>()?.as_bytes().to_vec();
    for i in 0..utf8.len().saturating_sub(2) {
        if utf8[i] == 0xed && utf8[i + 1] >= 0xa0 {
            utf8[i..i + 3].copy_from_slice("\u{fffd}".as_bytes());
        }
    }
    Ok(Cow::Owned(String::from_utf8(utf8)?))
}
