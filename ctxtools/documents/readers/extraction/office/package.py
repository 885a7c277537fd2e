"""The members of a zip file, within bounds. Nothing is written to disk, and no name is a path."""

import posixpath
import zipfile
import zlib
from typing import BinaryIO
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from ctxtools.documents.readers.extraction.office.markup import attribute, parse
from ctxtools.errors import FormatError
from ctxtools.units import format_count

_MAX_MEMBERS = 50_000
_MAX_TREE = 128 << 20  # bytes of XML that are held as a tree
_MAX_TOTAL = 1 << 30  # bytes read of all members
_MAX_RATIO = 300  # of a large member: XML that only repeats itself stays below
_LARGE = 32 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAX_SEARCHED = 64 << 20
_DAMAGED = "a damaged document"
_SPLIT = "split the document"
_OLD = {
    "EncryptedPackage": ("it is encrypted", "remove its password first"),
    "WordDocument": ("a file in the old binary format of Word", "save it as .docx first"),
    "PowerPoint Document": (
        "a file in the old binary format of PowerPoint",
        "save it as .pptx first",
    ),
    "Workbook": ("a file in the old binary format of Excel", "save it as .xlsx first"),
    "Book": ("a file in the old binary format of Excel", "save it as .xlsx first"),
    "__substg1.0_": ("a message in Outlook's own format", "save it as .eml first"),
}


class Package:
    """An open zip file.

    Args:
        stream: the file.

    Raises:
        FormatError: it is no zip file, or one with too many members.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._remaining = _MAX_TOTAL
        _refuse_binary(stream)
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise FormatError(_DAMAGED) from error
        members = self._zip.infolist()
        if len(members) > _MAX_MEMBERS:
            raise FormatError(f"it has {format_count(len(members))} members", hint=_SPLIT)
        self._members = {member.filename.lstrip("/"): member for member in members}
        self._folded = {name.lower(): name for name in self._members}

    def __contains__(self, member: str) -> bool:
        return member in self._members or member.lower() in self._folded

    def read(self, member: str, limit: int = _MAX_TREE) -> bytes:
        """The bytes of a member.

        Raises:
            FormatError: it is missing, damaged, encrypted, or larger than it may be.
        """
        found = self._members.get(member) or self._members.get(
            self._folded.get(member.lower(), member)
        )
        if found is None:
            raise FormatError(f"{_DAMAGED}, {member} is missing")
        if found.flag_bits & 1:
            raise FormatError("it is encrypted", hint="remove its password first")
        size, packed = found.file_size, found.compress_size
        if size > min(limit, self._remaining):
            reason = f"{member} takes {format_count(size)} bytes, which is too much"
            raise FormatError(reason, hint=_SPLIT)
        if size > _LARGE and size > _MAX_RATIO * packed:
            reason = f"{member} is {size // max(packed, 1):,} times its compressed size"
            raise FormatError(reason, hint="no usual program writes such a file; split it")
        self._remaining -= size
        try:
            with self._zip.open(found) as file:
                data = file.read(size + 1)
        except (
            zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError,
            NotImplementedError, RuntimeError,
        ) as error:  # fmt: skip
            raise FormatError(f"{_DAMAGED}, {member} cannot be read") from error
        if len(data) > size:
            raise FormatError(f"{_DAMAGED}, {member} is larger than it says")
        return data

    def xml(self, member: str) -> Element:
        """The XML of a member, by local names (`markup`).

        Raises:
            FormatError: what `read` and `markup.parse` raise.
        """
        return parse(self.read(member), member)

    def optional(self, member: str) -> Element | None:
        """The XML of a member; None if there is none."""
        return self.xml(member) if member in self else None

    def relations(self, member: str) -> "Relations":
        """What a part of an office document refers to; "" is the document."""
        folder, _, base = member.rpartition("/")
        prefix = f"{folder}/" if folder else ""
        found = self.optional(f"{prefix}_rels/{base}.rels")
        return Relations(prefix, found)


class Relations:
    """What a part refers to, by ids.

    Attributes:
        targets: for each id: the last word of its type, and a member or, outside, an address.
    """

    def __init__(self, folder: str, root: Element | None) -> None:
        self.targets: dict[str, tuple[str, str]] = {}
        for each in () if root is None else root.iter("Relationship"):
            kind = attribute(each, "Type").rpartition("/")[2]
            target = attribute(each, "Target")
            if attribute(each, "TargetMode") != "External":
                path = target if target.startswith("/") else folder + target
                target = posixpath.normpath(unquote(path).lstrip("/"))
            self.targets[attribute(each, "Id")] = kind, target

    def target(self, identifier: str) -> str:
        """The member or address of an id, "" if there is none."""
        return self.targets.get(identifier, ("", ""))[1]

    def of_kind(self, kind: str) -> list[str]:
        """The members or addresses of a kind, such as "slide"."""
        return [target for found, target in self.targets.values() if found == kind]


def _refuse_binary(stream: BinaryIO) -> None:
    """Say what an old binary office file, or an encrypted one, is.

    Raises:
        FormatError: it is one.
    """
    stream.seek(0)
    head = stream.read(8)
    if head == _OLE:
        data = stream.read(_MAX_SEARCHED)
        for stored, (reason, hint) in _OLD.items():
            if stored.encode("utf-16-le") in data:
                raise FormatError(reason, hint=hint)
        raise FormatError(
            "a compound file of Microsoft, of no kind known here",
            hint="open it with the program that made it, and save it in a newer format",
        )
    stream.seek(0)
