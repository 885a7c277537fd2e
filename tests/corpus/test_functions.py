"""Tables in, tables out: counts and ids against the encoding, row by row."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import UnknownEncodingError, UsageError, get_encoding
from ctxtools.corpus import count_table, encode_table, fit_table
from tests.strategies import texts

pyarrow = pytest.importorskip("pyarrow")

rows = st.lists(st.one_of(st.none(), texts), max_size=6)


def table_of(values: list[str | None], **others: list[Any]) -> Any:
    return pyarrow.table({"text": pyarrow.array(values, pyarrow.string()), **others})


@given(rows)
def test_counts_are_those_of_each_row(values: list[str | None]) -> None:
    names = ["o200k_base", "gpt-4"]
    counted = count_table(table_of(values), encodings=names)
    assert counted.column_names == ["text", *names]
    for name, encoding in zip(names, ("o200k_base", "cl100k_base"), strict=True):
        count = get_encoding(encoding).count
        expected = [None if text is None else count(text) for text in values]
        assert counted.column(name).to_pylist() == expected


@given(rows, st.none() | st.integers(1, 5))
def test_ids_are_those_of_each_row(values: list[str | None], max_length: int | None) -> None:
    encoded = encode_table(table_of(values), max_length=max_length, into="ids")
    encode = get_encoding("o200k_base").encode
    expected = [None if text is None else encode(text)[:max_length] for text in values]
    assert encoded.column("ids").to_pylist() == expected


@given(rows, st.integers(0, 8), st.sampled_from(["left", "right"]))
def test_texts_fit(values: list[str | None], limit: int, side: Any) -> None:
    encoding = get_encoding("o200k_base")
    numbered = table_of(values, id=[*range(len(values))])
    fitted = fit_table(numbered, limit=limit, side=side)
    for before, row in zip(values, fitted.to_pylist(), strict=True):
        if before is None:
            assert row["text"] is row["o200k_base"] is None
            continue
        assert row["text"] == encoding.truncate(before, limit, side=side)
        assert row["o200k_base"] == encoding.count(row["text"])
        assert row["is_overlong"] == (encoding.count(before) > limit)
    left = fit_table(numbered, limit=limit, overlong="drop").column("id").to_pylist()
    kept = fit_table(numbered, limit=limit, overlong="keep")
    assert left == [row["id"] for row in kept.to_pylist() if not row["is_overlong"]]
    assert kept.column("text").to_pylist() == values


def test_columns_of_other_kinds_go_along() -> None:
    parts = pyarrow.chunked_array([["a b"], [], ["c"]], pyarrow.large_string())
    nested = pyarrow.array([{"a": [1]}, None])
    table = pyarrow.table({"n": nested, "text": parts})
    assert count_table(table).drop_columns(["o200k_base"]).equals(table)
    coded = pyarrow.table({"text": pyarrow.array(["a b", "a b"]).dictionary_encode()})
    assert count_table(coded).column("o200k_base").to_pylist() == [2, 2]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: count_table(table_of(["a"]), "body"), "unknown column 'body'"),
        (lambda: count_table(pyarrow.table({"text": [1]})), "must be of strings"),
        (lambda: count_table(table_of(["a"], o200k_base=[1])), "'o200k_base' already"),
        (lambda: count_table(table_of(["a"]), encodings=[]), "no encoding is named"),
        (lambda: count_table(table_of(["a"]), encodings=["gpt-4"] * 2), "named twice"),
        (lambda: fit_table(table_of(["a"]), limit=-1), "limit must be >= 0"),
        (lambda: fit_table(table_of(["a"]), limit=1, overlong="cut"), "unknown overlong"),  # type: ignore[arg-type]
    ],
)
def test_what_is_wrong_is_said(call: Any, error: str) -> None:
    with pytest.raises(UsageError, match=error):
        call()


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(UnknownEncodingError):
        count_table(table_of(["a"]), encodings="no-such-model")
