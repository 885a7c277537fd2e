"""Files that are plainly text, counted or read by the kernel: nearly all that a tree has.

The kernel opens and reads them, and counts or keeps those that are text in UTF-8 without anything
that `documents/decode.py` or the table of signatures would have to decide on. Of the others it
returns the first bytes, by which most are refused here; what is left is passed on, to be read one
by one.
"""

import os
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ctxtools import _core
from ctxtools.checks import check_threads
from ctxtools.documents.decode import HEAD, MARKS, refusal
from ctxtools.documents.file import STDIN, DocumentCount, File
from ctxtools.documents.filetypes import may_hold_texts
from ctxtools.documents.readers.options import ReadOptions
from ctxtools.encodings import Encoding
from ctxtools.errors import Skipped, UnknownEncodingError
from ctxtools.signatures import CONTROLS, STARTS

if TYPE_CHECKING:
    from ctxtools.documents.document import Document
    from ctxtools.encodings.engines.backend import FileCounter

_BATCH = 64  # files that are handed to the kernel together
_AHEAD = 8  # batches, enough that no thread waits for files to be found
_WHOLE = 1 << 20  # bytes of a file that is taken as a whole; larger ones are read in blocks


class _Pool(Protocol):
    """Files that the kernel's threads read."""

    def add(self, paths: Sequence[str], /) -> None:
        """Has some files read, after those that were added before."""


_AnyPool = TypeVar("_AnyPool", bound=_Pool)
_Result = TypeVar("_Result")


def count_plain(
    files: Iterable[File | Skipped],
    encodings: Sequence[Encoding],
    options: ReadOptions,
    threads: int,
    progress: Callable[[int], object] | None,
    may_take: Callable[[bytes], bool],
) -> Iterable[File | Skipped | DocumentCount]:
    """Each file in order: counted or refused, or itself if that takes more than its bytes.

    Args:
        files, encodings, options, threads, progress: as in `count_documents`.
        may_take: whether a file that starts so may be counted as something other than text.
    """
    if _core.kernel is None or not _is_plain(options):
        return files
    from ctxtools.encodings.engines.kernel import KernelBackend, file_counter  # there is a kernel

    # A vocabulary that is loaded when it is needed is a packaged one.
    loaded = [vars(encoding)["backend"] for encoding in encodings if "backend" in vars(encoding)]
    if not all(isinstance(backend, KernelBackend) for backend in loaded):
        return files

    def make_counter() -> "FileCounter | None":
        try:
            backends = [encoding.backend for encoding in encodings]
        except UnknownEncodingError:
            return None  # the first text says so, and there may be none
        return file_counter(backends, threads, **_selection(options))

    def counted(
        counter: "FileCounter", taken: Sequence[File]
    ) -> tuple[list[DocumentCount | None], Mapping[int, bytes]]:
        sizes, columns, heads = counter.next_counts()
        rows = zip(taken, sizes, zip(*columns, strict=True), strict=True)
        counts = [
            DocumentCount(file.path, size, counts) if size >= 0 else None
            for file, size, counts in rows
        ]
        if progress:
            _tell(progress, sizes)
        return counts, heads

    return _InBatches(make_counter, counted, may_take).results(files)


def read_plain(
    files: Iterable[File | Skipped],
    options: ReadOptions,
    threads: int,
    progress: Callable[[int], object],
) -> "Iterable[File | Skipped | Document]":
    """Each file in order: read or refused, or itself if that takes more than its bytes.

    Args:
        files, options: as in `each_document`.
        threads: 0 is one for each core.
        progress: called with the number of bytes read since the last call.
    """
    if _core.kernel is None or not _is_plain(options):
        return files
    from ctxtools.documents.document import Document  # a count needs none

    make_reader = _core.kernel.FileReader

    def read(
        reader: Any, taken: Sequence[File]
    ) -> tuple[list[Document | None], Mapping[int, bytes]]:
        sizes, texts, heads = reader.next_texts()
        _tell(progress, sizes)
        return [
            None if text is None else Document(file.path, text, size, marks=file.marks)
            for file, size, text in zip(taken, sizes, texts, strict=True)
        ], heads

    return _InBatches(
        lambda: make_reader(check_threads(threads), **_selection(options)), read, lambda head: False
    ).results(files)


