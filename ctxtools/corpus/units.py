"""Units: the pieces of a corpus that are worked on, each by one worker, into one output file."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from ctxtools import __version__
from ctxtools.corpus.inputs import Input

SPLIT = 256 << 20
"""Bytes of a Parquet file from which its row groups are worked on apart."""

_UNIT = 128 << 20  # bytes of row groups in a unit, uncompressed


class Unit(NamedTuple):
    """A file, or consecutive row groups of one.

    Attributes:
        input: the file.
        row_groups: the first, and the one after the last; None for all of the file.
        size: its bytes of the file.
        skip_bad_records: pass over records that cannot be read. It is no part of what a unit is
            named by: where there are none, nothing depends on it.
    """

    input: Input
    row_groups: tuple[int, int] | None = None
    size: int = 0
    skip_bad_records: bool = False

    def __str__(self) -> str:
        if self.row_groups is None:
            return self.input.uri
        first, after = self.row_groups
        return f"{self.input.uri}: row groups {first:,} to {after - 1:,}"

    def part(self, step: Mapping[str, Any]) -> str:
        """The name of what is written for it, without an ending: the same for the same content,
        options and version."""
        facts = [__version__, *self.input, self.row_groups, step]
        text = json.dumps(facts, sort_keys=True, ensure_ascii=True)
        return sha256(text.encode()).hexdigest()[:24]

    def to_json(self) -> dict[str, Any]:
        """An object of JSON, which `unit_from_json` reads."""
        return {**self._asdict(), "input": [*self.input]}


def unit_from_json(values: Mapping[str, Any]) -> Unit:
    """The unit of an object of JSON."""
    groups = values["row_groups"]
    changed = {
        "input": Input(*values["input"]),
        "row_groups": None if groups is None else tuple(groups),
    }
    return Unit(**{**values, **changed})


def units_of(
    inputs: Iterable[Input],
    row_groups: Callable[[Unit], Sequence[int]],
    *,
    skip_bad_records: bool = False,
) -> Iterator[Unit]:
    """The units of files, in order: a large Parquet file has several.

    Args:
        inputs: the files.
        row_groups: returns the bytes of each row group of a file.
        skip_bad_records: of the units.
    """
    for each in inputs:
        file = Unit(each, size=each.size, skip_bad_records=skip_bad_records)
        if each.format != "parquet" or each.size < SPLIT:
            yield file
            continue
        sizes = row_groups(file)
        total, before = max(1, sum(sizes)), 0
        for first, after in _groups(sizes):
            done = each.size * sum(sizes[:after]) // total
            yield file._replace(row_groups=(first, after), size=done - before)
            before = done


def _groups(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The row groups of each unit, by their bytes."""
    first, size = 0, 0
    for after, more in enumerate(sizes, 1):
        size += more
        if size >= _UNIT:
            yield first, after
            first, size = after, 0
    if size or not sizes:
        yield first, len(sizes)
