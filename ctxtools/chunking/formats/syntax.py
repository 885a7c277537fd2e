"""Source code: functions, classes and statements, by tree-sitter grammars.

A syntax error is not a failure: tree-sitter recovers, and what it finds is used. Blocks consist of
entire lines unless several share one. What is unknown is parsed in a child process; see `code`.
"""

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ctxtools._core.types import Strength
from ctxtools.chunking.block import MAX_DEPTH, MAX_TITLE, Block, short_title
from ctxtools.chunking.formats import USE_TEXT
from ctxtools.chunking.formats.languages import GRAMMARS, load_language
from ctxtools.errors import FormatError

if TYPE_CHECKING:
    from tree_sitter import Language, Node

# A function or statement of fewer bytes gets no children: it fits into any sensible chunk.
_SMALL = 300

# A tree-sitter parser takes more than linear time and memory on some texts that are not code (12 kB
# of "->#" as Go: 13 s; 400 kB of "a<" as C++: 1 GB). It reports its progress every 100 steps: some
# 5 times for 1,000 bytes of code, and at most 25 times in 125 MB of it. Counted are steps rather
# than seconds, so that the same text has the same blocks on every machine. What a long comment
# saves is not for the code after it: the budget is never above the first number.
_REPORTS, _REPORTS_PER_BYTE = 500, 0.04
_SECONDS, _SECONDS_PER_BYTE = 0.5, 4e-6  # 20 times what code needs, since steps differ

_READ = 1 << 16  # bytes passed to the parser at once

_NOT_SEPARATOR = re.compile(rb"[^ \t;,]")
_CONTINUATION = bytes(range(0x80, 0xC0))


def parse(text: str, format: str) -> tuple[Block, ...]:
    """The blocks of source code, in this process.

    Raises:
        FormatError: the parser failed, or took too many steps or too long.
        MissingExtraError: the grammar is not installed.
    """
    language = load_language(format)
    data = text.encode("utf-8", "surrogatepass")
    root = _root(data, language, format)
    walker = _Walker(data, format, len(data) == len(text))
    return tuple(walker.siblings(root.named_children, _Parent("file", 0, 0, len(data))))


def _root(data: bytes, language: "Language", format: str) -> "Node":
    from tree_sitter import Parser

    guard = _Guard(data)
    try:
        tree = Parser(language).parse(
            lambda start, _: data[start : start + _READ], progress_callback=guard.is_too_much
        )
    except Exception as error:  # ValueError if stopped, or whatever a grammar raises
        raise failed(format, guard.reason or str(error)) from error
    if tree is None:
        raise failed(format, guard.reason)
    return tree.root_node


class _Guard:
    """Stops the parser where a text takes out of proportion.

    Attributes:
        reason: why it was stopped; "" if it was not.
    """

    def __init__(self, data: bytes) -> None:
        self.reason = ""
        self._reports: float = _REPORTS
        self._furthest, self._end = 0, len(data.rstrip()) - 1
        self._until = time.thread_time() + _SECONDS + _SECONDS_PER_BYTE * len(data)

    def is_too_much(self, offset: int, has_error: bool) -> bool:
        """What the parser asks every 100 steps, with the byte that it has come to."""
        if offset > self._furthest:
            more = _REPORTS_PER_BYTE * (offset - self._furthest)
            self._reports = min(_REPORTS, self._reports + more)
            self._furthest = offset
            if offset >= self._end:  # balancing the tree is next, and counted too
                self._reports += _REPORTS_PER_BYTE * offset
        self._reports -= 1
        if self._reports < 0:
            self.reason = "it takes too many steps"
        elif time.thread_time() > self._until:
            self.reason = "it takes too long"
        return bool(self.reason)


def failed(format: str, reason: str) -> FormatError:
    """The error of a text that is not parsed."""
    return FormatError(f"cannot be parsed as {format} code: {reason}", hint=USE_TEXT)


class _Parent(NamedTuple):
    """The parent of sibling blocks: its kind, the depth of its children, and its span in bytes."""

    kind: str
    depth: int
    start: int
    end: int


class _Definition(NamedTuple):
    """A function or class: its kind, node and body, and the span of its signature."""

    kind: str
    node: "Node"
    body: "Node | None"
    start: int
    end: int


class _Draft:
    """A block in a list of siblings, in bytes; it may still be extended."""

    __slots__ = ("children", "end", "kind", "start", "strength", "title")

    def __init__(self, kind: str, start: int, end: int, strength: Strength) -> None:
        self.kind, self.start, self.end, self.strength = kind, start, end, strength
        self.title = ""
        self.children: tuple[Block, ...] = ()


