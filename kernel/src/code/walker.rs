//! From the syntax tree of source code to its blocks.
//!
//! Blocks consist of entire lines unless several share one. What is in brackets, or is a body by its
//! name, has a block for each member. What is between two bodies of a statement, such as `else`, is
//! with the second one, but for the bracket that closes the first.

use super::Blocks;
use super::lines::Lines;
use super::roles::{BODY, CLASS, ELEMENT, FUNCTION, GROUP, Kind, NAME, OPENING, Words};
use super::siblings::{Draft, Parent, Siblings};
use super::signatures::{Signatures, named};
use crate::text::boundaries::strength;
use tree_sitter::{Language, Node, Tree};

/// Bytes of a function or statement without children: it fits into any sensible chunk.
const SMALL: usize = 150;
/// Bytes of a body whose members are no blocks, except those of a class.
const SMALL_BODY: usize = 80;
/// Bytes of a comment before a definition that is cut at its paragraphs.
const LONG_COMMENT: usize = 400;
/// Bytes.
const SHORT_PARAGRAPH: usize = 120;

pub struct Walker<'a> {
    data: &'a [u8],
    lines: Lines<'a>,
    signatures: Signatures<'a>,
    max_depth: usize,
    has_openings: bool,
    blocks: Blocks,
}

/// The nodes in a body, and its span.
type Body<'t> = (Vec<Node<'t>>, usize, usize);

impl<'a> Walker<'a> {
    pub fn new(
        language: &Language,
        data: &'a [u8],
        roles: &'a [u32],
        words: &'a Words,
        max_depth: usize,
    ) -> Self {
        Self {
            data,
            lines: Lines::new(data),
            signatures: Signatures::new(language, data, roles, words),
            max_depth,
            has_openings: roles.iter().any(|role| role & OPENING != 0),
            blocks: Blocks::default(),
        }
    }

    /// The blocks of a file.
    pub fn walk(mut self, tree: &Tree) -> Blocks {
        let file = Parent {
            kind: Kind::File,
            depth: usize::from(self.has_openings),
            start: 0,
            end: self.data.len(),
        };
        self.siblings(named(tree.root_node()), file, None, 0);
        self.blocks
    }

    /// Adds a block, whose children were added.
    fn add(&mut self, span: (usize, usize), kind: Kind, strength: u8, children: u32, title: &str) {
        let blocks = &mut self.blocks;
        if !blocks.starts.is_empty() {
            blocks.titles.push('\n');
        }
        blocks.titles.push_str(title);
        blocks.starts.push(span.0 as u32);
        blocks.ends.push(span.1 as u32);
        blocks.kinds.push(kind as u32);
        blocks.strengths.push(u32::from(strength));
        blocks.children.push(children);
    }

    /// Adds the blocks of consecutive nodes, and says how many. `clause` is where the clause starts
    /// that they are the body of, if it is not the first one; the last block extends to `end`.
    fn siblings(
        &mut self,
        nodes: Vec<Node>,
        parent: Parent,
        clause: Option<usize>,
        end: usize,
    ) -> u32 {
        let nodes = self.flattened(nodes);
        let mut siblings = Siblings::new(self.data, &mut self.lines, &self.signatures, parent);
        for node in nodes {
            siblings.add(node);
        }
        let drafts = siblings.finish(end);
        if self.has_openings && parent.kind == Kind::File {
            return self.opened(&drafts, parent);
        }
        let mut clause = clause;
        for draft in &drafts {
            let children = self.children(draft, parent);
            let title = self.title(draft, parent);
            let (start, strength) = match clause.take() {
                Some(clause) => (clause, strength::LINE),
                None => (draft.start, draft.strength),
            };
            self.add((start, draft.end), draft.kind, strength, children, &title);
        }
        drafts.len() as u32
    }

    /// Adds blocks, with those after an opening inside a block of its title.
    fn opened(&mut self, drafts: &[Draft], parent: Parent) -> u32 {
        let mut added = 0;
        // The opening, its title, the blocks in it, and the end of the last of these.
        let mut open: Option<(&Draft, String, u32, usize)> = None;
        for draft in drafts {
            let opens = self.is_opening(draft);
            if opens && let Some(before) = open.take() {
                self.close(&before);
                added += 1;
            }
            let children = self.children(draft, parent);
            let mut title = self.title(draft, parent);
            let mut strength = draft.strength;
            if opens {
                open = Some((draft, std::mem::take(&mut title), 0, draft.end));
                strength = strength::NONE;
            }
            let span = (draft.start, draft.end);
            self.add(span, draft.kind, strength, children, &title);
            match &mut open {
                Some((_, _, inside, end)) => {
                    *inside += 1;
                    *end = draft.end;
                }
                None => added += 1,
            }
        }
        if let Some(before) = open {
            self.close(&before);
            added += 1;
        }
        added
    }

    fn close(&mut self, (draft, title, inside, end): &(&Draft, String, u32, usize)) {
        let span = (draft.start, *end);
        self.add(span, draft.kind, draft.strength, *inside, title);
    }

    fn is_opening(&self, draft: &Draft) -> bool {
        draft.definition.is_some_and(|found| {
            found.body.is_none() && self.signatures.role(found.node) & OPENING != 0
        })
    }

