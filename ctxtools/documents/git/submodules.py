"""Which empty directories are submodules that are not checked out."""

import os
import re
from functools import lru_cache

from ctxtools.regular_file import read_regular

_PATH = r"(?m)^[ \t]*path[ \t]*=(.*)$"
_MAX_SIZE = 1 << 20  # bytes of a .gitmodules


def is_submodule(directory: str) -> bool:
    """Whether the repository around an empty directory has a submodule there."""
    path = os.path.abspath(directory or ".")
    parent = os.path.dirname(path)
    while parent != os.path.dirname(parent):
        modules = os.path.join(parent, ".gitmodules")
        try:
            status = os.stat(modules)
            paths = _submodules(modules, status.st_mtime_ns, status.st_size)
            return os.path.relpath(path, parent).replace(os.sep, "/") in paths
        except OSError:
            if os.path.exists(os.path.join(parent, ".git")):
                return False
        parent = os.path.dirname(parent)
    return False


@lru_cache(maxsize=8)  # a repository may have many empty directories
def _submodules(path: str, modified: int, size: int) -> frozenset[str]:
    """The paths that a .gitmodules, as it is at that time, has submodules at.

    Raises:
        ReadError: it cannot be read, or is no regular file in its directory.
    """
    text = os.fsdecode(read_regular(path, _MAX_SIZE, within=os.path.dirname(path)))
    return frozenset(line.strip(' \t\r"').rstrip("/") for line in re.findall(_PATH, text))
