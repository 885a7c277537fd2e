"""Folders that the kernel lists, with all that is below them."""

import os
import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ctxtools import _core
from ctxtools.documents.file import File
from ctxtools.documents.search.found import Reason, Selection

if TYPE_CHECKING:
    from ctxtools.documents.ignore import IgnoreRules

_BATCH = 512  # entries that are asked for together
_FILE, _FOLDER = 0, 1  # as the kernel says what something is


class Found:
    """What the kernel found and did not decide on: the part of an `os.DirEntry` that is needed."""

    __slots__ = ("_is_folder", "name", "path")

    def __init__(self, path: str, *, is_folder: bool) -> None:
        self.path = path
        self.name = path.rpartition("/")[2]
        self._is_folder = is_folder

    def is_dir(self, *, follow_symlinks: bool) -> bool:
        """Whether it is a folder, and no link to one."""
        return self._is_folder

    def is_file(self, *, follow_symlinks: bool) -> bool:
        """Whether it is a regular file, and no link to one."""
        try:
            return stat.S_ISREG(os.lstat(self.path).st_mode)
        except OSError:
            return False

    def stat(self, *, follow_symlinks: bool) -> os.stat_result:
        """What the system says of it."""
        return os.stat(self.path, follow_symlinks=follow_symlinks)


def list_below(
    prefix: str, selection: Selection, rules: "IgnoreRules | None"
) -> Iterator[File | Found]:
    """What is below a folder, in the order of a walk; folders in it that need more than that
    themselves.

    Args:
        prefix: the folder.
        selection: without patterns.
        rules: its rules, without patterns.
    """
    walk = _walk(prefix, selection, rules)
    left_out = selection.census.left_out
    hidden = ignored = 0
    while True:
        paths, kinds = walk.next_entries(_BATCH)
        before, (hidden, ignored) = (hidden, ignored), walk.left_out
        reasons: tuple[tuple[Reason, int], ...] = (
            ("hidden", hidden - before[0]),
            ("ignored", ignored - before[1]),
        )
        for reason, number in reasons:
            if number:
                left_out[reason] += number
        for path, kind in zip(paths, kinds, strict=True):
            yield File(path, False) if kind == _FILE else Found(path, is_folder=kind == _FOLDER)
        if not paths:
            return


def _walk(prefix: str, selection: Selection, rules: "IgnoreRules | None") -> Any:
    ignored = None if rules is None else rules.from_git
    return _core.kernel.Walk(  # type: ignore[union-attr]
        prefix,
        hidden=selection.hidden,
        patterns=rules is not None,
        ignored=None if ignored is None else list(ignored),
        start=0 if rules is None else len(os.fsencode(rules.root)),
    )
