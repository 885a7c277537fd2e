"""EPUB books (https://www.w3.org/TR/epub-33/) as Markdown; each chapter is a page.

The files of the spine in their order, without the table of contents.
"""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from ctxtools.documents.html import html_text
from ctxtools.documents.readers.extraction.office.markup import attribute, child, inside
from ctxtools.documents.readers.extraction.office.package import Package
from ctxtools.errors import FormatError
from ctxtools.units import format_items

_FONTS = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding=["']([\w.:-]{1,40})["']""")
_CHAPTERS = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document", ""})
_MAX_CHAPTER = 32 << 20  # bytes


class Epub:
    """A book.

    Args:
        package: the file.
    """

    def __init__(self, package: Package) -> None:
        self._package = package
        self._parts: list[str] = []
        self._starts: list[int] = []
        self._notes: list[str] = []

    def read(self) -> Iterator[None]:
        """Read it, chapter by chapter."""
        package = self._package
        container = package.xml("META-INF/container.xml")
        main = next((attribute(each, "full-path") for each in container.iter("rootfile")), "")
        root = package.xml(unquote(main))
        encrypted = self._encrypted()
        items = {attribute(each, "id"): each for each in inside(root, "manifest")}
        length, missing = 0, 0
        for reference in inside(root, "spine"):
            item = items.get(attribute(reference, "idref"))
            if attribute(item, "media-type") not in _CHAPTERS:
                continue
            if "nav" in attribute(item, "properties").split():
                continue
            member = posixpath.normpath(
                posixpath.join(posixpath.dirname(main), unquote(attribute(item, "href")))
            )
            if member in encrypted:
                raise FormatError("encrypted by its shop", hint="get a copy without protection")
            if member not in package:
                missing += 1
                continue
            text = html_text(_decoded(package.read(member, _MAX_CHAPTER))).strip("\n")
            if text.strip():
                self._starts.append(length)
                self._parts.append(text + "\n\n")
                length += len(self._parts[-1])
            yield None
        if missing:
            self._notes.append(f"{format_items(missing, 'chapter')} missing")

    def finish(self) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
        """The text, where chapters start, and notes."""
        text = "".join(self._parts)
        return text[:-1], tuple(self._starts), tuple(self._notes)

    def _encrypted(self) -> set[str]:
        """The members that only a shop's program can read; fonts may be obfuscated."""
        root = self._package.optional("META-INF/encryption.xml")
        found: set[str] = set()
        for data in () if root is None else root.iter("EncryptedData"):
            method = attribute(child(data, "EncryptionMethod"), "Algorithm")
            if method not in _FONTS:
                found |= {unquote(attribute(each, "URI")) for each in data.iter("CipherReference")}
        return found


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    declared = _DECLARED.search(data[:400])
    charset = declared[1].decode("ascii") if declared else "utf-8"
    try:
        return data.decode(charset, "replace").removeprefix("\ufeff")
    except LookupError:
        return data.decode("utf-8", "replace").removeprefix("\ufeff")
