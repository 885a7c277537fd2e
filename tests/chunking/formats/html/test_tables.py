"""Tables: which rows are headers, and what is repeated."""

import pytest

from ctxtools.chunking import Block, Chunker
from ctxtools.chunking.formats import parse_blocks
from tests.chunking.contract import check_contract
from tests.chunking.formats.trees import sketch, walk

_ROWS = "".join(f"<tr><td>sensor {i}</td><td>mbar</td><td>{i}.5</td></tr>\n" for i in range(12))
_HEAD = "<tr><th>Sensor</th><th>Unit</th><th>Mean</th></tr>"


def tables(text: str) -> list[Block]:
    return [block for block in walk(parse_blocks(text, "html")) if block.kind == "table"]


@pytest.mark.parametrize(
    "text, repeat",
    [
        (f"<table>\n<thead>{_HEAD}</thead>\n", f"<table>\n<thead>{_HEAD}</thead>\n"),
        (f"<table>{_HEAD}\n", f"<table>{_HEAD}\n"),
        (f"<table class=a><thead>{_HEAD}</thead><tbody>", f"<table class=a><thead>{_HEAD}</thead>"),
        (
            f"<table>\n<caption>Means</caption>\n<thead>{_HEAD}</thead>\n",
            f"<table>\n<caption>Means</caption>\n<thead>{_HEAD}</thead>\n",
        ),
        (
            f"<table>\n<caption>{'long ' * 50}</caption>\n<thead>{_HEAD}</thead>\n",
            f"<table><thead>{_HEAD}</thead>\n",
        ),
        (
            f"<table><colgroup><col><col></colgroup>\n<thead>{_HEAD}</thead>",
            f"<table><colgroup><col><col></colgroup>\n<thead>{_HEAD}</thead>",
        ),
        ("<table><thead><tr><th>A<th>B<th>C\n<tbody>\n", "<table><thead><tr><th>A<th>B<th>C\n"),
        ("<table><thead><tr><td>A<td>B<td>C</thead>", "<table><thead><tr><td>A<td>B<td>C</thead>"),
        (f"<table>{_HEAD}\n{_HEAD}\n", f"<table>{_HEAD}\n{_HEAD}\n"),
        (f"<div><table>{_HEAD}", f"<table>{_HEAD}"),
        # A parser of scanned pages writes no header cells: names stand above numbers, or are bold.
        ("<table><tr><td>A<td>Unit<td>Mean</tr>", "<table><tr><td>A<td>Unit<td>Mean</tr>"),
        (
            "<table><tr><td><b>2020<td><b>2021<td><strong>2022</tr>",
            "<table><tr><td><b>2020<td><b>2021<td><strong>2022</tr>",
        ),
        # Markup says what else is a header.
        (
            "<table><tr><td><p><b>A<i>b</i></b></p><td><b>1</b>\n<td style='font-weight:700'>2",
            "<table><tr><td><p><b>A<i>b</i></b></p><td><b>1</b>\n<td style='font-weight:700'>2",
        ),
        (
            "<table><tr class='tblHeader x'><td>1<td>2<td>3</tr>",
            "<table><tr class='tblHeader x'><td>1<td>2<td>3</tr>",
        ),
        (
            "<table><tr><td scope=col>1<td class=head-cell>2<td class='table-head'>3</tr>",
            "<table><tr><td scope=col>1<td class=head-cell>2<td class='table-head'>3</tr>",
        ),
        ("<table><tr><td><b>Name:</b> 1<td><b>Age:</b> 5<td><b>C</b></tr>", ""),
        ("<table><tr><td class=overhead>1<td class=overhead>2<td class=overhead>3</tr>", ""),
        ("<table><tr><td>Name</td><td>Ann</td><td></td></tr>", ""),
        ("<table><tr><td>1</td><td>2</td><td>3</td></tr>", ""),
        ("<table><tr><th>row 0</th><td>a</td><td>1</td></tr>", ""),
        ("<table>", ""),
    ],
)
def test_the_header_of_a_table_is_repeated(text: str, repeat: str) -> None:
    text += _ROWS + "</table>"
    (table,) = tables(text)
    assert table.repeat == repeat
    assert table.atomic
    if repeat:
        rows = [block for block in table.children if block.kind == "row"]
        header = [block for block in rows if block.end <= table.body]
        assert table.body == rows[len(header)].start
        assert all(block.strength.name == "NONE" for block in rows[1 : len(header) + 1])
        assert rows[len(header) + 1].strength.name == "SENTENCE"


