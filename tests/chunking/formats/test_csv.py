"""CSV: rows as Python's csv module reads them, and the header that is repeated."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking import Chunker
from ctxtools.chunking.formats import parse, parse_blocks
from ctxtools.chunking.formats.csv import Layout
from tests.chunking.contract import cut

_cells = st.text(st.sampled_from('ab 1é,;"\n\r\t'), max_size=6)


@given(
    st.lists(st.lists(_cells, min_size=2, max_size=4), min_size=1, max_size=6),
    st.sampled_from(",\t"),
)
def test_rows_are_those_that_were_written(rows: list[list[str]], delimiter: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    text = file.getvalue()
    names = [f"column {n}" for n in range(4)]
    header = delimiter.join(names) + "\r\n"
    text = header + text
    *_, table = parse_blocks(text, "csv" if delimiter == "," else "tsv")
    assert table.repeat in ("", header)
    found = [text[row.start : row.end] for row in table.children]
    read = [next(csv.reader(io.StringIO(row, newline=""), delimiter=delimiter)) for row in found]
    assert read == [names, *rows]


def test_a_header_is_not_left_alone_and_empty_lines_are_not_rows() -> None:
    text = "\ufeffa;b\n1,5;2\n\n3;4"
    (table,) = parse_blocks(text, "csv")
    assert (table.start, table.end, table.atomic, table.repeat) == (1, len(text), True, "a;b\n")
    rows = [(text[row.start : row.end], row.strength.name) for row in table.children]
    assert rows == [("a;b\n", "NONE"), ("1,5;2\n", "NONE"), ("3;4", "SENTENCE")]


def test_from_a_quote_that_is_not_closed_on_each_line_is_a_row() -> None:
    text = 'a,b\n1,"2\n",3\n4,"5\n6,7\n'
    parsed = parse(text, "csv")
    rows = [text[row.start : row.end] for row in parsed.blocks[0].children]
    assert rows == ["a,b\n", '1,"2\n",3\n', '4,"5\n', "6,7\n"]
    assert parsed.notes == ("line 4: a quote is not closed: from there on, each line is a row",)


def test_quotes_inside_a_field_are_characters() -> None:
    (table,) = parse_blocks('size\n5" x 3"\n"a"b\n', "csv")
    assert len(table.children) == 3


ROWS = "".join(f"2024-03-0{n};Item {n};-{n},50;{n * 100}\n" for n in range(1, 6))


@pytest.mark.parametrize(
    ("before", "header", "title"),
    [
        ("", "Date;Text;Amount;Balance\n", ""),
        ("sep=;\n", "Date;Text;Amount;Balance\n", ""),
        ("Statement;;;\nPeriod;March;;\n;;;\n", "Date;Text;Amount;Balance\n", "Statement"),
        ("Statement of March\n\n", "Date;Text;Amount;Balance\n", "Statement of March"),
        ('"A ""new""\nstatement"\n', "Date;Text;Amount;Balance\n", 'A "new" statement'),
        ("SEP=;\r\nStatement;2024;;\n", ";Text;Amount;Balance\n", ""),
        ("", "", ""),
        ("Statement;;;\n", "", "Statement"),
    ],
)
def test_a_header_is_found_behind_what_is_before_it(before: str, header: str, title: str) -> None:
    text = before + header + ROWS
    *others, table = parse_blocks(text, "csv")
    assert (table.start, table.repeat, table.title) == (len(before), header, title)
    assert [(block.kind, block.end) for block in others] == (
        [("metadata", len(before))] if before else []
    )


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("name,age\nAda,36\nBen,41\n", True),
        ("Ada,36\nBen,41\nCleo,29\n", False),
        ("town,2019,2020,2021\nHusum,1.5,2.5,3\nSylt,2,3,4\n", True),
        ("Husum,1.5,2.5,3\nSylt,2,3,4\n", False),
        ("a@e.org,https://e.org/a\nb@e.org,https://e.org/b\n", False),
        ("mail,page\na@e.org,https://e.org/a\n", True),
        ("first,last\nAda,Example\nBen,Sample\n", True),
        ("Ada,ok\nBen,ok\nCleo,late\n", False),
        (",low,high\n0,6,10\n1,9,15\n", True),
        ("id\n7\n8\n", True),
        ("7\n8\n", False),
        ("only,header\n", True),
        ("12:30,open\n13:45,closed\n14:00,open\n", False),
        ("total,(1 200.50)\nrest,$ 7\nsum,-3 %\n", False),
    ],
)
def test_the_first_row_is_a_header_unless_it_looks_like_the_others(text: str, header: bool) -> None:
    (table,) = parse_blocks(text, "csv")
    rows = [child for child in table.children if child.kind == "row"]
    assert len(rows) == text.count("\n") - header
    first = text[: text.index("\n") + 1]
    assert table.repeat == (first if header and rows else "")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a;b\n1,5;2,5\n3,5;4,5\n", 2),
        ("a,b;c\n1,2;3\n4,5\n", 2),
        ("a|b\n1|x, y\n2|z\n", 2),
        ('a,b\n"1;2;3",4\n"5;6;7",8\n', 2),
        ("Report, of 2024, all\na;b\n1;2\n3;4\n5;6\n", 2),
    ],
)
def test_the_delimiter_is_what_most_lines_have_as_many_of(text: str, fields: int) -> None:
    layout = Layout(text, "csv")
    assert len(layout.fields(text.splitlines()[-1])) == fields


def test_a_wide_header_keeps_its_line_break() -> None:
    text = ",".join(f"column_number_{n}" for n in range(12)) + "\n" + "1,2,3,4,5\n" * 9
    chunks, _ = cut(Chunker("o200k_base", 60, format="csv"), text)
    assert all(not chunk.text.startswith("\n") for chunk in chunks)
