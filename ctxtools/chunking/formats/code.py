"""Source code: functions, classes and statements, by tree-sitter grammars.

A syntax error is no failure: tree-sitter goes on behind it, and what it finds is used. Blocks are
whole lines wherever the code has a line for each.
"""

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ctxtools._core.types import Strength
from ctxtools.chunking.block import MAX_DEPTH, MAX_TITLE, Block, short_title
from ctxtools.chunking.formats.languages import GRAMMARS, load_language
from ctxtools.errors import FormatError

if TYPE_CHECKING:
    from tree_sitter import Language, Node

# Bytes below which a function or statement is not looked into: it fits into any sensible chunk.
_SMALL = 300

# A tree-sitter parser takes more than linear time on some texts that are not code (12 kB of "->#"
# as Go: 13 s). It gets this much, in seconds of its own, which is 20 times what code needs.
_SECONDS, _SECONDS_PER_BYTE = 0.25, 4e-6

# What a header for C does not have at the start of a line: it is C++ that is in a file named .h.
# Not "class" alone, which may begin a line of a comment.
_CPP = re.compile(
    r"""^[ \t]*+(?:
        template[ \t]*+<
        |(?:inline[ \t]++)?namespace\b[ \t\w:]*+\s*+\{
        |using[ \t]++namespace\b
        |(?:public|private|protected)[ \t]*+:
        |(?:enum[ \t]++)?class(?:[ \t]++\w++){1,3}+\s*+[{;:]
    )""",
    re.MULTILINE | re.VERBOSE,
)

_STATEMENT_END = re.compile(rb"[;{}]")
_MOST_OPEN = 500

_READ = 1 << 16  # bytes given to the parser at a time

_NOT_BLANK_BEHIND = re.compile(rb"[^ \t;,]")
_CONTINUATION = bytes(range(0x80, 0xC0))


def parse(text: str, format: str) -> tuple[Block, ...]:
    """The blocks of source code. As C is read what is C, and as C++ what only C++ can be.

    Raises:
        FormatError: the parser failed, or took too long.
        MissingExtraError: the grammar is not installed.
    """
    if format == "c" and _CPP.search(text):
        format = "cpp"
    language = load_language(format)
    data = text.encode("utf-8", "surrogatepass")
    root = _root(data, language, format)
    walk = _Walk(data, format, len(data) != len(text))
    return tuple(walk.siblings(root.named_children, _Inside("file", 0, 0, len(data))))


def _root(data: bytes, language: "Language", format: str) -> "Node":
    from tree_sitter import Parser

    # The one such text that it does not let itself be stopped on (80 kB of "a<b,": 68 s).
    if format in ("typescript", "tsx") and any(
        part.count(b"<") - part.count(b">") > _MOST_OPEN for part in _STATEMENT_END.split(data)
    ):
        raise _failed(format, f"a statement has more than {_MOST_OPEN} < that no > closes")
    until = time.thread_time() + _SECONDS + _SECONDS_PER_BYTE * len(data)
    try:
        tree = Parser(language).parse(
            lambda start, _: data[start : start + _READ],
            progress_callback=lambda place, has_error: time.thread_time() > until,
        )
    except Exception as error:  # ValueError when it was stopped, or whatever a grammar raises
        raise _failed(format, str(error)) from error
    if tree is None:
        raise _failed(format, "it takes too long")
    return tree.root_node


def _failed(format: str, reason: str) -> FormatError:
    return FormatError(f"not read as {format} code: {reason}", hint="read it with the format text")


class _Inside(NamedTuple):
    """What siblings lie in: a block's kind, how deep its children lie, and where, in bytes."""

    kind: str
    depth: int
    start: int
    end: int


class _Definition(NamedTuple):
    """A function or class: its kind, the node, its body, where its signature starts and ends."""

    kind: str
    node: "Node"
    body: "Node | None"
    start: int
    end: int


