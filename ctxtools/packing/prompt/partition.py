"""The fewest parts of a capacity that hold some items, and sizes that are even.

In their order, where that takes no more parts than any other way: what belongs together is mostly
together there. Otherwise by best fit, the largest first, and by a bounded search for one part less
as long as the lower bound leaves hope (Martello and Toth 1990, "Knapsack Problems", chapter 8).
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from itertools import accumulate

_NODES = 20_000  # of the search for one part less

Parts = list[list[int]]  # the items of each part, by number


def fewest_parts(
    sizes: Sequence[int], saved: Sequence[int], capacity: int, number: int | None = None
) -> Parts | None:
    """Items in as few parts as were found, in any order, of sizes that are even.

    Args:
        sizes: each at most the capacity.
        saved: what an item takes less behind the one before it, in the same part; not 0 for
            items that are stretches of one thing, which stay in their order.
        capacity: of a part.
        number: how many parts there may be; None is as few as possible.

    Returns:
        The parts, or None where there would be more.
    """
    loose = [i for i in range(len(sizes)) if not saved[i] and not any(saved[i + 1 : i + 2])]
    best = _pour(sizes, saved, loose, capacity)
    if len(loose) == len(sizes):
        least = max(lower_bound(sizes, capacity), number or 0)
        while len(best) > least and (fewer := _search(sizes, capacity, len(best) - 1)):
            best = fewer
    most = number or len(best)
    even = _tightest(sizes, most, capacity, lambda c: _pour(sizes, saved, loose, c), saved)
    best = even or best
    return best if len(best) <= most else None


def parts_in_order(
    sizes: Sequence[int], saved: Sequence[int], capacity: int, number: int | None = None
) -> Parts | None:
    """Items in as few parts as their order allows, of sizes that are even.

    Args:
        sizes: each at most the capacity.
        saved: what an item takes less behind the one before it, in the same part.
        capacity: of a part.
        number: how many parts there may be; None is as few as possible.

    Returns:
        The parts, or None where there would be more.
    """
    if not sizes:
        return []
    fewest = _in_order(sizes, saved, capacity)
    if number is not None and len(fewest) > number:
        return None
    most = number or len(fewest)
    return _tightest(sizes, most, capacity, lambda c: _in_order(sizes, saved, c), saved) or fewest


def lower_bound(sizes: Sequence[int], capacity: int) -> int:
    """A number of parts that no way to part the items can beat: L2 of Martello and Toth."""
    ordered = sorted(sizes)
    sums = [0, *accumulate(ordered)]
    best = -(-sums[-1] // capacity)
    n = len(ordered)
    half = bisect_right(ordered, capacity // 2)
    for k in {0, *(size for size in ordered[:half])}:
        # Items above capacity - k share a part with none of k or more; those above half of it
        # share one with none of each other.
        large = bisect_right(ordered, capacity - k)
        start = bisect_left(ordered, k)
        middle = sums[large] - sums[half]
        small = sums[half] - sums[min(start, half)]
        free = (large - half) * capacity - middle
        best = max(best, n - half + max(0, -(-(small - free) // capacity)))
    return best


def _in_order(sizes: Sequence[int], saved: Sequence[int], capacity: int) -> Parts:
    parts: Parts = [[]]
    room = capacity
    for i, size in enumerate(sizes):
        if parts[-1] and size - saved[i] > room:
            parts.append([])
            room = capacity
        room -= size - saved[i] if parts[-1] else size
        parts[-1].append(i)
    return parts


def _pour(sizes: Sequence[int], saved: Sequence[int], loose: list[int], capacity: int) -> Parts:
    """Loose items by best fit, the largest first; then the others, in order, into what is left."""
    parts: Parts = []
    rooms: list[tuple[int, int]] = []  # (what is left, part), sorted
    for i in sorted(loose, key=lambda i: (-sizes[i], i)):
        at = bisect_left(rooms, (sizes[i], -1))
        if at < len(rooms):
            left, part = rooms.pop(at)
        else:
            left, part = capacity, len(parts)
            parts.append([])
        parts[part].append(i)
        insort(rooms, (left - sizes[i], part))
    if len(loose) == len(sizes):
        return sorted(sorted(part) for part in parts)
    left_of = {part: left for left, part in rooms}
    part, fixed = 0, set(loose)
    behind = -1  # the item before, where it is in this part
    for i, size in enumerate(sizes):
        if i in fixed:
            continue
        while left_of.get(part, capacity) < size - (saved[i] if behind == i - 1 else 0):
            part, behind = part + 1, -2
        left_of.setdefault(part, capacity)
        if part == len(parts):
            parts.append([])
        left_of[part] -= size - (saved[i] if behind == i - 1 else 0)
        parts[part].append(i)
        behind = i
    return [sorted(part) for part in parts]


def _tightest(
    sizes: Sequence[int],
    number: int,
    capacity: int,
    place: Callable[[int], Parts],
    saved: Sequence[int] = (),
) -> Parts | None:
    """The parts of the least capacity at which a way of placing needs at most ``number``."""
    total = sum(sizes) - sum(saved)
    span = range(max(max(sizes, default=0), -(-total // max(number, 1))), capacity + 1)
    # Not quite monotonous for best fit: what is found is checked.
    at = bisect_left(span, True, key=lambda c: len(place(c)) <= number)
    found = place(span[min(at, len(span) - 1)]) if span else []
    return found if found and len(found) <= number else None


def _search(sizes: Sequence[int], capacity: int, number: int) -> Parts | None:
    """Items in ``number`` parts, by trying the largest item in each part; None if not found."""
    order = sorted(range(len(sizes)), key=lambda i: (-sizes[i], i))
    rooms = [capacity] * number
    placed: list[int] = []  # the part of each item so far
    tried = 0
    spare = capacity * number - sum(sizes)
    if spare < 0:
        return None
    start = 0
    while len(placed) < len(order):
        tried += 1
        if tried > _NODES:
            return None
        size = sizes[order[len(placed)]]
        seen = {rooms[part] for part in range(start)}
        part = next(
            (p for p in range(start, number) if rooms[p] >= size and rooms[p] not in seen), None
        )
        if part is not None:
            rooms[part] -= size
            placed.append(part)
            start = 0
            continue
        if not placed:
            return None
        last = placed.pop()
        rooms[last] += sizes[order[len(placed)]]
        start = last + 1
    parts: Parts = [[] for _ in range(number)]
    for i, part in zip(order, placed, strict=True):
        parts[part].append(i)
    return sorted(sorted(part) for part in parts if part)
