"""The folders that are served, and the only way to what is in them.

A path is checked three times: as it is written, with its links followed, and when it is opened,
name by name from the folder that is served, without following a link. So what is swapped for a link
in between is not opened. (Where the system cannot open a name in an open folder, as Windows cannot,
the third check is that no link is in the path when the file is open.)
"""

import os
import re
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from ctxtools.documents.source import Source
from ctxtools.errors import ReadError, Skipped, UnreadableError, UsageError, os_reason
from ctxtools.escape import one_line
from ctxtools.regular_file import kind_of_file
from ctxtools.services.mcp.call import Call

_LONGEST = 4096  # characters of a path
_SHOWN = 200  # of one in a message
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://|$)|file:", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")
_DECODED = 3  # times that a path may be percent-encoded

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
_FILE = _FLAGS | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
_FOLDER = _FLAGS | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_OPENS_IN_FOLDERS = os.open in os.supports_dir_fd


class Located(NamedTuple):
    """Something in a folder that is served.

    Attributes:
        root: that folder, absolute and without links.
        path: absolute, without links.
        is_folder: whether it was a folder when it was found; else it was a file.
    """

    root: str
    path: str
    is_folder: bool


class Jail:
    """The folders that are served.

    Args:
        roots: the folders. A relative path is looked for in each, the first one first.

    Raises:
        UsageError: one is no folder.
    """

    def __init__(self, roots: Sequence[str | os.PathLike[str]]) -> None:
        self._roots: dict[str, str] = {}  # without links -> as it was named, absolute
        for root in roots:
            named = os.path.abspath(os.fsdecode(root))
            if not os.path.isdir(named):
                raise UsageError(
                    f"{one_line(os.fsdecode(root))}: no such folder", hint="name one that exists"
                )
            self._roots.setdefault(os.path.realpath(named), named)

    @property
    def roots(self) -> tuple[str, ...]:
        """The folders, absolute and without links."""
        return tuple(self._roots)

    def narrowed(self, uris: Iterable[str]) -> "Jail":
        """The parts of these folders that a client works in; all of them if it works elsewhere.

        Args:
            uris: the client's folders, as ``file://`` addresses. What is no such address, and what
                is not in a folder that is served, is left out.
        """
        found = []
        for uri in uris:
            with suppress(ValueError, OSError):
                parts = urlsplit(uri)
                if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
                    continue
                path = os.path.realpath(url2pathname(parts.path))
                found += [path] if self._root_of(path) else []
                found += [root for root in self._roots if root != path and _is_in(root, path)]
        found = [each for each in found if os.path.isdir(each)]
        return Jail(found) if found else self

    def find(self, path: str) -> Located:
        """A file or a folder that a client names: relative, or absolute in a folder that is served.

        Raises:
            UsageError: it is not in a folder that is served, or is not there.
        """
        if os.name == "nt":
            path = path.replace("\\", "/")
        is_within = False
        for root, named in self._roots.items():
            if not self._is_written_within(path, root, named):
                continue
            real = os.path.realpath(os.path.join(root, path))
            if self._root_of(real) is None:
                raise self._refusal(path)
            if (mode := _mode(real)) is not None:
                return self._located(path, real, mode)
            is_within = True
        if not is_within:
            raise self._refusal(path)
        raise UsageError(
            f"{_shown(path)}: no such file or folder", hint="paths are relative to the root"
        )

    def _located(self, path: str, real: str, mode: int) -> Located:
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise UsageError(
                f"{_shown(path)}: a {kind_of_file(mode)}, not a regular file or a folder",
                hint="name another one",
            )
        return Located(self._root_of(real) or "", real, stat.S_ISDIR(mode))

    def _is_written_within(self, path: str, root: str, named: str) -> bool:
        """Whether a path is in a root as it is written, and as it reads when it is decoded."""
        if not path or "\0" in path or len(path) > _LONGEST or path.startswith("~"):
            return False
        try:
            os.fsencode(path)
        except UnicodeEncodeError:  # no file has such a name
            return False
        for _ in range(_DECODED):
            if not _is_plain(path) or not any(_is_joined_in(path, each) for each in (root, named)):
                return False
            decoded = unquote(path)
            if decoded == path:
                return True
            path = decoded
        return False

    def _refusal(self, path: str) -> UsageError:
        return UsageError(
            f"{_shown(path)}: not in a folder that is served",
            hint="name a file or a folder by its path below the root",
        )

    def _root_of(self, path: str) -> str | None:
        return next((root for root in self._roots if _is_in(path, root)), None)

    def open(self, path: str) -> int:
        """A descriptor of a regular file, by its absolute path without links; the caller closes it.

        Raises:
            UnreadableError: it is not one any more, or not in a folder that is served.
            OSError: the system failed to.
        """
        is_plain = os.pardir not in path.replace(os.sep, "/").split("/")
        path = os.path.normpath(path)  # a walk in Windows writes "/", too
        root = self._root_of(path)
        if root is None or not is_plain:
            raise _elsewhere(path)
        if _OPENS_IN_FOLDERS:
            return _open_within(root, path)
        descriptor = os.open(path, _FILE)
        if os.path.realpath(path) != path or not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise _elsewhere(path)
        return descriptor

    def shown(self, path: str) -> str:
        """A path as a client may name it: relative to the root, absolute if there are several."""
        path = os.path.normpath(path)
        root = self._root_of(path)
        if root is None:
            return one_line(os.path.basename(path))
        if len(self._roots) == 1:
            path = os.path.relpath(path, root)
        return one_line(path.replace(os.sep, "/"))

    def cleaned(self, message: str) -> str:
        """A message of the library, with paths as a client may name them."""
        if len(self._roots) > 1:
            return message
        for root in {*self._roots, *self._roots.values()}:
            message = message.replace(os.path.join(root, ""), "").replace(root, ".")
        return message


