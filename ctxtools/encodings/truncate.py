"""The longest part of a text that keeps a limit.

Counts add up over the places where a text may be cut, so sums and a binary search lead to the two
neighbouring cuts between which the limit is met. Between those, a longer part may have *fewer*
tokens (one letter more can complete a word that is one token), so every end is tried, the longest
part first, and what is returned has been counted as it is.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from ctxtools.encodings.backend import Backend

Side = Literal["left", "right"]

_TRIED = 1000  # characters; a longer stretch without a cut is searched by halving


def longest_part(
    text: str, limit: int, backend: Backend, pieces: Iterable[str], *, side: Side
) -> str:
    """The longest part of the text with at most ``limit`` tokens.

    Args:
        text: the text.
        limit: in tokens, zero or more.
        backend: counts, and knows where a text may be cut.
        pieces: the text in pieces whose counts add up.
        side: what is cut off: "right" keeps the start of the text, "left" its end.
    """
    keep, rest = (_first, _last) if side == "right" else (_last, _first)
    kept = 0
    for piece in pieces if side == "right" else reversed(list(pieces)):
        count = backend.count(piece)
        if count > limit:
            cuts = _cuts(piece, backend)
            lengths = cuts if side == "right" else [len(piece) - cut for cut in reversed(cuts)]
            low, high = _bisect(lengths, _Fits(backend, piece, keep, limit))
            limit -= backend.count(keep(piece, low))
            stretch = rest(keep(piece, high), high - low)
            return keep(text, kept + low + _longest(stretch, _Fits(backend, stretch, keep, limit)))
        kept, limit = kept + len(piece), limit - count
    return text


def _first(text: str, n: int) -> str:
    return text[:n]


def _last(text: str, n: int) -> str:
    return text[len(text) - n :]


class _Fits:
    """Whether the first (or last) n characters of a text are within a limit."""

    def __init__(
        self, backend: Backend, text: str, keep: Callable[[str, int], str], limit: int
    ) -> None:
        self._backend, self._text, self._keep, self._limit = backend, text, keep, limit

    def __call__(self, n: int) -> bool:
        return n == 0 or self._backend.count(self._keep(self._text, n)) <= self._limit


def _cuts(piece: str, backend: Backend) -> list[int]:
    """The places where a piece may be cut, from 0 to its length."""
    cuts = [0]
    while backend.next_cut and (cut := backend.next_cut(piece, cuts[-1] + 1)) is not None:
        cuts.append(cut)
    return [*cuts, len(piece)]


def _bisect(lengths: Sequence[int], fits: Callable[[int], bool]) -> tuple[int, int]:
    """Neighbours of which the first fits and the second does not, as the first and last do."""
    low, high = 0, len(lengths) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(lengths[middle]) else (low, middle)
    return lengths[low], lengths[high]


def _longest(stretch: str, fits: Callable[[int], bool]) -> int:
    """The greatest number of characters, fewer than all of them, that fit."""
    if len(stretch) > _TRIED:
        return _bisect(range(len(stretch) + 1), fits)[0]
    return next(n for n in range(len(stretch) - 1, -1, -1) if fits(n))
