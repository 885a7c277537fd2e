"""The input files of a corpus: paths, globs, folders and URIs, each file once, in order."""

import os
import stat
from collections.abc import Iterable, Iterator
from errno import ENOENT
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from ctxtools.documents.filetypes import TABLES, TableFormat
from ctxtools.errors import ReadError, UsageError, import_extra, os_reason

COMPRESSIONS = {"gz": "gzip", "zst": "zstd", "bz2": "bz2"}
"""The codecs of pyarrow that a compressed file is read with, by its suffix."""

_SUFFIXES = ", ".join(f".{suffix}" for suffix in TABLES)
_ASKED = frozenset("*?[")
_IGNORED = ("_", ".")  # what Spark, Hive and ctxtools itself write beside data


class Input(NamedTuple):
    """A file of a corpus.

    Attributes:
        uri: its absolute path, or its URI.
        size: in bytes.
        version: what changes when its content does: the time of the last change, in nanoseconds.
        format: how it is read.
        compression: a value of `COMPRESSIONS`; "" for none.
    """

    uri: str
    size: int
    version: str
    format: TableFormat
    compression: str


def list_inputs(named: Iterable[str | os.PathLike[str]]) -> list[Input]:
    """The files of a corpus, sorted by path.

    Args:
        named: files, folders, patterns (``data/**/*.parquet``), or URIs of these
            (``s3://bucket/folder``). Of a folder, the files whose names end as `TABLES` says, at
            any depth; names that start with ``_`` or ``.`` are left out, and what is no data.
            Links are followed only where they are named.

    Raises:
        ReadError: something is missing, or cannot be read.
        UsageError: a file is there twice, or a link or of no known format, or there is none.
        MissingExtraError: pyarrow is not installed.
    """
    found: dict[str, Input] = {}
    for each in named:
        name = os.fspath(each)
        files = list(_files(name))
        if not files:
            raise UsageError(f"{name}: no file of a known format", hint=f"names end in {_SUFFIXES}")
        for file in files:
            if file.uri in found:
                raise UsageError(
                    f"{file.uri} is named twice", hint="name each file, folder or pattern once"
                )
            found[file.uri] = file
    if not found:
        raise UsageError("no input is named", hint="name files, folders or patterns")
    return sorted(found.values())


def open_filesystem(uri: str) -> tuple[Any, str, str]:
    """The filesystem of a path or URI, the path on it, and what a path on it starts with as a URI.

    Raises:
        ReadError: there is no such filesystem.
    """
    filesystems = import_extra("pyarrow.fs", "a corpus", "parquet")
    if "://" not in uri:
        return filesystems.LocalFileSystem(), os.path.realpath(uri), ""
    scheme = uri.partition("://")[0]
    try:
        filesystem, path = filesystems.FileSystem.from_uri(uri)
    except (OSError, ValueError, NotImplementedError) as error:
        raise ReadError(f"{uri}: {error}", hint="write a URI as s3://bucket/folder") from None
    is_local = isinstance(filesystem, filesystems.LocalFileSystem)
    return filesystem, path, "" if is_local else f"{scheme}://"


def _files(name: str) -> Iterator[Input]:
    base, pattern = _split_pattern(name)
    filesystem, path, prefix = open_filesystem(base)
    try:
        found = _walk_remote(filesystem, path) if prefix else _walk(path)
        for inside, size, version in found:
            if not inside:
                file = _input(prefix, path, size, version)
                if file is None:
                    raise UsageError(f"{name}: unknown format", hint=f"names end in {_SUFFIXES}")
                yield file
            elif _is_data(inside) and (not pattern or _matches(inside, pattern)):
                file_path = f"{path.rstrip('/')}/{inside}"
                file = _input(prefix, file_path, size, version)
                if file is not None:
                    if not prefix and os.path.islink(file_path):
                        raise UsageError(
                            f"{file_path}: a link, which is not followed where a folder is named",
                            hint="name what it leads to",
                        )
                    yield file
    except OSError as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{name}: {os_reason(error)}") from error


def _walk(path: str) -> Iterator[tuple[str, int, str]]:
    """The files of a folder of this machine: the path in it, "" for itself; size and version."""
    status = os.stat(path)
    if not stat.S_ISDIR(status.st_mode):
        yield "", status.st_size, str(status.st_mtime_ns)
        return
    for folder, _, names in os.walk(path, onerror=_raise):
        for name in names:
            file = os.path.join(folder, name)
            status = os.lstat(file)
            if stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
                inside = os.path.relpath(file, path).replace(os.sep, "/")
                yield inside, status.st_size, str(status.st_mtime_ns)


def _raise(error: OSError) -> None:
    raise error


def _walk_remote(filesystem: Any, path: str) -> Iterator[tuple[str, int, str]]:
    """The same of another filesystem."""
    filesystems = import_extra("pyarrow.fs", "a corpus", "parquet")
    info = filesystem.get_file_info(path)
    if info.type == filesystems.FileType.NotFound:
        raise FileNotFoundError(ENOENT, "")
    if info.type == filesystems.FileType.File:
        yield "", info.size, str(info.mtime_ns)
        return
    for info in filesystem.get_file_info(filesystems.FileSelector(path, recursive=True)):
        if info.type == filesystems.FileType.File:
            yield info.path[len(path.rstrip("/")) + 1 :], info.size, str(info.mtime_ns)


def _split_pattern(name: str) -> tuple[str, str]:
    """The folder before the first wildcard, and the pattern from there on; "" for none."""
    scheme, separator, rest = name.rpartition("://")
    if not _ASKED & set(rest) or (not scheme and os.path.lexists(name)):
        return name, ""
    parts = rest.split("/")
    first = next(i for i, part in enumerate(parts) if _ASKED & set(part))
    folder = "/".join(parts[:first]) or ("/" if rest.startswith("/") else ".")
    return f"{scheme}{separator}{folder}", "/".join(parts[first:])


def _matches(path: str, pattern: str) -> bool:
    """Whether a path is of a pattern, in which ``**`` is any number of folders."""
    return _match_steps(path.split("/"), pattern.split("/"))


def _match_steps(path: list[str], pattern: list[str]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_match_steps(path[i:], pattern[1:]) for i in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _match_steps(path[1:], pattern[1:])


def _is_data(inside: str) -> bool:
    return not any(step.startswith(_IGNORED) for step in inside.split("/"))


def _input(prefix: str, path: str, size: int, version: str) -> Input | None:
    """The file as an input; None if it is of no known format.

    Raises:
        UsageError: its name is not UTF-8.
    """
    format = _format(path)
    if format is None:
        return None
    compression = COMPRESSIONS.get(path.lower().rpartition(".")[2], "")
    uri = f"{prefix}{path}" if prefix else os.path.realpath(path)  # not twice by a link either
    try:
        uri.encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"{uri!a}: the name is not UTF-8, which pyarrow cannot open", hint="rename the file"
        ) from None
    return Input(uri, size, version, format, compression)


def _format(path: str) -> TableFormat | None:
    """What a file is read as, by its name; None if that is unknown."""
    name = path.lower()
    stem, _, suffix = name.rpartition(".")
    return TABLES.get((stem if suffix in COMPRESSIONS else name).rpartition(".")[2])
