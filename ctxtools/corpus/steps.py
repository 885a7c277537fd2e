"""What a run does with each table of a corpus: a function of functions.py with its options.

A step is plain data, so that it goes to other processes and machines, and into the names of what is
written.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from ctxtools.chunking import Chunker
from ctxtools.chunking.integrations.arrow import chunks_to_table
from ctxtools.chunking.integrations.distinct import DistinctIds
from ctxtools.chunking.integrations.tables import no_column
from ctxtools.corpus.functions import (
    Overlong,
    chunk_table,
    count_table,
    encode_table,
    fit_table,
    ids_columns,
    named_encodings,
)
from ctxtools.corpus.reading.documents import documents_in
from ctxtools.errors import UsageError

if TYPE_CHECKING:
    import pyarrow

    from ctxtools.corpus.packing.ids import IdsStep


Written = Literal["parquet", "arrow"]
"""What the rows of a part are written as."""


class Rows:
    """What steps have in common that count no more than rows and tokens."""

    __slots__ = ()
    writes: ClassVar[Written] = "parquet"
    column: str

    def of_documents(self, table: "pyarrow.Table") -> "pyarrow.Table":
        """The result for a table of documents (`ctxtools.corpus.reading.documents`)."""
        step: Any = self
        return step(table)

    @property
    def text(self) -> str | None:
        """The column that has strings; None where it may have something else."""
        return self.column

    def groups(self, table: "pyarrow.Table") -> Any:
        """The name of the group of each row of a result; None where there are no groups."""
        return None

    def counts(self, table: "pyarrow.Table") -> Mapping[str, int]:
        """What else is counted of a result, by name."""
        return {}


@dataclass(frozen=True, slots=True)
class CountStep(Rows):
    """`count_table`: counts in place of the texts.

    Attributes:
        column: of the texts.
        encodings: names of encodings and models.
        keep: the columns that go along; None for all but that of the texts.
    """

    kind: ClassVar[str] = "count"
    keeps_rows: ClassVar[bool] = True
    column: str = "text"
    encodings: tuple[str, ...] = ("o200k_base",)
    keep: tuple[str, ...] | None = None

    @property
    def reads(self) -> tuple[str, ...] | None:
        """The columns that are read; None for all."""
        return _read(self.column, self.keep)

    def check(self) -> None:
        """Raise what is wrong with the options, before any input is read."""
        named_encodings(self.encodings)

    def __call__(self, table: "pyarrow.Table") -> "pyarrow.Table":
        counted = count_table(table, self.column, self.encodings, threads=1)
        return _kept(counted, self.column, self.keep, self.encodings)

    def lengths(self, table: "pyarrow.Table") -> Any:
        """The tokens of each row of a result, of the first encoding."""
        return table.column(self.encodings[0])

    def counts(self, table: "pyarrow.Table") -> Mapping[str, int]:
        """The tokens of a result, by encoding."""
        from pyarrow import compute

        return {name: compute.sum(table.column(name)).as_py() or 0 for name in self.encodings}


@dataclass(frozen=True, slots=True)
class EncodeStep(Rows):
    """`encode_table`: ids in place of the texts.

    Attributes:
        column, encodings, keep: as of `CountStep`.
        into, add_special_tokens, max_length: as of `encode_table`.
    """

    kind: ClassVar[str] = "encode"
    keeps_rows: ClassVar[bool] = True
    column: str = "text"
    encodings: tuple[str, ...] = ("o200k_base",)
    keep: tuple[str, ...] | None = None
    into: str = "input_ids"
    add_special_tokens: bool = False
    max_length: int | None = None

    @property
    def reads(self) -> tuple[str, ...] | None:
        """As `CountStep.reads`."""
        return _read(self.column, self.keep)

    def check(self) -> None:
        """As `CountStep.check`."""
        named_encodings(self.encodings)

    def __call__(self, table: "pyarrow.Table") -> "pyarrow.Table":
        encoded = encode_table(
            table,
            self.column,
            self.encodings,
            into=self.into,
            add_special_tokens=self.add_special_tokens,
            max_length=self.max_length,
            threads=1,
        )
        return _kept(encoded, self.column, self.keep, ids_columns(self.into, self.encodings))

    def lengths(self, table: "pyarrow.Table") -> Any:
        """The number of ids of each row of a result, of the first encoding."""
        from pyarrow import compute

        name, *_ = ids_columns(self.into, self.encodings)
        return compute.list_value_length(table.column(name))

    def counts(self, table: "pyarrow.Table") -> Mapping[str, int]:
        """As `CountStep.counts`."""
        from pyarrow import compute

        names = ids_columns(self.into, self.encodings)
        lengths = (compute.list_value_length(table.column(name)) for name in names)
        tokens = (compute.sum(each).as_py() or 0 for each in lengths)
        return dict(zip(self.encodings, tokens, strict=True))


@dataclass(frozen=True, slots=True)
class FitStep(Rows):
    """`fit_table`.

    Attributes:
        column: as of `CountStep`.
        encoding, limit, overlong: as of `fit_table`.
    """

    kind: ClassVar[str] = "fit"
    keeps_rows: ClassVar[bool] = False
    limit: int
    column: str = "text"
    encoding: str = "o200k_base"
    overlong: Overlong = "truncate"

    @property
    def reads(self) -> None:
        """As `CountStep.reads`."""
        return None

    def check(self) -> None:
        """As `CountStep.check`."""
        named_encodings(self.encoding)

    def __call__(self, table: "pyarrow.Table") -> "pyarrow.Table":
        limit, overlong = self.limit, self.overlong
        return fit_table(
            table, self.column, self.encoding, limit=limit, overlong=overlong, threads=1
        )

    def lengths(self, table: "pyarrow.Table") -> Any:
        """As `CountStep.lengths`."""
        return table.column(self.encoding)


@dataclass(frozen=True, slots=True)
class ChunkStep(Rows):
    """`chunk_table`: chunks in place of the texts.

    Attributes:
        column: as of `CountStep`.
        options: the arguments of the Chunker, all of JSON.
        source_column: as of `chunk_table`; documents are named by their paths.
    """

    kind: ClassVar[str] = "chunk"
    keeps_rows: ClassVar[bool] = False
    options: Mapping[str, Any]
    column: str = "text"
    source_column: str | None = None

    @property
    def reads(self) -> None:
        """As `CountStep.reads`."""
        return None

    def check(self) -> None:
        """As `CountStep.check`."""
        Chunker(**self.options)

    def __call__(self, table: "pyarrow.Table") -> "pyarrow.Table":
        chunker = Chunker(**self.options)
        return chunk_table(table, chunker, self.column, source_column=self.source_column)

    def of_documents(self, table: "pyarrow.Table") -> "pyarrow.Table":
        """As `Rows.of_documents`: the columns of a chunk alone, with its pages and headings."""
        if self.source_column not in (None, "path"):
            raise no_column(str(self.source_column), table.column_names)
        chunker, distinct = Chunker(**self.options), DistinctIds()
        documents = documents_in(table, self.column)
        chunks = (distinct.of(chunker.chunk_document(each)) for each in documents)
        return chunks_to_table(chain.from_iterable(chunks), metadata=())

    def lengths(self, table: "pyarrow.Table") -> Any:
        """The tokens of each chunk of a result."""
        return table.column("token_count")


Step: TypeAlias = "CountStep | EncodeStep | FitStep | ChunkStep | IdsStep"

_STEPS: dict[str, Any] = {step.kind: step for step in (CountStep, EncodeStep, FitStep, ChunkStep)}


def step_to_json(step: Step) -> dict[str, Any]:
    """A step as an object of JSON, which `step_from_json` reads."""
    return {"kind": step.kind, **asdict(step)}


def step_from_json(values: Mapping[str, Any]) -> Step:
    """The step of an object of JSON."""
    options: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name != "kind"
    }
    kind: Any = _STEPS.get(values["kind"]) or _ids_step()
    step: Step = kind(**options)
    return step


def _ids_step() -> Any:
    from ctxtools.corpus.packing.ids import IdsStep  # which is built on this file

    return IdsStep


def _read(column: str, keep: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if keep is None else (column, *(name for name in keep if name != column))


def _kept(
    table: "pyarrow.Table", column: str, keep: tuple[str, ...] | None, made: tuple[str, ...]
) -> "pyarrow.Table":
    """The columns that were made, after those that go along."""
    names = [name for name in table.column_names if name not in made]
    if keep is None:
        kept = [name for name in names if name != column]
    else:
        kept = [name for name in names if name in keep]
        if missing := [name for name in keep if name not in names]:
            raise UsageError(
                f"unknown column {missing[0]!r} to keep", hint=f"the columns are {', '.join(names)}"
            )
    return table.select([*kept, *made])
