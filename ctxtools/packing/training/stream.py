"""Packing a stream of lengths into training windows, with a bounded buffer of documents."""

from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from operator import index

from ctxtools._core.bins import Stock
from ctxtools._core.types import Overlong, Request, split_overlong
from ctxtools.checks import check_integer, shown
from ctxtools.errors import UsageError
from ctxtools.packing.training.lengths import is_integer, negative_error, overlong_error
from ctxtools.packing.training.plan import TrainingWindow
from ctxtools.packing.training.sequences import make_request, pack_sequences

_MAX_PAIRS = 50  # that are tried to fill a window; few, since there is always more to come
_Piece = list[int]  # [length with separator, document, start, 1 while it is in the buffer]


def pack_stream(
    lengths: Iterable[int],
    window: int | str,
    *,
    buffer: int = 16_384,
    eos_tokens: int = 0,
    separator_tokens: int = 0,
    overlong: Overlong = "split",
    max_documents: int | None = None,
) -> Iterator[TrainingWindow]:
    """Training windows for a stream of documents, each as soon as the buffer is full.

    Each window has the document that has waited longest, so that none waits for more windows than
    the buffer has documents, and those of the others that fill it best. At the end of the stream
    the rest is packed as by `pack_sequences`. The order of documents is kept within a window.

    Args:
        lengths: the tokens of each document; it is read no further than the buffer needs.
        buffer: documents held before a window is made; more if they do not fill two windows.
        window, eos_tokens, separator_tokens, overlong, max_documents: as in `pack_sequences`.
            Dropped and empty documents are in no window, and of a truncated one only the beginning
            that fits into a window with its EOS.

    Raises:
        UsageError: an argument cannot be used; and during the iteration, a length is negative or
            not an integer, or a document is longer than a window and ``overlong`` is "raise".
    """
    request = make_request(window, eos_tokens, separator_tokens, overlong, max_documents, None)
    return _stream(lengths, request, check_integer("buffer", buffer, 1))


def _stream(lengths: Iterable[int], request: Request, buffer: int) -> Iterator[TrainingWindow]:
    pool = Pool(request)
    for document, given in enumerate(lengths):
        if not is_integer(given):
            raise UsageError(
                f"length of document {document} must be an integer, got {shown(given, 50)}"
            )
        length = index(given)
        if length >= 2**63:
            raise UsageError(f"length of document {document} has more than 63 bits")
        for start, tokens in pool.pieces(document, length):
            pool.add(document, start, tokens)
            while pool.held >= buffer and pool.tokens >= 2 * pool.capacity:
                yield pool.take_window()
    yield from pool.drain()


class Pool:
    """The pieces that are in no window yet.

    Attributes:
        capacity: of a window, counting a separator after each piece.
        tokens, held: the tokens of the pieces, counted so, and how many there are.
    """

    def __init__(self, request: Request) -> None:
        self.capacity = request.window + request.separator
        self.tokens = self.held = 0
        self._request = request
        self._stock = Stock([], [], [], start_varies=False, max_pairs=_MAX_PAIRS)
        self._waiting: deque[_Piece] = deque()  # in order, some of them already taken
        self._by_length: dict[int, deque[_Piece]] = {}

    def pieces(self, document: int, length: int) -> Iterable[tuple[int, int]]:
        """(start, tokens) of the pieces of a document."""
        if length < 0:
            raise negative_error(document, length)
        if length == 0:
            return []
        if length + self._request.eos <= self._request.window:
            return [(0, length + self._request.eos)]
        if self._request.overlong == "raise":
            raise overlong_error(document, length, self._request)
        if self._request.overlong == "truncate":
            return [(0, self._request.window)]
        return split_overlong(length, self._request) if self._request.overlong == "split" else []

    def add(self, document: int, start: int, tokens: int) -> None:
        """Adds a piece."""
        piece = [tokens + self._request.separator, document, start, 1]
        self._waiting.append(piece)
        self._by_length.setdefault(piece[0], deque()).append(piece)
        self._stock.add(piece[0])
        self.held += 1
        self.tokens += piece[0]

    def take_window(self) -> TrainingWindow:
        """A window with the piece that has waited longest."""
        while not self._waiting[0][3]:
            self._waiting.popleft()
        first = self._stock.largest_fitting(self._waiting[0][0])
        content = self._stock.fill_bin(self.capacity, self._request.max_documents, first)
        taken = []
        for slot, items in content:
            size = self._stock.sizes[slot]
            alike = self._by_length[size]
            taken += [alike.popleft() for _ in range(items)]
            if not alike:
                del self._by_length[size]
            self._stock.take(slot, items)
        self._stock.compact()
        for piece in taken:
            piece[3] = 0
            self.tokens -= piece[0]
        self.held -= len(taken)
        if len(self._waiting) > 2 * self.held:
            self._waiting = deque(piece for piece in self._waiting if piece[3])
        return self._window(taken)

    def drain(self) -> Iterator[TrainingWindow]:
        """Windows for all that is left."""
        pieces = [piece for piece in self._waiting if piece[3]]
        plan = pack_sequences(
            array("Q", (piece[0] for piece in pieces)),
            self.capacity,
            max_documents=self._request.max_documents,
        )
        for window in plan:
            yield self._window([pieces[number] for number in window.documents])

    def _window(self, pieces: list[_Piece]) -> TrainingWindow:
        ordered = sorted((document, start, size) for size, document, start, _ in pieces)
        between = self._request.separator
        documents = array("Q", (document for document, _, _ in ordered))
        starts = array("Q", (start for _, start, _ in ordered))
        lengths = array("Q", (size - between for _, _, size in ordered))
        return TrainingWindow(
            memoryview(documents), memoryview(starts), memoryview(lengths), between
        )
