//! A trie over bytes: which of many strings a text starts with.
//!
//! It is a double array: a node's child by a byte is at its base XOR the byte, if it names the node as
//! its parent there. So a step is one look into memory. It is built from sorted strings, node by node.
//! A base is sought among few slots, the first ones that are free; where none fits, the children go to
//! the end, which leaves some slots empty but makes building linear.

/// A node of a trie.
pub type Node = u32;
pub const ROOT: Node = 0;

/// No node, or no value.
const NONE: u32 = u32::MAX;
/// The parent of a slot without a node.
const FREE: u32 = NONE - 1;
/// The bit of a base that says that a string ends there.
const ENDS: u32 = 1 << 31;
/// The slots of a block, which the children of one node are in.
const BLOCK: usize = 256;
/// How many free slots are tried for a node's first child.
const TRIES: usize = 16;
/// How many bytes all strings may have.
const MAX_BYTES: usize = 1 << 24;
/// How many slots there may be for a byte of a string, beyond some that are always allowed: 1 or 2 are
/// usual.
const MAX_SLOTS: usize = 1 << 3;
const FEW_SLOTS: usize = 1 << 20;

#[derive(Clone, Copy)]
struct Slot {
    parent: Node,
    base: u32,
}

/// Strings -> values.
pub struct Trie {
    slots: Vec<Slot>,
    /// The value of the string that ends at a node.
    values: Vec<u32>,
    longest: usize,
}

/// The strings together are too long, or such that too much of the array would be empty; or there is
/// no memory for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl Trie {
    /// A trie of strings that are not empty. Of those that are alike, the last one's value holds.
    pub fn new<'a, S>(strings: impl Iterator<Item = (&'a S, u32)>) -> Result<Self, TooLarge>
    where
        S: AsRef<[u8]> + ?Sized + 'a,
    {
        let strings = strings.map(|(string, value)| (string.as_ref(), value));
        let strings: Vec<_> = strings.filter(|(string, _)| !string.is_empty()).collect();
        // By their first bytes, as a number, which tell most of them apart.
        let first = |string: &[u8]| match string.first_chunk::<8>() {
            Some(first) => u64::from_be_bytes(*first),
            None => {
                let mut first = [0; 8];
                first[..string.len()].copy_from_slice(string);
                u64::from_be_bytes(first)
            }
        };
        let keyed = (0..).zip(&strings);
        let mut order: Vec<_> = keyed.map(|(i, &(string, _))| (first(string), i)).collect();
        order.sort_unstable_by(|&(a, i), &(b, j): &(u64, usize)| {
            let rest = || strings[i].0.cmp(strings[j].0).then(i.cmp(&j));
            a.cmp(&b).then_with(rest)
        });
        let sorted: Vec<_> = order.iter().map(|&(_, i)| strings[i]).collect();
        Builder::build(&sorted)
    }

    /// The child of a node by a byte.
    #[inline(always)]
    pub fn step(&self, node: Node, byte: u8) -> Option<Node> {
        let child = (self.slots[node as usize].base & !ENDS) ^ u32::from(byte);
        (self.slots.get(child as usize)?.parent == node).then_some(child)
    }

    /// The value of the string that ends at a node.
    #[inline(always)]
    pub fn value(&self, node: Node) -> Option<u32> {
        let node = node as usize;
        (self.slots[node].base & ENDS != 0).then(|| self.values[node])
    }

    /// The node of a string, or of the start of one.
    pub fn node(&self, start: &[u8]) -> Option<Node> {
        let mut bytes = start.iter();
        bytes.try_fold(ROOT, |node, &byte| self.step(node, byte))
    }

    /// The value of a string.
    pub fn get(&self, string: &[u8]) -> Option<u32> {
        self.value(self.node(string)?)
    }

    /// Calls `visit` with the length and the value of each string that a text starts with, the
    /// shortest first.
    #[inline(always)]
    pub fn each_prefix(&self, text: &[u8], visit: impl FnMut(usize, u32)) {
        self.each_after(ROOT, text, visit);
    }

    /// The same of strings that go on from a node: what is after that.
    #[inline(always)]
    pub fn each_after(&self, mut node: Node, text: &[u8], mut visit: impl FnMut(usize, u32)) {
        for (i, &byte) in text.iter().enumerate() {
            let Some(child) = self.step(node, byte) else {
                return;
            };
            node = child;
            if let Some(value) = self.value(node) {
                visit(i + 1, value);
            }
        }
    }

    /// The longest string that a text starts with: its length and its value.
    pub fn longest_prefix(&self, text: &[u8]) -> Option<(usize, u32)> {
        self.longest_after(ROOT, text)
    }

    /// The same of strings that go on from a node.
    #[inline(always)]
    pub fn longest_after(&self, node: Node, text: &[u8]) -> Option<(usize, u32)> {
        let mut found = None;
        self.each_after(node, text, |length, value| found = Some((length, value)));
        found
    }

    /// The longest string, in bytes.
    pub fn longest(&self) -> usize {
        self.longest
    }
}

struct Builder {
    slots: Vec<Slot>,
    values: Vec<u32>,
    /// Slots that were free when they were put here, by block.
    free: Vec<u32>,
    max_slots: usize,
}

