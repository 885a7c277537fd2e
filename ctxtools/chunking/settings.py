"""How a chunker was asked to cut: checked once, and the same for every document."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise
from typing import Literal, get_args

from ctxtools.errors import UsageError

Strategy = Literal["optimal", "greedy"]
OnOversize = Literal["raise", "split-tokens"]

_MOST = 1 << 62  # what sums of 64 bits have room for


@dataclass(frozen=True, slots=True)
class Settings:
    """See `Chunker` for what each means; sizes are in tokens, the largest first."""

    sizes: tuple[int, ...]
    overlap: int
    minimum: int
    strategy: Strategy
    format: str
    header: bool
    on_oversize: OnOversize

    def __post_init__(self) -> None:
        sizes = self.sizes
        if not sizes or not all(_is_int(size) and 0 < size <= _MOST for size in sizes):
            raise UsageError(
                f"chunk_size is {_shown(sizes)}",
                hint="it is a number of tokens from 1 to 2**62, or several, the largest first",
            )
        if any(a <= b for a, b in pairwise(sizes)):
            raise UsageError(
                f"chunk_size is {_shown(sizes)}", hint="name the largest size first: (512, 128)"
            )
        if not _is_int(self.overlap) or not 0 <= self.overlap < sizes[-1]:
            raise UsageError(
                f"chunk_overlap is {self.overlap!r} tokens",
                hint=f"it is zero or more and smaller than a chunk, which has {sizes[-1]:,}",
            )
        if not _is_int(self.minimum) or not 0 <= self.minimum <= sizes[-1]:
            raise UsageError(
                f"min_size is {self.minimum!r} tokens",
                hint=f"it is zero or more and at most a chunk's size, {sizes[-1]:,}",
            )
        _check("strategy", self.strategy, get_args(Strategy))
        _check("on_oversize", self.on_oversize, get_args(OnOversize))

    def __str__(self) -> str:
        """All of it, in one line: a part of each chunk's id."""
        return repr(astuple(self))


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(sizes: Sequence[object]) -> str:
    return repr(sizes[0] if len(sizes) == 1 else tuple(sizes))


def _check(argument: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        choices = " or ".join(f'"{each}"' for each in known)
        raise UsageError(f"{argument} is {value!r}", hint=f"it is {choices}")
