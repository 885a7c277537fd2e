"""Reading what somebody else wrote: values of known kinds, each with its path, nothing left over.

A request may come from anywhere: JSON of a stranger, objects of an SDK. `plain` makes mappings and
lists of it; `Fields` reads one mapping, remembers what was read, and refuses what was not.
"""

import dataclasses
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from ctxtools.checks import shown
from ctxtools.errors import UsageError
from ctxtools.escape import one_line
from ctxtools.messages.nesting import DEEPEST

_MISSING = object()
# What objects of messages have that say nothing of themselves as a mapping.
_ATTRIBUTES = (
    *("type", "role", "content", "name", "refusal", "tool_calls", "tool_call_id", "function_call"),
    *("additional_kwargs", "invalid_tool_calls", "reasoning_content", "parts", "status"),
)


def plain(value: Any, path: str, depth: int = 0) -> Any:
    """The same as mappings, lists, texts and numbers: objects of SDKs as what they send.

    What is none of these, such as bytes, an image or an array, stays as it is.

    Raises:
        UsageError: it is nested too deeply, or a key is not a text.
    """
    if value is None or isinstance(value, str | int | float | bytes):
        return value.value if isinstance(value, Enum) else value
    if depth > DEEPEST:
        raise UsageError(
            f"{path[:60]}…: nested more than {DEEPEST} levels deep",
            hint="no interface takes this; does it refer to itself?",
        )
    if isinstance(value, Mapping):
        return {
            key: plain(value[key], f"{path}.{one_line(key[:40])}", depth + 1)
            for key in _keys(value, path)
        }
    if isinstance(value, list | tuple):
        return [plain(each, f"{path}[{i}]", depth + 1) for i, each in enumerate(value)]
    if (fields := _fields_of(value)) is not None:
        return plain(fields, path, depth + 1)
    if isinstance(value, Sequence) and not isinstance(value, bytearray | memoryview | range):
        return [plain(each, f"{path}[{i}]", depth + 1) for i, each in enumerate(value)]
    return value


def _keys(value: Mapping[Any, Any], path: str) -> Iterator[str]:
    for key in value:
        if not isinstance(key, str):
            raise UsageError(
                f"{path}: the key {shown(key, 50)} is not a str", hint="as in JSON, keys are texts"
            )
        yield key


def _fields_of(value: Any) -> Any:
    """What an object says that it consists of; None if it does not."""
    if isinstance(value, type):
        return None
    if isinstance(value, Enum):
        return value.value
    for name, options in (("model_dump", {"exclude_none": True}), ("to_dict", {}), ("_asdict", {})):
        method = getattr(value, name, None)
        if callable(method):
            return method(**options)
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if not any(hasattr(value, name) for name in ("role", "content", "parts")):
        return None
    found = {name: getattr(value, name, None) for name in _ATTRIBUTES}
    return {name: each for name, each in found.items() if each is not None}


