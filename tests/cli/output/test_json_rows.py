"""JSON that is written as it is formatted: the bytes of the object as a whole."""

import io
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.cli.output.console import json_text
from ctxtools.cli.output.json_rows import JsonFormat, print_object
from ctxtools.cli.output.reports.count import Report
from ctxtools.cli.output.rows import FileCount
from ctxtools.cli.targets import Target
from ctxtools.documents import Skipped
from ctxtools.encodings import get_encoding

NAMES = st.text(st.characters() | st.sampled_from('\x7f\u202e\udcff\n"\\é%'), max_size=8)
ITEMS = st.lists(
    st.dictionaries(NAMES, st.one_of(NAMES, st.integers(), st.lists(NAMES)), max_size=3)
)


def _printed(call: Any) -> str:
    with pytest.MonkeyPatch.context() as patch:
        stdout = io.StringIO()
        patch.setattr(sys, "stdout", stdout)
        call()
        return stdout.getvalue()


@given(st.dictionaries(st.sampled_from("abcd"), ITEMS | NAMES, min_size=1), st.data())
def test_an_object_is_written_as_if_at_once(values: dict[str, Any], data: st.DataObject) -> None:
    lists = [name for name, value in values.items() if isinstance(value, list)]
    streamed = data.draw(st.sets(st.sampled_from(lists))) if lists else set()
    format = JsonFormat([repr(values), json_text(values), *_strings(values)])
    items = {name: map(format.item, values[name]) for name in streamed}
    printed = _printed(lambda: print_object(values, items, format))
    assert printed == json_text(values, indent=2) + "\n"


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [each for pair in value.items() for item in pair for each in _strings(item)]
    if isinstance(value, list):
        return [each for item in value for each in _strings(item)]
    return [value] if isinstance(value, str) else []


COUNTS = st.builds(
    FileCount,
    NAMES,
    st.integers(0, 1 << 40),
    st.tuples(st.integers(0, 1 << 40), st.integers(0, 9)),
    kind=st.sampled_from(["text", "text", "image"]),
    records=st.sampled_from([1, 1, 1, 5]),
    notes=st.sampled_from([(), (), (), ("a note",)]),
    how=st.just(()),
)


@given(
    st.lists(
        COUNTS | st.builds(Skipped, NAMES, NAMES, st.booleans(), st.none() | NAMES), max_size=9
    )
)
def test_a_report_is_written_as_if_at_once(results: list[FileCount | Skipped]) -> None:
    encodings = {"o200k_base": "o200k_base", "100 %s": "cl100k_base"}
    targets = [Target(name, get_encoding(each)) for name, each in encodings.items()]
    report = Report(targets, [each.encoding for each in targets], one_input=False)
    for result in results:
        report.add(result)
    files = [report._file(each) for each in results if isinstance(each, FileCount)]
    value = {
        "columns": [each.as_json() for each in targets],
        "files": files,
        "skipped": [
            {"path": each.path, "reason": each.reason}
            | ({} if each.hint is None else {"hint": each.hint})
            for each in results
            if isinstance(each, Skipped)
        ],
        "notes": [],
        "total": report._total_figures(),
    }
    printed = _printed(lambda: report.print_json("file"))
    assert printed == json_text(value, indent=2) + "\n"
