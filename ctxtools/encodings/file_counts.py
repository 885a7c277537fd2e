"""The counts of files as engines return them, and errors for those that have none."""

from collections.abc import Iterable, Sequence

from ctxtools.errors import FormatError, ReadError, os_reason


def counts_of_files(paths: Sequence[str], counted: Iterable[int | Exception]) -> list[int]:
    """The tokens of each file.

    Args:
        paths: of the files.
        counted: from `Backend.count_files`.

    Raises:
        ReadError: a file cannot be read.
        FormatError: a file is not UTF-8.
        MemoryError: there is none for a file that can be split nowhere.
    """
    counts = []
    for path, count in zip(paths, counted, strict=True):
        if isinstance(count, OSError):
            raise ReadError(f"{path}: {os_reason(count)}") from count
        if isinstance(count, UnicodeDecodeError):
            raise FormatError(
                f"{path} is not UTF-8", hint="ctxtools.read_documents detects other charsets"
            ) from count
        if isinstance(count, Exception):
            raise count
        counts.append(count)
    return counts
