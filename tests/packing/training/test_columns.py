"""What a window holds beside the ids, token by token against the documents."""

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.packing.training.adapters import PackedDataset, PackedWindow, pack_dataset
from ctxtools.packing.training.plan import Plan
from ctxtools.packing.training.sequences import pack_sequences

EOS, SEPARATOR, PAD = [901, 902], [801, 802, 803], 901  # padding looks like EOS
KINDS = ("first", "eos", "separator")


def row(number: int, length: int) -> dict[str, Any]:
    """A document of which each value says where it comes from."""
    places = range(length)
    return {
        "input_ids": [1000 * number + place for place in places],
        "labels": [-100 if place % 3 else 1000 * number + place for place in places],
        "attention_mask": [1] * length,
        "loss_mask": [int(place % 2 == number % 2) for place in places],
        "advantages": [place / 4 for place in places],
        "source": f"file {number}",
        "weight": number / 8,
        "tags": ["tag"] * (number % 3),
    }


@st.composite
def problems(draw: st.DrawFn) -> tuple[Plan, list[dict[str, Any]]]:
    lengths = draw(st.lists(st.integers(0, 9) | st.integers(10, 40), min_size=1, max_size=12))
    window, eos, separator = draw(
        st.tuples(st.integers(5, 30), st.integers(0, 2), st.integers(0, 3))
    )
    plan = pack_sequences(
        lengths,
        window,
        eos_tokens=eos,
        separator_tokens=separator,
        overlong=draw(st.sampled_from(["split", "truncate", "drop"])),
        seed=draw(st.none() | st.integers(0, 9)),
    )
    return plan, [row(number, length) for number, length in enumerate(lengths)]


def packed(plan: Plan, documents: Any, **options: Any) -> PackedDataset:
    eos, separator = EOS[: plan.eos_tokens], SEPARATOR[: plan.separator_tokens]
    return PackedDataset(plan, documents, eos=eos, separator=separator, convert=list, **options)


