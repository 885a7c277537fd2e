"""Invariants of a tree of blocks, and a compact notation for one."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from ctxtools._core.types import Strength
from ctxtools.chunking.block import MAX_DEPTH, Block


def check(blocks: Sequence[Block], text: str) -> None:
    """Blocks are in order, disjoint, inside their parent, not empty, and not too deep."""
    _check(blocks, 0, len(text), 1)


def _check(blocks: Sequence[Block], start: int, end: int, depth: int) -> None:
    assert not blocks or depth <= MAX_DEPTH + 1
    for block in blocks:
        assert isinstance(block, Block) and isinstance(block.strength, Strength)
        assert start <= block.start < block.end <= end
        assert len(block.title.splitlines()) <= 1
        _check(block.children, block.start, block.end, depth + 1)
    assert all(first.end <= second.start for first, second in pairwise(blocks))


def walk(blocks: Iterable[Block]) -> Iterable[Block]:
    for block in blocks:
        yield block
        yield from walk(block.children)


def sketch(blocks: Iterable[Block], text: str, depth: int = 0) -> list[str]:
    """A line for each block: kind, strength, title, and its text if it has no children."""
    lines = []
    for block in blocks:
        line = f"{'  ' * depth}{block.kind} {block.strength.name}"
        line += f" <{block.title}>" if block.title else ""
        line += "" if block.children else f" {text[block.start : block.end]!r}"
        lines += [line, *sketch(block.children, text, depth + 1)]
    return lines
