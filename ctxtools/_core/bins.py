"""Bin packing in Python, with or without a kernel: limits and lower bounds, and a stock of items to
fill from.

The algorithms are those of ``kernel/src/pack/bin_packing.rs``, where their reasons are given.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_MAX_PAIRS = 300
_MAX_COUNTED = 8
# Documents may be split into as many pieces as this, and so many more for each of them. One number
# says how many pieces a document has: without a limit a line of ten digits takes all memory.
_MAX_PIECES = 2**24
_PIECES_PER_DOCUMENT = 64

Content = list[tuple[int, int]]  # (slot of the stock, items taken from it)


def max_pieces(documents: int) -> int:
    """The limit of the pieces of so many documents, in all."""
    return min(_MAX_PIECES + _PIECES_PER_DOCUMENT * documents, 2**32 - 2)


def lower_bound(sizes: Sequence[int], counts: Sequence[int], capacity: int, max_items: int) -> int:
    """The larger of the bound L2 of Martello and Toth (1990) and that from ``max_items``.

    Args:
        sizes: the distinct sizes, ascending.
        counts: how often each occurs.
        capacity: of a bin, in the unit of the sizes.
        max_items: the maximum number of items in a bin.
    """
    half = bisect_right(sizes, capacity // 2)
    large = partners = sum(counts[half:])
    partners_volume = sum(s * n for s, n in zip(sizes[half:], counts[half:], strict=True))
    small_volume = sum(s * n for s, n in zip(sizes[:half], counts[:half], strict=True))
    sharing, bound = len(sizes), large
    for i in range(half + 1):
        min_size = sizes[i] if i < half else capacity // 2 + 1
        while sharing > half and sizes[sharing - 1] > capacity - min_size:
            sharing -= 1
            partners -= counts[sharing]
            partners_volume -= sizes[sharing] * counts[sharing]
        excess = max(0, small_volume - (partners * capacity - partners_volume))
        bound = max(bound, large + -(-excess // max(capacity, 1)))
        if i < half:
            small_volume -= sizes[i] * counts[i]
    return max(bound, -(-sum(counts) // max_items))


def counting_bound(sizes: Sequence[int], counts: Sequence[int], capacity: int) -> int:
    """The bound of Fekete and Schepers (2001) by their function phi, of up to 8 items in a bin.

    Args:
        sizes, counts, capacity: as in `lower_bound`.
    """
    half = bisect_right(sizes, capacity // 2)
    bound = 0
    for items in range(2, min(_MAX_COUNTED, capacity) + 1):
        min_size = capacity // (items + 1) + 1
        weight = sum(counts[min(bisect_left(sizes, min_size), half) : half])
        for size, n in zip(sizes[half:], counts[half:], strict=True):
            weight += (items - min((capacity - size) // min_size, items)) * n
        bound = max(bound, -(-weight // items))
    return bound


@dataclass(slots=True)
class Stock:
    """The items that are in no bin yet: a slot for each size, some of them empty.

    Attributes:
        sizes: of each slot's items, ascending.
        counts: the items of each slot.
        classes: the number by which the caller knows each slot.
        start_varies: start the search for a pair at a different size for each bin.
        max_pairs: that are tried to fill a bin.
        empty: the number of empty slots.
        turn: where the next search for a pair starts, as a share of the sizes in 32 bits.
    """

    sizes: list[int]
    counts: list[int]
    classes: list[int]
    start_varies: bool
    max_pairs: int = _MAX_PAIRS
    empty: int = 0
    turn: int = 0

    def at_or_below(self, slot: int) -> int:
        """The first slot with items from ``slot`` downwards; -1 if there is none."""
        while slot >= 0 and not self.counts[slot]:
            slot -= 1
        return slot

    def at_or_above(self, slot: int) -> int:
        """The same upwards; the number of slots if there is none."""
        counts = self.counts
        while slot < len(counts) and not counts[slot]:
            slot += 1
        return slot

    def largest_fitting(self, remaining: int) -> int:
        """The slot of the largest item that fits; -1 if there is none."""
        return self.at_or_below(bisect_right(self.sizes, remaining) - 1)

    def add(self, size: int) -> None:
        """Puts an item in."""
        slot = bisect_left(self.sizes, size)
        if slot == len(self.sizes) or self.sizes[slot] != size:
            self.sizes.insert(slot, size)
            self.counts.insert(slot, 0)
            self.classes.insert(slot, 0)
            self.empty += 1
        self.empty -= not self.counts[slot]
        self.counts[slot] += 1

    def take(self, slot: int, items: int) -> None:
        """Takes items out."""
        self.counts[slot] -= items
        self.empty += not self.counts[slot]

    def compact(self) -> None:
        """Drops empty slots: the last ones at once, others once they are the majority."""
        while self.counts and not self.counts[-1]:
            del self.sizes[-1], self.counts[-1], self.classes[-1]
            self.empty -= 1
        if self.empty * 2 > len(self.sizes):
            kept = [slot for slot, count in enumerate(self.counts) if count]
            self.sizes = [self.sizes[slot] for slot in kept]
            self.classes = [self.classes[slot] for slot in kept]
            self.counts = [self.counts[slot] for slot in kept]
            self.empty = 0

    def fill_bin(self, capacity: int, max_items: int, first: int = -1) -> Content:
        """The content of a bin: an item of slot ``first``, by default the largest, and what fills
        the rest best. The stock stays as it was."""
        first %= len(self.sizes)
        path, remaining, items_left = [(first, 1)], capacity - self.sizes[first], max_items - 1
        self.counts[first] -= 1
        pair: tuple[int, int, Content] | None = None  # what it leaves, steps of the path before it
        while items_left > 0 and (slot := self.largest_fitting(remaining)) >= 0:
            size, items = self.sizes[slot], 1
            if size < remaining <= 2 * size and items_left > 1:
                found = self.find_pair(remaining)
                if found and (pair is None or found[0] < pair[0]):
                    pair = (found[0], len(path), found[1])
                    if found[0] == 0:
                        break
            elif remaining > 2 * size:
                items = min((remaining - size - 1) // size, self.counts[slot], items_left)
            self.counts[slot] -= items
            path.append((slot, items))
            remaining -= items * size
            items_left -= items
        for slot, items in path:
            self.counts[slot] += items
        if pair and pair[0] < remaining:
            path = path[: pair[1]] + pair[2]
        return _merge(path)

    def find_pair(self, remaining: int) -> tuple[int, Content] | None:
        """The two items that fill a bin best, among ``max_pairs``, and what they leave."""
        half = remaining // 2
        min_size = remaining - half + (half * self.turn >> 32 if self.start_varies else 0)
        sizes, counts = self.sizes, self.counts
        large = self.at_or_above(bisect_left(sizes, min_size))
        small = self.largest_fitting(remaining - min_size)
        best: tuple[int, Content] | None = None
        for _ in range(self.max_pairs):
            if large == len(sizes) or small < 0:
                break
            left = remaining - sizes[large] - sizes[small]
            if left < 0:
                small = self.at_or_below(small - 1)
                continue
            if (large != small or counts[large] > 1) and (best is None or left < best[0]):
                best = left, [(large, 1), (small, 1)]
                if left == 0:
                    break
            large = self.at_or_above(large + 1)
        return best


def _merge(content: Content) -> Content:
    """Each slot once, the largest first."""
    items: dict[int, int] = {}
    for slot, n in content:
        items[slot] = items.get(slot, 0) + n
    return sorted(items.items(), reverse=True)
