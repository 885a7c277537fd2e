"""Token ids as they are passed in."""

from collections.abc import Sequence
from typing import Protocol, cast


class Array(Protocol):
    """Numbers in a buffer: numpy's, torch's, ``array.array``, ``memoryview``."""

    def tolist(self) -> list[int]:
        """The numbers as a list."""
        ...


def as_sequence(ids: Sequence[int] | Array) -> Sequence[int]:
    """Ids as Python ints; a buffer converts all of its ids at once."""
    return cast("Sequence[int]", ids.tolist() if hasattr(ids, "tolist") else ids)
