//! Consecutive nodes: which of them make a block together, and where it starts and ends.

use super::lines::Lines;
use super::roles::{COMMENT, CONTINUATION, IMPORT, Kind, LEADING};
use super::signatures::{Definition, Signatures};
use crate::text::boundaries::strength;
use tree_sitter::Node;

const SHORT: usize = 80; // bytes up to which statements on one line are merged

/// The parent of sibling blocks: its kind, the depth of its children, and its span in bytes.
#[derive(Clone, Copy)]
pub struct Parent {
    pub kind: Kind,
    pub depth: usize,
    pub start: usize,
    pub end: usize,
}

/// A block in a list of siblings, in bytes; it may still be extended.
pub struct Draft<'t> {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    pub strength: u8,
    /// What it is of; nothing for a comment.
    pub node: Option<Node<'t>>,
    pub definition: Option<Definition<'t>>,
    /// The end of the comments before the node.
    pub code_start: usize,
    /// Where each of its imports starts.
    pub starts: Vec<usize>,
}

/// Collects the drafts of consecutive nodes.
pub struct Siblings<'w, 'a, 't> {
    data: &'a [u8],
    lines: &'w mut Lines<'a>,
    signatures: &'w Signatures<'a>,
    parent: Parent,
    drafts: Vec<Draft<'t>>,
    /// The end of the last block.
    done: usize,
    /// The end of the last node.
    last: usize,
    /// The start of the comments before the next node.
    leading: Option<usize>,
}

impl<'w, 'a, 't> Siblings<'w, 'a, 't> {
    pub fn new(
        data: &'a [u8],
        lines: &'w mut Lines<'a>,
        signatures: &'w Signatures<'a>,
        parent: Parent,
    ) -> Self {
        Self {
            data,
            lines,
            signatures,
            parent,
            drafts: Vec::new(),
            done: parent.start,
            last: parent.start,
            leading: None,
        }
    }

    pub fn add(&mut self, node: Node<'t>) {
        let role = self.signatures.role(node);
        let comment = if role & IMPORT != 0 {
            self.signatures.trailing_comment(node)
        } else {
            None
        };
        let end = comment.map_or(node.end_byte(), |comment| comment.start_byte());
        self.add_to(node, role, end);
        if let Some(comment) = comment {
            self.add_to(comment, self.signatures.role(comment), comment.end_byte());
        }
    }

    fn add_to(&mut self, node: Node<'t>, role: u32, end: usize) {
        let start = node.start_byte();
        let end = self.lines.trimmed(start, end);
        if start < self.last || end <= start {
            return; // a node listed twice by a wrapper, or one of white space
        }
        let gap = self.lines.breaks(self.last, start);
        // The latter is a comment after code.
        let is_more = role & CONTINUATION != 0 || (role & COMMENT != 0 && gap == 0);
        if is_more && self.leading.is_none() && self.continue_with(role, node, end) {
            return;
        }
        if let Some(leading) = self.leading
            && (gap > 1 || self.is_license(role, leading))
        {
            self.add_comment(leading);
        }
        if role & LEADING == 0 {
            self.add_code(role, node, end, gap);
            self.leading = None;
        } else if self.leading.is_none() {
            self.leading = Some(start);
        }
        self.last = end;
    }

