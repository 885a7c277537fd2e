"""Write a file completely or not at all: to a temporary file next to it, which is then renamed.

The permissions of a file that is replaced are kept, but not its owner or extended attributes.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Literal, overload

TEMPORARY = r"\.{}\.[0-9a-f]{{8}}\.tmp"
"""The pattern of names from `temporary_beside`, given that of the file's name."""


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
    (``/dev/stdout``, a pipe, a terminal) cannot be replaced and is written to directly.

    Args:
        path: the file to write. Its folder must exist.
        mode: ``"w"`` for text, as UTF-8 with newlines unchanged, or ``"wb"`` for bytes.

    Raises:
        OSError: it could not be written, the disk is full, or the path is a folder. The old file
            is unchanged.
    """
    return _write_through(path, mode) if _is_stream(path) else _replace(Path(path), mode)


def temporary_beside(path: Path) -> Path:
    """A new hidden name in the same folder, for what becomes that file or folder when complete."""
    return path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")


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


def _is_stream(path: str | os.PathLike[str]) -> bool:
    # /dev/stdout may be redirected to a regular file; renaming over it would lose what the shell
    # and other programs have written or will write to it.
    if os.path.abspath(path).startswith(("/dev/", "/proc/")):
        return True
    try:
        kind = os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(kind) and not stat.S_ISDIR(kind)


@contextmanager
def _write_through(path: str | os.PathLike[str], mode: str) -> Iterator[IO[Any]]:
    # Append, because truncating would empty the target of `ctx ... >> file`.
    with naming(path), _open(path, mode.replace("w", "a")) as file:
        yield file


@contextmanager
def _replace(path: Path, mode: str) -> Iterator[IO[Any]]:
    target = path.resolve()
    if target.is_dir():
        raise IsADirectoryError(f"{path} is a folder, not a file")
    temporary = temporary_beside(target)
    with naming(path, temporary):
        # Not tempfile: its files are private, and reading the umask to undo that would be a race.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with _open(descriptor, mode) as file:
                yield file
                file.flush()
                with suppress(FileNotFoundError):
                    temporary.chmod(stat.S_IMODE(target.stat().st_mode))
                os.fsync(descriptor)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    _sync_folder(target.parent)


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
