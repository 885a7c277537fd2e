"""Bytes that are kept until they are asked for: the least recently used ones go first."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock


class Cache:
    """Bytes by keys, in bounded memory; used by several threads.

    Args:
        limit: the maximum of bytes.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._held: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> bytes | None:
        """The bytes of a key; None if they are not here, or not any more."""
        with self._lock:
            data = self._held.get(key)
            if data is not None:
                self._held.move_to_end(key)
            return data

    def has_capacity(self, size: int) -> bool:
        """Whether so many bytes more can be kept without dropping any."""
        return self._size + size <= self._limit

    def put(self, key: Hashable, data: bytes) -> None:
        """Keep bytes, if they are no more than the limit."""
        if len(data) > self._limit:
            return
        with self._lock:
            self._size += len(data) - len(self._held.pop(key, b""))
            self._held[key] = data
            while self._size > self._limit:
                _, dropped = self._held.popitem(last=False)
                self._size -= len(dropped)
