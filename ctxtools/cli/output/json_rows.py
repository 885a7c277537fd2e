"""A JSON object with long lists, written as it is formatted.

The bytes are those of `print_json`, without the object, its text, and a copy of each: a tree has
some ten thousand files.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from ctxtools.cli.streams import unescaped
from ctxtools.escape import visible_json

_CHUNK = 512  # rows that are written together
_DEPTH = "    "  # of the items of a list in the object


class JsonFormat:
    """How values become text: in UTF-8, or in ASCII if a file's name has bytes that are not UTF-8.

    Args:
        strings: all strings that do not come from the program itself.
    """

    def __init__(self, strings: Iterable[str]) -> None:
        self._ascii = not all(map(_is_encodable, strings))
        self.string: Callable[[str], str] = (
            json.encoder.encode_basestring_ascii if self._ascii else json.encoder.encode_basestring
        )

    def value(self, value: Any) -> str:
        """A value with the indentation of the outermost one."""
        return json.dumps(value, ensure_ascii=self._ascii, indent=2)

    def item(self, value: Any) -> str:
        """A value as an item of a list in the object."""
        # No string has a line break in JSON.
        return _DEPTH + self.value(value).replace("\n", f"\n{_DEPTH}")


def print_object(
    values: Mapping[str, Any], lists: Mapping[str, Iterable[str]], format: JsonFormat
) -> None:
    """One JSON object on stdout, indented.

    Args:
        values: its values in order; those of lists are not looked at.
        lists: the long lists, each item as `JsonFormat.item` gives it.
        format: how the rest is formatted.
    """
    pieces: list[Iterable[str]] = []
    for number, (name, value) in enumerate(values.items()):
        start = f"{',' if number else '{'}\n  {format.string(name)}: "
        if name in lists:
            pieces.append(_list(start, lists[name]))
        else:
            pieces.append((start + format.value(value).replace("\n", "\n  "),))
    pieces.append(("\n}\n",))
    remaining = chain.from_iterable(pieces)
    while chunk := "".join(islice(remaining, _CHUNK)):
        text = visible_json(chunk)
        (unescaped(sys.stdout) if text.isascii() else sys.stdout).write(text)


def _list(start: str, items: Iterable[str]) -> Iterator[str]:
    empty = True
    for item in items:
        yield f"{start}[\n{item}" if empty else f",\n{item}"
        empty = False
    yield f"{start}[]" if empty else "\n  ]"


def _is_encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
