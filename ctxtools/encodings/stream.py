"""Counting a text that arrives in blocks, in bounded memory, with the count that it has at once.

Blocks are collected up to an offset where the text may be cut, and what is before it is counted. A
backend without cuts collects the whole text.
"""

from collections.abc import Callable

from ctxtools._core.types import NextCut

_BLOCK = 1 << 18  # characters that are collected before the text is cut


class StreamCounter:
    """Counts the tokens of a text that it is fed in blocks.

    Call ``feed`` for each block, then ``finish``. Memory is bounded by the longest span without a
    cut.

    Args:
        count: the number of tokens of a text.
        next_cut: see NextCut.
    """

    def __init__(self, count: Callable[[str], int], next_cut: NextCut | None) -> None:
        self._count_text = count
        self._next_cut = next_cut
        self._pending: list[str] = []
        self._length = 0  # characters in _pending
        self._count = 0

    @property
    def count_so_far(self) -> int:
        """The tokens of the text up to the last cut: at most what ``finish`` will return."""
        return self._count

    def feed(self, data: str | bytes) -> None:
        """Take the text's next characters, any number of them; bytes are whole ones, in UTF-8."""
        block = data.decode() if isinstance(data, bytes) else data
        if not block:
            return
        # A cut depends on one character on each side, so what came earlier need not be searched.
        before = self._pending[-1][-1] if self._pending else ""
        self._pending.append(block)
        self._length += len(block)
        if self._length < _BLOCK or not self._next_cut:
            return
        edge = before + block
        # Late in the block, where there is a cut: less is kept.
        late = self._next_cut(edge, len(edge) - len(edge) // 8)
        cut = late or self._next_cut(edge, 1)
        if cut is not None:
            at = cut - len(before)
            self._pending[-1] = block[:at]
            self._count_pending()
            self._pending = [block[at:]]
            self._length = len(block) - at

    def finish(self) -> int:
        """The number of tokens of all that was fed. The counter is then as new."""
        self._count_pending()
        total, self._count = self._count, 0
        return total

    def _count_pending(self) -> None:
        self._count += self._count_text("".join(self._pending))
        self._pending, self._length = [], 0
