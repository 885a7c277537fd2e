"""The server: it runs the work of tools in threads, and hands out their answers in pages.

A tool's function says what is to be found. `Server.answer` finds it in a thread, so that others are
answered meanwhile; tells the client how far it is; and ends it where the client cancels it, or
where it takes too long.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp_types import (
    CallToolResult,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    TextContent,
)
from pydantic import ValidationError

from ctxtools import __version__
from ctxtools.errors import CtxtoolsError
from ctxtools.escape import one_line
from ctxtools.models import Registry
from ctxtools.services.mcp.call import Call, Limits
from ctxtools.services.mcp.jail import Jail
from ctxtools.services.mcp.pages import Answer, Pages, as_json
from ctxtools.services.mcp.targets import Target, find_target
from ctxtools.suggestions import closest_match

NAME = "ctxtools"
_INSTRUCTIONS = (
    "Exact token counts, chunks and packs of texts and files. An answer with next_cursor goes on: "
    "call again with the same arguments and that cursor."
)
_OF_PAGES = ("max_tokens", "cursor")  # arguments, of which the answer does not depend
_LONGEST = 60  # characters of a name
_MAX_ERROR = 2_000  # characters of a message
_TICK = 0.25  # seconds between two looks at a call
_ROOTS = 2.0  # seconds that a client may take to say where it works


@dataclass(frozen=True, slots=True)
class Job:
    """What the work of a call may use.

    Attributes:
        call: is asked now and then whether to go on.
        jail: the folders that it may read.
        registry: the models that are known.
        model: what counts where the call does not say.
    """

    call: Call
    jail: Jail
    registry: Registry
    model: str

    def target(self, name: str | None = None) -> Target:
        """The model or the encoding that counts.

        Raises:
            UnknownModelError: there is none of that name.
            UnknownEncodingError: the model's tokenizer is not here.
        """
        return find_target(name or self.model, self.registry)


class Server(MCPServer[Any]):
    """Tools of ctxtools for agents.

    Args:
        jail: the folders that are served.
        tools: what is offered.
        limits: what a call may take.
        registry: the models that are known.
        model: the model or encoding that counts where a call does not say.
    """

    def __init__(
        self, jail: Jail, tools: list[Tool], limits: Limits, registry: Registry, model: str
    ) -> None:
        super().__init__(
            NAME,
            version=__version__,
            instructions=_INSTRUCTIONS,
            tools=tools,
            log_level="ERROR",
            subscriptions=False,
        )
        self._jail = jail
        self._limits = limits
        self._registry = registry
        self._model = model
        self._arguments = {tool.name: tool.parameters["properties"] for tool in tools}
        self._pages = Pages()
        self._threads = ThreadPoolExecutor(limits.calls, thread_name_prefix="ctxtools")
        self._working, self._lock = 0, Lock()

    @property
    def is_working(self) -> bool:
        """Whether a thread works, maybe on a call that nobody waits for any more."""
        return self._working > 0

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; what is wrong with its arguments is its error, in few words."""
        known = self._arguments.get(name, arguments)
        for each in arguments:
            if each not in known:
                return _error(
                    f"unknown argument {each[:_LONGEST]!r}\n\nhint: {_meant(each, known)}"
                )
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            return _error("; ".join(_wrong(error.__cause__)))

    async def answer(
        self,
        context: Context[Any, Any],
        work: Callable[[Job], Answer],
        max_tokens: int,
        cursor: str,
        *,
        reads: bool = False,
    ) -> CallToolResult:
        """A page of what the work of a call finds.

        Args:
            context: of the call.
            work: finds the answer, on a thread of its own.
            max_tokens: of the page.
            cursor: "" for the first page.
            reads: whether it reads files.
        """
        jail = await self._jail_of(context) if reads else self._jail
        call = Call(self._limits)
        job = Job(call, jail, self._registry, self._model)
        asked = _asked(context, jail)

        def page() -> dict[str, Any]:
            with self._lock:
                self._working += 1
            try:
                call.start()
                return self._pages.page(asked, lambda: work(job), max_tokens, cursor)
            finally:
                with self._lock:
                    self._working -= 1

        future = asyncio.get_running_loop().run_in_executor(self._threads, page)
        try:
            found = await _await(future, call, context)
        except CtxtoolsError as error:
            return _error(jail.cleaned(str(error)))
        finally:
            call.stop()
            future.cancel()
        return CallToolResult(
            content=[TextContent(type="text", text=as_json(found))], structured_content=found
        )

    async def _jail_of(self, context: Context[Any, Any]) -> Jail:
        """The folders that are served, or the parts of them that the client works in."""
        capabilities = context.client_capabilities
        if capabilities is None or capabilities.roots is None:
            return self._jail
        try:
            # The protocol of 2026-07-28 has no such request, and then there is no channel for it.
            found = await context.session.send_request(
                ListRootsRequest(),
                ListRootsResult,
                request_read_timeout_seconds=_ROOTS,
                metadata=ServerMessageMetadata(related_request_id=context.request_id),
            )
        except (MCPError, ValidationError):
            return self._jail
        return self._jail.narrowed(str(root.uri) for root in found.roots)


def server_of(context: Context[Any, Any]) -> Server:
    """The server that a tool is called of."""
    server = context.mcp_server
    assert isinstance(server, Server)
    return server


async def _await(
    future: "asyncio.Future[dict[str, Any]]", call: Call, context: Context[Any, Any]
) -> dict[str, Any]:
    """The result of a call; meanwhile the client is told how far it is."""
    told = 0
    while True:
        done, _ = await asyncio.wait({future}, timeout=_TICK)
        if done:
            return future.result()
        if call.is_late:
            raise call.late()
        if call.bytes > told:
            told = call.bytes
            await context.report_progress(told, None, f"{call.files:,} files, {told:,} bytes")


def _asked(context: Context[Any, Any], jail: Jail) -> str:
    """The tool and the arguments of a call, those of its page aside, and the folders it reads."""
    params = context.request_context.params or {}
    arguments = {k: v for k, v in (params.get("arguments") or {}).items() if k not in _OF_PAGES}
    return as_json([params.get("name"), sorted(arguments.items()), jail.roots])


def _error(message: str) -> CallToolResult:
    message = message if len(message) <= _MAX_ERROR else f"{message[:_MAX_ERROR]}…"
    message = message.encode("utf-8", "replace").decode()  # a lone surrogate cannot be sent
    return CallToolResult(content=[TextContent(type="text", text=message)], is_error=True)


def _meant(name: str, known: Iterable[str]) -> str:
    return closest_match(name[:_LONGEST], known) or f"there are {', '.join(known)}"


def _wrong(error: ValidationError) -> list[str]:
    """What is wrong with arguments, each with its name, and the index in a list."""
    found = []
    for each in error.errors(include_url=False, include_input=False):
        name, *others = each["loc"]  # of these, words are the types that there may be
        where = ".".join([str(name), *(str(other) for other in others if isinstance(other, int))])
        found.append(one_line(f"{where}: {each['msg'][:1].lower()}{each['msg'][1:]}"))
    return list(dict.fromkeys(found))[:5]
