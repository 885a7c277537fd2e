"""SQL: statements, each with the comments before it, and the rows of those that insert many.

A semicolon ends a statement, but not in a string, a comment, a dollar quote (PostgreSQL), or
between ``BEGIN`` and ``END`` of a routine; so do the line ``GO`` (SQL Server) and what
``DELIMITER`` sets (MySQL). No dialect is parsed any further.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, Parsed, short_title
from ctxtools.chunking.formats.lines import one_line, without_mark
from ctxtools.chunking.formats.sections import rows_of
from ctxtools.possessive import compile_pattern

_BREAK = r"(?:\r\n|\r|\n)"
_BLOCK_COMMENT = r"/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)"
_COMMENT = rf"--[^\r\n]*+|{_BLOCK_COMMENT}|(?:\A|(?<=[\r\n]))\#[^\r\n]*+"
# A backslash escapes a quote in some dialects: not where the value ends after the quote.
_STRING = r"""'(?:[^'\\]++|\\(?:[^']|'(?!\s*+(?:[,);]|\Z)))|\\(?='))*+'"""
_QUOTED = r'"[^"]*+"|`[^`]*+`'
_WORDS = r"\b(?:begin|case|end)\b(?![.(])"
_TOKEN = compile_pattern(
    rf"(?:{_COMMENT})|({_STRING})|'|{_QUOTED}|(\$(?:[^\W\d]\w*+)?\$)|(;)|({_WORDS})"
    rf"|((?:\A|(?<=[\r\n]))[ \t]*+go[ \t]*+(?={_BREAK}|\Z))",
    re.IGNORECASE,
)
_STRING_TOKEN, _DOLLAR, _SEMICOLON, _WORD, _GO = range(1, 6)

_LEAD = compile_pattern(rf"(?:\s++|{_COMMENT})*+")
_REST = compile_pattern(rf"[ \t]*+(?:--[^\r\n]*+|{_BLOCK_COMMENT})?+[ \t]*+(?:{_BREAK}|\Z)")
_LINE = re.compile(rf"[^\r\n]*+(?:{_BREAK}|\Z)")
_COMMENTS = compile_pattern(_COMMENT)
_EMPTY_LINE = re.compile(rf"{_BREAK}[ \t]*+{_BREAK}")
_LONG = 300  # characters of comments before a statement
_SPACE = re.compile(r"\s*+")

_OBJECTS = (
    "table|view|index|function|procedure|trigger|sequence|type|schema|database|event|package|domain"
    "|extension|role|user|policy|rule|aggregate|operator|synonym|keyspace|server"
)
_DEFINES = compile_pattern(
    rf"(create|alter)\s++(?:\S{{1,60}}+\s++){{0,6}}?({_OBJECTS})(?:\s++body)?\s++"
    r"(?:concurrently\s++)?(?:if\s++(?:not\s++)?exists\s++)?"
    r"((?:\"[^\"\r\n]{1,100}\"|`[^`\r\n]{1,100}`|\[[^\]\r\n]{1,100}\]|[\w$.#@-]){1,100}+)",
    re.IGNORECASE,
)
_ROUTINE = re.compile(
    r"(?:create|alter)\s++(?:\S{1,60}+\s++){0,6}?(?:function|procedure|trigger|event|package)\b"
    r"|begin\b(?!\s*+(?:;|\Z|tran|work\b|isolation|read|deferred|immediate|exclusive|concurrent))"
    r"|declare\b|do\b",
    re.IGNORECASE,
)
_NOT_AN_END = re.compile(r"\s++(?:if|loop|while|repeat|for)\b", re.IGNORECASE)
_DELIMITER = re.compile(rf"delimiter[ \t]++(\S++)[ \t]*+(?:{_BREAK}|\Z)", re.IGNORECASE)
_COPY = re.compile(r"copy\s[^;]{0,5000}\sfrom\s++stdin\b[^;]{0,5000};", re.IGNORECASE)
_INSERT = re.compile(r"(?:insert|replace)\b[^;']{0,20000}?\b(values)\s*+(?=\()", re.IGNORECASE)
_INNER = rf"(?:[^()'\"`]++|{_STRING}|{_QUOTED})"
_ROW = compile_pattern(
    rf"\((?:{_INNER}|\((?:{_INNER}|\((?:{_INNER})*+\))*+\))*+\)(\s*+,)?+"
    rf"(?:[ \t]*+(?:--[^\r\n]*+)?+{_BREAK})?+"
)


def parse(text: str, format: str = "sql") -> Parsed:
    """The statements."""
    return Parsed(tuple(_Scanner(text).blocks()))


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._delimiter = ";"
        self._quotes = True  # whether ' starts a string: it does not where one is not closed
        self._unclosed: set[str] = set()  # dollar quotes of which there is no more end
        self._copies = True  # whether there may be data that ends with \.

    def blocks(self) -> Iterator[Block]:
        text, position = self._text, without_mark(self._text)
        waiting = -1  # where a line starts that sets the delimiter for what is next
        while position < len(text):
            lead, space = _LEAD.match(text, position), _SPACE.match(text, position)
            first = lead.end() if lead else position
            start = self._line_start(space.end() if space else position, position)
            close = start == position
            start = start if waiting < 0 else waiting
            if first == len(text):
                if start < first and (start == waiting or not text[start:].isspace()):
                    yield Block(start, first, "comment", atomic=True)
                return
            if delimiter := _DELIMITER.match(text, first):
                self._delimiter, position = delimiter[1], delimiter.end()
                if self._delimiter == ";":
                    yield Block(start, position, "statement", Strength.NONE, atomic=True)
                waiting = -1 if self._delimiter == ";" else start
                continue
            if waiting < 0 and (own := self._own_comments(start, first)) > start:
                yield Block(start, own, "comment", atomic=True)
                start, close = own, False
            rows, row_end = self._rows(first)
            end = row_end if rows and text[first] in "cC" else self._end(first, row_end)
            yield self._statement(start, first, end, rows, close=close)
            position, waiting = end, -1

    def _own_comments(self, start: int, first: int) -> int:
        """Where the comments end that are no statement's, such as a licence: of long ones, those
        with an empty line after them, but for a short one that is the last."""
        if first - start <= _LONG:
            return start
        begin = end = own = start  # of the comments without an empty line between them
        for found in _COMMENTS.finditer(self._text, start, first):
            if found.start() > end and _EMPTY_LINE.search(self._text, end, found.start()):
                own = begin = self._line_start(found.start(), end)
            end = found.end()
        if end - begin > _LONG and _EMPTY_LINE.search(self._text, end, first):
            own = self._line_start(first, end)
        return own

    def _line_start(self, offset: int, after: int) -> int:
        """The start of a line that nothing else is on before an offset; not before ``after``."""
        start = offset
        while start > after and self._text[start - 1] in " \t":
            start -= 1
        return start if not start or self._text[start - 1] in "\r\n" else offset

    def _end(self, first: int, position: int) -> int:
        """The end of the statement that starts at an offset, and of its line if nothing follows.

        Args:
            first: where it starts.
            position: what is before it was read.
        """
        text = self._text
        if self._delimiter != ";":
            end = rf"{re.escape(self._delimiter)}[ \t]*+(?:{_BREAK}|\Z)"
            if found := re.compile(end).search(text, first):
                return found.end()
            self._delimiter = ";"
        routine = bool(_ROUTINE.match(text, first))
        depth = 0
        while found := _TOKEN.search(text, position):
            position = found.end()
            what = found.lastindex
            if what == _SEMICOLON:
                if depth <= 0:
                    break
            elif what == _GO:
                depth = 0
                break
            elif what == _DOLLAR:
                position = self._after_dollar_quote(found[0], position)
            elif what == _WORD and routine:
                word = found[0].lower()
                if word != "end":
                    depth += 1
                elif not _NOT_AN_END.match(text, position):
                    depth -= 1
            elif found[0] == "'" or (what == _STRING_TOKEN and not self._quotes):
                self._quotes = False  # it is not closed: from here on, lines are all there is
                position = found.start() + 1
        else:
            return len(text)
        rest = _REST.match(text, position)
        return rest.end() if rest else position

    def _after_dollar_quote(self, quote: str, position: int) -> int:
        stop = -1 if quote in self._unclosed else self._text.find(quote, position)
        if stop < 0:
            self._unclosed.add(quote)
            return position
        return stop + len(quote)

    def _rows(self, first: int) -> tuple[list[int], int]:
        """The rows of an INSERT, or of a COPY with its data.

        Returns:
            (where each row starts, and the last one ends; where to read on in the statement).
        """
        text, starts = self._text, []
        if text[first] in "cC" and self._copies and (copy := _COPY.match(text, first)):
            position = self._line_end(copy.end())
            end = text.find("\n\\.", position - 1)
            if end < 0:
                self._copies = False
                return [], first
            while position <= end:
                starts.append(position)
                position = self._line_end(position)
            return [*starts, position], self._line_end(position)
        insert = _INSERT.match(text, first) if text[first] in "iIrR" and self._quotes else None
        if not insert:
            return [], first
        position = self._line_start(insert.end(), insert.end(1))
        while (at := _LEAD.match(text, position)) and (row := _ROW.match(text, at.end())):
            starts.append(position)
            position = row.end()
            if not row[1]:
                break
        return [*starts, position], position

    def _line_end(self, offset: int) -> int:
        found = _LINE.match(self._text, offset)
        return found.end() if found else offset

    def _statement(
        self, start: int, first: int, end: int, rows: list[int], *, close: bool
    ) -> Block:
        """The block of a statement.

        Args:
            start: where it starts, comments included.
            first: where it starts.
            end: where it ends.
            rows: where its rows start, and the last one ends; empty if it has none.
            close: it directly follows another one.
        """
        text = self._text
        defines = _DEFINES.match(text, first)
        title = f"{defines[1]} {defines[2]} {defines[3]}" if defines else ""
        strength = Strength.SENTENCE if close and not defines else Strength.PARAGRAPH
        kind = "function" if defines and _ROUTINE.match(text, first) else "statement"
        repeat, from_ = "", 0
        children: tuple[Block, ...] = ()
        if len(rows) > 2:
            from_ = rows[0]
            repeat = text[first:from_]
            children = rows_of([*pairwise([*rows[:-1], end])])
        return Block(
            start, end, kind, strength, short_title(one_line(title)), True, repeat, children, from_
        )