def origins(plan: Plan, number: int, documents: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """For each token of a window: (kind, document, its place there or among its kind)."""
    window = plan[number]
    found: list[tuple[Any, ...]] = []
    for piece, document in enumerate(window.documents):
        if piece:
            found += [("separator", None, i) for i in range(plan.separator_tokens)]
        length = len(documents[document]["input_ids"])
        if document in plan.truncated.tolist():
            length = plan.window - plan.eos_tokens
        for place in range(window.starts[piece], window.starts[piece] + window.lengths[piece]):
            if place >= length:
                found.append(("eos", document, place - length))
            else:
                kind = "first" if place == window.starts[piece] else "inner"
                found.append((kind, document, place))
    return found


def expected_ids(found: list[tuple[Any, ...]], documents: list[dict[str, Any]]) -> list[int]:
    special = {"eos": EOS, "separator": SEPARATOR}
    return [
        special[kind][place] if kind in special else documents[document]["input_ids"][place]
        for kind, document, place in found
    ]


@settings(max_examples=150)
@given(problems(), st.booleans(), st.sets(st.sampled_from(KINDS)), st.booleans())
def test_every_token_of_every_column_is_where_it_belongs(
    problem: tuple[Plan, list[dict[str, Any]]], pads: bool, ignore: set[str], masked: bool
) -> None:
    plan, documents = problem
    options = {"ignore": ignore, "loss_mask": "loss_mask" if masked else None}
    dataset = packed(plan, documents, pad=PAD if pads else None, **options)
    for number, window in enumerate(dataset):
        found = origins(plan, number, documents)
        ids = expected_ids(found, documents)
        filled, size = len(found), plan.window if pads else len(found)
        missing = size - filled
        assert window["filled"] == filled
        assert window["input_ids"] == ids + [PAD] * missing
        assert window["position_ids"][filled:] == [*range(missing)]
        assert window["cu_seqlens"][-1] == size
        assert filled in window["cu_seqlens"]
        for name in ("labels", "attention_mask", "loss_mask", "advantages"):
            assert len(window[name]) == size
            fill = -100 if name == "labels" else 0
            assert window[name][filled:] == [fill] * missing
        for at, (kind, document, place) in enumerate(found):
            of = documents[document] if document is not None else {}
            if kind == "separator":
                label, attended, mask, advantage = -100, 1, 0, 0
            else:
                at_end = -1 if kind == "eos" else place
                mask, advantage = of["loss_mask"][at_end], of["advantages"][at_end]
                label, attended = of["labels"][at_end], 1
                if kind == "eos" and label != -100:
                    label = EOS[place]
            if kind in ignore or (masked and not mask):
                label = -100
            assert window["labels"][at] == label
            assert window["attention_mask"][at] == attended
            assert window["loss_mask"][at] == mask
            assert window["advantages"][at] == advantage
        pieces = plan[number].documents.tolist()
        for name in ("source", "weight", "tags"):
            assert window[f"piece_{name}"] == [documents[i][name] for i in pieces]


@settings(max_examples=100)
@given(problems(), st.sets(st.sampled_from(KINDS)))
def test_labels_are_made_of_the_ids(
    problem: tuple[Plan, list[dict[str, Any]]], ignore: set[str]
) -> None:
    plan, documents = problem
    lists = [document["input_ids"] for document in documents]
    for number, window in enumerate(packed(plan, lists, pad=PAD, ignore=ignore)):
        found = origins(plan, number, documents)
        ids = expected_ids(found, documents)
        kept = [
            -100 if kind in ignore else token
            for token, (kind, _, _) in zip(ids, found, strict=True)
        ]
        assert window["labels"] == kept + [-100] * (plan.window - len(kept))
        assert set(window) == {"input_ids", "position_ids", "cu_seqlens", "filled", "labels"}


def test_padding_is_told_from_eos() -> None:
    """Row F27: with one id for both, the padding was taken for a third document."""
    dataset = PackedDataset(
        pack_sequences([3, 4], 10, eos_tokens=1), [[1, 2, 3], [4, 5, 6, 7]], eos=0, pad=0
    )
    assert dataset[0]["input_ids"].tolist() == [1, 2, 3, 0, 4, 5, 6, 7, 0, 0]
    assert dataset[0]["filled"] == 9
    assert dataset[0]["labels"].tolist() == [1, 2, 3, 0, 4, 5, 6, 7, 0, -100]


ROWS = [row(number, length) for number, length in enumerate((5, 3, 7))]
PLAN = pack_sequences([5, 3, 7], 16)


def test_columns_are_kept_or_left_out() -> None:
    always = {"input_ids", "position_ids", "cu_seqlens", "filled", "labels"}
    kept = {"attention_mask", "loss_mask", "advantages"}
    pieces = {"piece_source", "piece_weight", "piece_tags"}
    assert set(PackedDataset(PLAN, ROWS)[0]) == always | kept | pieces
    assert set(PackedDataset(PLAN, ROWS, columns=[])[0]) == always
    some = PackedDataset(PLAN, ROWS, columns=["source", "loss_mask"], labels=False)[0]
    assert set(some) == always - {"labels"} | {"loss_mask", "piece_source"}
    made = PackedDataset(PLAN, ROWS, columns=[])[0]
    assert made["labels"] == made["input_ids"], "a column that is left out gives no labels"
    masked = PackedDataset(PLAN, ROWS, columns=[], loss_mask="loss_mask")[0]
    assert masked["loss_mask"].tolist() == [1 if n != -100 else 0 for n in masked["labels"]]


def test_made_columns_replace_those_of_documents() -> None:
    rows = [{**each, "position_ids": [9] * len(each["input_ids"]), "filled": 3} for each in ROWS]
    window: PackedWindow = PackedDataset(PLAN, rows)[0]
    assert window == PackedDataset(PLAN, ROWS)[0]
    assert 9 not in window["position_ids"]


def test_values_at_padding_can_be_given() -> None:
    rows = [{"input_ids": [1, 2], "types": [0, 1]}, {"input_ids": [3], "types": [1]}]
    plan = pack_sequences([2, 1], 5, separator_tokens=1)
    options: dict[str, Any] = {"separator": 7, "pad": 0, "convert": list}
    window = PackedDataset(plan, rows, fills={"types": 4}, **options)[0]
    assert window["types"] == [0, 1, 4, 1, 4]
    window = PackedDataset(plan, rows, fills={"types": 0.5}, **options)[0]
    assert window["types"] == [0, 1, 0.5, 1, 0.5]


def test_a_list_that_is_as_long_by_chance_is_of_the_document() -> None:
    rows = [{"input_ids": [1, 2], "box": [3, 4]}, {"input_ids": [5], "box": [6, 7]}]
    assert PackedDataset(pack_sequences([2, 1], 5), rows)[0]["piece_box"] == [[3, 4], [6, 7]]


def test_a_truncated_document_has_to_be_that_long() -> None:
    plan = pack_sequences([3, 12], 10, eos_tokens=1, overlong="truncate")
    windows = list(PackedDataset(plan, [[1, 2, 3], [5] * 12], eos=0))
    assert windows[1]["input_ids"].tolist() == [5] * 9 + [0]
    with pytest.raises(UsageError, match="1 has 9 tokens, but the plan was made for more than 9"):
        list(PackedDataset(plan, [[1, 2, 3], [5] * 9], eos=0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [1]}, "column 'labels' of document 2 must have .* 7 ids, got 1 values"),
        ({"labels": None}, "column 'labels' of document 2 must have a value for each .* got None"),
        ({"loss_mask": ["a"] * 7}, "column 'loss_mask' of document 2 must be a list of integers"),
        ({"labels": [0.5] * 7}, "column 'labels' of document 2 must be a list of integers"),
        ({"advantages": [None] * 7}, "column 'advantages' of document 2 must be a list of numbers"),
    ],
)
def test_values_that_do_not_fit(change: dict[str, Any], message: str) -> None:
    fills = {"labels": -100, "loss_mask": 0, "advantages": 0.0}
    plan = pack_sequences([5, 3, 7], 7)
    with pytest.raises(UsageError, match=message):
        list(PackedDataset(plan, [*ROWS[:2], {**ROWS[2], **change}], fills=fills))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": ["nothing"]}, "no document has a column 'nothing'"),
        ({"columns": "labels"}, "columns must be a list of str"),
        ({"fills": {"nothing": 0}}, "no document has a column 'nothing'"),
        ({"fills": {"labels": "a"}}, "must be a int or float"),
        ({"loss_mask": "nothing"}, "no document has a column 'nothing'"),
        ({"ignore": ["bos"]}, "unknown kind of tokens to ignore 'bos'"),
        ({"ignore": "eos"}, "ignore must be a list"),
    ],
)
def test_arguments_that_cannot_be_used(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        PackedDataset(PLAN, ROWS, **options)


def test_lists_of_ids_have_no_columns() -> None:
    with pytest.raises(UsageError, match="no document has a column 'labels'"):
        PackedDataset(PLAN, [each["input_ids"] for each in ROWS], columns=["labels"])


def test_a_stream_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="documents must be a sequence, got list_iterator"):
        PackedDataset(PLAN, iter(ROWS))


