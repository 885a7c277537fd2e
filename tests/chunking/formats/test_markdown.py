"""Markdown: sections, lists, tables and code; and the two parsers, which must agree."""

import pytest

from ctxtools._core.types import Strength
from ctxtools.chunking.formats import parse_blocks
from tests.chunking.formats.trees import check, sketch, walk


def lines(text: str) -> list[str]:
    blocks = parse_blocks(text, "markdown")
    check(blocks, text)
    return sketch(blocks, text)


def test_a_section_has_the_level_of_its_heading() -> None:
    first, second = parse_blocks("# A\n\n### B\n\ntext\n\n## C\n", "markdown")[0].children[1:]
    assert [(block.title, block.level) for block in (first, second)] == [("B", 3), ("C", 2)]
    assert first.children[0].level == 0, "its heading's own block is no section"


def test_sections_nest_by_the_level_of_their_headings() -> None:
    assert lines("intro\n\n# A *b*\ntext\n\n### C `d`\n\nE\n=\nend") == [
        "paragraph PARAGRAPH 'intro\\n'",
        "section SECTION <A b>",
        "  heading SECTION '# A *b*\\n'",
        "  paragraph NONE 'text\\n'",
        "  section SECTION <C d>",
        "    heading SECTION '### C `d`\\n'",
        "section SECTION <E>",
        "  heading SECTION 'E\\n=\\n'",
        "  paragraph NONE 'end'",
    ]


def test_a_section_extends_to_the_next_heading_text_without_block_included() -> None:
    text = "# A\n\n[link]: target\n\n# B\n"
    first, second = parse_blocks(text, "markdown")
    assert text[first.start : first.end] == "# A\n\n[link]: target\n\n"
    assert text[second.start : second.end] == "# B\n"


def test_a_heading_stays_with_the_heading_or_text_after_it() -> None:
    assert lines("# A\n\n## B\n\ntext\n\n# C\n\n# D\n")[2:4] == [
        "  section NONE <B>",
        "    heading NONE '## B\\n'",
    ]
    assert lines("# C\n\n# D\n")[2] == "section SECTION <D>"


def test_lists_contain_items_and_items_contain_lists() -> None:
    assert lines("These:\n\n- a\n  - b\n\n    c\n- d\n\ntext\n") == [
        "paragraph PARAGRAPH 'These:\\n'",
        "list LINE",
        "  item SENTENCE",
        "    list SENTENCE",
        "      item LINE",
        "        paragraph SENTENCE_LINE '  - b\\n'",
        "        paragraph SENTENCE_LINE '    c\\n'",
        "  item SENTENCE '- d\\n'",
        "paragraph PARAGRAPH 'text\\n'",
    ]


def test_the_header_of_a_table_is_repeated() -> None:
    text = "| é | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n"
    (table,) = parse_blocks(text, "markdown")
    assert (table.kind, table.atomic, table.repeat) == ("table", True, text[:20])
    assert sketch(table.children, text) == [
        "row NONE '| 1 | 2 |\\n'",  # never the header alone
        "row SENTENCE '| 3 | 4 |\\n'",
    ]


def test_code_is_atomic_and_contains_no_headings() -> None:
    assert lines("```sh\n# not a heading\n\n```\n\n    indented\n") == [
        "code PARAGRAPH",
        "  code NONE '# not a heading\\n\\n'",
        "code PARAGRAPH '    indented\\n'",
    ]


def test_a_heading_in_a_quote_or_list_does_not_start_a_section() -> None:
    assert lines("> # A\n> b\n\n- # C\n") == [
        "quote PARAGRAPH",
        "  heading SENTENCE '> # A\\n'",
        "  paragraph SENTENCE_LINE '> b\\n'",
        "list PARAGRAPH",
        "  item SENTENCE",
        "    heading SENTENCE '- # C\\n'",
    ]


