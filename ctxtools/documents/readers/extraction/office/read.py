"""Office documents and e-books: which format a file has is found from what is in it."""

from collections.abc import Iterator
from typing import BinaryIO

from ctxtools.documents.readers.extraction.extracted import Extracted
from ctxtools.documents.readers.extraction.office.markup import attribute
from ctxtools.documents.readers.extraction.office.package import Package
from ctxtools.errors import FormatError

_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_MAX_TYPE = 200  # bytes


def read(stream: BinaryIO, name: str) -> Iterator[Extracted | None]:
    """The text of an office document or a book as Markdown; see `extracted.Read`."""
    package = Package(stream)
    kind = package.read("mimetype", _MAX_TYPE).strip() if "mimetype" in package else b""
    if kind.startswith(_OPEN_DOCUMENT.encode()):
        yield from _open_document(package)
    elif "META-INF/container.xml" in package:
        from ctxtools.documents.readers.extraction.office.epub import Epub

        book = Epub(package)
        yield from book.read()
        yield _extracted(book.finish())
    elif "[Content_Types].xml" in package or "_rels/.rels" in package:
        yield from _office(package)
    elif "content.xml" in package:
        yield from _open_document(package)
    else:
        raise FormatError("an archive that holds no document", hint="name it as .zip")


def _office(package: Package) -> Iterator[Extracted | None]:
    main = next(iter(package.relations("").of_kind("officeDocument")), "")
    types = {
        attribute(each, "PartName").lstrip("/").lower(): attribute(each, "ContentType")
        for each in package.xml("[Content_Types].xml").iter("Override")
    }
    kind = types.get(main.lower(), "")
    if "wordprocessingml" in kind or "ms-word" in kind:
        from ctxtools.documents.readers.extraction.office.docx import Docx

        document = Docx(package, main)
        yield from document.read()
        yield _extracted(document.finish())
    elif "presentationml" in kind or "ms-powerpoint" in kind:
        from ctxtools.documents.readers.extraction.office.pptx import Pptx

        presentation = Pptx(package, main)
        yield from presentation.read()
        yield _extracted(presentation.finish())
    elif "spreadsheetml" in kind or "ms-excel" in kind:
        if "binary" in kind:
            raise FormatError("a binary workbook (.xlsb)", hint="save it as .xlsx first")
        from ctxtools.documents.readers.extraction.office.xlsx import Xlsx

        workbook = Xlsx(package, main)
        yield from workbook.read()
        yield _extracted(workbook.finish())
    else:
        raise FormatError(f"an office document of a kind that is not read ({kind or 'unknown'})")


def _open_document(package: Package) -> Iterator[Extracted | None]:
    from ctxtools.documents.readers.extraction.office.odf import Odf

    manifest = package.optional("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter("encryption-data"), None) is not None:
        raise FormatError("it is encrypted", hint="remove its password first")
    document = Odf(package)
    yield from document.read()
    yield _extracted(document.finish())


def _extracted(found: tuple[str, tuple[int, ...], tuple[str, ...]]) -> Extracted:
    text, pages, notes = found
    if not text.strip():
        notes = (*notes, "no text in it")
    return Extracted(text, pages, format="markdown", notes=notes)
