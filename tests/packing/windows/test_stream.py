"""A stream of windows: each once an epoch, as many for each rank, resumed at any step."""

import abc
import json
import pickle
import sys
from array import array
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctxtools.errors import ReadError, UsageError
from ctxtools.packing.training.adapters import PackedDataset
from ctxtools.packing.training.sequences import pack_sequences
from ctxtools.packing.windows.formats.parquet import ParquetShard
from ctxtools.packing.windows.info import WindowsInfo
from ctxtools.packing.windows.order import Order
from ctxtools.packing.windows.stream import WindowStream

pytest.importorskip("pyarrow")

WINDOWS = 37
RUNS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Windows whose ids say their number; row groups of two, which are blocks of a stream."""
    path = tmp_path_factory.mktemp("windows") / "out"
    documents = [array("q", [number]) * 65_536 for number in range(WINDOWS)]
    dataset = PackedDataset(pack_sequences([65_536] * WINDOWS, 65_536), documents, labels=False)
    dataset.save(path, windows_per_shard=10)
    return path


@pytest.fixture
def small(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, where reading a window takes no time."""
    files = "ctxtools.packing.windows.dataset.WindowFiles.__getitem__"
    monkeypatch.setattr(files, lambda _, number: {"number": number})
    return folder


def numbers(stream: WindowStream) -> list[int]:
    return [window["number"] for window in stream]


def test_windows_are_read(folder: Path) -> None:
    stream = WindowStream(folder, seed=3, columns=[], convert=list)
    found = [window["input_ids"][0] for window in stream]
    assert sorted(found) == [*range(WINDOWS)]
    assert found != sorted(found)
    order = Order(WINDOWS, 2, 32, 3)
    assert found == [order.window(0, position) for position in range(WINDOWS)]


@pytest.mark.parametrize("per_shard", [10, 7])
def test_row_groups_are_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, per_shard: int
) -> None:
    """By a stream that is shuffled, also if blocks are not row groups."""
    dataset = PackedDataset(pack_sequences([9_000] * 60, 13_000), [[1] * 9_000] * 60)
    dataset.save(tmp_path, windows_per_shard=per_shard)
    read: list[Any] = []
    original = ParquetShard._read
    monkeypatch.setattr(
        ParquetShard, "_read", lambda self, at: read.append((self._path, at)) or original(self, at)
    )
    assert len([*WindowStream(tmp_path, seed=1, blocks=3)]) == 60
    groups = sum(-(-shard.windows // 10) for shard in dataset_info(tmp_path).shards)
    assert len({*read}) == groups
    assert len(read) <= (groups if per_shard == 10 else 2 * groups)


def dataset_info(folder: Path) -> WindowsInfo:
    return PackedDataset.open(folder).info


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 200),
    st.integers(1, 20),
    st.integers(1, 20),
    st.integers(0, 2**64 - 1),
    st.integers(0, 3),
)
def test_an_epoch_has_each_window_once(
    windows: int, block: int, group: int, seed: int, epoch: int
) -> None:
    order = Order(windows, block, group, seed)
    found = [order.window(epoch, position) for position in range(windows)]
    assert sorted(found) == [*range(windows)]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 400), st.integers(1, 20), st.integers(1, 20), st.integers(0, 9))
