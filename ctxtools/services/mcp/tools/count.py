"""``count`` and ``fits``: the tokens of a text or of files, and whether they fit."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp_types import CallToolResult
from pydantic import Field

from ctxtools.documents import DocumentCount
from ctxtools.messages import count_messages
from ctxtools.messages.chat.formats import find_format
from ctxtools.models.interval import NO_TOKENS, Interval
from ctxtools.services.mcp.files import Named, Unread, count_files
from ctxtools.services.mcp.pages import MAX_TOKENS, Answer, Lists
from ctxtools.services.mcp.results import CountResult, FitsResult
from ctxtools.services.mcp.server import Job, server_of
from ctxtools.services.mcp.targets import Target, limit_of
from ctxtools.services.mcp.tools import arguments as arg

Models = Annotated[
    list[str] | None, Field(description="Models or encodings that count", max_length=50)
]
_TOP = 20


async def count(
    context: Context[Any, Any],
    text: arg.Text = None,
    paths: arg.Paths = None,
    models: Models = None,
    include: arg.Include = None,
    exclude: arg.Exclude = None,
    top: Annotated[int, Field(description="Files to list, the largest first", ge=0)] = _TOP,
    max_tokens: arg.MaxTokens = MAX_TOKENS,
    cursor: arg.Cursor = "",
) -> Annotated[CallToolResult, CountResult]:
    """Count the tokens of a text, or of files and folders."""

    def work(job: Job) -> Answer:
        named = arg.named(job.call, text, paths, include, exclude)
        targets = [job.target(name) for name in dict.fromkeys(models or [""])]
        if text is not None:
            counts = [each.count(text) for each in targets]
            return Answer(targets[0].size, {"totals": _totals(targets, counts)})
        unread, counts = Unread(), [0] * len(targets)
        files: list[dict[str, Any]] = []
        for found in _counted(named, targets, job, unread):
            each = [t.interval(n).typical for t, n in zip(targets, found.counts, strict=True)]
            files.append({"path": job.jail.shown(found.path), "tokens": each})
            counts = [a + b for a, b in zip(counts, found.counts, strict=True)]
        facts = {"totals": _totals(targets, counts), "total_files": len(files)}
        files = sorted(files, key=lambda each: (-each["tokens"][0], each["path"]))[:top]
        lists: Lists = {"files": files, **unread.lists(job.jail)}
        return Answer(targets[0].size, facts, lists=lists)

    return await server_of(context).answer(context, work, max_tokens, cursor, reads=bool(paths))


async def fits(
    context: Context[Any, Any],
    model: arg.ModelName,
    text: arg.Text = None,
    paths: arg.Paths = None,
    limit: Annotated[
        int | None, Field(description="Tokens; default: the context window", ge=1)
    ] = None,
    reserve: Annotated[int, Field(description="Tokens kept for the answer", ge=0)] = 0,
    max_tokens: arg.MaxTokens = MAX_TOKENS,
    cursor: arg.Cursor = "",
) -> Annotated[CallToolResult, FitsResult]:
    """Whether a text or files, as one message, fit a model's context window or a limit."""

    def work(job: Job) -> Answer:
        named = arg.named(job.call, text, paths)
        target, unread = job.target(model), Unread()
        available = limit_of(target, limit, reserve)
        if text is not None:
            found = target.count(text)
        else:
            found = sum(each.counts[0] for each in _counted(named, [target], job, unread))
        framing = NO_TOKENS if limit is not None else _framing(target)
        total = target.interval(found) + framing
        is_complete = not any(each.error for each in unread.skipped)
        certain = total.high <= available and is_complete
        facts = {
            "fits": certain or (None if total.low <= available else False),
            "model": target.name,
            "tokens": total.typical,
            **({} if total.exact else {"low": total.low, "high": total.high}),
            "available": available,
            "remaining": available - total.typical,
            **({"framing": framing.typical} if framing.typical else {}),
        }
        return Answer(target.size, facts, lists=unread.lists(job.jail))

    return await server_of(context).answer(context, work, max_tokens, cursor, reads=bool(paths))


def _counted(
    named: Named, targets: Sequence[Target], job: Job, unread: Unread
) -> Iterator[DocumentCount]:
    encodings = [each.encoding for each in targets]
    characters = any(each.needs_characters for each in targets)
    return count_files(named, encodings, job.jail, job.call, unread, characters=characters)


def _totals(targets: Sequence[Target], counts: Sequence[int]) -> list[dict[str, object]]:
    return [target.tokens(count) for target, count in zip(targets, counts, strict=True)]


def _framing(target: Target) -> Interval:
    """What the model's chat format adds to a message."""
    model = target.model
    if model is None or model.is_embedding or not find_format(model.name):
        return NO_TOKENS
    return count_messages([{"role": "user", "content": ""}], model=model).interval
