"""Columns of plain texts: the table that the kernel makes is the one made text by text."""

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import Chunker
from ctxtools.chunking.integrations import arrow as integration
from ctxtools.chunking.integrations.arrow import chunk_arrow
from ctxtools.errors import FormatError, OversizeError, UsageError
from tests.core import needs_kernel

pyarrow = pytest.importorskip("pyarrow")

pytestmark = needs_kernel

_PIECES = ["word ", "a", "é", "😀", ". ", "\n", "\n\n", ", ", "的。", "longer words here. "]
_texts = st.lists(st.sampled_from(_PIECES), max_size=60).map("".join)
_rows = st.lists(
    st.none() | _texts | st.sampled_from(["", "same", "same", "two\fpages of text", "same\f"]),
    max_size=9,
)


def table(column: Any, chunker: Chunker, sources: Any = None) -> Any:
    try:
        return chunk_arrow(column, chunker, sources=sources).to_pylist()
    except OversizeError as error:
        return str(error)


def text_by_text(*_: object) -> None:
    return None


@settings(max_examples=150)
@given(
    _rows,
    st.sampled_from([(5,), (9,), (60,), (40, 7), (30, 12, 3)]),
    st.integers(0, 2),
    st.sampled_from(["fill", "boundaries"]),
    st.sampled_from(["optimal", "greedy"]),
    st.booleans(),
    st.data(),
)
def test_tables(
    rows: list[str | None],
    sizes: tuple[int, ...],
    overlap: int,
    prefer: Any,
    strategy: Any,
    is_rendered: bool,
    data: st.DataObject,
) -> None:
    chunker = Chunker(
        "o200k_base",
        sizes,
        overlap,
        prefer=prefer,
        strategy=strategy,
        min_size=data.draw(st.integers(0, sizes[-1])),
        on_oversize=data.draw(st.sampled_from(["raise", "split-tokens"])),
        render="text" if is_rendered else "source",
        header=data.draw(st.booleans()),
    )
    sources = None
    if data.draw(st.booleans()):
        name = st.sampled_from(["a", "b.txt", None, "é"])
        sources = pyarrow.array(
            data.draw(st.lists(name, min_size=len(rows), max_size=len(rows))), pyarrow.string()
        )
    half = len(rows) // 2
    column = pyarrow.chunked_array([rows[:half], rows[half:]], pyarrow.string())
    found = table(column, chunker, sources)
    with patch.object(integration, "plain_tables", text_by_text):
        assert found == table(column, chunker, sources)


def test_an_encoding_that_normalises_or_pads() -> None:
    rows = ["e\u0301 " * 30, "words " * 30, "\u00e9"]
    for encoding in ("o200k_base", "qwen2"):
        chunker = Chunker(encoding, 16)
        found = table(pyarrow.array(rows), chunker)
        with patch.object(integration, "plain_tables", text_by_text):
            assert found == table(pyarrow.array(rows), chunker)


def test_many_texts() -> None:
    rows = [f"Text {n % 1000}. " * (n % 7) for n in range(30_000)]
    chunker = Chunker("o200k_base", 12)
    found = chunk_arrow(pyarrow.array(rows), chunker)
    ids = found.column("id").to_pylist()
    assert len(set(ids)) == len(ids)
    texts: dict[int, list[str]] = {}
    for row, text in zip(found["row"].to_pylist(), found["text"].to_pylist(), strict=True):
        texts.setdefault(row, []).append(text)
    assert {row: "".join(parts) for row, parts in texts.items()} == {
        row: text for row, text in enumerate(rows) if text
    }


def test_errors() -> None:
    chunker = Chunker("o200k_base", 12)
    with pytest.raises(UsageError, match="another number of rows"):
        chunk_arrow(pyarrow.array(["a", "b"]), chunker, sources=pyarrow.array(["a"]))
    with pytest.raises(UsageError, match="strings"):
        chunk_arrow(pyarrow.array([1, 2]), chunker)
    broken = pyarrow.array([b"a", b"\xff"]).view(pyarrow.string())
    with pytest.raises(FormatError):
        chunk_arrow(broken, chunker)
