//! `pack_sequences`.

use crate::bpe::table::vec_in_large_pages;
use crate::pack::windows::{self, Cell, Error, Overlong, Request, Windows};
use crate::python::convert::buffer::{Buffer, Data};
use crate::python::convert::numbers;
use pyo3::buffer::{Element, PyBuffer};
use pyo3::exceptions::{PyMemoryError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;

/// (offsets, documents, starts, lengths, overlong, empty, lower bound)
type Plan = (Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, u64);

#[pyfunction]
#[pyo3(signature = (lengths, window, *, eos, separator, max_documents, overlong, seed))]
#[expect(clippy::too_many_arguments, reason = "Python names each of them")]
pub fn pack_sequences(
    py: Python<'_>,
    lengths: &Bound<'_, PyAny>,
    window: u64,
    eos: u64,
    separator: u64,
    max_documents: u64,
    overlong: &str,
    seed: Option<u64>,
) -> PyResult<Plan> {
    let request = Request {
        window,
        eos,
        separator,
        max_documents,
        overlong: overlong_policy(overlong),
        seed,
    };
    let capacity = window.checked_add(separator);
    if max_documents == 0 || eos >= window || capacity.is_none_or(|capacity| capacity > 1 << 63) {
        return Err(PyValueError::new_err("the window has no capacity"));
    }
    macro_rules! try_as {
        ($($kind:ty),*) => {$(
            if let Some(buffer) = numbers::buffer::<$kind>(lengths) {
                return pack(py, &buffer, &request);
            }
        )*};
    }
    try_as!(i64, u32, i32, u64, u16, i16, u8, i8);
    Err(PyTypeError::new_err("lengths must be a buffer of integers"))
}

pub fn overlong_policy(name: &str) -> Overlong {
    match name {
        "split" => Overlong::Split,
        "truncate" => Overlong::Truncate,
        "drop" => Overlong::Drop,
        _ => Overlong::Raise,
    }
}

fn pack<L: Element>(py: Python<'_>, buffer: &PyBuffer<L>, request: &Request) -> PyResult<Plan>
where
    u64: TryFrom<L>,
{
    if buffer.dimensions() != 1 || !buffer.is_c_contiguous() {
        return Err(PyTypeError::new_err("lengths must be one contiguous row"));
    }
    // A copy, since others may write to the buffer once the GIL is released.
    let lengths = buffer.to_vec(py)?;
    let number = |&length: &L| u64::try_from(length).ok();
    let narrow = u64::from(u32::MAX);
    let longest = lengths.iter().filter_map(number).max().unwrap_or(0);
    if longest.saturating_add(request.eos) <= narrow && lengths.len() as u64 <= narrow {
        pack_as::<u32>(py, lengths.iter().map(number), request, Data::U32)
    } else {
        pack_as::<u64>(py, lengths.iter().map(number), request, Data::U64)
    }
}

/// Packs lengths, of which a negative one is None.
fn pack_as<C: Cell + Send + Sync>(
    py: Python<'_>,
    lengths: impl ExactSizeIterator<Item = Option<u64>>,
    request: &Request,
    data: impl Fn(Vec<C>) -> Data,
) -> PyResult<Plan> {
    let count = lengths.len();
    let mut valid = vec_in_large_pages(count);
    valid.extend(lengths.map_while(|length| length.map(C::narrow)));
    if valid.len() < count {
        windows::survey(&valid, request).map_err(error)?;
        return Err(PyValueError::new_err(("negative", valid.len())));
    }
    py.detach(|| windows::pack(&valid, request))
        .map(|found| export(found, data))
        .map_err(error)
}

fn export<C>(found: Windows<C>, data: impl Fn(Vec<C>) -> Data) -> Plan {
    (
        Data::U64(found.offsets).into(),
        data(found.documents).into(),
        data(found.starts).into(),
        data(found.lengths).into(),
        Data::U64(found.overlong).into(),
        Data::U64(found.empty).into(),
        found.lower_bound,
    )
}

fn error(error: Error) -> PyErr {
    match error {
        Error::Overlong(document) => PyValueError::new_err(("overlong", document)),
        Error::TooMany(pieces) => PyOverflowError::new_err(pieces),
        Error::Memory => PyMemoryError::new_err(()),
    }
}
