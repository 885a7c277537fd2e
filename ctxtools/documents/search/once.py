"""Files that several of the named paths stand for, listed once."""

import os
from collections.abc import Callable, Iterator

from ctxtools.documents.file import STDIN, File
from ctxtools.documents.search.found import Selection, is_found_archive
from ctxtools.errors import Skipped


def find_once(
    paths: list[str],
    selection: Selection,
    expand: Callable[[str, Selection], Iterator[File | Skipped]],
) -> Iterator[File | Skipped]:
    """What paths stand for, each file once.

    Args:
        paths: what was named.
        selection: which files to list.
        expand: what one of them stands for.
    """
    if len(paths) == 1:  # nothing can be reached twice
        yield from expand(paths[0], selection)
        return
    named = {_identity(path) for path in paths}
    seen: dict[str, set[str] | None] = {}  # why a path was skipped; None of a file
    for path in paths:
        for found in expand(path, selection):
            identity = _identity(found.path)
            reasons = seen.get(identity, set())
            # An archive's path may be skipped for each of several members.
            is_new = not reasons or (isinstance(found, Skipped) and found.reason not in reasons)
            if reasons is not None and is_new:
                if is_found_archive(found) and identity in named:
                    continue  # it is looked into when it is its turn
                if isinstance(found, Skipped):
                    seen.setdefault(identity, reasons)
                    reasons.add(found.reason)
                else:
                    seen[identity] = None
                if isinstance(found, File) and not found.explicit and identity in named:
                    found = found._replace(explicit=True)
                yield found


def _identity(path: str) -> str:
    # The path, not the inode: two links to a file are two documents to the reader.
    return path if path == STDIN else os.path.abspath(path)
