"""The files that a command writes. They are not its input: a run would read what the last wrote."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator

from ctxtools.atomic import TEMPORARY, atomic_write
from ctxtools.documents import File, Skipped
from ctxtools.errors import UsageError


class OutputFiles:
    """The files and folders that will be written, and the file that stdout is redirected to.

    That includes the hidden temporary files that they are until they are complete, and those that
    a killed run has left.

    Args:
        paths: as they were named; None and "-" are stdout.
        parts: whether an earlier run may have written them in parts, ``pack.2-of-5.xml``.
    """

    def __init__(self, paths: Iterable[str | None], *, parts: bool = False) -> None:
        names, locations = [], []
        for path in paths:
            if path is None or path == "-":
                continue
            folder, name = os.path.split(os.path.realpath(path))
            stem, end = map(re.escape, os.path.splitext(name))
            part = r"(?:\.\d+-of-\d+)?" if parts else ""
            names.append(f"{stem}{part}{end}|{TEMPORARY.format(re.escape(name))}")
            locations.append(f"{re.escape(os.path.join(folder, ''))}(?:{names[-1]})")
        # Names are cheap to match; resolving where they lead is not.
        self._name = re.compile(rf"(?:^|[/\\])(?:{'|'.join(names)})(?:$|[/\\])") if names else None
        self._location = re.compile(rf"(?:{'|'.join(locations)})(?:$|{re.escape(os.sep)})")
        self._stdout = _redirection()
        self._in_pipeline = _open_in_pipeline() if _is_pipe() else frozenset()

    def __contains__(self, path: str) -> bool:
        if self._stdout is not None and _is_file(path, self._stdout):
            return True
        if not self._name or not (self._name.search(path) or os.path.islink(path)):
            return False
        return self._location.match(os.path.realpath(path)) is not None

    def refuse(self, inputs: Iterable[str]) -> None:
        """Raise UsageError if a file that will be written was named as an input."""
        for path in inputs:
            if os.path.isfile(path) and path in self:
                raise UsageError(
                    f"{path} is both an input and an output", hint="write to another file"
                )

    def skip_in(self, files: Iterable[File | Skipped]) -> Iterator[File | Skipped]:
        """The files, those that will be written as skipped.

        That includes what another program of the pipeline has open, as in ``ctx pack . | tee
        pack.xml``, where the system tells that.
        """
        for found in files:
            if isinstance(found, File) and found.path != "-":
                if found.path in self:
                    found = Skipped(found.path, "the output itself")
                elif self._in_pipeline and _identity(found.path) in self._in_pipeline:
                    found = Skipped(found.path, "open in another program of the pipeline")
            yield found


def write_result(data: bytes, output: str | None) -> None:
    """Write to a file, completely or not at all; or to stdout."""
    if output is None or output == "-":
        sys.stdout.buffer.write(data)
        return
    with atomic_write(output, "wb") as file:
        file.write(data)


def _redirection() -> os.stat_result | None:
    """The regular file that stdout is redirected to, as in ``ctx chunk . > chunks.jsonl``."""
    try:
        status = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):  # it is closed, or not a file
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _is_pipe() -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError, AttributeError):
        return False


def _open_in_pipeline() -> frozenset[tuple[int, int]]:
    """The regular files that other processes of this one's group have open, on Linux."""
    found = set()
    for process in _numbers("/proc"):
        try:
            if process == str(os.getpid()) or os.getpgid(int(process)) != os.getpgrp():
                continue
        except OSError:  # it has ended
            continue
        folder = f"/proc/{process}/fd"
        found |= {_identity(f"{folder}/{number}") for number in _numbers(folder)}
    return frozenset(each for each in found if each is not None)


def _numbers(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.isdecimal()]
    except OSError:
        return []


def _identity(path: str) -> tuple[int, int] | None:
    """What tells a regular file from all others; None if it is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def _is_file(path: str, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(path), status)
    except (OSError, ValueError):
        return False
