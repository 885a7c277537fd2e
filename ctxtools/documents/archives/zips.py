"""Zip: its directory at the end, and the members that it names, read in any order.

Format: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 to 4.6. The directory is read here and not by
`zipfile`, which holds all of it in memory and refuses an archive for one name that is no UTF-8.
"""

import bz2
import lzma
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from io import SEEK_END
from typing import Any, BinaryIO, NamedTuple

from ctxtools.documents.archives.limits import FREE, MAX_MEMBER, MAX_MEMBERS, MAX_RATIO
from ctxtools.documents.archives.member import Member, describe_damage
from ctxtools.documents.archives.names import safe_name
from ctxtools.documents.archives.opener import Opener
from ctxtools.documents.readers.compressed import Opened, feed_bounded, feed_zlib, open_zstd
from ctxtools.errors import FormatError
from ctxtools.units import format_bytes, format_count, format_items

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MAX_COMMENT = 0xFFFF
_MANY, _LARGE = 0xFFFF, 0xFFFFFFFF  # the figure is elsewhere
_ENCRYPTED, _PATCH, _UTF8 = 0x1 | 0x40 | 0x2000, 0x20, 0x800
_LARGE_FIGURES, _UNICODE_PATH = 0x0001, 0x7075
_DOS, _UNIX, _MACOS = 0, 3, 19
_METHODS = {
    1: "Shrink", 2: "Reduce", 3: "Reduce", 4: "Reduce", 5: "Reduce", 6: "Implode", 9: "Deflate64",
    10: "Implode", 16: "CMPSC", 18: "TERSE", 19: "LZ77", 94: "MP3", 95: "xz", 96: "JPEG",
    97: "WavPack", 98: "PPMd", 99: "AES encryption",
}  # fmt: skip
_BLOCK = 1 << 16
_DAMAGED = "it is damaged, or was not written to its end"


class _Directory(NamedTuple):
    """Where the directory is.

    Attributes:
        offset: in bytes, from the start of the file.
        entries: how many it says it has.
        before: bytes in front of the archive, such as a program that unpacks it.
    """

    offset: int
    entries: int
    before: int


class ZipArchive:
    """A zip.

    Args:
        opened: opens the file.
    """

    def __init__(self, opened: Opener) -> None:
        self._open = opened

    def members(self) -> Iterator[Member]:
        """See `Archive`."""
        source = self._open()
        try:
            stream = source.seekable()
            assert stream is not None  # a regular file, or memory
            found: list[Member] = []
            failed: FormatError | None = None
            with stream:
                try:
                    found.extend(_members(stream))
                except FormatError as error:
                    failed = error
            overlapping = _overlapping(found)
            yield from (each for number, each in enumerate(found) if number not in overlapping)
            if overlapping:
                number = format_items(len(overlapping), "member")
                reason = f"{number} with bytes that are another's too; they are not read"
                raise FormatError(describe_damage("zip", reason), hint=_DAMAGED)
            if failed is not None:
                raise failed
        finally:
            source.close()

    def read(self, member: Member) -> bytes:
        """See `Archive`."""
        source = self._open()
        try:
            stream = source.seekable()
            assert stream is not None
            with stream:
                return _read(stream, member)
        finally:
            source.close()


def is_zip(stream: BinaryIO) -> bool:
    """Whether a file ends as a zip does, whatever is in front of it."""
    try:
        return _find_directory(stream) is not None
    except FormatError:
        return False


def _members(stream: BinaryIO) -> Iterator[Member]:
    directory = _find_directory(stream)
    if directory is None:
        raise FormatError(describe_damage("zip", "it has no directory at its end"), hint=_DAMAGED)
    stream.seek(directory.offset)
    for number in range(directory.entries):
        if number == MAX_MEMBERS:
            raise FormatError(
                f"more than {format_count(MAX_MEMBERS)} members; the others are not read",
                hint="unpack it, and name the folder",
            )
        member = _entry(stream, directory.before)
        if member is None:
            left = format_count(directory.entries - number)
            reason = f"its directory ends {left} entries too early, or is damaged there"
            raise FormatError(describe_damage("zip", reason), hint=_DAMAGED)
        if member.name:
            yield member


def _overlapping(members: Sequence[Member]) -> set[int]:
    """The numbers of members that have bytes of another: a bomb is small by that.

    See David Fifield, A better zip bomb, WOOT 2019.
    """
    found = set[int]()
    after: int | None = None  # where the next one starts
    for number in sorted(range(len(members)), key=lambda i: members[i].offset, reverse=True):
        member = members[number]
        if not member.safe:
            continue
        if after is not None and member.offset + _LOCAL.size + member.packed > after:
            found.add(number)
        after = member.offset
    return found


