"""Files that are not text are known by how they start; a text that starts alike is read."""

import gzip
import io
import py_compile
import sqlite3
import struct
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from ctxtools.documents import open_document, read_documents
from ctxtools.documents.readers.extraction.registry import extracted_container
from ctxtools.errors import UnreadableError
from ctxtools.signatures import binary_type
from tests.hanging import no_hang


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "application/epub+zip" if name == "mimetype" else "x" * 50)
    return stream.getvalue()


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return stream.getvalue()


ARCHIVES = {"zip", "tar", "Java archive"}
FILES = {
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "indented PDF": b"\r\n\r\n%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "MATLAB": b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\1IM\x0e\0\0\0",
    "Netpbm": b"P6\n# by hand\n2 1\n255\n\xff\0\0\0\xff\0",
    "OpenEXR": b"v/1\1\2\0\0\0channels\0",
    "KeePass": b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5",
    "folder view": b"\0\0\0\1Bud1\0\0\x10\0",
    "BitTorrent": b"d8:announce9:http://x/4:infod6:lengthi5e6:pieces20:" + bytes(range(20)),
    "git pack": b"\xfftOc\0\0\0\2",
    "Emacs Lisp": b";ELC\x1b\0\0\0\n;;; Compiled",
    "Blender": b"BLENDER-v300REND\x20\0\0\0",
    "CAD": b"AC1027\0\0\0\0\0",
    "disk image": b"QFI\xfb\0\0\0\3",
    "Mobi": b"A book".ljust(32, b"\0") + bytes(28) + b"BOOKMOBI\0\0",
    "Outlook": b"!BDN\x89\x11\x12\x13SM",
    "EOT font": b"\x10\5\0\0\x20\4\0\0\2\0\2\0".ljust(34, b"\0") + b"LP",
    "ASCII PDF": b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "Word": zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
    "Excel": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "PowerPoint": zipped("[Content_Types].xml", "ppt/presentation.xml"),
    "EPUB": zipped("mimetype", "OEBPS/a.xhtml"),
    "Java archive": zipped("META-INF/MANIFEST.MF"),
    "zip": zipped("a.txt"),
    "PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "JPEG": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "GIF": b"GIF89a\x01\0\x01\0\x80\0\0",
    "WebP": b"RIFF\x24\0\0\0WEBPVP8 ",
    "WAV": b"RIFF\x24\0\0\0WAVEfmt ",
    "BMP": b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
    "raw MP3": b"\xff\xfb\x90\x64" + bytes(32) + b"\xff" * 300,
    "ID3 MP3": b"ID3\x03\0\0\0\0\x0f\x76TIT2",
    "MP4": b"\0\0\0\x20ftypisom\0\0\2\0isom",
    "Ogg": b"OggS\0\x02" + bytes(20),
    "tar": tarred(),
    "7z": b"7z\xbc\xaf\x27\x1c\0\4",
    "RAR": b"Rar!\x1a\x07\x01\0",
    "ELF": b"\x7fELF\x02\x01\x01" + bytes(9),
    "Windows program": b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0",
    "Mach-O": b"\xcf\xfa\xed\xfe\x07\0\0\x01",
    "Java class": b"\xca\xfe\xba\xbe\0\0\0\x34\0\x1d",
    "WebAssembly": b"\0asm\1\0\0\0",
    "compiled Python": b"\xa7\r\r\n\0\0\0\0" + bytes(8) + b"\xe3",
    "NumPy array": b"\x93NUMPY\1\0v\0{'descr'",
    "pickle": b"\x80\x04\x95\x0b\0\0\0\0\0\0\0]\x94(K\x01K\x02e.",
    "HDF5": b"\x89HDF\r\n\x1a\n\0",
    "Parquet": b"PAR1\x15\x04\x15\x10\0",
    "Arrow": b"ARROW1\0\0\xff\xff\xff\xff",
    "font": b"\0\1\0\0\0\x0f\0\x80\0\3",
    "SQLite": b"SQLite format 3\0\x10\0\1\1",
    "safetensors": struct.pack("<Q", 88) + b'{"__metadata__":{"format":"pt"}}',
}
TEXTS = [
    "PK is the signature of Phil Katz.",
    "BM 1234 is a bitmap; BM\nBM\n",
    "MZ stands for Mark Zbikowski, whose initials start every program.",
    "%PDF-1.7 is how a PDF starts, as everyone knows who wrote one.",
    "The file starts with %PDF-1.4 and 1 0 obj.",
    "GIF89a is a format from 1989, and GIF87a one from 1987.",
    "ID3 tags hold a title.\n",
    "RIFF is a container for WAVE and WEBP.",
    "PAR1 is at both ends of a Parquet file.",
    "ORC is a creature, and a format.",
    "true or false?",
    "BZh is not yet bzip2",
    "FWS\n",
    "(\x20parenthesis",
    "070701 is a number",
    "MATLAB 5.0 MAT-file, Platform: any. Then come the version and the mark of the byte order, IM.",
    "P5 and P6 are Netpbm's, P5 für Grau.\n",
    "BLENDER and AC1027 and ;ELC and !BDN, d8:announce\n",
    "TZif Rar! 7z xar! LZIP Obj FORM ITSF",
    "GIF89a – ein Format von 1989, größer als GIF87a.",
    "%PDF-1.7 ist der Anfang, und 1 0 obj käme später.",
    "PAR1 é",
    "ORCé",
    "AT&TFORM is how DjVu starts.",
    "{\\rtf1 a text}",
]
RUSSIAN = [
    "ятаган и сабля, которые висели на стене",
    "я\nи ты, и мы с тобой",
    "яыл",
    "ящP и это всё",
]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_named_by_what_it_is(name: str, tmp_path: Path) -> None:
    kind = binary_type(FILES[name])
    assert kind is not None
    assert name.split()[-1].lower() in kind.name.lower(), kind
    (tmp_path / "f").write_bytes(FILES[name])
    documents = read_documents(tmp_path)
    assert not list(documents), "in a folder it is passed over, and listed"
    assert documents.skipped[0].reason == f"binary ({kind.name})"
    if name in ARCHIVES:
        assert [each.path for each in read_documents(tmp_path / "f")], "one that is named is read"
        return
    # Documents whose text is extracted are read, and these are damaged.
    is_extracted = extracted_container("f", FILES[name], named=True) is not None
    with pytest.raises(UnreadableError, match=None if is_extracted else "not text") as error:
        list(read_documents(tmp_path / "f"))
    assert error.value.skipped.error and error.value.hint
    assert "FILE" not in error.value.hint


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_starts_alike_is_read(text: str, tmp_path: Path) -> None:
    assert binary_type(text.encode()) is None
    (tmp_path / "f.txt").write_text(text)
    assert next(iter(read_documents(tmp_path))).text == text


