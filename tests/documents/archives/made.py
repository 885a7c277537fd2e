"""Archives made by the standard library, of files in memory."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from ctxtools.documents import File, Skipped, find_files
from ctxtools.documents.document import Document
from ctxtools.documents.each import documents_of, each_document

FORMATS = (".zip", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")


def archive_of(files: Mapping[str, bytes], format: str) -> bytes:
    """An archive of files, in their order."""
    return zip_of(files) if format == ".zip" else compressed(tar_of(files), format)


def zip_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tar_of(files: Mapping[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def compressed(data: bytes, suffix: str) -> bytes:
    """Bytes as the last suffix of a name says."""
    match suffix.rpartition(".")[2]:
        case "gz" | "tgz" | "crate":
            return gzip.compress(data, 1)
        case "bz2":
            return bz2.compress(data, 1)
        case "xz":
            return lzma.compress(data, preset=0)
        case "zst":
            import zstandard

            compressed: bytes = zstandard.compress(data)
            return compressed
    return data


def found_in(
    path: Path | str, *, archives: bool = False
) -> tuple[dict[str, str], dict[str, tuple[str, bool]]]:
    """The texts of what is found, and why the rest is skipped, by their paths."""
    texts, skipped = {}, {}
    for each in each_document(find_files(str(path), archives=archives), documents_of):
        if isinstance(each, Document):
            texts[each.path] = each.text
        else:
            skipped[each.path] = (each.reason, each.error)
    return texts, skipped


def listed(path: Path | str, **options: object) -> list[str]:
    """The paths of the files that are found, below what is named."""
    found = find_files(str(path), **options)  # type: ignore[arg-type]
    files = [each for each in found if isinstance(each, File)]
    assert not any(isinstance(each, Skipped) for each in files)
    return [each.path.removeprefix(f"{path}/") for each in files]
