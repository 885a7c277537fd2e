"""JSON and JSONL: objects, arrays and their values, and a record for each line.

The children of an object or array are its members, each with the comma after it. The title of a
large one is its key or number, so that the titles from the outermost block inwards are its path:
``users``, ``[3]``. Small ones are merged. One scan of the tokens validates the text; it does not
recurse, so nesting may be arbitrarily deep.
"""

import json
import re
from collections.abc import Iterator

from ctxtools._core.types import Strength
from ctxtools.chunking.block import MAX_DEPTH, Block
from ctxtools.chunking.formats import USE_TEXT
from ctxtools.errors import FormatError

# Members are merged up to this many characters, so that a million numbers are not a million blocks;
# an object or array that is not longer counts as a simple value.
_SMALL = 60

# A record of fewer characters is validated, but gets no children.
_SMALL_RECORD = 600

_STRING = r'"[^"\\]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\]*+)*+"'

# One step (RFC 8259): a key, a simple value or a bracket, with what belongs to it: the colon, the
# comma, the line break after the comma. As in json.loads, NaN, Infinity and control characters in
# strings are accepted, since they occur in files.
_STEP = re.compile(
    rf"[ \t\r\n]*+(?:({_STRING})[ \t\r\n]*+:[ \t\r\n]*+)?+"
    rf"(?:({_STRING}|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+"
    r"|true|false|null|NaN|-?Infinity)(?:[ \t\r\n]*+(,)(?:[ \t]*+\r?\n)?+)?+"
    r"|([\[{])|([\]}])(?:[ \t\r\n]*+(,)(?:[ \t]*+\r?\n)?+)?+"
    r"|([^ \t\r\n]|\Z))"
)
_KEY, _VALUE, _VALUE_COMMA, _OPEN, _CLOSE, _CLOSE_COMMA, _FAULT = range(1, 8)

_LINE_BREAK = re.compile(r"[ \t]*+\r?\n")
_BLANK = re.compile(r"[ \t\r\n]*+")
_STRENGTHS = (Strength.PARAGRAPH, Strength.PARAGRAPH, Strength.SENTENCE, Strength.LINE)

_QUOTE = repr('"')
_FOLLOWS = "extra text after the value"

_DECODER = json.JSONDecoder(strict=False)


def parse(text: str, format: str) -> tuple[Block, ...]:
    """The blocks of a JSON text; of a JSONL text, one for each record.

    Raises:
        FormatError: the text or a line is not JSON.
    """
    start = 1 if text.startswith("\ufeff") else 0
    if format == "jsonl":
        return tuple(_records(text, start))
    blank = _BLANK.match(text, start)
    if blank and blank.end() == len(text):
        raise FormatError("not JSON: the text is empty", hint=USE_TEXT)
    return (_Scanner(text, start, len(text)).value("value", 0),)


def _records(text: str, start: int) -> Iterator[Block]:
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        line = text[start:end]
        if not line.isspace():
            small = len(line) < _SMALL_RECORD and _is_json(line)
            if small:
                yield Block(start, end, "record", atomic=True)
            else:
                yield _Scanner(text, start, end).value("record", 1)
        start = end


def _is_json(line: str) -> bool:
    try:
        value_end = _DECODER.raw_decode(line.lstrip(" \t\r\n"))[1]
    except (ValueError, RecursionError):  # the scan will find it again and locate it
        return False
    return not line.lstrip(" \t\r\n")[value_end:].strip(" \t\r\n")


class _Frame:
    """An open object or array.

    Attributes:
        start: its start, including its key.
        is_object: whether it is an object.
        title: its key or number.
        children: its blocks so far.
        members: the number of its complete members.
        strength: of a cut between its members.
        open_start: the start of its last block if small members may still be merged into it, else
            -1.
    """

    __slots__ = ("children", "is_object", "members", "open_start", "start", "strength", "title")

    def __init__(self, start: int, is_object: bool, title: str, strength: Strength) -> None:
        self.start, self.is_object, self.title, self.strength = start, is_object, title, strength
        self.children: list[Block] = []
        self.members, self.open_start = 0, -1


