"""The application: a request's way to its answer, as an ASGI application.

Routes are a table of paths, since a router that compares patterns takes as long as a short count.
"""

import json
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ctxtools.errors import CtxtoolsError
from ctxtools.services.access import has_token
from ctxtools.services.http import openapi
from ctxtools.services.http.answers import (
    Answer,
    Headers,
    Refused,
    json_answer,
    refusal_of,
)
from ctxtools.services.http.bodies import RETRY, BodyReader, Gone, parse_object
from ctxtools.services.http.interfaces import (
    ErrorShape,
    Handler,
    Serving,
    anthropic,
    litellm,
    openai,
    vllm,
)
from ctxtools.services.http.metrics import OTHER, Metrics
from ctxtools.services.http.models import Models
from ctxtools.services.http.work import Workers

MAX_BODY = 32 * 1000 * 1000
"""Bytes, as Anthropic's own limit is."""
TIMEOUT = 30
"""Seconds to read a request, and again to count it."""
MAX_CONCURRENCY = 64
"""Requests that are counted in threads or wait for that."""

_LARGE_BODIES = 8  # of the largest size, which may be read at once
_TEXT: Headers = ((b"content-type", b"text/plain; version=0.0.4; charset=utf-8"),)
_INLINE = 4_096  # bytes: a body that is counted sooner than a thread would begin
_MAX_WARM = 1_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How requests are served.

    Attributes:
        models: that they may name, and the default.
        token: that they have to bring; None lets everybody in.
        max_body: bytes of a body.
        timeout: seconds to read a request, and again to count it.
        max_concurrency: requests that are counted in threads or wait for that.
        media_tokens: of each image, recording or document that cannot be measured; None refuses it.
        log: is told of each request, in a line.
    """

    models: Models
    token: str | None = None
    max_body: int = MAX_BODY
    timeout: float = TIMEOUT
    max_concurrency: int = MAX_CONCURRENCY
    media_tokens: int | None = None
    log: Callable[[str], None] | None = None


class Route(NamedTuple):
    """What is served under a path.

    Attributes:
        error: how its interface writes errors.
        handle: answers a POST.
        show: answers a GET.
        is_open: without a token, too.
    """

    error: ErrorShape
    handle: Handler | None = None
    show: Callable[["App"], Answer] | None = None
    is_open: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        """That it answers."""
        if self.handle:
            return ("POST",)
        return ("GET", "HEAD") if self.show else ()


class App:
    """An ASGI application that counts tokens.

    Args:
        settings: how.
    """

    def __init__(self, settings: Settings) -> None:
        self.serving = Serving(settings.models, settings.media_tokens)
        self.metrics = Metrics()
        self.workers = Workers(settings.max_concurrency, settings.timeout)
        self._bodies = BodyReader(
            settings.max_body, settings.timeout, _LARGE_BODIES * settings.max_body
        )
        self._token = settings.token
        self._log = settings.log
        self._warm: set[tuple[str, object]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return await _refuse_protocol(scope, receive, send)
        start = perf_counter()
        path = scope["path"]
        route = ROUTES.get(path)
        try:
            answer = await self._answer(route or _NOWHERE, scope, receive)
        except Gone:
            self.metrics.hung_up()
            return None
        except Refused as refused:
            answer = _refusal(refused, route or _NOWHERE)
        response = Response(answer.body, answer.status)
        response.raw_headers.extend(answer.headers)
        await response(scope, receive, send)
        seconds = perf_counter() - start
        self.metrics.answered(path if route else OTHER, answer.status, seconds, answer.tokens)
        if self._log:
            shown = json.dumps(path[:100])[1:-1]  # a stranger's
            self._log(
                f"{scope['method']} {shown} {answer.status} {answer.tokens} tokens "
                f"{seconds * 1000:.1f} ms"
            )
        return None

    async def _answer(self, route: Route, scope: Scope, receive: Receive) -> Answer:
        headers = scope["headers"]
        if self._token is not None and not route.is_open and not has_token(headers, self._token):
            await self._bodies.drop(headers, receive)
            raise Refused(
                401,
                "a token is needed, as `Authorization: Bearer` or `x-api-key`",
                headers=((b"www-authenticate", b"Bearer"),),
            )
        if scope["method"] not in route.methods:
            await self._bodies.drop(headers, receive)
            raise _not_served(route)
        if route.handle is None:
            assert route.show is not None
            return route.show(self)
        data = await self._bodies.read(headers, receive)
        if len(data) > _INLINE:
            work = partial(_read_and_count, route.handle, data, self.serving)
            return await self.workers.run(work, receive)
        body = parse_object(data)
        known = (scope["path"], body.get("model"))
        is_quick = isinstance(known[1], str | None) and (_is_plain(body) or _has_no_media(data))
        if is_quick and known in self._warm:
            return _count(route.handle, body, self.serving)
        answer = await self.workers.run(partial(_count, route.handle, body, self.serving), receive)
        if is_quick:
            self._remember(known)
        return answer

    def _remember(self, known: tuple[str, Any]) -> None:
        """From now on small requests for this model are counted at once: all is loaded."""
        if len(self._warm) >= _MAX_WARM:
            self._warm.clear()
        self._warm.add(known)

    def close(self) -> None:
        """Start no more work."""
        self.workers.close()


def _is_plain(body: dict[str, Any]) -> bool:
    """Whether a body has texts alone, of messages or beside them."""
    for value in body.values():
        if isinstance(value, dict):
            return False
        if isinstance(value, list):
            for each in value:
                if not isinstance(each, int) and not (
                    type(each) is dict
                    and len(each) == 2
                    and type(each.get("content")) is str
                    and type(each.get("role")) is str
                ):
                    return False
    return True


def _has_no_media(data: bytes) -> bool:
    """Whether a body evidently holds no medium, which another process may have to read: nothing
    that media come with, and nothing that may hide it."""
    return not (
        (b"\\u" in data or b"data:" in data or b"DATA:" in data)
        or (b'data"' in data or b'Data"' in data)
        or b"ase64" in data
    )


def _read_and_count(handler: Handler, data: bytes, serving: Serving) -> Answer:
    return _count(handler, parse_object(data), serving)


def _count(handler: Handler, body: dict[str, Any], serving: Serving) -> Answer:
    """What a handler answers; whatever else it raises is a refusal."""
    try:
        return handler(body, serving)
    except Refused:
        raise
    except CtxtoolsError as error:
        if refused := refusal_of(error):
            raise refused from None
        print(f"{type(error).__name__}: {error.message}", file=sys.stderr)
        raise Refused(500, "something that this server needs cannot be used") from None
    except RecursionError:
        raise Refused(400, "the body is nested too deeply") from None
    except MemoryError:
        raise Refused(503, "there is not enough memory for this", headers=RETRY) from None
    except Exception as error:
        # No word of what was read: its traceback has lines of code alone.
        print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)
        print(f"this is a bug in ctxtools: {type(error).__name__}", file=sys.stderr)
        raise Refused(500, "this is a bug in ctxtools, which its log describes") from None


def _not_served(route: Route) -> Refused:
    if not route.methods:
        return Refused(404, f"not served here; {OPENAPI_PATH} lists what is")
    allowed = ", ".join(route.methods)
    return Refused(405, f"use {allowed}", headers=((b"allow", allowed.encode()),))


def _refusal(refused: Refused, route: Route) -> Answer:
    return json_answer(route.error(refused), status=refused.status, more=refused.headers)


def _health(app: App) -> Answer:
    return json_answer({"status": "ok"})


def _metrics(app: App) -> Answer:
    return Answer(200, app.metrics.text(app.workers.busy).encode(), _TEXT)


def _models(app: App) -> Answer:
    return openai.list_models(app.serving)


def _openapi(app: App) -> Answer:
    return json_answer(openapi.description())


OPENAPI_PATH = "/openapi.json"
ROUTES: Mapping[str, Route] = {
    "/v1/messages/count_tokens": Route(anthropic.error, anthropic.count_tokens),
    "/v1/responses/input_tokens": Route(openai.error, openai.input_tokens),
    "/tokenize": Route(vllm.error, vllm.tokenize),
    "/detokenize": Route(vllm.error, vllm.detokenize),
    "/utils/token_counter": Route(litellm.error, litellm.token_counter),
    "/v1/models": Route(openai.error, show=_models),
    "/health": Route(openai.error, show=_health, is_open=True),
    "/healthz": Route(openai.error, show=_health, is_open=True),
    "/metrics": Route(openai.error, show=_metrics),
    OPENAPI_PATH: Route(openai.error, show=_openapi),
}
"""What is served, by its path."""
_NOWHERE = Route(openai.error)


async def _refuse_protocol(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer what is not HTTP: there is nothing to start or stop, and no WebSocket."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1003})
    while scope["type"] == "lifespan":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
