//! What a cut costs beside the chunks that it makes, and where none is made.
//!
//! The fallback is `ctxtools/_core/fallback/chunk/cut_costs.py`.

use std::cell::Cell;

/// The cost of a cut at any offset, in bytes.
pub struct CutCosts<'a> {
    /// By strength; a strength without one is never cut at.
    penalties: &'a [f64],
    inside: Search<'a, f64>,
    extra: Search<'a, f64>,
    atomic: Search<'a, u32>,
}

/// What [`CutCosts`] are made of, which threads share.
#[derive(Clone, Copy)]
pub struct CostTable<'a> {
    penalties: &'a [f64],
    inside: &'a [(u32, f64)],
    extra: &'a [(u32, f64)],
    atomic: &'a [(u32, u32)],
}

impl<'a> CostTable<'a> {
    pub fn costs(self) -> CutCosts<'a> {
        CutCosts::new(self.penalties, self.inside, self.extra, self.atomic)
    }
}

impl<'a> CutCosts<'a> {
    /// `inside` has offsets from which on a cut costs more; `extra`, offsets where it does; `atomic`,
    /// spans that are not cut inside, disjoint. All are in order.
    pub fn new(
        penalties: &'a [f64],
        inside: &'a [(u32, f64)],
        extra: &'a [(u32, f64)],
        atomic: &'a [(u32, u32)],
    ) -> Self {
        CutCosts {
            penalties,
            inside: Search::new(inside),
            extra: Search::new(extra),
            atomic: Search::new(atomic),
        }
    }

    /// The same, to be asked on another thread.
    pub fn table(&self) -> CostTable<'a> {
        CostTable {
            penalties: self.penalties,
            inside: self.inside.items,
            extra: self.extra.items,
            atomic: self.atomic.items,
        }
    }

    /// The cost of a cut of a strength; None inside an atomic span.
    #[inline]
    pub fn at(&self, offset: u32, strength: u8) -> Option<f64> {
        match self.atomic.last(offset) {
            Some(&(start, end)) if start < offset && offset < end => None,
            _ => Some(self.anywhere(offset, strength)),
        }
    }

    /// The same inside an atomic span too, which has to be cut.
    #[inline]
    pub fn anywhere(&self, offset: u32, strength: u8) -> f64 {
        let penalty = self.penalties.get(usize::from(strength)).copied();
        let mut cost = penalty.unwrap_or(f64::INFINITY);
        if let Some((_, more)) = self.inside.last(offset) {
            cost += more;
        }
        if let Some((at, more)) = self.extra.last(offset)
            && *at == offset
        {
            cost += more;
        }
        cost
    }

    /// The atomic spans from the first on that ends after `start`.
    pub fn atomic_after(&self, start: u32) -> &'a [(u32, u32)] {
        let spans = self.atomic.items;
        let number = self.atomic.number(start);
        let is_in = number > 0 && spans[number - 1].1 > start;
        &spans[number - usize::from(is_in)..]
    }
}

/// Items in the order of their offsets, which are looked up mostly in order.
pub struct Search<'a, T> {
    items: &'a [(u32, T)],
    /// The answer to the last question.
    number: Cell<usize>,
}

impl<'a, T> Search<'a, T> {
    pub fn new(items: &'a [(u32, T)]) -> Self {
        Search {
            items,
            number: Cell::new(0),
        }
    }

    /// The last item at or before an offset.
    #[inline]
    pub fn last(&self, offset: u32) -> Option<&'a (u32, T)> {
        let number = self.number(offset).checked_sub(1)?;
        self.items.get(number)
    }

    /// How many items are at or before an offset.
    #[inline]
    pub fn number(&self, offset: u32) -> usize {
        if self.items.is_empty() {
            return 0;
        }
        let is_at_most = |item: &(u32, T)| item.0 <= offset;
        let known = self.number.get();
        let (before, after) = self.items.split_at(known);
        let number = if before.last().is_none_or(is_at_most) {
            let mut high = 1;
            while after.get(high - 1).is_some_and(is_at_most) {
                high *= 2;
            }
            let low = high / 2;
            known + low + after[low..high.min(after.len())].partition_point(is_at_most)
        } else {
            before.partition_point(is_at_most)
        };
        self.number.set(number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_found_in_any_order() {
        let items: Vec<(u32, ())> = [2, 3, 3, 7, 20, 21, 50].map(|at| (at, ())).into();
        let search = Search::new(&items);
        for step in 1..60 {
            for offset in (0..60).map(|i| i * step % 61) {
                let expected = items.iter().filter(|(at, ())| *at <= offset).count();
                assert_eq!(search.number(offset), expected);
            }
        }
    }
}
