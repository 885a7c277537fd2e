"""Corpora of ids for tests, and the windows that they should have."""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow
from hypothesis import strategies as st
from pyarrow import parquet

from ctxtools.corpus import Entry, PackOptions, Result, plan_windows
from ctxtools.corpus.engines.task import do, result_of
from ctxtools.corpus.lengths import histogram_of
from ctxtools.corpus.reading import row_groups
from ctxtools.corpus.units import Unit
from ctxtools.errors import CtxtoolsError
from ctxtools.packing.training.adapters import PackedDataset
from ctxtools.packing.training.plan import Plan

Row = dict[str, Any]

EOS, SEPARATOR, PAD = 1, 2, 0
FIRST = 10  # from there on, each token of a corpus is another number
ALL_TYPES = {
    "ids": pyarrow.list_(pyarrow.int64()),
    "mask": pyarrow.list_(pyarrow.uint8()),
    "weights": pyarrow.list_(pyarrow.float32()),
    "language": pyarrow.string(),
    "source": pyarrow.string(),
    "tags": pyarrow.list_(pyarrow.string()),
}


class Inline:
    """An engine in this process."""

    name = "inline"

    def run(self, tasks: Iterable[str]) -> Iterator[Entry | CtxtoolsError]:
        return (result_of(do(task)) for task in tasks)

    def row_groups(self, unit: Unit) -> list[int]:
        return row_groups(unit)


@st.composite
def corpora(draw: st.DrawFn) -> list[list[Row]]:
    """The rows of some files."""
    lengths = st.lists(st.none() | st.integers(0, 9) | st.integers(0, 70), max_size=12)
    numbers = count(FIRST)
    files: list[list[Row]] = []
    for of_file in draw(st.lists(lengths, min_size=1, max_size=4)):
        rows: list[Row] = []
        for length in of_file:
            ids: Any = None if length is None else [next(numbers) for _ in range(length)]
            rows.append(
                {
                    "ids": ids,
                    "mask": ids and [number % 3 % 2 for number in ids],
                    "weights": ids and [number % 4 / 2 for number in ids],
                    "language": draw(st.sampled_from(["de", "en", "中文", None])),
                    "source": None if length == 3 else f"source {length}",
                    "tags": ["a"] * draw(st.integers(0, 2)),
                }
            )
        files.append(rows)
    return files


@st.composite
def packings(draw: st.DrawFn) -> PackOptions:
    """Options of a packing of such rows."""
    window = draw(st.integers(4, 60))
    eos: st.SearchStrategy[Any] = st.sampled_from([(), EOS, (EOS, EOS + 2)])
    separators: st.SearchStrategy[Any] = st.sampled_from(
        [(), SEPARATOR, (SEPARATOR, SEPARATOR + 2)]
    )
    return PackOptions(
        window,
        column="ids",
        format=draw(st.sampled_from(["parquet", "parquet", "gathered"])),
        eos=draw(eos),
        separator=draw(separators),
        pad=draw(st.none() | st.just(PAD)),
        overlong=draw(st.sampled_from(["split", "truncate", "drop"])),
        labels=(labels := draw(st.booleans())),
        ignore=draw(st.lists(st.sampled_from(["first", "eos", "separator"]), unique=True)),
        loss_mask=draw(st.none() | st.just("mask")) if labels else None,
        max_documents=draw(st.none() | st.integers(1, 4)),
        seed=draw(st.none() | st.integers(0, 2**64 - 1)),
        keep=draw(st.none() | st.lists(st.sampled_from([*ALL_TYPES][1:]), unique=True)),
        group_by=draw(st.none() | st.just("language")),
    )


def write_files(folder: Path, files: Sequence[Sequence[Row]]) -> Path:
    """Write rows as files of Parquet, JSON Lines and Arrow, in turn."""
    folder.mkdir(parents=True)
    for number, rows in enumerate(files):
        write_file(folder / f"{number}", rows, ("parquet", "jsonl", "arrow")[number % 3])
    return folder


def write_file(stem: Path, rows: Sequence[Row], format: str) -> None:
    path = stem.with_name(f"{stem.name}.{format}")
    table = pyarrow.Table.from_pylist(list(rows), schema=pyarrow.schema(ALL_TYPES))
    if format == "parquet":
        parquet.write_table(table, path)
    elif format == "arrow":
        with pyarrow.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=5)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def windows_of(folder: Path) -> list[Row]:
    """The windows of a folder, in order."""
    return list(PackedDataset.open(folder, convert=list))


def expected_windows(files: Sequence[Sequence[Row]], options: PackOptions) -> list[Row]:
    """The windows by `PackedDataset`, which makes one at a time of a list of documents."""
    found = options.resolve()
    parts: list[tuple[str | None, list[tuple[int, Row]]]] = []  # of each file and group
    numbered = count()
    for rows in files:
        named = [(next(numbered), row) for row in rows]
        groups = {row["language"] if found.group_by else "" for _, row in named}
        for group in sorted(groups, key=lambda group: (group is None, group or "")):
            of_group = [
                each for each in named if not found.group_by or each[1]["language"] == group
            ]
            parts.append((group, of_group))
    order = sorted({group for group, _ in parts}, key=lambda group: (group is None, group or ""))
    lengths = [[len(row["ids"] or ()) for _, row in members] for _, members in parts]
    plan = plan_windows(
        [histogram_of(pyarrow.array(each, pyarrow.int64())) for each in lengths],
        found.window,
        eos_tokens=len(found.eos),
        separator_tokens=len(found.separator),
        overlong=found.overlong,
        max_documents=found.max_documents,
        seed=found.seed,
        groups=[group for group, _ in parts],
        order=order,
    )
    pieces: list[tuple[int, ...]] = []
    truncated: list[int] = []
    for number, (_, members) in enumerate(parts):
        places = plan.place(number, pyarrow.array(lengths[number], pyarrow.int64()))
        for document, *piece, window, offset in zip(*(r.tolist() for r in places[:5]), strict=True):
            pieces.append((window, offset, members[document][0], *piece))
        if found.overlong == "truncate":
            truncated += [members[document][0] for document in places.overlong]
    pieces.sort()
    offsets = [0]
    for window in range(plan.bins):
        offsets.append(offsets[-1] + sum(piece[0] == window for piece in pieces))

    def column(values: Iterable[int], code: str = "Q") -> memoryview:
        return memoryview(array(code, values))

    documents_of, starts, lengths_of = (
        column((piece[at] for piece in pieces), "I") for at in (2, 3, 4)
    )
    equivalent = Plan(
        found.window,
        column(offsets),
        documents_of,
        starts,
        lengths_of,
        dropped=column([]),
        empty=column([]),
        lower_bound=plan.lower_bound,
        eos_tokens=len(found.eos),
        separator_tokens=len(found.separator),
        truncated=column(truncated),
    )
    kept = ALL_TYPES if found.keep is None else {*found.keep, found.loss_mask}
    documents = [
        {name: value for name, value in row.items() if name == "ids" or name in kept}
        for rows in files
        for row in rows
    ]
    windows = PackedDataset(
        equivalent,
        documents,
        column="ids",
        eos=found.eos,
        separator=found.separator,
        pad=found.pad,
        convert=list,
        labels=found.labels,
        ignore=found.ignore,
        loss_mask=found.loss_mask,
    )
    return list(windows)


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(p.relative_to(folder)): sha256(p.read_bytes()).hexdigest() for p in files}


def done(result: Result) -> Result:
    assert not result.failed
    assert result.manifest
    return result
