"""The longest part of a text that keeps a limit.

Counts add up over the places where a text may be cut, so the limit is met between two neighbouring
cuts. An engine that looks no further than it has to says about where; else the text is counted
piece by piece up to there. Between the two cuts, a longer part may have *fewer* tokens (one letter
more can complete a word that is one token), so every end is tried, the longest part first, and
what is returned has been counted as it is.
"""

from collections.abc import Callable, Sequence

from ctxtools._core.types import NextCut
from ctxtools.encodings.engines.backend import Backend, Side
from ctxtools.encodings.engines.pieces import cut

_TRIED = 1000  # characters; a longer stretch without a cut is searched by halving
_NEAR = 256  # characters at first, on both sides of the place that an engine says


def longest_part(text: str, limit: int, backend: Backend, *, side: Side) -> str:
    """The longest part of the text with at most ``limit`` tokens.

    Args:
        text: the text.
        limit: in tokens, zero or more.
        backend: counts, and knows where a text may be cut.
        side: what is cut off: "right" keeps the start of the text, "left" its end.
    """
    keep, rest = (_first, _last) if side == "right" else (_last, _first)
    kept, piece, limit = _reach(text, limit, backend, side) or _search(text, limit, backend, side)
    if not piece:
        return keep(text, kept)
    cuts = _cuts(piece, backend.next_cut)
    lengths = cuts if side == "right" else [len(piece) - cut for cut in reversed(cuts)]
    low, high = _bisect(lengths, _Fits(backend, piece, keep, limit))
    limit -= backend.count(keep(piece, low))
    stretch = rest(keep(piece, high), high - low)
    return keep(text, kept + low + _longest(stretch, _Fits(backend, stretch, keep, limit)))


def _search(text: str, limit: int, backend: Backend, side: Side) -> tuple[int, str, int]:
    """Where the limit is met: (characters before, a piece that is too long, what is left for it).

    The piece is empty where the whole text keeps the limit.
    """
    pieces = list(cut(text, backend.next_cut)) if side == "left" else cut(text, backend.next_cut)
    kept = 0
    for piece in reversed(pieces) if isinstance(pieces, list) else pieces:
        count = backend.count(piece)
        if count > limit:
            return kept, piece, limit
        kept, limit = kept + len(piece), limit - count
    return kept, "", limit


def _reach(text: str, limit: int, backend: Backend, side: Side) -> tuple[int, str, int] | None:
    """The same from where the engine says that the limit is met; None if it says nothing.

    The piece is grown around that place until it has a cut on each side, of which the one is
    within the limit and the other is not.
    """
    reach = backend.reach(text, limit, side)
    if reach is None:
        return None
    at, near = (reach if side == "right" else len(text) - reach), _NEAR
    while True:
        low, high = max(0, at - near), min(len(text), at + near)
        inner = [low + place for place in _cuts(text[low:high], backend.next_cut)[1:-1]]
        # The ends of the text are cuts as well; those of what is looked at are not.
        start = next((c for c in inner if c <= at), None) if low else 0
        end = next((c for c in reversed(inner) if c >= at), None) if high < len(text) else high
        if start is not None and end is not None:
            outside = text[:start] if side == "right" else text[end:]
            left, count = limit - backend.count(outside), backend.count(text[start:end])
            if 0 <= left < count:
                return len(outside), text[start:end], left
            if (start, end) == (0, len(text)):
                return len(text), "", left
        near *= 8


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


def _cuts(piece: str, next_cut: NextCut | None) -> list[int]:
    """The places where a piece may be cut, from 0 to its length."""
    cuts = [0]
    while next_cut and (cut := next_cut(piece, cuts[-1] + 1)) is not None:
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
