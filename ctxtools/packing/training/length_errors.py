"""The errors of lengths that cannot be packed into training windows."""

from ctxtools._core.types import Request
from ctxtools.errors import UsageError


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
