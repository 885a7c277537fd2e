"""TOML and INI: sections and keys as tomllib and configparser find them."""

import configparser
import tomllib
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking.formats import parse_blocks
from tests.chunking.formats.trees import check, sketch, walk


def lines(text: str, format: str) -> list[str]:
    blocks = parse_blocks(text, format)
    check(blocks, text)
    return sketch(blocks, text)


LONG = "a value that is longer than those that are merged with each other"


def test_tables_are_sections_and_comments_stay_with_keys() -> None:
    text = f"""\
# Of the file.

a = 1
b = 2

# Of c.
[c]
# Of d.
d = "{LONG}"
e = [
  1, # one
]

[c."f.g"] # h
i = {{ j = 1 }}
# At the end.
"""
    assert lines(text, "toml") == [
        "comment PARAGRAPH '# Of the file.\\n'",
        "value PARAGRAPH 'a = 1\\nb = 2\\n'",
        "section SECTION <c>",
        "  heading SECTION '# Of c.\\n[c]\\n'",
        f"  value NONE '# Of d.\\nd = \"{LONG}\"\\n'",
        "  value SENTENCE 'e = [\\n  1, # one\\n]\\n'",
        'section SECTION <c."f.g">',
        "  heading SECTION '[c.\"f.g\"] # h\\n'",
        "  value NONE 'i = { j = 1 }\\n'",
        "  comment SENTENCE '# At the end.\\n'",
    ]


def test_tables_of_an_array_are_named_or_numbered() -> None:
    text = "[[a]]\nb = 1\nname = 'c'\n[[a]]\nb = 1\n[[d.e]]\n[[a]]\nid = \"f\"\n"
    titles = [block.title for block in parse_blocks(text, "toml")]
    assert titles == ["a c", "a[1]", "d.e[0]", "a f"]


@pytest.mark.parametrize(
    "value",
    [
        '"""\n[a]\nb = 1 \\"""\n"""',
        "'''\n[a]\n\"\"\"\n'''",
        '[\n  "]",\n  [1, 2],\n\n  # c = [\n]',
        "{ a = [\n1 ] }",
        '"[a" # [',
        "'''a''' # '''",
    ],
)
def test_a_value_may_have_several_lines(value: str) -> None:
    text = f'first = "{LONG}"\nkey = {value}\nlast = "{LONG}"\n'
    found = [text[block.start : block.end] for block in parse_blocks(text, "toml")]
    assert found == [f'first = "{LONG}"\n', f"key = {value}\n", f'last = "{LONG}"\n']


@pytest.mark.parametrize("value", ["[", '"""', "'''", "{ a = [", "["])
def test_a_value_that_is_not_closed_does_not_take_the_rest(value: str) -> None:
    text = f'key = {value}\nlast = "{LONG}"\n\n[a]\nb = 1\n'
    assert [block.title for block in walk(parse_blocks(text, "toml")) if block.title] == ["a"]


_keys = st.text("ab.-é\"'[]= ", min_size=1, max_size=6)
_scalars = st.text("ab\n\"'[]={}#\\ é", max_size=30) | st.integers(0, 9) | st.booleans()
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(_keys, _values, max_size=6), st.booleans())
def test_sections_and_values_are_those_of_tomllib(values: dict[str, Any], multiline: bool) -> None:
    text = tomli_w.dumps(values, multiline_strings=multiline)
    assert tomllib.loads(text) is not None
    blocks = parse_blocks(text, "toml")
    check(blocks, text)
    for block in walk(blocks):
        if block.kind in ("value", "heading"):
            tomllib.loads(text[block.start : block.end])
    if not multiline:
        heads = sum(block.kind == "heading" for block in walk(blocks))
        assert heads == sum(line.startswith("[") for line in text.split("\n"))


def test_ini_files_have_sections_too() -> None:
    text = f"""\
; Of the file.
[a b]
c: {LONG}
   more of it
d
# Of e.
e = 1

[remote "f"]
\tg = {LONG}
\th = 2
"""
    assert lines(text, "ini") == [
        "section SECTION <a b>",
        "  heading SECTION '; Of the file.\\n[a b]\\n'",
        f"  value NONE 'c: {LONG}\\n   more of it\\n'",
        "  value SENTENCE 'd\\n# Of e.\\ne = 1\\n'",
        'section SECTION <remote "f">',
        "  heading SECTION '[remote \"f\"]\\n'",
        f"  value NONE '\\tg = {LONG}\\n'",
        "  value SENTENCE '\\th = 2\\n'",
    ]


def test_properties_continue_after_a_backslash() -> None:
    text = f"# Of a.\na.b = {LONG} \\\n  c, \\\n  d=e\n! Of f.\nf: {LONG}\\\\\ng h\n"
    assert [text[block.start : block.end] for block in parse_blocks(text, "ini")] == [
        f"# Of a.\na.b = {LONG} \\\n  c, \\\n  d=e\n",
        f"! Of f.\nf: {LONG}\\\\\n",
        "g h\n",
    ]


_names = st.text("ab é.\"'", min_size=1, max_size=8).map(str.strip).filter(bool)


@given(st.dictionaries(_names, st.dictionaries(st.sampled_from("cde"), st.text("x [="))))
def test_sections_are_those_of_configparser(values: dict[str, dict[str, str]]) -> None:
    text = "".join(
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()) + "\n"
        for name, keys in values.items()
    )
    parser = configparser.RawConfigParser(default_section="\0")
    parser.read_string(text)
    blocks = parse_blocks(text, "ini")
    check(blocks, text)
    found = [" ".join(block.title.split()) for block in blocks if block.title]
    assert found == [" ".join(name.split()) for name in parser.sections()]
