"""Bin packing over a histogram: how many windows of which lengths. The kernel's twin.

This is ``kernel/src/bins.rs`` for where there is no kernel, step by step, so that plans are equal
with and without it. What it does and why is told there; a change here is a change there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

NONE = 2**32 - 1
_TRIES = 300
_COUNTED = 8
_GOLDEN = 0x9E3779B9


@dataclass(slots=True)
class Packing:
    """Bins, in groups that hold the same: a group is the last of a chain of nodes.

    Attributes:
        nodes: (parent, class, items): so many items of a class, put into bins that already held
            the parent's.
        groups: (the last node, how many bins there are like this).
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


def lower_bound(sizes: Sequence[int], counts: Sequence[int], capacity: int, most: int) -> int:
    """The bound L2 of Martello and Toth (1990), and that of at most ``most`` items to a bin.

    Args:
        sizes: that occur, ascending.
        counts: how many there are of each.
        capacity: of a bin, in the unit of the sizes.
        most: items of a bin.
    """
    half = bisect_right(sizes, capacity // 2)
    large = partners = sum(counts[half:])
    partners_volume = sum(s * n for s, n in zip(sizes[half:], counts[half:], strict=True))
    small_volume = sum(s * n for s, n in zip(sizes[:half], counts[:half], strict=True))
    sharing, bound = len(sizes), large
    for i in range(half + 1):
        least = sizes[i] if i < half else capacity // 2 + 1
        while sharing > half and sizes[sharing - 1] > capacity - least:
            sharing -= 1
            partners -= counts[sharing]
            partners_volume -= sizes[sharing] * counts[sharing]
        over = max(0, small_volume - (partners * capacity - partners_volume))
        bound = max(bound, large + -(-over // capacity))
        if i < half:
            small_volume -= sizes[i] * counts[i]
    return max(bound, -(-sum(counts) // most))


def counting_bound(sizes: Sequence[int], counts: Sequence[int], capacity: int) -> int:
    """The bound of Fekete and Schepers (2001) by their function phi, of up to 8 items to a bin.

    Args:
        sizes, counts, capacity: as in `lower_bound`.
    """
    half = bisect_right(sizes, capacity // 2)
    bound = 0
    for most in range(2, min(_COUNTED, capacity) + 1):
        least = capacity // (most + 1) + 1
        weight = sum(counts[min(bisect_left(sizes, least), half) : half])
        for size, n in zip(sizes[half:], counts[half:], strict=True):
            weight += (most - min((capacity - size) // least, most)) * n
        bound = max(bound, -(-weight // most))
    return bound


def pack(
    sizes: Sequence[int], counts: Sequence[int], capacity: int, most: int
) -> tuple[Packing, int]:
    """Packs into few bins; and the lower bound of their number.

    Args:
        sizes: that occur, ascending, each from 1 to the capacity.
        counts, capacity, most: as in `lower_bound`.
    """
    bound = lower_bound(sizes, counts, capacity, most)
    best = best_fit(sizes, counts, capacity, most)
    for spread in (False, True):
        if best.bins == bound or best.bins <= counting_bound(sizes, counts, capacity):
            break
        other = fill(sizes, counts, capacity, most, spread=spread)
        if other.bins < best.bins:
            best = other
    return best, bound


def best_fit(sizes: Sequence[int], counts: Sequence[int], capacity: int, most: int) -> Packing:
    """Best-fit decreasing: the largest first, each into the fullest bin that has room for it."""
    packing = Packing()
    rooms: list[int] = []  # sorted
    groups: dict[int, list[tuple[int, int, int]]] = {}  # room -> (last node, bins, items of each)
    for number in range(len(sizes) - 1, -1, -1):
        size, left = sizes[number], counts[number]
        while left > 0:
            at = bisect_left(rooms, size)
            found = at < len(rooms)
            room = rooms[at] if found else capacity
            last, alike, held = groups[room].pop() if found else (NONE, left, 0)
            fit = min(room // size, most - held)
            each, bins = (fit, min(alike, left // fit)) if left >= fit else (left, 1)
            left -= each * bins
            if found and alike > bins:
                groups[room].append((last, alike - bins, held))
            elif found and not groups[room]:
                del rooms[at], groups[room]
            node = packing.push(last, number, each)
            room, held = room - each * size, held + each
            if room < sizes[0] or held == most:
                packing.groups.append((node, bins))
                continue
            if room not in groups:
                rooms.insert(bisect_left(rooms, room), room)
                groups[room] = []
            groups[room].append((node, bins, held))
    packing.groups += [(last, bins) for room in rooms for last, bins, _ in groups[room]]
    return packing


def fill(
    sizes: Sequence[int], counts: Sequence[int], capacity: int, most: int, *, spread: bool
) -> Packing:
    """Fills one bin after the other: the largest item that is left, then those that fill it best.

    Args:
        spread: start the search for them at another size for each bin, not at half the room.
    """
    packing = Packing()
    stock = Stock(list(sizes), list(counts), list(range(len(sizes))), spread)
    while stock.sizes:
        content = stock.fill_bin(capacity, most)
        bins = min(stock.counts[at] // items for at, items in content)
        node = NONE
        for at, items in content:
            node = packing.push(node, stock.classes[at], items)
            stock.take(at, items * bins)
        packing.groups.append((node, bins))
        stock.turn = (stock.turn + _GOLDEN) % 2**32
        stock.tidy()
    return packing


Content = list[tuple[int, int]]  # (place in the stock, how many)


@dataclass(slots=True)
class Stock:
    """The items that are in no bin yet."""

    sizes: list[int]
    counts: list[int]
    classes: list[int]
    spread: bool
    tries: int = _TRIES
    gone: int = 0
    turn: int = 0

    def down(self, at: int) -> int:
        """The place of the next one that is there, from a place downwards; -1 if there is none."""
        while at >= 0 and not self.counts[at]:
            at -= 1
        return at

    def up(self, at: int) -> int:
        """The same upwards; the number of places if there is none."""
        counts = self.counts
        while at < len(counts) and not counts[at]:
            at += 1
        return at

    def fitting(self, room: int) -> int:
        """The place of the largest that fits."""
        return self.down(bisect_right(self.sizes, room) - 1)

    def add(self, size: int) -> None:
        """Puts an item in."""
        at = bisect_left(self.sizes, size)
        if at == len(self.sizes) or self.sizes[at] != size:
            self.sizes.insert(at, size)
            self.counts.insert(at, 0)
            self.classes.insert(at, 0)
            self.gone += 1
        self.gone -= not self.counts[at]
        self.counts[at] += 1

    def take(self, at: int, items: int) -> None:
        """Takes items out."""
        self.counts[at] -= items
        self.gone += not self.counts[at]

    def tidy(self) -> None:
        """Forgets classes that are used up: the last ones at once, others once they are most."""
        while self.counts and not self.counts[-1]:
            del self.sizes[-1], self.counts[-1], self.classes[-1]
            self.gone -= 1
        if self.gone * 2 > len(self.sizes):
            kept = [at for at, count in enumerate(self.counts) if count]
            self.sizes = [self.sizes[at] for at in kept]
            self.classes = [self.classes[at] for at in kept]
            self.counts = [self.counts[at] for at in kept]
            self.gone = 0

    def fill_bin(self, capacity: int, most: int, first: int = -1) -> Content:
        """What a bin is filled with beside the item at the first place, which by default is the
        largest. The stock is as before."""
        first %= len(self.sizes)
        path, room, left = [(first, 1)], capacity - self.sizes[first], most - 1
        self.counts[first] -= 1
        pair: tuple[int, int, Content] | None = None  # room left, steps of the path before it
        while left > 0 and (at := self.fitting(room)) >= 0:
            size, items = self.sizes[at], 1
            if size < room <= 2 * size and left > 1:
                found = self.find_pair(room)
                if found and (pair is None or found[0] < pair[0]):
                    pair = (found[0], len(path), found[1])
                    if found[0] == 0:
                        break
            elif room > 2 * size:
                items = min((room - size - 1) // size, self.counts[at], left)
            self.counts[at] -= items
            path.append((at, items))
            room -= items * size
            left -= items
        for at, items in path:
            self.counts[at] += items
        if pair and pair[0] < room:
            path = path[: pair[1]] + pair[2]
        return _merge(path)

    def find_pair(self, room: int) -> tuple[int, Content] | None:
        """The two items that fill a room best, as far as ``tries`` go, and the room they leave."""
        half = room // 2
        least = room - half + (half * self.turn >> 32 if self.spread else 0)
        sizes, counts = self.sizes, self.counts
        large, small = self.up(bisect_left(sizes, least)), self.fitting(room - least)
        best: tuple[int, Content] | None = None
        for _ in range(self.tries):
            if large == len(sizes) or small < 0:
                break
            over = room - sizes[large] - sizes[small]
            if over < 0:
                small = self.down(small - 1)
                continue
            if (large != small or counts[large] > 1) and (best is None or over < best[0]):
                best = over, [(large, 1), (small, 1)]
                if over == 0:
                    break
            large = self.up(large + 1)
        return best


def _merge(content: Content) -> Content:
    """Each place once, the largest first."""
    items: dict[int, int] = {}
    for at, n in content:
        items[at] = items.get(at, 0) + n
    return sorted(items.items(), reverse=True)
