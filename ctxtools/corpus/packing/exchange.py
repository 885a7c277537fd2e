"""Pieces on their way to their windows: each file of ids writes its pieces, sorted by window.

A file has a record batch for each shard of windows and block of rows, and beside it lies an index
of these: a shard is put together from its batches in all files.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctxtools.atomic import atomic_write
from ctxtools.corpus.locks import working
from ctxtools.corpus.manifest import PARTS, Entry, load_entry, save_entry, written
from ctxtools.corpus.packing.gather import ends_of, gathered, interleaved, numbers_to
from ctxtools.corpus.packing.ids import IDS, group_names
from ctxtools.corpus.packing.job import FOLDER, IDS_FOLDER, PLAN, TOKENS, IdsPart, Job
from ctxtools.corpus.packing.placing import Placer, Places, column_of
from ctxtools.corpus.packing.plan import CorpusPlan
from ctxtools.corpus.packing.plan_check import document_problems
from ctxtools.errors import FormatError, UsageError, import_extra
from ctxtools.packing.training.columns import IGNORED, TokenColumn
from ctxtools.packing.windows.tables import PIECE

if TYPE_CHECKING:
    import pyarrow

_BLOCK = 40 << 20  # bytes of rows that are placed and sorted at once


def index_path(root: Path, name: str) -> Path:
    """The index beside a file of pieces."""
    return root / f"{name}.index.arrow"


def pieces_path(root: Path, name: str) -> Path:
    """A file of pieces."""
    return root / f"{name}.arrow"


def work_on_exchange(values: Mapping[str, Any]) -> Entry:
    """Write the pieces of a file of ids, if it is not done yet; its entry.

    Args:
        values: ``folder`` of the run, and the number of the ``part``.

    Raises:
        UsageError, FormatError: a column cannot be packed; nothing is written.
        OSError: it could not be written.
    """
    folder = Path(values["folder"])
    job = Job.load(folder)
    part, root = job.parts[values["part"]], folder / FOLDER
    with working(folder / PARTS):
        return load_entry(root, part.name) or _exchange(folder, job, values["part"], part, root)


def _exchange(folder: Path, job: Job, number: int, part: IdsPart, root: Path) -> Entry:
    arrow = _arrow()
    plan = CorpusPlan.load(folder / PLAN)
    placers = {group: plan.placer(each) for group, each in part.numbers.items()}
    schema = job.exchanged()
    path, index = pieces_path(root, part.name), index_path(root, part.name)
    shards: list[int] = []
    rows = pieces = tokens = overlong = first = 0
    with atomic_write(path, "wb") as file, arrow.ipc.new_file(file, schema) as writer:
        for block in read_blocks(folder / IDS_FOLDER / part.ids):
            made, cut = _pieces(job, plan, placers, number, block, first)
            first += len(block)
            rows, pieces, overlong = rows + len(block), pieces + len(made), overlong + cut
            tokens += _compute().sum(made.column("length")).as_py() or 0
            for shard, batch in _by_shard(made, job.per_shard):
                shards.append(shard)
                writer.write_batch(batch)
        for placer in placers.values():
            placer.finish()
    columns = {"shard": arrow.array(shards, arrow.int64()), "batch": numbers_to(len(shards))}
    with atomic_write(index, "wb") as file:
        table = arrow.table(columns)
        with arrow.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    entry = Entry(
        part=part.name,
        input=part.source,
        row_groups=None,
        rows_in=rows,
        rows_out=pieces,
        nulls=0,
        tokens=tokens,
        files=written(root, path, index),
        counts={"overlong": overlong},
    )
    save_entry(root, entry)
    return entry


def read_blocks(path: Path) -> "Iterator[pyarrow.RecordBatch]":
    """The rows of a file of ids, some megabytes at a time, which lie in the file."""
    arrow = _arrow()
    number, count = 0, 1
    while number < count:
        with ExitStack() as stack:  # so that no more of the file counts as memory of the process
            file = arrow.ipc.open_file(stack.enter_context(arrow.memory_map(str(path))))
            count = file.num_record_batches
            if number < count:
                batch = file.get_batch(number)
                step = max(1, len(batch) * _BLOCK // max(1, batch.nbytes))
                for start in range(0, len(batch), step):
                    yield batch.slice(start, step)
        number += 1


def _by_shard(
    pieces: "pyarrow.Table", per_shard: int
) -> "Iterator[tuple[int, pyarrow.RecordBatch]]":
    """The pieces of each shard, of pieces that are sorted by window."""
    shards = _compute().divide(pieces.column("window").combine_chunks(), per_shard)
    counted = _compute().value_counts(shards)
    start = 0
    for shard, count in zip(
        counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True
    ):
        (batch,) = pieces.slice(start, count).combine_chunks().to_batches()
        yield shard, batch
        start += count


def _pieces(
    job: Job,
    plan: CorpusPlan,
    placers: Mapping[str | None, Placer],
    number: int,
    block: "pyarrow.RecordBatch",
    first: int,
) -> "tuple[pyarrow.Table, int]":
    """The pieces of some rows, sorted by window; and how many of the rows are cut or left out."""
    arrow, compute = _arrow(), _compute()
    lengths = compute.list_value_length(block.column(IDS)).fill_null(0).cast(arrow.int64())
    tables, cut = [], 0
    for group, rows in _groups(job, block):
        of_group = lengths if rows is None else lengths.take(rows)
        if group not in placers:
            raise UsageError("the ids are not those that were counted", hint="remove the folder")
        places = placers[group].place(of_group)
        if problems := document_problems(plan.options, number, of_group, places):
            raise FormatError(problems[0])
        cut += len(places.overlong)
        tables.append(_placed(plan, of_group, places, rows))
    if not any(map(len, tables)):  # the columns may have other types then
        return job.exchanged().empty_table(), cut
    placed = arrow.concat_tables(tables).sort_by([("window", "ascending"), ("offset", "ascending")])
    placed = placed.combine_chunks()
    columns = [placed.column(name).combine_chunks() for name in placed.column_names]
    window, offset, length, row, start, own = columns
    made: dict[str, Any] = {"window": window, "offset": offset, "length": length}
    if job.options.format == "gathered":
        file = compute.add(compute.multiply(row, 0), number)
        made.update(file=file, row=compute.add(row, first), start=start)
    else:
        made["has_eos"] = compute.greater(length, own)
        made.update(_carried(job, block, made["has_eos"], row, start, own))
    return arrow.table(made, schema=job.exchanged()), cut


def _groups(job: Job, block: "pyarrow.RecordBatch") -> "Iterator[tuple[str | None, Any]]":
    """The rows of each group; None for all."""
    compute = _compute()
    if job.options.group_by is None:
        yield "", None
        return
    names = group_names(block, job.options.group_by)
    for name in names.unique():
        mask = compute.equal(names, name).fill_null(False) if name.is_valid else names.is_null()
        yield name.as_py(), compute.indices_nonzero(mask)


def _placed(plan: CorpusPlan, lengths: Any, places: Places, rows: Any) -> "pyarrow.Table":
    """Pieces with their rows, and how many of their tokens are of the document itself."""
    arrow, compute, options = _arrow(), _compute(), plan.options
    document, start, length, window, offset = (column_of(view) for view in places[:5])
    ends = lengths.take(document)
    if options.overlong == "truncate":
        is_long = compute.greater(compute.add(ends, options.eos_tokens), options.window)
        ends = compute.if_else(is_long, options.window - options.eos_tokens, ends)
    stop = compute.min_element_wise(compute.add(start, length), ends)
    row = document if rows is None else rows.take(document).cast(arrow.int64())
    columns = [window, offset, length, row, start, compute.subtract(stop, start)]
    found: pyarrow.Table = arrow.table(
        columns, names=["window", "offset", "length", "row", "start", "own"]
    )
    return found


def _carried(
    job: Job, block: "pyarrow.RecordBatch", has_eos: Any, row: Any, start: Any, own: Any
) -> dict[str, Any]:
    """The ids and the other columns of pieces."""
    found = {IDS: _tokens(job, block, IDS, None, has_eos, row, start, own)}
    for column in job.columns.of_tokens:
        values = _tokens(job, block, column.name, column, has_eos, row, start, own)
        found[f"{TOKENS}{column.name}"] = values
    for name in job.columns.of_documents:
        kind = job.types.field(name).type
        found[f"{PIECE}{name}"] = _of_documents(block, name, kind, row)
    return found


def _tokens(
    job: Job,
    block: "pyarrow.RecordBatch",
    name: str,
    column: TokenColumn | None,
    has_eos: Any,
    row: Any,
    start: Any,
    own: Any,
) -> "pyarrow.Array":
    """The values of the tokens of each piece, with those at EOS; the ids, if it is no column."""
    arrow, compute, eos = _arrow(), _compute(), job.options.eos
    lists, kind = block.column(name), job.types.field(name).type
    offsets = lists.offsets.cast(arrow.int64())
    first = offsets[0].as_py()
    values = lists.values.slice(first, offsets[-1].as_py() - first)
    if values.null_count:
        raise UsageError(f"column {name!r} has a null among numbers", hint="fill it")
    try:
        values = values.cast(kind)
    except arrow.ArrowInvalid as error:
        raise UsageError(f"column {name!r}: {error}") from error
    offsets = compute.subtract(offsets, first)
    starts, sizes = [compute.add(offsets.take(row), start)], [own]
    at = len(values)
    values = arrow.concat_arrays([values, arrow.array(eos, kind)])
    one = has_eos.cast(arrow.int64())
    last = compute.subtract(offsets.take(compute.add(row, 1)), 1)
    for number in range(len(eos)):
        starts.append(_eos_at(column, values, last, at + number))
        sizes.append(one)
    flat = gathered(values, interleaved(starts), interleaved(sizes))
    lengths = compute.add(own, compute.multiply(one, len(eos)))
    found: pyarrow.Array = arrow.LargeListArray.from_arrays(ends_of(lengths), flat)
    return found


def _eos_at(column: TokenColumn | None, values: Any, last: Any, eos: int) -> Any:
    """Where the value at an EOS is: the same as at the document's last token, and of ids the EOS;
    of labels that too, unless the last one is ignored."""
    compute = _compute()
    if column is not None and not column.holds_labels:
        return last
    constant = compute.add(compute.multiply(last, 0), eos)
    if column is None:
        return constant
    return compute.if_else(compute.equal(values.take(last), IGNORED), last, constant)


def _of_documents(block: "pyarrow.RecordBatch", name: str, kind: Any, row: Any) -> Any:
    """The value of each piece's document."""
    arrow = _arrow()
    if name not in block.schema.names:
        return arrow.nulls(len(row), kind)
    try:
        return block.column(name).take(row).cast(kind)
    except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError) as error:
        raise UsageError(f"column {name!r} has several types: {error}") from error


def _arrow() -> Any:
    return import_extra("pyarrow", "a corpus", "parquet")


def _compute() -> Any:
    return import_extra("pyarrow.compute", "a corpus", "parquet")
