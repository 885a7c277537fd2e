"""CSV and TSV: one table with a row for each record (RFC 4180).

Its header is the first record with as many filled fields as the others, if that does not look like
them. What is before it, the title of a report say, is metadata; so is the line ``sep=;`` of Excel.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice, pairwise

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, Parsed, short_title
from ctxtools.chunking.formats.lines import one_line, without_mark
from ctxtools.possessive import compile_pattern

_DELIMITERS = ",;\t|"
_SAMPLE = 50  # records that the header is compared with
_SAMPLE_LENGTH = 20_000  # characters in which the delimiter is searched for
_MAX_PREAMBLE = 30  # records before the header
_FILLED = 0.75  # the share of the usual number of filled fields that a header has
_TYPED = 0.8  # the share of a column's values that have to be of one type

_SEPARATOR = re.compile(r"sep=([^\r\n\"])(?:\r\n|\r|\n)", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*+"')
_NUMBER = compile_pattern(
    r"\s*+[(+-]?+[$€£¥]?\s?+(?:\d++(?:[.,' ]\d++)*+[.,]?+|[.,]\d++)(?:[eE][+-]?\d++)?+"
    r"\s?[%)€$£¥]?\s*+"
)
_DATE = compile_pattern(
    r"\s*+\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[T ]\d{1,2}:\d\d.{0,20}+)?+\s*+"
    r"|\s*+\d{1,2}:\d\d(?::\d\d)?.{0,8}+"
)
_ADDRESS = re.compile(r"\s*+(?:[^\s@]++@[^\s@]++|https?://\S++)\s*+")
_KINDS = ((_DATE, "date"), (_NUMBER, "number"), (_ADDRESS, "address"))


def parse(text: str, format: str) -> Parsed:
    """The table. A line break inside quotes does not end a row."""
    layout = Layout(text, format)
    table_start, header = layout.table_start, layout.header_end
    notes: list[str] = []
    blocks, children = [], []
    row, sentence = Strength.NONE if header else Strength.SENTENCE, Strength.SENTENCE
    if header:  # its line break is a part of it, however wide it is
        children.append(Block(table_start, header, "heading", Strength.NONE, atomic=True))
    begin = header or table_start
    for end in record_ends(text, begin, layout.delimiter, notes):
        if not text[begin:end].isspace():
            children.append(Block(begin, end, "row", row, atomic=True))
            row = sentence
        begin = end
    if layout.start < table_start:
        blocks.append(Block(layout.start, table_start, "metadata", atomic=True))
    if table_start < len(text):
        blocks.append(
            Block(
                table_start,
                len(text),
                "table",
                title=layout.title,
                repeat=layout.header if header < len(text) else "",
                atomic=True,
                children=tuple(children),
            )
        )
    return Parsed(tuple(blocks), notes=tuple(notes))


class Layout:
    """How a table is written.

    Attributes:
        start: where the text starts after its byte order mark.
        delimiter: what separates fields.
        table_start: where the table starts: its header, or its first row.
        header_end: where the header ends; 0 if there is none.
        title: what the only cell of the first record before the table says, if there is one.
        header: the header's text, "" if there is none, or if no line break ends it.
    """

    def __init__(self, text: str, format: str) -> None:
        self.start = start = without_mark(text)
        separator = _SEPARATOR.match(text, start)
        self.delimiter = "\t" if format == "tsv" else separator[1] if separator else ""
        start = separator.end() if separator else start
        self.delimiter = self.delimiter or _delimiter(text[start : start + _SAMPLE_LENGTH])
        sample = islice(record_ends(text, start, self.delimiter, []), _MAX_PREAMBLE + _SAMPLE)
        ends = [start, *sample]
        records = [self.fields(text[a:b]) for a, b in pairwise(ends)]
        number = _first_record(records)
        self.table_start, self.header_end, self.title = start, 0, ""
        if records:
            self.table_start = ends[number] if number else start
            body = [record for record in records[number + 1 :] if any(record)][:_SAMPLE]
            if _is_header(records[number], body):
                self.header_end = ends[number + 1]
            cells = [cell for cell in records[0] if cell.strip()] if number else []
            self.title = short_title(one_line(cells[0])) if len(cells) == 1 else ""
        header = text[self.table_start : self.header_end]
        self.header = header if header.endswith(("\n", "\r")) else ""

    def fields(self, record: str) -> list[str]:
        """The fields of a record; those of one that is no CSV are what is between delimiters."""
        try:
            return next(csv.reader([record.rstrip("\r\n")], delimiter=self.delimiter), [])
        except (csv.Error, ValueError):
            return record.rstrip("\r\n").split(self.delimiter)


def _delimiter(sample: str) -> str:
    """The field separator: what most lines have the same number of, outside of quotes."""
    lines = [line for line in _QUOTED.sub("", sample).splitlines() if line.strip()]
    if len(lines) > 1 and len(sample) == _SAMPLE_LENGTH:
        lines.pop()  # it may be incomplete

    def agreement(delimiter: str) -> tuple[float, int]:
        counts = [count for line in lines if (count := line.count(delimiter))]
        ((usual, times),) = Counter(counts).most_common(1) or [(0, 0)]
        return times / max(len(lines), 1), usual

    return max(_DELIMITERS, key=agreement)


def _first_record(records: Sequence[Sequence[str]]) -> int:
    """The number of the first record of the table: one with about as many filled fields as others.

    Title lines before a table have one or two filled fields.
    """
    filled = [sum(1 for cell in record if cell.strip()) for record in records]
    known = sorted(n for n in filled if n) or [0]
    usual = known[(len(known) - 1) // 2]
    if usual < 2:
        return 0
    enough = max(2, int(usual * _FILLED))
    firsts = filled[:_MAX_PREAMBLE]
    return next((number for number, n in enumerate(firsts) if n >= enough), 0)


def _is_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether a record names the columns of those after it, in the manner of ``csv.Sniffer``.

    In columns of numbers, dates and addresses it has a cell of another type. If there are no such
    columns, it is a header unless one of its cells is a value of the column too.
    """
    if not body:
        return True
    votes = typed = 0
    sequence = _is_sequence(first) and not all(map(_is_sequence, body))
    for number, cell in enumerate(first):
        values = [row[number] for row in body if number < len(row) and row[number].strip()]
        if not values or not cell.strip():
            continue
        ((usual, times),) = Counter(map(_type, values)).most_common(1)
        if usual and times >= _TYPED * len(values):
            typed += 1
            votes += 1 if _type(cell) != usual or (sequence and usual == "number") else -1
        elif cell in values:
            votes -= 1
    return votes > 0 if typed else votes >= 0


