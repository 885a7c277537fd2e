"""Work on one unit: what each worker does, on any engine."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctxtools.atomic import atomic_write
from ctxtools.corpus.inputs import open_filesystem
from ctxtools.corpus.lengths import add_histograms, histogram_of, total
from ctxtools.corpus.locks import working
from ctxtools.corpus.manifest import PARTS, Entry, load_entry, save_entry, written
from ctxtools.corpus.reading import read_tables
from ctxtools.corpus.steps import Step, Written, step_from_json, step_to_json
from ctxtools.corpus.units import Unit, unit_from_json
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.errors import FormatError, ReadError, import_extra

if TYPE_CHECKING:
    import pyarrow

_ROW_GROUP = 1 << 20  # maximum rows of a row group that is written
_RECORD_BATCH = 32 << 20  # bytes of a record batch that is written
_BUFFERED = 64 << 20  # bytes of rows that are written at once
_UNIFIED = 128 << 20  # bytes of rows whose fields may differ, until types are settled


def work_on_unit(values: Mapping[str, Any]) -> Entry:
    """`work`, by the values of a task."""
    unit, step = unit_from_json(values["unit"]), step_from_json(values["step"])
    return work(unit, step, values["folder"])


def work(unit: Unit, step: Step, folder: str) -> Entry:
    """Write the part of a unit, if it is not done yet; enter it, and return its entry.

    Raises:
        ReadError, FormatError, UsageError: as `read_tables` and the step; nothing is written.
        OSError: it could not be written; nothing is left.
    """
    root = Path(folder)
    with working(root / PARTS):
        part = unit.part(step_to_json(step))
        entry = load_entry(root, part, bad_records=unit.skip_bad_records)
        return entry or _made(unit, step, root, part)


def _made(unit: Unit, step: Step, root: Path, part: str) -> Entry:
    counted = _Counted(step, step.of_documents if unit.input.format == "document" else step)
    bad = BadRecords(unit.input.uri, skip=unit.skip_bad_records)
    path = root / f"{part}.{step.writes}"
    with atomic_write(path, "wb") as file:
        tables = read_tables(unit, step.reads, text=step.text, bad=bad)
        _write(file, counted.results(tables), unit, step.writes)
        _check_unchanged(unit)
    if (rows := _rows_in(path)) != counted.rows_out:
        raise FormatError(f"{path}: {rows:,} rows were written, not {counted.rows_out:,}")
    lengths = add_histograms(counted.histograms)
    lengths_path = root / PARTS / f"{part}.parquet"
    with atomic_write(lengths_path, "wb") as file:
        _parquet().write_table(lengths, file, compression="zstd")
    entry = Entry(
        part=part,
        input=unit.input.uri,
        row_groups=unit.row_groups,
        rows_in=counted.rows_in + bad.count,
        rows_out=counted.rows_out,
        nulls=counted.nulls,
        tokens=total(lengths)[1],
        files=written(root, path, lengths_path),
        counts=dict(counted.counts),
        bad_records=bad.count,
        first_bad=bad.first,
    )
    save_entry(root, entry)
    return entry


class _Counted:
    """The results of a step, and what is counted of them."""

    def __init__(self, step: Step, apply: Callable[[Any], Any]) -> None:
        self._step, self._apply = step, apply
        self.rows_in = self.rows_out = self.nulls = 0
        self.histograms: list[pyarrow.Table] = []
        self.counts: Counter[str] = Counter()

    def results(self, tables: Iterator[Any]) -> Iterator[Any]:
        for table in tables:
            if not len(table) and self._step.column not in table.column_names:
                continue  # the end of a file of JSON, whose columns have no type
            result = self._apply(table)
            if self._step.keeps_rows and len(result) != len(table):
                raise FormatError(f"{len(table):,} rows became {len(result):,}")
            self.rows_in += len(table)
            self.rows_out += len(result)
            self.nulls += table.column(self._step.column).null_count
            lengths = histogram_of(self._step.lengths(result), self._step.groups(result))
            self.histograms = [add_histograms([*self.histograms, lengths])]
            self.counts.update(self._step.counts(result))
            yield result


def _check_unchanged(unit: Unit) -> None:
    """Check that a file is the one that was listed; before anything made of it has a name."""
    filesystem, path, *_ = open_filesystem(unit.input.uri)
    info = filesystem.get_file_info(path)
    if (info.size, str(info.mtime_ns)) != (unit.input.size, unit.input.version):
        raise ReadError(
            f"{unit.input.uri}: has changed while it was read", hint="run the same command again"
        )


def _write(file: Any, tables: Iterator[Any], unit: Unit, format: Written) -> None:
    """Write tables as a file, whose row groups do not depend on how they were read."""
    arrow = import_extra("pyarrow", "a corpus", "parquet")
    writer: Any = None
    schema: Any = None
    waiting: list[Any] = []
    size = 0

    def write() -> None:
        nonlocal writer, schema, waiting, size
        try:
            if writer is None:
                joined = arrow.concat_tables(waiting, promote_options="permissive")
                schema = joined.schema
                writer = _writer(file, schema, format)
            else:
                waiting = [_like(arrow, table, schema, unit) for table in waiting]
                joined = arrow.concat_tables(waiting)
        except (arrow.ArrowTypeError, arrow.ArrowInvalid, arrow.ArrowNotImplementedError) as error:
            raise _other_types(unit, error) from error
        if format == "parquet":
            writer.write_table(joined, _ROW_GROUP)
        else:
            step = max(1, len(joined) * _RECORD_BATCH // max(1, joined.nbytes))
            for start in range(0, len(joined), step):
                writer.write_table(joined.slice(start, step).combine_chunks())
        waiting, size = [], 0

    for table in tables:
        waiting.append(table)
        size += table.nbytes
        if size > (_BUFFERED if writer is not None or unit.input.format != "jsonl" else _UNIFIED):
            write()
    if waiting or writer is None:
        waiting = waiting or [arrow.table({})]
        write()
    writer.close()


def _writer(file: Any, schema: Any, format: Written) -> Any:
    if format == "parquet":
        return _parquet().ParquetWriter(file, schema, compression="zstd")
    return import_extra("pyarrow.ipc", "a corpus", "parquet").new_file(file, schema)


def _rows_in(path: Path) -> int:
    """The rows of a file that was written."""
    if path.suffix == ".parquet":
        rows: int = _parquet().read_metadata(path).num_rows
        return rows
    arrow = import_extra("pyarrow", "a corpus", "parquet")
    with arrow.memory_map(os.fspath(path)) as source:
        file = arrow.ipc.open_file(source)
        return sum(file.get_batch(i).num_rows for i in range(file.num_record_batches))


def _like(arrow: Any, table: Any, schema: Any, unit: Unit) -> Any:
    """A table with the columns of a schema; those that it lacks are null."""
    if table.schema.equals(schema):
        return table
    if new := [name for name in table.column_names if name not in schema.names]:
        raise _other_types(unit, f"field {new[0]!r} is not in the lines before")
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else arrow.nulls(len(table), field.type)
        for field in schema
    ]
    return arrow.table(columns, schema=schema)


def _other_types(unit: Unit, error: object) -> FormatError:
    reason = str(error).partition("\n")[0]
    return FormatError(
        f"{unit}: its rows have fields of several types: {reason}",
        hint="--keep names the columns that go along, which have one type each",
    )


def _parquet() -> Any:
    return import_extra("pyarrow.parquet", "a corpus", "parquet")
