"""Markdown: the kernel finds the blocks that the fallback finds, where CommonMark is specific."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxtools.chunking.block import MAX_DEPTH
from ctxtools.chunking.formats.lines import without_mark
from ctxtools.chunking.formats.markup import front_matter
from tests.core import needs_kernel
from tests.core.test_parity import fallback, kernel, outcome

pytestmark = needs_kernel
SNAPSHOTS = Path(__file__).parent.parent / "chunking" / "snapshots"

_WORDS = (
    *(
        "word",
        "é",
        "*soft*",
        "**loud**",
        "`code`",
        "`some code`",
        "``a ` b``",
        "[a](b)",
        "😀",
        "\\#",
    ),
    *("&lt;", "[some words](http://a.b/c_(d) 'title')", "![an image](b.png)", "[a b][c d]", "\\["),
    *(
        "<b class='x y'>",
        "</b>",
        "a:",
        "見よ：",
        "{#id}",
        "~~struck~~",
        "¶",
        "\u200b",
        "\u2028",
        "x" * 50,
    ),
    *("[", "]", "<!-- a comment -->", "(", ")", "end.", "\xa0", "\x1c", "a\\", "Näme"),
    *("\\#", "x" * 50),
)
_INLINE = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=6).map(" ".join)
_PLAIN = st.lists(st.sampled_from(["word", "é", "two words", "end."]), min_size=1).map(" ".join)


def _lines(*parts: "str | st.SearchStrategy[str]") -> st.SearchStrategy[str]:
    """Parts, each on a line."""
    found = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*found).map("\n".join)


def _cut(words: str) -> str:
    """Words that start and end with none of what a parser may take for something else."""
    return f"w {words} w".replace("<!-- a comment -->", "c")


_TEXT = _INLINE.map(_cut)
_ROW = st.lists(_PLAIN, min_size=2, max_size=2).map(lambda cells: f"| {' | '.join(cells)} |")
_leaves = st.one_of(
    _TEXT,
    st.lists(_TEXT, min_size=2, max_size=3).map("\n".join),
    st.tuples(st.integers(1, 6), _TEXT).map(lambda pair: "#" * pair[0] + " " + pair[1]),
    st.tuples(_TEXT, st.sampled_from("=-")).map(lambda pair: f"{pair[0]}\n{pair[1] * 3}"),
    st.sampled_from(["See:", "次のとおり：", "See: \\", "***"]),
    _lines(st.sampled_from(["```py", "```", "```` a"]), _TEXT, "", "# no heading", "````"),
    _lines("~~~", "import a from 'b'", "::: a", "~~~"),
    _TEXT.map(lambda words: f"    {words}"),
    _lines("| a | b |", "|---|:-:|", _ROW, _ROW),
    _lines(_ROW, "| a | b |", "|---|:-:|", _ROW),
    _TEXT.map(lambda words: f"<div>\n{words}\n</div>"),
)
# What CommonMark has not, or does not see in a list or a quote.
_outer = st.one_of(
    _lines("<h2>Title", "</h2>"),
    st.sampled_from(
        ["<details><summary>More</summary>", "</details>", "<p align=center>\n<img a>"]
    ),
    st.sampled_from(["<table><tr><th>a</th></tr>\n<tr><td>b</td></tr></table>", "<!-- a\nb -->"]),
    _lines(
        st.sampled_from(["!!! note", '??? "Title"', '=== "Tab"', "???+ é"]),
        "    words",
        "",
        "    b",
    ),
    _lines("$$", "x = y", st.sampled_from(["$$", "y$$", ""])),
    st.sampled_from(
        ["import a from 'b'", 'import "b";', "export const a = 1", "import { a } from 'b';"]
    ),
)


def _inside(blocks: st.SearchStrategy[list[str]]) -> st.SearchStrategy[str]:
    def quote(parts: list[str]) -> str:
        return "\n".join(f"> {line}".rstrip() for line in "\n\n".join(parts).split("\n"))

    def item(parts: list[str], marker: str) -> str:
        first, *rest = "\n\n".join(parts).split("\n")
        indent = " " * len(marker)
        return "\n".join([marker + first, *(f"{indent}{line}".rstrip() for line in rest)])

    items = st.lists(blocks, min_size=1, max_size=3)
    return st.one_of(
        blocks.map(quote),
        items.map(lambda items: "\n".join(item(parts, "- ") for parts in items)),
        items.map(lambda items: "\n\n".join(item(parts, "1. ") for parts in items)),
    )


def _contained(blocks: st.SearchStrategy[list[str]]) -> st.SearchStrategy[str]:
    """Blocks in a container."""
    fences = st.sampled_from(
        [("::: note", ":::"), ("<Tabs>", "</Tabs>"), ("<A.b c='d e'>", "</A.b>")]
    )
    parts = st.tuples(fences, blocks)
    return parts.map(lambda pair: "\n\n".join([pair[0][0], *pair[1], pair[0][1]]))


_block = st.recursive(
    _leaves, lambda block: _inside(st.lists(block, min_size=1, max_size=3)), max_leaves=8
)
_any = st.recursive(
    _block | _outer, lambda block: _contained(st.lists(block, max_size=3)), max_leaves=8
)
_FRONT = (
    "",
    "",
    "",
    "\ufeff",
    "---\ntitle: 'é b'\n---\n",
    "+++\na = 1\n+++\n",
    '{\n"title": "x"\n}\n',
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Documents that CommonMark specifies completely, but for what it does not have."""
    text = draw(st.sampled_from(_FRONT)) + "\n\n".join(draw(st.lists(_any, max_size=8)))
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])))


