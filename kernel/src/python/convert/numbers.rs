//! Numbers out of Python, of any size and in any sequence: none of them ends the process, and one of
//! more than 64 bits is what it is compared with a text, too large or too small.

use crate::bpe::table::{OutOfMemory, try_vec};
use crate::python::index::text_map::UsageError;
use pyo3::buffer::{Element, PyBuffer};
use pyo3::exceptions::{PyMemoryError, PyOverflowError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use std::fmt;
use std::vec;

impl From<OutOfMemory> for PyErr {
    fn from(_: OutOfMemory) -> Self {
        PyMemoryError::new_err(())
    }
}

/// Any integer: where it has more than 64 bits, the one next to it that has not.
#[derive(Clone, Copy)]
pub struct Integer(pub i64);

impl FromPyObject<'_, '_> for Integer {
    type Error = PyErr;

    #[inline]
    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        match object.extract() {
            Ok(number) => Ok(Integer(number)),
            Err(error) if error.is_instance_of::<PyOverflowError>(object.py()) => {
                let is_negative = object.call_method0("__index__")?.lt(0)?;
                Ok(Integer(if is_negative { i64::MIN } else { i64::MAX }))
            }
            Err(error) => Err(error),
        }
    }
}

/// As `shown_integer` of `ctxtools/checks.py`.
impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            i64::MAX => write!(f, "2**63 - 1 or more"),
            i64::MIN => write!(f, "-2**63 or less"),
            number => write!(f, "{number}"),
        }
    }
}

/// A number of tokens, which is taken for the nearest that no sum with a text's tokens overflows.
/// `ctxtools/_core/fallback/numbers.py` does the same.
#[derive(Clone, Copy)]
pub struct Tokens(pub i64);

impl Tokens {
    const MAX: i64 = 1 << 62;

    /// The number as a limit: below zero nothing fits, as at zero.
    pub fn limit(self) -> usize {
        usize::try_from(self.0).unwrap_or(0)
    }
}

impl From<Integer> for Tokens {
    fn from(Integer(number): Integer) -> Self {
        Tokens(number.clamp(-Self::MAX, Self::MAX))
    }
}

impl FromPyObject<'_, '_> for Tokens {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        object.extract().map(|number: Integer| number.into())
    }
}

/// A `Strength`, or one below or above them all.
#[derive(Clone, Copy)]
pub struct Strength(pub u8);

impl From<Integer> for Strength {
    fn from(Integer(number): Integer) -> Self {
        Strength(number.clamp(0, i64::from(u8::MAX)) as u8)
    }
}

impl FromPyObject<'_, '_> for Strength {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        object.extract().map(|number: Integer| number.into())
    }
}

/// The integers of a buffer or another sequence, one after the other.
pub struct Integers<'py> {
    source: Source<'py>,
    length: usize,
}

enum Source<'py> {
    Narrow(vec::IntoIter<u32>),
    Wide(vec::IntoIter<i64>),
    Objects(Bound<'py, PyIterator>),
}

impl<'py> Integers<'py> {
    pub fn new(source: &Bound<'py, PyAny>) -> PyResult<Self> {
        let known = match elements(source)? {
            Some(numbers) => Some((numbers.len(), Source::Narrow(numbers.into_iter()))),
            None => {
                elements(source)?.map(|numbers| (numbers.len(), Source::Wide(numbers.into_iter())))
            }
        };
        let (length, source) = match known {
            Some(known) => known,
            // SAFETY: `source` is a Python object.
            None if unsafe { ffi::PySequence_Check(source.as_ptr()) } == 0 => {
                return Err(PyTypeError::new_err(format!(
                    "expected a sequence of integers, got {}",
                    source.get_type().name()?
                )));
            }
            None => (source.len()?, Source::Objects(source.try_iter()?)),
        };
        Ok(Integers { source, length })
    }

    /// The length that the sequence says it has, which one that is written in Python may not have.
    pub fn len(&self) -> usize {
        self.length
    }

    /// What `convert` makes of each.
    pub fn collect<T>(self, mut convert: impl FnMut(Integer) -> PyResult<T>) -> PyResult<Vec<T>> {
        let mut found = try_vec(self.length)?;
        for number in self {
            push(&mut found, convert(number?)?)?;
        }
        Ok(found)
    }
}

impl Iterator for Integers<'_> {
    type Item = PyResult<Integer>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Narrow(numbers) => numbers.next().map(|number| Ok(Integer(number.into()))),
            Source::Wide(numbers) => numbers.next().map(|number| Ok(Integer(number))),
            Source::Objects(numbers) => numbers
                .next()
                .map(|object| object.and_then(|object| object.extract())),
        }
    }
}

/// The elements of a contiguous row, which are in memory already.
///
/// A row with strides may be one number repeated any number of times.
pub fn elements<T: Element>(source: &Bound<'_, PyAny>) -> PyResult<Option<Vec<T>>> {
    match buffer::<T>(source) {
        Some(buffer) if buffer.dimensions() == 1 && buffer.is_c_contiguous() => {
            buffer.to_vec(source.py()).map(Some)
        }
        _ => Ok(None),
    }
}

/// The buffer of what has one of these elements, in this machine's byte order.
///
/// PyO3 0.30 takes `>` for the order of a little-endian machine.
pub fn buffer<T: Element>(source: &Bound<'_, PyAny>) -> Option<PyBuffer<T>> {
    let buffer = PyBuffer::<T>::get(source).ok()?;
    let is_native = matches!(buffer.format().to_bytes(), [_] | [b'@' | b'=', _]);
    is_native.then_some(buffer)
}

/// The numbers of a buffer of format `d`, or of another sequence.
pub fn floats(source: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
    if let Some(numbers) = elements(source)? {
        return Ok(numbers);
    }
    let mut found = Vec::new();
    for number in source.try_iter()? {
        push(&mut found, number?.extract()?)?;
    }
    Ok(found)
}

/// Adds to a vector, if there is memory.
pub fn push<T>(items: &mut Vec<T>, item: T) -> PyResult<()> {
    if items.len() == items.capacity() {
        items.try_reserve(1).map_err(|_| OutOfMemory)?;
    }
    items.push(item);
    Ok(())
}

/// Checks that arguments that belong together are as long.
pub fn same_length(what: &str, first: usize, second: usize) -> PyResult<()> {
    if first == second {
        return Ok(());
    }
    Err(UsageError::new_err(format!(
        "{what} differ in length: {first} and {second}"
    )))
}
