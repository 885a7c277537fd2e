"""A plan in a file: what was saved is what is loaded, and nothing else is."""

import json
import os
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import FormatError, ReadError
from ctxtools.packing import Plan, load_plan, pack_sequences

LENGTHS = [3, 0, 17, 7, 40, 5, 0, 9]


def made(**options: Any) -> Plan:
    return pack_sequences(LENGTHS, 16, **options)


@pytest.fixture
def lines() -> list[str]:
    found = list(made(eos_tokens=1).json_lines())
    assert len(found) > 4
    return found


@pytest.mark.parametrize("name", ["plan.jsonl", "plan.parquet"])
@given(
    lengths=st.lists(st.integers(0, 60) | st.integers(2**32 - 9, 2**32 + 9), max_size=20),
    window=st.integers(3, 50) | st.just(2**33),
    eos=st.integers(0, 2),
    separator=st.integers(0, 2),
    seed=st.none() | st.integers(0, 9),
    at=st.none() | st.integers(1, 9),
    overlong=st.sampled_from(["split", "truncate", "drop"]),
)
def test_a_saved_plan_is_loaded(
    name: str,
    lengths: list[int],
    window: int,
    eos: int,
    separator: int,
    seed: Any,
    at: Any,
    overlong: Any,
) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    large = max(lengths, default=0) > 2**31 and window < 2**31
    plan = pack_sequences(
        lengths,
        window,
        eos_tokens=eos,
        separator_tokens=separator,
        overlong=overlong if not large or overlong != "split" else "drop",
        boundaries=None if at is None else lambda _: range(at, 60, at),
        seed=seed,
    )
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        plan.save(path)
        loaded = load_plan(path)
    assert loaded == plan
    assert list(loaded) == list(plan)
    assert loaded.summary() == plan.summary()
    assert loaded.offsets.format == "Q"


def test_a_plan_of_an_older_release_has_nothing_truncated(tmp_path: Path) -> None:
    text = "".join(made().json_lines())
    old = text.replace('"truncated":[],', "")
    assert old != text
    (tmp_path / "a.jsonl").write_text(old)
    assert load_plan(tmp_path / "a.jsonl") == made()


def test_the_content_says_what_it_is(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    plan = made()
    plan.save(tmp_path / "a.parquet")
    plan.save(tmp_path / "a.jsonl")
    os.rename(tmp_path / "a.parquet", tmp_path / "b.txt")
    os.rename(tmp_path / "a.jsonl", tmp_path / "a.parquet")
    assert load_plan(tmp_path / "a.parquet") == load_plan(tmp_path / "b.txt") == plan


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_a_plan_from_a_pipe(name: str, tmp_path: Path) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    made().save(tmp_path / name)
    os.mkfifo(tmp_path / "pipe")
    data = (tmp_path / name).read_bytes()
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[data])
    writer.start()
    assert load_plan(tmp_path / "pipe") == made()
    writer.join()


def test_a_line_is_a_window_also_for_other_programs(lines: list[str]) -> None:
    rows = [json.loads(line) for line in lines]
    assert [row["lengths"] for row in rows] == [w.lengths.tolist() for w in made(eos_tokens=1)]
    assert ["plan" in row for row in rows] == [True] + [False] * (len(rows) - 1)
    [only] = map(json.loads, pack_sequences([0, 0], 5).json_lines())
    assert only["lengths"] == [] and only["plan"]["empty"] == [0, 1]


def test_every_truncation_is_found(lines: list[str], tmp_path: Path) -> None:
    text = "".join(lines)
    for end in range(len(text) - 1):
        (tmp_path / "a.jsonl").write_text(text[:end])
        with pytest.raises(FormatError) as caught:
            load_plan(tmp_path / "a.jsonl")
        assert caught.value.hint
    (tmp_path / "a.jsonl").write_text(text.replace("\n", "\r\n") + "\n")
    assert load_plan(tmp_path / "a.jsonl") == made(eos_tokens=1)


