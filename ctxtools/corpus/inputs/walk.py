"""The files of a folder, on this machine or elsewhere."""

import os
import re
import stat
from collections.abc import Iterator
from errno import ENOENT
from typing import NamedTuple

from ctxtools.corpus.inputs.filesystems import Location
from ctxtools.errors import import_extra

_HUB = re.compile(r"(.*/datasets--[^/]+)/snapshots/[^/]+/.")  # Hugging Face's cache


class Found(NamedTuple):
    """A file.

    Attributes:
        inside: its path in the folder; "" if it was named itself.
        size: in bytes.
        version: what changes when its content does.
        is_link: a symbolic link that is not followed.
        is_folder: one to a folder.
    """

    inside: str
    size: int
    version: str
    is_link: bool = False
    is_folder: bool = False


def walk(location: Location) -> Iterator[Found]:
    """The file, or those of the folder.

    Raises:
        OSError: it is missing, or cannot be read.
    """
    return _remote(location) if location.scheme else _local(location.path)


def is_in_hub(path: str) -> bool:
    """Whether a link is one of Hugging Face's cache to what it has downloaded there."""
    found = _HUB.match(path)
    return found is not None and os.path.realpath(path).startswith(
        f"{os.path.realpath(found[1])}/blobs/"
    )


def _local(path: str) -> Iterator[Found]:
    status = os.stat(path)
    if not stat.S_ISDIR(status.st_mode):
        yield Found("", status.st_size, str(status.st_mtime_ns))
        return
    for folder, folders, names in os.walk(path, onerror=_raise):
        linked = {name for name in folders if os.path.islink(os.path.join(folder, name))}
        for name in (*names, *linked):
            file = os.path.join(folder, name)
            status = os.lstat(file)
            is_link = stat.S_ISLNK(status.st_mode)
            if is_link and is_in_hub(file):
                status, is_link = os.stat(file), False
            if stat.S_ISREG(status.st_mode) or is_link:
                inside = os.path.relpath(file, path).replace(os.sep, "/")
                yield Found(
                    inside, status.st_size, str(status.st_mtime_ns), is_link, name in linked
                )


def _remote(location: Location) -> Iterator[Found]:
    filesystems = import_extra("pyarrow.fs", "a corpus", "parquet")
    filesystem, path = location.filesystem, location.path
    info = filesystem.get_file_info(path)
    if info.type == filesystems.FileType.NotFound:
        raise FileNotFoundError(ENOENT, "")
    if info.type == filesystems.FileType.File:
        yield Found("", info.size, str(info.mtime_ns))
        return
    for info in filesystem.get_file_info(filesystems.FileSelector(path, recursive=True)):
        if info.type == filesystems.FileType.File:
            inside = info.path[len(path.rstrip("/")) + 1 :]
            yield Found(inside, info.size, str(info.mtime_ns))


def _raise(error: OSError) -> None:
    raise error
