"""Searching the texts of a family for a pattern, where the kernel finds how its matches start."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ctxtools import _core


def find_all(
    pattern: re.Pattern[str], literals: Sequence[str], texts: Sequence[str], threads: int
) -> Iterator[list[Any]]:
    """What ``pattern.findall`` finds in each text, in a fraction of the time.

    Args:
        pattern: whose matches each start with one of the literals, and have one group.
        literals: some ASCII characters each.
        texts: to search.
        threads: how many may work; 0 is one per core.
    """
    offsets = _core.find_literals([*texts], [*literals], threads)
    for text, each in zip(texts, offsets, strict=True):
        found, end = [], 0
        for offset in each:
            if offset >= end and (match := pattern.match(text, offset)):
                found.append(match[1])
                end = match.end()
        yield found
