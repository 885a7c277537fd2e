"""Counting a text that arrives in blocks, in bounded memory, with the count that it has at once.

Blocks are collected up to a safe split (see patterns.py), and what is before it is counted. A
backend without safe splits collects the whole text.
"""

from collections.abc import Callable

from ctxtools._core.types import NextSplit
from ctxtools.checks import check_type

_BLOCK = 1 << 18  # characters that are collected before the text is split
_NEAR = 64  # characters at the end of a text in which a split is looked for first


class StreamCounter:
    """Counts the tokens of a text that it is fed in blocks.

    Call ``feed`` for each block, then ``finish``. Memory is bounded by the longest span without a
    safe split.

    Args:
        count: the number of tokens of a text.
        next_split: see NextSplit.
    """

    def __init__(self, count: Callable[[str], int], next_split: NextSplit | None) -> None:
        self._count_text = count
        self._next_split = next_split
        self._pending: list[str] = []
        self._length = 0  # characters in _pending
        self._count = 0

    @property
    def count_so_far(self) -> int:
        """The tokens of the text up to the last safe split: at most what ``finish`` will return."""
        return self._count

    def feed(self, data: str | bytes) -> None:
        """Take the text's next characters, any number of them; bytes are whole ones, in UTF-8."""
        check_type("block", data, str, bytes)
        block = data.decode() if isinstance(data, bytes) else data
        if not block:
            return
        # It depends on one character on each side, so what came earlier need not be searched.
        before = self._pending[-1][-1] if self._pending else ""
        self._pending.append(block)
        self._length += len(block)
        if self._length < _BLOCK or not self._next_split:
            return
        edge = before + block
        # Late in the block, where there is one: less is kept.
        late = self._next_split(edge, len(edge) - len(edge) // 8)
        split = late or self._next_split(edge, 1)
        if split is not None:
            at = split - len(before)
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


class Tail:
    """Counts a text that grows, exactly after every addition; see Backend.

    What is before the last safe split is not held. A backend without safe splits holds all.

    Args:
        count: the number of tokens of a text.
        next_split: see NextSplit.
    """

    def __init__(self, count: Callable[[str], int], next_split: NextSplit | None) -> None:
        self._count = count
        self._next_split = next_split
        self._settled = 0
        self._text = ""
        self.total = 0

    def append(self, text: str) -> int:
        """Take more text, of any length; the number of tokens of all of it."""
        tail = self._text + text
        split = self._last_split(tail, len(self._text))
        settled = self._settled + (self._count(tail[:split]) if split else 0)
        self.total = settled + self._count(tail[split:])
        self._settled, self._text = settled, tail[split:]
        return self.total

    def _last_split(self, text: str, known: int) -> int:
        """The last safe split that can be found soon, or 0: what is before ``known`` has none."""
        if not self._next_split:
            return 0
        span = _NEAR
        while True:
            # It depends on one character on each side.
            start = max(1, known, len(text) - span)
            found, split = 0, self._next_split(text, start)
            while split is not None:
                found, split = split, self._next_split(text, split + 1)
            if found or start <= max(1, known):
                return found
            span *= 4
