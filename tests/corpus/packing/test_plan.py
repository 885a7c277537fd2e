"""Plans of corpora: every token once, as few windows as of the same lengths in one place."""

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import pack_sequences
from ctxtools.corpus import CorpusPlan, CountStep, check_plan, plan_windows, run
from ctxtools.corpus.lengths import histogram_of
from ctxtools.errors import FormatError, ReadError, UsageError

pa = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402

Parts = list[list[int]]


def planned(parts: Sequence[Sequence[int]], window: int, **options: Any) -> CorpusPlan:
    return plan_windows([histogram_of(pa.array(p, pa.int64())) for p in parts], window, **options)


@st.composite
def corpora(draw: st.DrawFn) -> tuple[Parts, int, dict[str, Any]]:
    lengths = st.lists(st.integers(0, 12) | st.integers(0, 150), max_size=25)
    parts = draw(st.lists(lengths, max_size=5))
    window = draw(st.integers(2, 60))
    return (
        parts,
        window,
        {
            "eos_tokens": draw(st.integers(0, min(3, window - 1))),
            "separator_tokens": draw(st.integers(0, 3)),
            "overlong": draw(st.sampled_from(["split", "truncate", "drop"])),
            "max_documents": draw(st.none() | st.integers(1, 5)),
            "seed": draw(st.none() | st.integers(0, 2**64 - 1)),
        },
    )


def wanted_tokens(length: int, window: int, options: dict[str, Any]) -> int:
    """How many tokens of a document are in windows, EOS included."""
    tokens = int(length + options["eos_tokens"])
    if length == 0 or (tokens > window and options["overlong"] == "drop"):
        return 0
    return min(tokens, window) if options["overlong"] == "truncate" else tokens


@given(corpora(), st.data())
def test_every_token_has_one_place(
    problem: tuple[Parts, int, dict[str, Any]], data: st.DataObject
) -> None:
    parts, window, options = problem
    names = st.lists(st.sampled_from("ab"), min_size=len(parts), max_size=len(parts))
    groups = data.draw(st.none() | names)
    plan = planned(parts, window, groups=groups, **options)
    cells: dict[tuple[int, int], tuple[int, int, int]] = {}  # (window, offset) -> token
    pieces: dict[int, list[tuple[int, int]]] = defaultdict(list)
    group_of: dict[int, set[str]] = defaultdict(set)
    tokens: dict[tuple[int, int], list[int]] = defaultdict(list)
    cut = 0
    for number in data.draw(st.permutations(range(len(parts)))):
        places = plan.place(number, parts[number])
        cut += len(places.overlong)
        rows = [row.tolist() for row in places[:5]]
        assert rows[0] == sorted(rows[0])
        for document, start, length, home, offset in zip(*rows, strict=True):
            pieces[home].append((offset, length))
            group_of[home].add(groups[number] if groups else "")
            tokens[number, document] += range(start, start + length)
            for i in range(length):
                cell = home, offset + i
                assert cell not in cells and offset + i < window
                cells[cell] = number, document, start + i
    for number, part in enumerate(parts):
        for document, length in enumerate(part):
            found = tokens.pop((number, document), [])
            assert found == list(range(wanted_tokens(length, window, options)))
    assert not tokens
    assert sorted(pieces) == list(range(plan.bins))
    assert all(len(names) == 1 for names in group_of.values())
    separator = options["separator_tokens"]
    for held in pieces.values():
        held.sort()
        assert held[0][0] == 0 and len(held) <= (options["max_documents"] or len(held))
        for (offset, length), (following, _) in pairwise(held):
            assert following == offset + length + separator
    ends = [max(offset + length for offset, length in held) for held in pieces.values()]
    assert plan.tokens == sum(ends)
    assert cut == plan.truncated + plan.dropped
    assert plan.empty == sum(part.count(0) for part in parts)
    assert check_plan(plan, parts) == []


@given(corpora())
def test_as_many_windows_as_in_one_place(problem: tuple[Parts, int, dict[str, Any]]) -> None:
    parts, window, options = problem
    plan = planned(parts, window, **options)
    lengths = [length for part in parts for length in part]
    expected = pack_sequences(lengths, window, **options)
    assert (plan.bins, plan.lower_bound) == (expected.bins, expected.lower_bound)
    assert plan.efficiency == pytest.approx(expected.efficiency)


@given(corpora(), st.booleans())
def test_a_saved_plan_has_the_same_places(
    tmp_path_factory: pytest.TempPathFactory,
    problem: tuple[Parts, int, dict[str, Any]],
    mixed: bool,
) -> None:
    parts, window, options = problem
    groups = None if mixed else [f"language {i % 2}" for i in range(len(parts))]
    plan = planned(parts, window, groups=groups, **options)
    path = tmp_path_factory.mktemp("plan") / "plan.parquet"
    plan.save(path)
    again = CorpusPlan.load(path)
    assert again.summary() == plan.summary()
    assert again.options == plan.options
    for number, part in enumerate(parts):
        found, expected = again.place(number, part), plan.place(number, part)
        assert [row.tolist() for row in found] == [row.tolist() for row in expected]


