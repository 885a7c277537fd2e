"""From the syntax tree of source code to its blocks.

Blocks consist of entire lines unless several share one. What is in brackets, or is a body by its
name, has a block for each member. What is between two bodies of a statement, such as ``else``, is
with the second one, but for the bracket that closes the first.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ctxtools._core.fallback.code.characters import Characters
from ctxtools._core.fallback.code.lines import Lines
from ctxtools._core.fallback.code.siblings import FILE, Draft, Parent, Siblings
from ctxtools._core.fallback.code.signatures import Signatures
from ctxtools._core.roles import (
    BODY,
    CLASS,
    CLASSES,
    COMMENTS,
    ELEMENT,
    FUNCTION,
    GROUP,
    IMPORTS,
    NAME,
    OPENING,
    STATEMENT,
)
from ctxtools._core.types import Strength

if TYPE_CHECKING:
    from tree_sitter import Node

_SMALL = 150  # bytes of a function or statement without children: it fits into any sensible chunk
_SMALL_BODY = 80  # bytes of a body whose members are no blocks, except those of a class
_LONG_COMMENT = 400  # bytes of a comment before a definition that is cut at its paragraphs
_SHORT_PARAGRAPH = 120  # bytes


class _Body(NamedTuple):
    """The nodes in a body, and its span."""

    nodes: "list[Node]"
    start: int
    end: int


class Walker:
    """Finds the blocks of a syntax tree.

    Args:
        data: the text in UTF-8.
        roles: of each kind of node.
        words: those with which a call is a function, a class or an import.
        max_depth: blocks nested in that many others are left out.

    Attributes:
        columns: of each block, after those inside it: where it starts and ends in characters, its
            kind, the strength before it, and the number of its children.
        titles: of each block.
    """

    def __init__(
        self, data: bytes, roles: Sequence[int], words: Sequence[Sequence[str]], max_depth: int
    ) -> None:
        self.data, self.roles = data, roles
        self.lines = Lines(data)
        self.signatures = Signatures(data, roles, words)
        self.columns = [array("I") for _ in range(5)]
        self.titles: list[str] = []
        self._max_depth = max_depth
        self._character = Characters(data).before
        self._has_openings = any(role & OPENING for role in roles)

    def walk(self, root: "Node") -> None:
        """Find the blocks of a file."""
        depth = 1 if self._has_openings else 0
        self._siblings(root.named_children, Parent(FILE, depth, 0, len(self.data)))

    def _add(
        self, start: int, end: int, kind: int, strength: Strength, children: int, title: str = ""
    ) -> None:
        """Add a block, whose children were added."""
        row = (self._character(start), self._character(end), kind, strength, children)
        for column, value in zip(self.columns, row, strict=True):
            column.append(value)
        self.titles.append(title)

    def _siblings(
        self, nodes: "Iterable[Node]", parent: Parent, clause: int | None = None, end: int = 0
    ) -> int:
        """Add the blocks of consecutive nodes, and say how many.

        Args:
            clause: where the clause starts that they are the body of, if it is not the first one.
            end: to which the last one extends.
        """
        siblings = Siblings(self.data, self.roles, self.lines, self.signatures, parent)
        for node in self._flattened(nodes):
            siblings.add(node)
        drafts = [draft for draft in siblings.finish(end) if draft.start < draft.end]
        if self._has_openings and parent.kind == FILE:
            return self._opened(drafts, parent)
        for number, draft in enumerate(drafts):
            start, strength = draft.start, draft.strength
            if clause is not None and not number:
                start, strength = clause, Strength.LINE
            children = self._children(draft, parent)
            title = self._title(draft, parent)
            self._add(start, draft.end, draft.kind, strength, children, title)
        return len(drafts)

    def _opened(self, drafts: Sequence[Draft], parent: Parent) -> int:
        """Add blocks, with those after an opening inside a block of its title."""
        added = 0
        opening, title, inside, end = None, "", 0, 0
        for draft in (*drafts, None):
            opens = draft is None or self._is_opening(draft)
            if opens and opening:
                strength = opening.strength
                self._add(opening.start, end, opening.kind, strength, inside, title)
                added += 1
                opening = None
            if draft is None:
                break
            children, own_title = self._children(draft, parent), self._title(draft, parent)
            strength = draft.strength
            if opens:
                opening, title, inside = draft, own_title, 0
                own_title, strength = "", Strength.NONE
            self._add(draft.start, draft.end, draft.kind, strength, children, own_title)
            end = draft.end
            inside, added = (inside + 1, added) if opening else (0, added + 1)
        return added

    def _is_opening(self, draft: Draft) -> bool:
        found = draft.definition
        return bool(found and not found.body and self.roles[found.node.kind_id] & OPENING)

    def _flattened(self, nodes: "Iterable[Node]") -> "Iterator[Node]":
        """Nodes, with each group replaced by its members."""
        roles = self.roles
        stack = [*nodes][::-1]
        while stack:
            node = stack.pop()
            if not roles[node.kind_id] & GROUP:
                yield node
                continue
            for child in reversed(node.named_children):
                if roles[child.kind_id] & BODY:
                    stack += child.named_children[::-1]
                elif not roles[child.kind_id] & NAME:
                    stack.append(child)

    def _title(self, draft: Draft, parent: Parent) -> str:
        node = draft.node
        if node and draft.definition:
            return self.signatures.title(node, draft.definition)
        if node and draft.kind == STATEMENT and draft.end - draft.start >= _SMALL:
            return self.signatures.name_of_value(node, literal=parent.kind not in (FILE, CLASSES))
        return ""

    def _children(self, draft: Draft, parent: Parent) -> int:
        """Add the blocks inside a block, and say how many."""
        kind, start, end, node = draft.kind, draft.start, draft.end, draft.node
        is_small = end - start < _SMALL
        if (is_small and kind != CLASSES) or parent.depth + 1 >= self._max_depth:
            return 0
        if node is None:
            return self._parts(kind, self.lines.paragraphs(start, end), end)
        if kind == IMPORTS:
            return self._parts(STATEMENT, draft.starts, end)
        added = 0
        if draft.code_start > start and not is_small:
            added = self._comment(start, draft.code_start)
            start = draft.code_start
        within = Parent(kind, parent.depth + 1, start, end)
        definition = draft.definition
        if not definition or definition.body:
            body = definition.body if definition else None
            return added + self._inside(body or node, within)
        after = definition.end
        nodes = [each for each in definition.node.named_children if each.start_byte >= after]
        return added + self._siblings(nodes, within._replace(start=max(start, after)))

    def _comment(self, start: int, end: int) -> int:
        """Add the comments before a definition."""
        children = 0
        if end - start >= _LONG_COMMENT:
            children = self._parts(COMMENTS, self.lines.paragraphs(start, end), end)
        self._add(start, end, COMMENTS, Strength.NONE, children)
        return 1

    def _parts(self, kind: int, starts: Sequence[int], end: int) -> int:
        """Add blocks that follow each other, but for short ones, which are with those before."""
        kept = [starts[0]]
        for start in starts[1:]:
            if start - kept[-1] >= _SHORT_PARAGRAPH:
                kept.append(start)
        if len(kept) == 1:
            return 0
        strength = Strength.NONE
        for first, last in pairwise((*kept, end)):
            self._add(first, last, kind, strength, 0)
            strength = Strength.SENTENCE
        return len(kept)

    def _inside(self, root: "Node", within: Parent) -> int:
        """Add the blocks in the bodies of a function, class or statement."""
        bodies = self._bodies(root, within.kind == CLASSES)
        added, end = 0, within.start
        for number, (nodes, start, close) in enumerate(bodies):
            # With what is between two bodies, such as: else
            clause = self._next_word(end, start) if added else None
            start = max(end, self.lines.start(start, end))
            is_last = number + 1 == len(bodies)
            parent = within._replace(start=start, end=within.end if is_last else close)
            added += self._siblings(nodes, parent, clause, 0 if is_last else close)
            end = max(end, close)
        return added

    def _next_word(self, start: int, end: int) -> int:
        """The start of the line of the next word, or that of the word."""
        word = start
        while word < end and self.data[word] in b" \t\r\n":
            word += 1
        return self.lines.start(word, start)

    def _bodies(self, root: "Node", is_class: bool) -> list[_Body]:
        """The bodies in a node that are in no other: the nodes in them, their start and end."""
        found: list[_Body] = []
        roles, signatures = self.roles, self.signatures
        min_size = 0 if is_class else _SMALL_BODY
        stack = [root]
        while stack:
            node = stack.pop()
            role = roles[node.kind_id]
            if role & BODY or signatures.is_bracketed(node):
                children = node.named_children
                while len(children) == 1 and roles[children[0].kind_id] & BODY:
                    children = children[0].named_children
            elif role & ELEMENT:
                children = node.named_children[1:-1]
            elif role & (FUNCTION | CLASS) and node != root:
                children = [node]
            else:
                inner = node.children[::-1]
                stack += [each for each in inner if each.end_byte - each.start_byte >= min_size]
                continue
            close = self.lines.end(node.end_byte, root.end_byte)
            found.append(_Body(children, node.start_byte, close))
        return found
