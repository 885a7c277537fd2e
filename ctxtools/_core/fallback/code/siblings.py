"""Consecutive nodes: which of them make a block together, and where it starts and ends."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ctxtools._core.fallback.code.lines import Lines
from ctxtools._core.fallback.code.signatures import Definition, Signatures
from ctxtools._core.roles import (
    CLASSES,
    COMMENT,
    COMMENTS,
    CONTINUATION,
    FUNCTIONS,
    IMPORT,
    IMPORTS,
    LEADING,
    STATEMENT,
)
from ctxtools._core.types import Strength

if TYPE_CHECKING:
    from tree_sitter import Node

FILE = 5
"""The kind of the parent of the outermost blocks."""

_SHORT = 80  # bytes up to which statements on one line are merged
_CLOSING = b" \t\r\n)]};,"
_BLANK = b" \t\r\n\f"


class Parent(NamedTuple):
    """The parent of sibling blocks: its kind, the depth of its children, and its span in bytes."""

    kind: int
    depth: int
    start: int
    end: int


class Draft:
    """A block in a list of siblings, in bytes; it may still be extended.

    Attributes:
        node: what it is of; None for a comment.
        definition: what that defines.
        code_start: the end of the comments before the node.
        starts: where each of its imports starts.
    """

    __slots__ = ("code_start", "definition", "end", "kind", "node", "start", "starts", "strength")

    def __init__(
        self,
        kind: int,
        start: int,
        end: int,
        strength: Strength,
        node: "Node | None" = None,
        definition: Definition | None = None,
    ) -> None:
        self.kind, self.start, self.end, self.strength = kind, start, end, strength
        self.node, self.definition = node, definition
        self.code_start = start
        self.starts = [start]


class Siblings:
    """Collects the drafts of consecutive nodes."""

    def __init__(
        self,
        data: bytes,
        roles: Sequence[int],
        lines: Lines,
        signatures: Signatures,
        parent: Parent,
    ) -> None:
        self.data, self.roles, self.parent = data, roles, parent
        self.lines, self.signatures = lines, signatures
        self.drafts: list[Draft] = []
        self.done = self.last = parent.start  # the end of the last block, and of the last node
        self.leading = -1  # the start of the comments before the next node, if any

    def add(self, node: "Node") -> None:
        """Add the next node."""
        role = self.roles[node.kind_id]
        comment = self.signatures.trailing_comment(node) if role & IMPORT else None
        self._add(node, role, comment.start_byte if comment else node.end_byte)
        if comment:
            self._add(comment, self.roles[comment.kind_id], comment.end_byte)

    def _add(self, node: "Node", role: int, end: int) -> None:
        start = node.start_byte
        end = self.lines.trimmed(start, end)
        if start < self.last or end <= start:
            return  # a node listed twice by a wrapper, or one of white space
        gap = self.lines.breaks(self.last, start)
        is_more = role & CONTINUATION or (role & COMMENT and not gap)  # a comment after code
        if is_more and self.drafts and self.leading < 0:
            self._continue(role, node, end)
            return
        if self.leading >= 0 and (gap > 1 or self._is_license(role)):
            self._add_comment()
        if not role & LEADING:
            self._add_code(role, node, end, gap)
            self.leading = -1
        elif self.leading < 0:
            self.leading = start
        self.last = end

    def finish(self, end: int) -> list[Draft]:
        """All drafts; the last one extends to an offset, if it does not end after that."""
        if self.leading >= 0:
            self._add_comment()
        if self.drafts:
            self.drafts[-1].end = max(self.drafts[-1].end, end)
        return self.drafts

    def _continue(self, role: int, node: "Node", end: int) -> None:
        """Extend the last draft by what belongs to it."""
        draft = self.drafts[-1]
        draft.end = self.done = self.lines.end(end, self.parent.end)
        self.last = end
        if role & CONTINUATION and draft.definition and not draft.definition.body:
            draft.definition = draft.definition._replace(body=node)

    def _is_license(self, role: int) -> bool:
        """Whether the comments before a node are long ones before imports."""
        return bool(role & IMPORT) and self.lines.breaks(self.leading, self.last) > 1

    def _add_comment(self) -> None:
        """The comments before belong to nothing after them."""
        start = max(self.lines.start(self.leading, self.done), self.done)
        end = self.lines.end(self.last, self.parent.end)
        self.drafts.append(Draft(COMMENTS, start, end, self._strength(COMMENTS, start)))
        self.done, self.leading = end, -1

    def _add_code(self, role: int, node: "Node", end: int, gap: int) -> None:
        code = self.lines.start(node.start_byte, self.done)
        start = code if self.leading < 0 else self.lines.start(self.leading, self.done)
        self._extend_over_brackets(start)
        end = self.lines.end(end, self.parent.end)
        definition = None if role & IMPORT else self.signatures.definition(node)
        kind = definition.kind if definition else IMPORTS if role & IMPORT else STATEMENT
        definition = None if kind == IMPORTS else definition
        if self._continues(kind, start, end, gap, node, definition):
            self.drafts[-1].end = end
        else:
            start = max(start, self.done)
            draft = Draft(kind, start, end, self._strength(kind, start, node), node, definition)
            draft.code_start = max(code, start)
            self.drafts.append(draft)
        self.done = end

    def _continues(
        self, kind: int, start: int, end: int, gap: int, node: "Node", definition: Definition | None
    ) -> bool:
        """Whether what comes next belongs to the last draft: imports, what is short, equations."""
        before = self.drafts[-1] if self.drafts else None
        if not before or before.kind != kind or not before.node:
            return False
        if kind == IMPORTS:
            before.starts.append(max(start, self.done))
            return True
        if self.leading >= 0:
            return False
        if definition or before.definition:
            return self.signatures.is_same(node, before.node)
        return kind == STATEMENT and not gap and end - before.start <= _SHORT

    def _extend_over_brackets(self, start: int) -> None:
        """Extend the last draft over what closes before the next one: the bracket of a group."""
        if self.drafts and start > self.done:
            between = self.data[self.done : start].rstrip(_BLANK)
            if between and not between.strip(_CLOSING):
                self.drafts[-1].end = self.done = self.lines.end(self.done + len(between), start)

    def _strength(self, kind: int, start: int, node: "Node | None" = None) -> Strength:
        parent = self.parent.kind
        if not self.drafts and parent != FILE:
            return Strength.NONE  # right after the start of what contains it
        is_member = kind == CLASSES or (kind == FUNCTIONS and parent in (FILE, CLASSES))
        # Signatures, one per line, are more like statements.
        if is_member and node and self.lines.breaks(node.start_byte, node.end_byte):
            return Strength.SECTION
        blank = self.data[max(start - 3, 0) : start].endswith((b"\n\n", b"\n\r\n"))
        return Strength.PARAGRAPH if blank else Strength.SENTENCE