class _Walker:
    """Builds blocks from the nodes of a syntax tree."""

    def __init__(self, data: bytes, format: str, is_ascii: bool) -> None:
        self.data = data
        self.grammar = GRAMMARS[format]
        self.sums = None if is_ascii else _sums(data)
        self.definitions = self.grammar.functions | self.grammar.classes
        # The last run of white space and separators; in ";;;;" each character is a statement.
        self.separators = (0, -1)

    def siblings(self, nodes: "list[Node]", parent: _Parent) -> list[Block]:
        """The blocks of consecutive nodes."""
        grammar, data = self.grammar, self.data
        drafts: list[_Draft] = []
        done = last = parent.start  # the end of the last block, and of the last node
        leading = -1  # the start of the comments before the next node, if any
        for node in self._flattened(nodes):
            start, end = node.start_byte, self._trimmed(node)
            if start < last or end <= start:
                continue  # a node listed twice by a wrapper, or one of white space
            gap = data[last:start].count(b"\n")
            is_leading = node.type in grammar.leading
            if is_leading and "comment" in node.type and drafts and leading < 0 and not gap:
                drafts[-1].end = done = self._line_end(end, parent.end)  # a comment after code
                last = end
                continue
            if leading >= 0 and gap > 1:  # the comments before belong to nothing
                drafts.append(self._comment(leading, last, done, parent, drafts))
                done, leading = drafts[-1].end, -1
            if is_leading:
                leading = start if leading < 0 else leading
                last = end
                continue
            first = max(self._line_start(start if leading < 0 else leading, done), done)
            close = self._line_end(end, parent.end)
            if node.type in grammar.imports and drafts and drafts[-1].kind == "imports":
                drafts[-1].end = close
            else:
                drafts.append(self._draft(node, first, close, parent, drafts))
            done, last, leading = close, end, -1
        if leading >= 0:
            drafts.append(self._comment(leading, last, done, parent, drafts))
        return [self._block(draft) for draft in drafts if draft.start < draft.end]

    def _flattened(self, nodes: "list[Node]") -> "Iterator[Node]":
        """Nodes, with each group replaced by its members."""
        grammar = self.grammar
        stack = nodes[::-1]
        while stack:
            node = stack.pop()
            if node.type not in grammar.groups:
                yield node
                continue
            for child in reversed(node.named_children):
                if child.type in grammar.bodies:
                    stack += child.named_children[::-1]
                elif child.type not in ("identifier", "string_literal"):
                    stack.append(child)

    def _draft(
        self, node: "Node", start: int, end: int, parent: _Parent, before: list[_Draft]
    ) -> _Draft:
        definition = self._definition(node)
        kind = "statement"
        if definition:
            kind = definition.kind
        elif node.type in self.grammar.imports:
            kind = "imports"
        draft = _Draft(kind, start, end, self._strength(kind, node, start, parent, before))
        if definition:
            draft.title = self._title(node, definition)
        if parent.depth + 1 < MAX_DEPTH and (kind == "class" or end - start >= _SMALL):
            inner = node
            if definition:
                inner = definition.body or definition.node
            within = _Parent(kind, parent.depth + 1, start, end)
            draft.children = tuple(self._descendants(inner, within))
        return draft

    def _comment(
        self, start: int, end: int, done: int, parent: _Parent, before: list[_Draft]
    ) -> _Draft:
        start = max(self._line_start(start, done), done)
        end = self._line_end(end, parent.end)
        return _Draft("comment", start, end, self._strength("comment", None, start, parent, before))

    def _strength(
        self, kind: str, node: "Node | None", start: int, parent: _Parent, before: list[_Draft]
    ) -> Strength:
        if not before and parent.kind != "file":
            return Strength.NONE  # right after the start of what contains it
        is_member = kind == "class" or (kind == "function" and parent.kind in ("file", "class"))
        # Signatures, one per line, are more like statements.
        if is_member and node and self.data.find(b"\n", node.start_byte, node.end_byte) >= 0:
            return Strength.SECTION
        blank = self.data[max(start - 3, 0) : start].endswith((b"\n\n", b"\n\r\n"))
        return Strength.PARAGRAPH if blank else Strength.SENTENCE

    def _descendants(self, root: "Node", within: _Parent) -> list[Block]:
        """The blocks inside a function, class or statement."""
        grammar = self.grammar
        blocks: list[Block] = []
        end = within.start
        stack = [root]
        while stack:
            node = stack.pop()
            if node.type in grammar.bodies:
                nodes = node.named_children
            elif node.type in self.definitions and node != root:
                nodes = [node]
            else:
                # Small nodes are not searched, unless they are members.
                min_size = 0 if within.kind == "class" else _SMALL
                children = node.children[::-1]
                stack += [c for c in children if c.end_byte - c.start_byte >= min_size]
                continue
            start = max(end, self._line_start(node.start_byte, end))
            found = self.siblings(nodes, within._replace(start=start))
            blocks += found
            end = max(end, node.end_byte)
        return blocks

    def _definition(self, node: "Node") -> _Definition | None:
        """The function or class that a node is or contains; None if it is a statement."""
        grammar = self.grammar
        start = node.start_byte
        while True:
            if node.type in self.definitions or node.type in grammar.values:
                is_class = node.type in grammar.classes or node.type == "class"
                body = node.child_by_field_name("body") or self._first_body(node)
                end = body.start_byte if body else node.end_byte
                return _Definition("class" if is_class else "function", node, body, start, end)
            if node.type in grammar.quiet_wrappers:
                inner = node.child_by_field_name("definition")
                start = inner.start_byte if inner else start
            elif node.type in grammar.wrappers:
                inner = self._wrapped(node)
            elif node.type == "variable_declarator":
                inner = node.child_by_field_name("value")
                inner = inner if inner and inner.type in grammar.values else None
            else:
                return None
            if inner is None:
                return None
            node = inner

    def _wrapped(self, node: "Node") -> "Node | None":
        """The one node inside a wrapper that may be a definition."""
        grammar = self.grammar
        kinds = self.definitions | grammar.wrappers | grammar.quiet_wrappers | grammar.values
        found = [n for n in node.named_children if n.type in kinds or n.type.endswith("declarator")]
        return found[0] if len(found) == 1 else None

    def _first_body(self, node: "Node") -> "Node | None":
        for _ in range(4):  # such as: type_declaration, type_spec, struct_type, its fields
            for child in node.named_children:
                if child.type in self.grammar.bodies:
                    return child
            if not node.named_children:
                return None
            node = max(node.named_children, key=lambda child: child.end_byte - child.start_byte)
        return None

    def _title(self, node: "Node", definition: _Definition) -> str:
        """The signature: the text before the body, without comments and annotations."""
        parts, position = [], definition.start
        for child in self._signature_nodes(node, definition):
            if child.type in self.grammar.leading and child.start_byte >= position:
                parts.append(self.data[position : child.start_byte])
                position = child.end_byte
        parts.append(self.data[position : definition.end])
        declarator = definition.node.child_by_field_name("declarator")
        if declarator and declarator.start_byte >= definition.end:  # typedef struct {…} name
            parts.append(self.data[declarator.start_byte : declarator.end_byte])
        words = b" ".join(parts)[: 4 * MAX_TITLE + 4].decode("utf-8", "replace").split()
        return short_title(" ".join(words).rstrip(" :{;(").removesuffix("=>").rstrip())

    def _signature_nodes(self, node: "Node", definition: _Definition) -> "Iterator[Node]":
        for outer in (node, definition.node):
            for child in outer.children:
                if child.start_byte >= definition.end:
                    break
                if child.type == "modifiers":  # in Java, with annotations
                    yield from child.children
                yield child
            if outer == definition.node:
                break

    def _trimmed(self, node: "Node") -> int:
        """The end of a node without white space: some include the line break."""
        start, end = node.start_byte, node.end_byte
        while end > start and self.data[end - 1] in b" \t\r\n":
            end -= 1
        return end

    def _line_start(self, offset: int, min_start: int) -> int:
        """The start of the line, if only white space is between, and not before ``min_start``."""
        start = offset
        while start > min_start and self.data[start - 1] in b" \t":
            start -= 1
        return start if start == min_start or self.data[start - 1] in b"\r\n" else offset

    def _line_end(self, offset: int, max_end: int) -> int:
        """The end of the line, if only white space and separators are between."""
        first, end = self.separators
        if not first <= offset <= end:
            found = _NOT_SEPARATOR.search(self.data, offset)
            end = found.start() if found else len(self.data)
            self.separators = offset, end
        if end >= max_end:
            return max_end
        if self.data.startswith(b"\r\n", end):
            return min(end + 2, max_end)
        return end + 1 if self.data[end] in b"\r\n" else offset

    def _block(self, draft: _Draft) -> Block:
        return Block(
            self._character(draft.start),
            self._character(draft.end),
            draft.kind,
            draft.strength,
            draft.title,
            atomic=True,
            children=draft.children,
        )

    def _character(self, byte: int) -> int:
        """The character offset of a byte offset."""
        if self.sums is None:
            return byte
        step = byte >> 8
        part = self.data[step << 8 : byte]
        return self.sums[step] + len(part.translate(None, _CONTINUATION))


def _sums(data: bytes) -> list[int]:
    """The number of characters before each multiple of 256 bytes."""
    sums = [0]
    for start in range(0, len(data), 256):
        part = data[start : start + 256]
        sums.append(sums[-1] + len(part.translate(None, _CONTINUATION)))
    return sums
