"""Bin packing over a histogram: how many training windows of which lengths.

The same steps as ``kernel/src/pack/bin_packing.rs``, so that plans are equal; what it does and why
is explained there. The bounds and the stock are in `ctxtools._core.bins`.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ctxtools._core.bins import Stock, counting_bound, lower_bound

NONE = 2**32 - 1
_GOLDEN = 0x9E3779B9  # of 2**32: multiples are spread evenly


@dataclass(slots=True)
class Packing:
    """Bins, in groups of the same content: a group is the last of a chain of nodes.

    Attributes:
        nodes: (parent, class, items): items of a class, put into bins that held the parent's.
        groups: (the last node, number of bins).
    """

    nodes: list[tuple[int, int, int]] = field(default_factory=list)
    groups: list[tuple[int, int]] = field(default_factory=list)

    @property
    def bins(self) -> int:
        """The number of bins."""
        return sum(bins for _, bins in self.groups)

    def chain(self, last: int) -> Iterator[tuple[int, int]]:
        """(class, items) of a group, from the last to the first."""
        while last != NONE:
            last, number, items = self.nodes[last]
            yield number, items

    def push(self, parent: int, number: int, items: int) -> int:
        """Adds a node."""
        self.nodes.append((parent, number, items))
        return len(self.nodes) - 1


def pack(
    sizes: Sequence[int], counts: Sequence[int], capacity: int, max_items: int
) -> tuple[Packing, int]:
    """Packs into few bins; and the lower bound of their number.

    Args:
        sizes: those that occur, ascending, each from 1 to the capacity.
        counts, capacity, max_items: as in `lower_bound`.
    """
    bound = lower_bound(sizes, counts, capacity, max_items)
    best = best_fit(sizes, counts, capacity, max_items)
    for start_varies in (False, True):
        if best.bins == bound or best.bins <= counting_bound(sizes, counts, capacity):
            break
        other = fill(sizes, counts, capacity, max_items, start_varies=start_varies)
        if other.bins < best.bins:
            best = other
    return best, bound


def best_fit(sizes: Sequence[int], counts: Sequence[int], capacity: int, max_items: int) -> Packing:
    """Best-fit decreasing: the largest first, each into the fullest bin that it fits into."""
    packing = Packing()
    open_fills: list[int] = []  # what remains in open bins, sorted
    groups: dict[int, list[tuple[int, int, int]]] = {}  # remaining -> (last node, bins, items each)
    for number in range(len(sizes) - 1, -1, -1):
        size, left = sizes[number], counts[number]
        while left > 0:
            at = bisect_left(open_fills, size)
            found = at < len(open_fills)
            remaining = open_fills[at] if found else capacity
            last, alike, held = groups[remaining].pop() if found else (NONE, left, 0)
            fit = min(remaining // size, max_items - held)
            each, bins = (fit, min(alike, left // fit)) if left >= fit else (left, 1)
            left -= each * bins
            if found and alike > bins:
                groups[remaining].append((last, alike - bins, held))
            elif found and not groups[remaining]:
                del open_fills[at], groups[remaining]
            node = packing.push(last, number, each)
            remaining, held = remaining - each * size, held + each
            if remaining < sizes[0] or held == max_items:
                packing.groups.append((node, bins))
                continue
            if remaining not in groups:
                open_fills.insert(bisect_left(open_fills, remaining), remaining)
                groups[remaining] = []
            groups[remaining].append((node, bins, held))
    packing.groups += [
        (last, bins) for remaining in open_fills for last, bins, _ in groups[remaining]
    ]
    return packing


def fill(
    sizes: Sequence[int],
    counts: Sequence[int],
    capacity: int,
    max_items: int,
    *,
    start_varies: bool,
) -> Packing:
    """Fills one bin after the other: the largest item that is left, then those that fill it best.

    Args:
        start_varies: start the search for those at a different size for each bin, not at half of
            what remains.
    """
    packing = Packing()
    stock = Stock(list(sizes), list(counts), list(range(len(sizes))), start_varies)
    while stock.sizes:
        content = stock.fill_bin(capacity, max_items)
        bins = min(stock.counts[slot] // items for slot, items in content)
        node = NONE
        for slot, items in content:
            node = packing.push(node, stock.classes[slot], items)
            stock.take(slot, items * bins)
        packing.groups.append((node, bins))
        stock.turn = (stock.turn + _GOLDEN) % 2**32
        stock.compact()
    return packing