def _is_sequence(cells: Sequence[str]) -> bool:
    """Whether the numbers among cells follow each other, as years in a header do."""
    numbers = [int(cell) for cell in cells if re.fullmatch(r"\s*\d{1,4}\s*", cell)]
    steps = {b - a for a, b in pairwise(numbers)}
    return len(steps) == 1 and 0 not in steps


def _type(cell: str) -> str:
    """What kind of value a cell has; "" if it is a text."""
    cell = cell[:60]
    return next((name for pattern, name in _KINDS if pattern.fullmatch(cell)), "")


def record_ends(text: str, start: int, delimiter: str, notes: list[str]) -> Iterator[int]:
    """The offset of the end of each record, after its line break.

    Args:
        text: the table.
        start: the offset of the first record.
        delimiter: what separates fields.
        notes: takes a remark on a quote that is not closed. From there on, no record has several
            lines.
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
            notes.append(f"line {line:,}: a quote is not closed: from there on, each line is a row")
            record = _LINE
            continue
        start = found.end()
        yield start


_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n|\Z)")


@cache
def _record(delimiter: str) -> re.Pattern[str]:
    # A quote inside a field that does not start with one is an ordinary character; so is anything
    # between a closing quote and the delimiter.
    other = f"[^{re.escape(delimiter)}\r\n]*+"
    field = rf'(?:"[^"]*+(?:""[^"]*+)*+"{other}|(?!"){other})'
    return compile_pattern(rf"{field}(?:{re.escape(delimiter)}{field})*+(?:\r\n|\r|\n|\Z)")
