//! The ids of many texts, one list after another, as Arrow has them: all ids, and where each list ends.
//!
//! A [`Shape`] says what is put around the ids of a text, and what becomes of a text with too many:
//! it is cut off, or goes on in further lists, each of which repeats the last ids of the one before.

use crate::bpe::table::{OutOfMemory, try_vec};
use crate::count::jobs::Extent;

/// The bytes of a token, about; and how much memory an encoder asks for ahead, in ids.
const BYTES_PER_ID: usize = 4;
const AHEAD: usize = 1 << 12;

/// What becomes of the ids of a text.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// The ids before and after those of a text, in each of its lists.
    pub before: Vec<u32>,
    pub after: Vec<u32>,
    /// The maximum length of a list, these included; not below their number.
    pub max_length: Option<usize>,
    /// How many ids the lists of a text share with the one before; None: it has one, and is cut off.
    /// It is less than the ids of a text that a list may have.
    pub overlap: Option<usize>,
}

impl Shape {
    /// The number of ids around those of a text.
    fn added(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// How many ids of a text a list may have.
    fn capacity(&self) -> usize {
        self.max_length
            .map_or(usize::MAX, |length| length.saturating_sub(self.added()))
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lists {
    pub ids: Vec<u32>,
    /// Where each list ends.
    pub ends: Vec<usize>,
    /// Which lists are null.
    pub nulls: Vec<usize>,
    /// Of each text, the number of ids it would have in one list.
    pub lengths: Vec<usize>,
    /// Of each text, its number of lists.
    pub windows: Vec<usize>,
}

impl Lists {
    /// None yet, for this many texts of so many bytes together.
    pub fn new(texts: usize, bytes: usize) -> Result<Self, OutOfMemory> {
        Ok(Lists {
            ids: try_vec(bytes / BYTES_PER_ID + AHEAD)?,
            ends: try_vec(texts)?,
            nulls: Vec::new(),
            lengths: try_vec(texts)?,
            windows: try_vec(texts)?,
        })
    }

    /// Begins a text, whose ids are then appended; [`finish`](Self::finish) takes what is returned.
    pub fn begin(&mut self, shape: &Shape) -> Result<usize, OutOfMemory> {
        let start = self.ids.len();
        self.append(&shape.before)?;
        Ok(start)
    }

    /// Makes lists of the ids that were appended.
    pub fn finish(&mut self, shape: &Shape, start: usize) -> Result<(), OutOfMemory> {
        let body = start + shape.before.len();
        let (length, capacity) = (self.ids.len() - body, shape.capacity());
        self.lengths.push(length + shape.added());
        let Some(overlap) = shape.overlap.filter(|_| length > capacity) else {
            self.ids.truncate(body.saturating_add(capacity));
            self.windows.push(1);
            return self.end_list(shape);
        };
        let mut text = try_vec(length)?;
        text.extend_from_slice(&self.ids[body..]);
        self.ids.truncate(body);
        let (mut rest, step) = (&text[..], capacity.saturating_sub(overlap).max(1));
        let before = self.ends.len();
        loop {
            let list = &rest[..capacity.min(rest.len())];
            self.append(list)?;
            self.end_list(shape)?;
            if list.len() == rest.len() {
                break;
            }
            rest = &rest[step..];
            self.append(&shape.before)?;
        }
        self.windows.push(self.ends.len() - before);
        Ok(())
    }

    pub fn push_null(&mut self) -> Result<(), OutOfMemory> {
        self.nulls.push(self.ends.len());
        self.lengths.push(0);
        self.windows.push(1);
        self.end_list(&Shape::default())
    }

    fn end_list(&mut self, shape: &Shape) -> Result<(), OutOfMemory> {
        self.append(&shape.after)?;
        self.ends.try_reserve(1).map_err(|_| OutOfMemory)?;
        self.ends.push(self.ids.len());
        Ok(())
    }

    pub fn append(&mut self, ids: &[u32]) -> Result<(), OutOfMemory> {
        self.ids.try_reserve(ids.len()).map_err(|_| OutOfMemory)?;
        self.ids.extend_from_slice(ids);
        Ok(())
    }
}

/// Puts together what jobs made, in order.
#[derive(Default)]
pub struct Gathered {
    pub chunks: Vec<Lists>,
    /// The list of a large text whose last piece did not come yet.
    open: Option<(Lists, usize)>,
}

impl Gathered {
    /// Takes what a job made.
    pub fn push(&mut self, lists: Lists, extent: Extent, shape: &Shape) -> Result<(), OutOfMemory> {
        if extent == Extent::Texts {
            self.chunks.push(lists);
            return Ok(());
        }
        let (mut text, start) = match self.open.take() {
            Some(open) => open,
            None => {
                let mut text = Lists::default();
                let start = text.begin(shape)?;
                (text, start)
            }
        };
        text.append(&lists.ids)?;
        if extent == Extent::LastPiece {
            text.finish(shape, start)?;
            self.chunks.push(text);
        } else {
            self.open = Some((text, start));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The lists of a text, by the definition.
    fn expected(ids: &[u32], shape: &Shape) -> Vec<Vec<u32>> {
        let capacity = shape.capacity().min(ids.len().max(1));
        let mut lists = Vec::new();
        let mut start = 0;
        loop {
            let end = (start + capacity).min(ids.len());
            lists.push([&shape.before, &ids[start..end], &shape.after].concat());
            match shape.overlap {
                Some(overlap) if end < ids.len() => start += capacity - overlap,
                _ => return lists,
            }
        }
    }

    proptest! {
        #[test]
        fn lists_are_what_their_shape_says(
            texts in proptest::collection::vec(
                proptest::option::of(proptest::collection::vec(any::<u32>(), 0..40)), 0..9),
            added in (0..3usize, 0..3usize),
            capacity in proptest::option::of(1..30usize),
            overlap in proptest::option::of(0..30usize),
            pieces in 1..4usize,
        ) {
            let (before, after) = (vec![7; added.0], vec![8; added.1]);
            let overlap = capacity.and_then(|n| overlap.map(|overlap| overlap % n));
            let max_length = capacity.map(|n| n + before.len() + after.len());
            let shape = Shape { before, after, max_length, overlap };
            let mut gathered = Gathered::default();
            for text in &texts {
                let mut lists = Lists::default();
                match text {
                    None => lists.push_null().expect("memory"),
                    Some(ids) if pieces == 1 => {
                        let start = lists.begin(&shape).expect("memory");
                        lists.append(ids).expect("memory");
                        lists.finish(&shape, start).expect("memory");
                    }
                    Some(ids) => {
                        for n in 0..pieces {
                            let [from, to] = [n, n + 1].map(|n| ids.len() * n / pieces);
                            let piece = Lists { ids: ids[from..to].to_vec(), ..Lists::default() };
                            let extent = match n + 1 == pieces {
                                true => Extent::LastPiece,
                                false => Extent::Piece,
                            };
                            gathered.push(piece, extent, &shape).expect("memory");
                        }
                        continue;
                    }
                }
                gathered.push(lists, Extent::Texts, &shape).expect("memory");
            }
            prop_assert_eq!(gathered.chunks.len(), texts.len());
            for (chunk, text) in gathered.chunks.iter().zip(&texts) {
                let mut start = 0;
                let lists = chunk.ends.iter().map(|&end| {
                    chunk.ids[std::mem::replace(&mut start, end)..end].to_vec()
                });
                let lists: Vec<Vec<u32>> = lists.collect();
                prop_assert_eq!(&chunk.windows, &[lists.len()]);
                match text {
                    None => {
                        prop_assert_eq!(lists, [Vec::<u32>::new()]);
                        prop_assert_eq!(&chunk.nulls, &[0]);
                    }
                    Some(ids) => {
                        prop_assert_eq!(lists, expected(ids, &shape));
                        prop_assert_eq!(&chunk.lengths, &[ids.len() + shape.added()]);
                    }
                }
            }
        }
    }
}
