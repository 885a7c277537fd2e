"""The headers of chunks: how many tokens they take, and how much of one fits."""

from bisect import bisect_right
from collections.abc import Sequence

from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.structure import Structure


class Headers:
    """The headers of the chunks of one look-ahead window.

    Args:
        start, end: the offsets of the look-ahead window in the document.
        counter: counts tokens.
        structure: the blocks of the document.
    """

    def __init__(self, start: int, end: int, counter: TextCounter, structure: Structure) -> None:
        self._start, self._end = start, end
        self._counter, self._structure = counter, structure
        self._tokens: dict[str, int] = {"": 0}
        self._costs: dict[int, tuple[Sequence[int], Sequence[int]]] = {}

    def tokens(self, header: str) -> int:
        """The tokens of a header."""
        tokens = self._tokens.get(header)
        if tokens is None:
            tokens = self._tokens[header] = self._counter.count_batch([header])[0]
        return tokens

    def costs(self, limit: int) -> tuple[Sequence[int], Sequence[int]]:
        """Offsets in the document where the header changes, and its tokens from each of them."""
        if limit not in self._costs:
            offsets, headers = self._structure.header_changes
            here = slice(bisect_right(offsets, self._start) - 1, bisect_right(offsets, self._end))
            every = {part for header in headers[here] for part in (*header, "".join(header))}
            new = [header for header in every if header not in self._tokens]
            self._tokens.update(zip(new, self._counter.count_batch(new), strict=True))
            tokens = [self.tokens(self._fitting(*each, limit // 2)) for each in headers[here]]
            self._costs[limit] = offsets[here], tokens
        return self._costs[limit]

    def cost(self, offset: int, limit: int) -> int:
        """The tokens of the header of what starts at an offset in the document."""
        offsets, tokens = self.costs(limit)
        return tokens[bisect_right(offsets, offset) - 1]

    def header(self, start: int, body_start: int, limit: int, spare: int) -> tuple[str, bool]:
        """The header of a chunk, and whether it had to be made smaller.

        Args:
            start, body_start: where the chunk starts in the look-ahead window, with and without
                overlap.
            limit: the maximum tokens of a chunk.
            spare: how many tokens its body leaves.
        """
        if self._structure.is_empty:
            return "", False
        origin = self._start
        titles, rows = self._structure.header(start + origin, body_start + origin)
        header = self._fitting(titles, rows, min(spare, limit // 2)) if spare else ""
        return header, header != titles + rows

    def _fitting(self, titles: str, rows: str, max_tokens: int) -> str:
        for header in (titles + rows, rows, titles):
            if self.tokens(header) <= max_tokens:
                return header
        return ""
