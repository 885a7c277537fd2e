"""The one loop over files: open, read, and skip what cannot be read, with a reason."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from ctxtools.checks import check_list, check_threads, checked_paths
from ctxtools.documents.file import File, skipped_by
from ctxtools.documents.filetypes import may_be_archive
from ctxtools.documents.html import Render
from ctxtools.documents.read import Reader, open_document
from ctxtools.documents.readers.fields import FieldsOfRun
from ctxtools.documents.readers.options import DEFAULT, ReadOptions
from ctxtools.documents.search.found import FoundFiles, Unmatched
from ctxtools.documents.walk import Paths, find_files
from ctxtools.errors import FormatError, ReadError, Skipped, UnreadableError
from ctxtools.parallel import map_ordered

if TYPE_CHECKING:
    from ctxtools.documents.document import Document
    from ctxtools.documents.git.changes import Changes

_Result = TypeVar("_Result")


def each_document(
    files: Iterable[File | Skipped | _Result],
    read: Callable[[Reader], Iterable[_Result]],
    options: ReadOptions = DEFAULT,
    *,
    threads: int = 1,
    share: int = 1,
    inline: Callable[[File], bool] | None = None,
    strict: bool = False,
) -> Iterator[_Result | Skipped]:
    """The results of reading each file, in the order of the files, or why it was skipped.

    Args:
        files: from `find_files`; what was skipped there, or has a result already, is passed on.
        read: returns the results of one open file, which is closed afterwards. On one thread they
            are yielded one by one, as they are read; a failure ends them.
        options: how to read the files.
        threads: files read at once; 0 is one for each core.
        share: files per task, if a file is less work than a task.
        inline: whether a file is less work than handing it to another thread.
        strict: raise the error if something went wrong with a file, instead of skipping it.

    Raises:
        MissingExtraError: a format needs a package that is not installed.
    """

    def results(found: File | Skipped | _Result) -> Iterator[_Result | Skipped]:
        if not isinstance(found, File):
            if strict and isinstance(found, Skipped) and found.error:
                raise UnreadableError(found, hint=found.hint)
            yield found
            return
        try:
            with open_document(found, options) as reader:
                yield from read(reader)
            return
        except (ReadError, FormatError) as error:
            skipped = skipped_by(found.path, error)
            if strict and skipped.error:
                raise
        yield skipped

    if check_threads(threads) == 1:
        for found in files:
            yield from results(found)
        return

    def is_inline(found: File | Skipped | _Result) -> bool:
        return not isinstance(found, File) or (inline is not None and inline(found))

    def all_results(found: File | Skipped | _Result) -> list[_Result | Skipped]:
        return list(results(found))

    for listed in map_ordered(all_results, files, threads, share=share, inline=is_inline):
        yield from listed


def documents_of(reader: Reader) -> "Iterator[Document]":
    """The documents of an open file, each whole in memory: itself, or its records.

    The last one has all notes: of the records that were skipped, it says how many in all.
    """
    from dataclasses import replace

    from ctxtools.documents.document import Document  # a count needs none

    last: Document | None = None
    try:
        for text in reader.texts():
            content = text.read()
            if last is not None:
                yield last
            size = reader.size
            if text.record is not None:
                size = len(content.encode("utf-8", "surrogatepass"))
            file, charset = reader.file, reader.charset
            notes = reader.notes
            last = Document(
                file.path,
                content,
                size,
                charset,
                text.record,
                notes,
                file.marks,
                text.source,
                text.metadata,
                text.pages,
                text.headings,
                text.format,
            )
    except Exception:
        if last is not None:
            yield last
        raise
    if last is not None:
        yield last if last.notes == reader.notes else replace(last, notes=reader.notes)


class Documents(Iterable["Document"]):
    """Documents, read as they are asked for. Each iteration reads them again.

    Attributes:
        skipped: what could not be read so far and why, in order; also what was named and then left
            out by ``include`` or ``exclude``.
        unmatched: the patterns of ``include`` and ``exclude`` that matched no file; known after an
            iteration.
        notes: remarks on the version of a repository that was read: which files were deleted, say.
        changes: path -> what changed in it since ``diff``, or what is ``staged``; known after an
            iteration.
        folders: the directories and archives that were named.
    """

    def __init__(
        self,
        find: Callable[[], FoundFiles],
        options: ReadOptions,
        named: Sequence[str] = (),
        *,
        strict: bool,
    ) -> None:
        self.skipped: list[Skipped] = []
        self.unmatched: list[Unmatched] = []
        self.notes: list[str] = []
        self.changes: dict[str, Changes] = {}
        self.folders = tuple(folder for path in named if (folder := folder_of(path)))
        self._named = named
        self._find = find
        self._options = options
        self._strict = strict

    def __iter__(self) -> "Iterator[Document]":
        self.skipped.clear()
        self.unmatched.clear()
        self.notes.clear()
        self.changes.clear()
        from ctxtools.documents.origins.attributes import mark_files  # no command line needs it

        files = self._find()
        marked = mark_files(files, self._named)
        fields = FieldsOfRun()

        def read(reader: Reader) -> "Iterator[Document]":
            yield from documents_of(reader)
            fields.add(reader.kept)

        for found in each_document(marked, read, self._options, strict=self._strict):
            if isinstance(found, Skipped):
                self.skipped.append(found)
            else:
                yield found
        self.unmatched += files.unmatched
        self.notes += files.notes
        self.changes.update(files.changes)
        fields.check()


def folder_of(path: str) -> str:
    """What paths below a folder or in an archive start with; "" if the path is neither."""
    if os.path.isdir(path):
        return path
    if "://" in path or "@" in path:
        from ctxtools.documents.git.versions.remote import is_url, url_folder

        return url_folder(path) if is_url(path) else ""
    if may_be_archive(path):
        from ctxtools.documents.archives.kinds import is_archive_file

        return path if is_archive_file(path) else ""
    return ""


def read_documents(
    paths: Paths,
    *,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    hidden: bool = False,
    ignore: bool = True,
    archives: bool = False,
    charset: str | None = None,
    field: str | None = None,
    column: str | None = None,
    outputs: bool = False,
    max_file_size: int | None = None,
    skip_bad_records: bool = False,
    keep: Iterable[str] = (),
    source_field: str | None = None,
    render: Render = "source",
    strict: bool = True,
    ref: str | None = None,
    diff: str | None = None,
    staged: bool = False,
    log: int = 0,
    cache: bool = True,
) -> Documents:
    """The texts of files, directories, patterns and standard input, each whole in memory.

    Args:
        paths, include, exclude, hidden, ignore, archives: which files; see `find_files`.
        charset, field, column, outputs, max_file_size, skip_bad_records, keep, source_field,
            render: how to read them; see `ReadOptions`.
        ref, diff, staged, log, cache: another version of the files of repositories, or what
            changed in them; see `ctxtools.documents.git.versions.version.Version`. With ``diff`` or
            ``staged`` only files that changed are read, and ``changes`` says which lines did.
        strict: raise UnreadableError or FormatError, when the file's turn comes, where something
            goes wrong with it (it is missing, unreadable, not of its format); False goes on, and
            lists it in ``skipped``, where files that are merely not text are always listed.

    Raises:
        UsageError: an invalid pattern, an unknown charset, or fields to keep where there are no
            records; at the end of an iteration, a field that none of the records has.
    """
    check_list("include", include)
    check_list("exclude", exclude)
    named = checked_paths([paths] if isinstance(paths, str | os.PathLike) else paths)
    included, excluded = list(include), list(exclude)
    options = ReadOptions(
        charset, field, column, outputs, max_file_size, skip_bad_records, keep, source_field, render
    )

    def find() -> FoundFiles:
        return find_files(
            named, include=included, exclude=excluded, hidden=hidden, ignore=ignore,
            archives=archives, ref=ref, diff=diff, staged=staged, log=log, cache=cache,
        )  # fmt: skip

    find()  # a bad pattern is an error here, not at the first document
    return Documents(find, options, named, strict=strict)
