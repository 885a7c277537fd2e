"""Windows of a stream of ids: those of `pack_stream`, every token once, a bounded buffer."""

from array import array
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.packing.training.adapters import PackedDataset
from ctxtools.packing.training.ids_stream import pack_ids_stream
from ctxtools.packing.training.plan import Plan, TrainingWindow
from ctxtools.packing.training.stream import pack_stream
from tests.packing.training.test_columns import EOS, KINDS, PAD, ROWS, SEPARATOR, row


def plan_of(windows: list[TrainingWindow], window: int, request: Any, cut: list[int]) -> Plan:
    """The same windows as a plan, for `PackedDataset`."""
    offsets = array("Q", [0])
    rows = [array("Q") for _ in range(3)]
    for each in windows:
        for column, values in zip(rows, (each.documents, each.starts, each.lengths), strict=True):
            column.extend(values)
        offsets.append(len(rows[0]))
    documents, starts, lengths = (memoryview(each) for each in rows)
    none = memoryview(array("Q"))
    return Plan(
        window,
        memoryview(offsets),
        documents,
        starts,
        lengths,
        none,
        none,
        0,
        request["eos_tokens"],
        request["separator_tokens"],
        memoryview(array("Q", cut)),
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 40), max_size=30),
    st.integers(4, 30),
    st.integers(1, 12),
    st.sampled_from(["split", "truncate", "drop"]),
    st.tuples(st.integers(0, 2), st.integers(0, 3)),
    st.booleans(),
    st.sets(st.sampled_from(KINDS)),
)
def test_windows_are_those_of_their_plan(
    lengths: list[int],
    size: int,
    buffer: int,
    overlong: Any,
    reserved: tuple[int, int],
    pads: bool,
    ignore: set[Any],
) -> None:
    rows = [row(number, length) for number, length in enumerate(lengths)]
    request: dict[str, Any] = {"eos_tokens": reserved[0], "separator_tokens": reserved[1]}
    windows = [*pack_stream(lengths, size, buffer=buffer, overlong=overlong, **request)]
    cut = [n for n, length in enumerate(lengths) if length + reserved[0] > size]
    plan = plan_of(windows, size, request, cut if overlong == "truncate" else [])
    options: dict[str, Any] = {
        "eos": EOS[: reserved[0]],
        "separator": SEPARATOR[: reserved[1]],
        "pad": PAD if pads else None,
        "ignore": ignore,
        "fills": {"labels": -100, "advantages": 0.0} if rows else None,
        "columns": ["labels", "advantages", "source"] if rows else None,
    }
    streamed = list(pack_ids_stream(iter(rows), size, buffer=buffer, overlong=overlong, **options))
    if not windows:
        assert streamed == []
        return
    assert streamed == list(PackedDataset(plan, rows, **options))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 40), max_size=60),
    st.integers(4, 30),
    st.integers(1, 20),
    st.none() | st.integers(0, 3),
)
def test_every_token_is_in_one_window(
    lengths: list[int], size: int, buffer: int, seed: int | None
) -> None:
    documents = [[*range(100 * n, 100 * n + length)] for n, length in enumerate(lengths, 1)]
    options: dict[str, Any] = {"buffer": buffer, "seed": seed, "eos": 0, "convert": list}
    windows = list(pack_ids_stream(documents, size, **options))
    tokens = Counter(token for window in windows for token in window["input_ids"])
    assert tokens.pop(0, 0) == sum(1 for length in lengths if length)
    assert tokens == Counter(token for document in documents for token in document)
    assert all(len(window["input_ids"]) <= size for window in windows)
    assert list(pack_ids_stream(iter(documents), size, **options)) == windows


@pytest.mark.parametrize("seed", [None, 5])
def test_the_buffer_is_bounded(seed: int | None) -> None:
    """Documents that were read and are in no window yet; any 20 of them fill two windows."""
    read = 0

    def documents() -> Iterator[list[int]]:
        nonlocal read
        for number in range(1000):
            read += 1
            yield [number] * (4 + number % 3)

    given = 0
    for window in pack_ids_stream(documents(), 30, buffer=40, seed=seed):
        assert read - given <= 40
        given += len(window["cu_seqlens"]) - 1
    assert given == read == 1000


def test_a_seed_shuffles() -> None:
    documents = [[number] * 5 for number in range(200)]
    orders = [
        [each["input_ids"][0] for each in pack_ids_stream(documents, 5, buffer=20, seed=seed)]
        for seed in (None, 1, 1, 2)
    ]
    assert orders[0] == [*range(200)]
    assert orders[1] == orders[2] != orders[3]
    assert sorted(orders[1]) == orders[0]
    moved = [abs(at - document) for at, document in enumerate(orders[1])]
    assert sum(moved) / 200 > 3


@pytest.mark.parametrize(
    ("documents", "options", "message"),
    [
        (5, {}, "documents must be iterable, got int"),
        ([[1]], {"buffer": 0}, "buffer must be >= 1"),
        ([[1]], {"seed": -1}, "seed must be >= 0"),
        ([[1]], {"eos": [1] * 8}, "eos"),
        ([[1]], {"ignore": ["bos"]}, "unknown kind of tokens to ignore"),
        (ROWS, {"columns": ["nothing"]}, "no document has a column 'nothing'"),
        ([5], {}, "document 0 must be a list of token ids, got int"),
        (ROWS, {"column": "ids"}, "document 0 has no column 'ids'"),
        ([[1], ["a"]], {}, "document 1 must be a list of token ids"),
        ([[1] * 9], {"overlong": "raise"}, "document 0 has 9 tokens"),
    ],
)
def test_arguments_that_cannot_be_used(documents: Any, options: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        list(pack_ids_stream(documents, 8, **options))
