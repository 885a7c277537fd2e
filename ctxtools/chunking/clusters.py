"""Grapheme clusters: what a reader takes for one character, such as a family of emoji."""

from array import array
from collections.abc import Collection, Sequence

from ctxtools.encodings.boundaries import cluster_insides


def cluster_ends(text: str, start: int, end: int) -> Sequence[int]:
    """Where each grapheme cluster of ``text[start:end]`` ends; both places are between two."""
    inside = cluster_insides(text[start:end])
    if inside is None:
        return range(start + 1, end + 1)
    return array("I", [place for place in range(start + 1, end + 1) if not inside[place - start]])


def inside_clusters(text: str, places: Collection[int]) -> set[int]:
    """Those of the places, none at an end of the text, that are inside a grapheme cluster."""
    # Between two characters of ASCII that is only so in a line break; most places are there.
    unsure = [p for p in places if not (pair := text[p - 1 : p + 1]).isascii() or pair == "\r\n"]
    inside = cluster_insides(text) if unsure else None
    return {place for place in unsure if inside[place]} if inside else set()
