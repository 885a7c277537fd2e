"""HTML: elements, sections and lists, with end tags or without."""

from bisect import bisect_left
from itertools import pairwise

import pytest
from hypothesis import example, given

from ctxtools._core.html.elements import VOID
from ctxtools._core.html.tokens import END, START, tokens
from ctxtools._core.html.tree import CLOSE, OPEN, events
from ctxtools.chunking.formats import parse_blocks
from tests.chunking.formats.html.pages import pages, soup
from tests.chunking.formats.trees import check, sketch, walk

_PAGE = """<!DOCTYPE html>
<html><head><title>T</title></head>
<body>
  <h1>One &amp;
    <b>bold</b></h1>
  <p>first
  <p>second</p>
  <h2>Two</h2>
  text
  <ul>
    <li>a
    <li>b <ol><li>c</ol>
  </ul>
  <h1>Three</h1>
  <pre># x
</pre>
</body></html>
"""


def test_sections_and_lists() -> None:
    blocks = parse_blocks(_PAGE, "html")
    check(blocks, _PAGE)
    assert sketch(blocks, _PAGE) == [
        "metadata PARAGRAPH '<!DOCTYPE html>\\n<html><head><title>T</title></head>\\n'",
        "section SECTION <One & bold>",
        "  heading SECTION '<body>\\n  <h1>One &amp;\\n    <b>bold</b></h1>\\n'",
        "  paragraph NONE '  <p>first\\n'",
        "  paragraph PARAGRAPH '  <p>second</p>\\n'",
        "  section SECTION <Two>",
        "    heading SECTION '  <h2>Two</h2>\\n'",
        "    paragraph NONE '  text\\n'",
        "    list PARAGRAPH",
        "      item SENTENCE '  <ul>\\n    <li>a\\n'",
        "      item SENTENCE",
        "        paragraph SENTENCE_LINE '    <li>b '",
        "        list SENTENCE",
        "          item LINE '<ol><li>c</ol>\\n  </ul>\\n'",
        "section SECTION <Three>",
        "  heading SECTION '  <h1>Three</h1>\\n'",
        "  code NONE '  <pre># x\\n</pre>\\n</body></html>\\n'",
    ]


@given(pages() | soup())
@example("<div><p></p>a<p>b</div>")
@example("<ul><li></li><li>a</ul><a></a><h2>b</h2></b><p>c")
@example("<p>a</p><b></b></div><h1>b<div>c</div></h1></i><pre>d</pre>")
def test_no_block_starts_or_ends_inside_a_tag_or_parts_it_from_what_it_belongs_to(
    text: str,
) -> None:
    blocks = parse_blocks(text, "html")
    check(blocks, text)
    found = [*tokens(text)]
    seen = [
        event
        for event in events(text, found)
        if event.kind == CLOSE or text[event.start : event.end].strip()
    ]
    empty = {a.end for a, b in pairwise(seen) if (a.kind, b.kind) == (OPEN, CLOSE)}
    starts, ends = [token.start for token in found], [token.end for token in found]
    for block in walk(blocks):
        for offset in (block.start, block.end):
            i = bisect_left(starts, offset) - 1
            assert i < 0 or not found[i].start < offset < found[i].end
        before = len(text[: block.start].rstrip())
        i = bisect_left(ends, before)
        if i < len(ends) and ends[i] == before and found[i].kind == START:
            is_empty = found[i].name in VOID or before in empty
            assert is_empty, "a start tag belongs to what follows it"
        after = len(text) - len(text[block.start :].lstrip())
        i = bisect_left(starts, after)
        if 0 < i < len(starts) and starts[i] == after:
            assert found[i].kind != END, "an end tag belongs to what is before it"


def test_scripts_and_comments_have_no_elements() -> None:
    text = "<script>'<p>'</script>\n<!-- <p> -->\n<p>a</p>"
    assert sketch(parse_blocks(text, "html"), text) == [
        "code PARAGRAPH \"<script>'<p>'</script>\\n\"",
        "paragraph PARAGRAPH '<p>a</p>'",
    ]


def test_unmatched_end_tags_are_ignored() -> None:
    text = "</div></p><p>a</p></li>\n<p>b</p></ul>"
    assert sketch(parse_blocks(text, "html"), text) == [
        "paragraph PARAGRAPH '</div></p><p>a</p>'",
        "paragraph PARAGRAPH '<p>b</p></ul>'",
    ]


def test_a_long_comment_and_many_elements() -> None:
    text = "<p>é</p>\n<!-- " + "-" * 300_000 + " -->\n" + "<p>a</p>\n" * 20_000
    blocks = parse_blocks(text, "html")
    assert len(blocks) == 20_001
    assert text[blocks[-1].start : blocks[-1].end] == "<p>a</p>\n"


@pytest.mark.parametrize(
    "hidden",
    [
        '<a title="<li>" href=/>',
        "<a title='<li>'>",
        '<a\ntitle = "<li>"data-x>',
        "<!-- <li> -- > <li> -->",
        "<!--><b>",
        "<!DOCTYPE html>",
        "<?xml <li ?>",
        "</ <li >",
        "<![CDATA[ <li> ]]>",
        "<textarea><li></TEXTAREA >",
        "<style>li > a {content: '<li>'}</style>",
        "1 < 2 <3",
        "<linear>",
    ],
)
def test_text_that_only_looks_like_a_tag(hidden: str) -> None:
    text = f"<ul><li>a{hidden}<LI\tclass=a>b</ul>"
    (found,) = parse_blocks(text, "html")
    inner = [text[block.start : block.end] for block in found.children if block.kind == "item"]
    assert inner == [f"<ul><li>a{hidden}", "<LI\tclass=a>b</ul>"]


def test_an_unclosed_tag_is_not_a_tag() -> None:
    text = "<p>a</p>\n<p title='b"
    assert sketch(parse_blocks(text, "html"), text) == [
        "paragraph PARAGRAPH '<p>a</p>\\n'",
        'paragraph PARAGRAPH "<p title=\'b"',
    ]


def test_an_element_far_from_the_start_of_its_line_starts_at_its_tag() -> None:
    """Guards against taking the end of the last block for the start of the line."""
    text = "<p>a</p>" + " " * 1000 + "<p>b</p>"
    assert sketch(parse_blocks(text, "html"), text) == [
        "paragraph PARAGRAPH '<p>a</p>'",
        "paragraph PARAGRAPH '<p>b</p>'",
    ]
