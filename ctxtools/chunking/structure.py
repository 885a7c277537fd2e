"""What a chunker asks of the blocks of a document: places, headings, headers, kinds."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from operator import attrgetter

from ctxtools.chunking.block import Block

_PLAIN = {"", "text", "section", "heading", "paragraph", "document"}
_start = attrgetter("start")


class Structure:
    """The blocks of one document; without any, a plain text.

    Args:
        blocks: the outermost ones, in order. All places are in characters of the document.
    """

    def __init__(self, blocks: Sequence[Block] = ()) -> None:
        self.blocks = blocks

    def around(self, place: int) -> list[Block]:
        """The blocks that a place lies in (or starts), from the outermost on."""
        path: list[Block] = []
        blocks = self.blocks
        while (i := bisect_right(blocks, place, key=_start)) and place < blocks[i - 1].end:
            path.append(blocks[i - 1])
            blocks = blocks[i - 1].children
        return path

    def headings(self, place: int) -> tuple[str, ...]:
        """The titles of the blocks around a place."""
        return tuple(block.title for block in self.around(place) if block.title)

    def header(self, start: int, place: int, *, titled: bool) -> tuple[str, str]:
        """What tells a reader of ``text[start:]`` where the place in it is from, and is not in it.

        Args:
            start: where the reader starts, overlap included.
            place: where what is new to the reader starts.
            titled: whether titles are wanted.

        Returns:
            (the titles of the blocks around the place that start before the text does, joined by
            " > ", and an empty line; the rows that head the innermost table that the text starts
            in). Each is "" where there are none.
        """
        before = [block for block in self.around(place) if block.start < start]
        titles = [block.title for block in before if block.title] if titled else []
        repeats = [b.repeat for b in before if b.repeat and start >= b.start + len(b.repeat)]
        return " > ".join(titles) + "\n\n" if titles else "", repeats[-1] if repeats else ""

    def kind(self, start: int, end: int) -> str:
        """What ``text[start:end]`` is a part of; "mixed" where it is several things."""
        kind, blocks = "text", self.blocks
        while True:
            first = max(0, bisect_right(blocks, start, key=_start) - 1)
            here = []
            for i in range(first, len(blocks)):
                if blocks[i].start >= end:
                    break
                if blocks[i].end > start:
                    here.append(blocks[i])
                if len({b.kind for b in here} - _PLAIN) > 1:
                    break
            if len(here) == 1 and here[0].start <= start and end <= here[0].end:
                kind, blocks = here[0].kind, here[0].children
                continue
            if kind not in _PLAIN:
                return kind
            kinds = {"text" if block.kind in _PLAIN else block.kind for block in here}
            if len(kinds) > 1:
                return "mixed"
            return kinds.pop() if kinds else "text"

    def marks(
        self, start: int, end: int, fits: Callable[[Block], bool]
    ) -> tuple[dict[int, int], list[tuple[int, int]]]:
        """The places in ``start < place < end`` that blocks start at, and what is kept whole.

        Args:
            start, end: a part of the document.
            fits: whether a block that is to be kept whole can be.

        Returns:
            (places -> how good a cut there is: that of the outermost block that starts there;
            the stretches not to cut, disjoint and in order).
        """
        marks: dict[int, int] = {}
        whole: list[tuple[int, int]] = []
        self._mark(self.blocks, start, end, fits, marks, whole)
        return marks, whole

    def _mark(
        self,
        blocks: Sequence[Block],
        start: int,
        end: int,
        fits: Callable[[Block], bool],
        marks: dict[int, int],
        whole: list[tuple[int, int]],
    ) -> None:
        for i in range(max(0, bisect_right(blocks, start, key=_start) - 1), len(blocks)):
            block = blocks[i]
            if block.start >= end:
                return
            if block.start > start:
                marks.setdefault(block.start, int(block.strength))
            if block.whole and start <= block.start and block.end <= end and fits(block):
                whole.append((block.start, block.end))
            elif block.children:
                self._mark(block.children, start, end, fits, marks, whole)
