"""The page of chunks: documents as they were cut, with headers, overlaps and sizes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ctxtools.checks import check_integer, check_list, check_type
from ctxtools.chunking import Chunk
from ctxtools.documents import Skipped
from ctxtools.documents.file import display_name
from ctxtools.errors import UsageError
from ctxtools.escape import one_line
from ctxtools.report.page import render_page, shown_notes, skipped_data
from ctxtools.report.texts import TextLimit


def chunk_page(
    chunks: Iterable[Chunk],
    chunk_sizes: Sequence[int] = (),
    *,
    encoding: str = "",
    skipped: Iterable[Skipped] = (),
    notes: Iterable[str] = (),
    title: str = "",
) -> str:
    """A page that shows documents as they were cut into chunks.

    Args:
        chunks: of any number of documents, those of each together and in order, a larger chunk
            before those of nested sizes in it.
        chunk_sizes: the limits that they were cut for, in tokens, the largest first.
        encoding: what tokens are those of.
        skipped: files that were not cut.
        notes: remarks on the whole.
        title: of the page.

    Returns:
        HTML, complete in itself; see `save_report`.

    Raises:
        UsageError: an argument is of the wrong type.
    """
    check_list("chunks", chunks, "Chunk")
    builder = ChunkPageBuilder(chunk_sizes, encoding=encoding, title=title)
    for each in chunks:
        builder.add(each)
    return builder.page(skipped, notes)


@dataclass(slots=True)
class _Document:
    """A document: its chunks of each size, as the page has them."""

    source: str
    levels: list[list[Any]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)  # of the last chunk of each size


class ChunkPageBuilder:
    """Makes the page of chunks that come one by one; see `chunk_page`."""

    def __init__(
        self, chunk_sizes: Sequence[int] = (), *, encoding: str = "", title: str = ""
    ) -> None:
        check_type("title", title, str)
        check_type("encoding", encoding, str)
        check_list("chunk_sizes", chunk_sizes, "int")
        self._sizes: list[int | None] = [
            check_integer("a chunk size", each, 1) for each in chunk_sizes
        ]
        self._encoding, self._title = encoding, title
        self._documents: list[_Document] = []
        self._headings: dict[tuple[str, ...], int] = {}
        self._levels: dict[str, int] = {}  # of chunks of the document, by their ids
        self._texts = TextLimit()
        self._left_out = 0

    def add(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        check_type("a chunk", chunk, Chunk)
        level = 0 if chunk.parent_id is None else self._levels.get(chunk.parent_id, 0) + 1
        if not self._documents or (
            level == 0 and (chunk.index == 0 or chunk.source != self._documents[-1].source)
        ):
            self._documents.append(_Document(chunk.source))
            self._levels.clear()
        self._levels[chunk.id] = level
        document = self._documents[-1]
        while len(document.levels) <= level:
            document.levels.append([])
            document.ends.append(0)
        document.levels[level].append(self._row(chunk, document.ends[level]))
        document.ends[level] = chunk.end_index

    def _row(self, chunk: Chunk, previous_end: int) -> list[Any]:
        """A chunk, as the script of the page takes it apart."""
        body = chunk.text[len(chunk.header) :]
        overlap = min(len(body), max(0, previous_end - chunk.start_index))
        fits = self._texts.remaining >= len(chunk.text)
        if fits:
            self._texts.take(chunk.text)
        else:
            self._left_out += 1
        titles = None
        if chunk.headings:
            titles = self._headings.setdefault(chunk.headings, len(self._headings))
        pages = None if chunk.page_start is None else [chunk.page_start, chunk.page_end]
        return [
            body[overlap:] if fits else "",
            body[:overlap] if fits else "",
            chunk.header if fits else "",
            chunk.token_count,
            chunk.start_line,
            chunk.kind,
            titles,
            pages,
            chunk.start_index,
            chunk.end_index,
            max(0, chunk.start_index - previous_end),
            chunk.index,
            not fits,
        ]

    @property
    def notes(self) -> list[str]:
        """What the page does not have, in words."""
        if not self._left_out:
            return []
        return [f"the page has no text of {self._left_out:,} chunks, only their figures"]

    def page(self, skipped: Iterable[Skipped] = (), notes: Iterable[str] = ()) -> str:
        """The page of all chunks so far."""
        levels = self._sizes
        depth = max((len(each.levels) for each in self._documents), default=1)
        if self._sizes and len(self._sizes) < depth:
            raise UsageError(f"chunk_sizes has {len(self._sizes)} sizes, and chunks have {depth}")
        data = {
            "title": one_line(self._title),
            "column": one_line(self._encoding),
            "levels": [*levels, *[None] * (depth - len(levels))],
            "headings": [[one_line(each) for each in titles] for titles in self._headings],
            "documents": [
                {"name": display_name(each.source) or "(no name)", "levels": each.levels}
                for each in self._documents
            ],
            "skipped": skipped_data(skipped),
            "notes": shown_notes([*self.notes, *notes]),
        }
        return render_page("chunk", "Chunks", data)
