"""The blocks of JSON: one scan of its tokens, which validates it.

It does not recurse, so nesting may be arbitrarily deep.
"""

import json
import re

from ctxtools._core.fallback.blocks import Blocks
from ctxtools._core.json_types import (
    ARRAY,
    BAD_STRING,
    FOLLOWS,
    KEY_IN_ARRAY,
    KINDS,
    MISSING,
    NO_COLON,
    NO_COMMA,
    NO_KEY,
    NO_VALUE,
    NO_VALUE_OF_KEY,
    OBJECT,
    PARAGRAPH,
    RECORD,
    UNCLOSED,
    VALUE,
)
from ctxtools._core.types import Strength
from ctxtools.possessive import compile_pattern

# Members are merged up to this many characters, so that a million numbers are not a million blocks;
# an object or array that is not longer counts as a simple value.
_SMALL = 60

_SMALL_RECORD = 600  # A record of fewer characters gets no children.
_LONG_STRING = 300  # Nor does a string of fewer.

_MAX_WORD = 40  # characters of the first word of a string, which is kept with its key

_STRING = r'"[^"\\]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\]*+)*+"'
_COMMENT = r"/(?:/[^\n]*+|\*(?:[^*]++|\*(?!/))*+\*/)"
_BLANK = rf"(?:[ \t\r\n]++|{_COMMENT})*+"
# The rest of a line, if nothing but comments is on it.
_REST = r"(?:[ \t]++|/\*(?:[^*\n]++|\*(?!/))*+\*/)*+(?://[^\n]*+)?+(?:\r?\n)?+"

# One step (RFC 8259): a key, a simple value or a bracket, with what belongs to it: the colon, the
# comma, the rest of the line after it. As in json.loads, NaN, Infinity and control characters in
# strings are accepted, since they occur in files.
_STEP = compile_pattern(
    rf"{_BLANK}(?:({_STRING}){_BLANK}:{_BLANK})?+"
    rf"(?:({_STRING}|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+"
    rf"|true|false|null|NaN|-?Infinity)(?:{_BLANK}(,){_REST})?+"
    rf"|([\[{{]){_REST}|([\]}}])(?:{_BLANK}(,){_REST})?+"
    r"|([^ \t\r\n]|\Z))"
)
_KEY, _VALUE, _VALUE_COMMA, _OPEN, _CLOSE, _CLOSE_COMMA, _FAULT = range(1, 8)

# A line of a string, with the line breaks after it.
_LINE = compile_pattern(r"(?:[^\\]++|\\[^nr])*+(\\[nr](?:(?:[ ]|\\t)*+\\[nr])*+)")
_FIRST_WORD = re.compile(rf'"(?:[^\s\\"]{{0,{_MAX_WORD}}}+)')
_SENTENCE_ENDS = tuple(".!?…。！？")
_CLOSING_MARKS = "\"'”’»)]}*_\\"

# Of a cut between the members of an object or array, by how many are around it.
_STRENGTHS = (
    *(Strength.PARAGRAPH, Strength.PARAGRAPH),
    *(Strength.SENTENCE_LINE, Strength.SENTENCE),
)


_MAX_KEY = 200  # characters of a title


def json_blocks(text: str, records: bool, depth: int) -> Blocks:
    """The blocks of a JSON text or, if it has records, of the value on each line.

    Blocks nested in ``depth`` others or more are left out. The title of a block is its key or
    number, and spans in which a long string starts are inline.

    Raises:
        ValueError: the text is not JSON; with the offset of the fault, its number in
            ``json_types``, and how many brackets are open.
    """
    scanner = _Scanner(text, depth)
    start = 1 if text.startswith("\ufeff") else 0
    if records:
        while start < len(text):
            end = text.find("\n", start) + 1 or len(text)
            if not text[start:end].isspace():
                scanner.scan(RECORD, start, end)
            start = end
    else:
        scanner.scan(VALUE, start, len(text))
    columns = [*zip(*(row[:5] for row in scanner.rows), strict=True)] or [()] * 5
    titles = "\n".join(_decoded(row[5]) for row in scanner.rows)
    return Blocks.from_post_order(columns, titles, KINDS, scanner.inline)


def _decoded(title: str) -> str:
    """A number as it is, a key decoded, on one line, truncated if long."""
    if not title.startswith('"'):
        return title
    if "\\" in title:
        title = f'"{json.loads(title, strict=False)}"'
    return " ".join(title[1:-1][:_MAX_KEY].split())


