"""Numbers that a caller gives: any integer, of any size, as the kernel takes them
(``kernel/src/python/numbers.rs``).

Each becomes an ``int``, since arithmetic with numpy's integers wraps.
"""

from collections.abc import Sequence
from operator import index

from ctxtools.checks import shown_integer
from ctxtools.errors import PositionError, UsageError

_MAX_TOKENS = 2**62


def offset_of(offset: int, length: int) -> int:
    """An offset into a text. Raises PositionError where it is outside, TypeError for no integer."""
    offset = index(offset)
    if not 0 <= offset <= length:
        raise PositionError(
            f"offset {shown_integer(offset)} is outside a text of {length} characters"
        )
    return offset


def range_of(start: int, end: int, length: int) -> tuple[int, int]:
    """Two offsets. Raises PositionError where a text has no ``text[start:end]``."""
    start, end = index(start), index(end)
    if not 0 <= start <= end <= length:
        raise PositionError(
            f"invalid range {shown_integer(start)}..{shown_integer(end)} "
            f"for a text of {length} characters"
        )
    return start, end


def tokens_of(tokens: int) -> int:
    """A number of tokens, or the nearest that the kernel's arithmetic has."""
    return max(-_MAX_TOKENS, min(index(tokens), _MAX_TOKENS))


def strength_of(strength: int) -> int:
    """A `Strength`, or one below or above them all."""
    return max(0, min(index(strength), 255))


def offsets_of(offsets: Sequence[int], length: int) -> list[int]:
    """Offsets into a text. Errors are those of `offset_of`, or TypeError for no sequence."""
    return [offset_of(offset, length) for offset in _sequence(offsets)]


def ranges_of(starts: Sequence[int], ends: Sequence[int], length: int) -> list[tuple[int, int]]:
    """Ranges of a text. Errors are those of `range_of`, or UsageError if there are not as many
    ends as starts."""
    starts, ends = _sequence(starts), _sequence(ends)
    check_same_length("starts and ends", starts, ends)
    return [range_of(*span, length) for span in zip(starts, ends, strict=False)]


def integers_of(numbers: Sequence[int]) -> list[int]:
    """Integers. Raises TypeError for anything else."""
    return [index(number) for number in _sequence(numbers)]


def check_same_length(what: str, first: Sequence[object], second: Sequence[object]) -> None:
    """Raises UsageError where arguments that belong together differ in length."""
    if len(first) != len(second):
        raise UsageError(f"{what} differ in length: {len(first)} and {len(second)}")


def _sequence(numbers: Sequence[int]) -> Sequence[int]:
    if isinstance(numbers, dict) or not hasattr(type(numbers), "__getitem__"):
        raise TypeError(f"expected a sequence of integers, got {type(numbers).__name__}")
    return numbers
