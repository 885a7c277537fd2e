"""JSON and JSONL: blocks of valid values, located errors of others."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxtools._core.types import Strength
from ctxtools.chunking import Chunker
from ctxtools.chunking.block import Block, Parsed
from ctxtools.chunking.formats import parse, parse_blocks
from ctxtools.chunking.formats.json import without_comments
from ctxtools.chunking.formats.outline import outline
from ctxtools.chunking.structure import Structure
from ctxtools.errors import FormatError
from tests.chunking.formats.trees import check, sketch

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda values: st.lists(values, max_size=6) | st.dictionaries(st.text(max_size=9), values),
    max_leaves=40,
)
_texts = st.builds(
    lambda value, indent, ascii: json.dumps(value, indent=indent, ensure_ascii=ascii),
    _values,
    st.sampled_from([None, 0, 2]),
    st.booleans(),
)


def _is_json(text: str) -> bool:
    """Whether Python can load it without its comments and commas after last members."""
    try:
        json.loads(_without_comments(text), strict=False)
    except ValueError:
        return False
    return True


def _without_comments(text: str) -> str:
    """A character at a time."""
    kept, at, in_string = "", 0, False
    while at < len(text):
        if in_string:
            length = 2 if text[at] == "\\" else 1
            in_string = text[at] != '"'
        elif text[at] == '"':
            length, in_string = 1, True
        elif text.startswith(("//", "/*"), at):
            mark = "\n" if text[at + 1] == "/" else "*/"
            end = text.find(mark, at + 2)
            if end < 0 and mark == "*/":
                return "not closed"
            at = len(text) if end < 0 else end + len(mark)
            kept += " "
            continue
        else:
            length = 1
            *values, last = kept.rstrip(" \t\r\n").rpartition(",")
            before = values[0].rstrip(" \t\r\n")
            if text[at] in "]}" and values[1] and not last and before[-1:] not in tuple("[{,:"):
                kept = before
        kept += text[at : at + length]
        at += length
    return kept


def _values_of(block: Block, text: str) -> list[Any]:
    """The members in the blocks of an object or array, joined; the bracket follows the last."""
    first = block.children[0]
    assert all(before.end == after.start for before, after in pairwise(block.children))
    bracket = text[block.start : first.start].rstrip()[-1]
    inside = bracket + text[first.start : block.end]
    value = json.JSONDecoder().raw_decode(inside)[0]
    return list(value.items()) if block.kind == "object" else value


def _check_members(block: Block, value: Any, text: str) -> None:
    if not block.children:
        return
    members = _values_of(block, text)
    # Written again, since NaN is not NaN, and since the last of two equal keys counts.
    expected = list(value.items()) if block.kind == "object" else value
    assert json.dumps(members) == json.dumps(expected, default=list)
    for child in block.children:
        if child.title:
            key = child.title
            inner = value[int(key[1:-1])] if block.kind == "array" else _by_title(value, key)
            _check_members(child, inner, text)


def _by_title(value: dict[str, Any], title: str) -> Any:
    found = [inner for key, inner in value.items() if " ".join(key.split()) == title]
    return found[0] if len(found) == 1 else None


@given(_texts)
def test_blocks_contain_the_members_of_the_value(text: str) -> None:
    (root,) = parse_blocks(text, "json")
    check([root], text)
    value = json.loads(text)
    assert json.dumps(json.loads(text[root.start : root.end])) == json.dumps(value)
    if all(_is_plain(key) for key in _keys(value)):
        _check_members(root, value, text)


def _keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for inner in value.values() for key in _keys(inner))]
    return [key for inner in value for key in _keys(inner)] if isinstance(value, list) else []


def _is_plain(key: str) -> bool:
    return key == " ".join(key.split()) != ""


_EDITS = [*'[]{},:"1a\\ /*\n', "", "[1]", ",]", ",}", "/* ] */", "// a\n"]


@given(
    _texts,
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 3), st.sampled_from(_EDITS)),
        max_size=3,
    ),
)
def test_text_is_json_if_python_can_load_it(text: str, edits: list[tuple[int, int, str]]) -> None:
    for offset, length, new in edits:
        text = text[:offset] + new + text[offset + length :]
    for format in ("json", "jsonl"):
        good = (
            _is_json(text)
            if format == "json"
            else all(_is_json(line) for line in text.split("\n") if line.strip(" \t\r\n"))
        )
        try:
            parse_blocks(text, format)
        except FormatError:
            assert not good
        else:
            assert good


def test_keys_and_numbers_are_titles_and_small_members_are_merged() -> None:
    long = "x" * 60
    first, second = f'{{"name": "{long}"}}', f'{{"n\\u00e9": "{long}"}}'
    text = f'{{\n  "users": [\n    {first},\n    {second}\n  ],\n  "n": 1,\n  "m": {{}}\n}}\n'
    assert sketch(parse_blocks(text, "json"), text) == [
        "object PARAGRAPH",
        "  array NONE <users>",
        "    object NONE <[0]>",
        f'      value NONE \'"name": "{long}"\'',
        "    object PARAGRAPH <[1]>",
        f'      value NONE \'"n\\\\u00e9": "{long}"\'',
        '  value PARAGRAPH \'  "n": 1,\\n  "m": {}\\n\'',
    ]


def test_comments_and_commas_after_the_last_member_are_accepted() -> None:
    text = """// of the editor
{
  "size": 4, // spaces
  /* what is
     not shown */
  "hidden": {"%s": true, /* all of it */ },
  // the end
}
"""
    text = text.replace("%s", "x" * 60)
    assert sketch(parse_blocks(text, "json"), text) == [
        "object PARAGRAPH",
        "  value NONE '  \"size\": 4, // spaces\\n'",
        "  object PARAGRAPH <hidden>",
        f"    value NONE '\"{'x' * 60}\": true, /* all of it */ '",
    ]
    assert json.loads(without_comments(text)) == {"size": 4, "hidden": {"x" * 60: True}}
    assert outline(text, "json").startswith("object\n  size: integer\n  hidden: object\n")


def test_a_long_string_has_the_lines_and_paragraphs_of_its_escapes() -> None:
    lines = [
        "A pump, which is far too long a word for what it is and does.",
        "and\\\\n no break at all",
    ]
    lines[1] += " since a backslash is before the letter there"
    value = f"{lines[0]}\\n{lines[1]}\\r\\n\\r\\n{'It goes on: ' * 15}\\n \\t\\n"
    text = f'{{"a": 1, "body": "{value}{value}"}}'
    parsed = parse(text, "json")
    (small, body) = parsed.blocks[0].children
    assert text[small.start : small.end] == '"a": 1, '
    assert (body.title, body.atomic, body.end) == ("body", True, len(text) - 1)
    assert [(line.strength.name, text[line.start :][:12]) for line in body.children] == [
        ("SENTENCE_LINE", "and\\\\n no br"),
        ("PARAGRAPH", "It goes on: "),
        ("PARAGRAPH", "A pump, whic"),
        ("SENTENCE_LINE", "and\\\\n no br"),
        ("PARAGRAPH", "It goes on: "),
    ]
    assert body.children[-1].end == body.end
    assert [text[start:end] for start, end in parsed.inline] == ['"body": "A']


def test_messages_of_a_long_record_are_blocks() -> None:
    turns = [{"role": "user", "content": f"Question {n}? " * 9} for n in range(8)]
    text = json.dumps({"messages": turns}) + "\n"
    (record,) = parse_blocks(text, "jsonl")
    (messages,) = record.children
    assert (record.kind, messages.title, len(messages.children)) == ("record", "messages", 8)
    assert {turn.strength.name for turn in messages.children[1:]} == {"PARAGRAPH"}
    chunks = [*Chunker("o200k_base", 100, format="jsonl", header=True).chunk(text)]
    assert all('{"role"' in chunk.text for chunk in chunks)


@given(_values, st.integers(20, 80), st.sampled_from([None, 2]), st.booleans())
@example({"0": None, "": [None]}, 20, 2, False)
@example([-10_000_000_000_000, -100_000_000_000_000], 20, 2, False)
@example([None, [10000000000.0]], 34, 2, True)
def test_a_chunk_starts_with_a_closing_bracket_only_where_what_it_closes_does_not_fit(
    value: Any, size: int, indent: int | None, header: bool
) -> None:
    text = json.dumps({"paths": {"a": {"get": [value, {"b": {"c": value}}]}}}, indent=indent)
    chunker = Chunker("o200k_base", size, format="json", header=header)
    blocks = parse_blocks(text, "json")
    for chunk in chunker.chunk(text):
        body = chunk.text.removeprefix(chunk.header)
        if body.lstrip().startswith(("]", "}")):
            bracket = chunk.end_index - len(body.lstrip())
            inner = Structure(Parsed(blocks)).enclosing(bracket)[-1]
            # Nor are brackets that open cut off from what is first in them.
            is_first = inner.strength == Strength.NONE
            assert is_first or chunker.count(text[inner.start : inner.end]) > size // 2


def test_a_record_is_a_line() -> None:
    text = '\ufeff{"a": 1}\r\n\n[' + "1234567890, " * 60 + '1]\n"b"'
    blocks = parse_blocks(text, "jsonl")
    assert [text[b.start : b.end] for b in blocks] == [
        '{"a": 1}\r\n',
        "[" + "1234567890, " * 60 + "1]\n",
        '"b"',
    ]
    assert {(b.kind, b.atomic) for b in blocks} == {("record", True)}
    assert len(blocks[1].children) > 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text is empty"),
        ('{"a": 1\n "b": 2}', "line 2, column 2: expected a comma or closing bracket"),
        ("[,]", "line 1, column 2: expected a value, not ','"),
        ("[1,,]", "line 1, column 4: expected a value, not ','"),
        ("1 /* a", "line 1, column 3: extra text after the value"),
        ("[/* a", "line 1, column 2: expected a value, not '/'"),
        ("[[", "line 1, column 3: 2 brackets are not closed"),
        ("[1]]", "line 1, column 4: extra text after the value"),
        ("[1],", "line 1, column 4: extra text after the value"),
        ("1,", "line 1, column 2: extra text after the value"),
        ("{1: 2}", "line 1, column 2: expected a key in double quotes, not '1'"),
        ('{"a" 1}', "line 1, column 5: expected a colon after the key"),
        ('["a": 1]', "line 1, column 2: expected a value, not a key"),
        ('["a": ', "line 1, column 2: expected a value, not a key"),
        ('{"a": 1 "b": ', "line 1, column 9: expected a comma or closing bracket, not '\"'"),
        # Guards against the offset of the key before the fault.
        ('{"a": tru}', "line 1, column 7: expected a value after the key, not 't'"),
        ('{"a": }', "line 1, column 7: expected a value after the key, not '}'"),
        ('{"a":', "line 1, column 6: 1 bracket is not closed"),
        ('[{"a":\n\n', "line 1, column 7: 2 brackets are not closed"),
        ('{"a": "C:\\dir"}', "line 1, column 7: a string is not closed, or has an invalid escape"),
    ],
)
def test_errors_are_located(text: str, message: str) -> None:
    with pytest.raises(FormatError) as raised:
        parse_blocks(text, "json")
    assert message in raised.value.message


def test_errors_in_records_are_located() -> None:
    text = '{"id": 2}\n{"id": 3, "text": \n{"id": 4}\n'
    with pytest.raises(FormatError, match="line 2, column 19: 1 bracket is not closed"):
        parse_blocks(text, "jsonl")