def _find_directory(stream: BinaryIO) -> _Directory | None:
    """Where the directory is; None if the file does not end as a zip does.

    Raises:
        FormatError: it does, and cannot be read nevertheless.
    """
    size = stream.seek(0, SEEK_END)
    start = max(0, size - _END.size - _MAX_COMMENT)
    stream.seek(start)
    tail = stream.read(size - start)
    at = _find_end(tail)
    if at is None:
        return None
    _, disk, first_disk, _, entries, length, offset, _ = _END.unpack_from(tail, at)
    end = start + at
    if _MANY in (disk, first_disk, entries) or _LARGE in (length, offset):
        found = _large_end(stream, end)
        if found is not None:
            end, disk, first_disk, entries, length, offset = found
    if disk or first_disk:
        raise FormatError("one of several files that a zip is split into", hint="join them first")
    before = end - length - offset
    if before < 0:
        raise FormatError(
            describe_damage("zip", "its directory is not where it should be"), hint=_DAMAGED
        )
    return _Directory(offset + before, entries, before)


def _find_end(tail: bytes) -> int | None:
    """Where the last record of a zip starts: its comment, which may have anything in it, is all
    that follows. If no record is so, the last one that is whole."""
    found = None
    at = tail.rfind(b"PK\5\6")
    while at >= 0:
        if (rest := len(tail) - at - _END.size) >= 0:
            if _END.unpack_from(tail, at)[-1] == rest:
                return at
            found = at if found is None else found
        at = tail.rfind(b"PK\5\6", 0, at)
    return found


def _large_end(stream: BinaryIO, end: int) -> tuple[int, int, int, int, int, int] | None:
    """The figures of Zip64, and where they are; None if there are none."""
    start = end - _LOCATOR.size - _END_64.size
    if start < 0:
        return None
    stream.seek(start)
    data = stream.read(_LOCATOR.size + _END_64.size)
    if data[:4] != b"PK\6\6" or data[_END_64.size : _END_64.size + 4] != b"PK\6\7":
        return None
    _, _, _, _, disk, first_disk, _, entries, length, offset = _END_64.unpack_from(data)
    return start, disk, first_disk, entries, length, offset


def _entry(stream: BinaryIO, before: int) -> Member | None:
    """The next member of the directory; None if there is none. Of a folder the name is ""."""
    data = stream.read(_ENTRY.size)
    if len(data) < _ENTRY.size or not data.startswith(b"PK\1\2"):
        return None
    _, _, system, _, _, flags, method, _, _, crc, packed, size, *others = _ENTRY.unpack(data)
    length_of_name, length_of_extra, length_of_comment, _, _, attributes, offset = others
    raw, extra = stream.read(length_of_name), stream.read(length_of_extra)
    stream.read(length_of_comment)
    if len(raw) < length_of_name or len(extra) < length_of_extra:
        return None
    fields = dict(_fields(extra))
    size, packed, offset = _large_figures(fields.get(_LARGE_FIGURES, b""), size, packed, offset)
    name = _name(raw, fields.get(_UNICODE_PATH, b""), is_utf8=bool(flags & _UTF8))
    if "\\" in name and (system == _DOS or "/" not in name):
        name = name.replace("\\", "/")  # as programs for Windows wrote it
    mode = attributes >> 16 if system in (_UNIX, _MACOS) else 0
    if name.endswith("/") or stat.S_ISDIR(mode):
        return Member("", 0, 0)
    found, unsafe = safe_name(name)
    problem, error = _problem(flags, method, packed, size, mode)
    if unsafe:
        return Member(name, size, offset, unsafe, safe=False)
    return Member(
        found, size, offset + before, problem, error, packed=packed, method=method, crc=crc
    )


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """The extra fields of an entry, as far as they are well-formed."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _large_figures(field: bytes, *figures: int) -> tuple[int, ...]:
    """Figures that are elsewhere if they are large: there, each that is, in their order."""
    found = list(figures)
    at = 0
    for number, figure in enumerate(found):
        if figure == _LARGE and at + 8 <= len(field):
            (found[number],) = struct.unpack_from("<Q", field, at)
            at += 8
    return tuple(found)


def _name(raw: bytes, unicode_path: bytes, *, is_utf8: bool) -> str:
    """A member's name: in UTF-8 if it says so or is so, else in the charset of DOS."""
    if len(unicode_path) > 5 and unicode_path[0] == 1:
        (crc,) = struct.unpack_from("<L", unicode_path, 1)
        if crc == zlib.crc32(raw):
            raw, is_utf8 = unicode_path[5:], True
    try:
        return raw.decode("utf-8")  # many programs write it and do not say so
    except UnicodeDecodeError:
        return raw.decode("utf-8", "surrogateescape") if is_utf8 else raw.decode("cp437")


