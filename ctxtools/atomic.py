"""Write a file completely or not at all: to a temporary file next to it, which is then renamed.

The permissions of a file that is replaced are kept, but not its owner or extended attributes.

A process that is killed leaves its temporary file, and the next one that writes into the folder
removes it, unless the folder has very many files. A lock says which of them are still being
written: the writer holds it until the file has its name. A process id in the name would say nothing
where containers share a folder.
"""

import errno
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal, overload

from ctxtools.errors import UsageError

if sys.platform != "win32":
    import fcntl

MANIFEST = "chunks.jsonl"
"""The file that a folder from `atomic_folder` starts with."""

_SUFFIX = ".ctxtools-tmp"
_TEMPORARY = re.compile(rf"\..*\.[0-9a-f]{{16}}{re.escape(_SUFFIX)}", re.DOTALL)
_MAX_NAME = 200  # bytes of a name that a temporary one starts with; file systems allow 255 in all
_DESCRIPTORS = re.compile(r"/dev/fd|/proc/(\d+)(?:/task/\d+)?/fd")
_MAX_LINKS = 40  # that are followed, as by Linux
_WAIT = 10.0  # seconds for the reader of a named pipe
_SWEPT = 1_000  # entries of a folder that a writer looks at for what others have left there
_SETTLED = 60.0  # seconds without a change after which Windows takes a temporary file for left


@overload
def atomic_write(
    path: str | os.PathLike[str], mode: Literal["w"] = "w"
) -> AbstractContextManager[IO[str]]: ...
@overload
def atomic_write(
    path: str | os.PathLike[str], mode: Literal["wb"]
) -> AbstractContextManager[IO[bytes]]: ...
def atomic_write(
    path: str | os.PathLike[str], mode: Literal["w", "wb"] = "w"
) -> AbstractContextManager[IO[Any]]:
    """Open a file to write; it appears under its name only if the block ends without an error.

    A reader sees the old content or the new, never a part, and so does the disk after a crash. A
    symbolic link is followed: its target is replaced and the link stays. What is not a regular file
    (a pipe, a terminal) cannot be replaced and is written to directly, and so is an open descriptor
    (``/dev/stdout``, ``/dev/fd/3``), whatever it is: the shell and other programs write there too.

    Args:
        path: the file to write. Its folder must exist.
        mode: ``"w"`` for text, as UTF-8 with newlines unchanged, or ``"wb"`` for bytes.

    Raises:
        OSError: it could not be written, the disk is full, or the path is a folder. The old file
            is unchanged.
        UsageError: it is a named pipe that no program opens to read within 10 seconds.
    """
    with naming(path):
        stream = _stream(path)
    return _replace(Path(path), mode) if stream is None else _write_through(path, stream, mode)


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[tuple[Path, IO[bytes]]]:
    """Fill a folder, which appears under its name only if the block ends without an error.

    Args:
        path: the folder, which is new or empty.

    Yields:
        The folder to fill until then, without folders in it, and its `MANIFEST`, open to write.

    Raises:
        OSError: it could not be written, or is not empty. Nothing is left.
    """
    folder = Path(path).absolute()
    with _claimed(Path(path), folder, MANIFEST) as (temporary, descriptor):
        with _open(descriptor, "wb") as manifest:
            yield temporary, manifest
        temporary.replace(folder)  # onto an empty folder, which POSIX allows


def is_temporary(name: str) -> bool:
    """Whether this is the name of what is being written, or was left when a process was killed."""
    return name.endswith(_SUFFIX) and _TEMPORARY.fullmatch(name) is not None


