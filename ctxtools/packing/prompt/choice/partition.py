"""The fewest parts of a capacity that hold some items, of sizes that are even.

In their order, where that takes no more parts than any other way: what belongs together is mostly
adjacent. Otherwise by best fit, the largest first, and by a bounded search for one part fewer
as long as the lower bound leaves hope (Martello and Toth 1990, "Knapsack Problems", chapter 8).
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Sequence

from ctxtools._core import bins
from ctxtools._core.types import UNLIMITED

_MAX_NODES = 20_000  # of the search for one part fewer

Parts = list[list[int]]  # the items of each part, by number


def fewest_parts(
    sizes: Sequence[int], savings: Sequence[int], capacity: int, number: int | None = None
) -> Parts | None:
    """Items in as few parts as were found, in any order, of sizes that are even.

    Args:
        sizes: each at most the capacity.
        savings: what an item takes less right after the one before it, in the same part; not 0 for
            items that are spans of one thing, which stay in their order.
        capacity: of a part.
        number: how many parts there may be; None is as few as possible.

    Returns:
        The parts, or None where there would be more.
    """
    free = [i for i in range(len(sizes)) if not savings[i] and not any(savings[i + 1 : i + 2])]
    best = _best_fit(sizes, savings, free, capacity)
    if len(free) == len(sizes):
        fewest = max(lower_bound(sizes, capacity), number or 0)
        while len(best) > fewest and (fewer := _search(sizes, capacity, len(best) - 1)):
            best = fewer
    limit = number or len(best)
    even = _even(sizes, savings, limit, capacity, lambda c: _best_fit(sizes, savings, free, c))
    best = even or best
    return best if len(best) <= limit else None


def parts_in_order(
    sizes: Sequence[int], savings: Sequence[int], capacity: int, number: int | None = None
) -> Parts | None:
    """Items in as few parts as their order allows, of sizes that are even.

    Arguments and result are those of `fewest_parts`.
    """
    if not sizes:
        return []
    fewest = _in_order(sizes, savings, capacity)
    if number is not None and len(fewest) > number:
        return None
    limit = number or len(fewest)
    return _even(sizes, savings, limit, capacity, lambda c: _in_order(sizes, savings, c)) or fewest


def lower_bound(sizes: Sequence[int], capacity: int) -> int:
    """A number of parts below which no partition of the items exists."""
    counts = sorted(Counter(sizes).items())
    return bins.lower_bound(
        [size for size, _ in counts], [count for _, count in counts], capacity, UNLIMITED
    )


def _in_order(sizes: Sequence[int], savings: Sequence[int], capacity: int) -> Parts:
    parts: Parts = [[]]
    remaining = capacity
    for i, size in enumerate(sizes):
        if parts[-1] and size - savings[i] > remaining:
            parts.append([])
            remaining = capacity
        remaining -= size - savings[i] if parts[-1] else size
        parts[-1].append(i)
    return parts


def _best_fit(
    sizes: Sequence[int], savings: Sequence[int], free: list[int], capacity: int
) -> Parts:
    """Free items by best fit, the largest first; then the others in order, into what remains."""
    parts: Parts = []
    fills: list[tuple[int, int]] = []  # (remaining, part), sorted
    for i in sorted(free, key=lambda i: (-sizes[i], i)):
        at = bisect_left(fills, (sizes[i], -1))
        if at < len(fills):
            remaining, part = fills.pop(at)
        else:
            remaining, part = capacity, len(parts)
            parts.append([])
        parts[part].append(i)
        insort(fills, (remaining - sizes[i], part))
    if len(free) == len(sizes):
        return sorted(sorted(part) for part in parts)
    remaining_of = {part: remaining for remaining, part in fills}
    part, is_free = 0, set(free)
    previous = -1  # the item before, where it is in this part
    for i, size in enumerate(sizes):
        if i in is_free:
            continue
        while remaining_of.get(part, capacity) < size - (savings[i] if previous == i - 1 else 0):
            part, previous = part + 1, -2
        remaining_of.setdefault(part, capacity)
        if part == len(parts):
            parts.append([])
        remaining_of[part] -= size - (savings[i] if previous == i - 1 else 0)
        parts[part].append(i)
        previous = i
    return [sorted(part) for part in parts]


def _even(
    sizes: Sequence[int],
    savings: Sequence[int],
    number: int,
    capacity: int,
    partition: Callable[[int], Parts],
) -> Parts | None:
    """The parts of the smallest capacity at which ``partition`` needs at most ``number``."""
    total = sum(sizes) - sum(savings)
    capacities = range(max(max(sizes, default=0), -(-total // max(number, 1))), capacity + 1)
    # Best fit is not quite monotonic: what is found is checked.
    at = bisect_left(capacities, True, key=lambda c: len(partition(c)) <= number)
    found = partition(capacities[min(at, len(capacities) - 1)]) if capacities else []
    return found if found and len(found) <= number else None


def _search(sizes: Sequence[int], capacity: int, number: int) -> Parts | None:
    """Items in ``number`` parts, by trying the largest item in each part; None if not found."""
    if sum(sizes) > capacity * number:
        return None
    order = sorted(range(len(sizes)), key=lambda i: (-sizes[i], i))
    remaining = [capacity] * number
    placed: list[int] = []  # the part of each item so far
    nodes = start = 0
    while len(placed) < len(order):
        nodes += 1
        if nodes > _MAX_NODES:
            return None
        size = sizes[order[len(placed)]]
        tried = {remaining[part] for part in range(start)}
        part = next(
            (p for p in range(start, number) if remaining[p] >= size and remaining[p] not in tried),
            None,
        )
        if part is not None:
            remaining[part] -= size
            placed.append(part)
            start = 0
            continue
        if not placed:
            return None
        last = placed.pop()
        remaining[last] += sizes[order[len(placed)]]
        start = last + 1
    parts: Parts = [[] for _ in range(number)]
    for i, part in zip(order, placed, strict=True):
        parts[part].append(i)
    return sorted(sorted(part) for part in parts if part)
