"""HTML in Markdown is read as HTML; links, code and tags in a line are not cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking import Chunker
from ctxtools.chunking.formats import parse, parse_blocks
from tests.chunking.contract import check_contract
from tests.chunking.formats.html.pages import pages, soup
from tests.chunking.formats.trees import check, sketch


def lines(text: str) -> list[str]:
    blocks = parse_blocks(text, "markdown")
    check(blocks, text)
    return sketch(blocks, text)


def inline(text: str) -> list[str]:
    return [text[start:end] for start, end in parse(text, "markdown").inline]


def test_a_table_on_one_line_as_parsers_of_scanned_pages_write_it() -> None:
    row = "<tr><td>buoy {0}</td><td>m</td><td>{0}.5</td></tr>"
    header = "<table><tr><td>Buoy</td><td>Unit</td><td>Mean</td></tr>"
    rows = "".join(row.format(i) for i in range(40))
    text = f"# Report\n\nTable 1. Means:\n\n{header}{rows}</table>\n\nafter\n"
    chunker = Chunker("o200k_base", 120, format="markdown")
    chunks = [*chunker.chunk(text)]
    check_contract(chunks, text, chunker.count, 120)
    assert [chunk.header for chunk in chunks[1:]] == [header] * (len(chunks) - 1)
    assert all(text[chunk.start_index :].startswith("<tr>") for chunk in chunks[1:])
    assert {chunk.kind for chunk in chunks[1:-1]} == {"table"}
    table = [block for block in parse_blocks(text, "markdown")[0].children if block.kind == "table"]
    assert [block.strength.name for block in table] == ["LINE"]


def test_empty_lines_in_a_table() -> None:
    text = "<table>\n<tr><th>A</th></tr>\n\n<tr><td>1</td></tr>\n\n<tr><td>2</td></tr>\n</table>\n"
    (table,) = parse_blocks(text, "markdown")
    assert (table.kind, table.repeat) == ("table", "<table>\n<tr><th>A</th></tr>\n")
    assert [block.kind for block in table.children] == ["row"] * 3


def test_headings_in_html_rule_as_those_of_markdown_do() -> None:
    heading = '<h1 align="center"><img alt="Logo" src="x"><br>Net</h1>'
    text = f"{heading}\n\na\n\n## B\n\nb\n\n<h2>C</h2>\nc\n"
    assert lines(text) == [
        "section SECTION <Logo Net>",
        '  heading SECTION \'<h1 align="center"><img alt="Logo" src="x"><br>Net</h1>\\n\'',
        "  paragraph NONE 'a\\n'",
        "  section SECTION <B>",
        "    heading SECTION '## B\\n'",
        "    paragraph NONE 'b\\n'",
        "  section SECTION <C>",
        "    heading SECTION '<h2>C</h2>\\n'",
        "    paragraph NONE 'c\\n'",
    ]


def test_elements_around_markdown() -> None:
    text = "<details>\n<summary>Q</summary>\n\n*A*\n\n</details>\n<div>\n\nb\n\n</div>\n\nc\n"
    assert lines(text) == [
        "element PARAGRAPH '<details>\\n<summary>Q</summary>\\n'",
        "paragraph NONE '*A*\\n'",
        "html NONE '</details>\\n'",
        "html PARAGRAPH '<div>\\n'",
        "paragraph NONE 'b\\n'",
        "html NONE '</div>\\n'",
        "paragraph PARAGRAPH 'c\\n'",
    ]


def test_comments_and_html_in_a_quote() -> None:
    assert lines("<!-- a -->\n\nb\n\n> <p>c</p>\n") == [
        "html PARAGRAPH '<!-- a -->\\n'",
        "paragraph PARAGRAPH 'b\\n'",
        "quote PARAGRAPH",
        "  html SENTENCE '> <p>c</p>\\n'",
    ]


@given(st.lists(st.one_of(pages(), soup(), st.sampled_from(["# A\n\n", "\n\ntext\n\n", "- b\n"]))))
def test_any_html_between_markdown(parts: list[str]) -> None:
    text = "".join(parts)
    check(parse_blocks(text, "markdown"), text)


@pytest.mark.parametrize(
    "heading, title",
    [
        ("Boats<br>and ships<br/>here", "Boats and ships here"),
        ("Installing {#installing}", "Installing"),
        ("~~old~~ new ~ ~~ b", "old new ~ ~~ b"),
        ("Use\u200b", "Use"),
        ("Warping[¶](#warping)", "Warping"),
        ("C#", "C#"),
        ("{#if ...}", "{#if ...}"),
        ("<brand>A</brand>", "A"),
    ],
)
def test_the_title_of_a_section_is_what_a_reader_sees(heading: str, title: str) -> None:
    (section,) = parse_blocks(f"# {heading}\n", "markdown")
    assert section.title == title


@pytest.mark.parametrize(
    "text, spans",
    [
        (
            'See [the `code`](http://a.b "A title. Here") there',
            ['[the `code`](http://a.b "A title. Here")'],
        ),
        ("a `b  c` and ``d ` e`` and `f", ["`b  c`", "``d ` e``"]),
        (
            "![An image](a.png) [x y][z] [not one] [a\nb](c)",
            ["![An image](a.png)", "[x y][z]", "[a\nb](c)"],
        ),
        ("[![A badge](a b)](c)", ["[![A badge](a b)](c)", "![A badge](a b)"]),
        ('a <kbd title="x. Y">b</kbd> <a\nhref=c>', ['<kbd title="x. Y">', "<a\nhref=c>"]),
        ("a < b and c > d, <1 2>", []),
        (r"\[a b](c d) \`e f` \<g h>", []),
        ("[a (b) c](d (e) f) g", ["[a (b) c](d (e) f)"]),
        ("a `b\n\nc` [d\n\ne](f) <g\n\nh>", []),
        ("`short`, [s](t), <br>", []),
        (f"<https://a.b/{'c' * 40}>", [f"<https://a.b/{'c' * 40}>"]),
        ("```\n`a b` [c d](e)\n```\n\n    <f g>\n", []),
        ("- [a b](c)\n  > `d e`\n", ["[a b](c)", "`d e`"]),
        ("| [a b](c) |\n|---|\n| `d e` |\n", ["[a b](c)", "`d e`"]),
        (f"[{'a ' * 3000}](b)", []),
    ],
)
def test_what_is_not_cut_inline(text: str, spans: list[str]) -> None:
    assert inline(text) == spans


@given(st.text(alphabet="`[]()<>a! \\\n-", max_size=80))
def test_spans_of_any_text_are_in_order(text: str) -> None:
    outer = (0, 0)
    for start, end in parse(text, "markdown").inline:
        assert 0 <= start < end <= len(text)
        assert start >= outer[1] or end <= outer[1]
        outer = max(outer, (start, end), key=lambda span: span[1])


def test_links_are_not_cut() -> None:
    link = '[the page about part {0}](https://example.org/parts/{0} "With a drawing. And a table.")'
    text = "".join(f"Part {i} is on {link.format(i)} and fits. " for i in range(20))
    chunks = [*Chunker("o200k_base", 90, format="markdown").chunk(text)]
    assert len(chunks) > 5
    assert all(chunk.text.count("[") == chunk.text.count("](") for chunk in chunks)
    assert all(chunk.text.count("](") == chunk.text.count('")') for chunk in chunks)