impl Builder {
    fn build(sorted: &[(&[u8], u32)]) -> Result<Trie, TooLarge> {
        let bytes = sorted.iter().map(|(string, _)| string.len()).sum::<usize>();
        if bytes > MAX_BYTES {
            return Err(TooLarge);
        }
        let mut builder = Builder {
            slots: Vec::new(),
            values: Vec::new(),
            free: Vec::new(),
            max_slots: MAX_SLOTS * bytes + FEW_SLOTS,
        };
        builder.add_block()?;
        builder.slots[ROOT as usize].parent = NONE;
        // Nodes whose children are to be placed: their strings, and how many bytes these share.
        let mut pending = vec![(ROOT as usize, 0..sorted.len(), 0)];
        let mut children = Vec::with_capacity(BLOCK);
        while let Some((node, mut range, depth)) = pending.pop() {
            let mut ends = 0;
            while range.start < range.end && sorted[range.start].0.len() == depth {
                builder.values[node] = sorted[range.start].1;
                ends = ENDS;
                range.start += 1;
            }
            children.clear();
            let mut start = range.start;
            while start < range.end {
                let byte = sorted[start].0[depth];
                let same = sorted[start..range.end]
                    .iter()
                    .take_while(|(string, _)| string[depth] == byte);
                let end = start + same.count();
                children.push((byte, start..end));
                start = end;
            }
            let base = match children.as_slice() {
                [] => 0,
                _ => builder.place(children.iter().map(|&(byte, _)| byte))?,
            };
            builder.slots[node].base = base as u32 | ends;
            for (byte, range) in children.drain(..) {
                let child = base ^ usize::from(byte);
                builder.slots[child].parent = node as u32;
                pending.push((child, range, depth + 1));
            }
        }
        Ok(Trie {
            slots: builder.slots,
            values: builder.values,
            longest: sorted.iter().map(|(s, _)| s.len()).max().unwrap_or(0),
        })
    }

    /// A base at which a node's children, by these bytes, are all free.
    fn place(&mut self, bytes: impl Iterator<Item = u8> + Clone) -> Result<usize, TooLarge> {
        let Some(first) = bytes.clone().next() else {
            return Ok(0);
        };
        // From both ends: the slots at the start are of older blocks, enough for a single child.
        for is_at_end in [false, true] {
            let (mut tried, mut i) = (0, 0);
            while tried < TRIES && i < self.free.len() {
                let at = if is_at_end {
                    self.free.len() - 1 - i
                } else {
                    i
                };
                let slot = self.free[at] as usize;
                if self.slots[slot].parent != FREE {
                    self.free.swap_remove(at);
                    continue;
                }
                let base = slot ^ usize::from(first);
                let is_free = |byte: u8| self.slots[base ^ usize::from(byte)].parent == FREE;
                if bytes.clone().all(is_free) {
                    return Ok(base);
                }
                (tried, i) = (tried + 1, i + 1);
            }
        }
        Ok(self.add_block()? ^ usize::from(first))
    }

    fn add_block(&mut self) -> Result<usize, TooLarge> {
        let start = self.slots.len();
        let end = start + BLOCK;
        if end > self.max_slots {
            return Err(TooLarge);
        }
        self.slots.try_reserve(BLOCK).map_err(|_| TooLarge)?;
        self.values.try_reserve(BLOCK).map_err(|_| TooLarge)?;
        self.free.try_reserve(BLOCK).map_err(|_| TooLarge)?;
        let slot = Slot {
            parent: FREE,
            base: 0,
        };
        self.slots.resize(end, slot);
        self.values.resize(end, NONE);
        self.free.extend(start as u32..end as u32);
        Ok(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn finds_what_a_map_has(
            strings in proptest::collection::vec("[a-c中]{0,5}|[a-z]{1,3}|.{0,4}", 0..300),
            texts in proptest::collection::vec("[a-c中]{0,8}|.{0,6}", 1..50),
        ) {
            let trie = Trie::new(strings.iter().map(String::as_str).zip(0..)).expect("few strings");
            let mut map: HashMap<&[u8], u32> = strings.iter().map(String::as_bytes).zip(0..).collect();
            map.remove(&b""[..]);
            for text in texts.iter().chain(&strings) {
                let text = text.as_bytes();
                let mut found = Vec::new();
                trie.each_prefix(text, |length, value| found.push((length, value)));
                let expected = (1..=text.len()).filter_map(|n| Some((n, *map.get(&text[..n])?)));
                prop_assert_eq!(&found, &expected.collect::<Vec<_>>());
                prop_assert_eq!(trie.longest_prefix(text), found.last().copied());
                prop_assert_eq!(trie.get(text), map.get(text).copied());
                for i in 0..=text.len() {
                    let Some(node) = trie.node(&text[..i]) else { continue };
                    let after = found.last().filter(|(length, _)| *length > i);
                    let expected = after.map(|&(length, value)| (length - i, value));
                    prop_assert_eq!(trie.longest_after(node, &text[i..]), expected);
                }
            }
        }
    }
}
