"""Plans as files and as the tokens of windows."""

import json
import pickle
from array import array
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ctxtools.errors import CtxtoolsError, UsageError
from ctxtools.packing.training.adapters import PackedDataset, pack_dataset
from ctxtools.packing.training.plan import Plan, TrainingWindow
from ctxtools.packing.training.sequences import pack_sequences

DOCUMENTS = [[100 + n] * n for n in (7, 3, 12, 1, 25, 6)]
EOS, SEPARATOR = 1, 2


@pytest.fixture
def plan() -> Plan:
    return pack_sequences(map(len, DOCUMENTS), 14, eos_tokens=1, separator_tokens=1, seed=1)


def test_a_plan_as_a_table(plan: Plan) -> None:
    pytest.importorskip("pyarrow")
    assert plan.to_arrow()["documents"].to_pylist() == [w.documents.tolist() for w in plan]


@pytest.mark.parametrize("number", [slice(0, 1), "1", 1.0, None])
def test_window_numbers_are_integers(number: Any, plan: Plan) -> None:
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        plan[number]


def test_a_plan_as_json_lines(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path / "plan.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "plan.jsonl").read_text().splitlines()]
    assert [row["documents"] for row in rows] == [w.documents.tolist() for w in plan]
    assert [row["starts"] for row in rows] == [w.starts.tolist() for w in plan]
    assert [row["lengths"] for row in rows] == [w.lengths.tolist() for w in plan]


def test_numpy_sees_a_plan_without_a_copy(plan: Plan) -> None:
    numpy = pytest.importorskip("numpy")
    for row in (plan.offsets, plan.documents, plan.starts, plan.lengths):
        seen = numpy.asarray(row)
        assert seen.tolist() == row.tolist()
        assert not seen.flags.owndata


def test_a_plan_goes_to_other_processes(plan: Plan) -> None:
    """torch's DataLoader pickles the dataset for its workers where it cannot fork."""
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert pickle.loads(pickle.dumps(plan[0])) == plan[0]
    dataset = PackedDataset(plan, DOCUMENTS, eos=EOS, separator=SEPARATOR)
    assert list(pickle.loads(pickle.dumps(dataset))) == list(dataset)


def test_positions_and_lengths_for_attention() -> None:
    row = memoryview(array("I", [3, 1, 2]))
    window = TrainingWindow(row, row, row, separator_tokens=1)
    assert window.tokens == 8
    assert window.cu_seqlens() == array("i", [0, 4, 6, 8])
    assert window.position_ids() == array("i", [0, 1, 2, 3, 0, 1, 0, 1])
    huge = memoryview(array("Q", [2**31]))
    with pytest.raises(UsageError, match="more than 32 bits"):
        TrainingWindow(huge, huge, huge).cu_seqlens()


def tokens_of(window: Any) -> list[list[int]]:
    """The pieces of a window, by its cu_seqlens."""
    ids, ends = window["input_ids"].tolist(), window["cu_seqlens"].tolist()
    return [ids[start:end] for start, end in pairwise(ends)]


def test_a_dataset_has_every_token(plan: Plan) -> None:
    dataset = PackedDataset(plan, DOCUMENTS, eos=EOS, separator=SEPARATOR, pad=0)
    assert len(dataset) == plan.bins == len(list(dataset))
    found: list[int] = []
    for window in dataset:
        assert len(window["input_ids"]) == len(window["position_ids"]) == 14
        assert window["cu_seqlens"][-1] == 14
        pieces = [piece for piece in tokens_of(window) if set(piece) != {0}]
        for piece in pieces[:-1]:
            assert piece.pop() == SEPARATOR
        found += [token for piece in pieces for token in piece]
        positions = [n for piece in tokens_of(window) for n in range(len(piece))]
        assert window["position_ids"].tolist() == positions
    everything = [token for document in DOCUMENTS for token in [*document, EOS]]
    assert sorted(found) == sorted(everything)


@pytest.mark.parametrize("even", [False, True])
def test_shards_share_the_windows(plan: Plan, even: bool) -> None:
    options: dict[str, Any] = {"eos": EOS, "separator": SEPARATOR, "shards": 3, "even": even}
    shards = [PackedDataset(plan, DOCUMENTS, shard=i, **options) for i in range(3)]
    assert sum(map(len, shards)) == (plan.bins // 3 * 3 if even else plan.bins)
    assert not even or len({len(shard) for shard in shards}) == 1
    whole = list(PackedDataset(plan, DOCUMENTS, eos=EOS, separator=SEPARATOR))
    assert shards[1][0] == whole[1]


def test_documents_may_be_rows_and_arrays_be_converted(plan: Plan) -> None:
    rows = [{"ids": document} for document in DOCUMENTS]
    options: dict[str, Any] = {"eos": [EOS], "separator": [SEPARATOR], "convert": list}
    dataset = PackedDataset(plan, rows, column="ids", **options)
    assert dataset[0] == PackedDataset(plan, DOCUMENTS, **options)[0]
    assert type(dataset[0]["input_ids"]) is list


@pytest.mark.parametrize("change", [lambda d: [*d, 1], lambda d: d[:-1]])
def test_documents_that_the_plan_was_not_made_for(change: Any, plan: Plan) -> None:
    """Of a longer document the last tokens, and its EOS, were silently left out."""
    for number in range(len(DOCUMENTS)):
        documents = [*DOCUMENTS]
        documents[number] = change(documents[number])
        with pytest.raises(UsageError, match=f"document {number} has .* but the plan was made for"):
            list(PackedDataset(plan, documents, eos=1, separator=2))
    with pytest.raises(UsageError, match="document 5 of the plan is missing"):
        list(PackedDataset(plan, DOCUMENTS[:-1], eos=1, separator=2))


def test_documents_that_are_no_ids() -> None:
    plan = pack_sequences([2, 3], 10)
    for documents in (["ab", "abc"], [[1, 2], [{}, {}, {}]], [[1, 2], [1.5, 2.5, 3.5]]):
        with pytest.raises(UsageError, match="must be a list of token ids"):
            list(PackedDataset(plan, documents))


def test_a_longer_document_of_a_plan_without_eos() -> None:
    plan = pack_sequences([3, 4], 10)
    with pytest.raises(UsageError, match="document 1 has 5 tokens, but the plan was made for 4"):
        list(PackedDataset(plan, [[1] * 3, [1] * 5]))


def test_what_does_not_fit_the_plan(plan: Plan) -> None:
    with pytest.raises(UsageError, match="eos must be 1 tokens, got 0"):
        PackedDataset(plan, DOCUMENTS, separator=2)
    with pytest.raises(UsageError, match="invalid shard 2 of 2"):
        PackedDataset(plan, DOCUMENTS, eos=1, separator=2, shard=2, shards=2)
    with pytest.raises(UsageError, match="tokens, but the plan was made for"):
        list(PackedDataset(plan, [[5]] * 6, eos=1, separator=2))


def test_a_hugging_face_dataset(plan: Plan) -> None:
    datasets = pytest.importorskip("datasets")
    source = datasets.Dataset.from_dict({"input_ids": DOCUMENTS})
    packed = pack_dataset(source, plan, eos=EOS, separator=SEPARATOR)
    expected = PackedDataset(plan, DOCUMENTS, eos=EOS, separator=SEPARATOR)
    assert packed["input_ids"][:] == [window["input_ids"].tolist() for window in expected]
    assert packed["cu_seqlens"][:] == [window["cu_seqlens"].tolist() for window in expected]


def test_without_the_package_datasets(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(CtxtoolsError, match="needs datasets"):
        pack_dataset([], plan)


@pytest.mark.parametrize("module", ["ctxtools", "ctxtools.packing", "ctxtools.packing.plan"])
def test_window_is_deprecated(module: str) -> None:
    with pytest.warns(DeprecationWarning, match="Window is now TrainingWindow"):
        assert getattr(import_module(module), "Window") is TrainingWindow  # noqa: B009


def test_the_old_name_of_the_gap_is_deprecated() -> None:
    plan = pack_sequences([6, 6, 6], 10)
    with pytest.warns(DeprecationWarning, match="bins_above_bound"):
        assert plan.gap == plan.bins_above_bound == plan.summary()["gap"] == 0
