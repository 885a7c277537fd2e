"""View: a document as it is chunked, where that is not as it is written; with a map back."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence

from ctxtools.chunking.block import Block, Parsed
from ctxtools.documents.html.writer import Segments

_MAX_BEFORE = 200  # characters before the header rows of a table that are repeated with them


class View:
    """A text made of a document, in the order of the document.

    Attributes:
        text: what is chunked.
        left_out: the spans (start, end) of the document that were left out, by their kinds.
    """

    def __init__(
        self, text: str, segments: Segments, left_out: Mapping[str, Sequence[tuple[int, int]]]
    ) -> None:
        self.text, self.left_out = text, left_out
        self._starts, self._firsts, self._lasts, self._orders = segments

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the document that ``text[start:end]`` was made of, in characters."""
        if not self._starts:
            return 0, 0
        i = max(bisect_right(self._starts, start) - 1, 0)
        first = self._firsts[i]
        if self._is_copy(i):
            first += start - self._starts[i]
        if end <= start:
            return first, first
        i = max(bisect_left(self._starts, end) - 1, 0)
        last = self._lasts[i]
        if self._is_copy(i):
            last = self._firsts[i] + end - self._starts[i]
        return first, max(first, last)

    def position(self, offset: int) -> int:
        """Where what is at an offset of the document, or after it, is in the text."""
        i = bisect_left(self._orders, 2 * offset)
        if i and self._is_copy(i - 1) and offset < self._lasts[i - 1]:
            return self._starts[i - 1] + offset - self._firsts[i - 1]
        return self._starts[i] if i < len(self._starts) else len(self.text)

    def parsed(self, parsed: Parsed) -> Parsed:
        """What was found in the document, with offsets in the text."""
        inline = []
        for start, end in parsed.inline:
            first, last = self.position(start), self.position(end)
            if first < last:
                inline.append((first, last))
        return Parsed(self._blocks(parsed.blocks), inline, parsed.notes)

    def _blocks(self, blocks: Iterable[Block]) -> tuple[Block, ...]:
        moved = []
        for block in blocks:
            start, end = self.position(block.start), self.position(block.end)
            if start >= end:
                continue
            repeat, body = "", 0
            if block.repeat:
                body = self.position(block.body)
                repeat = self._repeat(block, start, body)
            children = self._blocks(block.children)
            moved.append(
                block._replace(
                    start=start,
                    end=end,
                    repeat=repeat,
                    repeat_from=body if repeat else 0,
                    children=children,
                )
            )
        return tuple(moved)

    def _repeat(self, block: Block, start: int, body: int) -> str:
        """What a table repeats, as it is in the text.

        Args:
            start, body: where the table and its first row after the header are in the text.
        """
        if body - start == block.body - block.start:
            return block.repeat
        rows = [child.start for child in block.children if child.kind == "row"]
        first = self.position(rows[0]) if rows else start
        return self.text[start if first - start <= _MAX_BEFORE else first : body]

    def _is_copy(self, i: int) -> bool:
        """Whether a segment has each character of the document, or one in its place."""
        end = self._starts[i + 1] if i + 1 < len(self._starts) else len(self.text)
        return end - self._starts[i] == self._lasts[i] - self._firsts[i]
