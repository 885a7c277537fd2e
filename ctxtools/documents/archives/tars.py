"""Tar, compressed or not: read from its start to its end, once, and again if it is large.

The headers are read by `tarfile` (pax, GNU and older ones), without its ways to unpack anything.
What the first pass finds is kept up to `MAX_HELD` bytes. What is not kept is read where it is or,
if the archive is compressed, by tapes that each thread winds on for itself: no member makes the
archive start anew as long as they are asked for about in their order.
"""

import tarfile
from collections.abc import Iterator
from contextlib import suppress
from threading import Lock
from typing import Any

from ctxtools.documents.archives.cache import Cache
from ctxtools.documents.archives.limits import MAX_MEMBER, MAX_MEMBERS
from ctxtools.documents.archives.member import Member, describe_damage
from ctxtools.documents.archives.names import safe_name
from ctxtools.documents.archives.opener import Opener
from ctxtools.documents.archives.tape import Tape
from ctxtools.documents.readers.compressed import decompressed
from ctxtools.errors import CtxtoolsError, FormatError
from ctxtools.units import format_bytes, format_count

_MAX_TAPES = 8  # that are kept where they are
_KINDS = {
    tarfile.SYMTYPE: "symbolic link, not followed",
    tarfile.LNKTYPE: "hard link, not followed",
    tarfile.CHRTYPE: "character device",
    tarfile.BLKTYPE: "block device",
    tarfile.FIFOTYPE: "named pipe",
}
_DAMAGED = "it is damaged, or was not written to its end"


class TarArchive:
    """A tar.

    Args:
        opened: opens the file.
        compression: gzip, bzip2, xz or zstd; None if it is not compressed.
        cache: keeps members.
    """

    def __init__(self, opened: Opener, compression: str | None, cache: Cache) -> None:
        self._open = opened
        self._compression = compression
        self._cache = cache
        self._tapes: list[Tape] = []
        self._lock = Lock()

    def members(self) -> Iterator[Member]:
        """See `Archive`."""
        tape = self._tape()
        for number, info in enumerate(_headers(tape)):
            if number == MAX_MEMBERS:
                raise FormatError(
                    f"more than {format_count(MAX_MEMBERS)} members; the others are not read",
                    hint="unpack it, and name the folder",
                )
            if info.isdir():
                continue
            member = _member(info)
            if not member.problem and self._cache.has_capacity(member.size):
                self._cache.put((self, member.offset), tape.take(member.size))
            yield member

    def read(self, member: Member) -> bytes:
        """See `Archive`."""
        if (data := self._cache.get((self, member.offset))) is None:
            is_plain = self._compression is None
            data = self._read_there(member) if is_plain else self._read_on(member)
        if len(data) < member.size:
            raise FormatError("the archive ends in the middle of it")
        return data

    def _read_there(self, member: Member) -> bytes:
        source = self._open()
        try:
            stream = source.seekable()
            assert stream is not None  # a regular file, or memory
            with stream:
                stream.seek(member.offset)
                return stream.read(member.size)
        finally:
            source.close()

    def _read_on(self, member: Member) -> bytes:
        """The content by the tape that has the shortest way to it."""
        with self._lock:
            fit = [each for each in self._tapes if each.position <= member.offset]
            tape = max(fit, key=Tape.tell, default=None)
            if tape is not None:
                self._tapes.remove(tape)
        tape = tape or self._tape()
        tape.seek(member.offset)
        data = tape.take(member.size)
        with self._lock:
            self._tapes.append(tape)
            del self._tapes[:-_MAX_TAPES]
        return data

    def _tape(self) -> Tape:
        source = self._open()
        if self._compression is None:
            return Tape(source)
        return Tape(decompressed(source, self._compression, self._open.path), source)


class _Headers(tarfile.TarFile):
    """Reads headers; `tarfile` takes a bad one for the end of the archive.

    Attributes:
        problem: the error of the last header that could not be read.
    """

    problem: tarfile.HeaderError | None = None


class _Info(tarfile.TarInfo):
    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> "_Info":
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.HeaderError as error:
            if isinstance(tarfile_, _Headers):
                tarfile_.problem = error
            raise


def is_header(block: bytes) -> bool:
    """Whether 512 bytes are the header of a tar, of any kind."""
    with suppress(tarfile.HeaderError):
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        return True
    return False


def _headers(tape: Tape) -> Iterator[tarfile.TarInfo]:
    """The headers up to the end of the archive.

    Raises:
        FormatError: one is damaged, or the archive ends in the middle of a member.
    """
    stream: Any = tape
    before = -1
    try:
        tar = _Headers(fileobj=stream, mode="r", tarinfo=_Info, errors="surrogateescape")
        while (info := tar.next()) is not None:
            if info.offset <= before:
                raise FormatError("a header that leads backwards")
            before = info.offset
            yield info
            tar.members = []  # type: ignore[attr-defined]  # which it would keep
    except (CtxtoolsError, OSError):
        raise
    except Exception as error:  # of headers that are damaged, it raises errors of any kind
        raise FormatError(describe_damage("tar", error), hint=_DAMAGED) from error
    # Zeros are the end, and so is that of the file.
    ends = tarfile.EOFHeaderError, tarfile.EmptyHeaderError  # type: ignore[attr-defined]
    if not isinstance(tar.problem, ends):
        reason = f"after {format_bytes(tar.offset)}: {tar.problem}"
        raise FormatError(describe_damage("tar", reason), hint=_DAMAGED)


def _member(info: tarfile.TarInfo) -> Member:
    name, unsafe = safe_name(info.name)
    if unsafe:
        return Member(info.name, info.size, info.offset_data, unsafe, safe=False)
    problem = ""
    if info.issparse():
        problem = "sparse: it has holes, and a text has none"
    elif not info.isreg():
        problem = _KINDS.get(info.type, "not a regular file")
    elif info.size > MAX_MEMBER:
        problem = f"larger than {format_bytes(MAX_MEMBER)}, the maximum in an archive"
    return Member(name, info.size, info.offset_data, problem)
