"""The text of a PDF, page after page, in the memory of its text."""

import os
from collections.abc import Iterator
from ctypes import c_ubyte
from mmap import ACCESS_COPY, mmap
from typing import Any, BinaryIO

from ctxtools.documents.readers.extraction.extracted import Extracted
from ctxtools.documents.readers.extraction.pdf.annotations import Annotations
from ctxtools.documents.readers.extraction.pdf.headings import Lines, headings_of
from ctxtools.documents.readers.extraction.pdf.lines import lines_of
from ctxtools.documents.readers.extraction.pdf.order import in_reading_order, paragraphs
from ctxtools.errors import FormatError, import_extra

_STEP = 16  # pages between two limits of time
_MAX_PAGES = 20_000
_OCR = "recognise its text first, for example with ocrmypdf, or count it as a model does with -m"


def read(stream: BinaryIO, name: str) -> Iterator[Extracted | None]:
    """The text of a PDF with its pages and headings; see `extracted.Read`.

    A page is the lines of its text in reading order, with an empty line between paragraphs, and
    then what is filled into its form fields. Words that are hyphenated at the end of a line are
    joined.
    """
    pdfium = import_extra("pypdfium2", "reading a PDF", "pdf")
    document, total = _opened(pdfium, stream)
    annotations = Annotations()
    texts, starts, lines = list[str](), list[int](), Lines()
    size = empty = damaged = 0
    for number in range(total):
        starts.append(size)
        try:
            page = document[number]
            found = in_reading_order(lines_of(page))
            filled = annotations.filled_in(page)
            page.close()
        except pdfium.PdfiumError:
            damaged += 1
            found, filled = [], []
        text = lines.add(found, paragraphs(found), size)
        text = "\n".join([*filter(None, [text]), *filled])
        empty += not text
        texts.append(f"{text}\n\n" if text and number < total - 1 else text)
        size += len(texts[-1])
        if number % _STEP == _STEP - 1:
            yield None
    if damaged == total:
        raise FormatError("none of its pages can be read")
    if empty == total:
        raise FormatError(
            f"a PDF without text: its {total:,} page{'s' * (total != 1)} may be images", hint=_OCR
        )
    notes = [*annotations.notes()]
    if damaged:
        notes.append(f"{damaged:,} of {total:,} pages cannot be read")
    if empty > damaged:
        notes.append(f"{empty - damaged:,} of {total:,} pages have no text")
    if starts[-1] == size and total > 1:  # no page starts after the text
        starts = [min(start, max(0, size - 1)) for start in starts]
    text = "".join(texts)
    headings = headings_of(text, starts, lines, document)
    yield Extracted(text, tuple(starts), headings, notes=tuple(notes))


def _opened(pdfium: Any, stream: BinaryIO) -> tuple[Any, int]:
    """The document, and the number of its pages."""
    try:
        document = pdfium.PdfDocument(_mapped(stream))
        total = len(document)
        if document.get_formtype():
            document.init_forms()
    except pdfium.PdfiumError as error:
        reason = str(error).lower()
        if "password" in reason:
            raise FormatError("it is encrypted", hint="remove its password first") from error
        if "security" in reason:
            raise FormatError(
                "it is encrypted in a way that pdfium does not know",
                hint="remove its protection first",
            ) from error
        if "success" in reason:  # pdfium refuses documents without pages without an error
            raise FormatError("a PDF without pages", hint="name one that has some") from error
        raise FormatError("a damaged PDF") from error
    if not total:
        raise FormatError("a PDF without pages", hint="name one that has some")
    if total > _MAX_PAGES:
        raise FormatError(f"{total:,} pages are too many to read", hint="split the document")
    return document, total


def _mapped(stream: BinaryIO) -> Any:
    """The bytes of a file, which are not read before they are needed; of others, a copy.

    pdfium would otherwise call Python for every few hundred of them.
    """
    try:
        size = os.fstat(stream.fileno()).st_size
        mapped = mmap(stream.fileno(), size, access=ACCESS_COPY)
    except (OSError, ValueError):  # it is in memory, or empty
        return stream.read()
    return (c_ubyte * size).from_buffer(mapped)