    /// Nodes, with each group replaced by its members.
    fn flattened<'t>(&self, nodes: Vec<Node<'t>>) -> Vec<Node<'t>> {
        let role = |node: &Node| self.signatures.role(*node);
        if !nodes.iter().any(|node| role(node) & GROUP != 0) {
            return nodes;
        }
        let mut found = Vec::with_capacity(nodes.len());
        let mut stack: Vec<Node> = nodes.into_iter().rev().collect();
        while let Some(node) = stack.pop() {
            if role(&node) & GROUP == 0 {
                found.push(node);
                continue;
            }
            for child in named(node).into_iter().rev() {
                if role(&child) & BODY != 0 {
                    stack.extend(named(child).into_iter().rev());
                } else if role(&child) & NAME == 0 {
                    stack.push(child);
                }
            }
        }
        found
    }

    fn title(&self, draft: &Draft, parent: Parent) -> String {
        let Some(node) = draft.node else {
            return String::new();
        };
        if let Some(definition) = &draft.definition {
            return self.signatures.title(node, definition);
        }
        if draft.kind == Kind::Statement && draft.end - draft.start >= SMALL {
            let literal = !matches!(parent.kind, Kind::File | Kind::Class);
            return self.signatures.name_of_value(node, literal);
        }
        String::new()
    }

    /// Adds the blocks inside a block, and says how many.
    fn children(&mut self, draft: &Draft, parent: Parent) -> u32 {
        let (kind, mut start, end) = (draft.kind, draft.start, draft.end);
        let is_small = end - start < SMALL;
        if (is_small && kind != Kind::Class) || parent.depth + 1 >= self.max_depth {
            return 0;
        }
        let Some(node) = draft.node else {
            return self.parts(kind, &self.lines.paragraphs(start, end), end);
        };
        if kind == Kind::Imports {
            return self.parts(Kind::Statement, &draft.starts, end);
        }
        let mut added = 0;
        if draft.code_start > start && !is_small {
            self.comment(start, draft.code_start);
            added = 1;
            start = draft.code_start;
        }
        let within = Parent {
            kind,
            depth: parent.depth + 1,
            start,
            end,
        };
        match &draft.definition {
            None => added + self.inside(node, within),
            Some(definition) => match definition.body {
                Some(body) => added + self.inside(body, within),
                None => {
                    let after = definition.end;
                    let mut nodes = named(definition.node);
                    nodes.retain(|each| each.start_byte() >= after);
                    let start = start.max(after);
                    added + self.siblings(nodes, Parent { start, ..within }, None, 0)
                }
            },
        }
    }

    /// Adds the comments before a definition.
    fn comment(&mut self, start: usize, end: usize) {
        let mut children = 0;
        if end - start >= LONG_COMMENT {
            let starts = self.lines.paragraphs(start, end);
            children = self.parts(Kind::Comment, &starts, end);
        }
        self.add((start, end), Kind::Comment, strength::NONE, children, "");
    }

    /// Adds blocks that follow each other, but for short ones, which are with those before.
    fn parts(&mut self, kind: Kind, starts: &[usize], end: usize) -> u32 {
        let mut kept: Vec<usize> = Vec::with_capacity(starts.len() + 1);
        for &start in starts {
            if kept
                .last()
                .is_none_or(|&last| start - last >= SHORT_PARAGRAPH)
            {
                kept.push(start);
            }
        }
        if kept.len() < 2 {
            return 0;
        }
        kept.push(end);
        let mut strength = strength::NONE;
        for span in kept.windows(2) {
            self.add((span[0], span[1]), kind, strength, 0, "");
            strength = strength::SENTENCE;
        }
        (kept.len() - 1) as u32
    }

    /// Adds the blocks in the bodies of a function, class or statement.
    fn inside(&mut self, root: Node, within: Parent) -> u32 {
        let bodies = self.bodies(root, within.kind == Kind::Class);
        let (mut added, mut end, last) = (0, within.start, bodies.len());
        for (number, (nodes, start, close)) in bodies.into_iter().enumerate() {
            // With what is between two bodies, such as: else
            let clause = (added > 0).then(|| self.lines.next_word(end, start));
            let start = end.max(self.lines.start(start, end));
            let is_last = number + 1 == last;
            let parent = Parent {
                start,
                end: if is_last { within.end } else { close },
                ..within
            };
            let extended = if is_last { 0 } else { close };
            added += self.siblings(nodes, parent, clause, extended);
            end = end.max(close);
        }
        added
    }

    /// The bodies in a node that are in no other.
    fn bodies<'t>(&mut self, root: Node<'t>, is_class: bool) -> Vec<Body<'t>> {
        let mut found = Vec::new();
        let min_size = if is_class { 0 } else { SMALL_BODY };
        let mut stack = vec![root];
        while let Some(node) = stack.pop() {
            let role = self.signatures.role(node);
            let nodes = if role & BODY != 0 || self.signatures.is_bracketed(node) {
                let mut nodes = named(node);
                while let [only] = nodes[..]
                    && self.signatures.role(only) & BODY != 0
                {
                    nodes = named(only);
                }
                nodes
            } else if role & ELEMENT != 0 {
                let mut nodes = named(node);
                nodes.pop();
                nodes.drain(..nodes.len().min(1));
                nodes
            } else if role & (FUNCTION | CLASS) != 0 && node.id() != root.id() {
                vec![node]
            } else {
                let mut cursor = node.walk();
                let first = stack.len();
                let large = |child: &Node| child.byte_range().len() >= min_size;
                stack.extend(node.children(&mut cursor).filter(large));
                stack[first..].reverse();
                continue;
            };
            let close = self.lines.end(node.end_byte(), root.end_byte());
            found.push((nodes, node.start_byte(), close));
        }
        found
    }
}
