"""What is asked of the packing into windows, and what comes back, with the kernel or without it."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from ctxtools.errors import UsageError

Overlong = Literal["split", "drop", "raise"]

UNLIMITED = 2**32 - 1  # documents of a window, where there is no limit


class Request(NamedTuple):
    """How to pack; see `ctxtools.packing.training.sequences.pack_sequences`."""

    window: int
    eos: int = 0
    separator: int = 0
    most: int = UNLIMITED
    overlong: Overlong = "split"
    seed: int | None = None


class Packed(NamedTuple):
    """Windows as arrays; see `ctxtools.packing.training.plan.Plan`."""

    offsets: memoryview
    documents: memoryview
    starts: memoryview
    lengths: memoryview
    dropped: memoryview
    empty: memoryview
    lower_bound: int


def cut(length: int, request: Request) -> Iterator[tuple[int, int]]:
    """(start, tokens) of the pieces of a document that is split: whole windows, then the rest.

    The last one has a token of the document itself, not only those behind it.
    """
    tokens = length + request.eos
    last = min((tokens - 1) // request.window * request.window, length - 1)
    for start in range(0, last, request.window):
        yield start, min(request.window, last - start)
    yield last, tokens - last


def negative_error(document: int, length: int) -> UsageError:
    """The error of a length below 0."""
    return UsageError(f"document {document:,} has {length:,} tokens", hint="lengths are 0 or more")


def overlong_error(document: int, length: int, request: Request) -> UsageError:
    """The error of a document that is longer than a window, where that is refused."""
    end = f" and {request.eos:,} behind it" if request.eos else ""
    return UsageError(
        f"document {document:,} has {length:,} tokens{end}, more than the window of "
        f"{request.window:,}",
        hint="ask for overlong documents to be split or dropped, or for a larger window",
    )
