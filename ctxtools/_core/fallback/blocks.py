"""The blocks of a document as columns."""

from array import array
from collections.abc import Sequence
from typing import Any

from ctxtools._core.block_kinds import KINDS
from ctxtools._core.titles import MAX_TITLE, short_title
from ctxtools.errors import UsageError

_MAX_DEPTH = 500
_SIZE = 10  # values of a block


class Blocks:
    """The blocks of a document in pre-order: each is before those inside it.

    Args:
        blocks: the outermost ones: tuples with the values of a `Block`.
        inline: see `ctxtools.chunking.block.Parsed`.

    Raises:
        UsageError: a kind that is not in ``ctxtools._core.block_kinds``.
        OverflowError: an offset has more than 32 bits.
        RecursionError: blocks are nested more than 500 deep.
    """

    def __init__(
        self, blocks: Sequence[Any], inline: Sequence[tuple[int, int]] | None = None
    ) -> None:
        self.texts: list[str] = [""]
        self.inline = [(_offset(start), _offset(end)) for start, end in inline or ()]
        self._rows: list[list[int]] = []
        self._add(blocks, 1)

    def _add(self, blocks: Sequence[Any], depth: int) -> None:
        for block in blocks:
            if depth > _MAX_DEPTH:
                raise RecursionError("blocks are nested too deeply")
            if len(block) != _SIZE:
                raise TypeError("expected a block of ten values")
            start, end, kind, strength, title, atomic, repeat, children, repeat_from, level = block
            row = [_offset(start), _offset(end), 0, _kind(kind), min(strength, 255)]
            row += [_offset(level), int(bool(atomic)), self._text(title), self._text(repeat)]
            row.append(_offset(repeat_from))
            self._rows.append(row)
            self._add(children, depth + 1)
            row[2] = len(self._rows)

    def _text(self, text: str) -> int:
        """The number of a text."""
        if not text:
            return 0
        self.texts.append(text)
        return len(self.texts) - 1

    @staticmethod
    def from_post_order(
        columns: Sequence[Sequence[int]],
        titles: str,
        kinds: Sequence[str],
        inline: tuple[Sequence[int], Sequence[int]] | None = None,
    ) -> "Blocks":
        """Blocks that are each after those inside it. All are atomic but paragraphs.

        Args:
            columns: of each block the start, the end, the number of its kind, the strength before
                it, and the number of its children.
            titles: a line for each.
            kinds: the names of kinds by these numbers.
            inline: starts and ends.

        Raises:
            UsageError: the columns are of no blocks.
        """
        for column in columns[1:]:
            if len(column) != len(columns[0]):
                lengths = f"{len(columns[0])} and {len(column)}"
                raise UsageError(f"columns of blocks differ in length: {lengths}")
        for name in kinds:
            _kind(name)
        done: list[tuple[Any, ...]] = []
        lines = titles.split("\n")
        for number, row in enumerate(zip(*columns, strict=True)):
            start, end, kind, strength, count = row
            if kind >= len(kinds) or count > len(done):
                raise UsageError("columns that are of no blocks")
            children = tuple(done[len(done) - count :])
            del done[len(done) - count :]
            its = _one_line(lines[number]) if number < len(lines) else ""
            name = kinds[kind]
            atomic = name != "paragraph"
            done.append((start, end, name, strength, its, atomic, "", children, 0, 0))
        return Blocks(done, [*zip(*inline, strict=True)] if inline else None)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def columns(self) -> tuple[memoryview, ...]:
        """Of each block the start, the end, the number of the first block that is after it and not
        inside it, the number of its kind, the strength, the level, whether it is atomic, the
        numbers among ``texts`` of its title and of what it repeats, and ``repeat_from`` (format
        ``I``)."""
        columns = zip(*self._rows, strict=True) if self._rows else [()] * _SIZE
        return tuple(memoryview(array("I", column)) for column in columns)


def _offset(number: int) -> int:
    if not 0 <= number < 1 << 32:
        raise OverflowError("an offset has more than 32 bits")
    return number


def _kind(name: str) -> int:
    if name not in KINDS:
        shown = f'"{name}"'
        raise UsageError(f"unknown kind of block {shown}, expected one of {', '.join(KINDS)}")
    return KINDS.index(name)


def _one_line(title: str) -> str:
    """A title on one line, truncated if it is too long."""
    if len(title) <= MAX_TITLE and not any(c.isspace() and c != " " for c in title):
        return title
    return short_title(" ".join(title.split()))
