"""Answers to requests, and why a request is refused."""

import json
import re
from typing import Any, NamedTuple

from ctxtools.errors import (
    CtxtoolsError,
    FormatError,
    MissingExtraError,
    ReadError,
    SpecialTokenError,
    UnknownEncodingError,
    UnknownModelError,
    UnknownTokenError,
    UsageError,
)
from ctxtools.messages.plain import Total
from ctxtools.messages.shapes.sources import IN_REQUESTS

Headers = tuple[tuple[bytes, bytes], ...]

JSON: Headers = ((b"content-type", b"application/json"),)
# What is wrong with a request, or with what this installation has. All else is a matter of the
# server's own files, which are named in those errors.
_OF_REQUESTS = (
    *(UsageError, FormatError, ReadError, UnknownModelError, UnknownEncodingError),
    *(UnknownTokenError, SpecialTokenError, MissingExtraError),
)
_OF_PYTHON = re.compile(r"\b\w+=|`ctx |load_encoding")  # hints for callers of the library
_MEDIA_HINT = f"{IN_REQUESTS}; `ctx serve --media-tokens` counts a number for each"
_MODELS_HINT = "GET /v1/models lists those that are known"


class Answer(NamedTuple):
    """What is sent back.

    Attributes:
        status: of HTTP.
        body: its bytes.
        headers: beside the length.
        tokens: that were counted, for the metrics.
    """

    status: int
    body: bytes
    headers: Headers = JSON
    tokens: int = 0


class Refused(Exception):
    """A request that is not answered as asked.

    Args:
        status: of HTTP.
        message: what was wrong, for the client.
        parameter: the field of the body that is wrong, if it is one.
        headers: that go with the answer.
    """

    def __init__(
        self, status: int, message: str, *, parameter: str | None = None, headers: Headers = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.parameter = parameter
        self.headers = headers


def refusal_of(error: CtxtoolsError) -> Refused | None:
    """An error of the library as the answer; None if it is none of the request's."""
    if not isinstance(error, _OF_REQUESTS):
        return None
    status, parameter = 400, None
    if isinstance(error, UnknownModelError):
        status, parameter = 404, "model"
    elif isinstance(error, MissingExtraError):
        status = 501
    hint = error.hint or ""
    if "media_sizes" in hint:
        hint = _MEDIA_HINT
    elif _OF_PYTHON.search(hint):
        hint = _MODELS_HINT if status == 404 else ""
    return Refused(
        status, f"{error.message} ({hint})" if hint else error.message, parameter=parameter
    )


def json_answer(value: Any, *, status: int = 200, more: Headers = (), tokens: int = 0) -> Answer:
    """A JSON value as the answer, in ASCII: any text can be in it."""
    return Answer(status, json.dumps(value).encode("ascii"), JSON + more, tokens)


def count_headers(found: Total) -> Headers:
    """How a number is known: whether it is exact, by what, and else the interval it is in."""
    interval, basis = found.interval, found.basis.encode()
    if interval.exact:
        return ((b"ctx-token-exact", b"true"), (b"ctx-token-basis", basis))
    return (
        (b"ctx-token-exact", b"false"),
        (b"ctx-token-basis", basis),
        (b"ctx-token-interval", b"%d-%d" % (interval.low, interval.high)),
    )
