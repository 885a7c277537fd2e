"""Reading a plan from the file that it was saved in."""

import json
import os
from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, BinaryIO, Literal

from ctxtools import isolated
from ctxtools.errors import FormatError, ReadError, import_extra, os_reason
from ctxtools.packing.training.plan import PARQUET_KEY, Plan

_ROWS = ("documents", "starts", "lengths")
_BATCH = 1 << 14  # windows
_MEMORY = 1 << 32  # bytes of the child's address space
_SECONDS = 60  # of CPU time that a batch may take
_FIGURES = ("window", "lower_bound", "eos_tokens", "separator_tokens")
_HINT = (
    "plans are saved by Plan.save, and by `ctx pack-sequences` as plan.parquet, plan.jsonl or on "
    "stdout"
)


def load_plan(path: str | os.PathLike[str]) -> Plan:
    """Read a plan that `Plan.save` or ``ctx pack-sequences`` wrote, as Parquet or as JSONL.

    The content says which of the two it is, not the name.

    Raises:
        FormatError: the file holds no plan, or not all of one.
        MissingExtraError: it is Parquet, and pyarrow is not installed.
        ReadError: the file cannot be read.
    """
    name = os.fsdecode(path)
    try:
        with open(path, "rb") as file:
            head = file.peek(4)
            if not head:
                raise FormatError(f"{name} is empty: it holds no plan", hint=_HINT)
            return (_from_parquet if head.startswith(b"PAR1") else _from_lines)(name, file)
    except OSError as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{name}: {os_reason(error)}") from error


def _from_parquet(name: str, file: BinaryIO) -> Plan:
    pyarrow = import_extra("pyarrow", "a plan in Parquet", "parquet", alternative="write .jsonl")

    # A pipe is read here, for Parquet is read from its end.
    what: Any = {"file": file} if file.seekable() else {"data": file.read()}
    job = f"{__name__}:plan_job"
    run = isolated.Run(job, {"name": name}, path=name, memory=_MEMORY, seconds=_SECONDS, **what)
    with closing(run):
        try:
            header, _ = next(run)
            formats: list[Literal["I", "Q"]] = header["formats"]
            offsets, rows = array("Q", [0]), [array(each) for each in formats]
            for _, batch in run:
                columns = pyarrow.ipc.open_stream(batch).read_next_batch().columns
                for column in columns:
                    column.validate(full=True)
                _extend(offsets, rows, columns)
            facts = json.loads(header["facts"])
        except (isolated.Ended, pyarrow.ArrowException, StopIteration) as error:
            raise FormatError(
                f"{name} is not a readable Parquet file: it may be truncated", hint=_HINT
            ) from error
        except (ValueError, RecursionError, KeyError) as error:
            raise _no_plan(name) from error
    if not isinstance(facts, dict):
        raise _no_plan(name)
    return _plan(name, facts, memoryview(offsets), [memoryview(row) for row in rows])


def _extend(offsets: "array[int]", rows: "list[array[int]]", columns: Sequence[Any]) -> None:
    """Add a batch of windows.

    Raises:
        ValueError: it has nulls, or windows whose rows are not of one length.
    """
    before = offsets[-1]
    ends = [column.offsets for column in columns]
    if any(column.null_count or column.flatten().null_count for column in columns):
        raise ValueError("a null")
    if any(not each.equals(ends[0]) for each in ends):
        raise ValueError("rows of different lengths")
    start = ends[0][0].as_py()
    offsets.extend(before - start + end for end in ends[0].to_pylist()[1:])
    for row, column in zip(rows, columns, strict=True):
        values = column.flatten()
        if len(values):
            start, end = values.offset * row.itemsize, (values.offset + len(values)) * row.itemsize
            row.frombytes(memoryview(values.buffers()[1])[start:end])


