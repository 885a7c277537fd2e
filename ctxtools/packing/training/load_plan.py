"""Reading a plan from the file that it was saved in."""

import json
import os
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO, Literal

from ctxtools.errors import FormatError, ReadError, import_extra, os_reason
from ctxtools.packing.training.plan import PARQUET_KEY, Plan

_ROWS = ("documents", "starts", "lengths")
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
    from pyarrow import parquet

    try:
        table = parquet.read_table(file if file.seekable() else pyarrow.BufferReader(file.read()))
    except (pyarrow.ArrowException, OSError) as error:
        raise FormatError(
            f"{name} is not a readable Parquet file: it may be truncated", hint=_HINT
        ) from error
    codes: dict[Any, Literal["I", "Q"]] = {pyarrow.uint32(): "I", pyarrow.uint64(): "Q"}

    def is_row(kind: Any) -> bool:
        return pyarrow.types.is_large_list(kind) and kind.value_type in codes

    facts = (table.schema.metadata or {}).get(PARQUET_KEY)
    columns = [table[key].combine_chunks() for key in _ROWS if key in table.column_names]
    columns = [c.chunk(0) if isinstance(c, pyarrow.ChunkedArray) else c for c in columns]
    if facts is None or len(columns) < len(_ROWS) or not all(is_row(c.type) for c in columns):
        raise FormatError(f"{name} is Parquet, but not a plan", hint=_HINT)
    offsets = memoryview(columns[0].offsets.buffers()[1]).cast("B").cast("Q")[: len(table) + 1]
    rows = [
        memoryview(c.values.buffers()[1]).cast("B").cast(codes[c.type.value_type])[: len(c.values)]
        for c in columns
    ]
    return _plan(name, json.loads(facts), offsets, rows)


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
    figures: Any = [facts.get(key) for key in _FIGURES]
    if not all(map(_are_numbers, (dropped, empty, figures))) or not figures[0]:
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
    )


def _are_numbers(values: Any) -> bool:
    """Whether a value is a list of integers of 64 bits, >= 0."""
    return isinstance(values, list) and (
        not values or ({*map(type, values)} == {int} and min(values) >= 0 and max(values) < 2**64)
    )
