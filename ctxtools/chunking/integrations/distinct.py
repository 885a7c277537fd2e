"""Distinct ids for equal chunks of the several documents of one call."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace

from ctxtools.chunking.chunk import Chunk, Row

_ID, _PARENT = ([each.name for each in fields(Chunk)].index(name) for name in ("id", "parent_id"))


class DistinctIds:
    """Replaces ids that a chunker gave to chunks of several documents.

    Chunks with the same text, headings and source have the same id: pages of a file, say, or texts
    without a source. The first one keeps it. Each further one gets an id derived from it and from
    the number of those before: the same documents in the same order have the same ids.
    """

    def __init__(self) -> None:
        # Of the ids from the chunker, 8 bytes of each, and how often each was repeated.
        self._seen: set[bytes] = set()
        self._repeated: dict[bytes, int] = {}

    def of(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """All chunks of the next document, in order: a parent before its children."""
        renamed: dict[str, str] = {}
        for chunk in chunks:
            id, parent = self._renamed(chunk.id, chunk.parent_id, renamed)
            same = id is chunk.id and parent is chunk.parent_id
            yield chunk if same else replace(chunk, id=id, parent_id=parent)

    def of_rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same for chunks as tuples."""
        renamed: dict[str, str] = {}
        for row in rows:
            id, parent = self._renamed(row[_ID], row[_PARENT], renamed)
            if id is row[_ID] and parent is row[_PARENT]:
                yield row
            else:
                yield (*row[:_ID], id, *row[_ID + 1 : _PARENT], parent, *row[_PARENT + 1 :])

    def of_columns(
        self, rows: Sequence[int], ids: Sequence[str], parents: Sequence[str | None]
    ) -> tuple[list[str], list[str | None]]:
        """The same for columns of all chunks: the number of the document of each, id and parent."""
        documents: dict[int, dict[str, str]] = {}
        found = [
            self._renamed(id, parent, documents.setdefault(row, {}))
            for row, id, parent in zip(rows, ids, parents, strict=True)
        ]
        return [id for id, _ in found], [parent for _, parent in found]

    def _renamed(
        self, id: str, parent: str | None, renamed: dict[str, str]
    ) -> tuple[str, str | None]:
        """The ids of a chunk and its parent, and ``renamed``, which has those of its document."""
        if renamed and parent is not None:
            parent = renamed.get(parent, parent)
        key = bytes.fromhex(id[:16])
        if key not in self._seen:
            self._seen.add(key)
            return id, parent
        number = self._repeated[key] = self._repeated.get(key, 0) + 1
        new = renamed[id] = hashlib.sha256(f"{id} {number}".encode()).hexdigest()[:32]
        return new, parent