class _Frame:
    """An object or array.

    Attributes:
        start: its start, including its key.
        is_object: whether it is an object.
        title: its key or number.
        strength: of a cut between its members.
        first, first_inline: the number of rows before it, and that of inline spans.
        children: the number of its blocks so far.
        members: the number of its complete members.
        open_start: the start of its last block if small members may still be merged into it, else
            -1.
        has_blocks: whether its members are not too deep to be blocks.
    """

    __slots__ = (
        *("children", "first", "first_inline", "has_blocks", "is_object"),
        *("members", "open_start", "start", "strength", "title"),
    )

    def __init__(
        self,
        start: int,
        is_object: bool,
        title: str,
        strength: Strength,
        first: tuple[int, int],
        has_blocks: bool,
    ) -> None:
        self.start, self.is_object, self.title, self.strength = start, is_object, title, strength
        (self.first, self.first_inline), self.has_blocks = first, has_blocks
        self.children = self.members = 0
        self.open_start = -1


_Row = tuple[int, int, int, Strength, int, str]


class _Scanner:
    """Scans the tokens of values.

    Attributes:
        rows: the blocks, each after those inside it: start, end, kind, strength, number of
            children, title.
        inline: the starts and the ends of what is not to be cut.
    """

    def __init__(self, text: str, depth: int) -> None:
        self.text, self.depth = text, depth
        self.rows: list[_Row] = []
        self.inline: tuple[list[int], list[int]] = [], []

    def scan(self, kind: int, start: int, end: int) -> None:
        """Add the block of ``text[start:end]``, which must be one value."""
        self.start, self.end, self.kind = start, end, kind
        self.frames: list[_Frame] = []
        first, first_inline = len(self.rows), len(self.inline[0])
        self._scan(first)
        if kind == RECORD and end - start < _SMALL_RECORD:
            self.rows[first:] = [(start, end, RECORD, Strength.SECTION, 0, "")]
            for each in self.inline:
                del each[first_inline:]

    def _scan(self, first: int) -> None:
        frames = self.frames
        frame: _Frame | None = None
        is_complete = False
        expected = True  # whether a value must follow
        for step in _STEP.finditer(self.text, self.start, self.end):
            what = step.lastindex
            if is_complete and step.start(_FAULT) == self.end:
                return
            if is_complete or what == _FAULT:
                raise self._error(step, expected, is_complete)
            has_key = step.start(_KEY) >= 0
            if what in (_CLOSE, _CLOSE_COMMA):
                if not frame or has_key or frame.is_object != (step[_CLOSE] == "}"):
                    raise self._error(step, expected, is_complete)
                expected = what == _CLOSE_COMMA
                self._extend_last(frame, step.start(_CLOSE))
                frames.pop()
                if frames:
                    closed, frame = frame, frames[-1]
                    self._add_container(frame, closed, step.end())
                elif expected:
                    raise ValueError(step.start(_CLOSE_COMMA), FOLLOWS, 0)
                else:
                    is_complete = True
                    self._close_root(frame)
                continue
            if not expected or has_key != (frame is not None and frame.is_object):
                raise self._error(step, expected, is_complete)
            if what == _OPEN:
                frame = self._open(frame, step)
                frames.append(frame)
            elif frame:
                expected = what == _VALUE_COMMA
                self._add_value(frame, step)
            elif what == _VALUE:
                is_complete = True
                self._add_root(self.kind, self._lines(*step.span(_VALUE), self.end))
            else:
                raise ValueError(step.start(_VALUE_COMMA), FOLLOWS, 0)
        raise AssertionError("the last step is at the end, and returns or raises")

    def _open(self, parent: _Frame | None, step: re.Match[str]) -> _Frame:
        """The frame of a new object or array."""
        depth = len(self.frames)
        strength = _STRENGTHS[min(depth, len(_STRENGTHS) - 1)]
        title = _title(parent, step) if parent and depth < self.depth else ""
        has_blocks = depth + 1 < self.depth
        first = len(self.rows), len(self.inline[0])
        return _Frame(step.start(), step[_OPEN] == "{", title, strength, first, has_blocks)

    def _add(self, frame: _Frame, row: tuple[int, int, int, int, str]) -> None:
        """Add a block of a frame: start, end, kind, number of children and title."""
        strength = frame.strength if frame.children else Strength.NONE  # after the bracket
        frame.children += 1
        self.rows.append((*row[:3], strength, *row[3:]))

    def _add_value(self, frame: _Frame, step: re.Match[str]) -> None:
        """Create the block of a simple member, or merge it into the previous one."""
        start, end = step.span()
        first, last = step.span(_VALUE)
        if last - first < _LONG_STRING or not frame.has_blocks:
            self._add_small(frame, start, end)
            return
        lines = self._lines(first, last, end)
        self._add(frame, (start, end, VALUE, lines, _title(frame, step)))
        frame.members += 1
        frame.open_start = -1
        key = step.start(_KEY)
        if key >= 0 and (word := _FIRST_WORD.match(self.text, first, last)):
            self.inline[0].append(key)
            self.inline[1].append(word.end())

    def _add_small(self, frame: _Frame, start: int, end: int) -> None:
        frame.members += 1
        if frame.open_start >= 0 and end - frame.open_start <= _SMALL:
            first, _, _, strength, _, _ = self.rows[-1]
            self.rows[-1] = first, end, VALUE, strength, 0, ""
        elif frame.has_blocks:
            frame.open_start = start
            self._add(frame, (start, end, VALUE, 0, ""))

    def _extend_last(self, frame: _Frame, bracket: int) -> None:
        """Extend the last member, which no comma follows, by the rest of its line and comments."""
        if not frame.children:
            return
        last = len(self.rows) - 1
        end = self.text.rfind("\n", self.rows[last][1], bracket) + 1
        if end:
            is_string = self.rows[last][2] == VALUE and self.rows[last][4]
            for number in (last, last - 1) if is_string else (last,):
                start, _, kind, strength, children, title = self.rows[number]
                self.rows[number] = start, end, kind, strength, children, title

    def _add_container(self, parent: _Frame, frame: _Frame, end: int) -> None:
        """Create the block of an object or array; a small one is inline, since no block tells of
        its brackets."""
        if end - frame.start <= _SMALL:
            del self.rows[frame.first :]
            self._add_small(parent, frame.start, end)
            for spans, offset in zip(self.inline, (frame.start, end), strict=True):
                spans[frame.first_inline :] = [offset]
            return
        parent.members += 1
        parent.open_start = -1
        if parent.has_blocks:
            kind = OBJECT if frame.is_object else ARRAY
            self._add(parent, (frame.start, end, kind, frame.children, frame.title))

    def _close_root(self, frame: _Frame) -> None:
        if self.end - self.start <= _SMALL:
            del self.rows[frame.first :]
            frame.children = 0
        kind = OBJECT if frame.is_object else ARRAY
        self._add_root(RECORD if self.kind == RECORD else kind, frame.children)

    def _add_root(self, kind: int, children: int) -> None:
        strength = Strength.SECTION if kind == RECORD else Strength.PARAGRAPH
        self.rows.append((self.start, self.end, kind, strength, children, ""))

    def _lines(self, first: int, last: int, end: int) -> int:
        """Add the lines of a long string, each with the breaks after it, but for the first one.

        Args:
            first, last: the string, with its quotes.
            end: of the last line.

        Returns:
            How many.
        """
        if last - first < _LONG_STRING:
            return 0
        text, start, last = self.text, first, last - 1
        cuts: list[tuple[int, Strength]] = []
        while found := _LINE.match(text, start, last):
            start, breaks = found.end(), found[1]
            if max(breaks.count("n"), breaks.count("r")) > 1:
                strength = Strength.PARAGRAPH
            elif start - (cuts[-1][0] if cuts else first) < _SMALL:
                continue
            else:
                offset = found.start(1)
                before = text[max(first, offset - 4) : offset].rstrip(_CLOSING_MARKS)
                is_sentence = before.endswith(_SENTENCE_ENDS)
                strength = Strength.SENTENCE_LINE if is_sentence else Strength.LINE
            cuts.append((start, strength))
        if cuts and not text[cuts[-1][0] : last].strip():
            cuts.pop()
        ends = [*(offset for offset, _ in cuts[1:]), end]
        for (offset, strength), until in zip(cuts, ends, strict=False):
            self.rows.append((offset, until, PARAGRAPH, strength, 0, ""))
        return len(cuts)

    def _error(self, step: re.Match[str], expected: bool, is_complete: bool) -> ValueError:
        """What is wrong with a step, and where.

        Args:
            expected: whether a value had to follow.
            is_complete: whether nothing may follow but white space.
        """
        in_object = bool(self.frames) and self.frames[-1].is_object
        last = step.lastindex or _FAULT
        # If a key was due, it is valid: the fault comes after it.
        first = _VALUE if expected and in_object else _KEY
        offset = next(step.start(n) for n in range(first, last + 1) if step.start(n) >= 0)
        is_string = self.text.startswith('"', offset)
        if is_complete:
            what = FOLLOWS
        elif offset == self.end:
            offset = self._end_of_text()
            what = UNCLOSED if self.frames else MISSING
        elif not expected:
            what = NO_COMMA
        elif is_string and offset == step.start(_FAULT):
            what = BAD_STRING
        elif not in_object:
            what = KEY_IN_ARRAY if step[_KEY] else NO_VALUE
        elif step[_KEY]:
            what = NO_VALUE_OF_KEY
        elif is_string:
            offset = step.end(_VALUE)
            what = NO_COLON
        else:
            what = NO_KEY
        return ValueError(offset, what, len(self.frames))

    def _end_of_text(self) -> int:
        """The end of the text without the line breaks there."""
        return self.start + len(self.text[self.start : self.end].rstrip("\r\n"))


def _title(frame: _Frame, step: re.Match[str]) -> str:
    """The title of a member: its key or number."""
    return step[_KEY] if frame.is_object else f"[{frame.members}]"
