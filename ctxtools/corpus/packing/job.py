"""What all workers of a packing have to know, in a file: `Job`."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctxtools.atomic import atomic_write
from ctxtools.corpus.manifest import Entry
from ctxtools.corpus.packing.ids import DOCUMENTS, IDS, holds_numbers, matching_and_null
from ctxtools.corpus.packing.options import Resolved
from ctxtools.corpus.packing.schemas import CommonSchema
from ctxtools.errors import UsageError, import_extra
from ctxtools.packing.training.columns import IGNORED, Columns, TokenColumn
from ctxtools.packing.windows.tables import PIECE

if TYPE_CHECKING:
    import pyarrow

FOLDER = "_exchange"
"""The folder in that of a run with what workers hand to each other, and the file of the job."""

IDS_FOLDER = "_ids"
PLAN = "_plan.parquet"
TOKENS = "tokens_"
"""What the names of columns of tokens start with where pieces are exchanged; those of documents
start with ``piece_``."""

_JOB = "_job.json"


@dataclass(frozen=True, slots=True)
class IdsPart:
    """A file of ids, and how its pieces are planned.

    Attributes:
        name: of the file with its pieces, without an ending.
        ids: of the file of ids, in the folder of ids.
        source: what it was made of, for errors.
        numbers: its number in the plan for each group that it has; the group is "" where there are
            none, and None of documents without one.
    """

    name: str
    ids: str
    source: str
    numbers: Mapping[str | None, int]


@dataclass(frozen=True, slots=True)
class Job:
    """How pieces become windows.

    Attributes:
        options: of the packing.
        columns: of the documents that windows have.
        types: of the values of each column of ``columns``, and of the ids.
        parts: the files of ids.
        windows: the number of all windows.
        per_shard: of those of a shard.
        names: of the files of each shard, without an ending.
    """

    options: Resolved
    columns: Columns
    types: "pyarrow.Schema"
    parts: tuple[IdsPart, ...]
    windows: int
    per_shard: int
    names: tuple[str, ...]

    def shard(self, number: int) -> range:
        """The windows of a shard."""
        first = number * self.per_shard
        return range(first, min(first + self.per_shard, self.windows))

    def exchanged(self) -> "pyarrow.Schema":
        """The columns of pieces that are exchanged."""
        arrow = import_extra("pyarrow", "a corpus", "parquet")
        types = {"window": arrow.int64(), "offset": arrow.int64(), "length": arrow.int64()}
        if self.options.format == "gathered":
            return arrow.schema({**types, **dict.fromkeys(("file", "row", "start"), arrow.int64())})
        types["has_eos"] = arrow.bool_()
        types[IDS] = arrow.large_list(self.types.field(IDS).type)
        for token_column in self.columns.of_tokens:
            kind = self.types.field(token_column.name).type
            types[f"{TOKENS}{token_column.name}"] = arrow.large_list(kind)
        for name in self.columns.of_documents:
            types[f"{PIECE}{name}"] = self.types.field(name).type
        return arrow.schema(types)

    def save(self, folder: Path) -> None:
        """Write it into the folder of the exchange, completely or not at all."""
        values = {
            "options": self.options.to_json(),
            "of_tokens": [
                [each.name, each.fill, each.between, each.code] for each in self.columns.of_tokens
            ],
            "of_documents": self.columns.of_documents,
            "types": base64.b64encode(self.types.serialize().to_pybytes()).decode(),
            "parts": [
                [each.name, each.ids, each.source, [*each.numbers.items()]] for each in self.parts
            ],
            "windows": self.windows,
            "per_shard": self.per_shard,
            "names": self.names,
        }
        with atomic_write(folder / FOLDER / _JOB) as file:
            file.write(json.dumps(values))

    @staticmethod
    def load(folder: Path) -> "Job":
        """Read that of the folder of a run, which this run has written.

        Raises:
            OSError: it cannot be read.
        """
        ipc = import_extra("pyarrow.ipc", "a corpus", "parquet")
        arrow = import_extra("pyarrow", "a corpus", "parquet")
        values = json.loads((folder / FOLDER / _JOB).read_text(encoding="utf-8"))
        return Job(
            options=Resolved.from_json(values["options"]),
            columns=Columns(
                tuple(TokenColumn(*each) for each in values["of_tokens"]),
                tuple(values["of_documents"]),
            ),
            types=ipc.read_schema(arrow.py_buffer(base64.b64decode(values["types"]))),
            parts=tuple(
                IdsPart(name, ids, source, dict(map(tuple, numbers)))
                for name, ids, source, numbers in values["parts"]
            ),
            windows=values["windows"],
            per_shard=values["per_shard"],
            names=tuple(values["names"]),
        )


def find_columns(
    options: Resolved, schemas: "Sequence[pyarrow.Schema]", entries: Sequence[Entry]
) -> tuple[Columns, "pyarrow.Schema"]:
    """The columns of the documents that windows have, and the types of their values.

    Args:
        options: of the packing.
        schemas: of the files of ids.
        entries: of those.

    Raises:
        UsageError: a column has several types, or not a number for each id of each document.
    """
    arrow = import_extra("pyarrow", "a corpus", "parquet")
    common = CommonSchema()
    for each, entry in zip(schemas, entries, strict=True):
        common.add(each, entry.input)
    schema = common.schema
    of_tokens, of_documents, types = [], [], {IDS: arrow.int32()}
    for field in schema:
        name = field.name
        is_kept = options.keep is None or name in (*options.keep, options.loss_mask)
        if name == IDS or not is_kept:
            continue
        if holds_numbers(field.type) and _is_of_tokens(name, entries):
            of_tokens.append(_token_column(arrow, name, field.type.value_type))
            types[name] = _number(arrow, of_tokens[-1], field.type.value_type)
        else:
            of_documents.append(name)
            types[name] = field.type
    mask = options.loss_mask
    documents = sum(entry.counts.get(DOCUMENTS, 0) for entry in entries)
    if documents and mask is not None and mask not in [each.name for each in of_tokens]:
        if mask not in schema.names:
            reason, hint = f"no column {mask!r}", "the columns are"
            names = [name for name in schema.names if name != IDS]
        else:
            reason, hint = f"column {mask!r} has no number for each id", "those that have are"
            names = [each.name for each in of_tokens]
        raise UsageError(f"loss_mask: {reason}", hint=f"{hint} {', '.join(names) or 'none'}")
    return Columns(tuple(of_tokens), tuple(of_documents)), arrow.schema(types)


def _is_of_tokens(name: str, entries: Sequence[Entry]) -> bool:
    """Whether a column of lists has a number for each id, in all documents that have it.

    Raises:
        UsageError: it has, but is null in some.
    """
    found = [matching_and_null(entry.counts, name) for entry in entries]
    matching, null = (sum(numbers) for numbers in zip(*found, strict=True))
    documents = sum(entry.counts.get(DOCUMENTS, 0) for entry in entries)
    if not documents:
        return True
    if not matching or matching + null < documents:
        return False
    if null:
        raise UsageError(
            f"column {name!r} has a number for each id, but is null in {null:,} documents",
            hint="fill it, or leave it out by naming the columns to keep",
        )
    return True


def _token_column(arrow: Any, name: str, kind: Any) -> TokenColumn:
    """As `ctxtools.packing.training.columns` finds it."""
    holds_labels = TokenColumn(name, 0, 0, "q").holds_labels
    fill = IGNORED if holds_labels else 0
    between = 1 if name == "attention_mask" else fill
    code = "d" if arrow.types.is_floating(kind) and not holds_labels else "q"
    return TokenColumn(name, fill, between, code)


def _number(arrow: Any, column: TokenColumn, kind: Any) -> Any:
    """The type of the numbers of a column in windows: signed, and labels as ids are."""
    if column.holds_labels:
        return arrow.int32()
    if arrow.types.is_float16(kind):
        return arrow.float32()
    if arrow.types.is_floating(kind) or arrow.types.is_signed_integer(kind):
        return kind
    wider = {"bool": arrow.int8(), "uint8": arrow.int16(), "uint16": arrow.int32()}
    return wider.get(str(kind), arrow.int64())
