"""Packing documents into training windows, close to the fewest possible.

>>> plan = pack_sequences([700, 300, 400, 600, 2500], window=1000)
>>> plan.bins, plan.lower_bound, plan.efficiency
(5, 5, 0.9)
>>> [window.documents.tolist() for window in plan]
[[0, 1], [2, 3], [4], [4], [4]]

The algorithm is best-fit decreasing over the histogram of lengths, then, where that stays above the
lower bound, filling window by window: see ``kernel/src/pack/bin_packing.rs``.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from operator import index
from typing import Any

from ctxtools import _core
from ctxtools._core.bins import max_pieces
from ctxtools._core.types import UNLIMITED, Overlong, Packed, Request
from ctxtools.checks import check_choice, check_integer, shown, shown_integer
from ctxtools.errors import CtxtoolsError, UsageError
from ctxtools.packing.training.lengths import length_buffer, negative_error, overlong_error
from ctxtools.packing.training.plan import Plan
from ctxtools.units import parse_size

Boundaries = Callable[[int], Iterable[int]]

_FEWER = "pack fewer documents at a time, or into larger windows"


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
    """Put documents into as few training windows as can be found, every token exactly once.

    Args:
        lengths: the tokens of each document: a buffer (numpy, array), which is not copied, an Arrow
            column, or an iterable. Empty documents are in no window: ``Plan.empty``.
        window: the limit of a window in tokens, 1 or more; also as a size ("8k", "1Mi").
        eos_tokens: tokens after each document. They count as part of it; a document that is
            split has them once, at its end.
        separator_tokens: tokens between two documents of a window.
        overlong: what to do with a document that is longer than a window, EOS included: "split"
            it into full windows and a rest, "truncate" it to what fits into a window with its EOS
            (``Plan.truncated``), "drop" it (``Plan.dropped``), or "raise".
        boundaries: called with the number of a document that is split; returns where it may be cut,
            in tokens from its start. It is cut at the last of these that fits into a window, else
            exactly at the window's end. `token_boundaries` finds some.
        max_documents: the limit of documents in a window, 1 or more; None for as many as fit.
        seed: shuffles windows, documents within each, and which of equally long documents goes
            where; the same on every machine (SplitMix64), 0 to 2**64 - 1. None keeps the order of
            the documents: within windows, and of windows by their first document.

    Raises:
        UsageError: an argument cannot be used, a length is negative, or a document is longer than a
            window and ``overlong`` is "raise"; or documents would be split into more than 2**24
            pieces and 64 more for each document.
        CtxtoolsError: there is not enough memory for the plan.
        MissingExtraError: lengths in Arrow, and pyarrow is not installed.

    Sources: Krell and others 2021 (arXiv 2107.02027), Ding and others 2024 (arXiv 2404.10830),
    Martello and Toth 1990, Gupta and Ho 1999.
    """
    request = make_request(window, eos_tokens, separator_tokens, overlong, max_documents, seed)
    view = length_buffer(lengths)
    if boundaries is not None and not callable(boundaries):
        raise UsageError(
            f"boundaries must be callable, got {shown(boundaries, 50)}",
            hint="it takes a document's number and returns offsets in its tokens",
        )
    if boundaries is not None and overlong == "split":
        packed = _pack_at_boundaries(view, request, boundaries)
    else:
        packed = _pack(view, request)
    none = memoryview(array("Q"))
    return Plan(
        request.window,
        packed.offsets,
        packed.documents,
        packed.starts,
        packed.lengths,
        packed.overlong if overlong == "drop" else none,
        packed.empty,
        packed.lower_bound,
        eos_tokens,
        separator_tokens,
        packed.overlong if overlong == "truncate" else none,
    )


def make_request(
    window: int | str,
    eos_tokens: int,
    separator_tokens: int,
    overlong: Overlong,
    max_documents: int | None,
    seed: int | None,
) -> Request:
    """The arguments, checked.

    Raises:
        UsageError: one cannot be used.
    """
    size = check_integer(
        "window", parse_size(window, "window") if isinstance(window, str) else window, 1
    )
    eos = check_integer("eos_tokens", eos_tokens, 0)
    separator = check_integer("separator_tokens", separator_tokens, 0)
    check_choice("overlong policy", overlong, Overlong)
    if max_documents is None:
        max_documents = UNLIMITED
    max_documents = min(check_integer("max_documents", max_documents, 1), UNLIMITED)
    if eos >= size:
        raise UsageError(
            f"window must be > eos_tokens, got {size} and {eos}",
            hint="a window holds at least one token of a document and its EOS",
        )
    if seed is not None:
        seed = check_integer("seed", seed, 0, 2**64 - 1)
    return Request(size, eos, separator, max_documents, overlong, seed)


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
    except OverflowError as error:
        raise _too_many(len(lengths), request, *error.args) from None
    except MemoryError as error:
        raise CtxtoolsError(
            f"not enough memory for the pieces of {request.window} tokens", hint=_FEWER
        ) from error
    rows: Any = [*(memoryview(column) for column in columns), bound]
    return Packed._make(rows)


def _too_many(documents: int, request: Request, pieces: int) -> UsageError:
    """The error of documents that would be split into so many pieces, or more."""
    return UsageError(
        f"too many pieces: the documents would be split into {shown_integer(pieces)} or more of "
        f"{request.window} tokens, and the limit of so many documents is {max_pieces(documents)}",
        hint=_FEWER,
    )


def _pack_at_boundaries(lengths: memoryview, request: Request, boundaries: Boundaries) -> Packed:
    """Packs the pieces that documents are cut into as documents of their own."""
    kept = [i for i, length in enumerate(lengths) if length != 0]
    pieces, owners, starts = array("Q"), array("Q"), array("Q")
    limit = max_pieces(len(lengths))
    for document in kept:
        length = lengths[document]
        if length < 0:
            raise negative_error(document, length)
        ends = [length]
        if length + request.eos > request.window:
            ends = _cut(length, request, _offsets(boundaries, document), limit - len(pieces))
            if len(pieces) + len(ends) > limit:
                raise _too_many(len(lengths), request, len(pieces) + len(ends))
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


def _offsets(boundaries: Boundaries, document: int) -> list[int]:
    found = boundaries(document)
    try:
        return sorted(set(map(index, found)))
    except TypeError:
        raise UsageError(
            f"boundaries of document {document} must be integers, got {shown(found, 50)}",
            hint="they are offsets in its tokens",
        ) from None


def _cut(length: int, request: Request, boundaries: Sequence[int], most: int) -> list[int]:
    """The ends of the pieces of a document: at the last boundary that fits into a window.

    There are no more than one above ``most``.
    """
    ends: list[int] = []
    start = at = 0
    while length - start + request.eos > request.window and len(ends) < most:
        limit = min(start + request.window, length - 1)
        end = limit
        while at < len(boundaries) and boundaries[at] <= limit:
            end = boundaries[at] if boundaries[at] > start else end
            at += 1
        ends.append(end)
        start = end
    return [*ends, length]