def test_documents_without_ids() -> None:
    with pytest.raises(UsageError, match="document 0 has no column 'ids'"):
        list(PackedDataset(PLAN, ROWS, column="ids"))
    with pytest.raises(UsageError, match="document 0 must be a list of token ids, got int"):
        list(PackedDataset(PLAN, [5, 3, 7]))


def test_a_hugging_face_stream_is_refused() -> None:
    """Row F28: it was an error of Python's, that an IterableColumn has no len()."""
    datasets = pytest.importorskip("datasets")
    stream = datasets.Dataset.from_list(ROWS).to_iterable_dataset()
    for documents in (stream, stream["input_ids"]):
        with pytest.raises(UsageError, match="must be a list of token ids") as caught:
            list(PackedDataset(PLAN, documents))
        assert "of a stream, make a list" in str(caught.value.hint)


def test_columns_as_arrays_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    arrays = [
        {k: numpy.asarray(v) if isinstance(v, list) and k != "tags" else v for k, v in each.items()}
        for each in ROWS
    ]
    plan = pack_sequences([5, 3, 7], 18, eos_tokens=1)
    expected = PackedDataset(plan, ROWS, eos=0, pad=0)[0]
    assert PackedDataset(plan, arrays, eos=0, pad=0)[0] == expected
    converted = PackedDataset(plan, arrays, eos=0, pad=0, convert=numpy.asarray)[0]
    assert converted["advantages"].dtype == numpy.float64
    assert converted["labels"].tolist() == expected["labels"].tolist()


def test_columns_go_to_other_processes() -> None:
    dataset = PackedDataset(PLAN, ROWS, loss_mask="loss_mask", pad=0)
    assert list(pickle.loads(pickle.dumps(dataset))) == list(dataset)


@pytest.mark.parametrize("typed", [True, False])
def test_a_hugging_face_dataset_keeps_columns(typed: bool) -> None:
    """Row F26: all but the ids was lost."""
    datasets = pytest.importorskip("datasets")
    plan = pack_sequences([5, 3, 7], 9, eos_tokens=1)
    source = datasets.Dataset.from_list(ROWS) if typed else ROWS
    made = pack_dataset(source, plan, eos=0, pad=0, loss_mask="loss_mask")
    windows = PackedDataset(plan, ROWS, eos=0, pad=0, loss_mask="loss_mask", convert=list)
    assert list(made) == list(windows)
    assert made.features["position_ids"].feature.dtype == "int32"
    some = pack_dataset(source, plan, eos=0, columns=["source"], labels=False)
    assert {*some.column_names} == {
        "input_ids", "position_ids", "cu_seqlens", "filled", "piece_source"
    }  # fmt: skip
