"""Grapheme clusters: what a reader takes for one character, such as a family of emoji."""

from array import array
from collections.abc import Iterable, Sequence

from ctxtools._core.fallback.boundaries import cluster_insides


def cluster_ends(text: str, start: int, end: int) -> Sequence[int]:
    """Where each grapheme cluster of ``text[start:end]`` ends; both places are between two."""
    inside = cluster_insides(text[start:end])
    if inside is None:
        return range(start + 1, end + 1)
    return array("I", [place for place in range(start + 1, end + 1) if not inside[place - start]])


def inside_clusters(text: str, places: Iterable[int]) -> set[int]:
    """Those of the places, none of which is 0, that are inside a grapheme cluster."""
    inner, end = set(), 0
    insides: bytearray | None = None
    for place in sorted(p for p in places if text[p - 1] != "\n" and _may_be_inside(text, p)):
        if place >= end:  # a line's end is that of a cluster, too
            start = text.rfind("\n", 0, place) + 1
            end = text.find("\n", place) + 1 or len(text)
            insides = cluster_insides(text[start:end])
        if insides and insides[place - start]:
            inner.add(place)
    return inner


def _may_be_inside(text: str, place: int) -> bool:
    pair = text[place - 1 : place + 1]
    return not pair.isascii() or pair == "\r\n"
