"""Typed reading of a stranger's ``config.json``: a wrong value is a FormatError that names it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ctxtools.checks import shown
from ctxtools.errors import FormatError
from ctxtools.escape import one_line
from ctxtools.regular_file import read_regular
from ctxtools.suggestions import one_of

MAX_FILE = 8 << 20
"""Bytes of a config.json. The largest that are known list quantized layers, and have 2 MB."""

MAX_LAYERS = 10_000
MAX_DIM = 1 << 24
"""Elements, heads, experts: what is more is no model's."""
MAX_TOKENS = 1 << 40


class Fields:
    """The values of a JSON object, read one by one.

    Args:
        values: the object.
        file: the name of the file, for messages.
        path: where the object is in it, such as ``text_config.``.
    """

    __slots__ = ("file", "path", "values")

    def __init__(self, values: Mapping[str, Any], file: str, path: str = "") -> None:
        self.values = values
        self.file = file
        self.path = path

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def error(self, name: str, problem: str, hint: str | None = None) -> FormatError:
        """An error about one value, for the caller to raise."""
        return FormatError(f"{one_line(self.file)}: {self.path}{name} {problem}", hint=hint)

    def optional(
        self, *names: str, minimum: int = 1, maximum: int = MAX_DIM, default: int = 0
    ) -> int:
        """An integer under the first of some names that is there; else the default."""
        for name in names:
            value = self.values.get(name)
            if value is None:
                continue
            if type(value) is not int:
                raise self.error(name, f"must be an integer, got {shown(value, 40)}")
            if not minimum <= value <= maximum:
                raise self.error(
                    name, f"must be from {minimum} to {maximum:,}, got {shown(value, 40):.60}"
                )
            return value
        return default

    def integer(self, *names: str, maximum: int = MAX_DIM) -> int:
        """The same; that it is missing is an error."""
        value = self.optional(*names, maximum=maximum)
        if not value:
            raise self.error(names[0], "is missing", f"a config.json has {one_of(names)}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.error(name, f"must be true or false, got {shown(value, 40)}")
        return value

    def text(self, name: str) -> str:
        """A string; "" if it is missing."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > 200:
            raise self.error(name, f"must be a short string, got {shown(value, 40)}")
        return value

    def table(self, name: str) -> "Fields | None":
        """An object; None if it is missing."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.error(name, f"must be an object, got {shown(value, 40)}")
        return Fields(value, self.file, f"{self.path}{name}.")

    def listed(self, name: str, kind: type, count: int | None = None) -> Sequence[Any] | None:
        """A list of values of one type; None if it is missing.

        Args:
            name: of the value.
            kind: of each element; an ``int`` is at least 0.
            count: how many there are at least, of which these are returned; None for any number.
        """
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) > MAX_LAYERS:
            raise self.error(name, f"must be a list, got {shown(value, 40)}")
        for each in value:
            if type(each) is not kind or (isinstance(each, int) and not 0 <= each <= MAX_TOKENS):
                raise self.error(name, f"must be a list of {kind.__name__}, has {shown(each, 40)}")
        if count is not None and len(value) < count:
            raise self.error(name, f"has {len(value)} values for {count} layers")
        return value if count is None else value[:count]


def read_fields(path: Path, *, within: Path | None = None) -> Fields:
    """The object in a JSON file.

    Raises:
        ReadError: the file cannot be read.
        FormatError: it is no JSON object.
    """
    data = read_regular(path, MAX_FILE, within=within)
    name = one_line(str(path))
    try:
        values = json.loads(data)
    except RecursionError:
        raise FormatError(f"{name}: its values are nested too deeply") from None
    except ValueError as error:  # also of an integer of thousands of digits, and of no UTF-8
        reason = str(error) if isinstance(error, json.JSONDecodeError) else "invalid"
        raise FormatError(f"{name}: not JSON: {reason:.200}") from None
    if not isinstance(values, dict):
        raise FormatError(
            f"{name}: must be a JSON object, got {type(values).__name__}",
            hint="name the config.json of a model",
        )
    return Fields(values, name)
