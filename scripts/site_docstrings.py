"""An extension of griffe, which reads docstrings for the site; `mkdocs.yml` names it.

A docstring may describe several names in one entry, ``start, end: in characters.`` Griffe looks up
types and defaults by one name, so on the site each of them has an entry of its own.
"""

import re
from collections.abc import Iterator
from itertools import groupby

import griffe

_SECTION = re.compile(r"(?:Args|Attributes|Raises):")
_ENTRY = re.compile(r" {4}(\w+(?:, \w+)+)(:.*)", re.DOTALL)


class OneNameAnEntry(griffe.Extension):  # type: ignore[misc]  # griffe's types are not looked at
    """Split entries of docstrings that describe several names."""

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        """Called by griffe with each module, class, function and attribute."""
        if obj.docstring:
            obj.docstring.value = one_name_an_entry(obj.docstring.value)


def one_name_an_entry(docstring: str) -> str:
    """A docstring in which each entry of a section describes one name."""
    return "\n".join(_lines(docstring))


def _lines(docstring: str) -> Iterator[str]:
    inside = False
    for entry in _entries(docstring):
        if not entry.startswith(" "):
            inside = bool(_SECTION.fullmatch(entry))
        several = _ENTRY.fullmatch(entry) if inside else None
        if several:
            names, description = several.groups()
            yield from (f"    {name}{description}" for name in names.split(", "))
        else:
            yield entry


def _entries(docstring: str) -> Iterator[str]:
    """The lines of a docstring, those that are further indented with the line before them."""
    number = 0
    lines = []
    for line in docstring.split("\n"):
        number += not line.startswith(" " * 5)
        lines.append((number, line))
    for _, group in groupby(lines, key=lambda each: each[0]):
        yield "\n".join(line for _, line in group)
