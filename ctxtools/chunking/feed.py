"""The text of a document, whole or in blocks that come one after the other, seen in windows."""

from collections.abc import Iterable


class Feed:
    """A text from which windows are taken, in order; what is before the last one is forgotten.

    A window is the only copy of its text that is held; a text that came at once is not copied
    where one window has it all.

    Args:
        blocks: the text, in any parts.
    """

    def __init__(self, blocks: Iterable[str]) -> None:
        self._blocks = iter(blocks)
        self._block, self._at = "", 0  # the last block, and how much of it was seen
        self._window, self._start = "", 0  # the last window, and where it starts

    def window(self, start: int, length: int) -> tuple[str, bool]:
        """The text from a place on, up to a length, and whether that is the rest of it.

        It is longer where the last window reached further. What is returned does not depend on
        how the text is parted into blocks.

        Args:
            start: in characters, at or behind that of the last call.
            length: in characters.
        """
        self._window = self._window[start - self._start :]
        self._start = start
        parts = [self._window] if self._window else []
        missing = length - len(self._window)
        while missing > 0 and self._has_more():
            part = self._block[self._at : self._at + missing]
            self._at += len(part)
            missing -= len(part)
            parts.append(part)
        self._window = parts[0] if len(parts) == 1 else "".join(parts)
        return self._window, not self._has_more()

    def _has_more(self) -> bool:
        """Whether there is text that was not seen; the next block is taken where it has to be."""
        while self._at == len(self._block):
            block = next(self._blocks, None)
            if block is None:
                return False
            self._block, self._at = block, 0
        return True
