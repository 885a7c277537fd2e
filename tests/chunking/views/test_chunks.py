"""Chunks of a page that was rendered, and of documents of which something was left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking import Chunk, Chunker
from ctxtools.chunking.summary import LeftOut
from ctxtools.documents import Document
from ctxtools.encodings import get_encoding
from ctxtools.errors import UsageError
from tests.chunking.contract import check_contract, check_joins
from tests.chunking.formats.html.pages import pages, soup

O200K = get_encoding("o200k_base")
PAYLOAD = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ" * 3
PAGE = f"""<!DOCTYPE html>
<title>Nets</title>
<style>b {{}}</style>
<script>x()</script>
<p>One <svg><path d="M0 0"/></svg>two.</p>
<img alt="A mast" src="data:image/png;base64,{PAYLOAD}">
<h2>Rope</h2>
<p>Hemp &amp; flax. {"A rope has strands. " * 30}</p>
<table><tr><th>Name</th><th>Length</th></tr>
{"".join(f"<tr><td>rope {i}</td><td>{i} m</td></tr>" for i in range(30))}</table>
"""


def chunks_of(text: str, size: int = 60, **options: object) -> list[Chunk]:
    """Chunks that keep the contract, of the text that was made of a document."""
    chunker = Chunker(O200K, size, **options)  # type: ignore[arg-type]
    found = chunker.chunk(text)
    shown = found.view.text if found.view else text
    chunks = list(found)
    check_contract(chunks, shown, O200K.count, size)
    if not chunker.chunk_overlap:
        check_joins(chunks, shown)
    return chunks


@given(
    pages() | soup(), st.sampled_from(["source", "text", "markdown"]), st.booleans(), st.booleans()
)
def test_the_contract(text: str, render: str, leaves_out: bool, is_markdown: bool) -> None:
    leave_out = ["script", "style", "svg", "data-uri"] if leaves_out else []
    format = "markdown" if is_markdown else "html"
    options = {"format": format, "render": render, "leave_out": leave_out, "header": True}
    chunks = chunks_of(text, 40, chunk_overlap=6, **options)
    for chunk in chunks:
        if render == "source" and not leave_out:
            assert chunk.source_start is chunk.source_end is None
        else:
            assert chunk.source_start is not None and chunk.source_end is not None
            assert 0 <= chunk.source_start <= chunk.source_end <= len(text)


def test_chunks_of_a_rendered_page() -> None:
    chunks = chunks_of(PAGE, format="html", render="markdown", header=True)
    assert chunks[0].text.startswith("One two.\n\n![A mast]()\n\n## Rope\n\nHemp & flax. A rope")
    assert [chunk.headings for chunk in chunks] == [
        ("Nets",),
        *[("Nets", "Rope")] * (len(chunks) - 1),
    ]
    first, last = chunks[0], chunks[-1]
    assert PAGE[first.source_start : first.source_end].startswith("One <svg>")
    assert PAGE[last.source_start : last.source_end].endswith("29 m")
    rows = [chunk for chunk in chunks if chunk.kind == "table"]
    assert len(rows) > 2
    table = "Nets > Rope\n\n| Name | Length |\n|---|---|\n"
    assert all(chunk.header == table for chunk in rows[1:])
    assert all(chunk.text[len(table) :].startswith("| rope ") for chunk in rows[1:])


def test_chunks_of_a_page_as_text() -> None:
    chunks = chunks_of(PAGE, format="html", render="text")
    assert chunks[0].text.startswith("One two.\n\nA mast\n\nRope\n\nHemp & flax.")
    assert chunks[-1].header == "Name | Length\n"
    assert not any("<" in chunk.text for chunk in chunks)


def test_what_is_left_out_of_a_page() -> None:
    chunker = Chunker(O200K, 60, format="html", leave_out=["script", "svg", "data-uri"])
    found = chunker.chunk(PAGE)
    chunks = list(found)
    assert found.view is not None
    script, drawing = "<script>x()</script>\n", '<svg><path d="M0 0"/></svg>'
    assert found.view.text == PAGE.replace(script, "").replace(drawing, "").replace(PAYLOAD, "")
    assert found.summary.left_out == {
        kind: LeftOut(1, len(text), O200K.count(text))
        for kind, text in {"script": script, "svg": drawing, "data-uri": PAYLOAD}.items()
    }
    assert (chunks[0].source_start, chunks[-1].source_end) == (0, len(PAGE))
    assert chunks[-1].headings == ("Nets", "Rope")
    assert chunks[-1].header.startswith("<table><tr><th>Name</th>")
    both = found.summary + found.summary
    assert both.left_out["svg"] == LeftOut(2, 2 * len(drawing), 2 * O200K.count(drawing))


def test_what_is_left_out_of_markdown() -> None:
    text = (
        f"# Screens\n\n![one](data:image/png;base64,{PAYLOAD})\n\n"
        "```html\n<script>kept</script>\n```\n\n"
        "<div><svg><g/></svg></div>\n\n<style>b {}</style>\n\nSee `<svg>` and </svg>.\n"
    )
    found = Chunker(
        O200K, format="markdown", leave_out=["svg", "style", "script", "data-uri"]
    ).chunk(text)
    (chunk,) = found
    assert chunk.text == (
        "# Screens\n\n![one](data:image/png;base64,)\n\n```html\n<script>kept</script>\n```\n\n"
        "<div></div>\n\n\nSee `<svg>` and </svg>.\n"
    )
    assert {kind: each.number for kind, each in found.summary.left_out.items()} == {
        "svg": 1,
        "style": 1,
        "data-uri": 1,
    }
    assert (chunk.source_start, chunk.source_end) == (0, len(text))


@pytest.mark.parametrize(
    "text",
    [
        "<p>a</p><script>b",
        "<p>a</p><style>",
        "<svg><g><p>a",
        "a data:image/png;base64,abcd b",
        "</svg>",
    ],
)
def test_what_only_looks_like_it_is_not_left_out(text: str) -> None:
    chunks = chunks_of(text, format="html", leave_out=["script", "style", "svg", "data-uri"])
    assert "".join(chunk.text for chunk in chunks) == text


def test_other_formats_are_chunked_as_they_are_written() -> None:
    chunker = Chunker(O200K, format="auto", render="text", leave_out=["script"])
    for name in ("a.txt", "a.py", "a.md"):
        found = chunker.chunk("x = '<p>é</p>'\n", source=name)
        (chunk,) = found
        assert chunk.text == "x = '<p>é</p>'\n"
        assert (chunk.source_start, chunk.source_end) == (0, len(chunk.text))
    (streamed,) = chunker.chunk_stream(["<p>", "é"], "a.txt")
    assert (streamed.source_start, streamed.source_end) == (0, 4)


def test_an_empty_view() -> None:
    found = Chunker(O200K, format="html", render="text").chunk("<p></p><script>x</script>")
    assert list(found) == []
    assert found.view is not None and found.view.text == ""
    assert found.summary.left_out["script"].number == 1


def test_pages_of_a_rendered_document() -> None:
    names = ("rope", "hemp", "flax")
    text = "".join(f"<p>The {name} of the net is new.</p>" for name in names)
    document = Document("a.html", text, pages=[text.index(f"<p>The {name}") for name in names])
    chunker = Chunker(O200K, 10, format="html", render="text")
    chunks = [*chunker.chunk_document(document)]
    assert [(chunk.text.split()[1], chunk.page_start, chunk.page_end) for chunk in chunks] == [
        ("rope", 1, 1),
        ("hemp", 2, 2),
        ("flax", 3, 3),
    ]


def test_options_are_checked_and_part_of_the_ids() -> None:
    with pytest.raises(UsageError, match="unknown render 'html'"):
        Chunker(O200K, render="html")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="unknown leave_out 'images'"):
        Chunker(O200K, leave_out=["images"])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="leave_out must be a list of str"):
        Chunker(O200K, leave_out="svg")  # type: ignore[arg-type]
    plain, without = Chunker(O200K), Chunker(O200K, leave_out=["svg"])
    assert "leave_out" not in plain.configuration
    assert plain.configuration != without.configuration
    assert Chunker(**without.options).leave_out == ("svg",)
