//! A text as a balanced tree of leaves, which is never changed: an edit makes a new tree, which
//! shares all but a few nodes with the old one.
//!
//! So whoever counts in one goes on undisturbed while others edit. The tree is that of Boehm,
//! Atkinson and Plass (*Ropes: an alternative to strings*, 1995), balanced by heights as in AVL
//! trees; joining and splitting are those of Blelloch, Ferizovic and Sun (*Just join for parallel
//! ordered sets*, 2016). All take time logarithmic in the number of leaves.

use crate::index::leaf::{Leaf, Sums};
use std::sync::Arc;

/// All offsets are in bytes.
#[derive(Clone, Default)]
pub struct Rope(Option<Arc<Node>>);

struct Node {
    sums: Sums,
    height: u32,
    kind: Kind,
}

enum Kind {
    Leaf(Leaf),
    Pair(Arc<Node>, Arc<Node>),
}

impl Rope {
    pub fn new(leaves: &[Leaf]) -> Self {
        match leaves {
            [] => Rope(None),
            [leaf] => Rope(Some(node(leaf.clone()))),
            _ => {
                let (left, right) = leaves.split_at(leaves.len() / 2);
                Rope::new(left).join(Rope::new(right))
            }
        }
    }

    pub fn sums(&self) -> Sums {
        self.0.as_ref().map_or(Sums::default(), |root| root.sums)
    }

    pub fn bytes(&self) -> usize {
        self.sums().bytes
    }

    pub fn join(self, other: Rope) -> Rope {
        match (self.0, other.0) {
            (Some(left), Some(right)) => Rope(Some(join(left, right))),
            (left, right) => Rope(left.or(right)),
        }
    }

    /// What is before the end of a pretoken, and what is after it.
    pub fn split(&self, at: usize) -> (Rope, Rope) {
        match &self.0 {
            None => (Rope(None), Rope(None)),
            Some(root) if at == 0 => (Rope(None), Rope(Some(root.clone()))),
            Some(root) if at >= root.sums.bytes => (Rope(Some(root.clone())), Rope(None)),
            Some(root) => match &root.kind {
                Kind::Leaf(leaf) => {
                    let (left, right) = leaf.split(at);
                    (Rope(Some(node(left))), Rope(Some(node(right))))
                }
                Kind::Pair(left, right) => {
                    let middle = left.sums.bytes;
                    let (left, right) = (Rope(Some(left.clone())), Rope(Some(right.clone())));
                    if at < middle {
                        let (first, second) = left.split(at);
                        (first, second.join(right))
                    } else {
                        let (first, second) = right.split(at - middle);
                        (left.join(first), second)
                    }
                }
            },
        }
    }

    /// The last leaf before which `key` of all sums is at most `at`, and those sums; None if the text
    /// is empty.
    pub fn find(&self, at: usize, key: impl Fn(&Sums) -> usize) -> Option<(Sums, &Leaf)> {
        let (mut node, mut before) = (self.0.as_ref()?, Sums::default());
        loop {
            match &node.kind {
                Kind::Leaf(leaf) => return Some((before, leaf)),
                Kind::Pair(left, right) => {
                    let sums = before + left.sums;
                    if key(&sums) <= at {
                        (node, before) = (right, sums);
                    } else {
                        node = left;
                    }
                }
            }
        }
    }

    /// The leaf that has a byte, and what is before it; the last one for any byte after it.
    pub fn at_byte(&self, byte: usize) -> Option<(Sums, &Leaf)> {
        self.find(byte, |sums| sums.bytes)
    }

    /// Calls `visit` with each leaf that has a byte of a span, and its offset.
    pub fn each(&self, start: usize, end: usize, mut visit: impl FnMut(usize, &Leaf)) {
        let mut at = start;
        while at < end.min(self.bytes())
            && let Some((before, leaf)) = self.at_byte(at)
        {
            visit(before.bytes, leaf);
            at = before.bytes + leaf.bytes();
        }
    }
}

fn node(leaf: Leaf) -> Arc<Node> {
    Arc::new(Node {
        sums: leaf.sums(),
        height: 0,
        kind: Kind::Leaf(leaf),
    })
}

