"""Lists of ids as an Arrow column: each list has the ids that its text has."""

import gc
import itertools
import random
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import _core
from ctxtools.encodings import Encoding, get_encoding
from ctxtools.encodings.added_ids import AddedIds
from ctxtools.encodings.engines.id_lists import Shape, lists_of
from ctxtools.encodings.engines.tiktoken import TiktokenBackend
from ctxtools.encodings.files.patterns import get_pattern
from ctxtools.encodings.files.specs import SPECS
from ctxtools.errors import FormatError, UnknownTokenError, UsageError
from tests.strategies import texts

pa = pytest.importorskip("pyarrow")

ROWS = ["one", None, "", "twelve bytes", "中文" * 20, "’tis " * 300, "emoji 👩‍🚀 \ud800 \0"] * 40
ADDED = AddedIds((7, 8), (9,))


@pytest.fixture(params=["the engine here", "tiktoken"])
def encoding(request: pytest.FixtureRequest) -> Iterator[Encoding]:
    """With the kernel, where it was compiled, and by way of pyarrow."""
    if request.param != "tiktoken":
        backend: Any = get_encoding("o200k_base").backend
    else:
        spec = SPECS["o200k_base"]
        backend = TiktokenBackend(spec.ranks(), get_pattern("o200k"), nfc=False)
    yield Encoding(request.param, backend, {"<|end|>": 300_000}, find_added_ids=lambda: ADDED)


def windows(ids: list[int], around: AddedIds, length: int, overlap: int | None) -> list[list[int]]:
    """The lists of a text, by the definition."""
    size = length - sum(map(len, around))
    lists = [[*around.before, *ids[:size], *around.after]]
    end = size
    while overlap is not None and end < len(ids):
        start = end - overlap
        end = start + size
        lists.append([*around.before, *ids[start:end], *around.after])
    return lists


def test_the_ids_are_those_of_the_texts(encoding: Encoding) -> None:
    rows = [row for row in ROWS if row is not None]
    expected = [encoding.encode(row) for row in rows]
    for threads in (0, 1, 2, 5):
        lists = encoding.encode_batch_to_arrow(iter(rows), threads=threads)
        column = pa.chunked_array(lists)
        column.validate(full=True)
        assert column.type == pa.list_(pa.uint32()) == pa.field(lists).type
        assert column.to_pylist() == pa.array(lists).to_pylist() == expected
        assert encoding.encode_batch(rows, threads=threads) == expected
        assert (len(lists), lists.lengths.tolist()) == (len(rows), [*map(len, expected)])
        assert lists.texts.tolist() == [*range(len(rows))]
        flat = [i for ids in expected for i in ids]
        assert (lists.ids.format, lists.ids.readonly, lists.ids.tolist()) == ("I", True, flat)
        ends = lists.offsets.tolist()
        assert [flat[a:b] for a, b in itertools.pairwise(ends)] == expected


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
def test_a_null_stays_null(encoding: Encoding, kind: Any) -> None:
    rows = [row.replace("\ud800", "") if row else row for row in ROWS]
    expected = [None if row is None else [7, 8, *encoding.encode(row), 9] for row in rows]
    column = pa.array(rows, kind)
    for source, wanted in (
        (column, expected),
        (column.slice(3, 50), expected[3:53]),
        (pa.chunked_array([column.slice(1, 3), column.slice(0, 0), column]), None),
        (pa.table({"text": column}), expected),
    ):
        lists = encoding.encode_arrow(source, threads=2, add_special_tokens=True)
        found = pa.array(lists)
        found.validate(full=True)
        assert found.to_pylist() == (expected[1:4] + expected if wanted is None else wanted)
        assert found.to_pylist() == pa.chunked_array(lists).to_pylist()
        assert [n for n, row in zip(lists.lengths, found, strict=True) if not row.is_valid] == [
            0
        ] * found.null_count