@pytest.mark.parametrize("text", RUSSIAN)
def test_a_russian_text_that_starts_as_sound_does(text: str, tmp_path: Path) -> None:
    """In cp1251 the letter я is the byte FF."""
    assert binary_type(text.encode("cp1251")) is None


def test_the_real_ones_of_this_machine(tmp_path: Path) -> None:
    assert binary_type(Path(sys.executable).read_bytes()[:8192])
    with sqlite3.connect(tmp_path / "x.db") as database:
        database.execute("create table t (a text)")
    assert binary_type((tmp_path / "x.db").read_bytes()) is not None
    assert binary_type(gzip.compress(b"a text")) is not None
    compiled = py_compile.compile(__file__, str(tmp_path / "x.pyc"))
    assert compiled is not None
    kind = binary_type(Path(compiled).read_bytes()[:8192])
    assert kind is not None and kind.name == "compiled Python"


def test_a_named_charset_reads_anything(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(FILES["PDF"])
    [document] = read_documents(tmp_path / "f", charset="latin-1")
    assert document.text == FILES["PDF"].decode("latin-1")


def test_a_large_one_is_known_before_an_engine_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    path.write_bytes(FILES["ASCII PDF"] + b"text\n" * 1_000_000)
    with open_document(path) as reader:
        assert not reader.is_large_text()


POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.csv", {}), ("a.jsonl", {"field": "t"}), ("a.parquet", {"column": "t"}), ("a.psd", {})],
)
def test_a_git_lfs_pointer_is_not_the_file(
    name: str, options: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(POINTER)
    with pytest.raises(UnreadableError, match="Git LFS pointer, its content is not here"):
        list(read_documents(tmp_path / name, **options))  # type: ignore[arg-type]
    documents = read_documents(tmp_path, **options)  # type: ignore[arg-type]
    assert not list(documents)
    assert documents.skipped[0].reason == "Git LFS pointer, its content is not here"


def test_a_text_about_git_lfs_is_read(tmp_path: Path) -> None:
    text = "version https://git-lfs.github.com/spec/v1 starts such a file.\n"
    (tmp_path / "a.md").write_text(text)
    assert next(iter(read_documents(tmp_path))).text == text


def test_a_pdf_behind_a_byte_order_mark_is_one(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\xef\xbb\xbf" + FILES["ASCII PDF"])
    with pytest.raises(UnreadableError, match="a damaged PDF"):
        list(read_documents(tmp_path / "f"))
    assert list(read_documents(tmp_path / "f", charset="utf-8"))


def test_no_start_of_a_file_takes_long() -> None:
    starts = [b"%PDF-1.4\n", b"P4", b"P6 1 1", b"d8:announce", b"RIFF", b"GIF89a", b"PK\3\4", b"MZ"]
    rests = [b" ", b"\n", b" \n", b"1", b"1 ", b"1 1\n", b"#\n", b"%", b"1 o", b"6:piece", b"a/"]
    with no_hang():
        for head in [(start + rest * 8192)[:8192] for start in starts for rest in rests]:
            for _ in range(100):
                binary_type(head)
