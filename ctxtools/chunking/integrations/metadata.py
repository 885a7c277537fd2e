"""What a framework's record says about the chunk it was created from."""

from ctxtools.chunking.chunk import Chunk


def chunk_metadata(chunk: Chunk) -> dict[str, str | int]:
    """Attributes of a chunk as numbers and strings, since many vector stores accept no lists."""
    metadata: dict[str, str | int] = {
        "token_count": chunk.token_count,
        "start_line": chunk.start_line,
        "headings": " > ".join(chunk.headings),
        "kind": chunk.kind,
    }
    if chunk.parent_id is not None:
        metadata["parent_id"] = chunk.parent_id
    return metadata