    /// All drafts that are not empty; the last one extends to an offset, if it does not end after
    /// that.
    pub fn finish(mut self, end: usize) -> Vec<Draft<'t>> {
        if let Some(leading) = self.leading {
            self.add_comment(leading);
        }
        if let Some(last) = self.drafts.last_mut() {
            last.end = last.end.max(end);
        }
        self.drafts.retain(|draft| draft.start < draft.end);
        self.drafts
    }

    /// Extends the last draft by what belongs to it, if there is one.
    fn continue_with(&mut self, role: u32, node: Node<'t>, end: usize) -> bool {
        let Some(draft) = self.drafts.last_mut() else {
            return false;
        };
        draft.end = self.lines.end(end, self.parent.end);
        self.done = draft.end;
        self.last = end;
        if role & CONTINUATION != 0
            && let Some(definition) = &mut draft.definition
            && definition.body.is_none()
        {
            definition.body = Some(node);
        }
        true
    }

    /// Whether the comments before a node are long ones before imports.
    fn is_license(&self, role: u32, leading: usize) -> bool {
        role & IMPORT != 0 && self.lines.breaks(leading, self.last) > 1
    }

    /// The comments before belong to nothing after them.
    fn add_comment(&mut self, leading: usize) {
        let start = self.lines.start(leading, self.done).max(self.done);
        let end = self.lines.end(self.last, self.parent.end);
        let strength = self.strength(Kind::Comment, start, None);
        self.drafts.push(Draft {
            kind: Kind::Comment,
            start,
            end,
            strength,
            node: None,
            definition: None,
            code_start: start,
            starts: Vec::new(),
        });
        self.done = end;
        self.leading = None;
    }

    fn add_code(&mut self, role: u32, node: Node<'t>, end: usize, gap: usize) {
        let code = self.lines.start(node.start_byte(), self.done);
        let start = self
            .leading
            .map_or(code, |leading| self.lines.start(leading, self.done));
        self.extend_over_brackets(start);
        let end = self.lines.end(end, self.parent.end);
        let is_import = role & IMPORT != 0;
        let definition = if is_import {
            None
        } else {
            self.signatures.definition(node)
        };
        let kind = match definition {
            _ if is_import => Kind::Imports,
            Some(definition) => definition.kind,
            None => Kind::Statement,
        };
        let definition = definition.filter(|_| kind != Kind::Imports);
        if !self.continues(kind, start, end, gap, node, definition.is_some()) {
            let start = start.max(self.done);
            let strength = self.strength(kind, start, Some(node));
            self.drafts.push(Draft {
                kind,
                start,
                end,
                strength,
                node: Some(node),
                definition,
                code_start: code.max(start),
                starts: if kind == Kind::Imports {
                    vec![start]
                } else {
                    Vec::new()
                },
            });
        } else if let Some(before) = self.drafts.last_mut() {
            before.end = end;
        }
        self.done = end;
    }

    /// Whether what comes next belongs to the last draft: imports, what is short, equations.
    fn continues(
        &mut self,
        kind: Kind,
        start: usize,
        end: usize,
        gap: usize,
        node: Node,
        is_definition: bool,
    ) -> bool {
        let Some(before) = self.drafts.last_mut() else {
            return false;
        };
        let Some(node_before) = before.node.filter(|_| before.kind == kind) else {
            return false;
        };
        if kind == Kind::Imports {
            before.starts.push(start.max(self.done));
            return true;
        }
        if self.leading.is_some() {
            return false;
        }
        if is_definition || before.definition.is_some() {
            return self.signatures.is_same(node, node_before);
        }
        kind == Kind::Statement && gap == 0 && end - before.start <= SHORT
    }

    /// Extends the last draft over what closes before the next one: the bracket of a group.
    fn extend_over_brackets(&mut self, start: usize) {
        let Some(before) = self.drafts.last_mut() else {
            return;
        };
        let between = self
            .data
            .get(self.done..start)
            .unwrap_or(&[])
            .trim_ascii_end();
        let closes = |byte: &u8| b" \t\r\n)]};,".contains(byte);
        if !between.is_empty() && between.iter().all(closes) {
            before.end = self.lines.end(self.done + between.len(), start);
            self.done = before.end;
        }
    }

    fn strength(&self, kind: Kind, start: usize, node: Option<Node>) -> u8 {
        let parent = self.parent.kind;
        if self.drafts.is_empty() && parent != Kind::File {
            return strength::NONE; // right after the start of what contains it
        }
        let is_member = kind == Kind::Class
            || (kind == Kind::Function && matches!(parent, Kind::File | Kind::Class));
        // Signatures, one per line, are more like statements.
        if is_member
            && node.is_some_and(|node| self.lines.breaks(node.start_byte(), node.end_byte()) > 0)
        {
            return strength::SECTION;
        }
        let before = &self.data[start.saturating_sub(3)..start];
        if before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n") {
            strength::PARAGRAPH
        } else {
            strength::SENTENCE
        }
    }
}
