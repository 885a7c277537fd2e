//! What a node defines, where its body is, and its signature, which is the title of its block.

use super::roles::{
    ASSIGNMENT, BODY, CALL, CLASS, CLASS_VALUE, CLOSE_BRACKET, COMMENT, EQUATION, FUNCTION, Kind,
    LEADING, LITERAL, MODIFIERS, OPEN_BRACKET, QUIET_WRAPPER, TITLED, VALUE, WRAPPER, Words,
};
use tree_sitter::{Language, Node};

const MAX_WRAPPERS: usize = 8; // around a definition
const MAX_DEPTH: usize = 4; // of a body, such as: type_declaration, type_spec, struct_type, its fields
const MAX_TITLE: usize = 804; // bytes: twice as many characters as are kept, or more
const MAX_WORD: usize = 24; // bytes of a word that makes a call a definition
const LAST_WORDS: [&[u8]; 9] = [
    b"=>", b"->", b"=", b":=", b"do", b"where", b"is", b"then", b"begin",
];

const DEFINITION: u32 = FUNCTION | CLASS | TITLED | VALUE;
const WRAPPED: u32 = DEFINITION | WRAPPER | QUIET_WRAPPER | ASSIGNMENT;

/// What a node defines: its kind, node and body, and the span of its signature.
#[derive(Clone, Copy)]
pub struct Definition<'t> {
    pub kind: Kind,
    pub node: Node<'t>,
    pub body: Option<Node<'t>>,
    pub start: usize,
    pub end: usize,
}

/// The numbers of fields; a grammar need not have them.
struct Fields {
    values: Vec<u16>,
    bodies: Vec<u16>,
    definition: Option<u16>,
    declarator: Option<u16>,
    clause: Option<u16>,
    name: Option<u16>,
}

impl Fields {
    fn new(language: &Language) -> Self {
        let number = |name: &str| language.field_id_for_name(name).map(u16::from);
        let numbers = |names: &[&str]| names.iter().filter_map(|name| number(name)).collect();
        Self {
            values: numbers(&["value", "right", "rhs", "initializer", "expression"]),
            bodies: numbers(&["body", "block", "match"]),
            definition: number("definition"),
            declarator: number("declarator"),
            clause: number("clause"),
            name: number("name"),
        }
    }
}

pub struct Signatures<'a> {
    data: &'a [u8],
    roles: &'a [u32],
    words: &'a Words,
    fields: Fields,
}

impl<'a> Signatures<'a> {
    pub fn new(language: &Language, data: &'a [u8], roles: &'a [u32], words: &'a Words) -> Self {
        Self {
            data,
            roles,
            words,
            fields: Fields::new(language),
        }
    }

    pub fn role(&self, node: Node) -> u32 {
        // An error has a number of its own.
        let number = usize::from(node.kind_id());
        self.roles.get(number).copied().unwrap_or(0)
    }

