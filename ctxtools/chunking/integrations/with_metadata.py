"""Chunks that keep the limit with the metadata that a framework puts around them."""

from collections.abc import Callable, Iterable, Sequence

from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.chunker import Chunker
from ctxtools.errors import UsageError

Wrap = Callable[[str], str]
"""From the text of a chunk to what a model sees of it."""

_WORD = "a"


def chunks_with(
    chunker: Chunker, chunks_by: Callable[[Chunker], Iterable[Chunk]], wraps: Sequence[Wrap]
) -> list[Chunk]:
    """The chunks of a document, none of which exceeds the limit when it is wrapped.

    Args:
        chunker: it sets the limit.
        chunks_by: returns the chunks by a chunker: this one, or one for fewer tokens.
        wraps: each of them has to keep the limit.

    Raises:
        UsageError: what is around a chunk leaves no tokens for it; and as ``chunks_by``.
    """
    if not wraps:
        return list(chunks_by(chunker))
    # Not of an empty text: frameworks strip what would be around it.
    taken = max(0, max(chunker.count(wrap(_WORD)) for wrap in wraps) - chunker.count(_WORD))
    step = 1
    while True:
        chunks = list(chunks_by(_with_less(chunker, taken)))
        excess = _excess(chunker, chunks, wraps)
        if excess <= 0:
            return chunks
        # The tokens of the parts were fewer than those of the whole, which is rare.
        taken += excess * step
        step *= 2


def _excess(chunker: Chunker, chunks: Sequence[Chunk], wraps: Sequence[Wrap]) -> int:
    """By how many tokens the largest of the wrapped chunks exceeds its limit."""
    depths: dict[str | None, int] = {None: -1}
    excess = 0
    for chunk in chunks:
        depth = depths[chunk.id] = depths[chunk.parent_id] + 1
        limit = chunker.chunk_sizes[depth] - chunker.tokens_added
        excess = max(excess, *(chunker.count(wrap(chunk.text)) - limit for wrap in wraps))
    return excess


def _with_less(chunker: Chunker, taken: int) -> Chunker:
    """The same chunker for chunks that have so many tokens less."""
    remaining = chunker.chunk_sizes[-1] - chunker.tokens_added - taken
    if remaining <= 0:
        raise UsageError(
            f"the metadata of a document have {taken:,} tokens, and a chunk at most "
            f"{chunker.chunk_sizes[-1]:,}, both together",
            hint="raise chunk_size, or exclude metadata from what the model sees",
        )
    options = chunker.options | {
        "chunk_size": [size - taken for size in chunker.chunk_sizes],
        "chunk_overlap": min(chunker.chunk_overlap, remaining - 1),
        "min_size": min(chunker.min_size, remaining),
    }
    return Chunker(**options)
