"""Counting documents: every file over every encoding in one pass, on several threads, in order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from threading import Event
from typing import Any, NamedTuple

from ctxtools.documents.document import File
from ctxtools.documents.each import each_document
from ctxtools.documents.read import DEFAULT, Reader, ReadOptions
from ctxtools.encodings import Encoding
from ctxtools.errors import Skipped


class DocumentCount(NamedTuple):
    """The counts of one document.

    Attributes:
        path: as in `File`.
        size: bytes.
        counts: tokens, one number for each encoding.
        records: texts that were counted; 1 unless JSONL or Parquet is read record by record.
        notes: remarks on how it was read; see `Document`.
    """

    path: str
    size: int
    counts: tuple[int, ...]
    records: int = 1
    notes: tuple[str, ...] = ()


def count_documents(
    files: Iterable[File | Skipped],
    encodings: Sequence[Encoding],
    options: ReadOptions = DEFAULT,
    *,
    threads: int = 0,
    progress: Callable[[int], object] | None = None,
) -> Iterator[DocumentCount | Skipped]:
    """Count each file as it is found, in bounded memory.

    Args:
        files: from `find_files`; what was skipped there is passed on.
        encodings: what to count with. Each file is read once for all of them, except for large
            files that the engines read themselves, once for each encoding.
        options: how to read the files.
        threads: files counted at once; 0 means one per core.
        progress: called with the number of bytes read since the last call, from any thread.

    Raises:
        MissingExtraError: a format needs a package that is not installed.
    """
    counter = _DocumentCounter(encodings, threads, progress)
    try:
        yield from each_document(files, counter.count, options, threads=threads, share=8)
    finally:
        counter.stopped.set()


class _DocumentCounter:
    """One call of `count_documents`; `count` may be called from several threads.

    Attributes:
        stopped: set when the results are not needed any more.
    """

    def __init__(
        self, encodings: Sequence[Encoding], threads: int, progress: Callable[[int], object] | None
    ) -> None:
        self.stopped = Event()
        self._encodings = encodings
        self._threads = threads
        self._progress = progress

    def count(self, reader: Reader) -> tuple[DocumentCount]:
        if reader.container == "parquet":
            return (self._count_columns(reader, reader.columns()),)
        return (self._count_shared(reader) or self._count_blocks(reader),)

    def _count_shared(self, reader: Reader) -> DocumentCount | None:
        """The counts of a large file by engines that read it themselves, on several threads."""
        if not reader.is_large_text() or not all(e.backend.shares_files for e in self._encodings):
            return None
        path = reader.file.path
        counts = [e.backend.count_files([path], self._threads)[0] for e in self._encodings]
        if any(isinstance(count, Exception) for count in counts):
            return None  # it is not UTF-8, or vanished: the reader reports what is wrong
        if self._progress:
            self._progress(reader.file_size)
        return DocumentCount(path, reader.file_size, tuple(n for n in counts if isinstance(n, int)))

    def _count_columns(self, reader: Reader, columns: Iterable[Any]) -> DocumentCount:
        """The counts of texts in Arrow arrays, which never become a ``str``."""
        counts = [0] * len(self._encodings)
        records = 0
        for texts in columns:
            self._check_stopped()
            for number, encoding in enumerate(self._encodings):
                counts[number] += sum(encoding.count_arrow(texts, threads=self._threads))
            records += len(texts)
        if self._progress:
            self._progress(reader.size)
        return DocumentCount(reader.file.path, reader.size, tuple(counts), records, reader.notes)

    def _count_blocks(self, reader: Reader) -> DocumentCount:
        counters = [encoding.counter() for encoding in self._encodings]
        counts = [0] * len(counters)
        records = seen = 0
        for blocks in reader.countable_texts():
            for block in blocks:
                for counter in counters:
                    counter.feed(block)
                if self._progress:
                    self._progress(reader.size - seen)
                    seen = reader.size
                self._check_stopped()
            for number, counter in enumerate(counters):
                counts[number] += counter.finish()
            records += 1
        return DocumentCount(reader.file.path, reader.size, tuple(counts), records, reader.notes)

    def _check_stopped(self) -> None:
        if self.stopped.is_set():
            raise CancelledError
