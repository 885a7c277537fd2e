"""What Markdown has beside CommonMark: front matter, containers, admonitions, formulas, imports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking.formats import parse_blocks
from tests.chunking.formats.trees import check, sketch, walk


def lines(text: str) -> list[str]:
    blocks = parse_blocks(text, "markdown")
    check(blocks, text)
    return sketch(blocks, text)


@pytest.mark.parametrize(
    "front",
    [
        "---\nkey: a\ntitle: The title\n# no heading\n---\n",
        "---\ntitle: The title  # of it\n...\n",
        "---\ntitle: 'The title'\n---\n",
        '---\n"title" : "The\\u0020title"\n---\n',
        "---\ntitle: >-\n  The title\n---\n",
        '+++\ntitle = "The title"\n[a]\ntitle = "no"\n+++\n',
        "+++\r\ntitle = 'The title'\r\n+++\r\n",
        '{\n  "title": "The title",\n  "a": {}\n}\n',
    ],
)
def test_the_title_of_front_matter_is_the_outermost_heading(front: str) -> None:
    text = f"\ufeff{front}\ntext\n\n## A\n"
    assert lines(text) == [
        "section SECTION <The title>",
        f"  metadata PARAGRAPH {front!r}",
        "  paragraph PARAGRAPH 'text\\n'",
        "  section SECTION <A>",
        "    heading SECTION '## A\\n'",
    ]
    assert parse_blocks(f"{front}\n# B\n", "markdown")[1].title == "B"  # a heading outranks it


@pytest.mark.parametrize(
    "front",
    [
        "---\na: b\n",
        "---\n\na: b\n---\n",
        "{\n",
        "{\na\n}\n",
        "+++\na\n---\n",
        "text\n---\ntitle: a\n---\n",
    ],
)
def test_what_is_no_front_matter(front: str) -> None:
    assert not any(block.kind == "metadata" for block in parse_blocks(front, "markdown"))


@pytest.mark.parametrize("front", ["---\na: b\n---\n", "---\ntitle: # none\n---\n", "{\n}\n"])
def test_front_matter_without_a_title(front: str) -> None:
    assert [block.kind for block in parse_blocks(f"{front}text\n", "markdown")] == [
        *("metadata", "paragraph")
    ]


def test_a_container_keeps_the_line_that_closes_it() -> None:
    text = """\
# A

:::note Of **it**
text
- a
:::
after

:::: {.warning}
one

::: tip
two
:::
::::
"""
    assert lines(text) == [
        "section SECTION <A>",
        "  heading SECTION '# A\\n'",
        "  element NONE",
        "    paragraph NONE 'text\\n'",
        "    list SENTENCE",
        "      item SENTENCE '- a\\n'",
        "    element NONE ':::\\n'",
        "  paragraph PARAGRAPH 'after\\n'",
        "  element PARAGRAPH",
        "    paragraph NONE 'one\\n'",
        "    element SENTENCE",
        "      paragraph NONE 'two\\n'",
        "      element NONE ':::\\n'",
        "    element NONE '::::\\n'",
    ]


def test_headings_in_a_container_are_headings() -> None:
    text = "a\n\n::: details\n## B\n\nc\n\n:::\n\nd\n"
    assert lines(text) == [
        "paragraph PARAGRAPH 'a\\n'",
        "section SECTION <B>",
        "  element PARAGRAPH '::: details\\n'",
        "  heading NONE '## B\\n'",
        "  paragraph NONE 'c\\n'",
        "  element NONE ':::\\n'",
        "  paragraph PARAGRAPH 'd\\n'",
    ]


def test_components_are_containers() -> None:
    text = """\
# A

<Tabs groupId="os">
  <TabItem value="a">

  ## B

  one

  </TabItem>
  <TabItem value="b">

  ## C

  two

  </TabItem>
</Tabs>

<Card title="d">
  three
</Card>
<Icon />
"""
    assert lines(text) == [
        "section SECTION <A>",
        "  heading SECTION '# A\\n'",
        "  section NONE <B>",
        "    element NONE '<Tabs groupId=\"os\">\\n'",
        "    element NONE '  <TabItem value=\"a\">\\n'",
        "    heading NONE '  ## B\\n'",
        "    paragraph NONE '  one\\n'",
        "    element NONE '  </TabItem>\\n'",
        "  section SECTION <C>",
        "    element PARAGRAPH '  <TabItem value=\"b\">\\n'",
        "    heading NONE '  ## C\\n'",
        "    paragraph NONE '  two\\n'",
        "    element NONE '  </TabItem>\\n'",
        "    element NONE '</Tabs>\\n'",
        "    element PARAGRAPH",
        "      paragraph NONE '  three\\n'",
        "      element NONE '</Card>\\n'",
        "    html PARAGRAPH '<Icon />\\n'",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "```\n:::note\n```\n\n:::\n",
        "::: note\ntext\n",
        ":::\ntext\n:::\n",
        "- a\n\n      ::: note\n      :::\n",
        "a ::: b\n",
        "~~~\n!!! note\n    a\n~~~\n",
    ],
)
def test_what_is_no_container(text: str) -> None:
    kinds = {block.kind for block in walk(parse_blocks(text, "markdown"))}
    assert "element" not in kinds


def test_admonitions_have_an_indented_text() -> None:
    text = '## A\n\n!!! note "Of it"\n    one\n\n    # two\n??? tip\n\tthree\n\nafter\n\n!!! no\n'
    assert lines(text)[1:] == [
        "  heading SECTION '## A\\n'",
        "  element NONE '!!! note \"Of it\"\\n    one\\n\\n    # two\\n'",
        "  element PARAGRAPH '??? tip\\n\\tthree\\n'",
        "  paragraph PARAGRAPH 'after\\n'",
        "  paragraph PARAGRAPH '!!! no\\n'",
    ]


def test_formulas_and_imports_are_not_read() -> None:
    text = """\
import A, { B } from '@a/b';
import "c"

export const d = {
  # e
}

$$
# f
= g
$$
h

$$
i

# J
$$
"""
    assert lines(text) == [
        "imports PARAGRAPH 'import A, { B } from \\'@a/b\\';\\nimport \"c\"\\n'",
        "imports PARAGRAPH 'export const d = {\\n  # e\\n}\\n'",
        "paragraph PARAGRAPH '$$\\n# f\\n= g\\n$$\\n'",
        "paragraph PARAGRAPH 'h\\n'",
        "paragraph PARAGRAPH '$$\\ni\\n'",
        "section SECTION <J>",
        "  heading SECTION '# J\\n'",
        "  paragraph NONE '$$\\n'",
    ]


def test_prose_is_no_import() -> None:
    text = "import is a word of trade\n\nexport goods\n\nimport it from 'here' or there\n"
    assert {block.kind for block in parse_blocks(text, "markdown")} == {"paragraph"}


_PIECES = [
    *(":::note\n", ":::\n", "::::\n", "text\n", "\n", "# A\n", "## B\n", "- a\n", "  b\n", "```\n"),
    *("!!! note\n", "    c\n", "$$\n", "import 'd'\n", "export {}\n", "> e\n", ":::tip F\n"),
    *("| g |\n|---|\n| h |\n", "<div>\n", '=== "i"\n', "<Tab>\n", "</Tab>\n", "<Card a>\n"),
    *("</Card>\n", "### C\n"),
]


@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join))
def test_containers_among_anything(text: str) -> None:
    blocks = parse_blocks(text, "markdown")
    check(blocks, text)
    titles = [block.title for block in walk(blocks) if block.title]
    assert set(titles) <= {"A", "B", "C"}
