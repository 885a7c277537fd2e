"""What a record may be that has a length, and what the error says of any other."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents import open_document
from ctxtools.errors import FormatError
from ctxtools.packing.training.records import jsonl_lengths, number_lengths, parquet_lengths
from tests.hanging import no_hang

CHAT = [{"role": "user", "content": "How deep?"}, {"role": "assistant", "content": "Deep."}]

REFUSED = [
    (CHAT, "a list of objects"),
    (["one", "two"], "a list of strings"),
    ([[1, 2], [3]], "a list of lists"),
    ([0.25, 0.5], "a list of floats"),
    ([2.0, 3.0], "a list of floats"),
    ([True, False], "a list of booleans"),
    ([None, None], "a list of nulls"),
    ([4, -5, 6], "a list whose item 1 is -5"),
    ([4, 5, None], "a list whose item 2 is null"),
    ({"input_ids": [1, 2]}, "an object"),
    (True, "a boolean"),
    (12.5, "12.5"),
    (12.0, "12.0"),
    (-3, "-3"),
    (float("nan"), "NaN"),
]


def count_words(texts: list[str], numbers: Any) -> list[int]:
    return [len(text.split()) for text in texts]


def lengths_of(path: Path, name: str = "x") -> list[int]:
    with open_document(path) as reader:
        if path.suffix == ".parquet":
            return parquet_lengths(reader, name, count_words).tolist()
        return jsonl_lengths(reader, name, count_words).tolist()


def write_jsonl(path: Path, values: list[Any]) -> Path:
    path.write_text("".join(json.dumps({"x": value}) + "\n" for value in values))
    return path


def write_parquet(path: Path, values: list[Any], kind: Any = None) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"x": pyarrow.array(values, kind)}), path)
    return path


@pytest.mark.parametrize(("value", "what"), REFUSED, ids=[what for _, what in REFUSED])
def test_what_has_no_length_is_refused(value: Any, what: str, tmp_path: Path) -> None:
    """The number of messages of a chat was taken for its tokens, without a word."""
    path = write_jsonl(tmp_path / "a.jsonl", [None, value])
    with pytest.raises(FormatError) as caught:
        lengths_of(path)
    message = f"'x' is {what}, not a text, ids or a length"
    assert caught.value.message == f"{path}: line 2: {message}"
    assert caught.value.hint
    path = write_parquet(tmp_path / "a.parquet", [None, value])
    with pytest.raises(FormatError) as caught:
        lengths_of(path)
    assert caught.value.message == f"{path}: row 2: {message}"


@pytest.mark.parametrize("value", [[1, "two"], [1, [2]], [1, True], [1, 2.0], ["a", 1], [{}, 1]])
def test_lists_of_several_kinds(value: list[Any], tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [[1, 2, 3], "a text", 7, value])
    with pytest.raises(FormatError, match="line 4: 'x' is a list whose item"):
        lengths_of(path)


def test_the_row_is_named_in_any_batch(tmp_path: Path) -> None:
    rows = [[1] * (n % 3) for n in range(3000)]
    path = write_parquet(tmp_path / "a.parquet", [*rows, None, [], [2, -1], [3]])
    with pytest.raises(FormatError, match="row 3,003: 'x' is a list whose item 1 is -1"):
        lengths_of(path)
    path = write_parquet(tmp_path / "b.parquet", [*range(70_000), -1])
    with pytest.raises(FormatError, match="row 70,001: 'x' is -1"):
        lengths_of(path)


def test_types_that_only_arrow_has(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    small, pairs = pyarrow.list_(pyarrow.int32()), pyarrow.list_(pyarrow.uint16(), 2)
    large = pyarrow.large_list(pyarrow.int64())
    path = tmp_path / "a.parquet"
    for kind in (small, large):
        assert lengths_of(write_parquet(path, [[1, 2], None, [], [3]], kind)) == [2, 0, 0, 1]
    assert lengths_of(write_parquet(path, [[1, 2], [3, 4]], pairs)) == [2, 2]
    if int(pyarrow.__version__.partition(".")[0]) >= 26:  # before, it reads no nulls among those
        assert lengths_of(write_parquet(path, [[1, 2], None, [3, 4]], pairs)) == [2, 0, 2]
    assert lengths_of(write_parquet(path, [None, None])) == [0, 0]
    assert lengths_of(write_parquet(path, [None, []], pyarrow.list_(pyarrow.string()))) == [0, 0]
    words = pyarrow.array(["a b", None, "a b", "c"]).dictionary_encode()
    assert lengths_of(write_parquet(path, words)) == [2, 0, 2, 1]
    assert lengths_of(write_parquet(path, [b"a b", None, "ü é x".encode()])) == [2, 0, 3]
    write_parquet(path, [b"a b", b"\xff\xfe"])
    with pytest.raises(FormatError, match="row 2: 'x' is not UTF-8"):
        lengths_of(path)
    write_parquet(path, [5, 2**63], pyarrow.uint64())
    with pytest.raises(FormatError, match=f"row 2: 'x' is {2**63}"):
        lengths_of(path)
    write_parquet(path, [None, 86_400], pyarrow.date32())
    with pytest.raises(FormatError, match=r"row 2: 'x' is of type date32\[day\]"):
        lengths_of(path)


def test_a_hint_names_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        lengths_of(write_jsonl(tmp_path / "a.jsonl", [CHAT]))
    assert "chat template" in str(caught.value.hint)
    assert str(caught.value.hint).endswith("such as x.0.content")
    assert lengths_of(tmp_path / "a.jsonl", "x.0.content") == [2], "the hint is true"
    with pytest.raises(FormatError) as caught:
        lengths_of(write_jsonl(tmp_path / "a.jsonl", [[1, {"value": "a b c"}]]))
    assert str(caught.value.hint).endswith("such as x.1.value")
    assert lengths_of(tmp_path / "a.jsonl", "x.1.value") == [3]
    with pytest.raises(FormatError) as caught:
        lengths_of(write_parquet(tmp_path / "a.parquet", [CHAT]))
    assert str(caught.value.hint).endswith("or as ids first"), "a column has no numbered fields"


_ids = st.lists(st.integers(0, 2**40), max_size=5)
_records = st.one_of(st.none(), st.text(max_size=9), _ids, st.integers(0, 2**62))
_others = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(), st.text(max_size=3)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)


@given(st.lists(st.one_of(_records, _others), max_size=6))
def test_a_length_or_an_error(values: list[Any]) -> None:
    """Against the rule, written out."""

    def expected(value: Any) -> int | None:
        if value is None:
            return 0
        if isinstance(value, str):
            return len(value.split())
        if isinstance(value, list):
            return len(value) if all(type(i) is int and i >= 0 for i in value) else None
        return value if type(value) is int and value >= 0 else None

    lengths = [expected(value) for value in values]
    with TemporaryDirectory() as folder:
        path = write_jsonl(Path(folder, "a.jsonl"), values)
        if None in lengths:
            with pytest.raises(FormatError, match=f"line {lengths.index(None) + 1}: 'x' is"):
                lengths_of(path)
        else:
            assert lengths_of(path) == lengths


def test_a_list_of_numbers(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("12 7\n1e3 5")
    with open_document(tmp_path / "n.txt") as reader, pytest.raises(FormatError) as caught:
        number_lengths(reader)
    assert "number 3: '1e3' is not a number of tokens" in caught.value.message


def test_an_endless_number_is_refused_after_its_first_block(tmp_path: Path) -> None:
    """Joining its blocks took quadratic time."""
    path = tmp_path / "numbers.txt"
    path.write_text("12\n" + "9" * 30_000_000)
    with (
        no_hang(),
        open_document(str(path)) as reader,
        pytest.raises(FormatError, match="number 2"),
    ):
        number_lengths(reader)


def test_a_number_of_thousands_of_digits_is_shown_in_short(tmp_path: Path) -> None:
    path = tmp_path / "lengths.jsonl"
    path.write_text(f'{{"n": {"9" * 4000}}}\n')
    with open_document(str(path)) as reader, pytest.raises(FormatError) as raised:
        jsonl_lengths(reader, "n", lambda texts, numbers: [0] * len(texts))
    assert len(str(raised.value)) < 500
