"""The work of ``ctx chunk``: documents one after the other, and the figures of their chunks."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from ctxtools.chunking import Chunk, Chunker
from ctxtools.chunking.chunker import Chunks
from ctxtools.chunking.costs import STRENGTH_NAMES
from ctxtools.chunking.summary import Summary
from ctxtools.cli.output.console import bar, warn
from ctxtools.cli.output.progress import Progress
from ctxtools.documents import File, Reader, ReadOptions, Skipped, Text, open_document, skipped_by
from ctxtools.errors import FormatError, ReadError
from ctxtools.units import format_count

_BINS = 10  # of a histogram


class Cutting:
    """Cuts files, and keeps the figures.

    Attributes:
        documents: how many were cut, the first part of one that failed half way included.
        sizes: the tokens of each chunk of the largest size, in order.
        summaries: of all documents together, for each size, the largest first.
        skipped: files that were not cut, or not to their end.
    """

    def __init__(self, chunker: Chunker, options: ReadOptions, progress: Progress) -> None:
        self.documents = 0
        self.sizes = array("Q")
        self.summaries: list[Summary] = []
        self.skipped: list[Skipped] = []
        self._notes: dict[str, None] = {}  # in order; what is true of many documents only once
        self._chunker, self._options, self._progress = chunker, options, progress

    @property
    def notes(self) -> list[str]:
        """What was not plain about the files that were cut."""
        return list(self._notes)

    def run(self, files: Iterable[File | Skipped], take: Callable[[Chunk], None]) -> None:
        """Cut each file, and pass each chunk on.

        Raises:
            OversizeError: a character is larger than a chunk.
        """
        for found in files:
            if isinstance(found, Skipped):
                self.skipped.append(found)
                continue
            self._cut_file(found, take)
            self._progress.file_done()

    def _cut_file(self, file: File, take: Callable[[Chunk], None]) -> None:
        documents, chunks = self.documents, len(self.sizes)
        record = None
        try:
            with open_document(file, self._options) as reader:
                for text in reader.texts():
                    record = text.record
                    self._cut(reader, text, take)
            notes = [*reader.notes]
            if reader.charset == "utf-8-sig":
                notes.append("byte order mark left out: byte offsets start behind its 3 bytes")
            self._notes.update((f"{file.path}: {note}", None) for note in notes)
        except (ReadError, FormatError) as error:
            skipped = skipped_by(file.path, error)
            # They are written already: to hold back a file's chunks would take memory for all.
            if kept := len(self.sizes) - chunks:
                what = "chunk" if record is None else "record"
                kept = kept if record is None else self.documents - documents
                firsts = f"{format_count(kept)} {what}s were" if kept > 1 else f"{what} was"
                skipped = skipped._replace(reason=f"{skipped.reason}; its first {firsts} kept")
            self.skipped.append(skipped)

    def _cut(self, reader: Reader, text: Text, take: Callable[[Chunk], None]) -> None:
        path = reader.file.path
        source = path if text.record is None else f"{path}#{text.record}"
        chunks = self._chunker.chunk_stream(self._watched(reader, text), source)
        complete = False
        try:
            for chunk in chunks:
                if chunk.parent_id is None:
                    self.sizes.append(chunk.token_count)
                take(chunk)
            complete = True
        finally:
            self._count(chunks, complete)

    def _count(self, chunks: Chunks, complete: bool) -> None:
        """Add a document's figures; where reading it failed, those of the chunks before that."""
        summaries = chunks.summaries
        self.documents += complete or summaries[0].chunks > 0
        if notes := summaries[0].notes:
            # Not in the sums, where each of many would be copied for each document that follows.
            self._notes.update(dict.fromkeys(notes))
            summaries = tuple(replace(each, notes=()) for each in summaries)
        if self.summaries:
            self.summaries = [a + b for a, b in zip(self.summaries, summaries, strict=True)]
        else:
            self.summaries = list(summaries)

    def _watched(self, reader: Reader, text: Text) -> Iterator[str]:
        """The blocks of a text, each told to the progress."""
        seen = 0
        for block in text:
            self._progress.read(reader.size - seen)
            seen = reader.size
            yield block


def summary_as_json(cutting: Cutting) -> dict[str, Any]:
    """All figures, for ``--json``."""
    return {
        "documents": cutting.documents,
        "sizes": [_as_json(summary) for summary in cutting.summaries],
        "skipped": [
            {"path": each.path, "reason": each.reason, "error": each.error}
            for each in cutting.skipped
        ],
        "notes": cutting.notes,
    }


def _as_json(summary: Summary) -> dict[str, Any]:
    return {
        "limit": summary.limit,
        "chunks": summary.chunks,
        "tokens": summary.tokens,
        "fill": round(summary.fill, 4),
        "spread": round(summary.spread, 2),
        "smallest": summary.smallest,
        "largest": summary.largest,
        "cuts": {STRENGTH_NAMES[strength]: n for strength, n in summary.cuts.items()},
        "overlaps": summary.overlaps,
        "shortened_overlaps": summary.shortened_overlaps,
        "dropped_headers": summary.dropped_headers,
        "split_characters": summary.split_characters,
    }


def print_summary(cutting: Cutting) -> None:
    """Say on stderr what came of it; nothing, if no document could be read."""
    if cutting.skipped and not cutting.documents:
        return
    documents = f"{format_count(cutting.documents)} document{'s' * (cutting.documents != 1)}"
    for summary in cutting.summaries or [Summary(0)]:
        if not summary.chunks:
            warn(f"no chunks from {documents}")
            continue
        warn(
            f"{format_count(summary.chunks)} chunk{'s' * (summary.chunks != 1)} of at most "
            f"{format_count(summary.limit)} tokens from {documents}: fill {summary.fill:.1%}, "
            f"{format_count(summary.smallest)} to {format_count(summary.largest)} tokens, "
            f"spread {summary.spread:.1f}"
        )
        for line in _remarks(summary):
            warn(f"  {line}")


def _remarks(summary: Summary) -> Iterator[str]:
    total = sum(summary.cuts.values())
    if total:
        cuts = sorted(summary.cuts.items(), reverse=True)
        yield "cuts: " + ", ".join(f"{STRENGTH_NAMES[s]} {n / total:.1%}" for s, n in cuts)
    if summary.shortened_overlaps:
        n, joins = summary.shortened_overlaps, summary.overlaps
        yield f"less overlap than asked at {format_count(n)} of {format_count(joins)} joins"
    if summary.dropped_headers:
        yield f"headers left out, for lack of room: {format_count(summary.dropped_headers)}"
    if summary.split_characters:
        yield f"characters cut into tokens: {format_count(summary.split_characters)}"


def print_histogram(cutting: Cutting) -> None:
    """Draw on stdout how many chunks there are of which size."""
    if not cutting.summaries or not cutting.sizes:
        return
    limit = cutting.summaries[0].limit
    width = max(1, -(-limit // _BINS))
    bins = [0] * -(-limit // width)
    for size in cutting.sizes:
        bins[max(0, size - 1) // width] += 1
    highest = max(bins)
    for number, count in enumerate(bins):
        low, high = number * width + 1, min((number + 1) * width, limit)
        cells = len(format_count(limit))
        span = f"{format_count(low):>{cells}} to {format_count(high):>{cells}}"
        line = f"{span}  {bar(count / highest, 40)}  {format_count(count)}"
        print(line)
