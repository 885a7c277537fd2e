"""AsciiDoc: sections, blocks with what belongs to them, lists, tables."""

import pytest

from ctxtools.chunking.formats import parse, parse_blocks
from tests.chunking.formats.trees import check, sketch, walk


def lines(text: str) -> list[str]:
    blocks = parse_blocks(text, "asciidoc")
    check(blocks, text)
    return sketch(blocks, text)


def titles(text: str) -> list[tuple[str, int]]:
    blocks = walk(parse_blocks(text, "asciidoc"))
    return [(block.title, block.level) for block in blocks if block.title]


def test_sections_are_nested_and_the_header_stays_with_the_title() -> None:
    text = "= A\nAda <a@b.c>\n:toc:\n\nIntro.\n\n== B\n:b: c\n\nText.\n\n=== C\n\nD\n~\n\n== E ==\n"
    assert lines(text) == [
        "section SECTION <A>",
        "  heading SECTION '= A\\n'",
        "  metadata NONE 'Ada <a@b.c>\\n:toc:\\n'",
        "  paragraph NONE 'Intro.\\n'",
        "  section SECTION <B>",
        "    heading SECTION '== B\\n'",
        "    metadata NONE ':b: c\\n'",
        "    paragraph NONE 'Text.\\n'",
        "    section SECTION <C>",
        "      heading SECTION '=== C\\n'",
        "    section SECTION <D>",
        "      heading SECTION 'D\\n~\\n'",
        "  section SECTION <E>",
        "    heading SECTION '== E ==\\n'",
    ]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("== The *new* `f_g` of _it_", "The new f_g of it"),
        ("== [[a]]About <<b,the other>> and link:c[d e]", "About the other and d e"),
        ("== https://e.org[A page] #now#", "A page now"),
    ],
)
def test_a_title_is_read_without_its_markup(written: str, title: str) -> None:
    assert titles(f"{written}\n\ntext\n") == [(title, 2)]


@pytest.mark.parametrize(
    "text",
    [
        "----\n== a\n----\n",
        "====\n== a\n====\n",
        "a long line of text\n----\n== b\n----\n",
        "////\n== a\n////\n",
        "==a\n",
        "```\n# a\n```\n",
        "text\n== a\n",
    ],
)
def test_what_is_no_title(text: str) -> None:
    assert titles(text) == []


def test_what_belongs_to_a_block_is_a_part_of_it() -> None:
    text = """\
// about it
[[anchor]]
== A

.Title of it
[source,ruby]

----
b

c
----

ifdef::d[]
[NOTE]
====
Text.
====
endif::[]
"""
    code = text[text.index(".Title") : text.index("\nifdef")]
    assert lines(text) == [
        "section SECTION <A>",
        "  heading SECTION '// about it\\n[[anchor]]\\n== A\\n'",
        f"  code NONE {code!r}",
        "  element PARAGRAPH",
        "    paragraph NONE 'Text.\\n'",
        "    element NONE '====\\n'",
        "  metadata PARAGRAPH 'endif::[]\\n'",
    ]
    block = parse_blocks(text, "asciidoc")[0].children[1]
    assert block.repeat == code[: code.index("b\n")]
    assert block.atomic and text[block.body :].startswith("b\n")


def test_blocks_are_nested_in_examples() -> None:
    text = "====\nOne:\n\n* a\n\n****\nTwo.\n****\n====\n\n--\nThree.\n--\n"
    assert lines(text) == [
        "element PARAGRAPH",
        "  paragraph NONE 'One:\\n'",
        "  list LINE",
        "    item SENTENCE '* a\\n'",
        "  element SENTENCE",
        "    paragraph NONE 'Two.\\n'",
        "    element NONE '****\\n'",
        "  element NONE '====\\n'",
        "element PARAGRAPH",
        "  paragraph NONE 'Three.\\n'",
        "  element NONE '--\\n'",
    ]