def _problem(flags: int, method: int, packed: int, size: int, mode: int) -> tuple[str, bool]:
    """Why a member is not read, and whether that is an error; "" if it is read."""
    if stat.S_ISLNK(mode):
        return "symbolic link, not followed", False
    if mode and stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return "not a regular file", False
    if flags & _ENCRYPTED or method == 99:
        return "encrypted", False
    if flags & _PATCH or method not in _READERS:
        how = _METHODS.get(method, f"method {method}")
        return f"compressed by {how}, which is not read", False
    if size > MAX_MEMBER:
        return f"larger than {format_bytes(MAX_MEMBER)}, the maximum in an archive", False
    if size > max(FREE, MAX_RATIO * packed):
        return f"more than {MAX_RATIO} bytes for each in the archive, which no text has", False
    return "", False


def _read(stream: BinaryIO, member: Member) -> bytes:
    """The content of a member.

    Raises:
        FormatError: it is not as the directory says.
    """
    stream.seek(member.offset)
    header = stream.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\3\4"):
        raise FormatError("damaged: it is not where the archive's directory says")
    *_, name_length, extra_length = _LOCAL.unpack(header)
    stream.seek(member.offset + _LOCAL.size + name_length + extra_length)
    try:
        data = _READERS[member.method](stream, member)
    except FormatError:
        raise
    except (OSError, ValueError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise FormatError(f"damaged ({error})") from error
    if len(data) != member.size:
        what = "longer" if len(data) > member.size else "shorter"
        raise FormatError(f"damaged: {what} than the archive's directory says")
    if zlib.crc32(data) != member.crc:
        raise FormatError("damaged: its checksum is another")
    return data


def _stored(stream: BinaryIO, member: Member) -> bytes:
    return stream.read(min(member.packed, member.size + 1))


def _deflated(stream: BinaryIO, member: Member) -> bytes:
    if member.packed > _BLOCK:
        return _unpacked(stream, member, (lambda: zlib.decompressobj(-15), feed_zlib))
    # Nearly all members: at once, and never more than one byte too many.
    return zlib.decompressobj(-15).decompress(stream.read(member.packed), member.size + 1)


def _unpacked(stream: BinaryIO, member: Member, opened: Opened) -> bytes:
    """What a decompressor makes of a member; at most about a block more than its size."""
    make, feed = opened
    decompressor: Any = make()
    parts: list[bytes] = []
    size, left = 0, member.packed
    while left > 0 and not decompressor.eof and (data := stream.read(min(left, _BLOCK))):
        left -= len(data)
        for part in feed(decompressor, data):
            parts.append(part)
            size += len(part)
            if size > member.size:
                return b"".join(parts)
    return b"".join(parts)


def _bzip2(stream: BinaryIO, member: Member) -> bytes:
    return _unpacked(stream, member, (bz2.BZ2Decompressor, feed_bounded))


def _lzma(stream: BinaryIO, member: Member) -> bytes:
    """LZMA, after a version, and the length of the properties, which are five bytes."""
    header = stream.read(9)
    if len(header) < 9 or header[2:4] != b"\5\0" or header[4] >= 9 * 5 * 5:
        raise FormatError("damaged: unknown properties of LZMA")
    lc, lp, pb = header[4] % 9, header[4] // 9 % 5, header[4] // 45
    dictionary = int.from_bytes(header[5:9], "little")
    if dictionary > MAX_MEMBER:
        raise FormatError(f"its compression needs more than {format_bytes(MAX_MEMBER)} of memory")
    used = {"id": lzma.FILTER_LZMA1, "dict_size": dictionary, "lc": lc, "lp": lp, "pb": pb}

    def make() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[used])

    left = member._replace(packed=member.packed - len(header))
    return _unpacked(stream, left, (make, feed_bounded))[: member.size + 1]


def _zstd(stream: BinaryIO, member: Member) -> bytes:
    return _unpacked(stream, member, open_zstd())


_READERS = {0: _stored, 8: _deflated, 12: _bzip2, 14: _lzma, 20: _zstd, 93: _zstd}