class _Draft:
    """A block of a list of siblings, in bytes, while it may still grow."""

    __slots__ = ("children", "end", "kind", "start", "strength", "title")

    def __init__(self, kind: str, start: int, end: int, strength: Strength) -> None:
        self.kind, self.start, self.end, self.strength = kind, start, end, strength
        self.title = ""
        self.children: tuple[Block, ...] = ()


class _Walk:
    """Makes blocks of nodes."""

    def __init__(self, data: bytes, format: str, wide: bool) -> None:
        self.data = data
        self.grammar = GRAMMARS[format]
        self.sums = _sums(data) if wide else None
        self.definitions = self.grammar.functions | self.grammar.classes
        # White space and separators that were looked through last: of ";;;;" each is a statement.
        self.blank = (0, -1)

    def siblings(self, nodes: "list[Node]", inside: _Inside) -> list[Block]:
        """The blocks of nodes that follow each other."""
        grammar, data = self.grammar, self.data
        drafts: list[_Draft] = []
        done = last = inside.start  # where the last block, and the last node, end
        leading = -1  # where the comments before the next node start
        for node in self._flat(nodes):
            start, end = node.start_byte, self._trimmed(node)
            if start < last or end <= start:
                continue  # a node that a wrapper shows twice, or one of white space
            gap = data[last:start].count(b"\n")
            if node.type in grammar.leading:
                behind_code = "comment" in node.type and drafts and leading < 0
                if behind_code and not gap:
                    drafts[-1].end = done = self._line_end(end, inside.end)
                    last = end
                    continue
                if leading >= 0 and gap > 1:
                    drafts.append(self._comment(leading, last, done, inside, drafts))
                    done, leading = drafts[-1].end, -1
                leading = start if leading < 0 else leading
                last = end
                continue
            if leading >= 0 and gap > 1:
                drafts.append(self._comment(leading, last, done, inside, drafts))
                done, leading = drafts[-1].end, -1
            first = max(self._line_start(start if leading < 0 else leading, done), done)
            close = self._line_end(end, inside.end)
            if node.type in grammar.imports and drafts and drafts[-1].kind == "imports":
                drafts[-1].end = close
            else:
                drafts.append(self._draft(node, first, close, inside, drafts))
            done, last, leading = close, end, -1
        if leading >= 0:
            drafts.append(self._comment(leading, last, done, inside, drafts))
        return [self._block(draft) for draft in drafts if draft.start < draft.end]

    def _flat(self, nodes: "list[Node]") -> "Iterator[Node]":
        """Nodes, those in groups put in the place of the group."""
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
        self, node: "Node", start: int, end: int, inside: _Inside, before: list[_Draft]
    ) -> _Draft:
        definition = self._definition(node)
        kind = "statement"
        if definition:
            kind = definition.kind
        elif node.type in self.grammar.imports:
            kind = "imports"
        draft = _Draft(kind, start, end, self._strength(kind, node, start, inside, before))
        if definition:
            draft.title = self._title(node, definition)
        if inside.depth + 1 < MAX_DEPTH and (kind == "class" or end - start >= _SMALL):
            inner = node
            if definition:
                inner = definition.body or definition.node
            within = _Inside(kind, inside.depth + 1, start, end)
            draft.children = tuple(self._inner(inner, within))
        return draft

    def _comment(
        self, start: int, end: int, done: int, inside: _Inside, before: list[_Draft]
    ) -> _Draft:
        start = max(self._line_start(start, done), done)
        end = self._line_end(end, inside.end)
        return _Draft("comment", start, end, self._strength("comment", None, start, inside, before))

    def _strength(
        self, kind: str, node: "Node | None", start: int, inside: _Inside, before: list[_Draft]
    ) -> Strength:
        if not before and inside.kind != "file":
            return Strength.NONE  # right behind what it lies in
        is_member = kind == "class" or (kind == "function" and inside.kind in ("file", "class"))
        # Signatures, one on each line, are more like statements.
        if is_member and node and self.data.find(b"\n", node.start_byte, node.end_byte) >= 0:
            return Strength.SECTION
        blank = self.data[max(start - 3, 0) : start].endswith((b"\n\n", b"\n\r\n"))
        return Strength.PARAGRAPH if blank else Strength.SENTENCE

    def _inner(self, root: "Node", within: _Inside) -> list[Block]:
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
                # What is small is not looked into, unless it is a member.
                least = 0 if within.kind == "class" else _SMALL
                children = node.children[::-1]
                stack += [c for c in children if c.end_byte - c.start_byte >= least]
                continue
            start = max(end, self._line_start(node.start_byte, end))
            found = self.siblings(nodes, within._replace(start=start))
            blocks += found
            end = max(end, node.end_byte)
        return blocks

    def _definition(self, node: "Node") -> _Definition | None:
        """The function or class that a node is or holds; None if it is a statement."""
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
        """The one node in a wrapper that may be a definition."""
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
        """The signature: what is before the body, without comments and annotations."""
        parts, place = [], definition.start
        for child in self._words(node, definition):
            if child.type in self.grammar.leading and child.start_byte >= place:
                parts.append(self.data[place : child.start_byte])
                place = child.end_byte
        parts.append(self.data[place : definition.end])
        declarator = definition.node.child_by_field_name("declarator")
        if declarator and declarator.start_byte >= definition.end:  # typedef struct {…} name
            parts.append(self.data[declarator.start_byte : declarator.end_byte])
        words = b" ".join(parts)[: 4 * MAX_TITLE + 4].decode("utf-8", "replace").split()
        return short_title(" ".join(words).rstrip(" :{;(").removesuffix("=>").rstrip())

    def _words(self, node: "Node", definition: _Definition) -> "Iterator[Node]":
        for outer in (node, definition.node):
            for child in outer.children:
                if child.start_byte >= definition.end:
                    break
                if child.type == "modifiers":  # Java has annotations in it
                    yield from child.children
                yield child
            if outer == definition.node:
                break

    def _trimmed(self, node: "Node") -> int:
        """The end of a node, without white space: some have the line break in them."""
        start, end = node.start_byte, node.end_byte
        while end > start and self.data[end - 1] in b" \t\r\n":
            end -= 1
        return end

    def _line_start(self, place: int, least: int) -> int:
        """The start of the line, if only white space lies between, and not before ``least``."""
        start = place
        while start > least and self.data[start - 1] in b" \t":
            start -= 1
        return start if start == least or self.data[start - 1] in b"\r\n" else place

    def _line_end(self, place: int, most: int) -> int:
        """The end of the line, if only white space and separators lie between."""
        first, end = self.blank
        if not first <= place <= end:
            found = _NOT_BLANK_BEHIND.search(self.data, place)
            end = found.start() if found else len(self.data)
            self.blank = place, end
        if end >= most:
            return most
        if self.data.startswith(b"\r\n", end):
            return min(end + 2, most)
        return end + 1 if self.data[end] in b"\r\n" else place

    def _block(self, draft: _Draft) -> Block:
        return Block(
            self._place(draft.start),
            self._place(draft.end),
            draft.kind,
            draft.strength,
            draft.title,
            atomic=True,
            children=draft.children,
        )

    def _place(self, byte: int) -> int:
        """A place in bytes, in characters."""
        if self.sums is None:
            return byte
        step = byte >> 8
        part = self.data[step << 8 : byte]
        return self.sums[step] + len(part.translate(None, _CONTINUATION))


def _sums(data: bytes) -> list[int]:
    """How many characters there are before each multiple of 256 bytes."""
    sums = [0]
    for start in range(0, len(data), 256):
        part = data[start : start + 256]
        sums.append(sums[-1] + len(part.translate(None, _CONTINUATION)))
    return sums
