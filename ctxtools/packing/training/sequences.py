"""Packing documents into training windows, close to the fewest that there can be.

>>> plan = pack_sequences([700, 300, 400, 600, 2500], window=1000)
>>> plan.bins, plan.lower_bound, plan.efficiency
(5, 5, 0.9)
>>> [window.documents.tolist() for window in plan]
[[0, 1], [2, 3], [4], [4], [4]]

The algorithm is best-fit decreasing over the histogram of lengths, then, where that stays above the
lower bound, filling window by window: see ``kernel/src/bins.rs``.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from operator import index
from typing import Any, SupportsIndex

from ctxtools import _core
from ctxtools._core.types import UNLIMITED, Overlong, Packed, Request
from ctxtools.errors import CtxtoolsError, UsageError
from ctxtools.packing.training.length_errors import negative_error, overlong_error
from ctxtools.packing.training.lengths import length_buffer
from ctxtools.packing.training.plan import Plan
from ctxtools.units import parse_size

Boundaries = Callable[[int], Iterable[int]]


def pack_sequences(
    lengths: Any,
    window: int | str,
    *,
    eos_tokens: int = 0,
    separator_tokens: int = 0,
    overlong: Overlong = "split",
    boundaries: Boundaries | None = None,
    max_documents: int | None = None,
    seed: int | None = None,
) -> Plan:
    """Put documents into as few windows as can be found, every token exactly once.

    Args:
        lengths: the tokens of each document: a buffer (numpy, array), which is not copied, an Arrow
            column, or an iterable. Documents without a token are in no window: ``Plan.empty``.
        window: tokens of a window at most, 1 or more; also as a size ("8k", "1Mi").
        eos_tokens: tokens behind each document. They count as a part of it; a document that is
            split has them once, at its end.
        separator_tokens: tokens between two documents of a window.
        overlong: what to do with a document that is longer than a window, EOS included: "split"
            it into whole windows and a rest, "drop" it (``Plan.dropped``), or "raise".
        boundaries: places where a document that is split may be cut, in tokens from its start: a
            function that is called with the document's number. It is cut at the last one that a
            window has room for, else exactly at the window's end. `token_boundaries` finds some.
        max_documents: of a window, 1 or more; None for as many as fit.
        seed: shuffles windows, documents within each, and which of equally long documents goes
            where; the same on every machine (SplitMix64), 0 to 2**64 - 1. None keeps the order of
            the documents: within windows, and of windows by their first document.

    Raises:
        UsageError: an argument cannot be used, a length is negative, or a document is longer than a
            window and ``overlong`` is "raise".
        MissingExtraError: lengths in Arrow, and pyarrow is not installed.

    Sources: Krell and others 2021 (arXiv 2107.02027), Ding and others 2024 (arXiv 2404.10830),
    Martello and Toth 1990, Gupta and Ho 1999.
    """
    request = make_request(window, eos_tokens, separator_tokens, overlong, max_documents, seed)
    view = length_buffer(lengths)
    if boundaries is not None and not callable(boundaries):
        raise UsageError(
            f"boundaries is {boundaries!r:.50}",
            hint="it is a function from a document's number to places in its tokens",
        )
    if boundaries is not None and overlong == "split":
        packed = _pack_cut(view, request, boundaries)
    else:
        packed = _pack(view, request)
    return Plan(request.window, *packed, eos_tokens, separator_tokens)


def make_request(
    window: int | str,
    eos_tokens: int,
    separator_tokens: int,
    overlong: Overlong,
    max_documents: int | None,
    seed: int | None,
) -> Request:
    """The arguments, once they are known to make sense.

    Raises:
        UsageError: one does not.
    """
    size = whole("window", parse_size(window) if isinstance(window, str) else window, 1)
    eos = whole("eos_tokens", eos_tokens, 0)
    separator = whole("separator_tokens", separator_tokens, 0)
    most = UNLIMITED if max_documents is None else whole("max_documents", max_documents, 1)
    if overlong not in ("split", "drop", "raise"):
        raise UsageError(f"overlong is {overlong!r}", hint='it is "split", "drop" or "raise"')
    if eos >= size:
        raise UsageError(
            f"a window of {size:,} tokens has no room for a token and the {eos:,} behind it",
            hint="make the window larger, or eos_tokens smaller",
        )
    if seed is not None:
        seed = whole("seed", seed, 0, 2**64 - 1)
    return Request(size, eos, separator, min(most, UNLIMITED), overlong, seed)


def whole(name: str, value: SupportsIndex, least: int, largest: int = 2**62) -> int:
    """The value of an argument, once it is known to be a whole number between these.

    Raises:
        UsageError: it is none.
    """
    try:
        number = index(value)
    except TypeError:
        raise UsageError(f"{name} is {value!r}", hint="it is a whole number") from None
    if not least <= number <= largest:
        raise UsageError(f"{name} is {number:,}", hint=f"it is {least} or more, to {largest:,}")
    return number


def _pack(lengths: memoryview, request: Request) -> Packed:
    if not len(lengths):  # an empty buffer may have no address, which the kernel refuses
        wide, narrow = memoryview(array("Q")), memoryview(array("I"))
        return Packed(memoryview(array("Q", [0])), narrow, narrow, narrow, wide, wide, 0)
    try:
        *columns, bound = _core.pack_sequences(
            lengths,
            request.window,
            eos=request.eos,
            separator=request.separator,
            max_documents=request.max_documents,
            overlong=request.overlong,
            seed=request.seed,
        )
    except ValueError as error:
        kind, document = error.args
        length = lengths[document]
        if kind == "negative":
            raise negative_error(document, length) from None
        raise overlong_error(document, length, request) from None
    except (OverflowError, MemoryError) as error:
        raise CtxtoolsError(
            f"the documents are too many pieces of {request.window:,} tokens",
            hint="pack them in parts, or with a larger window",
        ) from error
    rows: Any = [*(memoryview(column) for column in columns), bound]
    return Packed._make(rows)


def _pack_cut(lengths: memoryview, request: Request, boundaries: Boundaries) -> Packed:
    """Packs the pieces that documents are cut into as documents of their own."""
    kept = [i for i, length in enumerate(lengths) if length != 0]
    pieces, owners, starts = array("Q"), array("Q"), array("Q")
    for document in kept:
        length = lengths[document]
        if length < 0:
            raise negative_error(document, length)
        ends = [length]
        if length + request.eos > request.window:
            ends = _cut(length, request, _places(boundaries, document))
        start = 0
        for end in ends:
            owners.append(document)
            starts.append(start)
            pieces.append(end - start + (request.eos if end == length else 0))
            start = end
    packed = _pack(memoryview(pieces), request._replace(eos=0))
    code = packed.documents.format
    empty = array("Q", (i for i, length in enumerate(lengths) if length == 0))
    return packed._replace(
        documents=memoryview(array("Q", (owners[piece] for piece in packed.documents))),
        starts=memoryview(array("Q", (starts[piece] for piece in packed.documents))),
        lengths=packed.lengths if code == "Q" else memoryview(array("Q", packed.lengths)),
        empty=memoryview(empty),
    )


def _places(boundaries: Boundaries, document: int) -> list[int]:
    found = boundaries(document)
    try:
        return sorted(set(map(index, found)))
    except TypeError:
        raise UsageError(
            f"the boundaries of document {document:,} are {found!r:.50}",
            hint="they are places in tokens: whole numbers",
        ) from None


def _cut(length: int, request: Request, places: Sequence[int]) -> list[int]:
    """The ends of the pieces of a document: at the last boundary that a window has room for."""
    ends, start, at = [], 0, 0
    while length - start + request.eos > request.window:
        limit = min(start + request.window, length - 1)
        end = limit
        while at < len(places) and places[at] <= limit:
            end = places[at] if places[at] > start else end
            at += 1
        ends.append(end)
        start = end
    return [*ends, length]
