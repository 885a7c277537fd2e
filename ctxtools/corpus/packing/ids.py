"""The first step of packing: texts to ids, in files of Arrow that are read by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ctxtools.chunking.integrations.tables import no_column
from ctxtools.corpus.functions import encode_table, named_encodings
from ctxtools.corpus.steps import Rows, Written
from ctxtools.errors import FormatError, UsageError, import_extra
from ctxtools.packing.training.columns import MADE

if TYPE_CHECKING:
    import pyarrow

IDS = "input_ids"
"""The column of the ids."""

MAX_GROUPS = 1000
"""Values of the column that documents are grouped by, which may not mix."""

DOCUMENTS = "documents"
_MATCHING, _NULL = "matching", "null"


@dataclass(frozen=True, slots=True)
class IdsStep(Rows):
    """Ids in place of the texts, or of lists of ids, with the columns that go along.

    Attributes:
        column: of the texts or of the ids.
        encoding: of the texts; None if there are none.
        keep: the columns that go along; None for all but ``column``.
        group_by: a column of which each value has a histogram of its own; it goes along.
    """

    kind: ClassVar[str] = "ids"
    keeps_rows: ClassVar[bool] = True
    writes: ClassVar[Written] = "arrow"
    column: str = "text"
    encoding: str | None = None
    keep: tuple[str, ...] | None = None
    group_by: str | None = None

    @property
    def reads(self) -> tuple[str, ...] | None:
        """As `ctxtools.corpus.CountStep.reads`."""
        if self.keep is None:
            return None
        groups = () if self.group_by is None else (self.group_by,)
        return tuple(dict.fromkeys((self.column, *self.keep, *groups)))

    @property
    def text(self) -> str | None:
        """As of other steps: ids need no encoding."""
        return None if self.encoding is None else self.column

    def check(self) -> None:
        """As `ctxtools.corpus.CountStep.check`."""
        if self.encoding is not None:
            named_encodings(self.encoding)

    def __call__(self, table: "pyarrow.Table") -> "pyarrow.Table":
        arrow = import_extra("pyarrow", "a corpus", "parquet")
        if not len(table) and self.group_by not in (None, *table.column_names):
            table = table.append_column(self.group_by, arrow.nulls(0))
        for name in (self.column, *((self.group_by,) if self.group_by is not None else ())):
            if table.column_names.count(name) != 1:
                raise no_column(name, table.column_names)
        ids = self._ids(arrow, table.column(self.column))
        kept = [n for n in table.column_names if n != self.column and n not in MADE]
        columns = {name: _plain(arrow, table.column(name)) for name in kept}
        made: pyarrow.Table = arrow.table({**columns, IDS: ids})
        return made

    def _ids(self, arrow: Any, values: Any) -> Any:
        kind, types, of_ids = values.type, arrow.types, arrow.large_list(arrow.uint32())
        if types.is_null(kind):
            return arrow.chunked_array([arrow.nulls(len(values), of_ids)])
        is_list = types.is_list(kind) or types.is_large_list(kind)
        if is_list and (types.is_integer(kind.value_type) or types.is_null(kind.value_type)):
            try:
                ids = values.cast(arrow.large_list(arrow.int32())).cast(of_ids)
            except arrow.ArrowInvalid as error:
                reason = f"has a number that is no id: {error}"
                raise FormatError(f"column {self.column!r} {reason}") from error
            if any(chunk.flatten().null_count for chunk in ids.chunks):
                raise FormatError(f"column {self.column!r} has a null among ids")
            return ids
        if self.encoding is None:
            raise UsageError(
                f"column {self.column!r} is of {kind}, not of lists of ids",
                hint="name an encoding for texts",
            )
        into = f"{self.column} {IDS}"
        texts = arrow.table({self.column: values})
        return encode_table(texts, self.column, self.encoding, into=into, threads=1).column(into)

    def lengths(self, table: "pyarrow.Table") -> Any:
        """The number of ids of each row of a result; 0 for null."""
        from pyarrow import compute

        return compute.fill_null(compute.list_value_length(table.column(IDS)), 0)

    def groups(self, table: "pyarrow.Table") -> Any:
        """The value of ``group_by`` of each row of a result, as a string."""
        return None if self.group_by is None else group_names(table, self.group_by)

    def counts(self, table: "pyarrow.Table") -> Mapping[str, int]:
        """How many rows have ids; and of each column of lists of numbers, how many of these rows
        have a list of as many, or null."""
        from pyarrow import compute

        lengths = self.lengths(table)
        filled = compute.greater(lengths, 0)
        found = {DOCUMENTS: compute.sum(filled).as_py() or 0}
        for field in table.schema:
            if field.name == IDS or not holds_numbers(field.type):
                continue
            column = table.column(field.name)
            rows = compute.and_kleene(filled, column.is_valid())
            same = compute.equal(compute.list_value_length(column), lengths)
            matching = compute.and_kleene(rows, same.fill_null(False))
            there = compute.sum(rows).as_py() or 0
            found[f"{_MATCHING} {field.name}"] = compute.sum(matching).as_py() or 0
            found[f"{_NULL} {field.name}"] = found[DOCUMENTS] - there
        return found


def matching_and_null(counts: Mapping[str, int], name: str) -> tuple[int, int]:
    """How many documents of a part have as many values in a column as ids, and how many null."""
    documents = counts.get(DOCUMENTS, 0)
    return counts.get(f"{_MATCHING} {name}", 0), counts.get(f"{_NULL} {name}", documents)


def holds_numbers(kind: Any) -> bool:
    """Whether a type is of lists of numbers."""
    types = import_extra("pyarrow", "a corpus", "parquet").types
    if not (types.is_list(kind) or types.is_large_list(kind)):
        return False
    value = kind.value_type
    return bool(types.is_integer(value) or types.is_floating(value) or types.is_boolean(value))


def group_names(table: Any, column: str) -> Any:
    """The values of a column as strings.

    Raises:
        UsageError: they cannot be, or are too many.
    """
    arrow = import_extra("pyarrow", "a corpus", "parquet")
    try:
        names = table.column(column).cast(arrow.string())
    except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError) as error:
        kind = table.column(column).type
        raise UsageError(
            f"column {column!r} to group by is of {kind}", hint="name a column of strings"
        ) from error
    check_groups(column, len(names.unique()))
    return names


def check_groups(column: str, groups: int) -> None:
    """Raise UsageError if a column has too many values."""
    if groups > MAX_GROUPS:
        raise UsageError(
            f"column {column!r} has more than {MAX_GROUPS:,} values to group by",
            hint="name one with few, such as that of the language",
        )


def _plain(arrow: Any, column: Any) -> Any:
    """A column without a dictionary, of which a file of Arrow has one for all its rows."""
    kind = column.type
    return column.cast(kind.value_type) if arrow.types.is_dictionary(kind) else column
