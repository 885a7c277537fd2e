"""Grapheme clusters: what a reader takes for one character, such as a family of emoji.

The rules are those of Unicode's UAX #29, as the module ``regex`` knows them.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any


def cluster_ends(text: str, start: int, end: int) -> Sequence[int]:
    """Where each grapheme cluster of ``text[start:end]`` ends; ``start`` is between two."""
    joining, cluster = _patterns()
    if not joining.search(text, start, end):
        return range(start + 1, end + 1)
    return [match.end() for match in cluster.finditer(text, start, end)]


@cache
def _patterns() -> tuple[Any, Any]:
    """What a text has that has clusters of several characters, and a cluster."""
    import regex

    classes = "".join(
        rf"\p{{GCB={name}}}"
        for name in ("Extend", "ZWJ", "SpacingMark", "Prepend", "RI", "L", "V", "T")
    )
    return regex.compile(rf"[{classes}]|\r\n"), regex.compile(r"\X")
