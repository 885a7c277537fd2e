"""Where pages are cut."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ctxtools import Chunker, Encoding
from ctxtools.chunking.settings import Format
from tests.chunking.formats.html.cuts import faults
from tests.chunking.formats.html.pages import pages, soup

LINK = '<a href="https://example.org/p/{0}" title="Of part {0}. With all" class="a b">{0}</a>'
MANUAL = "".join(
    f'<section id="s{i}"><header><h2>Part {i}</h2></header><div class="body">\n<p>It is on '
    f"{LINK.format(i)} and fits <b> well</b>.</p><details><summary>Why?</summary><p>Since {i}.</p>"
    f"</details>\n<dl><dt>Term {i}</dt><dd>Its <code>name</code></dd></dl></div></section>\n"
    for i in range(12)
)

# In a chunk, the tokens of the title and of the start of a row are not the sum of theirs.
_BESIDE_A_HEADER = (
    "<!DOCTYPE html>\n<title>A &lt;page&gt;</title>\n<div><div><table><tr><th>rope</th>"
    "<th>rope</th><th><!-- <p> --><br></th></tr><tr><td>1</td><td>1</td><td>1</td></tr>"
    "</table></div></div>"
)


@settings(max_examples=50)
@given(pages() | soup(), st.sampled_from([24, 40, 80]))
@example(_BESIDE_A_HEADER, 24)
def test_no_tag_is_cut(text: str, size: int) -> None:
    assert not faults(text, size, header=True)["inside a tag"]


@pytest.mark.parametrize("size", [64, 90, 128, 200, 256])
def test_a_manual(size: int) -> None:
    found = faults(f"<html><body><main><h1>Manual</h1>{MANUAL}</main></body></html>", size)
    assert found.pop("cuts") > 2
    assert not any(found.values())


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("html", "<dl><dt>create<dd><p>{0}</p>\n<p>{1}</p>\n<p>{2}</p></dl>"),
        ("markdown", "- {0}\n\n  {1}\n\n  {2}\n"),
    ],
)
def test_a_long_item_is_cut_between_its_paragraphs(
    o200k: Encoding, format: Format, text: str
) -> None:
    paragraphs = [
        "The image has the size that was asked for. " * 4 + "It is new.",
        "It names the file that it is based on. It is the same in all else. " * 3,
        "The size is that of the base, where none is named. " * 3,
    ]
    chunks = [*Chunker(o200k, 80, format=format).chunk(text.format(*paragraphs))]
    assert len(chunks) == 3
    for paragraph, chunk in zip(paragraphs, chunks, strict=True):
        assert paragraph.strip() in chunk.text
