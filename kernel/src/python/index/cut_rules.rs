//! `ctxtools._core.cut_types`: `CutRules` and `CutOptions`.

use crate::chunk::cutting::cut_costs::CutCosts;
use crate::chunk::cutting::optimal_cuts::Weights;
use crate::chunk::cutting::overlap::Rules;
use crate::python::convert::numbers::{
    Integer, Integers, Strength, Tokens, floats, push, same_length,
};
use crate::python::index::text_map::{TextMap, UsageError};
use pyo3::prelude::*;

/// Offsets and a number for each.
pub type Pairs<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// The fields of `CutRules`.
pub type CutRules<'py> = (
    Pairs<'py>,
    Pairs<'py>,
    Pairs<'py>,
    Pairs<'py>,
    Pairs<'py>,
    Pairs<'py>,
    Bound<'py, PyAny>,
);

/// Those of `CutOptions`.
pub type CutOptions = (
    Tokens,
    Tokens,
    Tokens,
    Tokens,
    Vec<f64>,
    f64,
    (f64, f64, f64, f64),
    String,
);

/// The columns of `CutRules`, with offsets in bytes.
#[derive(Default)]
pub struct Columns {
    pub boundaries: Vec<(u32, u8)>,
    atomic: Vec<(u32, u32)>,
    inside: Vec<(u32, f64)>,
    extra: Vec<(u32, f64)>,
    pub overheads: Vec<(u32, i64)>,
    overlap_strengths: Vec<(u32, u8)>,
    walls: Vec<u32>,
}

impl Columns {
    pub fn new(py: Python<'_>, map: &TextMap, rules: &CutRules<'_>) -> PyResult<Self> {
        let (boundaries, atomic, inside, extra, overheads, overlap_strengths, walls) = rules;
        let strength = |number: Integer| Strength::from(number).0;
        let tokens = |number: Integer| Tokens::from(number).0;
        let what = "overlap starts and strengths";
        Ok(Columns {
            boundaries: numbered(map, boundaries, "block starts and strengths", strength)?,
            atomic: map.ranges(py, &atomic.0, &atomic.1)?,
            inside: costed(map, inside, "offsets and costs")?,
            extra: costed(map, extra, "offsets and extra costs")?,
            overheads: numbered(map, overheads, "overhead starts and tokens", tokens)?,
            overlap_strengths: numbered(map, overlap_strengths, what, strength)?,
            walls: map.bytes(py, walls)?,
        })
    }

    pub fn costs<'a>(&'a self, penalties: &'a [f64]) -> CutCosts<'a> {
        CutCosts::new(penalties, &self.inside, &self.extra, &self.atomic)
    }

    pub fn overlap_rules(&self) -> Rules<'_> {
        Rules {
            boundaries: &self.boundaries,
            good: &self.overlap_strengths,
            walls: &self.walls,
        }
    }
}

/// The limit of some options, which must be positive, and what a span costs by them.
pub fn weights(options: &CutOptions) -> PyResult<Weights> {
    let (Tokens(limit), _, _, Tokens(min_size), _, below_min, sizes, _) = *options;
    let (evenness, smallness, per_span, target) = sizes;
    if limit < 1 {
        let message = format!("limit must be >= 1, got {limit}");
        return Err(UsageError::new_err(message));
    }
    Ok(Weights {
        limit,
        min_size,
        below_min,
        evenness,
        smallness,
        per_span,
        target,
    })
}

/// Offsets in bytes with the number of each.
fn numbered<T>(
    map: &TextMap,
    pairs: &Pairs<'_>,
    what: &str,
    convert: impl Fn(Integer) -> T,
) -> PyResult<Vec<(u32, T)>> {
    let offsets = map.bytes(pairs.0.py(), &pairs.0)?;
    let numbers = Integers::new(&pairs.1)?;
    same_length(what, offsets.len(), numbers.len())?;
    let mut found = Vec::new();
    for (offset, number) in offsets.into_iter().zip(numbers) {
        push(&mut found, (offset, convert(number?)))?;
    }
    Ok(found)
}

/// Offsets in bytes with the cost of each.
pub fn costed(map: &TextMap, pairs: &Pairs<'_>, what: &str) -> PyResult<Vec<(u32, f64)>> {
    let offsets = map.bytes(pairs.0.py(), &pairs.0)?;
    let costs = floats(&pairs.1)?;
    same_length(what, offsets.len(), costs.len())?;
    Ok(offsets.into_iter().zip(costs).collect())
}