def arguments(text: str) -> tuple[str, int, int, str, int]:
    start = without_mark(text)
    return text, start, *front_matter.find(text, start), MAX_DEPTH


def same(name: str, *some: Any) -> None:
    assert outcome(kernel(name), *some) == outcome(fallback(name), *some)


@given(documents())
@example("w\n\n::: a\n\n# b\n\n:::\n\n# c")
@example("<Tabs>\n\n<Tabs>\n\n" * 9 + "# a\n\n" + "</Tabs>\n\n" * 18)
def test_the_blocks_of_documents(text: str) -> None:
    """The parsers differ in what they make of blocks nested deeper than asked for."""
    same("markdown_blocks", *arguments(text))
    _, _, front, _, depth = arguments(text)
    same("markdown_html", text, front, depth)


@pytest.mark.parametrize("path", sorted(SNAPSHOTS.glob("*.md")), ids=lambda path: path.name)
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_the_blocks_of_snapshots(path: Path, line_break: str) -> None:
    text = path.read_text(encoding="utf-8").replace("\n", line_break)
    same("markdown_blocks", *arguments(text))


_PARTS = (
    *("[", "]", "(", ")", "](", "`", "``", "```", "\\", "!", "![", "<", "<a ", ">", "</b>", "<!--"),
    *(
        "-->",
        "--!>",
        "<![CDATA[",
        "]]>",
        "\n",
        "\n\n",
        " \n",
        "\r\n",
        "\t",
        " ",
        "a",
        "a b",
        "é",
        "😀",
    ),
    *('"', "'", "=", "/", "?", "x" * 45, "é" * 45, "é " * 2001, "a" * 4001, "\x0b", "\xa0", "\x00"),
)


@given(st.lists(st.sampled_from(_PARTS), max_size=60).map("".join), st.data())
@example("[" * 3000 + "]()" * 3000, None)
def test_inline_markup(text: str, data: "st.DataObject | None") -> None:
    """In any text."""
    offsets = st.lists(st.integers(0, len(text)), max_size=4).map(sorted)
    cuts = [0, *data.draw(offsets), len(text)] if data else [0, len(text)]
    same("markdown_inline", text, [*zip(cuts[::2], cuts[1::2], strict=False)])


@pytest.mark.parametrize(
    "title", ["a" * 201, "é" * 201, "a {#b}", "a {: #b .c}", "~~ a ~~b~~", "a\u200d", "{#a}", "a ¶"]
)
def test_titles(title: str) -> None:
    same("markdown_blocks", *arguments(f"# {title}\n\n## b\n"))
