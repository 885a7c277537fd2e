"""Training windows from the lengths of documents: which span of which document goes where.

The same steps as ``kernel/src/pack/windows.rs``, so that plans are equal.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ctxtools._core.bins import max_pieces
from ctxtools._core.fallback import bin_packing
from ctxtools._core.types import Overlong, Packed, Request, split_overlong

INTEGERS = {*"bBhHiIlLqQnN"}
_MASK = 2**64 - 1
WIDE = 2**32  # numbers from here on take 64 bits


def pack_sequences(
    lengths: memoryview,
    window: int,
    *,
    eos: int,
    separator: int,
    max_documents: int,
    overlong: Overlong,
    seed: int | None,
) -> Packed:
    """Packs documents into training windows; arguments and errors are those of `_kernel.pyi`."""
    if lengths.format not in INTEGERS:
        raise TypeError("lengths must be a buffer of integers")
    request = Request(window, eos, separator, max_documents, overlong, seed)
    too_long, empty = _survey(lengths, request)
    counts = Counter(tokens for _, _, tokens in _pieces(lengths, request))
    sizes = sorted(counts)
    numbers = [counts[size] for size in sizes]
    # Each piece counts with a separator, one more than there are, and the window is longer by it.
    separator = request.separator
    packing, bound = bin_packing.pack(
        [size + separator for size in sizes],
        numbers,
        request.window + separator,
        request.max_documents,
    )
    assignment = _Assignment.of(packing, sizes)
    random = _random(request.seed) if request.seed is not None else None
    if random:
        for bins in assignment.bins_by_length.values():
            _shuffle(random, bins)
        windows = list(range(len(assignment.pieces)))
        _shuffle(random, windows)
    else:
        windows = _by_first_document(lengths, request, assignment)
    longest = max(lengths, default=0) + request.eos
    wide = longest >= WIDE or len(lengths) >= WIDE
    offsets, rows = _place(lengths, request, assignment, windows, "Q" if wide else "I")
    if random:
        _shuffle_within(random, offsets, rows)
    return Packed(
        memoryview(offsets),
        memoryview(rows[0]),
        memoryview(rows[1]),
        memoryview(rows[2]),
        memoryview(array("Q", too_long)),
        memoryview(array("Q", empty)),
        bound,
    )


def _survey(lengths: memoryview, request: Request) -> tuple[list[int], list[int]]:
    """The documents that are truncated or dropped, and those without a token."""
    too_long, empty, pieces = [], [], 0
    for document, length in enumerate(lengths):
        if length < 0:
            raise ValueError("negative", document)
        if length == 0:
            empty.append(document)
            continue
        pieces += 1
        if length + request.eos > request.window:
            if request.overlong in ("truncate", "drop"):
                too_long.append(document)
            elif request.overlong == "raise":
                raise ValueError("overlong", document)
            else:
                if length + request.eos >= 2**64:  # no piece ends beyond 64 bits
                    raise OverflowError(2**64 - 1)
                pieces += (length + request.eos - 1) // request.window
    if pieces > max_pieces(len(lengths)):
        raise OverflowError(pieces)
    return too_long, empty


def _pieces(lengths: memoryview, request: Request) -> Iterator[tuple[int, int, int]]:
    """(document, start, tokens) of each piece, in order."""
    window, eos = request.window, request.eos
    for document, length in enumerate(lengths):
        tokens = length + eos
        if length == 0:
            continue
        if tokens <= window:
            yield document, 0, tokens
        elif request.overlong == "split":
            for start, count in split_overlong(length, request):
                yield document, start, count
        elif request.overlong == "truncate":
            yield document, 0, window


@dataclass(frozen=True, slots=True)
class _Assignment:
    """The bins that the pieces of each length go into; and the number of pieces in each bin."""

    bins_by_length: dict[int, list[int]]
    pieces: list[int]

    @classmethod
    def of(cls, packing: bin_packing.Packing, sizes: list[int]) -> "_Assignment":
        bins_by_length: dict[int, list[int]] = {size: [] for size in sizes}
        pieces = [0] * packing.bins
        first = 0
        for last, alike in packing.groups:
            for number, items in packing.chain(last):
                bins = bins_by_length[sizes[number]]
                for bin in range(first, first + alike):
                    bins += [bin] * items
                    pieces[bin] += items
            first += alike
        return cls(bins_by_length, pieces)

    def next_bin(self) -> Callable[[int], int]:
        """A function from the length of the next piece to its bin."""
        remaining = {size: iter(bins) for size, bins in self.bins_by_length.items()}
        return lambda tokens: next(remaining[tokens])


def _random(seed: int) -> Iterator[int]:
    """SplitMix64 (Steele, Lea and Flood 2014): 64 bits each."""
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & _MASK
        yield mix(seed)


def mix(number: int) -> int:
    """A bijection of 64 bits: the output function of SplitMix64."""
    mixed = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)


def _shuffle(random: Iterator[int], *rows: "list[int] | array[int]") -> None:
    """Fisher-Yates: swaps each row, from the last to the second, with one up to it."""
    for i in range(len(rows[0]) - 1, 0, -1):
        other = (next(random) * (i + 1)) >> 64
        for row in rows:
            row[i], row[other] = row[other], row[i]


def _shuffle_within(random: Iterator[int], offsets: "array[int]", rows: "list[array[int]]") -> None:
    for i in range(1, len(offsets)):
        pieces = slice(offsets[i - 1], offsets[i])
        shuffled = [row[pieces] for row in rows]
        _shuffle(random, *shuffled)
        for row, changed in zip(rows, shuffled, strict=True):
            row[pieces] = changed


def _by_first_document(lengths: memoryview, request: Request, assignment: _Assignment) -> list[int]:
    """The window that each bin becomes: in the order of their first pieces."""
    next_bin = assignment.next_bin()
    windows: dict[int, int] = {}
    for _, _, tokens in _pieces(lengths, request):
        windows.setdefault(next_bin(tokens), len(windows))
        if len(windows) == len(assignment.pieces):
            break
    return [windows[bin] for bin in range(len(windows))]


def _place(
    lengths: memoryview, request: Request, assignment: _Assignment, windows: list[int], code: str
) -> "tuple[array[int], list[array[int]]]":
    """Each piece in its window, in the order of the documents.

    Args:
        lengths, request, assignment: of the documents.
        windows: the window that each bin becomes.
        code: the format of the rows.

    Returns:
        The offsets of the windows' pieces; the rows of documents, starts and lengths.
    """
    offsets = array("Q", bytes(8 * (len(windows) + 1)))
    for bin, window in enumerate(windows):
        offsets[window + 1] = assignment.pieces[bin]
    for i in range(1, len(offsets)):
        offsets[i] += offsets[i - 1]
    cursors = [offsets[window] for window in windows]
    zeros = bytes(array(code).itemsize * offsets[-1])
    rows = [array(code, zeros) for _ in range(3)]
    documents, starts, tokens_of = rows
    next_bin = assignment.next_bin()
    for document, start, tokens in _pieces(lengths, request):
        bin = next_bin(tokens)
        row = cursors[bin]
        cursors[bin] += 1
        documents[row], starts[row], tokens_of[row] = document, start, tokens
    return offsets, rows
