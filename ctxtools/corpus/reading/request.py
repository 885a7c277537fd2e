"""What a reader of a format is asked for."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from ctxtools.chunking.integrations.tables import no_column
from ctxtools.corpus.units import Unit
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.errors import FormatError, UsageError, import_extra

BATCH = 16 << 20
"""Target bytes of a table."""

ROWS = 1 << 16
"""Maximum rows of a table."""

BLOCK = 8 << 20
"""Bytes of text that are parsed at once."""


class Request(NamedTuple):
    """The arguments of `ctxtools.corpus.reading.read_tables`."""

    unit: Unit
    columns: Sequence[str] | None
    text: str | None
    bad: BadRecords

    @property
    def uri(self) -> str:
        return self.unit.input.uri

    def selected(self, names: Sequence[str]) -> list[str]:
        """The columns to read of a file with these.

        Raises:
            UsageError: it lacks one, or has two of that name.
        """
        if self.columns is None:
            return [*names]
        for name in self.columns:
            if list(names).count(name) != 1:
                error = no_column(name, names)
                raise UsageError(f"{self.uri}: {error.message}", hint=error.hint)
        return [*self.columns]

    def pass_over(self, reason: str, records: int = 1, *, hint: str | None = None) -> None:
        """Pass over bad records, or raise the error that says what is wrong with them.

        Args:
            reason: where in the file, and what.
            records: how many.
            hint: what to do about it; by default, how to pass over them.
        """
        hint = hint or "--skip-bad-records leaves such records out, and says how many"
        self.bad.take(FormatError(f"{self.uri}: {reason}", hint=hint), records)

    def valid_rows(self, table: Any, names: Iterable[str], where: Callable[[int], str]) -> Any:
        """The rows of a table whose strings are UTF-8; the others are bad.

        Args:
            names: of the columns to look at.
            where: what the row of a number is called.
        """
        arrow = import_extra("pyarrow", "a corpus", "parquet")
        broken: dict[int, str] = {}
        for name in names:
            column = table.column(name)
            try:
                column.validate(full=True)
            except arrow.ArrowInvalid:
                is_large = arrow.types.is_large_string(column.type)
                data = column.cast(arrow.large_binary() if is_large else arrow.binary())
                for row, value in enumerate(data.to_pylist()):
                    if value is not None and not _is_utf8(value):
                        broken.setdefault(row, name)
        if not broken:
            return table
        for row in sorted(broken):
            self.pass_over(f"{where(row)}: {broken[row]!r} is not UTF-8")
        return table.filter(arrow.array([row not in broken for row in range(len(table))]))


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
