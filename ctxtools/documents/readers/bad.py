"""Records that cannot be read: an error, or passed over and reported, as the user wishes."""

from typing import Any

from ctxtools.errors import FormatError
from ctxtools.units import format_count

_LISTED = 3


class BadRecords:
    """What is wrong with the records of one file.

    Args:
        path: of the file.
        skip: pass over bad records, and nulls too, instead of raising an error at the first.

    Attributes:
        count: records that were passed over so far.
        replaced: records with bytes that are not UTF-8, read as U+FFFD.
    """

    def __init__(self, path: str, *, skip: bool = False) -> None:
        self.skip = skip
        self.replaced = 0
        self._path = path
        self.count = 0
        self._first: list[str] = []
        self._hint: str | None = None

    def take(self, error: FormatError, records: int = 1) -> None:
        """Pass over a record, or several, or raise the error that says what is wrong."""
        if not self.skip:
            raise error
        self.count += records
        if len(self._first) < _LISTED:
            self._first.append(error.message.removeprefix(f"{self._path}: "))
            self._hint = self._hint or error.hint

    @property
    def first(self) -> tuple[str, ...]:
        """What is wrong with the first of them, each in a line."""
        return tuple(self._first)

    @property
    def state(self) -> list[Any]:
        """All that is known so far, as JSON has it: of a reader in another process."""
        return [self.count, self.replaced, self._first, self._hint]

    @state.setter
    def state(self, state: list[Any]) -> None:
        self.count, self.replaced, self._first, self._hint = state

    def finish(self, *, any_good: bool) -> None:
        """End the file. If all of its records are bad, the field or the file is wrong, not they.

        Raises:
            FormatError: no record could be read.
        """
        if self.count and not any_good:
            raise FormatError(f"{self._path}: no good record: {self._listed()}", hint=self._hint)

    def _listed(self) -> str:
        more = f"; and {format_count(rest)} more" if (rest := self.count - _LISTED) > 0 else ""
        return "; ".join(self._first) + more

    @property
    def notes(self) -> tuple[str, ...]:
        """What to say at the end of the file."""
        notes = []
        if self.count:
            verb = "record was" if self.count == 1 else "records were"
            notes.append(f"{format_count(self.count)} bad {verb} skipped: {self._listed()}")
        if self.replaced:
            noun = "record is" if self.replaced == 1 else "records are"
            notes.append(
                f"{format_count(self.replaced)} {noun} not UTF-8: invalid bytes read as U+FFFD"
            )
        return tuple(notes)
