"""CSV: rows as Python's csv module reads them, and the header that is repeated."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking.formats import parse_blocks
from ctxtools.errors import FormatError

_cells = st.text(st.sampled_from('ab 1é,;"\n\r\t'), max_size=6)


@given(
    st.lists(st.lists(_cells, min_size=2, max_size=4), min_size=1, max_size=6),
    st.sampled_from(",\t"),
)
def test_rows_are_those_that_were_written(rows: list[list[str]], delimiter: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    text = file.getvalue()
    # The delimiter is taken from the first line: make it the commonest there.
    header = delimiter * 20 + "\r\n"
    (table,) = parse_blocks(header + text, "csv" if delimiter == "," else "tsv")
    assert table.repeat == header
    text = header + text
    found = [text[row.start : row.end] for row in table.children]
    read = [next(csv.reader(io.StringIO(row, newline=""), delimiter=delimiter)) for row in found]
    assert read == rows


def test_a_header_is_not_left_alone_and_empty_lines_are_not_rows() -> None:
    text = "\ufeffa;b\n1,5;2\n\n3;4"
    (table,) = parse_blocks(text, "csv")
    assert (table.start, table.end, table.atomic, table.repeat) == (1, len(text), True, "a;b\n")
    rows = [(text[row.start : row.end], row.strength.name) for row in table.children]
    assert rows == [("1,5;2\n", "NONE"), ("3;4", "SENTENCE")]


def test_a_quote_that_is_not_closed() -> None:
    with pytest.raises(FormatError, match="line 2: a quote is not closed"):
        parse_blocks('a,b\n1,"2\n3,4\n', "csv")


def test_quotes_inside_a_field_are_characters() -> None:
    (table,) = parse_blocks('size\n5" x 3"\n"a"b\n', "csv")
    assert len(table.children) == 2
