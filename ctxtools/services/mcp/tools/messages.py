"""``messages``: the tokens of a request, with its tools and media, part by part."""

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp_types import CallToolResult
from pydantic import Field

from ctxtools.encodings import get_encoding, list_encodings
from ctxtools.errors import UsageError
from ctxtools.messages import CountedMessages, Part, count_messages
from ctxtools.messages.shapes.sources import IN_REQUESTS
from ctxtools.models import Model
from ctxtools.services.mcp.pages import MAX_TOKENS, Answer, Lists
from ctxtools.services.mcp.results import MessagesResult
from ctxtools.services.mcp.server import Job, server_of
from ctxtools.services.mcp.targets import find_model
from ctxtools.services.mcp.tools import arguments as arg


async def messages(
    context: Context[Any, Any],
    messages: Annotated[
        list[dict[str, Any]] | dict[str, Any],
        Field(description="Messages, or the whole body, as OpenAI, Anthropic or Gemini take it"),
    ],
    model: Annotated[str, Field(description="Default: the body's")] = "",
    system: Annotated[str | None, Field(description="Beside the messages")] = None,
    tools: Annotated[list[dict[str, Any]] | None, Field(description="Definitions")] = None,
    max_tokens: arg.MaxTokens = MAX_TOKENS,
    cursor: arg.Cursor = "",
) -> Annotated[CallToolResult, MessagesResult]:
    """Count a chat request as the model gets it: each part, exactly or as an interval."""

    def work(job: Job) -> Answer:
        counted = _count(messages, model, system, tools, job)
        total = counted.interval
        facts = {
            "model": counted.model or model,
            "format": counted.format,
            "tokens": counted.total,
            "low": total.low,
            "high": total.high,
            "exact": counted.exact,
        }
        lists: Lists = {"parts": list(map(_part, counted.parts)), "notes": list(counted.notes)}
        return Answer(job.target().size, facts, lists=lists)

    return await server_of(context).answer(context, work, max_tokens, cursor)


def _count(messages: Any, name: str, system: str | None, tools: Any, job: Job) -> CountedMessages:
    model: Model | None = None
    encoding = None
    if name in list_encodings():
        encoding = get_encoding(name)
    elif name:
        model = find_model(name, job.registry)
    try:
        return count_messages(messages, model=model, encoding=encoding, system=system, tools=tools)
    except UsageError as error:
        if "media_sizes" in (error.hint or ""):  # an argument that this tool has not
            raise UsageError(error.message, hint=IN_REQUESTS) from None
        raise


def _part(part: Part) -> dict[str, Any]:
    interval = part.interval
    return {
        **({} if part.message is None else {"message": part.message}),
        **({"role": part.role} if part.role else {}),
        "kind": part.kind,
        **({"label": part.label} if part.label else {}),
        "tokens": part.tokens,
        **({} if part.exact else {"low": interval.low, "high": interval.high}),
        "basis": part.basis,
    }
