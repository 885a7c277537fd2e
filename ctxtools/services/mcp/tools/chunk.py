"""``chunk``: a text or a file in chunks of at most a number of tokens."""

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp_types import CallToolResult
from pydantic import Field

from ctxtools.chunking import Chunk, Chunker
from ctxtools.chunking.settings import Format
from ctxtools.documents import Document
from ctxtools.errors import UnknownEncodingError, UnreadableError
from ctxtools.services.mcp.call import MAX_ENTRIES, CallEndedError
from ctxtools.services.mcp.files import Unread, read_files
from ctxtools.services.mcp.pages import MAX_TOKENS, Answer, Lists
from ctxtools.services.mcp.results import ChunkResult
from ctxtools.services.mcp.server import Job, server_of
from ctxtools.services.mcp.tools import arguments as arg


async def chunk(
    context: Context[Any, Any],
    text: arg.Text = None,
    path: Annotated[str | None, Field(description="A file, instead of a text")] = None,
    chunk_size: Annotated[int, Field(description="Tokens at most", ge=1)] = 512,
    overlap: Annotated[int, Field(description="Tokens repeated at most", ge=0)] = 0,
    format: Annotated[str, Field(description="markdown, python, …; auto: by path")] = "auto",
    model: arg.ModelName = "",
    max_tokens: arg.MaxTokens = MAX_TOKENS,
    cursor: arg.Cursor = "",
) -> Annotated[CallToolResult, ChunkResult]:
    """Split a text or a file at its best boundaries into chunks."""

    def work(job: Job) -> Answer:
        named = arg.named(job.call, text, [path] if path else None, example='path="README.md"')
        target, unread = job.target(model), Unread()
        if target.estimate is not None:
            raise UnknownEncodingError(
                f"the tokenizer of {target.name} is not available, and chunks need one",
                hint=f"pass another model, such as {target.encoding.name}",
            )
        chunker = Chunker(target.encoding, chunk_size, overlap, format=_format(format))
        if text is not None:
            documents = [Document("", text, len(text))]
        else:
            documents = read_files(named, job.jail, job.call, unread)
            if not documents and unread.skipped:
                skipped = unread.skipped[0]
                raise UnreadableError(skipped, hint=skipped.hint)
        chunks: list[dict[str, Any]] = []
        several = len(documents) > 1
        for document in documents:
            found = chunker.chunk_document(document)
            for each in found:
                job.call.check()
                if len(chunks) == MAX_ENTRIES:
                    raise CallEndedError(
                        f"more than {MAX_ENTRIES:,} chunks", hint="raise chunk_size"
                    )
                source = document.name if several else ""
                chunks.append(_entry(each, job.jail.shown(source) if source else ""))
            unread.notes += found.summary.notes
        lists: Lists = {"chunks": chunks, **unread.lists(job.jail)}
        return Answer(target.size, {"total_chunks": len(chunks)}, lists=lists)

    return await server_of(context).answer(context, work, max_tokens, cursor, reads=bool(path))


def _format(name: str) -> Format:
    found: Format = name  # type: ignore[assignment]  # Chunker says which there are
    return found


def _entry(chunk: Chunk, source: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "index": chunk.index,
        "text": chunk.text,
        "tokens": chunk.token_count,
        "start": chunk.start_index,
        "end": chunk.end_index,
        "line": chunk.start_line,
    }
    more = {"headings": list(chunk.headings), "page": chunk.page_start, "source": source}
    return entry | {name: value for name, value in more.items() if value}
