//! `pack_sequences`.

use super::buffer::{Buffer, Data};
use crate::pack::windows::{self, Error, Length, Overlong, Request, Windows};
use pyo3::buffer::{Element, PyBuffer};
use pyo3::exceptions::{PyOverflowError, PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use std::slice;

/// (offsets, documents, starts, lengths, dropped, empty, lower bound)
type Plan = (Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, u64);

#[pyfunction]
#[pyo3(signature = (lengths, window, *, eos, separator, most, overlong, seed))]
#[expect(clippy::too_many_arguments, reason = "Python names each of them")]
pub fn pack_sequences(
    py: Python<'_>,
    lengths: &Bound<'_, PyAny>,
    window: u64,
    eos: u64,
    separator: u64,
    most: u64,
    overlong: &str,
    seed: Option<u64>,
) -> PyResult<Plan> {
    let request = Request {
        window,
        eos,
        separator,
        most,
        overlong: match overlong {
            "split" => Overlong::Split,
            "drop" => Overlong::Drop,
            _ => Overlong::Refuse,
        },
        seed,
    };
    if window == 0 || most == 0 || eos >= window || separator.checked_add(window).is_none() {
        return Err(PyValueError::new_err("the window has no room"));
    }
    macro_rules! try_as {
        ($($kind:ty),*) => {$(
            if let Ok(buffer) = PyBuffer::<$kind>::get(lengths) {
                return pack(py, &buffer, &request);
            }
        )*};
    }
    try_as!(i64, u32, i32, u64, u16, i16, u8, i8);
    Err(PyTypeError::new_err(
        "lengths are a buffer of whole numbers",
    ))
}

fn pack<L: Length + Element + Sync>(
    py: Python<'_>,
    buffer: &PyBuffer<L>,
    request: &Request,
) -> PyResult<Plan> {
    if buffer.dimensions() != 1 || !buffer.is_c_contiguous() {
        return Err(PyTypeError::new_err("lengths are one contiguous row"));
    }
    let lengths: &[L] = if buffer.item_count() == 0 {
        &[]
    } else {
        // SAFETY: a contiguous row of this many numbers of this type, checked by `PyBuffer`, that
        // lives until the buffer is released. Whoever writes to it meanwhile gets an error or
        // another plan: what follows takes no value of it for a place in memory unchecked.
        unsafe { slice::from_raw_parts(buffer.buf_ptr().cast(), buffer.item_count()) }
    };
    let narrow = u64::from(u32::MAX);
    let longest = lengths.iter().filter_map(|length| length.get()).max();
    let largest = longest.unwrap_or(0).saturating_add(request.eos);
    if largest <= narrow && lengths.len() as u64 <= narrow {
        let windows = py.detach(|| windows::pack::<L, u32>(lengths, request));
        windows.map(|found| export(found, Data::Ids))
    } else {
        let windows = py.detach(|| windows::pack::<L, u64>(lengths, request));
        windows.map(|found| export(found, Data::Counts))
    }
    .map_err(error)
}

fn export<C>(found: Windows<C>, data: impl Fn(Vec<C>) -> Data) -> Plan {
    (
        Data::Counts(found.offsets).into(),
        data(found.documents).into(),
        data(found.starts).into(),
        data(found.lengths).into(),
        Data::Counts(found.dropped).into(),
        Data::Counts(found.empty).into(),
        found.lower_bound,
    )
}

fn error(error: Error) -> PyErr {
    match error {
        Error::Negative(document) => PyValueError::new_err(("negative", document)),
        Error::Overlong(document) => PyValueError::new_err(("overlong", document)),
        Error::TooMany => PyOverflowError::new_err("there are 2**32 pieces or more"),
        Error::Changed => PyRuntimeError::new_err("the lengths changed while they were packed"),
    }
}