def changed(lines: list[str], number: int, **values: Any) -> list[str]:
    row = json.loads(lines[number])
    return [*lines[:number], json.dumps({**row, **values}) + "\n", *lines[number + 1 :]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [], "is empty: it holds no plan"),
        (lambda lines: ["text\n"], "line 1 is not JSON"),
        (lambda lines: ['{"text": "a"}\n'], "line 1 is no training window"),
        (lambda lines: ["[1]\n"], "line 1 is no training window"),
        (lambda lines: lines[1:], "has no line with the figures of its plan"),
        (lambda lines: lines[:-1], "has 6 of the 7 training windows of its plan"),
        (lambda lines: [*lines, lines[-1]], "has 8 of the 7 training windows"),
        (lambda lines: lines * 2, "line 8 starts another plan"),
        (lambda lines: [*lines[:2], "\x00\n"], "line 3 is not JSON"),
        (lambda lines: changed(lines, 2, lengths=[1, 1]), "line 3 is no training window"),
        (lambda lines: changed(lines, 2, starts=[-1]), "line 3 is no training window"),
        (lambda lines: changed(lines, 2, documents=[1.0]), "line 3 is no training window"),
        (lambda lines: changed(lines, 2, lengths=[17]), "window 2 has 17 tokens, more than the 16"),
        (lambda lines: changed(lines, 0, plan={"bins": 7}), "figures that are not those of a plan"),
        (lambda lines: changed(lines, 0, plan=3), "no line with the figures of its plan"),
    ],
)
def test_what_is_no_plan(change: Any, message: str, tmp_path: Path) -> None:
    lines = list(pack_sequences([16] * 7, 16).json_lines())
    (tmp_path / "a.jsonl").write_text("".join(change(lines)))
    with pytest.raises(FormatError, match=message) as caught:
        load_plan(tmp_path / "a.jsonl")
    assert str(caught.value).startswith(str(tmp_path / "a.jsonl")) and caught.value.hint


def test_parquet_that_is_no_plan(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    made().save(path)
    data = path.read_bytes()
    for end in (4, 40, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:end])
        with pytest.raises(FormatError, match="not a readable Parquet file"):
            load_plan(path)
    table = made().to_arrow()
    for other in (
        pyarrow.table({"a": [1]}),
        table.replace_schema_metadata(None),
        table.drop_columns("starts"),
        table.set_column(0, "documents", pyarrow.array([["a"]] * len(table))),
    ):
        parquet.write_table(other, path)
        with pytest.raises(FormatError, match="is Parquet, but not a plan"):
            load_plan(path)
    with pytest.raises(ReadError, match="no such file"):
        load_plan(tmp_path / "c")
    with pytest.raises(ReadError, match="is a directory"):
        load_plan(tmp_path)


def test_a_damaged_parquet_file_is_an_error_and_ends_no_process(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "plan.parquet"
    made().save(path)
    whole = path.read_bytes()
    for number in range(40):
        data = bytearray(whole)
        for at in range(number * 37 % len(data), len(data), 97):
            data[at] ^= 1 << number % 8
        path.write_bytes(bytes(data) if number % 4 else whole[: number * 50])
        try:
            plan = load_plan(path)
        except (FormatError, ReadError) as error:
            assert "plan.parquet" in error.message
        else:
            list(plan)


@pytest.mark.parametrize(
    "facts", [b"[" * 100_000, b"3", b"\xff", b"{", b'{"window": ' + b"9" * 5000 + b"}", b"null"]
)
def test_figures_of_a_plan_that_are_none(facts: bytes, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "plan.parquet"
    table = made().to_arrow()
    parquet.write_table(table.replace_schema_metadata({b"ctxtools": facts}), path)
    with pytest.raises(FormatError, match=r"plan\.parquet"):
        load_plan(path)
    lists = pyarrow.array([[1], None], pyarrow.large_list(pyarrow.uint32()))
    names = ["documents", "starts", "lengths"]
    for columns in ([lists] * 3, [pyarrow.array([[1, 2], [3]], lists.type)] * 2 + [lists]):
        other = pyarrow.table(columns, names).replace_schema_metadata(table.schema.metadata)
        parquet.write_table(other, path)
        with pytest.raises(FormatError, match="but not a plan"):
            load_plan(path)