def test_lists_have_items_with_blocks_and_lists() -> None:
    text = """\
* a
more of it
** b
+
----
* c

d
----

* e

  literal

. f
* g

text
"""
    assert lines(text) == [
        "list PARAGRAPH",
        "  item SENTENCE",
        "    list SENTENCE",
        "      item LINE '** b\\n+\\n----\\n* c\\n\\nd\\n----\\n\\n'",
        "  item SENTENCE",
        "    list SENTENCE",
        "      item LINE '. f\\n'",
        "  item SENTENCE '* g\\n'",
        "paragraph PARAGRAPH 'text\\n'",
    ]


def test_terms_and_callouts() -> None:
    text = "a:: b\nc::\n  d\n\n----\ne <1>\n----\n<1> f\n<2> g\n"
    assert lines(text) == [
        "list PARAGRAPH",
        "  item SENTENCE 'a:: b\\n'",
        "  item SENTENCE 'c::\\n  d\\n'",
        "code PARAGRAPH '----\\ne <1>\\n----\\n'",
        "list LINE",
        "  item SENTENCE '<1> f\\n'",
        "  item SENTENCE '<2> g\\n'",
    ]


@pytest.mark.parametrize(
    ("text", "head", "rows"),
    [
        (".T\n|===\n|A |B\n\n|1 |2\n|3 |4\n|===\n", None, ["|1 |2\n", "|3 |4\n|===\n"]),
        ("[%header,cols=2*]\n|===\n|A\n|B\n|1\n|2\n|===\n", None, ["|1\n|2\n|===\n"]),
        (
            '[cols="1,2",options="header"]\n|===\n|A|B\n|1 a\nb|2\n|===\n',
            None,
            ["|1 a\nb|2\n|===\n"],
        ),
        ("|===\n|1 |2\n|3 |4\n|===\n", "", ["|===\n|1 |2\n", "|3 |4\n|===\n"]),
        ("[%noheader]\n|===\n|1 |2\n\n|3 |4\n|===\n", "", ["|===\n|1 |2\n\n", "|3 |4\n|===\n"]),
        ("|===\n|A |B\n\n2+|1\n|2 |a\\|b\n|===\n", None, ["2+|1\n", "|2 |a\\|b\n|===\n"]),
        (",===\nA,B\n\n1,2\n,===\n", ",===\nA,B\n\n", ["1,2\n,===\n"]),
    ],
)
def test_the_header_of_a_table_is_repeated(text: str, head: str | None, rows: list[str]) -> None:
    table, _ = parse_blocks(f"{text}\nend\n", "asciidoc")
    found = [text[row.start : row.end] for row in table.children]
    assert (table.kind, table.atomic, found) == ("table", True, rows)
    assert table.repeat == (text[: text.index(rows[0])] if head is None else head)
    assert not table.repeat or text[table.body :].startswith(rows[0])


def test_other_blocks() -> None:
    text = "'''\n\nimage::a.png[B, c]\n\n  literal\n  text\n\nNOTE: d\n\n<<<\n"
    assert lines(text) == [
        "rule PARAGRAPH \"'''\\n\"",
        "element PARAGRAPH 'image::a.png[B, c]\\n'",
        "code PARAGRAPH '  literal\\n  text\\n'",
        "paragraph PARAGRAPH 'NOTE: d\\n'",
        "rule PARAGRAPH '<<<\\n'",
    ]


@pytest.mark.parametrize("text", ["----\na\n", "====\na\n\nb\n", "|===\n|a\n", "* a\n+\n----\nb\n"])
def test_what_is_not_closed_ends_with_what_is_around_it(text: str) -> None:
    blocks = parse_blocks(text, "asciidoc")
    check(blocks, text)
    assert blocks[0].end == len(text)


def test_links_and_code_are_not_cut() -> None:
    text = "See link:a.html[b c], <<d,e f>>, https://e.org/g[h] and `i j`.\n"
    assert [text[start:end] for start, end in parse(text, "asciidoc").inline] == [
        *("link:a.html[b c]", "<<d,e f>>", "https://e.org/g[h]", "`i j`")
    ]
