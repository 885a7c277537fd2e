"""What is said of paths that are missing: why, and what may have been meant."""

import os
from itertools import islice

from ctxtools.errors import Skipped, os_reason
from ctxtools.escape import one_line
from ctxtools.suggestions import closest_names, did_you_mean

_MAX_LISTED = 3000  # names that are compared with one that is missing


def missing(path: str, reason: str, hint: str = "") -> Skipped:
    """What is said of an argument that stands for nothing."""
    if "\n" in path:  # rare in a name, but a list of one path per line is not
        hint = "paths in a list are separated by NUL, as find -print0 does, not by line breaks"
    return Skipped(path, reason, error=True, hint=hint or None)


def bare_repository(folder: str) -> Skipped | None:
    """What is said of a bare repository that was named: its files are in its commits alone."""
    if not os.path.isfile(os.path.join(folder, "HEAD")):
        return None
    from ctxtools.documents.git.repository import is_bare

    if os.path.basename(os.path.abspath(folder)) == ".git" or not is_bare(folder):
        return None
    hint = "--ref HEAD reads the files of its newest commit"
    return Skipped(folder, "a bare repository of git", error=True, hint=hint)


def may_be_url(path: str) -> bool:
    """Whether an argument that is no path of anything may be the URL of a repository."""
    return ("://" in path or "@" in path) and not os.path.lexists(path)


def similar(path: str) -> str:
    """What may have been meant by a path that is missing: the first name in it that is unknown."""
    start = "/" if path.startswith("/") else "."
    parent, names = start, [name for name in path.split("/") if name]
    for number, name in enumerate(names):
        if not os.path.isdir(child := os.path.join(parent, name)):
            try:
                with os.scandir(parent) as listing:
                    known = [entry.name for entry in islice(listing, _MAX_LISTED)]
            except (OSError, ValueError):
                return ""
            folder = "".join(f"{each}/" for each in names[:number])
            folder = f"/{folder}" if path.startswith("/") else folder
            return (
                did_you_mean([one_line(folder + each) for each in closest_names(name, known)]) or ""
            )
        parent = child
    return ""


def why_missing(path: str) -> str:
    """Why there is nothing at a path."""
    try:
        os.stat(path)
    except OSError as error:
        return os_reason(error)
    except ValueError:  # a NUL in the name
        return "not a path"
    return "vanished while it was looked up"
