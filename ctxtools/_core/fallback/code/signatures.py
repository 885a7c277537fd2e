"""What a node defines, where its body is, and its signature, which is the title of its block."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ctxtools._core.roles import (
    ASSIGNMENT,
    BODY,
    CALL,
    CLASS,
    CLASS_VALUE,
    CLASSES,
    CLOSE_BRACKET,
    COMMENT,
    EQUATION,
    FUNCTION,
    FUNCTIONS,
    IMPORTS,
    LEADING,
    LITERAL,
    MODIFIERS,
    OPEN_BRACKET,
    QUIET_WRAPPER,
    STATEMENT,
    TITLED,
    VALUE,
    WRAPPER,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_WRAPPERS = 8  # around a definition
_MAX_DEPTH = 4  # of a body, such as: type_declaration, type_spec, struct_type, its fields
_MAX_TITLE = 804  # bytes: twice as many characters as are kept, or more
_MAX_WORD = 24  # bytes of a word that makes a call a definition
_VALUES = ("value", "right", "rhs", "initializer", "expression")  # fields of an assignment
_BODIES = ("body", "block", "match")  # fields of a definition
_LAST_WORDS = {b"=>", b"->", b"=", b":=", b"do", b"where", b"is", b"then", b"begin"}
_OPENING, _ENDING = b"(", b" :{;([=,"

_DEFINITION = FUNCTION | CLASS | TITLED | VALUE
_WRAPPED = _DEFINITION | WRAPPER | QUIET_WRAPPER | ASSIGNMENT


class Definition(NamedTuple):
    """What a node defines: its kind, node and body, and the span of its signature."""

    kind: int
    node: "Node"
    body: "Node | None"
    start: int
    end: int


class Signatures:
    """Answers what nodes define.

    Args:
        data: the text in UTF-8.
        roles: of each kind of node.
        words: those with which a call is a function, a class or an import.
    """

    def __init__(self, data: bytes, roles: Sequence[int], words: Sequence[Sequence[str]]) -> None:
        self.data, self.roles = data, roles
        self._words = {
            word.encode(): kind
            for kind, some in zip((FUNCTIONS, CLASSES, IMPORTS), words, strict=True)
            for word in some
        }

    def definition(self, node: "Node") -> Definition | None:
        """The function, class or titled statement that a node is or contains."""
        roles = self.roles
        start = node.start_byte
        for _ in range(_MAX_WRAPPERS):
            role = roles[node.kind_id]
            inner: Node | None
            if role & _DEFINITION:
                kind = STATEMENT if role & TITLED else FUNCTIONS
                if role & (CLASS | CLASS_VALUE):
                    kind = CLASSES
                return self._found(kind, node, start)
            if role & CALL:
                first = node.named_child(0) if node.named_child_count else None
                word = self.data[first.start_byte : first.end_byte] if first else b""
                call = self._words.get(word) if len(word) <= _MAX_WORD else None
                return None if call is None else self._found(call, node, start)
            if role & QUIET_WRAPPER:
                inner = node.child_by_field_name("definition") or self._wrapped(node)
                start = inner.start_byte if inner else start
            elif role & WRAPPER:
                inner = self._wrapped(node)
            elif role & ASSIGNMENT:
                inner = self.value(node)
                inner = inner if inner and roles[inner.kind_id] & VALUE else None
            else:
                return None
            if inner is None:
                return None
            node = inner
        return None

    def _found(self, kind: int, node: "Node", start: int) -> Definition:
        body = self._body(node)
        end = body.start_byte if body else self._end_of_line(start, node.end_byte)
        return Definition(kind, node, body, start, end)

    def _end_of_line(self, start: int, end: int) -> int:
        """The end of a signature without a body: of the line on which its brackets are closed."""
        line, stop = start, min(end, start + _MAX_TITLE)
        while (line := self.data.find(b"\n", line, stop)) >= 0:
            signature = self.data[start + 1 : line]  # a list may be in brackets itself
            if signature.count(b"(") <= signature.count(b")"):
                return line
            line += 1
        return end

    def _wrapped(self, node: "Node") -> "Node | None":
        """The one node inside a wrapper that may be a definition."""
        found = [child for child in node.named_children if self.roles[child.kind_id] & _WRAPPED]
        return found[0] if len(found) == 1 else None

    def _body(self, node: "Node") -> "Node | None":
        for _ in range(_MAX_DEPTH):
            for name in _BODIES:
                if found := node.child_by_field_name(name):
                    return found
            children = node.named_children
            for child in children:
                if self.roles[child.kind_id] & BODY:
                    return child
            # Not what is inside of it: that is no part of its first line.
            line = self.data.find(b"\n", node.start_byte, node.end_byte)
            children = [child for child in children if line < 0 or child.start_byte < line]
            if not children:
                return None
            node = max(children, key=lambda child: child.end_byte - child.start_byte)
        return None

    def is_bracketed(self, node: "Node") -> bool:
        """Whether a node is something in brackets."""
        count, roles = node.child_count, self.roles
        if count < 2:
            return False
        first, last = node.child(0), node.child(count - 1)
        assert first and last
        return bool(roles[first.kind_id] & OPEN_BRACKET and roles[last.kind_id] & CLOSE_BRACKET)

    def value(self, node: "Node") -> "Node | None":
        """The value that an assignment assigns."""
        for name in _VALUES:
            if found := node.child_by_field_name(name):
                return found
        return None

    def name_of_value(self, node: "Node", *, literal: bool) -> str:
        """The name and type to which a statement assigns a value; "" if it does not.

        Args:
            literal: whether the value has to be a literal.
        """
        roles, start, inner = self.roles, node.start_byte, node
        for _ in range(_MAX_DEPTH):
            if roles[inner.kind_id] & ASSIGNMENT and (value := self.value(inner)):
                if literal and not self._is_literal(value):
                    return ""
                return self._words_of([self.data[start : value.start_byte]])
            children = inner.named_children
            if not children:
                return ""
            inner = max(children, key=lambda child: child.end_byte - child.start_byte)
        return ""

    def _is_literal(self, value: "Node") -> bool:
        for _ in range(_MAX_DEPTH):
            if self.roles[value.kind_id] & LITERAL:
                return True
            if value.named_child_count != 1 or not (inner := value.named_child(0)):
                return False
            value = inner
        return False

    def is_same(self, node: "Node", before: "Node") -> bool:
        """Whether two nodes are equations of one function."""
        if not self.roles[node.kind_id] & self.roles[before.kind_id] & EQUATION:
            return False
        return self._name(node) == self._name(before) != b""

    def _name(self, node: "Node") -> bytes:
        clause = node.child_by_field_name("clause") or node
        name = clause.child_by_field_name("name")
        return self.data[name.start_byte : name.end_byte] if name else b""

    def trailing_comment(self, node: "Node") -> "Node | None":
        """The comment that ends a node: some grammars have it in the import before."""
        for _ in range(_MAX_DEPTH):
            last = node.named_child(node.named_child_count - 1) if node.named_child_count else None
            if last is None or self.roles[last.kind_id] & COMMENT:
                return last
            node = last
        return None

    def title(self, node: "Node", definition: Definition) -> str:
        """The signature: the text before the body, without comments and annotations."""
        parts, position = [], definition.start
        for child in self._signature_nodes(node, definition):
            if self.roles[child.kind_id] & LEADING and child.start_byte >= position:
                parts.append(self.data[position : child.start_byte])
                position = child.end_byte
        parts.append(self.data[position : definition.end])
        declarator = definition.node.child_by_field_name("declarator")
        if declarator and declarator.start_byte >= definition.end:  # typedef struct {…} name
            parts.append(self.data[declarator.start_byte : declarator.end_byte])
        return self._words_of(parts)

    def _words_of(self, parts: list[bytes]) -> str:
        joined = b" ".join(parts)[:_MAX_TITLE]
        words = joined.rstrip(b" \t\r\n" + _ENDING).lstrip(_OPENING).split()
        while len(words) > 1 and words[-1] in _LAST_WORDS:
            words.pop()
        return b" ".join(words).rstrip(_ENDING).decode("utf-8", "replace")

    def _signature_nodes(self, node: "Node", definition: Definition) -> "Iterator[Node]":
        for outer in (node, definition.node):
            for child in outer.children:
                if child.start_byte >= definition.end:
                    break
                if self.roles[child.kind_id] & MODIFIERS:  # in Java, with annotations
                    yield from child.children
                yield child
            if outer == definition.node:
                break
