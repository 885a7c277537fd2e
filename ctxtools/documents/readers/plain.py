"""Files that are plainly text, counted by the kernel: nearly all that a tree has.

The kernel opens and reads them, and counts those that are text in UTF-8 without anything that
`documents/decode.py` or the table of signatures would have to decide on. Of the others it returns
the first bytes, by which most are refused here; what is left is passed on, to be read one by one.
"""

import os
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ctxtools import _core
from ctxtools.documents.decode import HEAD, MARKS, refusal
from ctxtools.documents.file import STDIN, DocumentCount, File
from ctxtools.documents.filetypes import may_hold_texts
from ctxtools.documents.readers.options import ReadOptions
from ctxtools.encodings import Encoding
from ctxtools.errors import Skipped, UnknownEncodingError
from ctxtools.signatures import CONTROLS, STARTS

if TYPE_CHECKING:
    from ctxtools.encodings.engines.backend import FileCounter

_BATCH = 64  # files that are handed to the kernel together
_AHEAD = 8  # batches, enough that no thread waits for files to be found
_WHOLE = 1 << 20  # bytes of a file that is held as a whole; larger ones are read in blocks


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
    if options.charset or options.field or options.column or options.render != "source":
        return files
    if _core.kernel is None:
        return files
    from ctxtools.encodings.engines.kernel import KernelBackend, file_counter  # there is a kernel

    # A vocabulary that is loaded when it is needed is a packaged one.
    loaded = [vars(encoding)["backend"] for encoding in encodings if "backend" in vars(encoding)]
    if not all(isinstance(backend, KernelBackend) for backend in loaded):
        return files
    limit = _WHOLE if options.max_file_size is None else min(_WHOLE, options.max_file_size + 1)

    def make_counter() -> "FileCounter | None":
        try:
            backends = [encoding.backend for encoding in encodings]
        except UnknownEncodingError:
            return None  # the first text says so, and there may be none
        starts = (*MARKS, *STARTS)
        return file_counter(
            backends, threads, starts=starts, controls=CONTROLS, head=HEAD, limit=limit
        )

    return _Plain(make_counter, progress, may_take).count(files)


class _Plain:
    """One call of `count_plain`; without a file that it may count, no vocabulary is loaded."""

    def __init__(
        self,
        make_counter: "Callable[[], FileCounter | None]",
        progress: Callable[[int], object] | None,
        may_take: Callable[[bytes], bool],
    ) -> None:
        self._make_counter = make_counter
        self._progress = progress
        self._may_take = may_take
        self._reasons: dict[str, str] = {}  # each of which many files share

    def count(self, files: Iterable[File | Skipped]) -> Iterator[File | Skipped | DocumentCount]:
        remaining = iter(files)
        waiting: deque[tuple[list[File | Skipped], list[int]]] = deque()
        counter: FileCounter | None = None
        while batch := list(islice(remaining, _BATCH)):
            plain = [
                number
                for number, found in enumerate(batch)
                if isinstance(found, File) and _may_be_plain(found)
            ]
            if counter is None and (not plain or (counter := self._make_counter()) is None):
                yield from batch
                if plain:
                    yield from remaining
                continue
            counter.add([batch[number].path for number in plain])
            waiting.append((batch, plain))
            if len(waiting) > _AHEAD:
                yield from self._counted(counter, *waiting.popleft())
        while counter is not None and waiting:
            yield from self._counted(counter, *waiting.popleft())

    def _counted(
        self, counter: "FileCounter", batch: list[File | Skipped], plain: list[int]
    ) -> list[File | Skipped | DocumentCount]:
        """The files of a batch, those that the kernel counted replaced by their counts."""
        sizes, columns, heads = counter.next_counts()
        results: list[File | Skipped | DocumentCount] = [*batch]
        total = 0
        for at, number, size, counts in zip(
            range(len(plain)), plain, sizes, zip(*columns, strict=True), strict=True
        ):
            if size >= 0:
                results[number] = DocumentCount(batch[number].path, size, counts)
                total += size
            elif head := heads.get(at):
                results[number] = self._refused(batch[number], head)
        if self._progress and total:
            self._progress(total)
        return results

    def _refused(self, found: File | Skipped, head: bytes) -> File | Skipped:
        """Why a file that starts so is no text; itself if its start does not tell."""
        if self._may_take(head) or (isinstance(found, File) and found.explicit):
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