def test_a_seed_permutes_windows_and_documents() -> None:
    parts = [[10] * 400, [10] * 400]

    def windows(seed: int | None) -> list[int]:
        return planned(parts, 20, seed=seed).place(0, parts[0]).windows.tolist()

    assert windows(None) == [i // 2 for i in range(400)]
    assert windows(1) == windows(1)
    assert windows(1) != windows(2)
    assert 300 < sum(window >= 200 for window in windows(1)) + 150 < 400  # near one half


def test_a_document_of_a_billion_tokens_is_not_listed() -> None:
    plan = planned([[10**15 + 1, 5], [3]], 10, eos_tokens=1)
    assert plan.bins == 10**14 + 2
    assert plan.tokens == 10**15 + 2 + 6 + 4


def test_windows_of_a_counted_folder(tmp_path: Path) -> None:
    for name, texts in {"a": ["One two three.", None, ""], "b": ["Four."] * 7}.items():
        table = pa.table({"text": pa.array(texts, pa.string())})
        parquet.write_table(table, tmp_path / f"{name}.parquet")
    folder = tmp_path / "counted"
    step = CountStep(column="text", encodings=("o200k_base",))
    manifest = run([str(tmp_path / "*.parquet")], step, folder).manifest
    assert manifest
    plan = plan_windows(folder, 8, eos_tokens=1)
    files = [folder / f"{entry.part}.parquet" for entry in manifest.entries]
    columns = [parquet.read_table(path).column("o200k_base") for path in files]
    assert plan.parts == 2
    assert check_plan(plan, columns) == []
    assert plan.empty == 1  # a null is no row of the histogram
    (entry := next((folder / "_parts").glob("*.parquet"))).write_bytes(entry.read_bytes()[:-1])
    with pytest.raises(FormatError, match="not what was written"):
        plan_windows(folder, 8)


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([5, 6, 7, 7], "document 3 is one more"),
        ([5, 6], "more pieces of 7 tokens"),
        ([5, 6, 8], "document 2 is one more"),
        ([5, 6, 7, -1], "document 3 must be >= 0"),
        ([5, 6, 10**12], "split into"),
    ],
)
def test_other_lengths_than_were_counted(lengths: list[int], message: str) -> None:
    plan = planned([[5, 6, 7], [7, 7]], 10)
    with pytest.raises(UsageError, match=message):
        plan.place(0, lengths)
    with pytest.raises(UsageError, match="none of number 2"):
        plan.place(2, lengths)


def test_a_plan_that_is_wrong_is_found() -> None:
    parts = [[5, 6, 7], [7, 12]]
    plan = planned(parts, 10, separator_tokens=1)
    assert check_plan(plan, parts[:1]) == ["1 parts, not 2", "3 windows are filled, not 5"]

    class Wrong(CorpusPlan):
        def place(self, number: int, lengths: Any) -> Any:
            return changed(super().place(number, lengths))

    def row(values: Any) -> memoryview:
        return memoryview(pa.array(values, pa.uint32()).buffers()[1]).cast("I")[: len(values)]

    figures = {"documents": 5, "empty": 0, "overlong": 1}
    wrong = Wrong(plan.options, plan.packings, **figures)
    for field, value, expected in [
        ("windows", [0] * 3, "pieces overlap"),
        ("offsets", [9] * 3, "more than 10 tokens"),
        ("lengths", [1] * 3, "tokens are placed"),
        ("starts", [1] * 3, "one after the other"),
        ("windows", [7] * 3, "not below 5"),
    ]:

        def changed(places: Any, field: str = field, value: list[int] = value) -> Any:
            return places._replace(**{field: row(value[: len(getattr(places, field))])})

        assert any(expected in each for each in check_plan(wrong, parts)), field


def test_files_that_are_no_plan(tmp_path: Path) -> None:
    plan, path = planned([[5, 6, 7], [7, 12]], 10), tmp_path / "plan.parquet"
    with pytest.raises(ReadError):
        CorpusPlan.load(path)
    plan.save(path)
    table = parquet.read_table(path)
    kind = pa.large_list(pa.uint64())
    for name, value in {
        "windows": [[1]],
        "counts": [[1, 1, 1, 1, 9]],
        "part_starts": [[0, 9, 4]],
        "part_sizes": [[1, 2, 3, 4, 5]],
        "parts": [[0, 1, 2]],
    }.items():
        at = table.schema.get_field_index(name)
        parquet.write_table(table.set_column(at, name, pa.array(value, kind)), path)
        with pytest.raises(FormatError, match="not a plan"):
            CorpusPlan.load(path)
    parquet.write_table(table.replace_schema_metadata(None), path)
    with pytest.raises(FormatError):
        CorpusPlan.load(path)
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(FormatError, match="Parquet"):
        CorpusPlan.load(path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"overlong": "keep"}, "overlong"),
        ({"overlong": "raise", "eos_tokens": 9}, "1 documents are longer than the window"),
        ({"eos_tokens": 10}, "window must be"),
        ({"groups": ["a"]}, "1 groups were named for 2 parts"),
    ],
)
def test_options_that_cannot_be_used(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        planned([[1], [2]], 10, **options)


def test_options_are_values() -> None:
    options = planned([[1]], 10).options
    assert dataclasses.replace(options) == options
