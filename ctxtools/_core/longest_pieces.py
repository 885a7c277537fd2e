"""Pieces of a span that has no boundary to cut at, each as long as a limit allows.

Tokens inside a pretoken do not add up, so each piece is counted on its own. Its end is found by
doubling and bisecting: the counts are of a few times the limit, whatever the length of the span.
"""

from collections.abc import Callable, Sequence


def cut_into_pieces(
    start: int, ends: Sequence[int], limit: int, count: Callable[[int, int], int]
) -> list[tuple[int, int]]:
    """The span from ``start`` to the last of ``ends``, in pieces of at most ``limit`` tokens.

    Args:
        start: where the span starts.
        ends: where a piece may end, in order.
        limit: in tokens.
        count: the tokens between two offsets, exactly.

    Returns:
        (end of the piece, its tokens). Where not even the first of ``ends`` fits, that is a piece
        above the limit.
    """
    pieces = []
    done, guess = 0, limit
    while done < len(ends):
        more, tokens = _max_fitting(start, ends, done, limit, guess, count)
        done, guess = done + more, more
        start = ends[done - 1]
        pieces.append((start, tokens))
    return pieces


def _max_fitting(
    start: int,
    ends: Sequence[int],
    done: int,
    limit: int,
    guess: int,
    count: Callable[[int, int], int],
) -> tuple[int, int]:
    """How many more of the ends fit, at least one, and the tokens up to there."""
    left = len(ends) - done
    low, tokens = 0, 0
    high = max(1, min(guess, left))
    while (over := count(start, ends[done + high - 1])) <= limit:
        if high == left:
            return high, over
        low, tokens, high = high, over, min(2 * high, left)
    bisect = False
    while high - low > 1:
        # By turns interpolated and bisected, which is never slow.
        share = high - low if bisect else 2 * (high - low) * (limit - tokens) // (over - tokens)
        middle = min(max(low + share // 2, low + 1), high - 1)
        size = count(start, ends[done + middle - 1])
        if size <= limit:
            low, tokens = middle, size
        else:
            high, over = middle, size
        bisect = not bisect
    return (low, tokens) if low else (1, over)