/// Two trees whose heights differ by at most one.
fn pair(left: Arc<Node>, right: Arc<Node>) -> Arc<Node> {
    Arc::new(Node {
        sums: left.sums + right.sums,
        height: 1 + left.height.max(right.height),
        kind: Kind::Pair(left, right),
    })
}

/// Two trees of any heights. The result is at most one higher than the higher of them.
fn join(left: Arc<Node>, right: Arc<Node>) -> Arc<Node> {
    if left.height > right.height + 1
        && let Kind::Pair(outer, inner) = &left.kind
    {
        let inner = join(inner.clone(), right);
        return if inner.height <= outer.height + 1 {
            pair(outer.clone(), inner)
        } else {
            lean_right(outer.clone(), inner)
        };
    }
    if right.height > left.height + 1
        && let Kind::Pair(inner, outer) = &right.kind
    {
        let inner = join(left, inner.clone());
        return if inner.height <= outer.height + 1 {
            pair(inner, outer.clone())
        } else {
            lean_left(inner, outer.clone())
        };
    }
    pair(left, right)
}

/// A pair whose right side is too high by one, rotated.
fn lean_right(left: Arc<Node>, right: Arc<Node>) -> Arc<Node> {
    let Kind::Pair(inner, outer) = &right.kind else {
        return pair(left, right);
    };
    match &inner.kind {
        Kind::Pair(first, second) if inner.height > outer.height => pair(
            pair(left, first.clone()),
            pair(second.clone(), outer.clone()),
        ),
        _ => pair(pair(left, inner.clone()), outer.clone()),
    }
}

/// A pair whose left side is too high by one, rotated.
fn lean_left(left: Arc<Node>, right: Arc<Node>) -> Arc<Node> {
    let Kind::Pair(outer, inner) = &left.kind else {
        return pair(left, right);
    };
    match &inner.kind {
        Kind::Pair(first, second) if inner.height > outer.height => pair(
            pair(outer.clone(), first.clone()),
            pair(second.clone(), right),
        ),
        _ => pair(outer.clone(), pair(inner.clone(), right)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::leaf::Draft;
    use proptest::prelude::*;

    /// A leaf of a pretoken of one byte.
    fn leaf(byte: u8) -> Leaf {
        let mut draft = Draft::default();
        draft.text.push(char::from(byte % 128));
        draft.push(1, 1);
        draft.leaves().remove(0)
    }

    fn text(rope: &Rope) -> String {
        let mut text = String::new();
        rope.each(0, rope.bytes(), |_, leaf| text.push_str(leaf.text()));
        text
    }

    fn check(node: &Node) {
        if let Kind::Pair(left, right) = &node.kind {
            assert!(left.height.abs_diff(right.height) <= 1);
            assert_eq!(node.height, 1 + left.height.max(right.height));
            assert_eq!(node.sums, left.sums + right.sums);
            check(left);
            check(right);
        }
    }

    proptest! {
        #[test]
        fn stays_balanced(bytes in proptest::collection::vec(any::<u8>(), 0..300), cuts in proptest::collection::vec((0.0..1f64, 0.0..1f64), 0..30)) {
            let leaves: Vec<Leaf> = bytes.iter().map(|&byte| leaf(byte)).collect();
            let mut rope = Rope::new(&leaves);
            let mut expected = text(&rope);
            for (from, to) in cuts {
                // Moves a span to the front, or drops the text after it.
                let at = |share: f64| (share * expected.len() as f64) as usize;
                let (start, end) = (at(from.min(to)), at(from.max(to)));
                let (rest, right) = rope.split(end);
                let (left, middle) = rest.split(start);
                let dropped = start % 3 == 0;
                rope = middle.join(left);
                expected = format!("{}{}{}", &expected[start..end], &expected[..start], if dropped { "" } else { &expected[end..] });
                if !dropped {
                    rope = rope.join(right);
                }
                prop_assert_eq!(&text(&rope), &expected);
                if let Some(root) = &rope.0 {
                    check(root);
                }
            }
        }
    }
}
