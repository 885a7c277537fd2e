"""Blocks move cuts, and give chunks their headings, kinds and headers."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import Encoding, get_encoding
from ctxtools._core.types import Strength
from ctxtools.chunking import Block, Chunker, Format, parsing
from ctxtools.chunking.block import Parsed
from ctxtools.chunking.formats import parse, parse_blocks
from ctxtools.chunking.structure import Structure
from ctxtools.errors import FormatError, MissingExtraError
from tests.chunking.contract import check_contract, check_joins, cut
from tests.chunking.formats.samples import TRIED

_PARTS = [
    *("# Title\n\n", "## Part *x*\n\n", "### 小节\n", "Some words. And more.\n\n", "中文句子。"),
    *("| a | b |\n|---|---|\n", "| 1 | 2 |\n", "- item\n", "  - inner\n", "```py\ncode()\n```\n"),
    *(
        "> quoted\n",
        "\n",
        "<b>x</b>\n",
        "---\n",
        "text ",
        "def f(a):\n    return 1\n\n",
        "class A:\n",
    ),
    *('{"a": [1, "b"]}\n', "a,b\n", "<p>One</p>", "\U0001f468\u200d\U0001f469 ", "}\n", "// c\n"),
]
documents = st.lists(st.sampled_from(_PARTS), max_size=40).map("".join)
formats = st.sampled_from([f for f in TRIED if f != "text"])


@settings(max_examples=100)
@given(documents, formats, st.integers(4, 64), st.integers(0, 20), st.booleans())
def test_the_contract_in_all_formats(
    text: str, format: Format, size: int, overlap: int, header: bool
) -> None:
    overlap = min(overlap, size - 1)
    for counter in ("o200k_base", len):
        count = get_encoding(counter).count if isinstance(counter, str) else counter
        if count("\U0001f468") > size:
            continue
        chunks, _ = cut(Chunker(counter, size, overlap, format=format, header=header), text)
        check_contract(chunks, text, count, size)
        if not overlap:
            check_joins(chunks, text)


@given(documents, formats, st.integers(4, 64))
def test_atomic_blocks_that_fit_are_not_cut(text: str, format: Format, size: int) -> None:
    """If what they belong to, such as a heading, fits with them."""
    count = get_encoding("o200k_base").count
    try:
        blocks = parse_blocks(text, format)
    except FormatError:
        return
    chunks, _ = cut(Chunker("o200k_base", size, format=format), text)
    cuts = [chunk.end_index for chunk in chunks]
    for start, block in _with_what_they_belong_to(blocks, 0):
        # What is repeated before it takes at most half a chunk.
        if block.atomic and count(text[start : block.end]) <= size // 2:
            assert not any(block.start < offset < block.end for offset in cuts), block


def _with_what_they_belong_to(blocks: Sequence[Block], outer: int) -> Iterator[tuple[int, Block]]:
    """Blocks, each with the start of the first of what it is not to be parted from: the headings
    before it, or the start of what it is in."""
    first = outer
    for block in blocks:
        if block.strength != Strength.NONE:
            first = block.start
        yield first, block
        yield from _with_what_they_belong_to(block.children, first)


MANUAL = """# Guide

Some words to begin with. They go on for a while here.

## Set up

First do this, then that. Then do the other thing too.

## Use

