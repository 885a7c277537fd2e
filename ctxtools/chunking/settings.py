"""How a chunker cuts: its arguments, checked once, the same for every document."""

from dataclasses import astuple, dataclass
from itertools import pairwise
from typing import Literal

from ctxtools._core.types import Strategy as Strategy
from ctxtools.checks import check_choice
from ctxtools.documents.filetypes import ChunkFormat
from ctxtools.errors import UsageError

OnOversize = Literal["raise", "split-tokens"]
Format = Literal["auto", ChunkFormat]

_MAX_SIZE = 1 << 62  # sums of several sizes still fit into 64 bits


@dataclass(frozen=True, slots=True)
class Settings:
    """The arguments of `Chunker`, which explains them. Sizes are in tokens, the largest first."""

    chunk_sizes: tuple[int, ...]
    chunk_overlap: int
    min_size: int
    strategy: Strategy
    format: Format
    header: bool
    on_oversize: OnOversize

    def __post_init__(self) -> None:
        sizes = self.chunk_sizes
        shown = repr(sizes[0] if len(sizes) == 1 else sizes)
        if not sizes or not all(_is_int_in(1, size, _MAX_SIZE) for size in sizes):
            raise UsageError(
                f"chunk_size must be from 1 to 2**62 tokens, got {shown}",
                hint="pass one size, or several with the largest first: (512, 128)",
            )
        if any(a <= b for a, b in pairwise(sizes)):
            raise UsageError(
                f"chunk_size must have the largest size first, got {shown}",
                hint="pass several sizes as (512, 128)",
            )
        smallest = sizes[-1]
        if not _is_int_in(0, self.chunk_overlap, smallest - 1):
            raise UsageError(
                f"chunk_overlap must be from 0 to {smallest - 1}, got {self.chunk_overlap!r}",
                hint=f"it must be smaller than a chunk, which has {smallest} tokens",
            )
        if not _is_int_in(0, self.min_size, smallest):
            raise UsageError(
                f"min_size must be from 0 to {smallest}, got {self.min_size!r}",
                hint=f"it must not be larger than a chunk, which has {smallest} tokens",
            )
        check_choice("strategy", self.strategy, Strategy)
        check_choice("on_oversize", self.on_oversize, OnOversize)
        check_choice("format", self.format, Format)

    def __str__(self) -> str:
        """All of it on one line: part of each chunk's id, so it must never change."""
        return repr(astuple(self))


def _is_int_in(low: int, value: object, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