def remove_left(folder: str | os.PathLike[str], limit: int | None = None) -> None:
    """Remove the temporary files and folders that no process writes any more.

    Args:
        folder: in which they are.
        limit: how many entries of the folder are looked at; None for all.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in islice(entries, limit):
            if is_temporary(entry.name):
                with suppress(OSError):
                    _remove_if_left(entry)


@contextmanager
def naming(path: str | os.PathLike[str], temporary: Path | None = None) -> Iterator[None]:
    """Let write errors name the output: that of a full disk has no name, and others have the
    temporary one, which would only puzzle the reader of the message."""
    try:
        yield
    except OSError as error:
        if temporary is not None and str(error.filename).startswith(str(temporary)):
            raise type(error)(error.errno, error.strerror, os.fspath(path)) from None
        if error.filename is None and error.errno is not None:
            error.filename = os.fspath(path)
        raise


def _stream(path: str | os.PathLike[str]) -> int | str | None:
    """What is written to directly: a descriptor of this process, or a path; None for a file."""
    name = os.path.abspath(path)
    for _ in range(_MAX_LINKS):
        folder, last = os.path.split(name)
        descriptors = _DESCRIPTORS.fullmatch(os.path.realpath(folder))
        if descriptors and re.fullmatch(r"[0-9]{1,9}", last):
            process = descriptors[1]
            return int(last) if process in (None, str(os.getpid())) else name
        try:
            name = os.path.abspath(os.path.join(folder, os.readlink(name)))
        except OSError:  # it is no link
            break
    try:
        kind = os.stat(path).st_mode
    except FileNotFoundError:
        return None
    return None if stat.S_ISREG(kind) or stat.S_ISDIR(kind) else os.fspath(path)


@contextmanager
def _write_through(path: str | os.PathLike[str], stream: int | str, mode: str) -> Iterator[IO[Any]]:
    with naming(path):
        if isinstance(stream, int):
            # Not opened anew: what follows in the shell goes on where this ends.
            opened: int | str = os.dup(stream)
        elif stat.S_ISFIFO(os.stat(stream).st_mode):
            opened = _open_pipe(stream)
        else:
            # Append, because truncating would empty what another process has open.
            opened, mode = stream, mode.replace("w", "a")
        with _open(opened, mode) as file:
            yield file


def _open_pipe(path: str) -> int:
    """A named pipe; not waiting for its reader forever, for a stranger may have put it there."""
    if sys.platform == "win32":
        raise AssertionError("it has no such files")
    end = time.monotonic() + _WAIT
    while True:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        else:
            os.set_blocking(descriptor, True)
            return descriptor
        if time.monotonic() > end:
            raise UsageError(
                f"{path}: no program has opened this pipe to read it", hint="start the reader first"
            )
        time.sleep(0.02)


@contextmanager
def _replace(path: Path, mode: str) -> Iterator[IO[Any]]:
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(f"{path} is a folder, not a file")
    with _claimed(path, target) as (temporary, descriptor):
        with _open(descriptor, mode) as file:
            yield file
            file.flush()
            with suppress(FileNotFoundError):
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            os.fsync(descriptor)
        temporary.replace(target)
    _sync_folder(target.parent)


@contextmanager
def _claimed(path: Path, target: Path, inside: str = "") -> Iterator[tuple[Path, int]]:
    """A new temporary path beside another, and an open file: there, or inside of a folder there.

    It is locked, and removed if the block fails. Errors name the output as the user did.
    """
    remove_left(target.parent, _SWEPT)
    descriptor = lock = None
    temporary = _new_name(target)
    try:
        # A signal may come as soon as there is a file, before anything is known of it but its name.
        while descriptor is None:
            temporary = _new_name(target)
            with naming(path, temporary):
                descriptor = _create(temporary, inside)
        if sys.platform != "win32":  # it renames and removes nothing that is open: a lock in itself
            lock = os.dup(descriptor)
        with naming(path, temporary):
            yield temporary, descriptor
    except BaseException:
        with suppress(OSError):  # the next run will remove it
            _remove(temporary)
        raise
    finally:
        if lock is not None:
            os.close(lock)


def _new_name(target: Path) -> Path:
    start = os.fsencode(target.name)[:_MAX_NAME].decode(errors="ignore")
    return target.with_name(f".{start}.{os.urandom(8).hex()}{_SUFFIX}")


def _create(temporary: Path, inside: str) -> int | None:
    """Make a file, or a folder with a file inside, and lock it; None if it was taken for left."""
    file = temporary
    if inside:
        temporary.mkdir()
        file /= inside
    try:
        # Not tempfile: its files are private, and reading the umask to undo that would be a race.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(file, flags, 0o666)
    except FileNotFoundError:
        if not inside:
            raise
        return None
    except OSError:
        if inside:
            temporary.rmdir()
        raise
    if _lock(descriptor) is not False:
        with suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), os.stat(file)):
                return descriptor
    os.close(descriptor)
    return None


def _lock(descriptor: int) -> bool | None:
    """Whether an open file could be locked; None where there are no locks."""
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # nor can another process lock it, and take it for left
        return None
    return True


def _remove_if_left(entry: "os.DirEntry[str]") -> None:
    """Remove a temporary file or folder if no process holds its lock.

    Raises:
        OSError: it cannot be removed, or is being written.
    """
    is_folder = entry.is_dir(follow_symlinks=False)
    file = os.path.join(entry.path, MANIFEST) if is_folder else entry.path
    if is_folder and not os.path.lexists(file):
        os.rmdir(entry.path)  # an empty one; its writer makes another
        return
    status = os.lstat(file)
    if not stat.S_ISREG(status.st_mode):
        return  # not from here
    if sys.platform == "win32":
        if time.time() - status.st_mtime > _SETTLED:
            os.unlink(file)  # which fails while it is open
            _remove(Path(entry.path))
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        if _lock(descriptor):
            _remove(Path(entry.path))
    finally:
        os.close(descriptor)


def _remove(temporary: Path) -> None:
    """Remove a file, or a folder of files; a folder with another inside is not from here."""
    if not temporary.is_dir() or temporary.is_symlink():
        temporary.unlink(missing_ok=True)
        return
    # The manifest last: a folder that has files and no manifest is not known to be left.
    for each in sorted(temporary.iterdir(), key=lambda file: file.name == MANIFEST):
        each.unlink()
    temporary.rmdir()


def _open(file: int | str | os.PathLike[str], mode: str) -> IO[Any]:
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": ""}
    return open(file, mode, **text)  # type: ignore[call-overload, no-any-return]


def _sync_folder(folder: Path) -> None:
    """Make the rename survive a crash, if the system has a way to."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
