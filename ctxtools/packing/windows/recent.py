"""What was used last, up to a number of things: opened shards, decoded row groups."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """A cache that forgets what was not used for the longest time.

    Args:
        capacity: how many it holds.
        drop: called with what it forgets.
    """

    def __init__(self, capacity: int, drop: Callable[[T], object] | None = None) -> None:
        self._capacity, self._drop = capacity, drop
        self._held: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What it holds under a key, which is made if there is none."""
        if key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        found = self._held[key] = make()
        while len(self._held) > self._capacity:
            _, left = self._held.popitem(last=False)
            if self._drop is not None:
                self._drop(left)
        return found
