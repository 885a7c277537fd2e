"""Damaged, encrypted and hostile files: a clear error, soon, and nothing written."""

import io
import zipfile
from collections.abc import Callable

import pytest

from ctxtools.errors import FormatError
from tests.documents.readers.extraction.making import (
    Block,
    changed,
    make_docx,
    make_epub,
    make_odt,
    make_pptx,
    make_xlsx,
    zipped,
)
from tests.documents.readers.extraction.reading import only

_BLOCKS = [Block("paragraph", ("words",))]
_BOMB = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]>"
_OUTSIDE = b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>"
_DEEP = b"<a>" * 10_000 + b"</a>" * 10_000
_MAIN = {
    ".docx": (make_docx, "word/document.xml"),
    ".pptx": (make_pptx, "ppt/slides/slide1.xml"),
    ".xlsx": (make_xlsx, "xl/worksheets/sheet1.xml"),
    ".odt": (make_odt, "content.xml"),
    ".epub": (make_epub, "book/a.opf"),
}


def _ole(stream: str) -> bytes:
    """A compound file that has a stream of a name."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le")


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        ("EncryptedPackage", "it is encrypted"),
        ("WordDocument", "old binary format of Word"),
        ("Workbook", "old binary format of Excel"),
        ("PowerPoint Document", "old binary format of PowerPoint"),
        ("__substg1.0_1000001F", "Outlook"),
        ("other", "compound file"),
    ],
)
def test_compound_files(stream: str, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        only(_ole(stream), "a.docx")


@pytest.mark.parametrize("suffix", _MAIN)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda old: _BOMB + old[old.index(b"<", 10) :], "entities"),
        (lambda old: _OUTSIDE + old[old.index(b"<", 10) :], "entities"),
        (lambda old: _BOMB.decode().encode("utf-16") + old.decode().encode("utf-16-le"), "XML"),
        (lambda old: old[: len(old) // 2], "damaged XML"),
        (lambda old: b"", "damaged XML"),
    ],
)
def test_xml(suffix: str, change: Callable[[bytes], bytes], reason: str) -> None:
    make, member = _MAIN[suffix]

    with pytest.raises(FormatError, match=reason):
        only(changed(make(_BLOCKS), member, change), f"a{suffix}")


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".odt", ".epub"])
def test_xml_that_is_nested_deeply(suffix: str) -> None:
    make, member = _MAIN[suffix]

    with pytest.raises(FormatError, match="levels deep"):
        only(changed(make(_BLOCKS), member, lambda _: _DEEP), f"a{suffix}")


@pytest.mark.parametrize("suffix", [".docx", ".xlsx"])
def test_zip_bombs(suffix: str) -> None:
    make, member = _MAIN[suffix]
    bomb = changed(make(_BLOCKS), member, lambda old: old + b" " * (40 << 20))

    with pytest.raises(FormatError, match="times its compressed size"):
        only(bomb, f"a{suffix}")


def test_a_member_that_is_larger_than_it_says() -> None:
    data = bytearray(make_docx(_BLOCKS))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("word/document.xml").file_size
    start = data.rindex(b"PK\1\2", 0, data.rindex(b"word/document.xml"))
    assert data[start + 24 : start + 28] == size.to_bytes(4, "little")
    data[start + 24 : start + 28] = (size - 10).to_bytes(4, "little")

    with pytest.raises(FormatError, match=r"damaged|larger than it says"):
        only(bytes(data), "a.docx")


@pytest.mark.parametrize("suffix", _MAIN)
def test_a_main_part_that_is_missing(suffix: str) -> None:
    make, member = _MAIN[suffix]
    with zipfile.ZipFile(io.BytesIO(make(_BLOCKS))) as archive:
        members = {each: archive.read(each) for each in archive.namelist() if each != member}
    data = zipped(members)

    if suffix in (".pptx", ".xlsx"):  # one of many slides or sheets
        assert "missing" in only(data, f"a{suffix}").notes[0]
        return
    with pytest.raises(FormatError, match="missing"):
        only(data, f"a{suffix}")


def test_what_a_file_is_counts_and_not_its_suffix() -> None:
    assert only(make_xlsx(_BLOCKS), "a.docx").text == "## Sheet\n\nwords\n"
    assert only(make_odt(_BLOCKS), "a.epub").text == "words\n"
    assert only(make_docx(_BLOCKS), "a").text == "words\n"
    with pytest.raises(FormatError, match="no document"):
        only(zipped({"a.txt": "words"}), "a.docx")


def test_books_with_protection_and_documents_with_passwords() -> None:
    encrypted = zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": b"\x93\x02",
            "META-INF/manifest.xml": "<m><file-entry><encryption-data/></file-entry></m>",
        }
    )
    with pytest.raises(FormatError, match="encrypted"):
        only(encrypted, "a.odt")
    protection = (
        b"<encryption><EncryptedData><EncryptionMethod Algorithm='aes'/><CipherData>"
        b"<CipherReference URI='book/c%200.xhtml'/></CipherData></EncryptedData></encryption>"
    )
    book = changed(make_epub(_BLOCKS), "META-INF/encryption.xml", lambda _: protection)
    with pytest.raises(FormatError, match="encrypted by its shop"):
        only(book, "a.epub")


def test_names_of_members_lead_nowhere() -> None:
    book = changed(
        make_epub(_BLOCKS),
        "book/a.opf",
        lambda old: old.replace(b"c%200", b"../../../etc/passwd%00"),
    )

    found = only(book, "a.epub")

    assert "root:" not in found.text and found.notes == ("1 chapter missing", "no text in it")