def plan_job(request: dict[str, Any], stream: BinaryIO | None, data: bytes) -> isolated.Frames:
    """The figures of a plan in Parquet, then its windows in batches, as Arrow's streams."""
    import pyarrow
    from pyarrow import parquet

    source = pyarrow.BufferReader(data) if stream is None else stream
    file = parquet.ParquetFile(source, pre_buffer=False)
    schema = file.schema_arrow
    facts = (schema.metadata or {}).get(PARQUET_KEY)
    kinds = [schema.field(key).type for key in _ROWS if key in schema.names]
    formats = {pyarrow.uint32(): "I", pyarrow.uint64(): "Q"}
    if facts is None or len(kinds) < len(_ROWS) or not all(
        pyarrow.types.is_large_list(kind) and kind.value_type in formats for kind in kinds
    ):  # fmt: skip
        raise _no_plan(request["name"])
    yield (
        {
            "facts": facts.decode("utf-8", "replace"),
            "formats": [formats[kind.value_type] for kind in kinds],
        },
        b"",
    )
    for batch in file.iter_batches(batch_size=_BATCH, columns=[*_ROWS], use_threads=False):
        batch = batch.select([*_ROWS])
        sink = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        yield {}, sink.getvalue()


def _no_plan(name: str) -> FormatError:
    return FormatError(f"{name} is Parquet, but not a plan", hint=_HINT)


def _from_lines(name: str, file: Iterable[bytes]) -> Plan:
    offsets, rows = array("Q", [0]), [array("Q"), array("Q"), array("Q")]
    facts: dict[str, Any] | None = None
    for number, line in enumerate(file, 1):
        if line.isspace():
            continue
        where = f"{name}: line {number:,}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise FormatError(
                f"{where} is not JSON: the plan is truncated, or this is none", hint=_HINT
            ) from error
        if not _is_window(row):
            raise FormatError(
                f"{where} is no training window: it has no documents, starts and lengths",
                hint=_HINT,
            )
        if "plan" in row:
            if facts is not None:
                raise FormatError(f"{where} starts another plan", hint="load one at a time")
            facts = row["plan"]
        for values, key in zip(rows, _ROWS, strict=True):
            values.extend(row[key])
        offsets.append(len(rows[0]))
    if not isinstance(facts, dict):
        raise FormatError(
            f"{name} has no line with the figures of its plan, such as its window",
            hint="they are in the first line: make the plan again if it was written without",
        )
    bins = facts.pop("bins", None)
    if bins == 0 and len(offsets) == 2 and not rows[0]:
        offsets.pop()
    if bins != len(offsets) - 1:
        raise FormatError(
            f"{name} has {len(offsets) - 1:,} of the {bins} training windows of its plan",
            hint="the file is truncated or was changed: write the plan again",
        )
    wide = any(max(values, default=0) >= 2**32 for values in rows)
    columns = [memoryview(values if wide else array("I", values)) for values in rows]
    plan = _plan(name, facts, memoryview(offsets), columns)
    for number, window in enumerate(plan):
        if window.tokens > plan.window:
            raise FormatError(
                f"{name}: training window {number:,} has {window.tokens:,} tokens, more than the "
                f"{plan.window:,} of its plan",
                hint="the file was changed: write the plan again",
            )
    return plan


def _is_window(row: Any) -> bool:
    """Whether a line has the pieces of a window: three lists of as many integers."""
    if not isinstance(row, dict) or not all(isinstance(row.get(key), list) for key in _ROWS):
        return False
    return len({len(row[key]) for key in _ROWS}) == 1 and all(_are_numbers(row[k]) for k in _ROWS)


def _plan(
    name: str, facts: Mapping[str, Any], offsets: memoryview, rows: Sequence[memoryview]
) -> Plan:
    """The plan of the rows of a file, which the file's figures complete."""
    dropped, empty = facts.get("dropped"), facts.get("empty")
    truncated = facts.get("truncated", [])  # older plans have none
    figures: Any = [facts.get(key) for key in _FIGURES]
    if not all(map(_are_numbers, (truncated, dropped, empty, figures))) or not figures[0]:
        raise FormatError(f"{name} has figures that are not those of a plan", hint=_HINT)
    window, lower_bound, eos, separator = figures
    return Plan(
        window=window,
        offsets=offsets,
        documents=rows[0],
        starts=rows[1],
        lengths=rows[2],
        dropped=memoryview(array("Q", dropped or ())),
        empty=memoryview(array("Q", empty or ())),
        lower_bound=lower_bound,
        eos_tokens=eos,
        separator_tokens=separator,
        truncated=memoryview(array("Q", truncated)),
    )


def _are_numbers(values: Any) -> bool:
    """Whether a value is a list of integers of 64 bits, >= 0."""
    return isinstance(values, list) and (
        not values or ({*map(type, values)} == {int} and min(values) >= 0 and max(values) < 2**64)
    )
