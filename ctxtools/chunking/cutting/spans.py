"""Span: a chunk without its id and its offsets in the document."""

from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """A chunk to be. Offsets are in characters of its look-ahead window.

    A NamedTuple, because a frozen dataclass takes three times as long to create.

    Attributes:
        start: where its slice of the text starts, overlap included.
        body_start: where it starts after the overlap.
        end: where it ends.
        strength: of the cut at its end.
        text: the header and the slice.
        tokens: of the text.
        oversize: it is one character above the limit.
        shortened: it has less overlap than was asked for.
        start_byte, end_byte: start and end in the UTF-8 of the look-ahead window.
        start_line: the number of line feeds before it in the look-ahead window.
        header: what is put before the slice.
        dropped: its header, or a part of it, was left out.
        children: the smaller spans inside.
    """

    start: int
    body_start: int
    end: int
    strength: int
    text: str
    tokens: int
    oversize: bool
    shortened: bool
    start_byte: int
    end_byte: int
    start_line: int
    header: str = ""
    dropped: bool = False
    children: tuple["Span", ...] = ()


def nested(levels: Sequence[Sequence[Span]]) -> Sequence[Span]:
    """The spans of the first level, with those of the next inside them, and so on.

    Args:
        levels: of each size the consecutive spans, the largest first.
    """
    children = levels[-1]
    for level in reversed(levels[:-1]):
        parents, first = [], 0
        for parent in level:
            last = first
            while last < len(children) and children[last].end <= parent.end:
                last += 1
            parents.append(parent._replace(children=tuple(children[first:last])))
            first = last
        children = parents
    return children
