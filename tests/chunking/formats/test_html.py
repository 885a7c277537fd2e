"""HTML: sections, lists and tables, with end tags or without."""

import pytest

from ctxtools.chunking.formats import parse_blocks
from tests.chunking.formats.trees import check, sketch

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
        "element PARAGRAPH",
        "  metadata PARAGRAPH '<head><title>T</title></head>\\n'",
        "  element PARAGRAPH",
        "    section SECTION <One & bold>",
        "      heading SECTION '  <h1>One &amp;\\n    <b>bold</b></h1>\\n'",
        "      paragraph NONE '  <p>first\\n'",
        "      paragraph PARAGRAPH '  <p>second</p>\\n'",
        "      section SECTION <Two>",
        "        heading SECTION '  <h2>Two</h2>\\n'",
        "        list NONE",
        "          item SENTENCE '    <li>a\\n'",
        "          item SENTENCE",
        "            list SENTENCE",
        "              item LINE '<li>c'",
        "    section SECTION <Three>",
        "      heading SECTION '  <h1>Three</h1>\\n'",
        "      code NONE '  <pre># x\\n</pre>\\n'",
    ]


def test_the_header_of_a_table_is_repeated() -> None:
    text = "<table>\n<thead><tr><th>é</thead>\n<tbody>\n<tr><td>1\n<tr><td>2</tr>\n</table>\nend"
    (table,) = parse_blocks(text, "html")
    assert (table.kind, table.atomic) == ("table", True)
    assert table.repeat == "<table>\n<thead><tr><th>é</thead>\n"
    assert sketch(table.children, text) == [
        "row NONE '<tr><td>1\\n'",
        "row SENTENCE '<tr><td>2</tr>\\n'",
    ]


def test_scripts_and_comments_have_no_elements() -> None:
    text = "<script>'<p>'</script>\n<!-- <p> -->\n<p>a</p>"
    assert sketch(parse_blocks(text, "html"), text) == [
        "code PARAGRAPH \"<script>'<p>'</script>\\n\"",
        "paragraph PARAGRAPH '<p>a</p>'",
    ]


def test_unmatched_end_tags_are_ignored() -> None:
    text = "</div></p><p>a</p></li>\n"
    assert sketch(parse_blocks(text, "html"), text) == ["paragraph PARAGRAPH '<p>a</p>'"]


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
    text = f"<ul><li>{hidden}<LI\tclass=a>b</ul>"
    (found,) = parse_blocks(text, "html")
    inner = [text[block.start : block.end] for block in found.children if block.kind == "item"]
    assert inner == [f"<li>{hidden}", "<LI\tclass=a>b"]


def test_an_unclosed_tag_is_not_a_tag() -> None:
    text = "<p>a</p>\n<p title='b"
    assert sketch(parse_blocks(text, "html"), text) == ["paragraph PARAGRAPH '<p>a</p>\\n'"]


def test_an_element_far_from_the_start_of_its_line_starts_at_its_tag() -> None:
    """Guards against taking the start of the document for the start of the line."""
    text = " " * 1000 + "<p>a</p>"
    assert sketch(parse_blocks(text, "html"), text) == ["paragraph PARAGRAPH '<p>a</p>'"]
