"""The files that a command writes. They are not its input: a run would read what the last wrote."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO, Any

from ctxtools.atomic import atomic_write
from ctxtools.documents import STDIN, File, Skipped
from ctxtools.errors import UsageError, os_reason
from ctxtools.escape import one_line
from ctxtools.regular_file import is_inside


class OutputFiles:
    """The files and folders that will be written, and the file that stdout is redirected to.

    Args:
        paths: as they were named; None and "-" are stdout.
        parts: whether an earlier run may have written them in parts, ``pack.2-of-5.xml``.
    """

    def __init__(self, paths: Iterable[str | None], *, parts: bool = False) -> None:
        named = [path for path in paths if path is not None and path != "-"]
        names, locations = [], []
        for path in named:
            folder, name = os.path.split(os.path.realpath(path))
            stem, end = map(re.escape, os.path.splitext(name))
            part = r"(?:\.\d+-of-\d+)?" if parts else ""
            names.append(f"{stem}{part}{end}")
            locations.append(f"{re.escape(os.path.join(folder, ''))}(?:{names[-1]})")
        # Names are cheap to match; resolving where they lead is not. On some file systems two names
        # that differ in case lead to one file.
        pattern = rf"(?:^|[/\\])(?:{'|'.join(names)})(?:$|[/\\])"
        self._name = re.compile(pattern, re.IGNORECASE) if names else None
        self._location = re.compile(rf"(?:{'|'.join(locations)})(?:$|{re.escape(os.sep)})")
        self._files = frozenset(filter(None, map(_identity, named)))
        self._stdout = _redirection()

    def __contains__(self, path: str) -> bool:
        return self._has(path, may_be_link=True)

    def _has(self, path: str, *, may_be_link: bool) -> bool:
        if self._stdout is not None and _identity(path) == self._stdout:
            return True
        if not self._name or not (
            self._name.search(path) or (may_be_link and os.path.islink(path))
        ):
            return False
        return (
            self._location.match(os.path.realpath(path)) is not None
            or _identity(path) in self._files
        )

    def refuse(self, inputs: Iterable[str | None]) -> None:
        """Raise UsageError if a file that will be written was named as an input, or is stdin."""
        for path in filter(None, inputs):
            identity = _identity(path) or _identity(path.partition("#")[0])  # x.tiktoken#pattern
            if identity is None:
                continue
            if identity in self._files or identity == self._stdout or path in self:
                shown = "stdin" if path == STDIN else one_line(path)
                raise UsageError(
                    f"{shown} is both an input and an output", hint="write to another file"
                )

    def skip_in(self, files: Iterable[File | Skipped]) -> Iterator[File | Skipped]:
        """The files, those that will be written as skipped.

        That includes what another program of the pipeline has open, as in ``ctx pack . | tee
        pack.xml``, where the system tells that.
        """
        in_pipeline = _open_in_pipeline() if _is_pipe() else frozenset()
        for found in files:
            if isinstance(found, File) and found.path != STDIN and found.content is None:
                # What a walk found is no link: asking the system again takes time in a large tree.
                if self._has(found.path, may_be_link=found.explicit):
                    found = Skipped(found.path, "the output itself")
                elif in_pipeline and _identity(found.path) in in_pipeline:
                    found = Skipped(found.path, "open in another program of the pipeline")
            yield found


def write_result(data: bytes, output: str | None) -> None:
    """Write to a file, completely or not at all; or to stdout."""
    if output is None or output == "-":
        sys.stdout.buffer.write(data)
        return
    with atomic_write(output, "wb") as file:
        file.write(data)


def check_output(output: str, *, folder: bool = False) -> None:
    """Raise UsageError before any work if the result cannot be, or should not be, written there.

    A link that leads out of its folder is not followed: the folder may be a stranger's, and the
    name one that many commands write. Missing folders are not made: a misspelled one would go
    unnoticed.

    Args:
        output: the value of --output or --stats.
        folder: it may name a folder.
    """
    parent = os.path.dirname(output.rstrip("/")) or "."
    if not os.path.isdir(parent):
        import shlex

        raise UsageError(
            f"{output}: there is no folder {parent}",
            hint=f"make it first: mkdir -p {shlex.quote(parent)}",
        )
    if not folder and (os.path.isdir(output) or output.endswith(("/", os.sep))):
        raise UsageError(f"{output} is a folder, not a file", hint="name a file in it")
    try:
        if not os.path.islink(output):
            os.lstat(output)
            return
        with suppress(FileNotFoundError):
            os.stat(output)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:  # a name that is too long, links that lead to each other
        raise UsageError(f"{output}: {os_reason(error)}") from None
    if not is_inside(output, parent) and not _is_system(os.path.realpath(parent)):
        target = os.path.realpath(output)
        raise UsageError(
            f"{one_line(output)} is a link to {one_line(target)}, which is not in its folder",
            hint="remove the link, or name what is to be written itself",
        )


def _is_system(folder: str) -> bool:
    """Whether this is where the system has its devices and open files, /dev/stdout say."""
    return os.path.join(folder, "").startswith(("/dev/", "/proc/"))


def is_same_file(path: str, other: str) -> bool:
    """Whether two outputs are one file, by whatever names."""
    return os.path.realpath(path) == os.path.realpath(other) or (
        _identity(path) is not None and _identity(path) == _identity(other)
    )


def _redirection() -> tuple[int, int] | None:
    """The regular file that stdout is redirected to, as in ``ctx chunk . > chunks.jsonl``."""
    return _identity_of(sys.stdout)


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
    """What tells a regular file from all others, by whatever name; None if it is none."""
    if path == STDIN:
        return _identity_of(sys.stdin)
    try:
        return _of_regular(os.stat(path))
    except (OSError, ValueError):
        return None


def _identity_of(stream: IO[Any] | None) -> tuple[int, int] | None:
    try:
        return _of_regular(os.fstat(stream.fileno())) if stream is not None else None
    except (OSError, ValueError, AttributeError):  # it is closed, or not a file
        return None


def _of_regular(status: os.stat_result) -> tuple[int, int] | None:
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None
