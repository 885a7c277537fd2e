"""Units: the pieces of a corpus that are worked on, each by one worker, into one output file."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    """

    input: Input
    row_groups: tuple[int, int] | None = None

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
        return {"input": [*self.input], "row_groups": self.row_groups}


def unit_from_json(values: Mapping[str, Any]) -> Unit:
    """The unit of an object of JSON."""
    groups = values["row_groups"]
    return Unit(Input(*values["input"]), None if groups is None else tuple(groups))


def units_of(
    inputs: Iterable[Input], row_groups: Callable[[Unit], Iterable[int]]
) -> Iterator[Unit]:
    """The units of files, in order: a large Parquet file has several.

    Args:
        inputs: the files.
        row_groups: returns the bytes of each row group of a file.
    """
    for each in inputs:
        whole = Unit(each)
        if each.format != "parquet" or each.size < SPLIT:
            yield whole
            continue
        first, size, number = 0, 0, 0
        for number, more in enumerate(row_groups(whole), 1):
            size += more
            if size >= _UNIT:
                yield Unit(each, (first, number))
                first, size = number, 0
        if size or not number:
            yield Unit(each, (first, number))