class _Scanner:
    """One scan of the tokens of ``text[start:end]``, which must be one value."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.frames: list[_Frame] = []

    def value(self, kind: str, depth: int) -> Block:
        """The block of the value.

        Args:
            kind: of the block; "value" is replaced by "object" or "array".
            depth: 0 for the strongest cuts between its members.
        """
        self.depth = depth
        frames = self.frames
        frame: _Frame | None = None
        root: Block | None = None
        expected = True  # whether a value must follow
        for step in _STEP.finditer(self.text, self.start, self.end):
            what = step.lastindex
            if root and step.start(_FAULT) == self.end:
                return root
            if root or what == _FAULT:
                raise self._error(step, expected, root)
            start = step.start(_KEY)
            if what in (_CLOSE, _CLOSE_COMMA):
                closes = frame and frame.is_object == (step[_CLOSE] == "}") and start < 0
                if not frame or not closes or (expected and frame.members):
                    raise self._error(step, expected, root)
                self._extend_to_line_end(frame, step.start(_CLOSE))
                frames.pop()
                closed, frame = frame, frames[-1] if frames else None
                expected = what == _CLOSE_COMMA
                if frame:
                    self._add_container(frame, closed, step.end())
                elif expected:
                    raise self._fault(step.start(_CLOSE_COMMA), _FOLLOWS)
                else:
                    name = "object" if closed.is_object else "array"
                    root = self._root(name if kind == "value" else kind, closed)
                continue
            if not expected or (start >= 0) != (frame is not None and frame.is_object):
                raise self._error(step, expected, root)
            if start < 0:
                start = step.start(_OPEN if what == _OPEN else _VALUE)
            if what == _OPEN:
                frame = self._open(frame, step, start)
                frames.append(frame)
            elif frame:
                expected = what == _VALUE_COMMA
                self._add_small(frame, start, step.end())
            elif what == _VALUE:
                root = self._root(kind, None)
            else:
                raise self._fault(step.start(_VALUE_COMMA), _FOLLOWS)
        raise AssertionError("the last step is at the end, and returns or raises")

    def _open(self, parent: _Frame | None, step: re.Match[str], start: int) -> _Frame:
        """The frame of a new object or array."""
        strength = _STRENGTHS[min(self.depth + len(self.frames) + 1, len(_STRENGTHS) - 1)]
        title = ""
        if parent and not parent.is_object:
            title = f"[{parent.members}]"
        elif parent and len(self.frames) < MAX_DEPTH:
            title = _plain(step[_KEY])
        return _Frame(start, step[_OPEN] == "{", title, strength)

    def _add_small(self, frame: _Frame, start: int, end: int) -> None:
        """Create the block of a small member, or merge it into the previous one."""
        frame.members += 1
        if frame.open_start >= 0 and end - frame.open_start <= _SMALL:
            block = frame.children[-1]
            frame.children[-1] = Block(block.start, end, "value", block.strength, atomic=True)
        elif len(self.frames) < MAX_DEPTH:
            strength = frame.strength if frame.children else Strength.NONE  # after the bracket
            frame.open_start = start = self._line_start(frame, start)
            frame.children.append(Block(start, end, "value", strength, atomic=True))

    def _add_container(self, parent: _Frame, frame: _Frame, end: int) -> None:
        """Create the block of an object or array."""
        if end - frame.start <= _SMALL:
            self._add_small(parent, frame.start, end)
            return
        parent.members += 1
        parent.open_start = -1
        if len(self.frames) < MAX_DEPTH:
            strength = parent.strength if parent.children else Strength.NONE
            kind = "object" if frame.is_object else "array"
            start = self._line_start(parent, frame.start)
            children = tuple(frame.children)
            block = Block(start, end, kind, strength, frame.title, atomic=True, children=children)
            parent.children.append(block)

    def _root(self, kind: str, frame: _Frame | None) -> Block:
        children = tuple(frame.children) if frame and self.end - self.start > _SMALL else ()
        return Block(self.start, self.end, kind, atomic=True, children=children)

    def _extend_to_line_end(self, frame: _Frame, bracket: int) -> None:
        """Extend the last member, which no comma follows, by the line break after it."""
        if frame.children:
            block = frame.children[-1]
            found = _LINE_BREAK.match(self.text, block.end, bracket)
            if found:
                frame.children[-1] = block._replace(end=found.end())

    def _line_start(self, frame: _Frame, start: int) -> int:
        """The start of the line, if a member is the first on it."""
        if self.text[start - 1] not in " \t\r":
            return start  # the most frequent case in minified text
        done = frame.children[-1].end if frame.children else frame.start
        line = self.text.rfind("\n", max(done - 1, start - 200, 0), start) + 1
        return line if line and not self.text[line:start].strip(" \t\r") else start

    def _error(self, step: re.Match[str], expected: bool, root: Block | None) -> FormatError:
        """What is wrong with a step, and where.

        Args:
            expected: whether a value had to follow.
            root: the block of the value, if that is complete.
        """
        in_object = bool(self.frames) and self.frames[-1].is_object
        last = step.lastindex or _FAULT
        # If a key was due, it is valid: the fault comes after it.
        first = _VALUE if expected and in_object else _KEY
        offset = next(step.start(n) for n in range(first, last + 1) if step.start(n) >= 0)
        here = repr(self.text[offset : offset + 1])
        if root:
            what = _FOLLOWS
        elif offset == self.end:
            offset = self._end_of_text()
            what = _unclosed(len(self.frames)) if self.frames else "a value is missing"
        elif not expected:
            what = f"expected a comma or closing bracket, not {here}"
        elif here == _QUOTE and offset == step.start(_FAULT):
            what = "a string is not closed, or has an invalid escape"
        elif not in_object:
            what = "expected a value, not " + ("a key" if step[_KEY] else here)
        elif step[_KEY]:
            what = f"expected a value after the key, not {here}"
        elif here == _QUOTE:
            offset = step.end(_VALUE)
            what = "expected a colon after the key"
        else:
            what = f"expected a key in double quotes, not {here}"
        return self._fault(offset, what)

    def _end_of_text(self) -> int:
        """The end of the text without the line breaks there."""
        return self.start + len(self.text[self.start : self.end].rstrip("\r\n"))

    def _fault(self, offset: int, what: str) -> FormatError:
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        return FormatError(
            f"not JSON: line {line:,}, column {column:,}: {what}",
            hint=f"correct it, or {USE_TEXT}",
        )


def _unclosed(brackets: int) -> str:
    return f"{brackets:,} bracket{'s are' if brackets > 1 else ' is'} not closed"


def _plain(key: str) -> str:
    """A key, decoded, on one line, truncated if long."""
    if "\\" in key:
        key = f'"{json.loads(key, strict=False)}"'
    return " ".join(key[1:-1][:200].split())
