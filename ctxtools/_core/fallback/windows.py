"""From lengths of documents to training windows: which document, from which token on, goes where.

Step by step as ``kernel/src/pack/windows.rs``, so that plans are equal.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ctxtools._core.fallback import bin_packing as bins
from ctxtools._core.types import Overlong, Packed, Request, split_overlong

_WIDE = 2**32  # from here on, numbers take 64 bits


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
    """Packs documents into training windows; the kernel's stub has arguments and errors."""
    request = Request(window, eos, separator, max_documents, overlong, seed)
    dropped, empty = _survey(lengths, request)
    counts = Counter(tokens for _, _, tokens in _pieces(lengths, request))
    sizes = sorted(counts)
    numbers = [counts[size] for size in sizes]
    # A separator is part of each piece, and of a window that is longer by the one it has too many.
    between = request.separator
    packing, bound = bins.pack(
        [size + between for size in sizes], numbers, request.window + between, request.max_documents
    )
    slots = _Slots.of(packing, sizes, numbers)
    random = _random(request.seed) if request.seed is not None else None
    if random:
        for part in slots.by_length.values():
            _shuffle(random, part)
        places = list(range(len(slots.pieces)))
        _shuffle(random, places)
    else:
        places = _by_first_document(lengths, request, slots)
    longest = max(lengths, default=0) + request.eos
    wide = longest >= _WIDE or len(lengths) >= _WIDE
    offsets, rows = _place(lengths, request, slots, places, "Q" if wide else "I")
    if random:
        _shuffle_within(random, offsets, rows)
    return Packed(
        memoryview(offsets),
        memoryview(rows[0]),
        memoryview(rows[1]),
        memoryview(rows[2]),
        memoryview(array("Q", dropped)),
        memoryview(array("Q", empty)),
        bound,
    )


def _survey(lengths: memoryview, request: Request) -> tuple[list[int], list[int]]:
    """The documents that are dropped, and those without a token."""
    dropped, empty, pieces = [], [], len(lengths)
    for document, length in enumerate(lengths):
        if length < 0:
            raise ValueError("negative", document)
        if length == 0:
            empty.append(document)
        elif length + request.eos > request.window:
            if request.overlong == "drop":
                dropped.append(document)
            elif request.overlong == "raise":
                raise ValueError("overlong", document)
            else:
                pieces += (length + request.eos - 1) // request.window
    if pieces >= bins.NONE:
        raise OverflowError("there are 2**32 pieces or more")
    return dropped, empty


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
            for start, part in split_overlong(length, request):
                yield document, start, part


@dataclass(slots=True)
class _Slots:
    """For the pieces of each length, the bins that they go to; and the pieces of each bin."""

    by_length: dict[int, list[int]]
    pieces: list[int]

    @classmethod
    def of(cls, packing: bins.Packing, sizes: list[int], counts: list[int]) -> "_Slots":
        slots: dict[int, list[int]] = {size: [] for size in sizes}
        pieces = [0] * packing.bins
        first = 0
        for last, alike in packing.groups:
            for number, items in packing.chain(last):
                slot = slots[sizes[number]]
                for bin in range(first, first + alike):
                    slot += [bin] * items
                    pieces[bin] += items
            first += alike
        return cls(slots, pieces)

    def take(self) -> Callable[[int], int]:
        """Gives the next bin for a piece of a length."""
        nexts = {size: iter(part) for size, part in self.by_length.items()}
        return lambda tokens: next(nexts[tokens])


def _random(seed: int) -> Iterator[int]:
    """SplitMix64 (Steele, Lea and Flood 2014): 64 bits at a time."""
    mask = 2**64 - 1
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & mask
        mixed = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        yield mixed ^ (mixed >> 31)


def _shuffle(random: Iterator[int], *rows: "list[int] | array[int]") -> None:
    """Fisher and Yates: from the last to the second, swaps each with one up to it."""
    for i in range(len(rows[0]) - 1, 0, -1):
        other = (next(random) * (i + 1)) >> 64
        for row in rows:
            row[i], row[other] = row[other], row[i]


def _shuffle_within(random: Iterator[int], offsets: "array[int]", rows: "list[array[int]]") -> None:
    for i in range(1, len(offsets)):
        part = slice(offsets[i - 1], offsets[i])
        parts = [row[part] for row in rows]
        _shuffle(random, *parts)
        for row, shuffled in zip(rows, parts, strict=True):
            row[part] = shuffled


def _by_first_document(lengths: memoryview, request: Request, slots: _Slots) -> list[int]:
    """A place among the windows for each bin: in the order of their first pieces."""
    take = slots.take()
    places: dict[int, int] = {}
    for _, _, tokens in _pieces(lengths, request):
        places.setdefault(take(tokens), len(places))
        if len(places) == len(slots.pieces):
            break
    return [places[bin] for bin in range(len(places))]


def _place(
    lengths: memoryview, request: Request, slots: _Slots, places: list[int], code: str
) -> "tuple[array[int], list[array[int]]]":
    """Each piece in its window, in the order of the documents: offsets; documents, starts,
    lengths."""
    offsets = array("Q", bytes(8 * (len(places) + 1)))
    for bin, place in enumerate(places):
        offsets[place + 1] = slots.pieces[bin]
    for i in range(1, len(offsets)):
        offsets[i] += offsets[i - 1]
    cursors = [offsets[place] for place in places]
    zeros = bytes(array(code).itemsize * offsets[-1])
    rows = [array(code, zeros) for _ in range(3)]
    documents, starts, tokens_of = rows
    take = slots.take()
    for document, start, tokens in _pieces(lengths, request):
        bin = take(tokens)
        at = cursors[bin]
        cursors[bin] += 1
        documents[at], starts[at], tokens_of[at] = document, start, tokens
    return offsets, rows
