"""Fields of records: how they are found, and which of them go along with the text of a record."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ctxtools.documents.readers.options import ReadOptions
from ctxtools.errors import UsageError
from ctxtools.units import format_count

_MAX_DIGITS = 18  # of an index; Python refuses to read one of thousands
_LISTED = 10  # names in a hint
_MAX_DEPTH = 100  # of a value that is kept, which is written and copied by functions that recurse


class Record(NamedTuple):
    """A record, as its reader returns it.

    Attributes:
        number: of its line or row, from 1.
        text: its text.
        metadata: the fields that are kept; None if none were asked for.
        source: what the record itself is called; "" if nothing.
    """

    number: int
    text: str
    metadata: Mapping[str, Any] | None = None
    source: str = ""


def find_field(record: Any, name: str) -> Any:
    """A value in a JSON value.

    Args:
        record: any JSON value.
        name: a key, or keys and list indices joined by dots. A key that contains dots itself
            comes first.

    Raises:
        LookupError: there is none.
    """
    if isinstance(record, dict) and name in record:
        return record[name]
    value = record
    for key in name.split("."):
        if isinstance(value, list) and key.isdecimal() and len(key) <= _MAX_DIGITS:
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value[key]
        else:
            raise LookupError(key)
    return value


class KeptFields:
    """The fields of the records of one file that go along with their text.

    Args:
        options: what is to be kept.

    Attributes:
        found: the names of which a record had a value.
        names: of the fields that there are: those of the first record, or the columns.
        notes: what to say at the end of the file, of fields that not all records have.
    """

    def __init__(self, options: ReadOptions) -> None:
        self.found: set[str] = set()
        self.names: tuple[str, ...] = ()
        self._keep, self._source = options.keep, options.source_field
        self._records = 0
        self._missing = dict.fromkeys(self._keep, 0)
        self._deep = dict.fromkeys(self._keep, 0)
        self._nameless = 0
        self.notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether any are."""
        return bool(self._keep) or self._source is not None

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of all fields that were asked for."""
        return self._keep if self._source is None else (*self._keep, self._source)

    def record(self, number: int, text: str, values: Any) -> Record:
        """The record of these values, of which a text is known."""
        if not self:
            return Record(number, text)
        self._records += 1
        if not self.names and isinstance(values, dict):
            self.names = tuple(values)
        metadata = {}
        for name in self._keep:
            try:
                value = find_field(values, name)
            except LookupError:
                self._missing[name] += 1
                continue
            self.found.add(name)
            if isinstance(value, list | dict) and _is_deep(value):
                self._deep[name] += 1
            else:
                metadata[name] = value
        return Record(number, text, metadata, self._source_of(values))

    def _source_of(self, values: Any) -> str:
        if self._source is None:
            return ""
        source = None
        try:
            source = find_field(values, self._source)
            self.found.add(self._source)
        except LookupError:
            pass
        if isinstance(source, str | int) and not isinstance(source, bool) and source != "":
            return str(source)
        self._nameless += 1
        return ""

    def finish(self) -> None:
        """End the file."""
        of = f"of {format_count(self._records)} records"
        notes = [
            f"{format_count(missing)} {of} without {name!r:.60}, which was to be kept"
            for name, missing in self._missing.items()
            if missing
        ]
        notes += [
            f"{format_count(deep)} {of} whose {name!r:.60} was not kept: it is nested too deeply"
            for name, deep in self._deep.items()
            if deep
        ]
        if self._nameless:
            notes.append(
                f"{format_count(self._nameless)} {of} without a text or number in "
                f"{self._source!r:.60}: their source is their number"
            )
        self.notes = tuple(notes)


def _is_deep(value: Any) -> bool:
    """Whether lists and objects are nested deeper than 100."""
    level = [value]
    for _ in range(_MAX_DEPTH):
        inside = (each.values() if isinstance(each, dict) else each for each in level)
        level = [each for values in inside for each in values if isinstance(each, list | dict)]
        if not level:
            return False
    return True


class FieldsOfRun:
    """The same over several files: a name that no record has is an error, and no oversight."""

    def __init__(self) -> None:
        self._missing: dict[str, None] = {}
        self._found: set[str] = set()
        self._names: tuple[str, ...] = ()

    def add(self, kept: KeptFields) -> None:
        """Take a file that was read."""
        if kept.names:
            self._found |= kept.found
            self._missing |= dict.fromkeys(kept.asked)
            self._names = self._names or kept.names

    def check(self) -> None:
        """Check that records were read, or that one of them has each field.

        Raises:
            UsageError: none has it.
        """
        if unknown := [name for name in self._missing if name not in self._found]:
            listed = ", ".join(f"{name!r:.60}" for name in self._names[:_LISTED])
            more = len(self._names) - _LISTED
            raise UsageError(
                f"no record has {' or '.join(f'{name!r:.60}' for name in unknown)}",
                hint=f"they have {listed}{f' and {more:,} more' if more > 0 else ''}",
            )
