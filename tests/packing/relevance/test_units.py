"""Units: whole lines of a document, disjoint, in order, of a few lines each."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents.readers.extraction.extracted import Heading
from ctxtools.packing.relevance.spans import Source
from ctxtools.packing.relevance.units import Lines, import_lines, plain_units, units_of
from tests.strategies import texts

CODE = '''"""Shop."""

import os


class Order:
    """What was bought."""

    def __init__(self, items):
        self.items = items

{methods}

def total(order):
    return sum(order.items)
'''
METHODS = "\n".join(
    f"    def method_{n}(self):\n" + "        self.items.append(1)\n" * 12 for n in range(5)
)
PATHS = st.sampled_from(["a.py", "a.md", "a.rs", "a.json", "a.txt", "a.html", "a.csv", "a.toml"])


@given(texts, PATHS)
def test_units_cover_a_text_once(text: str, path: str) -> None:
    lines = Lines(text)
    for units in (units_of(lines, Source(path, lines.text)), plain_units(lines, 3)):
        assert units[0].first == 0 and units[-1].last == len(lines)
        assert all(a.last == b.first for a, b in pairwise(units))
        for unit in units:
            assert unit.first < unit.last
            assert all(0 <= line < len(lines) for line in unit.context)
            assert unit.title == -1 or unit.first <= unit.title < unit.last
    assert "".join(lines.slice(unit.first, unit.last) for unit in units) == text


@given(texts)
def test_lines_end_after_line_feeds(text: str) -> None:
    lines = Lines(text)
    slices = [lines.slice(n, n + 1) for n in range(len(lines))]
    assert "".join(slices) == text
    assert all("\n" not in each[:-1] for each in slices)
    assert all(each.endswith("\n") for each in slices[:-1])
    for offset in range(len(text)):
        assert lines.start(lines.of(offset)) <= offset < lines.start(lines.of(offset) + 1)


def test_functions_of_a_long_class_are_units_inside_of_it() -> None:
    pytest.importorskip("tree_sitter_python")
    text = CODE.format(methods=METHODS)
    lines = Lines(text)
    units = units_of(lines, Source("shop.py", lines.text))
    methods = [unit for unit in units if "def method_" in lines.slice(unit.first, unit.last)]
    assert len(methods) == 5
    (class_line,) = (n for n in range(len(lines)) if lines.slice(n, n + 1) == "class Order:\n")
    for number, unit in enumerate(methods):
        assert unit.context == (class_line,)
        assert lines.slice(unit.title, unit.title + 1) == f"    def method_{number}(self):\n"


def test_long_sections_are_divided_at_empty_lines() -> None:
    paragraph = "Words and more words.\n" * 9 + "\n"
    text = "# Title\n\n" + paragraph * 12 + "## Inner\n\n" + paragraph * 2
    lines = Lines(text)
    units = units_of(lines, Source("a.md", lines.text))
    assert all(unit.last - unit.first <= 40 for unit in units)
    assert all(lines.is_blank(unit.last - 1) for unit in units)
    assert next(unit.context for unit in units if unit.first > 2) == (0,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import os\nfrom a.b import (\n    c,\n    d,\n)\nx = 1\n", {0, 1, 2, 3, 4}),
        ("x = 1\nfrom a import b\nfromage = 2\nimported = 3\n", {1}),
        ('import {\n  a,\n  b\n} from "c";\nconst d = a;\n', {0, 1, 2, 3}),
        ("use std::{\n    io,\n    fs,\n};\npub(crate) use a::b;\nfn user() {}\n", {0, 1, 2, 3, 4}),
        ("use a::b as c;\nuse d::*;\nuse the other one;\n", {0, 1}),
        pytest.param(f"use {'a:' * 100_000}\n", set(), id="in linear time"),
        ('import (\n\t"fmt"\n)\n\nfunc main() {}\n', {0, 1, 2}),
        ("#include <a.h>\nint used;\n", {0}),
    ],
)
def test_lines_that_import(text: str, expected: set[int]) -> None:
    assert import_lines(Lines(text)) == expected


def test_headings_of_plain_text_begin_units() -> None:
    sections = [f"{title}\n" + "some words\n" * 30 for title in ("First", "Second", "Third")]
    text = "".join(sections)
    headings = [
        Heading(text.index(title), text.index(title) + len(title), 1, title)
        for title in ("First", "Second", "Third")
    ]
    lines = Lines(text)
    units = units_of(lines, Source("a.pdf", text, "text", headings))
    assert [lines.slice(each.first, each.last) for each in units] == sections
    assert [each.title for each in units] == [0, 31, 62]