@given(
    rows=st.lists(texts, max_size=8),
    size=st.integers(1, 9),
    overlap=st.none() | st.integers(0, 8),
    add=st.booleans(),
)
def test_what_is_above_the_maximum(
    rows: list[str], size: int, overlap: int | None, add: bool
) -> None:
    encoding = Encoding("x", get_encoding("qwen2").backend, find_added_ids=lambda: ADDED)
    around = ADDED if add else AddedIds()
    if overlap is not None:
        overlap %= size
    length = size + sum(map(len, around))
    lists = encoding.encode_batch_to_arrow(
        rows, add_special_tokens=add, max_length=length, overlap=overlap, threads=2
    )
    ids = [encoding.encode(row) for row in rows]
    expected = [windows(each, around, length, overlap) for each in ids]
    assert pa.array(lists).to_pylist() == [each for text in expected for each in text]
    assert lists.lengths.tolist() == [len(each) + length - size for each in ids]
    assert lists.texts.tolist() == [n for n, text in enumerate(expected) for _ in text]
    in_python = lists_of(ids, Shape(*around, length, overlap))
    assert pa.array(in_python).to_pylist() == pa.array(lists).to_pylist()
    assert in_python.texts.tolist() == lists.texts.tolist()


@given(st.integers(0, 40), st.integers(1, 9), st.integers(0, 8))
def test_windows_are_those_of_a_fast_tokenizer(words: int, size: int, stride: int) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    model = tokenizers.models.WordLevel({str(i): i for i in range(40)}, unk_token="0")
    reference = tokenizers.Tokenizer(model)
    reference.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    stride %= size
    reference.enable_truncation(size, stride=stride)
    found = reference.encode(" ".join(map(str, range(words))))
    expected = [found.ids, *(each.ids for each in found.overflowing)]
    lists = lists_of([[*range(words)]], Shape(max_length=size, overlap=stride))
    assert pa.array(lists).to_pylist() == expected


def test_large_texts_among_small_ones() -> None:
    """They are encoded in pieces, on several threads."""
    encoding = get_encoding("o200k_base")
    words = ["alpha ", "beta, ", "中文。", "don’t ", "\n\n", "12345 "]
    rng = random.Random(7)
    large = "".join(rng.choices(words, k=250_000))
    rows = ["a", large, "", large[:600_000], *words, large[5:]]
    expected = [encoding.encode(row) for row in rows]
    for threads in (1, 3):
        lists = encoding.encode_batch_to_arrow(rows, threads=threads)
        assert pa.chunked_array(lists).to_pylist() == expected
        assert encoding.encode_batch(rows, threads=threads) == expected
        assert encoding.count_batch(rows, threads=threads) == [*map(len, expected)]


def test_what_is_handed_out_outlives_all() -> None:
    encoding = get_encoding("o200k_base")
    rows = [f"row {i} of some" for i in range(50_000)]
    lists = encoding.encode_batch_to_arrow(rows, threads=2)
    chunked, ids, ends = pa.chunked_array(lists), lists.ids, lists.offsets
    whole, again = pa.array(lists), pa.chunked_array(lists)
    unread = lists.__arrow_c_stream__(), lists.__arrow_c_array__()
    child = whole.values
    expected = encoding.encode_batch(rows)
    del lists, rows, unread
    gc.collect()
    assert chunked.to_pylist() == whole.to_pylist() == again.to_pylist() == expected
    del whole, chunked, again
    gc.collect()
    assert child.to_pylist() == ids.tolist()
    assert len(ends) == 50_001
    thread = Thread(target=child.validate)  # and is released on another thread
    del child
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    "options",
    [
        {"max_length": -1},
        {"max_length": 2, "add_special_tokens": True},
        {"max_length": "8"},
        {"overlap": 1},
        {"max_length": 4, "overlap": 4},
        {"max_length": 4, "overlap": 1, "add_special_tokens": True},
        {"max_length": 3, "overlap": 0, "add_special_tokens": True},
        {"max_length": 4, "overlap": -1},
        {"threads": -1},
    ],
    ids=str,
)
def test_options_that_make_no_sense(encoding: Encoding, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        encoding.encode_batch_to_arrow(["a"], **options)
    with pytest.raises(UsageError):
        encoding.encode_arrow(pa.array(["a"]), **options)


def test_what_is_no_text(encoding: Encoding) -> None:
    with pytest.raises(UsageError, match="text 1 must be a str, got int"):
        encoding.encode_batch_to_arrow(["a", 1])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="texts must be a list of str, got str"):
        encoding.encode_batch_to_arrow("a")
    with pytest.raises(UsageError, match="column"):
        encoding.encode_arrow(["a"])  # type: ignore[arg-type]
    malformed = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")]
    )
    with pytest.raises(FormatError):
        encoding.encode_arrow(malformed)


