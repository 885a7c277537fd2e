"""Grapheme clusters (UAX #29): what a reader takes for one character, such as a family of emoji."""

from array import array
from functools import cache
from typing import Any

# Characters between two of which there is always a boundary, except in "\r\n": they are not marks,
# joiners, regional indicators or Hangul jamo.
_PLAIN = (
    "\x00-\u02ff\u0370-\u0482\u048a-\u058f\u2010-\u2027\u2030-\u205f"
    "\u3000-\u3029\u3041-\u3096\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uff9d"
)
_REGIONAL_INDICATORS = "\U0001f1e6-\U0001f1ff"


def cluster_ends(text: str, start: int, end: int) -> "array[int]":
    """Where each grapheme cluster of ``text[start:end]`` ends; both offsets are between two."""
    inside = cluster_insides(text[start:end])
    offsets = range(start + 1, end + 1)
    return array("I", [at for at in offsets if not inside[at - start]] if inside else offsets)


def cluster_insides(text: str) -> bytearray | None:
    """A byte for each offset of a text, 1 inside a cluster; None if no offset is inside one.

    ``\\X`` takes time quadratic in a run of regional indicators, so flags are paired separately.
    """
    tools = _cluster_tools()
    found: bytearray | None = None
    for match in tools.special.finditer(text):
        # With one more character on each side, which may belong to the cluster.
        start = max(0, match.start() - 1)
        # A regional indicator affects any other neighbour like a letter does.
        special = tools.flags.sub(lambda run: "x" * len(run[0]), text[start : match.end() + 1])
        for cluster in tools.cluster.finditer(special):
            length = cluster.end() - cluster.start()
            if length > 1:
                found = found or bytearray(len(text) + 1)
                begin = start + cluster.start() + 1
                found[begin : begin + length - 1] = b"\x01" * (length - 1)
        for run in tools.flags.finditer(text, match.start(), match.end()):
            inside = range(run.start() + 1, run.end(), 2)
            if inside:
                found = found or bytearray(len(text) + 1)
                found[inside.start : inside.stop : 2] = b"\x01" * len(inside)
    return found


class _ClusterTools:
    """The compiled patterns; ``regex`` is imported when they are first used."""

    def __init__(self) -> None:
        import re

        import regex

        self.cluster: Any = regex.compile(r"\X")
        self.special = re.compile(f"[^{_PLAIN}]+|\r\n")
        self.flags = re.compile(f"[{_REGIONAL_INDICATORS}]+")


@cache
def _cluster_tools() -> _ClusterTools:
    return _ClusterTools()
