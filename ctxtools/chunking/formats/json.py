"""JSON and JSONL: objects, arrays and the values in them, and a record for each line.

The members of an object or array lie in it, each with the comma behind it. A large one is titled by
its key or number, so that titles from the outermost on are the way to it: ``users``, ``[3]``. Small
ones are put together. The text is checked by one scan of its tokens, which needs no recursion
however deep it is nested.
"""

import json
import re
from collections.abc import Iterator

from ctxtools._core.types import Strength
from ctxtools.chunking.block import MAX_DEPTH, Block
from ctxtools.errors import FormatError

# Members are put together up to this many characters, so that a million numbers are not a million
# blocks; an object or array that is no longer is a value like any other.
_SMALL = 60

# Characters below which a record is checked, but has no blocks inside.
_SMALL_RECORD = 600

_STRING = r'"[^"\\]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\]*+)*+"'

# One step (RFC 8259): a key, a value without members, a bracket, and what belongs to it: the colon,
# the comma, the line break behind the comma. What json.loads reads besides is read too, since files
# have it: NaN and Infinity, and control characters in strings.
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
_FOLLOWS = "something follows the value"

_DECODER = json.JSONDecoder(strict=False)


def parse(text: str, format: str) -> tuple[Block, ...]:
    """The blocks of a JSON text, or of a JSONL text: one for each record.

    Raises:
        FormatError: the text is not JSON, or a line of it is not.
    """
    start = 1 if text.startswith("\ufeff") else 0
    if format == "jsonl":
        return tuple(_records(text, start))
    blank = _BLANK.match(text, start)
    if blank and blank.end() == len(text):
        raise FormatError("not JSON: the text is empty", hint="read it with the format text")
    return (_Scan(text, start, len(text)).value("value", 0),)


def _records(text: str, start: int) -> Iterator[Block]:
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        line = text[start:end]
        if not line.isspace():
            small = len(line) < _SMALL_RECORD and _is_json(line)
            if small:
                yield Block(start, end, "record", atomic=True)
            else:
                yield _Scan(text, start, end).value("record", 1)
        start = end


def _is_json(line: str) -> bool:
    try:
        value_end = _DECODER.raw_decode(line.lstrip(" \t\r\n"))[1]
    except (ValueError, RecursionError):  # which the scan will find again, and say where
        return False
    return not line.lstrip(" \t\r\n")[value_end:].strip(" \t\r\n")


class _Frame:
    """An object or array that is open.

    Attributes:
        start: where it starts, its key included.
        is_object: whether it is an object.
        title: its key or number.
        children: its blocks so far.
        members: how many members have ended.
        strength: how good a cut between its members is.
        loose: where its last block starts, if small members may still be added to it, else -1.
    """

    __slots__ = ("children", "is_object", "loose", "members", "start", "strength", "title")

    def __init__(self, start: int, is_object: bool, title: str, strength: Strength) -> None:
        self.start, self.is_object, self.title, self.strength = start, is_object, title, strength
        self.children: list[Block] = []
        self.members, self.loose = 0, -1


