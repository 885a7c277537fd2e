"""Look-ahead windows: the spans of a text, complete or streamed, that are each cut in one pass."""

from collections.abc import Iterable, Iterator

from ctxtools.errors import UsageError


class LookAhead:
    """Takes look-ahead windows from a text, in order, and forgets the text before the last one.

    Only the last window is held. A text that arrived as a single block is not copied if one window
    covers it.

    Args:
        blocks: the text, split anywhere.
    """

    def __init__(self, blocks: Iterable[str]) -> None:
        self._blocks = iter(blocks)
        self._block, self._used = "", 0  # the last block, and how many characters were taken
        self._window, self._start = "", 0  # the last window, and its offset

    def window(self, start: int, length: int) -> tuple[str, bool]:
        """The next look-ahead window.

        It is longer than asked if the previous window reached further. How the text is split into
        blocks makes no difference to it.

        Args:
            start: in characters of the document, at or after that of the last call.
            length: in characters.

        Returns:
            (its text, whether it reaches the end of the document).
        """
        self._window = self._window[start - self._start :]
        self._start = start
        pieces = [self._window] if self._window else []
        missing = length - len(self._window)
        while missing > 0 and self._has_more():
            piece = self._block[self._used : self._used + missing]
            self._used += len(piece)
            missing -= len(piece)
            pieces.append(piece)
        self._window = pieces[0] if len(pieces) == 1 else "".join(pieces)
        return self._window, not self._has_more()

    def _has_more(self) -> bool:
        """Whether there is unread text; fetches the next block when the last one is used up."""
        while self._used == len(self._block):
            block = next(self._blocks, None)
            if block is None:
                return False
            self._block, self._used = block, 0
        return True


def checked_blocks(blocks: Iterable[str]) -> Iterator[str]:
    """The blocks of a text. Raises UsageError (while iterating) where one is not a str."""
    for block in blocks:
        if not isinstance(block, str):
            raise UsageError(
                f"each block must be a str, got {type(block).__name__}", hint="decode bytes first"
            )
        yield block
