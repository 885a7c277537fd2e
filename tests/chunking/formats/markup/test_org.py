"""Org: headlines, what belongs to them, blocks, tables and lists."""

import pytest

from ctxtools.chunking.formats import parse, parse_blocks
from tests.chunking.formats.trees import check, sketch, walk


def lines(text: str) -> list[str]:
    blocks = parse_blocks(text, "org")
    check(blocks, text)
    return sketch(blocks, text)


def titles(text: str) -> list[tuple[str, int]]:
    blocks = walk(parse_blocks(text, "org"))
    return [(block.title, block.level) for block in blocks if block.title]


def test_what_is_planned_and_drawers_stay_with_their_headline() -> None:
    text = (
        "#+TITLE: T\n#+DATE: d\n\nintro\n\n* A\nDEADLINE: <2024-03-04>\n:PROPERTIES:\n:ID: a\n\n"
        ":END:\ntext\n** B\n:LOGBOOK:\n* C\n"
    )
    assert lines(text) == [
        "section SECTION <T>",
        "  metadata PARAGRAPH '#+TITLE: T\\n#+DATE: d\\n'",
        "  paragraph PARAGRAPH 'intro\\n'",
        "  section SECTION <A>",
        "    heading SECTION '* A\\n'",
        "    metadata NONE 'DEADLINE: <2024-03-04>\\n'",
        "    metadata NONE ':PROPERTIES:\\n:ID: a\\n\\n:END:\\n'",
        "    paragraph NONE 'text\\n'",
        "    section SECTION <B>",
        "      heading SECTION '** B\\n'",
        "      paragraph NONE ':LOGBOOK:\\n'",
        "  section SECTION <C>",
        "    heading SECTION '* C\\n'",
    ]


@pytest.mark.parametrize(
    ("headline", "title"),
    [
        ("* TODO [#A] Buy /bread/ [1/2]  :a:b_c:", "Buy bread"),
        ("* DONE", "DONE"),
        ("* TODOs of *mine*", "TODOs of mine"),
        ("* NEXT step", "NEXT step"),
        ("* WAIT for it", "for it"),
        ("* COMMENT a_b =c d= [50%]", "a_b c d"),
        ("* See [[https://e.org][the page]] and [[e]]", "See the page and e"),
        ("* 12:30 at :a", "12:30 at :a"),
    ],
)
def test_a_title_has_no_keyword_priority_or_tags(headline: str, title: str) -> None:
    assert titles(f"#+TODO: TODO WAIT(w) | DONE\n{headline}\n") == [(title, 1)]


@pytest.mark.parametrize(
    "text", ["*bold* text\n", " * item\n", "#+begin_src a\n* b\n#+end_src\n", "a * b\n"]
)
def test_what_is_no_headline(text: str) -> None:
    assert titles(text) == []


def test_blocks_are_atomic_and_have_their_names() -> None:
    text = """\
Code:

#+NAME: a
#+CAPTION[b]: c
#+BEGIN_SRC python
* d

e
#+END_SRC

# of the quote
#+begin_quote
f

g
#+end_quote
#+begin_src h
text
"""
    code = text[text.index("#+NAME") : text.index("\n# of")]
    assert lines(text) == [
        "paragraph PARAGRAPH 'Code:\\n'",
        f"code LINE {code!r}",
        "quote PARAGRAPH",
        "  paragraph NONE 'f\\n\\ng\\n'",
        "  element NONE '#+end_quote\\n'",
        "paragraph PARAGRAPH '#+begin_src h\\ntext\\n'",
    ]
    block = parse_blocks(text, "org")[1]
    assert block.atomic and block.repeat == code[: code.index("* d")]
    assert text[block.body :].startswith("* d")


TABLE = "| a | b |\n|---+---|\n| 1 | 2 |\n| 3 | 4 |\n"


@pytest.mark.parametrize(
    ("text", "head", "rows"),
    [
        (TABLE, 2, 2),
        (f"#+NAME: t\n{TABLE}#+TBLFM: $2=1\n", 3, 2),
        (f"|---+---|\n{TABLE}|---+---|\n", 3, 2),
        (TABLE.replace("|---+---|\n", ""), 0, 3),
        ("| a |\n|---|\n", 0, 1),
    ],
)
def test_the_header_of_a_table_is_repeated(text: str, head: int, rows: int) -> None:
    table, _ = parse_blocks(f"{text}\nend\n", "org")
    assert (table.kind, table.atomic, len(table.children)) == ("table", True, rows)
    assert table.repeat == "".join(text.splitlines(keepends=True)[:head])
    assert table.children[-1].end == table.end == len(text)


def test_lists_are_nested_by_indentation() -> None:
    text = (
        "- a\n  more\n\n  b\n  1. c\n     #+begin_src d\n- e\n     #+end_src\n+ f\n\n\n- g\ntext\n"
    )
    assert lines(text) == [
        "list PARAGRAPH",
        "  item SENTENCE",
        "    list SENTENCE",
        "      item LINE '  1. c\\n     #+begin_src d\\n- e\\n     #+end_src\\n'",
        "  item SENTENCE '+ f\\n'",
        "list PARAGRAPH",
        "  item SENTENCE '- g\\n'",
        "paragraph PARAGRAPH 'text\\n'",
    ]


def test_other_elements() -> None:
    text = ": fixed\n: width\n\n-----\n[fn:1] a\nb\n\n:DRAWER:\nc\n:END:\n#hash\n\n# comment\n"
    assert lines(text) == [
        "code PARAGRAPH ': fixed\\n: width\\n'",
        "rule PARAGRAPH '-----\\n'",
        "item PARAGRAPH '[fn:1] a\\nb\\n'",
        "metadata PARAGRAPH ':DRAWER:\\nc\\n:END:\\n'",
        "paragraph PARAGRAPH '#hash\\n'",
        "metadata PARAGRAPH '# comment\\n'",
    ]


def test_links_and_code_are_not_cut() -> None:
    text = "See [[a b]], [[https://e.org][c d]], =e f= and ~g h~; i =j.\n"
    assert [text[start:end] for start, end in parse(text, "org").inline] == [
        *("[[a b]]", "[[https://e.org][c d]]", "=e f=", "~g h~")
    ]
