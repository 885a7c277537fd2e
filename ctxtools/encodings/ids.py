"""Token ids as they are passed in and out."""

from array import array
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


def as_buffer(ids: Sequence[int] | Array) -> Sequence[int]:
    """Ids as the kernel reads them: a buffer of integers of 32 or 64 bits as it is."""
    try:
        with memoryview(cast("memoryview", ids)) as view:
            is_read = view.ndim == 1 and view.format in _READ
    except TypeError:
        is_read = False
    return cast("Sequence[int]", ids) if is_read else as_sequence(ids)


_READ = frozenset("Iilq")  # formats, in this machine's byte order


def framed(before: Sequence[int], ids: memoryview, after: Sequence[int]) -> memoryview:
    """Ids (format ``I``) with others around them; without a copy if there are none."""
    if not before and not after:
        return ids
    copy = array("I", before)
    copy.frombytes(ids.cast("B"))
    copy.extend(after)
    return memoryview(copy).toreadonly()
