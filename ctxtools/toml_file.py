"""Typed reading of TOML files: an invalid value is a ConfigError that says where and what to do."""

import codecs
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ctxtools.errors import ConfigError, UsageError
from ctxtools.possessive import compile_pattern
from ctxtools.regular_file import read_regular
from ctxtools.suggestions import closest_match, one_of
from ctxtools.units import MAX_SIZE, parse_size

MAX_CONFIG = 1 << 20
"""Bytes of a configuration file; the largest ``pyproject.toml`` that are known have 0.1 MB."""

MAX_VALUES = 1000
"""Strings in a list, and models that a configuration defines: each takes time in every run."""

_LONGEST_VALUE = 4096  # characters of a string in a list: a name, a pattern, a path
_MAX_KEY = 50  # names
_LONGEST = 100  # characters of a name that is looked for among others
# Strings (an open one ends with the line or the file), comments, and what can stand around a key.
# Each takes what it has looked at, so that all of them take linear time.
_TOKEN = (
    r'"""[^"\\]*+(?:(?:\\.|""?(?!"))[^"\\]*+)*+(?:"""|\Z)'
    r"|'''[^']*+(?:''?(?!')[^']*+)*+(?:'''|\Z)"
    r'|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+"
    r"|[.=,\[\]{}\n]"
)


def read_toml(
    path: Path,
    *,
    limit: int = MAX_CONFIG,
    within: Path | None = None,
    pipes: bool = False,
) -> dict[str, Any]:
    """The content of a TOML file; the arguments are those of `read_regular`.

    Raises:
        ConfigError: it cannot be read, or is not TOML; the message then has line and column.
    """
    data = read_regular(path, limit, within=within, pipes=pipes, raises=ConfigError)
    return parse_toml(data, path)


def parse_toml(data: bytes, path: Path) -> dict[str, Any]:
    """The content of a TOML file from its bytes; ``path`` is for messages.

    Raises:
        ConfigError: it is not TOML; the message then has line and column.
    """
    import tomllib  # a run without configuration and without a model's name never needs it

    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ConfigError(
            f"{path}: UTF-16, and TOML must be UTF-8",
            hint="save it as UTF-8; PowerShell writes it with -Encoding utf8",
        )
    try:
        # TOML has no byte order mark; editors on Windows write one nevertheless.
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8, as TOML must be ({error.reason})") from error
    if _has_long_key(text):
        raise ConfigError(f"{path}: a key of more than {_MAX_KEY} names with dots between them")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path}: {_shortened(str(error))}",
            hint='write it as TOML: key = "text", key = 123 or key = ["one", "two"]',
        ) from error
    except RecursionError:
        raise ConfigError(f"{path}: its values are nested too deeply") from None
    except ValueError:  # of int(): Python refuses thousands of digits
        raise ConfigError(f"{path}: a number in it has too many digits") from None


def may_have_tool_table(data: bytes, name: bytes) -> bool:
    """Whether a ``pyproject.toml`` may have a table ``tool.NAME``; parsing it takes milliseconds.

    A line has both names, or ``tool`` is a table or a value of its own, or names are escaped.
    """
    if name not in data:
        return False
    if b"\\u" in data.lower() or b"\0" in data:  # UTF-16 is an error that says so
        return True
    own = re.compile(rb"""[ \t]*(?:\[[ \t]*)?["']?tool["']?[ \t]*[]=]""")
    return any(
        own.match(line) or (name in line and b"tool" in line.replace(name, b""))
        for line in data.removeprefix(codecs.BOM_UTF8).split(b"\n")
    )


def _has_long_key(text: str) -> bool:
    """Whether a key has more names than `_MAX_KEY`: tomllib takes quadratic time for them."""
    if all(line.count(".") <= _MAX_KEY for line in text.split("\n")):  # a key has one line
        return False
    dots = 0
    for match in compile_pattern(_TOKEN, re.DOTALL).finditer(text):
        token = match[0]
        if token == ".":
            dots += 1
            if dots > _MAX_KEY:
                return True
        elif token in "=,[]{}\n":
            dots = 0
    return False


