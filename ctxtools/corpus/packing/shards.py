"""Shards of windows: each is put together from its pieces, which all files of ids have written."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctxtools.corpus.locks import working
from ctxtools.corpus.manifest import PARTS, Entry, load_entry, save_entry, written
from ctxtools.corpus.packing.assembly import window_schema, window_tables
from ctxtools.corpus.packing.exchange import index_path, pieces_path
from ctxtools.corpus.packing.ids import IDS
from ctxtools.corpus.packing.job import FOLDER, IDS_FOLDER, Job
from ctxtools.corpus.packing.plan_check import PIECE, window_problems
from ctxtools.errors import FormatError, import_extra
from ctxtools.packing.training.assembly import Layout
from ctxtools.packing.windows.formats import write_windows
from ctxtools.packing.windows.gathered import write_index
from ctxtools.packing.windows.info import Gathering, ShardInfo, WindowsInfo
from ctxtools.packing.windows.tables import column_types

if TYPE_CHECKING:
    import pyarrow


def work_on_shard(values: Mapping[str, Any]) -> Entry:
    """Write a shard, if it is not done yet; its entry.

    Args:
        values: ``folder`` of the run, and the number of the ``shard``.

    Raises:
        UsageError: the windows cannot be written in this format; nothing is written.
        FormatError: pieces are missing.
        OSError: it could not be written.
    """
    folder, number = Path(values["folder"]), values["shard"]
    job = Job.load(folder)
    with working(folder / PARTS):
        return load_entry(folder, job.names[number]) or _shard(folder, job, number)


def info_of(job: Job, shards: tuple[ShardInfo, ...] = ()) -> WindowsInfo:
    """What has to be known of the windows."""
    options = job.options
    gathering = None
    if options.format == "gathered":
        gathering = Gathering(
            tuple(f"{IDS_FOLDER}/{part.ids}" for part in job.parts),
            IDS,
            options.overlong == "split",
            Layout(
                options.eos,
                options.separator,
                options.pad,
                job.columns,
                options.labels,
                frozenset(options.ignore),
                options.loss_mask,
            ),
        )
    return WindowsInfo(
        options.format,
        options.window,
        options.pad,
        column_types(window_schema(job)) if gathering is None else gathering.columns(),
        shards,
        vocabulary=options.vocabulary,
        gathering=gathering,
    )


def _shard(folder: Path, job: Job, number: int) -> Entry:
    compute = import_extra("pyarrow.compute", "a corpus", "parquet")
    pieces = read_pieces(folder / FOLDER, job, number)
    order = compute.sort_indices(pieces, [("window", "ascending"), ("offset", "ascending")])
    windows = job.shard(number)
    placed = pieces.select(PIECE).take(order)
    if problems := window_problems(job.options.limits, placed, windows):
        raise FormatError(f"windows {windows.start:,} to {windows.stop - 1:,}: {problems[0]}")
    options, stem = job.options, folder / job.names[number]
    if options.format == "gathered":
        paths = write_index(stem, [pieces.take(order)])
    else:
        tables = window_tables(job, pieces, order)
        paths = write_windows(options.format, stem, tables, info_of(job))
    tokens = compute.sum(placed.column("length")).as_py() or 0
    entry = Entry(
        part=job.names[number],
        input=f"windows {windows.start} to {windows.stop - 1}",
        row_groups=None,
        rows_in=len(pieces),
        rows_out=len(windows),
        nulls=0,
        tokens=tokens + len(options.separator) * (len(pieces) - len(windows)),
        files=written(folder, *paths),
    )
    save_entry(folder, entry)
    return entry


def read_pieces(root: Path, job: Job, number: int) -> "pyarrow.Table":
    """The pieces of a shard, from the files of all parts; each column is one array."""
    arrow = import_extra("pyarrow", "a corpus", "parquet")
    with ExitStack() as stack:
        tables = [job.exchanged().empty_table()]
        for part in job.parts:
            tables += _batches(root, part.name, number, stack)
        found: pyarrow.Table = arrow.concat_tables(tables).combine_chunks()
    return found


def _batches(root: Path, name: str, shard: int, stack: ExitStack) -> "Iterator[pyarrow.Table]":
    arrow = import_extra("pyarrow", "a corpus", "parquet")
    compute = import_extra("pyarrow.compute", "a corpus", "parquet")
    with arrow.memory_map(str(index_path(root, name))) as source:
        index = arrow.ipc.open_file(source).read_all()
        chosen = index.filter(compute.equal(index.column("shard"), shard)).column("batch")
        numbers = chosen.to_pylist()
    if numbers:
        source = stack.enter_context(arrow.memory_map(str(pieces_path(root, name))))
        file = arrow.ipc.open_file(source)
        for number in numbers:
            yield arrow.Table.from_batches([file.get_batch(number)])