def test_special_tokens_that_are_allowed(encoding: Encoding) -> None:
    rows = ["a<|end|>b", None, "<|end|>"]
    lists = encoding.encode_arrow(pa.array(rows), allowed_special="all")
    assert pa.array(lists).to_pylist() == [
        None if row is None else encoding.encode(row, allowed_special="all") for row in rows
    ]


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_in_the_middle_of_a_batch(threads: int) -> None:
    encoding = get_encoding("o200k_base")
    rows: list[Any] = ["some words of a text " * 50] * 2000
    rows[1500] = None
    for call in (encoding.count_batch, encoding.encode_batch, encoding.encode_batch_to_arrow):
        with pytest.raises(UsageError, match="text 1500 must be a str, got NoneType"):
            call(rows, threads=threads)

    def fails() -> Iterator[str]:
        yield from rows[:1400]
        raise OSError("gone")

    for call in (encoding.count_batch, encoding.encode_batch, encoding.encode_batch_to_arrow):
        with pytest.raises(OSError, match="gone"):
            call(fails(), threads=threads)


@given(st.lists(st.none() | texts, max_size=8), st.integers(0, 3))
def test_decoding_gives_the_texts_back(rows: list[str | None], start: int) -> None:
    encoding = get_encoding("o200k_base")
    rows = [
        row and row.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for row in rows
    ]
    lists = encoding.encode_arrow(pa.array(rows, pa.string()))
    assert pa.array(encoding.decode_arrow(lists, threads=2)).to_pylist() == rows
    sliced = pa.array(lists).cast(pa.large_list(pa.int64())).slice(start)
    assert pa.array(encoding.decode_arrow(sliced)).to_pylist() == rows[start:]


def test_what_cannot_be_decoded(encoding: Encoding) -> None:
    wrong: list[Any] = [[1], *map(pa.array, ([1], [["a"]], [[-1]], [[1, None]]))]
    for column in wrong:
        with pytest.raises(UsageError):
            encoding.decode_arrow(column)
    with pytest.raises(UsageError, match="unknown errors"):
        encoding.decode_arrow(pa.array([[1]]), errors="foo")
    with pytest.raises(UnknownTokenError, match="no token with the id 4000000000"):
        encoding.decode_arrow(pa.array([[1], [4_000_000_000]]))
    fixed = pa.array([[64, 65], None], pa.list_(pa.uint16(), 2))
    expected = [encoding.decode([64, 65]), None]
    assert pa.array(encoding.decode_arrow(fixed)).to_pylist() == expected


@pytest.mark.skipif(_core.kernel is None, reason="the kernel was not compiled")
def test_polars_takes_them() -> None:
    polars = pytest.importorskip("polars")
    rows = ["one", "", "two words"]
    lists = get_encoding("o200k_base").encode_batch_to_arrow(rows)
    expected = get_encoding("o200k_base").encode_batch(rows)
    assert polars.Series(lists).to_list() == expected
