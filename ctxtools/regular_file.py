"""Reading a file that somebody else may have left: a configuration, a tokenizer, ignore rules.

A name in a stranger's folder can be a link to ``/dev/zero``, a pipe that nobody writes to, or a
file without end. So only regular files are opened, and of those no more is read than a limit.
"""

import errno
import os
import stat
from math import inf

from ctxtools.errors import CtxtoolsError, ReadError, os_reason
from ctxtools.escape import one_line

NO_FILE = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
"""The causes of an error of `read_regular` where there is nothing that could be meant."""

_BLOCK = 1 << 20  # bytes
_DEEPEST = 200  # folders, in which links are followed
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)


def read_regular(
    path: str | os.PathLike[str],
    limit: int,
    *,
    within: str | os.PathLike[str] | None = None,
    pipes: bool = False,
    raises: type[CtxtoolsError] = ReadError,
) -> bytes:
    """The content of a regular file of limited size. A link is followed to one.

    Args:
        path: the file.
        limit: the maximum size in bytes. No more than one byte above it is read, whatever size the
            file claims to have (those in ``/proc`` claim 0).
        within: the folder that the file must be in, links followed: for a name that a stranger's
            folder gives. None if it may be anywhere.
        pipes: read a pipe or a device too, and wait for it: for what the user named, such as
            ``<(command)`` in a shell.
        raises: the class of the error.

    Raises:
        CtxtoolsError: of the class ``raises``: it cannot be read, is not a regular file, is
            larger, or is elsewhere.
    """
    try:
        return _read(path if within is None else _inside(path, within), limit, pipes)
    except (_UnfitError, OSError, ValueError) as error:
        raise _error(path, error, raises) from (error if isinstance(error, OSError) else None)


def open_regular(
    path: str | os.PathLike[str], *, within: str | os.PathLike[str] | None = None
) -> tuple[int, int]:
    """A descriptor of a regular file, which the caller closes, and the file's size in bytes.

    A link is followed to one; ``within`` is that of `read_regular`.

    Raises:
        ReadError: it cannot be opened, is not a regular file, or is elsewhere.
    """
    try:
        descriptor, status = _open(path if within is None else _inside(path, within), inf, False)
    except (_UnfitError, OSError, ValueError) as error:
        raise _error(path, error, ReadError) from (error if isinstance(error, OSError) else None)
    return descriptor, status.st_size


def kind_of_file(mode: int) -> str:
    """What a file is that is not a regular one, as a `Skipped` reason."""
    if stat.S_ISFIFO(mode):
        return "named pipe"
    if stat.S_ISSOCK(mode):
        return "socket"
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        return "device"
    return "directory" if stat.S_ISDIR(mode) else "not a regular file"


class _UnfitError(Exception):
    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.hint = hint


def _error(
    path: str | os.PathLike[str], cause: Exception, raises: type[CtxtoolsError]
) -> CtxtoolsError:
    name = one_line(os.fsdecode(path))
    if isinstance(cause, _UnfitError):
        return raises(f"{name}: {cause}", hint=cause.hint)
    if isinstance(cause, OSError):
        return raises(f"{name}: {os_reason(cause)}")
    return raises(f"{name}: not a path")  # a NUL in the name


def is_inside(path: str | os.PathLike[str], folder: str | os.PathLike[str]) -> bool:
    """Whether a path leads to something in a folder, or to the folder, links followed.

    Raises:
        OSError: the current folder was removed, and one of them is relative to it.
    """
    try:
        real, root = os.path.realpath(path), os.path.realpath(folder)
    except ValueError:  # a NUL in the name
        return False
    return real == root or real.startswith(os.path.join(root, ""))


def _inside(path: str | os.PathLike[str], folder: str | os.PathLike[str]) -> str:
    """The path without links."""
    directory, text = os.path.dirname(path), os.fspath(path)
    if directory == os.fspath(folder) and not stat.S_ISLNK(os.lstat(text).st_mode):
        # `realpath` looks at all folders above, which in a tree as deep as paths are long, for the
        # files of each folder, takes minutes.
        return text
    if text.count(os.sep) > _DEEPEST:
        raise _UnfitError(
            "a link, or below one, in a very deep folder", "put the file itself there"
        )
    if not is_inside(path, folder):
        # Where the link leads to is not shown, nor whether something is there.
        raise _UnfitError("leads out of its folder", "put the file itself there, not a link to it")
    return os.path.realpath(path)


def _open(path: str | os.PathLike[str], limit: float, pipes: bool) -> tuple[int, os.stat_result]:
    # Opening a device can do something by itself, so its kind is known before.
    _require_fit(os.stat(path), limit, pipes)
    descriptor = os.open(path, _FLAGS if pipes else _FLAGS | _NONBLOCK)
    try:
        status = os.fstat(descriptor)
        _require_fit(status, limit, pipes)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status


def _read(path: str | os.PathLike[str], limit: int, pipes: bool) -> bytes:
    descriptor, status = _open(path, limit, pipes)
    try:
        # A small file in one read; one more byte to see the end.
        wanted = min(status.st_size or _BLOCK, limit) + 1
        blocks: list[bytes] = []
        size = 0
        while block := os.read(descriptor, min(wanted, limit + 1 - size)):
            blocks.append(block)
            size += len(block)
            if size > limit:
                raise _too_large(limit)
            wanted = _BLOCK
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)
    finally:
        os.close(descriptor)


def _require_fit(status: os.stat_result, limit: float, pipes: bool) -> None:
    if stat.S_ISREG(status.st_mode):
        if status.st_size > limit:
            raise _too_large(limit)
    elif stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "")
    elif not pipes:
        kind = kind_of_file(status.st_mode)
        kind = kind if kind.startswith("not") else f"a {kind}, not a regular file"
        raise _UnfitError(kind, "put a regular file there, or name another one")


def _too_large(limit: float) -> _UnfitError:
    from ctxtools.units import format_bytes

    size = format_bytes(int(limit))
    return _UnfitError(f"larger than {size}", f"at most {size} of such a file are read")
