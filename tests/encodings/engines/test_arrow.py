"""Columns of Arrow: each row has the count that its text has."""

import builtins
from array import array
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings import Encoding, get_encoding
from ctxtools.encodings.engines.tiktoken import TiktokenBackend
from ctxtools.encodings.files.patterns import get_pattern
from ctxtools.encodings.files.specs import SPECS
from ctxtools.errors import FormatError, MissingExtraError, UsageError
from tests.strategies import texts

pa = pytest.importorskip("pyarrow")

ROWS = ["one", None, "", "twelve bytes", "thirteen bytes!", "中文" * 20] * 50


@pytest.fixture(params=["the engine here", "tiktoken"])
def encodings(request: pytest.FixtureRequest) -> Iterator[Encoding]:
    """With the kernel, where it was compiled, and by way of pyarrow."""
    if request.param != "tiktoken":
        yield get_encoding("o200k_base")
        return
    spec = SPECS["o200k_base"]
    yield Encoding("tiktoken", TiktokenBackend(spec.ranks(), get_pattern("o200k"), nfc=False))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_every_kind_of_strings(kind: object, encodings: Encoding) -> None:
    column = pa.array(ROWS, kind)
    expected = [encodings.count(row or "") for row in ROWS]
    table = pa.table({"text": column})
    for source in (column, pa.chunked_array([column]), table, table.to_batches()[0]):
        counts = encodings.count_arrow(source, threads=2)
        assert (counts.format, counts.readonly, counts.tolist()) == ("Q", True, expected)
    assert encodings.count_arrow(column.slice(3, 9)).tolist() == expected[3:12]
    assert encodings.count_arrow(table.slice(3, 9)).tolist() == expected[3:12]


@given(rows=st.lists(st.one_of(st.none(), texts)))
def test_the_counts_are_those_of_the_texts(rows: list[str | None]) -> None:
    encoding = get_encoding("qwen2")
    expected = encoding.count_batch([row or "" for row in rows])
    assert encoding.count_arrow(pa.array(rows, pa.string())).tolist() == expected


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, 2]),
        pa.array(["a"]).dictionary_encode(),
        pa.array([["a"]]),
        pa.table({"a": ["x"], "b": ["y"]}),
        ["text"],
        "text",
        array("I"),
    ],
)
def test_columns_that_do_not_hold_strings(column: object, encodings: Encoding) -> None:
    with pytest.raises(UsageError) as raised:
        encodings.count_arrow(column)  # type: ignore[arg-type]
    assert raised.value.hint


def test_special_tokens_in_a_column(o200k: Encoding) -> None:
    column = pa.array(["a<|endoftext|>", None, "<|endoftext|>"])
    assert o200k.count_arrow(column, allowed_special="all").tolist() == [2, 0, 1]


def test_rows_that_are_not_utf8(encodings: Encoding) -> None:
    column = pa.array([b"fine", b"caf\xe9"]).view(pa.string())
    with pytest.raises(FormatError, match="the column cannot be read"):
        encodings.count_arrow(column)


def test_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SPECS["o200k_base"]
    encoding = Encoding("", TiktokenBackend(spec.ranks(), get_pattern("o200k"), nfc=False))
    column, original = pa.array(["text"]), builtins.__import__

    def missing(name: str, *arguments: Any) -> object:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return original(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError) as raised:
        encoding.count_arrow(column)
    assert 'pip install ".[parquet]"' in str(raised.value)
