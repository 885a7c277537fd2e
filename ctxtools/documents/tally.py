"""Counting documents: every file over every encoding in one pass, on several threads, in order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from threading import Event
from typing import Any

from ctxtools.documents.document import File, skipped_by
from ctxtools.documents.read import DEFAULT, Reader, ReadOptions, open_document
from ctxtools.encodings import Encoding
from ctxtools.errors import FormatError, ReadError, Skipped
from ctxtools.parallel import map_ordered


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of one document.

    Attributes:
        path: as in `File`.
        size: bytes.
        counts: tokens, one figure for each encoding.
        records: texts that were counted; 1 but for JSONL and Parquet read record by record.
        notes: what was not plain about the document; see `Document`.
    """

    path: str
    size: int
    counts: tuple[int, ...]
    records: int = 1
    notes: tuple[str, ...] = ()


def tally_documents(
    files: Iterable[File | Skipped],
    encodings: Sequence[Encoding],
    options: ReadOptions = DEFAULT,
    *,
    threads: int = 0,
    progress: Callable[[int], object] | None = None,
) -> Iterator[Tally | Skipped]:
    """Count each file as it is found, in bounded memory.

    Args:
        files: from `find_files`; what was skipped there is passed on in its place.
        encodings: what to count with; each file is read once for all of them, but for a large
            one that engines read themselves, which is read once for each.
        options: how to read the files.
        threads: files counted at once; 0 is one for each core.
        progress: called with the number of bytes read since the last call, from any thread.

    Raises:
        MissingExtraError: a format needs a package that is not installed.
    """
    stopped = Event()

    def tally(found: File | Skipped) -> Tally | Skipped:
        if isinstance(found, Skipped):
            return found
        try:
            with open_document(found, options) as reader:
                if columns := reader.columns():
                    return _tally_columns(reader, columns, encodings, threads, progress, stopped)
                shared = _tally_shared(reader, encodings, threads, progress)
                return shared or _tally(reader, encodings, progress, stopped)
        except (ReadError, FormatError) as error:
            return skipped_by(found.path, error)

    try:
        yield from map_ordered(tally, files, threads)
    finally:
        stopped.set()


def _tally_shared(
    reader: Reader,
    encodings: Sequence[Encoding],
    threads: int,
    progress: Callable[[int], object] | None,
) -> Tally | None:
    """The counts of a large file by engines that read it themselves, on several threads."""
    if not reader.is_large_text() or not all(each.backend.shares_files for each in encodings):
        return None
    path = reader.file.path
    counts = [each.backend.count_files([path], threads)[0] for each in encodings]
    if any(isinstance(count, Exception) for count in counts):
        return None  # it is not UTF-8, or went away: the reader says what is the matter
    if progress:
        progress(reader.file_size)
    return Tally(path, reader.file_size, tuple(n for n in counts if isinstance(n, int)))


def _tally_columns(
    reader: Reader,
    columns: Iterable[Any],
    encodings: Sequence[Encoding],
    threads: int,
    progress: Callable[[int], object] | None,
    stopped: Event,
) -> Tally:
    """The counts of texts that come in Arrow arrays, none of which becomes a ``str``."""
    counts = [0] * len(encodings)
    records = 0
    for texts in columns:
        if stopped.is_set():
            raise CancelledError
        for number, encoding in enumerate(encodings):
            counts[number] += sum(encoding.count_arrow(texts, threads=threads))
        records += len(texts)
    if progress:
        progress(reader.size)
    return Tally(reader.file.path, reader.size, tuple(counts), records, reader.notes)


def _tally(
    reader: Reader,
    encodings: Sequence[Encoding],
    progress: Callable[[int], object] | None,
    stopped: Event,
) -> Tally:
    counters = [encoding.counter() for encoding in encodings]
    counts = [0] * len(counters)
    records = seen = 0
    for text in reader.texts():
        for block in text:
            for counter in counters:
                counter.feed(block)
            if progress:
                progress(reader.size - seen)
                seen = reader.size
            if stopped.is_set():
                raise CancelledError  # nobody waits for the result
        counts = [n + counter.finish() for n, counter in zip(counts, counters, strict=True)]
        records += 1
    return Tally(reader.file.path, reader.size, tuple(counts), records, reader.notes)