    /// The function, class or titled statement that a node is or contains.
    pub fn definition<'t>(&self, mut node: Node<'t>) -> Option<Definition<'t>> {
        let mut start = node.start_byte();
        for _ in 0..MAX_WRAPPERS {
            let role = self.role(node);
            if role & DEFINITION != 0 {
                let kind = if role & (CLASS | CLASS_VALUE) != 0 {
                    Kind::Class
                } else if role & TITLED != 0 {
                    Kind::Statement
                } else {
                    Kind::Function
                };
                return Some(self.found(kind, node, start));
            }
            if role & CALL != 0 {
                let first = node.named_child(0)?;
                let word = &self.data[first.byte_range()];
                let kind = (word.len() <= MAX_WORD).then(|| self.words.kind(word))??;
                return Some(self.found(kind, node, start));
            }
            let inner = if role & QUIET_WRAPPER != 0 {
                let inner = field(node, self.fields.definition).or_else(|| self.wrapped(node));
                start = inner.map_or(start, |inner| inner.start_byte());
                inner
            } else if role & WRAPPER != 0 {
                self.wrapped(node)
            } else if role & ASSIGNMENT != 0 {
                self.value(node)
                    .filter(|&inner| self.role(inner) & VALUE != 0)
            } else {
                None
            };
            node = inner?;
        }
        None
    }

    fn found<'t>(&self, kind: Kind, node: Node<'t>, start: usize) -> Definition<'t> {
        let body = self.body(node);
        let end = match body {
            Some(body) => body.start_byte(),
            None => self.end_of_line(start, node.end_byte()),
        };
        Definition {
            kind,
            node,
            body,
            start,
            end,
        }
    }

    /// The end of a signature without a body: of the line on which its brackets are closed.
    fn end_of_line(&self, start: usize, end: usize) -> usize {
        let stop = end.min(start + MAX_TITLE);
        let mut open = 0_isize; // a list may be in brackets itself
        for (n, &byte) in self.data[start.min(stop)..stop].iter().enumerate() {
            match byte {
                b'\n' if open <= 0 => return start + n,
                b'(' if n > 0 => open += 1,
                b')' if n > 0 => open -= 1,
                _ => {}
            }
        }
        end
    }

    /// The one node inside a wrapper that may be a definition.
    fn wrapped<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut found = named(node)
            .into_iter()
            .filter(|&child| self.role(child) & WRAPPED != 0);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    fn body<'t>(&self, mut node: Node<'t>) -> Option<Node<'t>> {
        for _ in 0..MAX_DEPTH {
            let of_field = self.fields.bodies.iter();
            if let Some(found) = of_field.filter_map(|&n| node.child_by_field_id(n)).next() {
                return Some(found);
            }
            let children = named(node);
            let is_body = |child: &&Node<'t>| self.role(**child) & BODY != 0;
            if let Some(&found) = children.iter().find(is_body) {
                return Some(found);
            }
            // Not what is inside of it: that is no part of its first line.
            let line = memchr::memchr(b'\n', &self.data[node.byte_range()]);
            let end = line.map_or(usize::MAX, |n| node.start_byte() + n);
            let first_line = children.into_iter().filter(|c| c.start_byte() < end);
            node = largest(first_line)?;
        }
        None
    }

    /// Whether a node is something in brackets.
    pub fn is_bracketed(&self, node: Node) -> bool {
        let count = node.child_count();
        if count < 2 {
            return false;
        }
        let has = |n: usize, role| {
            let child = node.child(n as u32);
            child.is_some_and(|child| self.role(child) & role != 0)
        };
        has(0, OPEN_BRACKET) && has(count - 1, CLOSE_BRACKET)
    }

    /// The value that an assignment assigns.
    fn value<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let fields = self.fields.values.iter();
        fields.filter_map(|&n| node.child_by_field_id(n)).next()
    }

    /// The name and type to which a statement assigns a value, which may have to be a literal.
    pub fn name_of_value(&self, node: Node, literal: bool) -> String {
        let mut inner = node;
        for _ in 0..MAX_DEPTH {
            if self.role(inner) & ASSIGNMENT != 0
                && let Some(value) = self.value(inner)
            {
                if literal && !self.is_literal(value) {
                    return String::new();
                }
                return words_of(&[&self.data[node.start_byte()..value.start_byte()]]);
            }
            match largest(named(inner).into_iter()) {
                Some(child) => inner = child,
                None => return String::new(),
            }
        }
        String::new()
    }

    fn is_literal(&self, mut value: Node) -> bool {
        for _ in 0..MAX_DEPTH {
            if self.role(value) & LITERAL != 0 {
                return true;
            }
            if value.named_child_count() != 1 {
                return false;
            }
            match value.named_child(0) {
                Some(inner) => value = inner,
                None => return false,
            }
        }
        false
    }

    /// Whether two nodes are equations of one function.
    pub fn is_same(&self, node: Node, before: Node) -> bool {
        let name = self.name(node);
        self.role(node) & self.role(before) & EQUATION != 0
            && name == self.name(before)
            && !name.is_empty()
    }

    fn name(&self, node: Node) -> &'a [u8] {
        let clause = field(node, self.fields.clause).unwrap_or(node);
        let name = field(clause, self.fields.name);
        name.map_or(&[], |name| &self.data[name.byte_range()])
    }

    /// The comment that ends a node: some grammars have it in the import before.
    pub fn trailing_comment<'t>(&self, mut node: Node<'t>) -> Option<Node<'t>> {
        for _ in 0..MAX_DEPTH {
            let last = node.named_child_count().checked_sub(1)?;
            let last = node.named_child(last as u32)?;
            if self.role(last) & COMMENT != 0 {
                return Some(last);
            }
            node = last;
        }
        None
    }

    /// The signature: the text before the body, without comments and annotations.
    pub fn title(&self, node: Node, definition: &Definition) -> String {
        let mut parts = Vec::new();
        let mut position = definition.start;
        let mut leave_out = |child: Node| {
            if self.role(child) & LEADING != 0 && child.start_byte() >= position {
                parts.push(&self.data[position..child.start_byte()]);
                position = child.end_byte();
            }
        };
        for outer in [node, definition.node] {
            let mut cursor = outer.walk();
            for child in outer.children(&mut cursor) {
                if child.start_byte() >= definition.end {
                    break;
                }
                if self.role(child) & MODIFIERS != 0 {
                    // In Java, with annotations.
                    let mut inner = child.walk();
                    child.children(&mut inner).for_each(&mut leave_out);
                }
                leave_out(child);
            }
            if outer.id() == definition.node.id() {
                break;
            }
        }
        parts.push(self.data.get(position..definition.end).unwrap_or(&[]));
        if let Some(declarator) = field(definition.node, self.fields.declarator)
            && declarator.start_byte() >= definition.end
        {
            parts.push(&self.data[declarator.byte_range()]); // typedef struct {…} name
        }
        words_of(&parts)
    }
}

fn field<'t>(node: Node<'t>, number: Option<u16>) -> Option<Node<'t>> {
    node.child_by_field_id(number?)
}

/// The named children of a node.
pub fn named(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

/// The first of the largest nodes.
fn largest<'t>(nodes: impl Iterator<Item = Node<'t>>) -> Option<Node<'t>> {
    nodes.reduce(|best, node| {
        let is_larger = node.byte_range().len() > best.byte_range().len();
        if is_larger { node } else { best }
    })
}

const fn is_ending(byte: u8) -> bool {
    matches!(byte, b' ' | b':' | b'{' | b';' | b'(' | b'[' | b'=' | b',')
}

fn words_of(parts: &[&[u8]]) -> String {
    let mut joined = parts.join(&b' ');
    joined.truncate(MAX_TITLE);
    let is_end = |&byte: &u8| is_ending(byte) || matches!(byte, b'\t' | b'\r' | b'\n');
    let end = joined.len() - joined.iter().rev().take_while(|&byte| is_end(byte)).count();
    let start = joined[..end]
        .iter()
        .take_while(|&&byte| byte == b'(')
        .count();
    // As in Python, a vertical tab is white space.
    let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let mut words: Vec<&[u8]> = joined[start..end]
        .split(is_space)
        .filter(|word| !word.is_empty())
        .collect();
    while words.len() > 1
        && let Some(last) = words.last()
        && LAST_WORDS.contains(last)
    {
        words.pop();
    }
    let title = words.join(&b' ');
    let end = title.len()
        - title
            .iter()
            .rev()
            .take_while(|&&byte| is_ending(byte))
            .count();
    String::from_utf8_lossy(&title[..end]).into_owned()
}
