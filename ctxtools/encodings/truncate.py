"""The longest prefix or suffix of a text within a limit.

Counts add up over safe splits, so the limit is reached between two neighbouring ones. An
engine that reads no further than the limit says about where; otherwise the text is counted piece by
piece up to there. Between those two, a longer text may have *fewer* tokens (one more letter can
complete a word that is one token), so every length is tried, the longest first, and what is
returned was itself counted.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from ctxtools._core.types import NextSplit
from ctxtools.encodings.engines.backend import Backend, Side
from ctxtools.encodings.engines.pieces import pieces_of

_TRIED = 1000  # characters; a longer span without a safe split is searched by halving
_NEAR = 256  # characters looked at first, on both sides of the engine's estimate


def truncate(text: str, limit: int, backend: Backend, *, side: Side) -> str:
    """The longest prefix or suffix of a text with at most ``limit`` tokens.

    Args:
        text: the text.
        limit: in tokens, zero or more.
        backend: counts, and knows safe splits.
        side: what is cut off: "right" keeps the start of the text, "left" its end.
    """
    keep, drop = (_first, _last) if side == "right" else (_last, _first)
    found = _estimate(text, limit, backend, side) or _search(text, limit, backend, side)
    kept, piece, remaining = found
    if not piece:
        return keep(text, kept)
    splits = _splits(piece, backend.next_split)
    lengths = splits if side == "right" else [len(piece) - split for split in reversed(splits)]
    low, high = _bisect(lengths, _Fits(backend, piece, keep, remaining))
    remaining -= backend.count(keep(piece, low))
    span = drop(keep(piece, high), high - low)
    return keep(text, kept + low + _longest(span, _Fits(backend, span, keep, remaining)))


def _search(text: str, limit: int, backend: Backend, side: Side) -> tuple[int, str, int]:
    """Where the limit is exceeded, found by counting.

    Returns:
        (characters kept before it, the piece that exceeds it, the tokens that remain for that).
        The piece is empty where the whole text is within the limit.
    """
    pieces = pieces_of(text, backend.next_split)
    kept = 0
    for piece in reversed([*pieces]) if side == "left" else pieces:
        count = backend.count(piece)
        if count > limit:
            return kept, piece, limit
        kept, limit = kept + len(piece), limit - count
    return kept, "", limit


def _estimate(text: str, limit: int, backend: Backend, side: Side) -> tuple[int, str, int] | None:
    """The same as ``_search``, from the engine's estimate; None if it has none.

    The piece grows around the estimate until it has a safe split on each side, one of them within
    the limit and the other not.
    """
    length = backend.estimate_length(text, limit, side)
    if length is None:
        return None
    at, near = (length if side == "right" else len(text) - length), _NEAR
    while True:
        low, high = max(0, at - near), min(len(text), at + near)
        inner = [low + offset for offset in _splits(text[low:high], backend.next_split)[1:-1]]
        # The ends of the text are safe too; the ends of the searched span are not.
        start = next((c for c in inner if c <= at), None) if low else 0
        end = next((c for c in reversed(inner) if c >= at), None) if high < len(text) else high
        if start is not None and end is not None:
            outside = text[:start] if side == "right" else text[end:]
            remaining, count = limit - backend.count(outside), backend.count(text[start:end])
            if 0 <= remaining < count:
                return len(outside), text[start:end], remaining
            if (start, end) == (0, len(text)):
                return len(text), "", remaining
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


def _splits(piece: str, next_split: NextSplit | None) -> list[int]:
    """The safe splits of a piece, its start and end included."""
    splits = [0]
    while next_split and (split := next_split(piece, splits[-1] + 1)) is not None:
        splits.append(split)
    return [*splits, len(piece)]


def _bisect(lengths: Sequence[int], fits: Callable[[int], bool]) -> tuple[int, int]:
    """Neighbours of which the first fits and the second does not, as the first and last do."""
    high = bisect_left(lengths, True, 1, len(lengths) - 1, key=lambda n: not fits(n))
    return lengths[high - 1], lengths[high]


def _longest(span: str, fits: Callable[[int], bool]) -> int:
    """The greatest number of characters, fewer than all of them, that fit."""
    if len(span) > _TRIED:
        return _bisect(range(len(span) + 1), fits)[0]
    return next(n for n in range(len(span) - 1, -1, -1) if fits(n))
