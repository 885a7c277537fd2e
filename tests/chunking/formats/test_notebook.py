"""Notebooks: cells, and the headings of those that are Markdown."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking import Chunker
from ctxtools.chunking.formats import parse, parse_blocks
from ctxtools.documents.readers.notebook import notebook_text
from ctxtools.errors import FormatError
from tests.chunking.contract import check_contract, check_joins
from tests.chunking.formats.trees import check, sketch, walk

pytest.importorskip("tree_sitter_python")


def _notebook(*cells: tuple[str, str], **metadata: object) -> str:
    made = [{"cell_type": kind, "source": source} for kind, source in cells]
    return notebook_text(json.dumps({"metadata": metadata, "cells": made}))


def test_headings_of_cells_rule_those_after_them() -> None:
    text = _notebook(
        ("markdown", "Tides\n=====\n\nWater rises."),
        ("code", "# no heading\ndef level(hour):\n    return hour"),
        ("markdown", "## Spring\n\n### At noon"),
        ("code", "level(12)"),
    )
    blocks = parse_blocks(text, "notebook")
    check(blocks, text)
    assert [line for line in sketch(blocks, text) if not line.lstrip().startswith("heading")] == [
        "section SECTION <Tides>",
        "  paragraph NONE 'Water rises.\\n'",
        "  code PARAGRAPH",
        "    function SECTION <def level(hour)> "
        "'# %%\\n# no heading\\ndef level(hour):\\n    return hour\\n'",
        "  section SECTION <Spring>",
        "    section NONE <At noon>",
        "      code NONE",
        "        statement SENTENCE '# %%\\nlevel(12)\\n'",
    ]


def test_a_heading_cell_stays_with_the_cell_after_it() -> None:
    text = _notebook(("markdown", "# A"), ("markdown", "## B"), ("raw", "c"), ("raw", "d"))
    strengths = [
        (block.kind, block.strength.name)
        for block in walk(parse_blocks(text, "notebook"))
        if block.kind != "heading"
    ]
    assert strengths == [
        *(("section", "SECTION"), ("section", "NONE"), ("text", "NONE"), ("text", "PARAGRAPH"))
    ]


def test_commands_are_no_errors_of_the_code() -> None:
    source = "%matplotlib inline\n!pip list\ndef f():\n    %time g()\n    return 1\n\ndef h(): pass"
    blocks = parse_blocks(_notebook(("code", source)), "notebook")
    assert [b.title for b in walk(blocks) if b.title] == ["def f()", "def h()"]


@pytest.mark.parametrize(
    ("source", "metadata", "title"),
    [
        ("%%javascript\nfunction f() {\n}", {}, "function f()"),
        ("%%html\n<h1>A</h1>\n<p>b", {}, "A"),
        ("%%timeit -n 2\ndef f():\n    pass", {}, "def f()"),
        ("function f() {\n}", {"language_info": {"name": "typescript"}}, "function f()"),
        ("int f() {\n}", {"language_info": {"name": "C++"}}, "int f()"),
    ],
)
def test_a_code_cell_is_of_the_language_of_its_kernel_or_command(
    source: str, metadata: dict[str, object], title: str
) -> None:
    (cell,) = parse_blocks(_notebook(("code", source), **metadata), "notebook")
    assert (cell.kind, cell.atomic) == ("code", True)
    assert [block.title for block in walk([cell]) if block.title] == [title]


def test_a_cell_that_cannot_be_parsed_is_noted() -> None:
    text = _notebook(("code", "a<" * 50_000), ("markdown", "# B"), language_info={"name": "java"})
    parsed = parse(text, "notebook")
    assert len(parsed.notes) == 1 and "java in it is cut as plain text" in parsed.notes[0]
    assert [block.title for block in walk(parsed.blocks) if block.title] == ["B"]


def test_what_the_reader_did_not_take_for_a_notebook() -> None:
    assert parse_blocks("words\n", "notebook") == ()
    assert parse_blocks('{"cells": 3}', "notebook") == parse_blocks('{"cells": 3}', "json")
    with pytest.raises(FormatError):
        parse_blocks('{"cells": ', "notebook")


_sources = st.lists(
    st.sampled_from(
        [
            "# A\n",
            "## B\n",
            "words and words. ",
            "def f(a):\n    return a\n\n",
            "```\n",
            "\n",
            "%%html\n",
        ]
    ),
    max_size=5,
).map("".join)


@given(
    st.lists(st.tuples(st.sampled_from(["markdown", "code", "raw"]), _sources), max_size=8),
    st.integers(20, 60),
    st.booleans(),
)
def test_chunks_of_any_notebook(cells: list[tuple[str, str]], size: int, header: bool) -> None:
    text = _notebook(*cells)
    blocks = parse_blocks(text, "notebook")
    check(blocks, text)
    chunker = Chunker("o200k_base", size, format="notebook", header=header)
    chunks = [*chunker.chunk(text)]
    check_contract(chunks, text, chunker.count, size)
    check_joins(chunks, text)
