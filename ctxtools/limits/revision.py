"""The tokens that files had in a revision of their repository, without a checkout."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ctxtools.checks import check_type
from ctxtools.documents import DocumentCount, File, Skipped, find_files
from ctxtools.documents.git.changes import changed_lines
from ctxtools.errors import UsageError

Count = Callable[[Iterator[File | Skipped]], Iterator[DocumentCount | Skipped]]


def check_revision(revision: str) -> None:
    """Raise UsageError if this cannot be one revision."""
    check_type("against", revision, str)
    if not revision.strip():
        raise UsageError("against is empty", hint="name a branch, a tag or a commit")
    if ".." in revision:
        raise UsageError(
            "against is one revision, not two",
            hint="name a branch, a tag or a commit; the files on the disk are compared with it",
        )


def counts_at(
    revision: str,
    roots: list[str],
    selection: Mapping[str, Any],
    wanted: Callable[[str], bool],
    known: Mapping[str, DocumentCount],
    count: Count,
) -> Iterator[DocumentCount | Skipped]:
    """The counts of files in a revision, and what of it could not be read.

    Those that did not change since have the counts that they have now.

    Args:
        revision: a branch, a tag or a commit.
        roots: the folders to look in.
        selection: which files, as `find_files` takes it.
        wanted: whether a file, by its path, is to be counted.
        known: path -> the counts of a file that is there now.
        count: counts files.

    Raises:
        UsageError: a folder is in no repository, or there is no such revision.
    """
    changed = {path for root in roots for path in changed_lines(root, revision)}
    unchanged: list[DocumentCount] = []

    def others() -> Iterator[File | Skipped]:
        for found in find_files(roots, ref=revision, **selection):
            if not wanted(found.path):
                continue
            now = known.get(found.path)
            if now is not None and found.path not in changed and isinstance(found, File):
                unchanged.append(now)
            else:
                yield found

    yield from count(others())
    yield from unchanged
