"""The rest of a Backend, for an engine that can count and encode one text.

A long text is split where that changes nothing, so that a limit is exceeded early, threads share
the work and memory stays bounded. A backend without safe splits counts a text at once.
"""

import codecs
from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable, Iterator

from ctxtools._core.edits import EditedIndex
from ctxtools._core.types import NextSplit, TokenIndex
from ctxtools.checks import checked_texts
from ctxtools.encodings.engines.arrow import read_column, read_rows
from ctxtools.encodings.engines.backend import ArrowColumn, Side
from ctxtools.encodings.engines.id_lists import IdLists, Shape, lists_of
from ctxtools.encodings.engines.stream import StreamCounter, Tail
from ctxtools.parallel import map_ordered

# Characters in a piece: large enough that the overhead of a call is negligible, small enough that a
# limit is exceeded soon and the ids of a piece take little memory.
PIECE = 1 << 18

_TEXTS_PER_TASK = 16  # of a batch, since many are short


class PiecewiseBackend(ABC):
    """What all engines that count by making ids have in common."""

    next_split: NextSplit | None = None
    shares_files = False

    @abstractmethod
    def encode_piece(self, text: str) -> list[int]:
        """The token ids of a text, at once."""

    @abstractmethod
    def count_piece(self, text: str) -> int:
        """The number of tokens of a text, at once."""

    def count(self, text: str, threads: int = 1) -> int:
        if len(text) <= PIECE:
            return self.count_piece(text)
        return sum(map_ordered(self.count_piece, pieces_of(text, self.next_split), threads))

    def count_till_limit(self, text: str, limit: int) -> int | None:
        total = 0
        for piece in pieces_of(text, self.next_split):
            total += self.count_piece(piece)
            if total > limit:
                return None
        return total

    def count_batch(self, texts: Iterable[str], threads: int = 1) -> list[int]:
        return list(map_ordered(self.count, checked_texts(texts), threads, share=_TEXTS_PER_TASK))

    def count_list(self, texts: list[str], threads: int = 1) -> list[int]:
        return self.count_batch(texts, threads)

    def count_arrow(self, column: ArrowColumn, threads: int = 1) -> memoryview:
        texts = read_column(column)
        counts = array("Q", map_ordered(self.count, texts, threads, share=_TEXTS_PER_TASK))
        return memoryview(counts).toreadonly()

    def count_files(self, paths: Iterable[str], threads: int = 1) -> list[int | Exception]:
        return list(map_ordered(self._count_file, paths, threads))

    def counter(self) -> StreamCounter:
        return StreamCounter(self.count_piece, self.next_split)

    def tail(self) -> Tail:
        return Tail(self.count, self.next_split)

    def encode(self, text: str) -> list[int]:
        if len(text) <= PIECE:
            return self.encode_piece(text)
        return [i for piece in pieces_of(text, self.next_split) for i in self.encode_piece(piece)]

    def encode_bytes(self, data: bytes) -> list[int]:
        raise ValueError("it has no tokens for bytes")

    def encode_to_buffer(self, text: str, limit: int | None = None) -> memoryview:
        return memoryview(array("I", self.encode(text))).toreadonly()[:limit]

    def encode_batch(self, texts: Iterable[str], threads: int = 1) -> list[list[int]]:
        return list(map_ordered(self.encode, checked_texts(texts), threads, share=_TEXTS_PER_TASK))

    def encode_batch_to_arrow(
        self, texts: Iterable[str], shape: Shape, threads: int = 1
    ) -> IdLists:
        return self._lists(checked_texts(texts), shape, threads)

    def encode_arrow(self, column: ArrowColumn, shape: Shape, threads: int = 1) -> IdLists:
        return self._lists(read_rows(column), shape, threads)

    def _lists(self, texts: Iterable[str | None], shape: Shape, threads: int) -> IdLists:
        def encode(text: str | None) -> memoryview | None:
            return None if text is None else self.encode_to_buffer(text)

        return lists_of(map_ordered(encode, texts, threads, share=_TEXTS_PER_TASK), shape)

    def estimate_length(self, text: str, limit: int, side: Side) -> int | None:
        return None

    def index(self, text: str) -> TokenIndex | None:
        """None: how this engine splits a text is unknown."""
        return None

    def edited(
        self, index: TokenIndex | EditedIndex, start: int, end: int, text: str
    ) -> tuple[EditedIndex, tuple[int, int, int, int, int]] | None:
        """None: an edited text is indexed again."""
        return None

    def _count_file(self, path: str) -> int | Exception:
        counter = self.counter()
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        try:
            with open(path, "rb", buffering=0) as file:
                while block := file.read(PIECE):
                    counter.feed(decoder.decode(block))
            decoder.decode(b"", final=True)
        except (OSError, UnicodeDecodeError) as error:
            return error
        return counter.finish()


def pieces_of(text: str, next_split: NextSplit | None, length: int | None = None) -> Iterator[str]:
    """The text in pieces whose tokens, concatenated, are those of the text.

    Args:
        text: any text.
        next_split: finds safe splits; None makes a single piece.
        length: of a piece, in characters, or a little more; ``PIECE`` by default.
    """
    start, length = 0, length or PIECE
    while next_split and len(text) - start > length:
        end = next_split(text, start + length)
        if end is None:
            break
        yield text[start:end]
        start = end
    yield text[start:] if start else text