Now use it. It has been set up, so that it can be used now.
"""


def test_headings_are_the_path_and_the_header_is_the_rest_of_it(o200k: Encoding) -> None:
    chunks, summary = cut(Chunker(o200k, 24, format="markdown", header=True), MANUAL)
    check_contract(chunks, MANUAL, o200k.count, 24)
    by_start = {MANUAL[c.start_index :].splitlines()[0]: c for c in chunks}
    assert by_start["# Guide"].headings == ("Guide",)
    assert by_start["# Guide"].header == ""
    assert by_start["## Use"].headings == ("Guide", "Use")
    assert by_start["## Use"].header == "Guide\n\n"
    assert summary.dropped_headers == 0


def test_a_header_of_more_than_half_a_chunk_is_left_out(o200k: Encoding) -> None:
    text = "# " + "A long title " * 20 + "\n\n" + "Some words here. " * 30
    chunks, summary = cut(Chunker(o200k, 24, format="markdown", header=True), text)
    check_contract(chunks, text, o200k.count, 24)
    assert summary.dropped_headers > 5
    assert all(not chunk.header for chunk in chunks)


def test_a_tables_head_is_repeated_inside_the_limit(o200k: Encoding) -> None:
    head = "| name | size |\n|---|---|\n"
    text = head + "".join(f"| entry {i} | {i} |\n" for i in range(100))
    chunks, _ = cut(Chunker(o200k, 64, format="markdown"), text)
    check_contract(chunks, text, o200k.count, 64)
    check_joins(chunks, text)
    assert chunks[0].header == ""
    assert all(chunk.header == head and chunk.kind == "table" for chunk in chunks[1:])
    assert all(chunk.text.endswith("|\n") for chunk in chunks)


def test_functions_are_atomic(o200k: Encoding) -> None:
    text = "".join(
        f"def function_{i}(value):\n    step = value + {i}\n\n    return step\n\n\n"
        for i in range(60)
    )
    chunks, _ = cut(Chunker(o200k, 64, format="python"), text)
    check_joins(chunks, text)
    assert all(chunk.text.startswith("def ") for chunk in chunks)
    assert {chunk.kind for chunk in chunks} == {"function"}
    assert chunks[0].headings == ("def function_0(value)",)


def test_a_text_that_is_not_of_its_format_is_cut_as_text_and_noted(
    o200k: Encoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str, format: str) -> Parsed:
        raise FormatError("line 3 is wrong")

    monkeypatch.setattr(parsing, "parse", fail)
    chunks, summary = cut(Chunker(o200k, 64, format="json"), "some text", source="a.json")
    assert [chunk.text for chunk in chunks] == ["some text"]
    assert summary.notes == ("a.json: cut as plain text: line 3 is wrong",)


def test_a_parser_that_is_not_installed(o200k: Encoding, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str, format: str) -> Parsed:
        raise MissingExtraError("no grammar of Python", hint="pip install 'ctxtools[code]'")

    monkeypatch.setattr(parsing, "parse", fail)
    auto = Chunker(o200k, 64, format="auto")
    first, second = (cut(auto, "x = 1", source=name)[1] for name in ("a.py", "b.py"))
    assert "pip install" in first.notes[0]
    assert (first + second).notes == first.notes, "of many files it is told once"
    with pytest.raises(MissingExtraError):
        Chunker(o200k, 64, format="python").chunk("x = 1", source="a.py")


def test_the_format_goes_by_the_name(o200k: Encoding) -> None:
    made = Chunker(o200k, 64, format="auto")
    assert next(made.chunk(MANUAL, source="a.md")).headings == ("Guide",)
    assert next(made.chunk(MANUAL, source="a.txt")).headings == ()
    assert next(made.chunk(MANUAL, source="a.txt", format="markdown")).headings == ("Guide",)
    stream = made.chunk_stream([MANUAL[:50], MANUAL[50:]], source="a.md")
    assert list(stream) == list(made.chunk(MANUAL, source="a.md"))


@settings(max_examples=100)
@given(documents, st.integers(1, 400), st.integers(0, 6))
def test_look_ahead_windows_keep_the_structure(text: str, window: int, overlap: int) -> None:
    from ctxtools.chunking import chunker

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunker, "WINDOW", window)
        patch.setattr(chunker, "_PER_TOKEN", 1)
        chunks, _ = cut(Chunker("o200k_base", 16, overlap, format="markdown", header=True), text)
    check_contract(chunks, text, get_encoding("o200k_base").count, 16)
    structure = Structure(parse(text, "markdown"))
    for before, after in pairwise(chunks):
        assert after.headings == structure.headings(before.end_index)


# Structure alone

_BLOCKS = (
    Block(0, 10, "section", Strength.SECTION, "A", children=(Block(0, 4, "heading"),)),
    Block(
        10,
        40,
        "section",
        Strength.SECTION,
        "B",
        children=(
            Block(12, 30, "table", atomic=True, repeat="xx", children=(Block(14, 20, "row"),)),
            Block(30, 40, "class", Strength.SENTENCE, "C"),
        ),
    ),
)


def test_enclosing_blocks() -> None:
    structure = Structure(Parsed(_BLOCKS))
    assert structure.headings(9) == ("A",)
    assert structure.headings(10) == ("B",)
    assert structure.headings(39) == ("B", "C")
    assert structure.headings(40) == ()


def test_a_header_has_the_titles_that_start_before_the_text() -> None:
    structure = Structure(Parsed(_BLOCKS), with_titles=True)
    assert structure.header(35, 35) == ("B > C\n\n", "")
    assert structure.header(30, 30) == ("B\n\n", "")
    assert structure.header(9, 30) == ("", "")
    assert structure.header(13, 13) == ("B\n\n", "")  # a part of the head is there
    assert structure.header(15, 15) == ("B\n\n", "xx")
    assert Structure(Parsed(_BLOCKS)).header(15, 15) == ("", "xx")


_CODE = "class A {\n  f() {\n    g({\n      x: 1,\n    });\n  }\n}\nfunction h() { return 1 }\n"


def test_what_closes_a_block_is_not_in_it() -> None:
    inner = Block(4, 6, "function", title="f"), Block(8, 10, "function", title="g")
    blocks: tuple[Block, ...]
    blocks = (Block(0, 13, "class", title="A", children=inner), Block(13, 16, "class", title="B"))
    text = "class fx, gx }}}\nB"
    structure = Structure(Parsed(blocks), text, with_titles=True)
    assert structure.closing(blocks[0]) == 10
    assert structure.headings(9) == ("A", "g")
    assert structure.headings(10) == structure.headings(13) == ("B",)
    assert structure.header(9, 9) == ("A > g\n\n", "")
    assert structure.header(11, 11) == ("", "")
    text = f"{text[:10]}{' and text that is no bracket'}"
    blocks = (blocks[0]._replace(end=len(text)),)
    assert Structure(Parsed(blocks), text).headings(12) == ("A",)


@pytest.mark.parametrize("with_titles", [False, True])
@given(documents)
def test_headers_of_all_offsets_at_once(with_titles: bool, text: str) -> None:
    for blocks, source in (
        (_BLOCKS, ""),
        (parse_blocks(text, "markdown"), text),
        (parse_blocks(text, "javascript"), text),
        (parse_blocks(_CODE + text, "typescript"), _CODE + text),
    ):
        structure = Structure(Parsed(blocks), source, with_titles=with_titles)
        at, headers = structure.header_changes
        for offset in range(len(source or text) + 1):
            change = headers[bisect_right(at, offset) - 1]
            assert change == structure.header(offset, offset)


@pytest.mark.parametrize(
    ("start", "end", "kind"),
    [
        (0, 10, "text"),
        (0, 4, "text"),
        (10, 20, "table"),
        (14, 18, "table"),
        (12, 40, "mixed"),
        (32, 36, "class"),
        (0, 40, "mixed"),
        (50, 60, "text"),
    ],
)
def test_the_kind_of_a_span(start: int, end: int, kind: str) -> None:
    assert Structure(Parsed(_BLOCKS)).kind(start, end) == kind


def test_the_kind_of_a_span_does_not_depend_on_the_text_after_it() -> None:
    """Guards against "class" for a method with the empty line after it."""
    methods = [f"    def m{n}(self):\n        return some_words_of_it\n" for n in range(3)]
    text = "class A:\n    x = 1\n\n" + "\n".join(methods) + "\n\ndef f():\n    return 1\n"
    chunks, _ = cut(Chunker(len, 60, format="python"), text)
    assert [(chunk.kind, chunk.text.split("(")[0].strip()) for chunk in chunks] == [
        ("class", "class A:\n    x = 1"),
        ("function", "def m0"),
        ("function", "def m1"),
        ("function", "def m2"),
        ("function", "def f"),
    ]
    lines = "".join(f"        call_number_{n}();\n" for n in range(20))
    text = f"class A {{\n    void m() {{\n{lines}    }}\n}}\n"
    chunks, _ = cut(Chunker(len, 250, format="java"), text)
    assert chunks[-1].text.endswith("    }\n}\n") and chunks[-1].kind == "function"


def test_the_text_of_an_element_is_not_part_of_the_child_before_it() -> None:
    (element,) = parse_blocks("<div><ul><li>a</ul>and words<p>b</div>", "html")
    structure, end = Structure(Parsed((element,))), element.children[0].end
    assert (structure.kind(5, end), structure.kind(5, end + 9)) == ("list", "element")


def test_a_block_that_starts_inside_a_grapheme_cluster_is_not_cut_there() -> None:
    # The combining mark is a statement to the parser, but belongs to "}" for a reader.
    text, count = "function f(){ }\u0e33\n" * 20, get_encoding("o200k_base").count
    for size in (8, 16, 64):
        chunks, _ = cut(Chunker("o200k_base", size, format="javascript"), text)
        check_contract(chunks, text, count, size)


def test_a_block_is_shown_in_a_line() -> None:
    """It printed all blocks inside: 118,900 characters with a thousand of them."""
    inside = tuple(Block(i, i + 1, "row") for i in range(1000))
    assert repr(Block(0, 1000, "table", children=inside)) == "<Block table 0..1000 of 1000 blocks>"
    assert repr(Block(0, 9, "section", title="A", children=inside[:1])) == (
        "<Block section 'A' 0..9 of 1 block>"
    )
    assert repr(inside[0]) == "<Block row 0..1>"
