"""What ``ctx pack`` reads: documents, in memory, with when they changed."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ctxtools.documents import (
    Document,
    File,
    ReadOptions,
    Skipped,
    open_document,
    skipped_by,
)
from ctxtools.documents.history import History
from ctxtools.errors import FormatError, ReadError
from ctxtools.parallel import map_ordered


@dataclass(slots=True)
class Read:
    """What was read: documents, what was skipped, and what is to be known."""

    documents: list[Document] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_all(
    files: Iterable[File | Skipped],
    options: ReadOptions,
    threads: int,
    progress: Callable[[int], object],
) -> Read:
    """Read files on several threads, in order.

    Args:
        files: from `find_files`.
        options: how to read them.
        threads: 0 is one for each core.
        progress: called with the bytes of each file.
    """

    def read(found: File | Skipped) -> list[Document] | Skipped:
        if isinstance(found, Skipped):
            return found
        try:
            documents = _read(found, options)
        except (ReadError, FormatError) as error:
            return skipped_by(found.path, error)
        progress(sum(each.size for each in documents))
        return documents

    result = Read()
    for each in map_ordered(read, files, threads, share=4):
        if isinstance(each, Skipped):
            result.skipped.append(each)
        else:
            result.documents += each
            result.notes += [f"{one.path}: {note}" for one in each[:1] for note in one.notes]
    return result


def _read(file: File, options: ReadOptions) -> list[Document]:
    documents = []
    with open_document(file, options) as reader:
        for text in reader.texts():
            content, record = text.read(), text.record
            size = reader.size if record is None else len(content)
            name = file.path if file.path != "-" else "stdin"
            documents.append(Document(name, content, size, reader.charset, record, reader.notes))
    return documents


def folders_of(paths: Sequence[str]) -> list[str]:
    """The folders among the paths that were named, and the current one where a file was."""
    folders = [path if os.path.isdir(path) else "" for path in paths if path != "-"]
    return list(dict.fromkeys(folders))


def start_histories(folders: Iterable[str]) -> list[History]:
    """Ask git when files changed, a few folders at the most."""
    return [History(folder) for folder in list(folders)[:4]]


def collect_ages(histories: Iterable[History]) -> tuple[dict[str, float], list[str]]:
    """The ages of all files, and what is to be known of them."""
    ages: dict[str, float] = {}
    notes = []
    for history in histories:
        found, done = history.ages()
        ages.update(found)
        if not done:
            notes.append("git took too long to say when files changed; recency does not count")
    return ages, notes
