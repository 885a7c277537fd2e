"""What a command writes is none of its input: each run would read what the last one wrote."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator

from ctxtools.atomic import TEMPORARY
from ctxtools.documents import File, Skipped
from ctxtools.errors import UsageError


class Outputs:
    """The files and folders that are going to be written, and the file that stdout goes to.

    With them go the hidden ones that they are until they are whole, and those that a run which
    was killed has left.

    Args:
        paths: as they were named; None and "-" are stdout.
        parts: whether an earlier run may have written them in parts, ``pack.2-of-5.xml``.
    """

    def __init__(self, paths: Iterable[str | None], *, parts: bool = False) -> None:
        names, places = [], []
        for path in paths:
            if path is None or path == "-":
                continue
            folder, name = os.path.split(os.path.realpath(path))
            stem, end = map(re.escape, os.path.splitext(name))
            part = r"(?:\.\d+-of-\d+)?" if parts else ""
            names.append(f"{stem}{part}{end}|{TEMPORARY.format(re.escape(name))}")
            places.append(f"{re.escape(os.path.join(folder, ''))}(?:{names[-1]})")
        # A name is cheap to look at, where it leads is not.
        self._name = re.compile(rf"(?:^|[/\\])(?:{'|'.join(names)})(?:$|[/\\])") if names else None
        self._place = re.compile(rf"(?:{'|'.join(places)})(?:$|{re.escape(os.sep)})")
        self._stdout = _redirection()

    def __contains__(self, path: str) -> bool:
        if self._stdout is not None and _is_file(path, self._stdout):
            return True
        if not self._name or not (self._name.search(path) or os.path.islink(path)):
            return False
        return self._place.match(os.path.realpath(path)) is not None

    def refuse(self, inputs: Iterable[str]) -> None:
        """Raise UsageError where one of them is an input that was named."""
        for path in inputs:
            if os.path.isfile(path) and path in self:
                raise UsageError(
                    f"{path} is both an input and an output", hint="write to another file"
                )

    def pass_over(self, files: Iterable[File | Skipped]) -> Iterator[File | Skipped]:
        """The files, and in place of those that are written that they were skipped."""
        for found in files:
            if isinstance(found, File) and found.path != "-" and found.path in self:
                found = Skipped(found.path, "the output itself")
            yield found


def _redirection() -> os.stat_result | None:
    """The regular file that stdout is, as in ``ctx chunk . > chunks.jsonl``."""
    try:
        status = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):  # there is none, or it is no file
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _is_file(path: str, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(path), status)
    except (OSError, ValueError):
        return False
