"""Distinct ids for equal chunks of the several documents of one call."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ctxtools.chunking.chunk import Chunk


class DistinctIds:
    """Replaces ids that a chunker gave to chunks of several documents.

    Chunks with the same text, headings and source have the same id: pages of a file, say, or texts
    without a source. The first one keeps it. Each further one gets an id derived from it and from
    the number of those before: the same documents in the same order have the same ids.
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}  # id from the chunker -> how often

    def of(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """All chunks of the next document, in order: a parent before its children."""
        renamed: dict[str, str] = {}
        for chunk in chunks:
            number = self._seen.get(chunk.id, 0)
            self._seen[chunk.id] = number + 1
            if not number:
                yield chunk
                continue
            renamed[chunk.id] = hashlib.sha256(f"{chunk.id} {number}".encode()).hexdigest()[:32]
            parent = chunk.parent_id and renamed.get(chunk.parent_id, chunk.parent_id)
            yield replace(chunk, id=renamed[chunk.id], parent_id=parent)
