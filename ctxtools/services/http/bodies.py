"""Reading the body of a request, within bounds, and its JSON.

A body that is too large, or comes too slowly, is not kept; what still comes of it is read and
dropped, so that the client reads the answer instead of a broken connection.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from ctxtools.services.http.answers import Headers, Refused
from ctxtools.units import format_bytes

Receive = Callable[[], Awaitable[Any]]
RawHeaders = list[tuple[bytes, bytes]]
CLOSE: Headers = ((b"connection", b"close"),)
RETRY: Headers = ((b"retry-after", b"1"),)


class Gone(Exception):
    """The client hung up: there is nobody to answer."""


class BodyReader:
    """Reads bodies.

    Args:
        max_body: bytes of one.
        timeout: seconds in which one has to arrive.
        max_held: bytes of all bodies that have begun and are not complete.
    """

    def __init__(self, max_body: int, timeout: float, max_held: int) -> None:
        self._max_body = max_body
        self._timeout = timeout
        self._max_held = max_held
        self._held = 0

    async def read(self, headers: RawHeaders, receive: Receive) -> bytes:
        """The body of a request.

        Whether anything comes at all is a matter of the protocol, which waits no longer either; a
        timer for each request would take as long as the request.

        Raises:
            Refused: it is too large, too slow, or not plain JSON by its headers.
            Gone: the client hung up.
        """
        try:
            length = _checked_headers(headers)
            if length is not None and length > self._max_body:
                raise self._too_large(length)
        except Refused:
            await self.drop(headers, receive)
            raise
        message = await _message(receive)
        data: bytes = message.get("body", b"")
        if message.get("more_body"):
            try:
                async with asyncio.timeout(self._timeout):
                    return await self._read_on(data, headers, receive)
            except TimeoutError:
                raise self._too_slow() from None
        if len(data) > self._max_body:
            raise self._too_large(len(data))
        return data

    async def drop(self, headers: RawHeaders, receive: Receive) -> None:
        """Read a body that nobody wants, so that the connection can go on; errors are those of
        ``read``."""
        if not any(name in (b"content-length", b"transfer-encoding") for name, _ in headers):
            return
        try:
            async with asyncio.timeout(self._timeout):
                await _drop(headers, receive)
        except TimeoutError:
            raise self._too_slow() from None

    async def _read_on(self, data: bytes, headers: RawHeaders, receive: Receive) -> bytes:
        pieces, size, more = [data], len(data), True
        self._held += size
        try:
            while more:
                if size > self._max_body or self._held > self._max_held:
                    break
                message = await _message(receive)
                data, more = message.get("body", b""), message.get("more_body", False)
                pieces.append(data)
                size += len(data)
                self._held += len(data)
            if size <= self._max_body and not more:
                return b"".join(pieces)
        finally:
            self._held -= size
        del pieces
        if more:
            await _drop(headers, receive)
        if size > self._max_body:
            raise self._too_large(None)
        raise Refused(503, "too many large requests at once", headers=RETRY + CLOSE)

    def _too_slow(self) -> Refused:
        return Refused(
            408, f"the body did not arrive within {self._timeout:g} seconds", headers=CLOSE
        )

    def _too_large(self, size: int | None) -> Refused:
        found = "" if size is None else f"{format_bytes(size)}, "
        return Refused(
            413, f"the body is too large: {found}at most {format_bytes(self._max_body)} are read"
        )


async def _message(receive: Receive) -> Any:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    return message


async def _drop(headers: RawHeaders, receive: Receive) -> None:
    """Read the rest of a body, and keep nothing of it; a client that asks before it sends does not
    have to send it."""
    if any(name == b"expect" for name, _ in headers):
        return
    while (await _message(receive)).get("more_body"):
        pass


def _checked_headers(headers: RawHeaders) -> int | None:
    """The length that headers announce; None if they do not.

    Raises:
        Refused: they announce no plain JSON.
    """
    kind, length = b"", None
    for name, value in headers:
        if name == b"content-type":
            kind = value
        elif name == b"content-length":
            length = int(value) if value.isdigit() and len(value) < 20 else None
        elif name == b"content-encoding" and value.lower() not in (b"", b"identity"):
            raise Refused(415, "compressed bodies are not read: send the JSON as it is")
    if kind == b"application/json":
        return length
    media, _, parameters = kind.lower().partition(b";")
    if media.strip() != b"application/json":
        raise Refused(415, "the content-type must be application/json")
    charset = parameters.partition(b"charset=")[2].strip(b"\"' ")
    if charset not in (b"", b"utf-8", b"utf8", b"us-ascii"):
        raise Refused(415, "JSON is UTF-8: leave the charset out")
    return length


def parse_object(data: bytes) -> dict[str, Any]:
    """The JSON object that a body is.

    Raises:
        Refused: it is none.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, f"the body is not UTF-8 ({error.reason})") from None
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refused(400, f"the body is not JSON: {error.msg}, {where}") from None
    except RecursionError:
        raise Refused(400, "the body is nested too deeply") from None
    except ValueError:  # a number of more digits than Python converts
        raise Refused(400, "the body is not JSON: a number has too many digits") from None
    if not isinstance(value, dict):
        raise Refused(400, "the body must be a JSON object")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise Refused(400, f"the body is not JSON: {name} is no number of JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