def test_every_further_chunk_starts_with_the_header() -> None:
    text = (
        f"<p>Means:</p>\n<table>\n<caption>Year</caption>\n<thead>{_HEAD}</thead>\n{_ROWS}</table>"
    )
    chunker = Chunker("o200k_base", 128, format="html")
    chunks = [*chunker.chunk(text)]
    check_contract(chunks, text, chunker.count, 128)
    assert len(chunks) > 2
    expected = f"<table>\n<caption>Year</caption>\n<thead>{_HEAD}</thead>\n"
    assert [chunk.header for chunk in chunks[1:]] == [expected] * (len(chunks) - 1)
    assert all(text[chunk.start_index :].startswith("<tr>") for chunk in chunks[1:])


def test_a_table_whose_text_is_all_bold_repeats_none() -> None:
    row = "<tr><td><b>{0}</b></td><td><b>of {0}</b></td></tr>"
    (table,) = tables(f"<table>{''.join(row.format(name) for name in ('Ann', 'Bo', 'Cy'))}</table>")
    assert table.repeat == ""


def test_a_table_of_texts_whose_names_are_bold() -> None:
    rows = "".join(f"<tr><td>Term {name}</td><td>What {name} is.</td></tr>" for name in "abc")
    head = "<table><tr><td><strong>Term</strong></td><td><strong>Meaning</strong></td></tr>"
    (table,) = tables(f"{head}{rows}</table>")
    assert table.repeat == head
    (table,) = tables(f"{head.replace('strong', 'i')}{rows}</table>")
    assert table.repeat == ""


def test_a_table_of_header_rows_alone_repeats_none() -> None:
    (table,) = tables(f"<table>{_HEAD}{_HEAD}</table>")
    assert (table.repeat, table.repeat_from) == ("", 0)


def test_a_row_of_header_cells_in_the_middle_stays_with_what_follows() -> None:
    text = (
        f"<table>{_HEAD}<tr><td>a<td>b<td>c</tr><tr><th colspan=3>2021</tr><tr><td>d</tr></table>"
    )
    (table,) = tables(text)
    assert [block.strength.name for block in table.children] == [
        "SENTENCE",
        "NONE",
        "SENTENCE",
        "NONE",
    ]


def test_a_table_in_a_cell() -> None:
    inner = f"<table><thead>{_HEAD}</thead>{_ROWS}</table>"
    text = (
        "<table><thead><tr><th>Station</th><th>Readings</th></tr></thead>"
        f"<tr><td>North</td><td>{inner}</td></tr><tr><td>South</td><td>none</td></tr></table>"
    )
    outer, found = tables(text)
    assert outer.repeat == text[: text.index("<tr><td>North")]
    assert found.repeat == f"<table><thead>{_HEAD}</thead>"
    row = outer.children[1]
    assert [block.kind for block in row.children] == ["paragraph", "table"]


@pytest.mark.parametrize("tag", ["<table role=presentation>", "<table>"])
def test_a_table_for_layout_is_none(tag: str) -> None:
    text = (
        f"{tag}<tr><td><ul><li>Home</ul></td>\n<td><h2>Hours</h2><p>From nine.</p>"
        "<h2>Way</h2><p>Along the river.</p></td></tr></table>"
    )
    assert tables(text) == []
    assert [block.title for block in parse_blocks(text, "html") if block.title] == ["Hours", "Way"]


def test_a_table_of_roles() -> None:
    cell = '<span role="{0}">{1}<span>x</span></span>'
    row = f'<div role="row">{cell} {cell}</div>\n'
    text = (
        '<div role="table">'
        + row.format("columnheader", "H")
        + row.format("cell", "a") * 2
        + "</div>"
    )
    (table,) = tables(text)
    assert table.repeat == '<div role="table">' + row.format("columnheader", "H")
    assert [block.kind for block in table.children] == ["row"] * 3


def test_cells_of_a_long_row_are_blocks() -> None:
    text = f"<table><tr><td>a<td><p>{'b ' * 100}<p>c</table>"
    assert sketch(parse_blocks(text, "html"), text)[:4] == [
        "table PARAGRAPH",
        "  row SENTENCE",
        "    paragraph PARAGRAPH '<table><tr><td>a'",
        "    element PARAGRAPH",
    ]
