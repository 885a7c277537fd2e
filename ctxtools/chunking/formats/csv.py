"""CSV and TSV: one table with a row for each record, the first one being its header (RFC 4180)."""

import re
from collections.abc import Iterator
from functools import cache

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block
from ctxtools.chunking.formats import USE_TEXT
from ctxtools.errors import FormatError

_DELIMITERS = ",;\t|"


def parse(text: str, format: str) -> tuple[Block, ...]:
    """The table. A line break inside quotes does not end a row.

    Raises:
        FormatError: a quote is not closed.
    """
    start = 1 if text.startswith("\ufeff") else 0
    rows = record_ends(text, start, delimiter(text, format))
    header = next(rows, None)
    if header is None:
        return ()
    row, sentence = Strength.NONE, Strength.SENTENCE
    children = []
    begin = header
    for end in rows:
        if not text[begin:end].isspace():
            children.append(Block(begin, end, "row", row, atomic=True))
            row = sentence
        begin = end
    repeat = text[start:header]
    if not repeat.endswith(("\n", "\r")):
        repeat = ""  # the header is all there is
    return (Block(start, len(text), "table", repeat=repeat, atomic=True, children=tuple(children)),)


def delimiter(text: str, format: str) -> str:
    """The field separator: the most frequent candidate in the first line."""
    if format == "tsv":
        return "\t"
    line = text[: text.find("\n") + 1 or len(text)][:10_000]
    return max(_DELIMITERS, key=line.count)


def record_ends(text: str, start: int, delimiter: str) -> Iterator[int]:
    """The offset of the end of each record, after its line break.

    Raises:
        FormatError: a quote is not closed.
    """
    if text.find('"', start) < 0 and text.find("\r", start) < 0:  # true of most files
        while start < len(text):
            start = text.find("\n", start) + 1 or len(text)
            yield start
        return
    record = _record(delimiter)
    while start < len(text):
        found = record.match(text, start)
        if not found:
            line = text.count("\n", 0, start) + 1
            raise FormatError(
                f"not CSV: line {line:,}: a quote is not closed", hint=f"correct it, or {USE_TEXT}"
            )
        start = found.end()
        yield start


@cache
def _record(delimiter: str) -> re.Pattern[str]:
    # A quote inside a field that does not start with one is an ordinary character; so is anything
    # between a closing quote and the delimiter.
    other = f"[^{re.escape(delimiter)}\r\n]*+"
    field = rf'(?:"[^"]*+(?:""[^"]*+)*+"{other}|(?!"){other})'
    return re.compile(rf"{field}(?:{re.escape(delimiter)}{field})*+(?:\r\n|\r|\n|\Z)")
