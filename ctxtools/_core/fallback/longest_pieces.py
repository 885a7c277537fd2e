"""Parts of a stretch that has no boundary to cut at, each as long as a limit allows.

Tokens inside a pretoken do not add up, so each part is counted as it is. A part's end is found by
doubling and halving: the counts are of a few times the limit, whatever the length of the stretch.
"""

from collections.abc import Callable, Sequence


def cut_into_pieces(
    start: int, ends: Sequence[int], limit: int, count: Callable[[int, int], int]
) -> list[tuple[int, int]]:
    """The stretch from ``start`` to the last of ``ends``, in parts of at most ``limit`` tokens.

    Args:
        start: where the stretch starts.
        ends: where a part may end, in order.
        limit: in tokens.
        count: the tokens between two places, exactly.

    Returns:
        (end of the part, its tokens). Where not even the first of ``ends`` fits, that is a part
        above the limit.
    """
    pieces = []
    done, likely = 0, limit
    while done < len(ends):
        more, tokens = _longest(start, ends, done, limit, likely, count)
        done, likely = done + more, more
        start = ends[done - 1]
        pieces.append((start, tokens))
    return pieces


def _longest(
    start: int,
    ends: Sequence[int],
    done: int,
    limit: int,
    likely: int,
    count: Callable[[int, int], int],
) -> tuple[int, int]:
    """How many more of the ends fit, at least one, and the tokens up to there."""
    left = len(ends) - done
    low, tokens = 0, 0
    high = max(1, min(likely, left))
    while (over := count(start, ends[done + high - 1])) <= limit:
        if high == left:
            return high, over
        low, tokens, high = high, over, min(2 * high, left)
    halve = False
    while high - low > 1:
        # By turns where it is likely to be, and half way, which is never slow.
        share = high - low if halve else 2 * (high - low) * (limit - tokens) // (over - tokens)
        middle = min(max(low + share // 2, low + 1), high - 1)
        size = count(start, ends[done + middle - 1])
        if size <= limit:
            low, tokens = middle, size
        else:
            high, over = middle, size
        halve = not halve
    return (low, tokens) if low else (1, over)
