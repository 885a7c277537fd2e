//! Token bytes -> id, a byte at a time: all tokens that a text starts with, in one walk.
//!
//! The edges are in one hash table, by node and byte, so that a step is one probe.

use crate::bpe::table::OutOfMemory;

/// A node. The root is 0.
pub type Node = u32;
pub const ROOT: Node = 0;
/// The id of what is not a token.
pub const NO_ID: u32 = u32::MAX;

/// How many nodes there may be: an edge packs one and a byte into 32 bits.
const MAX_NODES: usize = 1 << 24;
/// How many slots an edge may be from where its hash says: more are edges that somebody made collide.
const MAX_PROBES: usize = 1 << 10;
/// An edge that there is not: no edge leads to the root.
const FREE: Edge = (0, 0);

/// The node that it comes from, and the node that it leads to, above its byte.
type Edge = (Node, u32);

pub struct Trie {
    edges: Vec<Edge>,
    ids: Vec<u32>,
    /// The longest token, in bytes.
    pub longest: usize,
}

impl Trie {
    /// A trie of distinct tokens; `OutOfMemory` also if there are too many.
    pub fn new<'a>(tokens: impl Iterator<Item = (&'a str, u32)>) -> Result<Self, OutOfMemory> {
        let mut trie = Trie {
            edges: Vec::new(),
            ids: Vec::new(),
            longest: 0,
        };
        trie.grow(1 << 12)?;
        trie.ids.push(NO_ID);
        for (token, id) in tokens {
            let mut node = ROOT;
            for byte in token.bytes() {
                node = match trie.step(node, byte) {
                    Some(next) => next,
                    None => trie.add(node, byte)?,
                };
            }
            trie.ids[node as usize] = id;
            trie.longest = trie.longest.max(token.len());
        }
        Ok(trie)
    }

    /// The node after a byte; None if no token goes on with it.
    #[inline]
    pub fn step(&self, node: Node, byte: u8) -> Option<Node> {
        let mut slot = self.slot(node, byte);
        loop {
            let (from, to) = self.edges[slot];
            if (from, to) == FREE {
                return None;
            }
            if from == node && to as u8 == byte {
                return Some(to >> 8);
            }
            slot = (slot + 1) % self.edges.len();
        }
    }

    /// The node after some bytes.
    pub fn walk(&self, bytes: &[u8]) -> Option<Node> {
        let mut bytes = bytes.iter();
        bytes.try_fold(ROOT, |node, &byte| self.step(node, byte))
    }

    /// The id of the token that ends at a node, or [`NO_ID`].
    #[inline]
    pub fn id(&self, node: Node) -> u32 {
        self.ids[node as usize]
    }

    fn add(&mut self, from: Node, byte: u8) -> Result<Node, OutOfMemory> {
        if self.ids.len() == MAX_NODES {
            return Err(OutOfMemory);
        }
        if self.ids.len() * 2 > self.edges.len() {
            self.grow(self.edges.len() * 2)?;
        }
        let node = self.ids.len() as Node;
        self.ids.try_reserve(1).map_err(|_| OutOfMemory)?;
        self.ids.push(NO_ID);
        self.insert(from, node << 8 | u32::from(byte))?;
        Ok(node)
    }

    fn insert(&mut self, from: Node, to: u32) -> Result<(), OutOfMemory> {
        let first = self.slot(from, to as u8);
        let slots = (first..first + MAX_PROBES).map(|slot| slot % self.edges.len());
        let free = slots.into_iter().find(|&slot| self.edges[slot] == FREE);
        self.edges[free.ok_or(OutOfMemory)?] = (from, to);
        Ok(())
    }

    /// Makes the table larger; `slots` is a power of two.
    fn grow(&mut self, slots: usize) -> Result<(), OutOfMemory> {
        let mut edges = Vec::new();
        edges.try_reserve_exact(slots).map_err(|_| OutOfMemory)?;
        edges.resize(slots, FREE);
        for (from, to) in std::mem::replace(&mut self.edges, edges) {
            if (from, to) != FREE {
                self.insert(from, to)?;
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn slot(&self, node: Node, byte: u8) -> usize {
        let key = u64::from(node) << 8 | u64::from(byte);
        let hash = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash >> (u64::BITS - self.edges.len().trailing_zeros())) as usize
    }
}
