"""The work of ``ctx chunk``: documents one after the other, and the figures of their chunks."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ctxtools.chunking import Chunk, Chunker
from ctxtools.chunking.summary import Summary
from ctxtools.cli.output import bar, warn
from ctxtools.cli.progress import Progress
from ctxtools.documents import File, Reader, ReadOptions, Skipped, Text, open_document, skipped_by
from ctxtools.encodings.index import Strength
from ctxtools.errors import FormatError, ReadError
from ctxtools.units import format_count

_BINS = 10  # of a histogram

_NAMES = {
    Strength.SECTION: "section",
    Strength.PARAGRAPH: "paragraph",
    Strength.SENTENCE: "sentence",
    Strength.LINE: "line",
    Strength.WORD: "word",
    Strength.NONE: "inside a word",
}


class Cutting:
    """Cuts files, and keeps the figures.

    Attributes:
        documents: how many were cut.
        sizes: the tokens of each chunk of the largest size, in order.
        summaries: of all documents together, for each size, the largest first.
        skipped: files that were not cut.
        notes: what was not plain about those that were.
    """

    def __init__(self, chunker: Chunker, options: ReadOptions, progress: Progress) -> None:
        self.documents = 0
        self.sizes = array("Q")
        self.summaries: list[Summary] = []
        self.skipped: list[Skipped] = []
        self.notes: list[str] = []
        self._chunker, self._options, self._progress = chunker, options, progress

    def run(self, files: Iterable[File | Skipped], take: Callable[[Chunk], None]) -> None:
        """Cut each file, and pass each chunk on.

        Raises:
            OversizeError: a character is larger than a chunk.
        """
        for found in files:
            if isinstance(found, Skipped):
                self.skipped.append(found)
                continue
            try:
                with open_document(found, self._options) as reader:
                    for text in reader.texts():
                        self._cut(reader, text, take)
                    self.notes += (f"{found.path}: {note}" for note in reader.notes)
            except (ReadError, FormatError) as error:
                self.skipped.append(skipped_by(found.path, error))
            self._progress.file_done()

    def _cut(self, reader: Reader, text: Text, take: Callable[[Chunk], None]) -> None:
        path = reader.file.path
        source = path if text.record is None else f"{path}#{text.record}"
        chunks = self._chunker.chunk_stream(self._watched(reader, text), source)
        for chunk in chunks:
            if chunk.parent_id is None:
                self.sizes.append(chunk.token_count)
            take(chunk)
        self.documents += 1
        if self.summaries:
            self.summaries = [a + b for a, b in zip(self.summaries, chunks.summaries, strict=True)]
        else:
            self.summaries = list(chunks.summaries)

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
        "cuts": {_NAMES[strength]: n for strength, n in summary.cuts.items()},
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
        yield "cuts: " + ", ".join(f"{_NAMES[s]} {n / total:.1%}" for s, n in cuts)
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
