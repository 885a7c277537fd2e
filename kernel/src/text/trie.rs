//! A trie over bytes: which of many strings a text starts with.
//!
//! It is a double array: a node's child by a byte is at its base XOR the byte, if it names the node as
//! its parent there. So a step is one look into memory. It is built from sorted strings, node by node.
//! A base is sought among few slots, the first ones that are free; where none fits, the children go to
//! the end, which leaves some slots empty but makes building linear: 250,000 pieces take some 30 ms.

/// No node, or no value.
const NONE: u32 = u32::MAX;
/// The parent of a slot without a node.
const FREE: u32 = NONE - 1;
/// The slots of a block, which the children of one node are in.
const BLOCK: usize = 256;
/// How many free slots are tried for a node's first child.
const TRIES: usize = 16;

#[derive(Clone, Copy)]
struct Node {
    parent: u32,
    base: u32,
}

/// Strings -> values.
pub struct Trie {
    nodes: Vec<Node>,
    /// The value of the string that ends at a node.
    values: Vec<u32>,
    longest: usize,
}

/// The strings together are too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

const ROOT: usize = 0;

impl Trie {
    /// A trie of strings that are not empty. Of those that are alike, the last one's value holds.
    pub fn new(strings: impl Iterator<Item = (impl AsRef<[u8]>, u32)>) -> Result<Self, TooLarge> {
        let mut strings: Vec<_> = strings
            .filter(|(string, _)| !string.as_ref().is_empty())
            .collect();
        // Stable: of strings that are alike the last one is last.
        strings.sort_by(|(a, _), (b, _)| a.as_ref().cmp(b.as_ref()));
        let sorted: Vec<(&[u8], u32)> = strings.iter().map(|(s, v)| (s.as_ref(), *v)).collect();
        let longest = sorted.iter().map(|(s, _)| s.len()).max().unwrap_or(0);
        let bytes = sorted.iter().map(|(s, _)| s.len()).sum::<usize>();
        if bytes > NONE as usize / BLOCK / 2 {
            return Err(TooLarge);
        }
        Ok(Builder::build(&sorted, longest))
    }

    /// The child of a node by a byte.
    #[inline(always)]
    fn child(&self, node: usize, byte: u8) -> Option<usize> {
        let child = (self.nodes[node].base ^ u32::from(byte)) as usize;
        (self.nodes.get(child)?.parent as usize == node).then_some(child)
    }

    /// Calls `visit` with the length and the value of each string that a text starts with, the
    /// shortest first.
    #[inline(always)]
    pub fn each_prefix(&self, text: &[u8], mut visit: impl FnMut(usize, u32)) {
        let mut node = ROOT;
        for (i, &byte) in text.iter().enumerate() {
            let Some(child) = self.child(node, byte) else {
                return;
            };
            node = child;
            if self.values[node] != NONE {
                visit(i + 1, self.values[node]);
            }
        }
    }

    /// The longest string that a text starts with: its length and its value.
    pub fn longest_prefix(&self, text: &[u8]) -> Option<(usize, u32)> {
        let mut found = None;
        self.each_prefix(text, |length, value| found = Some((length, value)));
        found
    }

    /// The value of a string.
    pub fn get(&self, string: &[u8]) -> Option<u32> {
        let longest = self.longest_prefix(string);
        longest.and_then(|(length, value)| (length == string.len()).then_some(value))
    }

    /// The longest string, in bytes.
    pub fn longest(&self) -> usize {
        self.longest
    }
}

struct Builder {
    nodes: Vec<Node>,
    values: Vec<u32>,
    /// Slots that were free when they were put here, by block.
    free: Vec<u32>,
}

impl Builder {
    fn build(sorted: &[(&[u8], u32)], longest: usize) -> Trie {
        let mut builder = Builder {
            nodes: Vec::new(),
            values: Vec::new(),
            free: Vec::new(),
        };
        builder.add_block();
        builder.take(ROOT, NONE);
        // Nodes whose children are to be placed: their strings, and how many bytes these share.
        let mut pending = vec![(ROOT, 0..sorted.len(), 0)];
        let mut children = Vec::with_capacity(BLOCK);
        while let Some((node, mut range, depth)) = pending.pop() {
            while range.start < range.end && sorted[range.start].0.len() == depth {
                builder.values[node] = sorted[range.start].1;
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
            if children.is_empty() {
                continue;
            }
            let base = builder.place(children.iter().map(|&(byte, _)| byte));
            builder.nodes[node].base = base as u32;
            for (byte, range) in children.drain(..) {
                let child = base ^ usize::from(byte);
                builder.take(child, node as u32);
                pending.push((child, range, depth + 1));
            }
        }
        Trie {
            nodes: builder.nodes,
            values: builder.values,
            longest,
        }
    }

    /// A base at which a node's children, by these bytes, are all free.
    fn place(&mut self, bytes: impl Iterator<Item = u8> + Clone) -> usize {
        let Some(first) = bytes.clone().next() else {
            return 0;
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
                if self.nodes[slot].parent != FREE {
                    self.free.swap_remove(at);
                    continue;
                }
                let base = slot ^ usize::from(first);
                let is_free = |byte: u8| self.nodes[base ^ usize::from(byte)].parent == FREE;
                if bytes.clone().all(is_free) {
                    return base;
                }
                (tried, i) = (tried + 1, i + 1);
            }
        }
        self.add_block() ^ usize::from(first)
    }

    fn add_block(&mut self) -> usize {
        let start = self.nodes.len();
        let node = Node {
            parent: FREE,
            base: 0,
        };
        self.nodes.resize(start + BLOCK, node);
        self.values.resize(start + BLOCK, NONE);
        self.free.extend(start as u32..(start + BLOCK) as u32);
        start
    }

    fn take(&mut self, slot: usize, parent: u32) {
        self.nodes[slot].parent = parent;
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
            let trie = Trie::new(strings.iter().zip(0..)).expect("few strings");
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
            }
        }
    }
}
