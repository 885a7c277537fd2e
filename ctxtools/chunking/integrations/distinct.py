"""Ids of their own for chunks that are alike, where several documents are cut in one call."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ctxtools.chunking.chunk import Chunk


class DistinctIds:
    """Tells chunks of several documents apart that a chunker gives the same id.

    It gives it to those that have the same text, headings and source: pages of a file, say, or
    texts that have no source. The first keeps that id. Any other has one that is made of it and of
    how many there were before: the same documents in the same order have the same ids.
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}  # how often each id was given by a chunker

    def of(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """The chunks of the next document, all in order, so a parent before what lies in it."""
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
