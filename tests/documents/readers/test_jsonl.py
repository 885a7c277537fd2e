"""JSONL records."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents import read_documents
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.documents.readers.fields import KeptFields, Record
from ctxtools.documents.readers.jsonl import read_records
from ctxtools.documents.readers.options import DEFAULT
from ctxtools.errors import FormatError

NOTHING_KEPT = KeptFields(DEFAULT)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(texts), st.integers(1, 30), st.sampled_from(["\n", "\r\n", "\n\n"]), st.booleans())
def test_records_cut_anywhere(values: list[str], size: int, newline: str, ascii: bool) -> None:
    # Unescaped U+2028 and U+0085 are characters of a string in JSON, and no ends of lines.
    lines = [json.dumps({"text": value}, ensure_ascii=ascii) for value in values]
    source = newline.join(lines)
    blocks = [source[i : i + size] for i in range(0, len(source), size)]
    step = 2 if newline == "\n\n" else 1
    expected = [Record(1 + i * step, value) for i, value in enumerate(values)]
    assert list(read_records("f", blocks, "text", BadRecords("f"), NOTHING_KEPT)) == expected


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        ('{"text": "a"}', "text", "a"),
        ('{"text": null}', "text", ""),
        ('{"message": {"content": "a"}}', "message.content", "a"),
        ('{"messages": [{"content": "a"}]}', "messages.0.content", "a"),
        ('{"a.b": "dots", "a": {"b": "nested"}}', "a.b", "dots"),
        ('"a"', "text", None),
        ("{}", "text", None),
        ('{"a": "x"}', "a.b", None),
        ('{"a": ["x"]}', "a.1", None),
        ('{"a": ["x"]}', "a.-1", None),
    ],
)
def test_fields(line: str, field: str, expected: str | None) -> None:
    if expected is not None:
        assert list(read_records("f", [line], field, BadRecords("f"), NOTHING_KEPT)) == [
            Record(1, expected)
        ]
        return
    with pytest.raises(FormatError, match=rf"f: line 1: no field '{field}'") as error:
        list(read_records("f", [line], field, BadRecords("f"), NOTHING_KEPT))
    assert error.value.hint


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ('{"text": ', "line 2: not JSON", "one JSON value"),
        ("[" * 100_000, "line 2: not JSON", "one JSON value"),
        ('{"text": ' + "9" * 5000 + "}", "line 2: not JSON", "one JSON value"),
        ('{"text": 3}', "'text' is a number, not a string", "holds a string"),
        ('{"text": true}', "'text' is a boolean", "holds a string"),
        ('{"text": {"en": "a"}}', "'text' is an object", "text.en"),
        ('{"text": ["a"]}', "'text' is a list", "text.0"),
        ('{"body": "a"}', "no field 'text'", "the line has 'body'"),
        ("3", "no field 'text'", "the line is a number"),
    ],
)
def test_bad_lines_are_located(line: str, message: str, hint: str) -> None:
    records = read_records(
        "dir/f.jsonl", ['{"text": "good"}\n', line], "text", BadRecords("dir/f.jsonl"), NOTHING_KEPT
    )
    assert next(records) == Record(1, "good")
    with pytest.raises(FormatError) as error:
        next(records)
    assert error.value.message.startswith("dir/f.jsonl: line 2: ")
    assert message in error.value.message
    assert hint in (error.value.hint or "")


def test_a_line_of_many_blocks_takes_linear_time() -> None:
    blocks = ['{"text": "', *["x" * 10] * 200_000, '"}']
    [(_, text, _, _)] = read_records("f", blocks, "text", BadRecords("f"), NOTHING_KEPT)
    assert len(text) == 2_000_000


def test_the_last_document_has_the_note_on_all_that_were_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"t": "a"}\n{\n{"t": "b"}\n{\n')
    first, last = read_documents(path, field="t", skip_bad_records=True)
    assert (first.text, first.notes, last.text) == ("a", (), "b")
    assert last.notes[0].startswith("2 bad records were skipped")
    read = iter(read_documents(path, field="t"))
    assert next(read).text == "a", "what comes before an error is read"
    with pytest.raises(FormatError):
        next(read)


def test_bad_records_can_be_skipped_and_are_listed() -> None:
    lines = ['{"text": "a"}', "{", "", '{"body": 1}', '{"text": null}', '{"text": [1]}', "3"]
    lines += ['{"text": "b"}']
    bad = BadRecords("f", skip=True)
    assert list(read_records("f", ["\n".join(lines)], "text", bad, NOTHING_KEPT)) == [
        Record(1, "a"),
        Record(8, "b"),
    ]
    [note] = bad.notes
    assert note.startswith("5 bad records were skipped: line 2: not JSON (")
    assert "line 4: no field 'text'; line 5: 'text' is null, not a string; and 2 more" in note


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ('{"n": ' + "9" * 5000 + "}", "n", r"not JSON \(a number has too many digits\)"),
        ("[" * 100_000, "n", r"not JSON \(it is nested too deeply\)"),
        ("[1]", "9" * 5000, "no field"),
        ('{"a": [1]}', "a." + "9" * 5000, "no field"),
        ('{"' + "k" * 10**6 + '": 1}', "n", "no field 'n'"),
        ('{"n": {"' + "k" * 10**6 + '": 1}}', "n", "is an object"),
    ],
)
def test_an_error_of_a_hostile_line_is_short(line: str, field: str, reason: str) -> None:
    with pytest.raises(FormatError, match=reason) as raised:
        list(read_records("f", [line], field, BadRecords("f"), NOTHING_KEPT))
    assert len(str(raised.value)) < 500 + len(field)
