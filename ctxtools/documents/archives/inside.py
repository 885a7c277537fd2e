"""Paths that go on in an archive: ``lib.whl/pkg/x.py``, ``src.zip/docs``, ``src.zip/**/*.md``."""

import os
from collections.abc import Iterator

from ctxtools.documents.archives.walk import walk_archive
from ctxtools.documents.file import File
from ctxtools.documents.filetypes import is_archive, may_be_archive
from ctxtools.documents.search.found import Census, Selection
from ctxtools.documents.search.missing import missing
from ctxtools.documents.search.patterns import Patterns, is_pattern
from ctxtools.errors import Skipped
from ctxtools.suggestions import closest_match

_MAX_COMPARED = 3000  # names that are compared with one that is missing


def expand_inside(path: str, selection: Selection) -> Iterator[File | Skipped] | None:
    """What a path that is not on the disk stands for in an archive; None if it is in none.

    Args:
        path: as it was named.
        selection: which members to list of a folder, or of what a pattern matches.
    """
    names = path.split("/")
    for number in range(1, len(names)):
        archive = "/".join(names[:number])
        if not os.path.isfile(archive):
            continue
        rest = [each for each in names[number:] if each not in ("", ".")]
        if not may_be_archive(archive):
            return None
        everything = selection._replace(
            census=Census(), include=None, exclude=None, only=None, hidden=True, ignore=False,
            archives=any(map(is_archive, rest)),
        )  # fmt: skip
        found = walk_archive(File(archive), len(archive) + 1, everything)
        if found is None:
            return None
        return _expand(path, archive, "/".join(rest), [*found], selection)
    return None


def _expand(
    path: str, archive: str, rest: str, listed: list[File | Skipped], selection: Selection
) -> Iterator[File | Skipped]:
    """The same.

    Args:
        path, selection: as of `expand_inside`.
        archive, rest: the path of the archive, and from there on.
        listed: all that is in it.
    """
    wanted = f"{archive}/{rest}" if rest else archive
    exact = [each for each in listed if each.path == wanted and rest]
    hidden = selection.hidden or any(name.startswith(".") for name in rest.split("/"))
    selection = selection._replace(
        hidden=hidden, archives=selection.archives or any(map(is_archive, rest.split("/")))
    )
    if exact:
        for each in exact:
            reason = selection.reject_named(each.path)
            if reason is not None:
                each = Skipped(each.path, reason)
            elif isinstance(each, File):
                each = each._replace(explicit=True, marks=each.marks | {"named"})
            yield each
    elif not rest or any(each.path.startswith(f"{wanted}/") for each in listed):
        found = walk_archive(File(archive), len(wanted) + 1, selection) or ()
        yield from (each for each in found if _is_asked(each, archive, wanted))
    elif is_pattern(rest):
        only = Patterns("paths", [f"/{rest}"], lambda _: False)
        found = walk_archive(File(archive), len(archive) + 1, selection._replace(only=only)) or ()
        asked = [each for each in found if isinstance(each, File) or each.path != archive]
        yield from asked
        if not asked:
            yield missing(path, f"no file in {archive} matches this pattern")
    else:
        failed = [each for each in listed if _is_failure(each, archive)]
        yield from failed
        if not failed:
            names = [each.path[len(archive) + 1 :] for each in listed[:_MAX_COMPARED]]
            yield missing(path, f"not in {archive}", closest_match(rest, names) or "")


def _is_asked(found: File | Skipped, archive: str, wanted: str) -> bool:
    return found.path.startswith(f"{wanted}/") or _is_failure(found, archive)


def _is_failure(found: File | Skipped, archive: str) -> bool:
    """Whether it is said of the archive that it cannot be read, or not to its end."""
    return isinstance(found, Skipped) and found.error and found.path == archive