def _tell(progress: Callable[[int], object], sizes: Iterable[int]) -> None:
    if total := sum(size for size in sizes if size > 0):
        progress(total)


def _is_plain(options: ReadOptions) -> bool:
    """Whether files are read as what they are."""
    return not (options.charset or options.field or options.column) and options.render == "source"


def _selection(options: ReadOptions) -> dict[str, Any]:
    """Which files the kernel takes: those below a size in bytes, plainly text by their start."""
    limit = _WHOLE if options.max_file_size is None else min(_WHOLE, options.max_file_size + 1)
    return {"starts": [*MARKS, *STARTS], "controls": CONTROLS, "head": HEAD, "limit": limit}


class _InBatches(Generic[_AnyPool, _Result]):
    """Files that the kernel reads in batches, ahead of what is taken of them.

    Args:
        make_pool: called before the first file that the kernel may take; None if it may not.
        take: the results of the files that were added first, None of one that the kernel did not
            take; and number -> first bytes of those that are not plainly text.
        may_take: see `count_plain`.
    """

    def __init__(
        self,
        make_pool: Callable[[], _AnyPool | None],
        take: Callable[
            [_AnyPool, Sequence[File]], tuple[list[_Result | None], Mapping[int, bytes]]
        ],
        may_take: Callable[[bytes], bool],
    ) -> None:
        self._make_pool = make_pool
        self._take = take
        self._may_take = may_take
        self._reasons: dict[str, str] = {}  # each of which many files share

    def results(self, files: Iterable[File | Skipped]) -> Iterator[File | Skipped | _Result]:
        remaining = iter(files)
        waiting: deque[tuple[list[File | Skipped], dict[int, File]]] = deque()
        pool: _AnyPool | None = None
        while batch := list(islice(remaining, _BATCH)):
            plain = {
                number: found
                for number, found in enumerate(batch)
                if isinstance(found, File) and _may_be_plain(found)
            }
            if pool is None and (not plain or (pool := self._make_pool()) is None):
                yield from batch
                if plain:
                    yield from remaining
                continue
            pool.add([file.path for file in plain.values()])
            waiting.append((batch, plain))
            if len(waiting) > _AHEAD:
                yield from self._done(pool, *waiting.popleft())
        while pool is not None and waiting:
            yield from self._done(pool, *waiting.popleft())

    def _done(
        self, pool: _AnyPool, batch: list[File | Skipped], plain: dict[int, File]
    ) -> list[File | Skipped | _Result]:
        """The files of a batch, those that the kernel read replaced by their results."""
        numbers, taken = [*plain], [*plain.values()]
        found, heads = self._take(pool, taken)
        results: list[File | Skipped | _Result] = [*batch]
        for number, result in zip(numbers, found, strict=True):
            if result is not None:
                results[number] = result
        for at, head in heads.items():
            results[numbers[at]] = self._refused(taken[at], head)
        return results

    def _refused(self, found: File, head: bytes) -> File | Skipped:
        """Why a file that starts so is no text; itself if its start does not tell."""
        if found.explicit or self._may_take(head):
            return found
        error = refusal(head, explicit=False)
        if error is None:
            return found
        return Skipped(found.path, self._reasons.setdefault(error.message, error.message))


def _may_be_plain(file: File) -> bool:
    """Whether a file may be counted by its bytes alone, as far as its name and its kind tell."""
    if file.content is not None or may_hold_texts(file.path):
        return False
    # Of those that were named, JSON may be a conversation, and opening a pipe is to read it.
    return not file.explicit or not (
        file.path.endswith(".json") or file.path == STDIN or not _is_regular(file.path)
    )


def _is_regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False