class Table:
    """One TOML table, read key by key. ``done`` then refuses keys that were not read.

    Args:
        values: the table.
        file: the file that it is from, for messages.
        path: the name of the table in the file, such as ``tool.ctxtools``; "" is the root.
    """

    __slots__ = ("_read", "file", "path", "values")

    def __init__(self, values: Mapping[str, Any], file: str, path: str = "") -> None:
        self.values = values
        self.file = file
        self.path = path
        self._read: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        own = (self.file, self.path, self.values)
        return own == (other.file, other.path, other.values)

    def __hash__(self) -> int:
        return hash((self.file, self.path))

    @property
    def origin(self) -> str:
        """Where it is, for messages: the file, and the table in it."""
        return f"{self.file} [{self.path}]" if self.path else self.file

    def error(self, key: str, problem: str, hint: str | None = None) -> ConfigError:
        """An error about the value of a key, for the caller to raise."""
        message = f"{_shortened(self._full(key))} {_shortened(problem, 300)}"
        return ConfigError(f"{self.file}: {message}", hint=hint)

    def done(self) -> None:
        """Raise a ConfigError for the first key that was not read."""
        for key in self.values:
            if key not in self._read:
                known = ", ".join(sorted(self._read))
                raise ConfigError(
                    f"{self.file}: unknown setting {_shortened(self._full(key))}",
                    hint=closest_match(key[:_LONGEST], self._read)
                    or f"the settings here are {known}",
                )

    def value(self, key: str) -> Any:
        """Whatever it is, None if it is missing: for what may be of several types."""
        return self._value(key)

    def text(self, key: str) -> str | None:
        """A string that is not empty."""
        value: str | None = self._typed(
            key, lambda value: isinstance(value, str) and value != "", "a string"
        )
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        """One string, or a list of at most `MAX_VALUES`."""
        value = self._value(key)
        listed = [value] if isinstance(value, str) else value
        if listed is None:
            return None
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise self.error(key, f"must be a string or a list of strings, not {_show(value)}")
        if len(listed) > MAX_VALUES:
            raise self.error(key, f"has {len(listed):,} values, and at most {MAX_VALUES:,} count")
        if max(map(len, listed), default=0) > _LONGEST_VALUE:
            raise self.error(key, f"has a string of more than {_LONGEST_VALUE:,} characters")
        return tuple(listed)

    def flag(self, key: str) -> bool | None:
        """True or false."""
        value: bool | None = self._typed(
            key, lambda value: isinstance(value, bool), "true or false"
        )
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str | None:
        """One of the given strings."""
        value: str | None = self._value(key)
        if value is not None and value not in choices:
            raise self.error(key, f"must be {one_of(choices)}, not {_show(value)}")
        return value

    def size(self, key: str, minimum: int = 0) -> int | None:
        """An integer >= ``minimum``: 200000, or "200k" or "1Mi"."""
        value = self._value(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise self.error(
                key, f"must be a size, not {_show(value)}", 'write 200000, "200k" or "1Mi"'
            )
        try:
            number = value if isinstance(value, int) else parse_size(value)
        except UsageError as error:
            raise self.error(key, f"is invalid: {error.message}", error.hint) from error
        if not minimum <= number <= MAX_SIZE:
            expected = f">= {minimum}" if number < minimum else f"<= {MAX_SIZE}"
            raise self.error(key, f"must be {expected}, got {_show(number)}")
        return number

    def integer(self, key: str, hint: str) -> int | None:
        """An integer >= 0: 4 or "4"."""
        value = self._value(key)
        if value is None or (type(value) is int and value >= 0):
            return value
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            return self.size(key)
        raise self.error(key, f"must be an integer >= 0, not {_show(value)}", hint)

    def numbers(self, key: str, count: int) -> list[float] | None:
        """A list of ``count`` numbers from 0 to `MAX_SIZE`."""
        value: list[float] | None = self._value(key)
        if value is not None and not _are_amounts(value, count):
            raise self.error(key, f"must be {count} numbers in a list, not {_show(value)}")
        return value

    def rows_of_numbers(self, key: str, *counts: int) -> list[list[float]] | None:
        """A list of lists of such numbers, of one of ``counts`` lengths."""
        value: list[list[float]] | None = self._value(key)
        if value is not None and not (
            isinstance(value, list)
            and all(any(_are_amounts(each, count) for count in counts) for each in value)
        ):
            allowed = " or ".join(map(str, counts))
            raise self.error(key, f"must be lists of {allowed} numbers, not {_show(value)}")
        return value

    def number(self, key: str) -> float | None:
        """A number from 0 to `MAX_SIZE`."""
        value: float | None = self._typed(key, _is_amount, "a number >= 0")
        return value

    def tables(self, key: str) -> "list[Table]":
        """The tables of ``[[key]]``, or those of ``[key.name]`` with their name as ``name``."""
        value = self._value(key)
        if value is None:
            return []
        if isinstance(value, Mapping):
            value = [
                {"name": name, **each} if isinstance(each, Mapping) else each
                for name, each in value.items()
            ]
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            raise self.error(key, f"must be tables, not {_show(value)}", f"write [[{key}]]")
        return [
            Table(each, self.file, self._full(f'{key}."{each.get("name", number)}"'))
            for number, each in enumerate(value, start=1)
        ]

    def table(self, key: str) -> "Table":
        """The table ``[key]``; an empty one if it is missing."""
        value = self._value(key)
        if value is not None and not isinstance(value, Mapping):
            raise self.error(key, f"must be a table, not {_show(value)}")
        return Table(value or {}, self.file, self._full(key))

    def _typed(self, key: str, is_right: Callable[[Any], bool], what: str) -> Any:
        value = self._value(key)
        if value is not None and not is_right(value):
            raise self.error(key, f"must be {what}, not {_show(value)}")
        return value

    def _value(self, key: str) -> Any:
        self._read.add(key)
        return self.values.get(key)

    def _full(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def _is_amount(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= MAX_SIZE  # type: ignore[operator]  # TOML has inf, nan


def _are_amounts(value: object, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(map(_is_amount, value))


def _show(value: object) -> str:
    try:
        shown = repr(value)
    except RecursionError:
        return "values that are nested too deeply"
    except ValueError:  # Python writes no integer of thousands of digits
        return "a number of thousands of digits"
    return _shortened(re.sub(r"^(True|False)$", lambda match: match[0].lower(), shown), 60)


def _shortened(text: str, length: int = 200) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."