class Fields:
    """One mapping, of which everything has to be read, or known to be sent to nobody.

    Args:
        value: what should be a mapping.
        path: for messages, such as ``messages[3].content[1]``.
        what: it should be, for messages.
        snake: camelCase keys count as snake_case ones.
    """

    __slots__ = ("_left", "path")

    def __init__(
        self, value: Any, path: str, what: str = "a mapping", *, snake: bool = False
    ) -> None:
        if not isinstance(value, Mapping):
            raise UsageError(f"{path} must be {what}, got {kind_of(value)}", hint=_as_taken())
        self.path = path
        self._left = {_snake(key) if snake else key: each for key, each in value.items()}

    def __contains__(self, key: str) -> bool:
        return self._left.get(key) is not None

    def peek(self, key: str) -> Any:
        """A value that stays to be read; None if there is none."""
        return self._left.get(key)

    def take(self, *keys: str) -> Any:
        """The one of these values that is there; None if none is.

        Raises:
            UsageError: several are, and they are not the same.
        """
        found: list[tuple[str, Any]] = []
        for key in keys:
            value = self._left.pop(key, None)
            if value is None or (found and value is found[0][1]):
                continue
            said = bool(found) and says_something(found[0][1])
            if said and value != found[0][1] and says_something(value):
                raise UsageError(
                    f"{self.path} has both {found[0][0]!r} and {key!r}",
                    hint="leave one of them out",
                )
            if not said:
                found = [(key, value)]
        return found[0][1] if found else None

    def text(self, *keys: str, default: Any = _MISSING) -> str:
        """A text.

        Raises:
            UsageError: it is none, or missing where there is no default.
        """
        found: str = self._of(str, "a str", keys, default)
        return found

    def optional(self, *keys: str) -> str | None:
        """A text, or None; errors are those of ``text``."""
        found: str | None = self._of(str, "a str", keys, None)
        return found

    def mapping(self, *keys: str, default: Any = _MISSING) -> Mapping[str, Any]:
        """A mapping; errors are those of ``text``."""
        found: Mapping[str, Any] = self._of(Mapping, "a mapping", keys, default)
        return found

    def list(self, *keys: str, default: Any = _MISSING) -> Sequence[Any]:
        """A list; errors are those of ``text``."""
        found: Sequence[Any] = self._of(list, "a list", keys, default)
        return found

    def number(self, *keys: str) -> float | None:
        """A number; None if there is none."""
        found: float | None = self._of((int, float), "a number", keys, None)
        return found

    def _of(self, kind: Any, what: str, keys: Sequence[str], default: Any) -> Any:
        value = self.take(*keys)
        if value is None:
            if default is _MISSING:
                raise UsageError(f"{self.path} has no {keys[0]!r}", hint=_as_taken())
            return default
        if not isinstance(value, kind):
            raise UsageError(
                f"{self.path}.{keys[0]} must be {what}, got {kind_of(value)}", hint=_as_taken()
            )
        return value

    def json(self, *keys: str) -> Any:
        """Any JSON value; None if there is none.

        Raises:
            UsageError: it is nothing that JSON can hold.
        """
        value = self.take(*keys)
        json_text(value, f"{self.path}.{keys[0]}")
        return value

    def inner(self, *keys: str) -> "Fields":
        """A mapping in this one, to be read; errors are those of ``text``."""
        return Fields(self.mapping(*keys), f"{self.path}.{keys[0]}")

    def rest(self, unsent: Collection[str]) -> Mapping[str, Any]:
        """All that was not read; it is read by that.

        Args:
            unsent: keys that the interface does not show to the model.
        """
        found = {key: each for key, each in self._left.items() if key not in unsent}
        self._left.clear()
        return found

    def drop(self, unsent: Collection[str]) -> None:
        """Read keys that the interface does not show to the model."""
        for key in unsent:
            self._left.pop(key, None)

    def close(self, unsent: Collection[str] = ()) -> None:
        """Refuse what was not read and says something.

        Args:
            unsent: keys that the interface does not show to the model.

        Raises:
            UsageError: a key is left that is not counted; it is named.
        """
        for key, value in self._left.items():
            if key not in unsent and says_something(value):
                raise UsageError(
                    f"{self.path}.{one_line(key[:40])} is not counted: this key is not known here",
                    hint="leave it out if the model does not get it",
                )


def says_something(value: Any) -> bool:
    """Whether a value holds a text, or anything that is not plain; switches and numbers do not."""
    if value is None or isinstance(value, bool | int | float):
        return False
    if isinstance(value, Mapping):
        return any(key and says_something(each) for key, each in value.items())
    if isinstance(value, list):
        return any(map(says_something, value))
    return not (isinstance(value, str | bytes) and not value)


def json_text(value: Any, path: str) -> str:
    """A value as a JSON text.

    Raises:
        UsageError: it is nothing that JSON can hold.
    """
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        raise UsageError(
            f"{path} is nothing that JSON can hold", hint="texts, numbers, lists and mappings are"
        ) from None


def items(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The elements of a list, each with its path.

    Raises:
        UsageError: it is no list.
    """
    if not isinstance(value, list):
        raise UsageError(f"{path} must be a list, got {kind_of(value)}", hint=_as_taken())
    for number, each in enumerate(value):
        yield f"{path}[{number}]", each


def refuse_type(path: str, found: Any, what: str, known: Collection[str]) -> UsageError:
    """The error for a content of a type that is not known."""
    from ctxtools.suggestions import closest_match

    if not isinstance(found, str):
        return UsageError(f"{path} has no type", hint=f"known are {', '.join(sorted(known))}")
    meant = closest_match(found[:100], [*known])
    return UsageError(
        f"{path}: {what} of type {found!r:.100} is not counted",
        hint=meant or "leave it out if the model does not get it, and add its tokens by hand",
    )


def kind_of(value: Any) -> str:
    """The type of a value, for messages."""
    return "nothing" if value is None else type(value).__name__


_UPPER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _snake(key: str) -> str:
    return key if key.islower() else _UPPER.sub("_", key).lower()


def _as_taken() -> str:
    return "pass messages as the interface takes them"
