"""Typed reading of TOML files: an invalid value is a ConfigError that says where and what to do."""

import codecs
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ctxtools.errors import ConfigError, UsageError, os_reason
from ctxtools.suggestions import closest_match, one_of
from ctxtools.units import parse_size


def read_toml(path: Path, data: bytes | None = None) -> dict[str, Any]:
    """The content of a TOML file.

    Args:
        path: the file, which is read unless its content is given.
        data: the file's content.

    Raises:
        ConfigError: it cannot be read, or is not TOML; the message then has line and column.
    """
    import tomllib  # a run without configuration and without a model's name never needs it

    try:
        data = path.read_bytes() if data is None else data
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise ConfigError(
                f"{path}: UTF-16, and TOML must be UTF-8",
                hint="save it as UTF-8; PowerShell writes it with -Encoding utf8",
            )
        # TOML has no byte order mark; editors on Windows write one nevertheless.
        return tomllib.loads(data.removeprefix(codecs.BOM_UTF8).decode())
    except OSError as error:
        raise ConfigError(f"{path}: {os_reason(error)}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8, as TOML must be ({error.reason})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path}: {error}",
            hint='write it as TOML: key = "text", key = 123 or key = ["one", "two"]',
        ) from error


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

    def error(self, key: str, problem: str, hint: str | None = None) -> ConfigError:
        """An error about the value of a key, for the caller to raise."""
        return ConfigError(f"{self.file}: {self._full(key)} {problem}", hint=hint)

    def done(self) -> None:
        """Raise a ConfigError for the first key that was not read."""
        for key in self.values:
            if key not in self._read:
                known = ", ".join(sorted(self._read))
                raise ConfigError(
                    f"{self.file}: unknown setting {self._full(key)}",
                    hint=closest_match(key, self._read) or f"the settings here are {known}",
                )

    def text(self, key: str) -> str | None:
        """A string that is not empty."""
        value: str | None = self._typed(
            key, lambda value: isinstance(value, str) and value != "", "a string"
        )
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        """One string, or a list of them."""
        value = self._value(key)
        listed = [value] if isinstance(value, str) else value
        if listed is None:
            return None
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise self.error(key, f"must be a string or a list of strings, not {_show(value)}")
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
        if number < minimum:
            raise self.error(key, f"must be >= {minimum}, got {number}")
        return number

    def integer(self, key: str, hint: str) -> int | None:
        """An integer >= 0: 4 or "4"."""
        value = self._value(key)
        if value is None or (type(value) is int and value >= 0):
            return value
        if not isinstance(value, str) or not value.isdecimal():
            raise self.error(key, f"must be an integer >= 0, not {_show(value)}", hint)
        return int(value)

    def numbers(self, key: str, count: int) -> list[float] | None:
        """A list of ``count`` numbers >= 0."""
        value: list[float] | None = self._value(key)
        if value is not None and not _are_amounts(value, count):
            raise self.error(key, f"must be {count} numbers in a list, not {_show(value)}")
        return value

    def rows_of_numbers(self, key: str, count: int) -> list[list[float]] | None:
        """A list of lists of ``count`` numbers >= 0."""
        value: list[list[float]] | None = self._value(key)
        if value is not None and not (
            isinstance(value, list) and all(_are_amounts(each, count) for each in value)
        ):
            raise self.error(key, f"must be lists of {count} numbers, not {_show(value)}")
        return value

    def number(self, key: str) -> float | None:
        """A number >= 0."""
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
    return is_number and 0 <= value < float("inf")  # type: ignore[operator]  # TOML has inf, nan


def _are_amounts(value: object, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(map(_is_amount, value))


def _show(value: object) -> str:
    shown = repr(value)
    shown = re.sub(r"^(True|False)$", lambda match: match[0].lower(), shown)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
