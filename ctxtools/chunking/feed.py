"""The text of a document, whole or in blocks that come one after the other, seen in windows."""

from collections.abc import Iterable


class Feed:
    """A text from which windows are taken, in order; what is before the last one is forgotten.

    Args:
        blocks: the text, in any parts.
    """

    def __init__(self, blocks: Iterable[str]) -> None:
        self._blocks = iter(blocks)
        self._held, self._start = "", 0  # what is in memory, and where it starts
        self._ended = False

    def window(self, start: int, length: int) -> tuple[str, bool]:
        """The text from a place on, up to a length, and whether that is the rest of it.

        What is returned does not depend on how the text is parted into blocks.

        Args:
            start: in characters, at or behind that of the last call.
            length: in characters.
        """
        enough = start + length + 1 - self._start
        if not self._ended and len(self._held) < enough:
            # A text that comes at once is not copied: what is joined of one str is that str.
            parts = [self._held] if self._held else []
            held = len(self._held)
            while held < enough:
                block = next(self._blocks, None)
                if block is None:
                    self._ended = True
                    break
                parts.append(block)
                held += len(block)
            self._held = "".join(parts)
        if start > self._start:
            self._held, self._start = self._held[start - self._start :], start
        return self._held[:length], self._ended and len(self._held) <= length