def test_few_blocks_are_in_use(windows: int, block: int, group: int, seed: int) -> None:
    """Of any span of an epoch as long as a group, from two groups and the end."""
    order = Order(windows, block, group, seed)
    blocks = [order.window(0, position) // block for position in range(windows)]
    first = {each: blocks.index(each) for each in blocks}
    last = {each: at for at, each in enumerate(blocks)}
    for position in range(windows):
        assert sum(first[each] <= position <= last[each] for each in first) <= group
    assert all(last[each] - first[each] < group * block for each in first)


def test_shards_read_blocks_of_their_own() -> None:
    order = Order(6400, 10, 64, 1)
    for shard in range(16):
        found = [order.window(0, position) // 10 for position in range(shard, 6400, 16)]
        assert len({*found}) == 640 // 16


def test_an_order_is_shuffled() -> None:
    """Windows that follow each other are far apart, in each epoch others, and none has its spot."""
    orders = [Order(4_000, 32, 64, 1).window, Order(4_000, 32, 64, 2).window]
    first = [orders[0](0, position) for position in range(4_000)]
    distances = [abs(a - b) for a, b in pairwise(first)]
    assert sum(distances) / len(distances) > 1_000  # a third of all for numbers by chance
    for other in (
        [orders[0](1, position) for position in range(4_000)],
        [orders[1](0, position) for position in range(4_000)],
        [*range(4_000)],
    ):
        assert sum(a == b for a, b in zip(first, other, strict=True)) < 30


@RUNS
@given(
    shards=st.integers(1, 9),
    seed=st.none() | st.integers(0, 9),
    epochs=st.integers(1, 4),
    blocks=st.integers(1, 9),
)
def test_ranks_share_the_windows_evenly(
    small: Path, shards: int, seed: int | None, epochs: int, blocks: int
) -> None:
    options: dict[str, Any] = {"seed": seed, "epochs": epochs, "blocks": blocks}
    streams = [WindowStream(small, shard=i, shards=shards, **options) for i in range(shards)]
    found = [numbers(stream) for stream in streams]
    assert {len(each) for each in found} == {epochs * WINDOWS // shards}
    assert [len(stream) for stream in streams] == [len(each) for each in found]
    counts = Counter(number for each in found for number in each)
    assert sum(epochs - counts[number] for number in range(WINDOWS)) < shards
    assert max(counts.values()) <= epochs
    joined = [number for step in zip(*found, strict=True) for number in step]
    everything = numbers(WindowStream(small, **options))
    assert joined == everything[: len(joined)], "the order does not depend on the shards"
    for epoch in range(epochs):
        assert sorted(everything[epoch * WINDOWS : (epoch + 1) * WINDOWS]) == [*range(WINDOWS)]


@RUNS
@given(data=st.data(), shards=st.integers(1, 4), seed=st.none() | st.integers(0, 9))
def test_a_stream_resumes_at_any_step(
    small: Path, data: st.DataObject, shards: int, seed: int | None
) -> None:
    options: dict[str, Any] = {"shard": shards - 1, "shards": shards, "seed": seed, "epochs": 2}
    stream = WindowStream(small, **options)
    uninterrupted = numbers(stream)
    assert numbers(stream) == uninterrupted
    step = data.draw(st.integers(0, len(uninterrupted)))
    assert numbers(WindowStream(small, start=step, **options)) == uninterrupted[step:]
    assert len(WindowStream(small, start=step, **options)) == len(uninterrupted) - step
    rows = iter(stream)
    for _ in range(step):
        next(rows)
    state = json.loads(json.dumps(stream.state_dict()))
    resumed = WindowStream(small, **options)
    resumed.load_state_dict(state)
    again = iter(resumed)
    more = data.draw(st.integers(0, len(uninterrupted) - step))
    assert [next(again)["number"] for _ in range(more)] == uninterrupted[step : step + more]
    third = WindowStream(small, **options)
    third.load_state_dict(resumed.state_dict())
    assert numbers(third) == uninterrupted[step + more :]


def test_a_stream_does_not_read_what_was_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    monkeypatch.setattr(
        "ctxtools.packing.windows.dataset.WindowFiles.__getitem__",
        lambda _, number: read.append(number) or {"number": number},
    )
    stream = WindowStream(folder, seed=1, epochs=None, start=10**15)
    assert next(iter(stream))["number"] == read[0]
    assert len(read) == 1
    with pytest.raises(TypeError, match="has no end"):
        len(stream)


def test_ranks_may_change(small: Path) -> None:
    everything = numbers(WindowStream(small, seed=4))
    stream = WindowStream(small, seed=4, shard=1, shards=4)
    rows = iter(stream)
    for _ in range(6):
        next(rows)
    found = []
    for shard in range(3):
        fewer = WindowStream(small, seed=4, shard=shard, shards=3)
        fewer.load_state_dict(stream.state_dict())
        found.append(numbers(fewer))
    assert [n for step in zip(*found, strict=True) for n in step] == everything[24:36]
    with pytest.raises(UsageError, match="24 windows that 4 shards have read are not resumed by 5"):
        WindowStream(small, seed=4, shards=5).load_state_dict(stream.state_dict())


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """As much of torch as a stream looks at; its class is made as torch makes it."""

    data: Any = ModuleType("torch.utils.data")
    data.IterableDataset = abc.ABCMeta("IterableDataset", (), {})
    data.get_worker_info = lambda: None
    monkeypatch.setitem(sys.modules, "torch.utils.data", data)
    yield data


def loaded(torch: Any, stream: WindowStream, workers: int, batch: int) -> Iterator[list[int]]:
    """The batches of torch's data loader: each worker has a copy, and they take turns."""
    copies = []
    for number in range(workers):
        copy = pickle.loads(pickle.dumps(stream))
        torch.get_worker_info = lambda at=number: SimpleNamespace(id=at, num_workers=workers)
        copies.append(iter(copy))
    while copies:
        for copy in [*copies]:
            batched = [window["number"] for _, window in zip(range(batch), copy, strict=False)]
            if batched:
                yield batched
            if len(batched) < batch:
                copies.remove(copy)


@RUNS
@given(
    workers=st.integers(1, 5),
    batch=st.integers(1, 6),
    shards=st.integers(1, 3),
    start=st.integers(0, 20),
)
def test_batches_do_not_depend_on_the_workers(
    small: Path, torch: Any, workers: int, batch: int, shards: int, start: int
) -> None:
    options: dict[str, Any] = {"seed": 5, "batch": batch, "shards": shards}
    options["start"] = min(start, len(WindowStream(small, **options)))
    torch.get_worker_info = lambda: None
    alone = numbers(WindowStream(small, **options))
    batches = list(loaded(torch, WindowStream(small, **options), workers, batch))
    assert batches == [alone[at : at + batch] for at in range(0, len(alone), batch)]


def test_a_start_after_the_end_is_an_error(small: Path) -> None:
    windows = len(WindowStream(small))
    assert list(WindowStream(small, start=windows)) == []
    assert list(WindowStream(small, start=windows + 3, batch=4)) == []  # the last batch was partial
    with pytest.raises(UsageError, match=f"start {windows + 1} is after the end of {windows} win"):
        WindowStream(small, start=windows + 1)
    assert len(WindowStream(small, start=windows + 1, epochs=2)) == windows - 1


def test_a_worker_resumes(small: Path, torch: Any) -> None:
    torch.get_worker_info = lambda: SimpleNamespace(id=1, num_workers=3)
    stream = WindowStream(small, seed=5, batch=2)
    everything = numbers(stream)
    rows = iter(stream)
    assert [next(rows)["number"] for _ in range(5)] == everything[:5]
    resumed = WindowStream(small, seed=5, batch=2)
    resumed.load_state_dict(stream.state_dict())
    assert numbers(resumed) == everything[5:]
    assert numbers(resumed) == everything, "a state is for one iteration"
    resumed.load_state_dict(stream.state_dict())
    torch.get_worker_info = lambda: SimpleNamespace(id=1, num_workers=4)
    with pytest.raises(UsageError, match="one of 3 workers cannot be resumed by one of 4"):
        iter(resumed)


def test_torch_takes_it_for_an_iterable_dataset(small: Path, torch: Any) -> None:
    assert isinstance(WindowStream(small), torch.IterableDataset)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 2}, "a stream with seed=2, not 1"),
        ({"windows": 5}, "a stream with windows=5, not 37"),
        ({"blocks": 1}, "a stream with blocks=1, not 32"),
        ({"batch": 4}, "a stream with batch=4, not 1"),
        ({"given": -1}, "given of the state must be >= 0"),
        ({"start": "a"}, "start of the state must be an integer"),
        ({"shards": 0}, "shards of the state must be >= 1"),
    ],
)
def test_states_of_other_streams(small: Path, change: dict[str, Any], message: str) -> None:
    stream = WindowStream(small, seed=1)
    with pytest.raises(UsageError, match=message):
        stream.load_state_dict({**stream.state_dict(), **change})
    with pytest.raises(UsageError, match="the state has no 'seed'"):
        stream.load_state_dict({name: 1 for name in stream.state_dict() if name != "seed"})
    with pytest.raises(UsageError, match="state must be a Mapping"):
        stream.load_state_dict([])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [
        {"shard": 2, "shards": 2},
        {"epochs": 0},
        {"start": -1},
        {"batch": 0},
        {"blocks": 0},
        {"seed": -1},
        {"seed": 2**64},
        {"columns": ["nothing"]},
    ],
)
def test_arguments_that_cannot_be_used(small: Path, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        WindowStream(small, **options)


def test_a_folder_without_windows(tmp_path: Path) -> None:
    with pytest.raises(ReadError):
        WindowStream(tmp_path)
    PackedDataset(pack_sequences([0], 8), [[]]).save(tmp_path)
    assert list(WindowStream(tmp_path, seed=1, epochs=None)) == []
