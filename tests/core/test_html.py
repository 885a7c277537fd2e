"""HTML: the kernel finds the blocks that the fallback finds."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxtools._core.html.elements import RAW
from ctxtools._core.html.references import unescape
from ctxtools.chunking.block import Parsed
from tests.chunking.formats.html.pages import pages, soup
from tests.core import needs_kernel
from tests.core.test_parity import fallback, kernel

pytestmark = needs_kernel
SNAPSHOTS = Path(__file__).parent.parent / "chunking" / "snapshots"

_NAMES = (
    *("html", "head", "body", "title", "meta", "link", "div", "section", "aside", "figure", "nav"),
    *("p", "h1", "h2", "H3", "h6", "pre", "blockquote", "details", "summary", "figcaption", "hr"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "colgroup", "col", "thead", "tbody"),
    *("tr", "th", "td", "TD", "b", "strong", "em", "a", "button", "span", "br", "img", "wbr"),
    *("math", "svg", "annotation", "foreignObject", "script", "style", "textarea", "template"),
    *("plaintext", "xmp", "iframe", "my-tag", "MY-Tag", "é", "noscript", "address", "legend"),
    *("main", "main", "footer"),
)
_ATTRIBUTES = (
    *("", "", "", "", ' class="a > b"', " class='header'", ' class="tblHead x"', " hidden"),
    *(' role="row"', " role=cell", " ROLE=table", ' role="heading" aria-level="3"', " role=none"),
    *(' role="heading"', " role=list", " role=listitem", " role = 'columnheader '", " a = b"),
    *(" role=main", " role=navigation", ' role="contentinfo"', " role=complementary"),
    *(' style="font-weight: bold"', ' style="display :none"', ' scope="col"', " data-x=/", " x='"),
    *(' alt="An &eacute;l&eacute;ment"', ' aria-hidden="true"', ' class="sr-only"', ' y="', "/"),
)
_TEXTS = (
    *("Sentence one.", " Next one", "word", " ", " ", "\n", "\n\n", "\n   ", "\t", "\r\n", "e.g."),
    *("12", "-3.5 €", "$ 1", "４ kg", "Name", "Total", ":", "：", "。", "！」", "He said “no.”"),
    *("&amp;", "&lt;b&gt;", "&#228;", "&#x80;", "&notit;", "&", "&#99999999;", "&nbsp;", "&copy"),
    *(
        "é",
        "😀",
        "\u200b",
        "\xa0",
        "\u2028",
        "\x1c",
        "\x0b",
        "¶",
        "#",
        "~~x~~",
        "{#id}",
        "…",
        "[1]",
    ),
    *("岸は遠い。", "x" * 30, "<", ">", "</", "<!", "<3", "<!-- a -->", "<!-->", "<!-- <p> --!>"),
    *("<![CDATA[ <p> ]]>", "<!-- ", "]]>", "-->", "</script>", "<!DOCTYPE html>", " " * 210),
    *("?", "<?x?>", "a b" * 40, "A"),
)


@st.composite
def markup(draw: st.DrawFn) -> str:
    """Tags, comments and text in any order."""
    parts = []
    opened: list[str] = []
    for _ in range(draw(st.integers(0, 40))):
        kind = draw(st.sampled_from("sstteeex"))
        if kind == "s":
            name = draw(st.sampled_from(_NAMES))
            opened.append(name)
            parts.append(f"<{name}{draw(st.sampled_from(_ATTRIBUTES))}>")
        elif kind == "e" and opened:
            parts.append(f"</{opened.pop()}{draw(st.sampled_from(('', '', ' ', ' a=b')))}>")
        elif kind == "x":
            parts.append(f"</{draw(st.sampled_from(_NAMES))}>")
        else:
            parts.append(draw(st.sampled_from(_TEXTS)))
    return "".join(parts)


@st.composite
def tables(draw: st.DrawFn) -> str:
    """Tables whose first row may be a header."""
    start, end = draw(st.sampled_from([("", ""), ("<p>\n", "</p> "), ("<span style='x'>", "")]))
    bold = "<td style='font-weight:700'>"
    cell = st.sampled_from(["<td>", "<td>", "<td><b>", bold, "<td class=head>"])
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        parts = [draw(st.sampled_from(["<tr>", "<tr>\n", "<tr class='table-header'>"]))]
        tag = draw(cell)
        for _ in range(draw(st.integers(1, 3))):
            tag = draw(st.sampled_from([tag, tag, tag, draw(cell)]))
            words = draw(st.sampled_from(_TEXTS))
            parts.append(f"{tag}{start}{words}{end}{'</b>' if 'b>' in tag else ''}</td>")
        rows.append("".join(parts))
    return f"<table border=1>{''.join(rows)}</table>"


@st.composite
def sentences(draw: st.DrawFn) -> str:
    """A paragraph with tags between its sentences."""
    parts = st.sampled_from(
        [
            *_TEXTS[:12],
            *("</b>", "</em>", "<b>", "<em>", "<a id=x></a>", "<img>", "<br>", "<!-- c -->"),
            *("Dr.", "End.", "。", "</i >", "<sup>[1]</sup>", "</p>", "<svg/>", "?”", "The", "the"),
        ]
    )
    wrapper = draw(st.sampled_from(["p", "div", "li", "td", "pre", "h2", "dd"]))
    return f"<{wrapper}>" + "".join(draw(st.lists(parts, max_size=25)))


def blocks(function: Any, text: str) -> Any:
    found = function(text)
    return [column.tolist() for column in found.columns], found.texts, [*found.inline]


@given(st.one_of(pages(), soup(), markup(), sentences(), tables(), st.text()))
@example("<div>" * 400 + "<ul><li>a" * 200)
@example("<table><tr><td><h2>" * 20)
@example("<p>one.</em></p></b> <i>Two")
def test_the_blocks_of_any_html(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert blocks(kernel("html_blocks"), text) == blocks(fallback("html_blocks"), text)


@pytest.mark.parametrize("path", sorted(SNAPSHOTS.glob("*.html")))
def test_the_blocks_of_documents(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert blocks(kernel("html_blocks"), text) == blocks(fallback("html_blocks"), text)


@given(st.lists(st.sampled_from([*_TEXTS, "&#", "&#x", "0", "9", ";", "amp", "ac", "xE", "7f"])))
@example(["&#", "9" * 5000])
@example(["&#", "0" * 5000, "65"])
def test_references_in_titles(parts: list[str]) -> None:
    text = "<h1>a" + re.sub("[<>]", "", "".join(parts))
    found = kernel("html_blocks")(text)
    assert found.texts == fallback("html_blocks")(text).texts
    assert Parsed(found).blocks[0].title
    assert unescape("&#" + "9" * 5000) == "\ufffd"


def test_raw_elements_end_at_their_end_tags() -> None:
    for name in sorted(RAW):
        text = f"<p>a</p><{name}><p>b</{name.upper()} ><p>c"
        assert blocks(kernel("html_blocks"), text) == blocks(fallback("html_blocks"), text)
