"""YAML: documents, and in each the keys and items, nested by their indentation.

A line is read by its indentation and its key alone: what is indented deeper than a key that has a
value on its line belongs to that value, be it a block scalar, a text in quotes or a list in
brackets. So templates of Helm and Ansible, which are no YAML, are read as well.

The block of a key starts with the comments above it. Titles are keys, and of items their names, so
that they are a path: ``spec``, ``containers``, ``main``.
"""

import re

from ctxtools._core.types import Strength
from ctxtools.chunking.block import MAX_DEPTH, Block, Parsed, short_title
from ctxtools.chunking.formats.lines import Lines, indent_of, lines_of, one_line, without_mark
from ctxtools.possessive import compile_pattern

# Neighbours are merged up to this many characters; what is no longer gets neither title nor blocks.
_SMALL = 60

# A text or list in brackets is titled if it is longer: it may be the whole chunk.
_LONG = 400

_LONG_COMMENT = 5  # lines

_STRENGTHS = (Strength.PARAGRAPH, Strength.SENTENCE, Strength.LINE)
_NAMES = ("name", "id", "title", "key", "uses")
"""Keys whose value names an item of a list."""

_DASHES = re.compile(r"-[ \t]++(?=\S)|-\Z")
_QUOTED = compile_pattern(r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^']|'')*+'")
_COLON = re.compile(r":(?=[ \t]|\Z)")
_NO_VALUE = compile_pattern(r"(?:[&!]\S*+(?:[ \t]++|\Z))*+(?:#|\Z)")
_MARKER = re.compile(r"(?:---|\.\.\.)(?:[ \t]++|\Z)")
_TEMPLATE_END = re.compile(r"\{\{-?+[ \t]*+(?:end|else)\b|\{%-?+[ \t]*+(?:end|el)")


def parse(text: str, format: str = "yaml") -> Parsed:
    """The documents; their keys and items are inside."""
    lines = lines_of(text, without_mark(text))
    spans = [*_documents(lines)]
    several = len(spans) > 1
    blocks = []
    for first, last in spans:
        document = _Document(lines, first, last)
        kind = "record" if several else "array" if document.is_sequence else "object"
        title = document.kubernetes_name or (document.first_entry if several else "")
        start, end = lines.starts[first], lines.starts[last]
        children = document.children if end - start > _SMALL else ()
        strength = Strength.SECTION if several else Strength.PARAGRAPH
        blocks.append(
            Block(
                start,
                end,
                kind,
                strength,
                short_title(one_line(title)),
                atomic=True,
                children=children,
            )
        )
    return Parsed(tuple(blocks))


def _documents(lines: Lines) -> list[tuple[int, int]]:
    """The lines of each document, from its ``---`` or the directives before that."""
    starts = [0]
    filled = False  # the last document has more than comments and directives so far
    for number, line in enumerate(lines.texts):
        if line[:3] == "---" and _MARKER.match(line):
            if filled:
                starts.append(number)
            filled = bool(line[3:].strip()) and not line[3:].lstrip().startswith("#")
        elif line[:3] == "..." and _MARKER.match(line):
            if filled and number + 1 < len(lines.texts):
                starts.append(number + 1)
            filled = False
        elif line and line[0] not in "#%" and not filled:
            filled = True
    if not filled and len(starts) > 1:
        starts.pop()  # nothing but comments after the last document
    elif not filled:
        return []
    return [*zip(starts, [*starts[1:], len(lines.texts)], strict=True)]


class _Entry:
    """A key or an item that is being read.

    Attributes:
        start: its offset, that of the comments above it.
        title: its key or name; "" if it has none yet.
        open: whether its value may be on the following lines.
        head: the end of its first line, if there are comments above it; else 0.
        children: the blocks of the keys or items inside.
        is_sequence: whether these are items; None if there are none.
    """

    __slots__ = ("children", "head", "is_sequence", "open", "start", "title")

    def __init__(self, start: int, title: str, open: bool, head: int) -> None:
        self.start, self.title, self.open, self.head = start, title, open, head
        self.children: list[Block] = []
        self.is_sequence: bool | None = None


class _Frame:
    """The keys or items at one indentation.

    Attributes:
        indent: their column.
        is_sequence: whether they are items.
        parent: what they are inside.
        entry: the last one, which is being read.
        members: how many there are so far.
        mergeable: whether the block of the one before may take another small one.
    """

    __slots__ = ("entry", "indent", "is_sequence", "members", "mergeable", "parent")

    def __init__(self, indent: int, is_sequence: bool, parent: _Entry) -> None:
        self.indent, self.is_sequence, self.parent = indent, is_sequence, parent
        self.entry: _Entry | None = None
        self.members = 0
        self.mergeable = False


class _Document:
    """Reads the lines ``first..last`` of one document.

    Attributes:
        children: its keys or items.
        is_sequence: whether it is a list.
        kubernetes_name: "Deployment/web", of a manifest of Kubernetes; else "".
        first_entry: its first key, with its value if that is short.
    """

    def __init__(self, lines: Lines, first: int, last: int) -> None:
        self._lines, self._last = lines, last
        self._root = _Entry(lines.starts[first], "", True, 0)
        self._frames: list[_Frame] = []
        self._comments: list[int] = []  # lines of comments that were not yet assigned
        self._names: dict[str, str] = {}
        self.first_entry = ""
        self._read(first)
        self._pop(0, lines.starts[last])
        self.children = tuple(self._root.children)
        self.is_sequence = self._root.is_sequence is True

    @property
    def kubernetes_name(self) -> str:
        kind, name = self._names.get("kind"), self._names.get("metadata.name")
        return f"{kind}/{name}" if kind and name and "apiVersion" in self._names else ""

    def _read(self, number: int) -> None:
        texts = self._lines.texts
        while number < self._last:
            line = texts[number]
            content = line.lstrip(" \t")
            if not content or line[0] == "%":
                number += 1
            elif content[0] == "#" or (content[0] == "{" and content[1:2] in ("{", "%")):
                # The end of a template's loop belongs to what is before it.
                if _TEMPLATE_END.match(content):
                    self._comments.clear()
                else:
                    self._comments.append(number)
                number += 1
            elif line[0] in "-." and (marker := _MARKER.match(line)):
                value = line[marker.end() :]
                empty = _NO_VALUE.match(value)
                number = number + 1 if empty else self._skip_value(number, 0, value)
            else:
                number = self._add(number, indent_of(line), content)

    def _add(self, number: int, indent: int, content: str) -> int:
        """Read a line with keys or items, and the lines of its value.

        Returns:
            the number of the next line that is not part of the value.
        """
        start = self._lead(number, indent)
        column, outer = indent, -1  # of the content, and of the last dash before it
        position = 0
        while dash := _DASHES.match(content, position):
            if not self._enter(column, True, start):
                return number + 1
            self._begin("", start, dash.end() == len(content), number)
            outer = column
            column += dash.end() - position
            position = dash.end()
        content = content[position:]
        if not content:
            return number + 1
        key, value = _split_key(content)
        if key is None:
            if outer >= 0:
                return self._skip_value(number, outer, content)
            # JSON is YAML; anything else is a value that is not indented as it should be.
            return self._last if content[0] in "[{" and not self._frames else number + 1
        if not self._enter(column, False, start):
            return number + 1
        is_open = bool(_NO_VALUE.match(value))
        self._begin(key, start, is_open, number)
        self._note(key, value if not is_open else "")
        return number + 1 if is_open else self._skip_value(number, column, value)

    def _lead(self, number: int, indent: int) -> int:
        """The offset of the comments above a line that belong to it, and no longer to what is
        indented deeper; that of the line if there are none.

        A long comment with an empty line after it, such as a licence, is of the whole document.
        """
        comments, first = self._comments, number
        texts, starts = self._lines.texts, self._lines.starts
        while comments and indent_of(texts[comments[-1]]) <= indent:
            if comments[-1] + 1 < first and self._last_comment() > _LONG_COMMENT:
                if not self._frames:
                    begin = starts[comments[0]]
                    self._root.children.append(
                        Block(begin, starts[first], "comment", Strength.NONE, atomic=True)
                    )
                break
            first = comments.pop()
        comments.clear()
        return starts[first]

    def _last_comment(self) -> int:
        """How many lines the last comment has, up to an empty line."""
        comments = self._comments
        lines = 1
        while lines < len(comments) and comments[-lines - 1] + 1 == comments[-lines]:
            lines += 1
        return lines

    def _skip_value(self, number: int, indent: int, value: str) -> int:
        """The first line after a value that started on a line: it is indented no deeper."""
        texts, last = self._lines.texts, self._last
        number = self._lines.deeper(number + 1, last, indent)
        # A bracket is often closed below the key that it belongs to.
        is_flow = value[0] in "[{" and number < last
        if is_flow and texts[number].lstrip()[:1] in ("]", "}"):
            number += 1
        return number

    def _enter(self, indent: int, is_sequence: bool, start: int) -> bool:
        """Go to the frame for entries at an indentation.

        Returns:
            False if there is none: the line is indented as nothing should be there.
        """
        frames = self._frames
        while frames and (
            frames[-1].indent > indent
            or (frames[-1].indent == indent and frames[-1].is_sequence > is_sequence)
        ):
            self._pop(len(frames) - 1, start)
        if not frames:
            self._push(indent, is_sequence, self._root)
            return True
        frame = frames[-1]
        if frame.indent == indent and frame.is_sequence == is_sequence:
            return True
        entry = frame.entry
        if entry is None or not entry.open or entry.is_sequence is not None:
            return False
        self._push(indent, is_sequence, entry)
        return True

    def _push(self, indent: int, is_sequence: bool, entry: _Entry) -> None:
        entry.is_sequence = is_sequence
        self._frames.append(_Frame(indent, is_sequence, entry))

    def _begin(self, title: str, start: int, is_open: bool, number: int) -> None:
        """Begin an entry of the current frame, which ends the one before it."""
        frame = self._frames[-1]
        self._finish(frame, start)
        starts = self._lines.starts
        head = starts[number + 1] if start < starts[number] else 0
        # What follows a dash on its line may be a key, with more keys below it.
        frame.entry = _Entry(start, title, is_open or frame.is_sequence, head)
        frame.members += 1

    def _note(self, key: str, value: str) -> None:
        """Remember what may name a document or an item."""
        frames = self._frames
        names_item = len(frames) > 1 and key in _NAMES and frames[-2].is_sequence
        if len(frames) > 2 and not names_item:
            return
        value = one_line(_unquoted(value))[:100]
        if names_item and not frames[-1].parent.title:
            frames[-1].parent.title = value
        if len(frames) == 1:
            if not self.first_entry:
                self.first_entry = f"{key}: {value}" if value else key
            self._names.setdefault(key, value)
        elif len(frames) == 2 and key == "name" and frames[-1].parent.title == "metadata":
            self._names.setdefault("metadata.name", value)

    def _pop(self, depth: int, end: int) -> None:
        """Close the frames from a depth on."""
        while len(self._frames) > depth:
            self._finish(self._frames[-1], end)
            self._frames.pop()

    def _finish(self, frame: _Frame, end: int) -> None:
        """Make the block of the last entry of a frame."""
        entry, frame.entry = frame.entry, None
        depth = len(self._frames)
        if entry is None or entry.start >= end or depth >= MAX_DEPTH - 1:
            return
        siblings = frame.parent.children
        strength = _STRENGTHS[min(depth, len(_STRENGTHS)) - 1] if siblings else Strength.NONE
        if end - entry.start <= _SMALL:
            last = siblings[-1] if frame.mergeable else None
            if last and end - last.start <= _SMALL:
                siblings[-1] = last._replace(end=end)
            else:
                siblings.append(Block(entry.start, end, "value", strength, atomic=True))
            frame.mergeable = True
            return
        frame.mergeable = False
        children = entry.children
        if entry.head and entry.head < end:
            # The lines of a comment stay together, and with the key.
            head = Block(entry.start, entry.head, "comment", Strength.NONE, atomic=True)
            inside = [each for each in children if each.start >= entry.head]
            children = [head, *inside] if len(inside) == len(children) else children
        kind = {None: "value", False: "object", True: "array"}[entry.is_sequence]
        title = entry.title
        if entry.is_sequence is None and end - entry.start <= _LONG:
            title = ""
        if frame.is_sequence and not title and entry.is_sequence is not None:
            title = f"[{frame.members - 1}]"
        siblings.append(
            Block(
                entry.start,
                end,
                kind,
                strength,
                short_title(one_line(title)),
                atomic=True,
                children=tuple(children),
            )
        )


def _split_key(content: str) -> tuple[str | None, str]:
    """The key of a line and what is after its colon; (None, "") if it has no key."""
    if content[0] in "\"'":
        quoted = _QUOTED.match(content)
        colon = re.compile(r"[ \t]*+:(?=[ \t]|\Z)").match(content, quoted.end()) if quoted else None
        if not quoted or not colon:
            return None, ""
        return _unquoted(quoted[0]), content[colon.end() :].strip()
    if content[0] in "[{|>#":
        return None, ""
    found = _COLON.search(content)
    if not found or content.find(" #", 0, found.start()) >= 0:
        return None, ""
    return content[: found.start()].rstrip(), content[found.end() :].strip()


def _unquoted(value: str) -> str:
    """A value without its quotes, or without the comment after it."""
    if value[:1] in ("'", '"'):
        quoted = _QUOTED.match(value)
        return quoted[0][1:-1].replace("''", "'") if quoted else value[1:]
    return value.partition(" #")[0].rstrip()
