"""A text in blocks, and what of it may be held in memory.

A file takes memory in proportion to its size. Of a pipe or a device nobody knows the size, nor of
what is compressed: without a maximum ``yes | ctx pack -`` would end when the system ends it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ctxtools.errors import Skipped, UnreadableError

if TYPE_CHECKING:
    from ctxtools.documents.filetypes import ChunkFormat
    from ctxtools.documents.readers.extraction.extracted import Heading

_MAX_HELD = 1 << 28  # characters or bytes: far more than any context window


class Text:
    """One text, in blocks that can be iterated over once.

    Attributes:
        record: the line or row that it comes from, from 1; None if it is an entire file.
        metadata: the fields of the record that are kept.
        source: what the record itself is called; "" if nothing.
        pages, headings, format: as in `Document`.
    """

    __slots__ = (
        "_blocks", "_unsized", "format", "headings", "metadata", "pages", "record", "source",
    )  # fmt: skip

    def __init__(
        self,
        blocks: Iterable[str],
        record: int | None = None,
        unsized: Callable[[], str | None] = lambda: None,
        metadata: Mapping[str, Any] | None = None,
        source: str = "",
        pages: Sequence[int] | None = None,
        headings: "Sequence[Heading]" = (),
        format: "ChunkFormat | None" = None,
    ) -> None:
        self._blocks = blocks
        self._unsized = unsized
        self.record = record
        self.metadata = metadata or {}
        self.source = source
        self.pages = pages
        self.headings = headings
        self.format = format

    @property
    def unsized(self) -> str | None:
        """What it comes from, if nobody knows its size; known from the first block on."""
        return self._unsized()

    def __iter__(self) -> Iterator[str]:
        """The blocks. They may end anywhere but inside a character."""
        return iter(self._blocks)

    def held(self) -> Iterator[str]:
        """The blocks, for a caller that keeps all of them.

        Raises:
            UnreadableError: (while iterating) they are longer than 256 Mi, and not from a file.
        """
        length = 0
        for block in self._blocks:
            length += len(block)
            if (path := self.unsized) is not None:
                refuse_more(length, path)
            yield block

    def lines(self) -> Iterator[str]:
        """The blocks, for a caller that keeps each up to the end of a line.

        Raises:
            UnreadableError: (while iterating) a line is longer than that, and not from a file.
        """
        length = 0
        for block in self._blocks:
            length = 0 if "\n" in block else length + len(block)
            if (path := self.unsized) is not None:
                refuse_more(length, path, "MiB without the end of a line")
            yield block

    def read(self) -> str:
        """The whole text.

        Raises:
            UnreadableError: it is longer than 256 Mi, and not from a file.
        """
        return "".join(self.held())


class SplitWatch:
    """Watches that a text can be split for its counters, which keep it up to there.

    Args:
        path: of the text.
        counters: those that are fed with it.
    """

    def __init__(self, path: str, counters: Iterable["_Counter"]) -> None:
        self._path = path
        # Of each, the count when it was last fed, and what it was fed with since that changed.
        self._counters = dict.fromkeys(counters, (0, 0))

    def fed(self, length: int) -> None:
        """They were fed with so many bytes or characters more.

        Raises:
            UnreadableError: one of them keeps more than 256 Mi.
        """
        for counter, (seen, held) in self._counters.items():
            count = counter.count_so_far
            held = held + length if count == seen else 0
            self._counters[counter] = count, held
            refuse_more(held, self._path, "MiB that can be split nowhere")


class _Counter(Protocol):
    @property
    def count_so_far(self) -> int: ...


def refuse_more(length: int, path: str, what: str = "MiB") -> None:
    """Refuse to keep more of what has no size that is known.

    Raises:
        UnreadableError: it is more than 256 Mi.
    """
    if length <= _MAX_HELD:
        return
    reason = f"more than {_MAX_HELD >> 20} {what}, compressed or from a pipe or a device"
    hint = "save it to a file that is not compressed, which may have any size"
    raise UnreadableError(Skipped(path, reason, error=True, hint=hint), hint=hint)
