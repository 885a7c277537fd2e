"""Results in Jupyter: tables that are small, escaped and without scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.jupyter import html_table, html_text
from ctxtools.packing import Form, OmittedDocument, Pack, PackedDocument
from tests.report.pages import HOSTILE, tree

O200K = ctx.get_encoding("o200k_base")
any_text = st.text(st.characters()) | st.sampled_from(HOSTILE)
ALLOWED = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "pre"}


def check(html: str, size: int = 20_000) -> None:
    html.encode()
    assert len(html) < size
    document = tree(f"<main>{html}</main>").css_first("main")
    for element in document.css("*"):
        assert element.tag in {*ALLOWED, "main"}
        assert {*element.attributes} <= {"style", "colspan"}


@given(any_text, st.lists(st.lists(any_text | st.integers(), min_size=2, max_size=2), max_size=30))
def test_tables_hold_any_text(caption: str, rows: list[list[str | int]]) -> None:
    html = html_table(caption, ("a", caption), rows, numbers=(1,))
    check(html, 200_000)
    cells = tree(html).css("tbody td")
    assert len(cells) == 2 * min(len(rows), 20)
    if len(rows) > 20:
        assert f"… {len(rows) - 20} more" in html
    for cell, value in zip(cells, (each for row in rows for each in row), strict=False):
        if isinstance(value, int):
            assert cell.text() == f"{value:,}"
        elif value.isascii() and value.isprintable():
            assert cell.text() == value


def test_a_text_is_cut() -> None:
    assert html_text("a<b\x1b", 10).endswith(">a&lt;b\\x1b</pre>")
    assert html_text("a" * 11, 10).endswith(f">{'a' * 10}…</pre>")


@pytest.mark.parametrize("text", HOSTILE)
def test_results(text: str) -> None:
    documents = tuple(PackedDocument(f"{text}{n}", Form.WHOLE, n, 1.0) for n in range(50))
    packed = Pack(text, 9, 1234, text, documents, (OmittedDocument(text, text, 5),))
    html = packed._repr_html_()
    check(html)
    assert "9 of 1,234 tokens" in html and "… 31 more" in html
    chat = [{"role": "user", "content": text, "name": "x"}]
    check(ctx.count_messages(chat, model="claude-opus-4-8")._repr_html_())
    chunks = ctx.Chunker(O200K, chunk_size=30).chunk(f"# {text}\n\n{text} words. " * 9, source=text)
    for chunk in chunks:
        check(chunk._repr_html_())
    html = chunks.summary._repr_html_()
    check(html)
    assert f"{chunks.summary.tokens:,}" in html


def test_numbers() -> None:
    counted = ctx.count_messages([{"role": "user", "content": "hello"}], model="gpt-4o")
    html = counted._repr_html_()
    check(html)
    assert f"{counted.total} tokens, gpt-4o" in html