@pytest.mark.parametrize("fence", ["---", "+++"])
def test_front_matter(fence: str) -> None:
    text = f"\ufeff{fence}\r\ntitle: x\r\n{fence}\r\n# é\r\n"
    assert lines(text)[0] == f"metadata PARAGRAPH {text[1:21]!r}"
    assert lines(text)[1] == "section SECTION <é>"
    assert not any("metadata" in line for line in lines(f"{fence}\n\n{text}"))
    assert not any("metadata" in line for line in lines(f"{fence}\na\n"))


def test_titles_are_plain_and_on_one_line() -> None:
    text = "# a &amp; [b](c) ![d](e) <i>f</i>\t\\*g\nh  \ni\n---\n"
    titles = [block.title for block in walk(parse_blocks(text, "markdown")) if block.title]
    assert titles == ["a & b d f *g", "h i"]


def test_surrogates_do_not_shift_offsets() -> None:
    text = "\ud83d\ude00\n\n# \ud800\n\nend"
    check(parse_blocks(text, "markdown"), text)
    *_, last = walk(parse_blocks(text, "markdown"))
    assert text[last.start : last.end] == "end"


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_any_line_break(newline: str) -> None:
    text = "# A\n\ntext\n\n- a\n- b\n\n| a |\n|---|\n| b |\n"
    expected = [line.replace("\\n", repr(newline)[1:-1]) for line in lines(text)]
    assert lines(text.replace("\n", newline)) == expected


def test_a_paragraph_that_ends_with_a_colon_stays_with_the_next_block() -> None:
    for follows in ("- a", "```\na\n```", "| a |\n|---|\n| b |", "> a"):
        _, second = parse_blocks(f"See:\n\n{follows}\n", "markdown")
        assert second.strength == Strength.LINE
        _, second = parse_blocks(f"See.\n\n{follows}\n", "markdown")
        assert second.strength == Strength.PARAGRAPH


@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_the_fence_of_code_is_repeated_and_its_lines_are_a_block(fence: str) -> None:
    text = f"{fence}sh -x\none\n\ntwo\n{fence}\n"
    (block,) = parse_blocks(text, "markdown")
    assert block.repeat == f"{fence}sh -x\n"
    (body,) = block.children
    assert (text[body.start : body.end], body.strength) == ("one\n\ntwo\n", Strength.NONE)
    assert text[: block.body] == block.repeat


@pytest.mark.parametrize(
    ("text", "repeat", "body"),
    [
        ("```\none\n", "```\n", "one\n"),
        ("   ```\none\n   ```  \n", "   ```\n", "one\n"),
        ("````\n```\n````\n", "````\n", "```\n"),
        ("```\r\none\r\n```\r\n", "```\r\n", "one\r\n"),
        ("~~~\none\n```\n~~~\n", "~~~\n", "one\n```\n"),
        ("- ```py\n  one\n  ```\n", "- ```py\n", "  one\n"),
        ("> ```py\n> one\n> ```\n", "> ```py\n", "> one\n"),
        ("```\n```\n", "", ""),
        ("```\n", "", ""),
        ("    ```\n    one\n    ```\n", "", ""),
        ("    one\n", "", ""),
    ],
)
def test_fences_of_all_kinds(text: str, repeat: str, body: str) -> None:
    block = next(each for each in walk(parse_blocks(text, "markdown")) if each.kind == "code")
    assert block.repeat == repeat
    assert "".join(text[child.start : child.end] for child in block.children) == body


def test_pipe_rows_right_before_a_table_are_rows_of_its_header() -> None:
    head = "| Region | 2023 | |\n| | H1 | H2 |\n|---|---|---|\n"
    for before in ("", "# Sales\n\n", "See:\n", "# Sales\n\nSee:\n"):
        text = f"{before}{head}| North | 1 | 2 |\n"
        blocks = [*walk(parse_blocks(text, "markdown"))]
        (table,) = (block for block in blocks if block.kind == "table")
        assert text[table.start : table.body] == table.repeat == head
        assert ("paragraph" in {block.kind for block in blocks}) == ("See" in before)
        expected = {"": Strength.PARAGRAPH, "# Sales\n\n": Strength.NONE}
        assert table.strength == expected.get(before, Strength.LINE)
        check(parse_blocks(text, "markdown"), text)
