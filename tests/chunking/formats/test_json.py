"""JSON and JSONL: blocks of valid values, located errors of others."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking.block import Block
from ctxtools.chunking.formats import parse_blocks
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
    try:
        json.loads(text, strict=False)
    except ValueError:
        return False
    return True


def _values_of(blocks: tuple[Block, ...], kind: str, text: str) -> list[Any]:
    """The members in the blocks of an object or array, joined."""
    inside = "".join(text[block.start : block.end] for block in blocks).strip().rstrip(",")
    value = json.loads(f"{{{inside}}}" if kind == "object" else f"[{inside}]")
    return list(value.items()) if kind == "object" else value


def _check_members(block: Block, value: Any, text: str) -> None:
    if not block.children:
        return
    members = _values_of(block.children, block.kind, text)
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


_EDITS = [*'[]{},:"1a\\ ', "", "[1]"]


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
        "    object SENTENCE <[1]>",
        f'      value NONE \'"n\\\\u00e9": "{long}"\'',
        '  value PARAGRAPH \'  "n": 1,\\n  "m": {}\\n\'',
    ]


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
        ("[1,]", "line 1, column 4: expected a value, not ']'"),
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
