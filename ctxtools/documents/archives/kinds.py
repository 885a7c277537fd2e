"""Which files are archives: by their bytes, where their name says so or the user named them."""

import os
from typing import Literal, NamedTuple

from ctxtools.documents.archives.opener import Opener
from ctxtools.documents.archives.tars import is_header
from ctxtools.documents.archives.zips import is_zip
from ctxtools.documents.decode import HEAD
from ctxtools.documents.file import File
from ctxtools.documents.filetypes import is_archive, may_be_archive
from ctxtools.documents.readers.compressed import decompressed
from ctxtools.errors import CtxtoolsError, FormatError, MissingExtraError
from ctxtools.signatures import binary_type, compression

_TAR_BLOCK = 512
_ZIP_TYPES = ("zip archive", "Java archive", "Android package")  # others are documents
_TAR_TYPE = "tar archive"


class ArchiveKind(NamedTuple):
    """What kind of archive a file is.

    Attributes:
        format: zip or tar.
        compression: of a tar: gzip, bzip2, xz or zstd; None if it is not compressed.
    """

    format: Literal["zip", "tar"]
    compression: str | None = None


def is_archive_file(path: str) -> bool:
    """Whether a path is that of an archive, which is looked into if it is named."""
    if not may_be_archive(path) or not os.path.isfile(path):
        return False
    try:
        return archive_kind(Opener(File(path))) is not None
    except (CtxtoolsError, OSError):
        return is_archive(path)


def archive_kind(opened: Opener) -> ArchiveKind | None:
    """What kind of archive a file is; None if it is none.

    Raises:
        CtxtoolsError: it cannot be opened.
        OSError: the same.
    """
    by_name = is_archive(opened.path)
    source = opened()
    try:
        head = source.peek(HEAD)
        if head.startswith(b"PK"):
            found = binary_type(head)
            if found is not None and (by_name or found.name in _ZIP_TYPES):
                return ArchiveKind("zip")
        elif (packed := compression(head)) is not None:
            if by_name or _holds_tar(opened, packed):
                return ArchiveKind("tar", packed)
        elif _is_tar(head, by_name=by_name):
            return ArchiveKind("tar")
        if by_name and (stream := source.seekable()) is not None:
            with stream:
                return ArchiveKind("zip") if is_zip(stream) else None
        return None
    finally:
        source.close()


def _is_tar(head: bytes, *, by_name: bool) -> bool:
    found = binary_type(head)
    if found is not None and found.name == _TAR_TYPE:
        return True
    block = head[:_TAR_BLOCK]
    if not by_name or len(block) < _TAR_BLOCK:
        return False
    return not any(block) or is_header(block)  # of 1979, or an archive without members


def _holds_tar(opened: Opener, packed: str) -> bool:
    source = opened()
    try:
        data, _ = decompressed(source, packed, opened.path).block()
    except (FormatError, MissingExtraError):  # reading it says what is missing
        return False
    finally:
        source.close()
    return _is_tar(data, by_name=True)
