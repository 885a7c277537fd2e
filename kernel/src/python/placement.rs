//! `Placement`.

use crate::pack::bin_packing::{Histogram, Node, Packing};
use crate::pack::placement::{self, Error, Part, Placed, Request};
use crate::pack::windows::Cell;
use crate::python::convert::buffer::{Buffer, Data};
use crate::python::convert::numbers;
use crate::python::windows::overlong_policy;
use pyo3::buffer::{Element, PyBuffer};
use pyo3::exceptions::{PyMemoryError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;

/// (documents, starts, lengths, windows, offsets, overlong)
type Places = (Buffer, Buffer, Buffer, Buffer, Buffer, Buffer);

/// (sizes, counts, parents, classes, items, last nodes, bins)
type Columns<T> = (T, T, T, T, T, T, T);

#[pyclass(module = "ctxtools._kernel", frozen)]
pub struct Placement {
    inner: placement::Placement,
    window: u64,
}

#[pymethods]
impl Placement {
    #[new]
    #[pyo3(signature = (sizes, counts, window, *, separator, max_documents))]
    fn new(
        py: Python<'_>,
        sizes: &Bound<'_, PyAny>,
        counts: &Bound<'_, PyAny>,
        window: u64,
        separator: u64,
        max_documents: u64,
    ) -> PyResult<Self> {
        let (sizes, counts) = (row(sizes)?, row(counts)?);
        let histogram = Histogram { sizes, counts };
        py.detach(|| placement::Placement::pack(histogram, window, separator, max_documents))
            .map(|inner| Placement { inner, window })
            .ok_or_else(|| PyValueError::new_err("not a histogram of pieces for this window"))
    }

    #[staticmethod]
    #[pyo3(signature = (columns, window, *, separator, max_documents, lower_bound))]
    fn from_columns(
        columns: Columns<Bound<'_, PyAny>>,
        window: u64,
        separator: u64,
        max_documents: u64,
        lower_bound: u64,
    ) -> PyResult<Self> {
        let (sizes, counts, parents, classes, items, last, bins) = columns;
        let histogram = Histogram {
            sizes: row(&sizes)?,
            counts: row(&counts)?,
        };
        let (parents, classes): (Vec<u32>, Vec<u32>) = (row(&parents)?, row(&classes)?);
        let (items, last): (Vec<u32>, Vec<u32>) = (row(&items)?, row(&last)?);
        let bins: Vec<u64> = row(&bins)?;
        let is_whole = parents.len() == classes.len()
            && parents.len() == items.len()
            && last.len() == bins.len()
            && bins
                .iter()
                .try_fold(0u64, |sum, &n| sum.checked_add(n))
                .is_some();
        let nodes = parents.into_iter().zip(classes).zip(items);
        let packing = Packing {
            nodes: nodes
                .map(|((parent, class), items)| Node {
                    parent,
                    class,
                    items,
                })
                .collect(),
            groups: last.into_iter().zip(bins).collect(),
        };
        is_whole
            .then(|| {
                placement::Placement::of(
                    histogram,
                    window,
                    separator,
                    max_documents,
                    packing,
                    lower_bound,
                )
            })
            .flatten()
            .map(|inner| Placement { inner, window })
            .ok_or_else(|| PyValueError::new_err("not a packing of these pieces"))
    }

    #[getter]
    fn bins(&self) -> u64 {
        self.inner.bins()
    }

    #[getter]
    fn lower_bound(&self) -> u64 {
        self.inner.lower_bound()
    }

    fn columns(&self) -> Columns<Buffer> {
        let (histogram, packing) = (self.inner.histogram(), self.inner.packing());
        let of_nodes = |value: fn(&Node) -> u32| -> Buffer {
            Data::U32(packing.nodes.iter().map(value).collect()).into()
        };
        let (last, bins) = packing.groups.iter().copied().unzip();
        (
            Data::U64(histogram.sizes.clone()).into(),
            Data::U64(histogram.counts.clone()).into(),
            of_nodes(|node| node.parent),
            of_nodes(|node| node.class),
            of_nodes(|node| node.items),
            Data::U32(last).into(),
            Data::U64(bins).into(),
        )
    }

    #[pyo3(signature = (lengths, first, ends, *, eos, overlong, seed, first_window))]
    #[expect(clippy::too_many_arguments, reason = "Python names each of them")]
    fn place(
        &self,
        py: Python<'_>,
        lengths: &Bound<'_, PyAny>,
        first: &Bound<'_, PyAny>,
        ends: &Bound<'_, PyAny>,
        eos: u64,
        overlong: &str,
        seed: Option<u64>,
        first_window: u64,
    ) -> PyResult<Places> {
        let (first, ends): (Vec<u64>, Vec<u64>) = (row(first)?, row(ends)?);
        let part = Part {
            first: &first,
            ends: &ends,
        };
        let fit = first_window.checked_add(self.inner.bins()).is_some();
        if !fit || !self.inner.has(part) || eos >= self.window {
            return Err(PyValueError::new_err("not of this packing"));
        }
        let request = Request {
            eos,
            overlong: overlong_policy(overlong),
            seed,
            first_window,
        };
        if is_empty(lengths) {
            return self.place_all(py, &[], part, &request);
        }
        macro_rules! try_as {
            ($($kind:ty),*) => {$(
                if let Some(buffer) = numbers::buffer::<$kind>(lengths) {
                    let lengths = natural(py, &buffer)?;
                    return self.place_all(py, &lengths, part, &request);
                }
            )*};
        }
        try_as!(i64, u32, i32, u64, u16, i16, u8, i8);
        Err(PyTypeError::new_err("lengths must be a buffer of integers"))
    }
}

impl Placement {
    fn place_all(
        &self,
        py: Python<'_>,
        lengths: &[u64],
        part: Part<'_>,
        request: &Request,
    ) -> PyResult<Places> {
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let numbers = [
            longest.saturating_add(request.eos),
            lengths.len() as u64,
            self.window,
            request.first_window + self.inner.bins(),
        ];
        if numbers.iter().all(|&number| number <= u64::from(u32::MAX)) {
            self.place_as::<u32>(py, lengths, part, request, Data::U32)
        } else {
            self.place_as::<u64>(py, lengths, part, request, Data::U64)
        }
    }

    fn place_as<C: Cell + Send + Sync>(
        &self,
        py: Python<'_>,
        lengths: &[u64],
        part: Part<'_>,
        request: &Request,
        data: impl Fn(Vec<C>) -> Data,
    ) -> PyResult<Places> {
        let found: Result<Placed<C>, Error> =
            py.detach(|| self.inner.place(lengths, part, self.window, request));
        let placed = found.map_err(|error| match error {
            Error::Uncounted(document) => PyValueError::new_err(("uncounted", document)),
            Error::Missing(size) => PyValueError::new_err(("missing", size)),
            Error::TooMany(pieces) => PyOverflowError::new_err(pieces),
            Error::Memory => PyMemoryError::new_err(()),
        })?;
        Ok((
            data(placed.documents).into(),
            data(placed.starts).into(),
            data(placed.lengths).into(),
            data(placed.windows).into(),
            data(placed.offsets).into(),
            Data::U64(placed.overlong).into(),
        ))
    }
}

/// The lengths of documents.
fn natural<L: Element>(py: Python<'_>, buffer: &PyBuffer<L>) -> PyResult<Vec<u64>>
where
    u64: TryFrom<L>,
{
    if buffer.dimensions() != 1 || !buffer.is_c_contiguous() {
        return Err(PyTypeError::new_err("lengths must be one contiguous row"));
    }
    let lengths = buffer.to_vec(py)?;
    let natural = |(document, length)| {
        u64::try_from(length).map_err(|_| PyValueError::new_err(("negative", document)))
    };
    lengths.into_iter().enumerate().map(natural).collect()
}

/// A row of a histogram or of a packing.
fn row<T: Element>(source: &Bound<'_, PyAny>) -> PyResult<Vec<T>> {
    if is_empty(source) {
        return Ok(Vec::new());
    }
    numbers::elements(source)?
        .ok_or_else(|| PyTypeError::new_err("a column has another format than it should"))
}

/// Whether there is nothing in a buffer, which may then have no address, and PyO3 refuses it.
fn is_empty(source: &Bound<'_, PyAny>) -> bool {
    source.len().is_ok_and(|length| length == 0)
}
