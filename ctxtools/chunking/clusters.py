"""Grapheme clusters: what a reader takes for one character, such as a family of emoji."""

from array import array
from collections.abc import Sequence

from ctxtools.encodings.boundaries import cluster_insides


def cluster_ends(text: str, start: int, end: int) -> Sequence[int]:
    """Where each grapheme cluster of ``text[start:end]`` ends; both places are between two."""
    inside = cluster_insides(text[start:end])
    if inside is None:
        return range(start + 1, end + 1)
    return array("I", [place for place in range(start + 1, end + 1) if not inside[place - start]])
