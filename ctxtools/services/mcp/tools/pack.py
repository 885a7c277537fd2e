"""``pack``: the most valuable choice of files in one text, within a budget of tokens."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from mcp_types import CallToolResult
from pydantic import Field

from ctxtools.errors import UnreadableError, UsageError
from ctxtools.models import TextCount
from ctxtools.packing import Pack
from ctxtools.packing import pack as pack_documents
from ctxtools.packing.arguments import Format
from ctxtools.services.mcp.files import Named, Unread, read_files
from ctxtools.services.mcp.pages import MAX_TOKENS, Answer
from ctxtools.services.mcp.results import PackResult
from ctxtools.services.mcp.server import Job, server_of
from ctxtools.services.mcp.targets import Target
from ctxtools.services.mcp.tools import arguments as arg

BUDGET = 8_000
"""Tokens of a packed text where a call does not say how many: it fits on the first page."""


async def pack(
    context: Context[Any, Any],
    paths: Annotated[
        list[str],
        Field(
            description="Files and folders, relative to the root",
            min_length=1,
            max_length=arg.MAX_PATHS,
        ),
    ],
    budget: Annotated[int, Field(description="Tokens of the packed text", ge=1)] = BUDGET,
    query: Annotated[str | None, Field(description="What the text is to answer")] = None,
    include: arg.Include = None,
    exclude: arg.Exclude = None,
    pins: Annotated[list[str] | None, Field(description="Files that must go in, whole")] = None,
    format: Format = "xml",
    secrets: Literal["report", "redact", "omit", "fail"] = "report",
    model: arg.ModelName = "",
    max_tokens: arg.MaxTokens = MAX_TOKENS,
    cursor: arg.Cursor = "",
) -> Annotated[CallToolResult, PackResult]:
    """Put the most useful files, whole or as excerpts, into one text within a budget."""

    def work(job: Job) -> Answer:
        target, unread = job.target(model), Unread()
        named = arg.named(job.call, None, paths, include, exclude)
        documents = read_files(named, job.jail, job.call, unread)
        _refuse_unreadable(named, unread, job)
        pinned = [_pinned(path, job) for path in pins or ()]
        if not documents:
            hint = "; ".join(unread.notes) or "name files or folders with text"
            raise UsageError("there is nothing to pack", hint=hint)

        def pack_within(limit: int) -> Pack:
            job.call.check()
            return pack_documents(
                documents,
                target.encoding,
                budget=limit,
                format=format,
                pins=pinned,
                query=query,
                roots=job.jail.roots,
                secrets=secrets,
            )

        packed = _within(pack_within, target, budget, [each.text for each in documents])
        return _answer(packed, target, budget, job, unread)

    return await server_of(context).answer(context, work, max_tokens, cursor, reads=True)


def _within(
    pack_within: Callable[[int], Pack], target: Target, budget: int, texts: Sequence[str]
) -> Pack:
    """A pack within a budget; of an estimate its upper bound is.

    How many tokens of the encoding that are depends on which documents go in, of which an estimate
    takes the characters. So the limit starts from all of them, and is lowered until it is kept.
    """
    if target.estimate is None:
        return pack_within(budget)
    measured = (target.estimate.measure(text, target.encoding) for text in texts)
    allowed = target.estimate.highest_count(budget, sum(measured, start=TextCount(0)))
    while True:
        packed = pack_within(allowed)
        high = target.size(packed.text)
        if high <= budget:
            return packed
        allowed = min(allowed * budget // high, allowed - 1)


def _pinned(path: str, job: Job) -> str:
    """A path that the library does not look for on the disk: a hint could say what is outside."""
    found = job.jail.find(path)
    if found.is_folder:
        raise UsageError(f"{path}: a folder, and pins are files", hint="name files in it")
    return found.path


def _refuse_unreadable(named: Named, unread: Unread, job: Job) -> None:
    """Raise UnreadableError if something that was named cannot be read: a text without it would
    pass for complete. Files of a folder that cannot be read are listed."""
    named_paths = {job.jail.find(path).path for path in named.paths}
    for each in unread.skipped:
        if each.error and each.path in named_paths:
            raise UnreadableError(each, hint=each.hint or "leave it out to pack the rest")


def _answer(packed: Pack, target: Target, budget: int, job: Job, unread: Unread) -> Answer:
    others = unread.lists(job.jail)
    notes = [job.jail.cleaned(note) for note in packed.notes] + others.pop("notes")
    return Answer(
        target.size,
        {
            "tokens": packed.token_count if target.estimate is None else target.size(packed.text),
            "budget": budget,
            "total_documents": len(packed.documents),
            "total_omitted": len(packed.omitted),
        },
        packed.text,
        {
            "documents": [
                {"path": each.path, "form": each.form.value, "tokens": each.token_count}
                for each in packed.documents
            ],
            "omitted": [
                {
                    "path": each.path,
                    "reason": each.reason,
                    **({} if each.token_count is None else {"tokens": each.token_count}),
                }
                for each in packed.omitted
            ],
            **others,
            "notes": notes,
        },
    )