def _is_plain(path: str) -> bool:
    """Whether a path is none of an address, another system, or another user."""
    if os.name != "nt":
        return not ("\\" in path or _SCHEME.match(path) or _DRIVE.match(path))
    return not (path.startswith("//") or (_SCHEME.match(path) and not _DRIVE.match(path)))


def _is_joined_in(path: str, root: str) -> bool:
    return "\0" not in path and _is_in(os.path.normpath(os.path.join(root, path)), root)


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def _mode(path: str) -> int | None:
    try:
        return os.lstat(path).st_mode
    except (OSError, ValueError):
        return None


def _shown(path: str) -> str:
    return one_line(path if len(path) <= _SHOWN else f"{path[:_SHOWN]}…") or "an empty path"


def _elsewhere(path: str) -> UnreadableError:
    return UnreadableError(Skipped(path, "leads out of the root, or was replaced", error=True))


def _open_within(root: str, path: str) -> int:
    """Open a file name by name, from its root. What fails is called by the path up to there: what
    is behind a folder that was swapped for a link is not named."""
    *folders, name = os.path.relpath(path, root).split(os.sep)
    reached = root
    folder = os.open(root, _FOLDER)
    try:
        for each in folders:
            reached = os.path.join(reached, each)
            inner = os.open(each, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        reached = path
        # Opening a device can do something by itself, so its kind is known before.
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISREG(mode):
            descriptor = os.open(name, _FILE, dir_fd=folder)
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISREG(mode):
                return descriptor
            os.close(descriptor)
        raise _elsewhere(path) if stat.S_ISLNK(mode) else _unfit(path, mode)
    except OSError as error:
        if isinstance(error, ReadError):
            raise
        # Of a link where a folder or a file was, the error numbers differ between systems.
        raise UnreadableError(Skipped(reached, os_reason(error), error=True)) from error
    finally:
        os.close(folder)


def _unfit(path: str, mode: int) -> UnreadableError:
    return UnreadableError(Skipped(path, kind_of_file(mode)))


class JailedContent:
    """The bytes of a file in a folder that is served; see `ctxtools.documents.file.Content`.

    Args:
        jail: the folders.
        path: of the file, absolute and without links.
        call: reading ends with it.
    """

    __slots__ = ("_call", "_jail", "_path")

    def __init__(self, jail: Jail, path: str, call: Call) -> None:
        self._jail = jail
        self._path = path
        self._call = call

    @property
    def size(self) -> int:
        """Bytes, as its folder says."""
        try:
            return os.lstat(self._path).st_size
        except OSError:
            return 0

    def open(self) -> Source:
        """The bytes; see `Content`."""
        self._call.check()
        descriptor = self._jail.open(self._path)

        def read(size: int) -> bytes:
            self._call.check()
            return os.read(descriptor, size)

        size = os.fstat(descriptor).st_size
        return Source(read, lambda: os.close(descriptor), descriptor, size)
