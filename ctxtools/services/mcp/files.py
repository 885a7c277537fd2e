"""The files that a call names, all of them opened by the jail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from ctxtools.documents import (
    Document,
    DocumentCount,
    File,
    Reader,
    ReadOptions,
    Skipped,
    count_documents,
    each_document,
    find_files,
)
from ctxtools.documents.archives.walk import walk_archive
from ctxtools.documents.each import documents_of
from ctxtools.documents.filetypes import may_be_archive
from ctxtools.documents.git.patience import Patience
from ctxtools.documents.origins.attributes import mark_files
from ctxtools.documents.search.found import Census, FoundFiles, Selection
from ctxtools.documents.text import refuse_more
from ctxtools.encodings import Encoding
from ctxtools.services.mcp.call import Call
from ctxtools.services.mcp.jail import Jail, JailedContent, Located

_PER_DOCUMENT = 512  # bytes of memory beside its text


@dataclass(frozen=True, slots=True)
class Named:
    """What a call names.

    Attributes:
        paths: files and folders, as the client wrote them.
        include, exclude: patterns of files in these folders, as `find_files` takes them.
    """

    paths: Sequence[str]
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()


@dataclass(slots=True)
class Unread:
    """What was not read, and remarks on what was."""

    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lists(self, jail: Jail) -> dict[str, list[object]]:
        """The same for an answer."""
        return {
            "skipped": [
                {"path": jail.shown(each.path), "reason": jail.cleaned(each.reason)}
                for each in self.skipped
            ],
            "notes": [jail.cleaned(note) for note in self.notes],
        }


def count_files(
    named: Named,
    encodings: Sequence[Encoding],
    jail: Jail,
    call: Call,
    unread: Unread,
    *,
    characters: bool = False,
) -> Iterator[DocumentCount]:
    """The counts of the files that a call names; see `count_documents`."""
    for each in count_documents(
        _files(named, jail, call, unread),
        encodings,
        ReadOptions(max_file_size=call.limits.bytes),
        progress=call.read,
        characters=characters,
    ):
        call.file_done()
        if isinstance(each, Skipped):
            unread.skipped.append(each)
        else:
            unread.notes += (f"{each.path}: {note}" for note in each.notes)
            yield each


def read_files(named: Named, jail: Jail, call: Call, unread: Unread) -> list[Document]:
    """The texts of the files that a call names."""

    def read(reader: Reader) -> list[Document]:
        documents, size = [], 0  # all records of a file, or none
        for document in documents_of(reader):
            documents.append(document)
            size += len(document.text) + _PER_DOCUMENT
            call.check_size(size)
            if reader.unsized is not None:
                refuse_more(size, reader.file.path, "MiB of records")
        call.read(reader.size)
        return documents

    files = _files(named, jail, call, unread, marked=True)
    options = ReadOptions(max_file_size=call.limits.bytes)
    found: list[Document] = []
    for each in each_document(files, read, options, threads=0, share=4):
        if isinstance(each, Skipped):
            unread.skipped.append(each)
        else:
            unread.notes += (f"{each.path}: {note}" for note in each.notes)
            found.append(each)
        call.file_done()
    return found


def _files(
    named: Named, jail: Jail, call: Call, unread: Unread, *, marked: bool = False
) -> Iterator[File | Skipped]:
    """The files, each once, with contents that the jail opens.

    Args:
        marked: with what is known of them beside their names, as packing uses it.
    """
    located = [jail.find(path) for path in named.paths]
    folders = [each.path for each in located if each.is_folder]
    files: Iterator[File | Skipped] = _named_files(located, jail, call)
    seen: set[str] = set()
    walk: FoundFiles | None = None
    if folders:
        walk = find_files(folders, include=named.include, exclude=named.exclude)
        files = chain(files, walk)
    if marked:
        files = mark_files(files, [each.path for each in located])
    for found in files:
        call.check()
        if isinstance(found, Skipped) or found.content is not None:
            yield found
        elif found.path not in seen:
            seen.add(found.path)
            yield found._replace(content=JailedContent(jail, found.path, call))
    if walk is not None:
        unread.notes += map(str, walk.unmatched)


def _named_files(located: Sequence[Located], jail: Jail, call: Call) -> Iterator[File | Skipped]:
    """The files that were named, and what is in an archive that was."""
    for each in located:
        if each.is_folder:
            continue
        if may_be_archive(each.path):
            file = File(each.path, content=JailedContent(jail, each.path, call))
            members = walk_archive(file, len(each.path) + 1, Selection(Census(), Patience()))
            if members is not None:
                yield from members
                continue
        yield File(each.path)