class _Scan:
    """One scan over the tokens of a value that fills ``text[start:end]``."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.frames: list[_Frame] = []

    def value(self, kind: str, depth: int) -> Block:
        """The block of the value.

        Args:
            kind: what the block is called, unless it is an object or array of a JSON text.
            depth: how strong cuts between its members are, 0 the strongest.
        """
        self.depth = depth
        frames = self.frames
        frame: _Frame | None = None
        root: Block | None = None
        wanted = True  # whether a value has to come
        for step in _STEP.finditer(self.text, self.start, self.end):
            what = step.lastindex
            if root and step.start(_FAULT) == self.end:
                return root
            if root or what == _FAULT:
                raise self._error(step, wanted, root)
            start = step.start(_KEY)
            if what in (_CLOSE, _CLOSE_COMMA):
                closes = frame and frame.is_object == (step[_CLOSE] == "}") and start < 0
                if not frame or not closes or (wanted and frame.members):
                    raise self._error(step, wanted, root)
                self._close_line(frame, step.start(_CLOSE))
                frames.pop()
                closed, frame = frame, frames[-1] if frames else None
                wanted = what == _CLOSE_COMMA
                if frame:
                    self._end_container(frame, closed, step.end())
                elif wanted:
                    raise self._fault(step.start(_CLOSE_COMMA), _FOLLOWS)
                else:
                    name = "object" if closed.is_object else "array"
                    root = self._root(name if kind == "value" else kind, closed)
                continue
            if not wanted or (start >= 0) != (frame is not None and frame.is_object):
                raise self._error(step, wanted, root)
            if start < 0:
                start = step.start(_OPEN if what == _OPEN else _VALUE)
            if what == _OPEN:
                frame = self._open(frame, step, start)
                frames.append(frame)
            elif frame:
                wanted = what == _VALUE_COMMA
                self._end_small(frame, start, step.end())
            elif what == _VALUE:
                root = self._root(kind, None)
            else:
                raise self._fault(step.start(_VALUE_COMMA), _FOLLOWS)
        raise AssertionError("the last step is at the end, and returns or raises")

    def _open(self, parent: _Frame | None, step: re.Match[str], start: int) -> _Frame:
        """The frame of an object or array that begins."""
        strength = _STRENGTHS[min(self.depth + len(self.frames) + 1, len(_STRENGTHS) - 1)]
        title = ""
        if parent and not parent.is_object:
            title = f"[{parent.members}]"
        elif parent and len(self.frames) < MAX_DEPTH:
            title = _plain(step[_KEY])
        return _Frame(start, step[_OPEN] == "{", title, strength)

    def _end_small(self, frame: _Frame, start: int, end: int) -> None:
        """Makes a block of a member that has ended, or adds it to the one before."""
        frame.members += 1
        if frame.loose >= 0 and end - frame.loose <= _SMALL:
            block = frame.children[-1]
            frame.children[-1] = Block(block.start, end, "value", block.strength, atomic=True)
        elif len(self.frames) < MAX_DEPTH:
            strength = frame.strength if frame.children else Strength.NONE  # behind the bracket
            frame.loose = start = self._line_start(frame, start)
            frame.children.append(Block(start, end, "value", strength, atomic=True))

    def _end_container(self, parent: _Frame, frame: _Frame, end: int) -> None:
        """Makes a block of an object or array that has ended."""
        if end - frame.start <= _SMALL:
            self._end_small(parent, frame.start, end)
            return
        parent.members += 1
        parent.loose = -1
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

    def _close_line(self, frame: _Frame, place: int) -> None:
        """Gives the last member, behind which no comma is, the line break that is its own."""
        if frame.children:
            block = frame.children[-1]
            found = _LINE_BREAK.match(self.text, block.end, place)
            if found:
                frame.children[-1] = block._replace(end=found.end())

    def _line_start(self, frame: _Frame, start: int) -> int:
        """The start of the line that a member is the first on."""
        if self.text[start - 1] not in " \t\r":
            return start  # most often, where the text is minified
        done = frame.children[-1].end if frame.children else frame.start
        line = self.text.rfind("\n", max(done - 1, start - 200, 0), start) + 1
        return line if line and not self.text[line:start].strip(" \t\r") else start

    def _error(self, step: re.Match[str], wanted: bool, root: Block | None) -> FormatError:
        """What is wrong with a step, and where.

        Args:
            wanted: whether a value had to come.
            root: the block of the value, if that has ended.
        """
        in_object = bool(self.frames) and self.frames[-1].is_object
        last = step.lastindex or _FAULT
        # A key that had to come is right: what is wrong is behind it.
        first = _VALUE if wanted and in_object else _KEY
        place = next(step.start(n) for n in range(first, last + 1) if step.start(n) >= 0)
        here = repr(self.text[place : place + 1])
        if root:
            what = _FOLLOWS
        elif place == self.end:
            place = self._end_of_text()
            what = _unclosed(len(self.frames)) if self.frames else "a value is missing"
        elif not wanted:
            what = f"a comma or closing bracket is expected, not {here}"
        elif here == _QUOTE and place == step.start(_FAULT):
            what = "a string is not closed, or has a backslash that JSON does not know"
        elif not in_object:
            what = "a value is expected, not " + ("a key" if step[_KEY] else here)
        elif step[_KEY]:
            what = f"a value is expected behind the key, not {here}"
        elif here == _QUOTE:
            place = step.end(_VALUE)
            what = "a colon is expected behind the key"
        else:
            what = f"a key in double quotes is expected, not {here}"
        return self._fault(place, what)

    def _end_of_text(self) -> int:
        """Where the text ends, the line breaks at its end left out."""
        place = self.end
        while place > self.start and self.text[place - 1] in "\r\n":
            place -= 1
        return place

    def _fault(self, place: int, what: str) -> FormatError:
        line = self.text.count("\n", 0, place) + 1
        column = place - self.text.rfind("\n", 0, place)
        return FormatError(
            f"not JSON: line {line:,}, column {column:,}: {what}",
            hint="mend it there, or read it with the format text",
        )


def _unclosed(brackets: int) -> str:
    return f"it ends with {brackets:,} bracket{'s' if brackets > 1 else ''} not closed"


def _plain(key: str) -> str:
    """A key as it is meant, on one line, or the start of a long one."""
    if "\\" in key:
        key = f'"{json.loads(key, strict=False)}"'
    return " ".join(key[1:-1][:200].split())
