"""PDF, by pdfium: the text of the pages in order. Needs the extra ``ctxtools[pdf]``."""

from collections.abc import Iterator
from typing import BinaryIO

from ctxtools.documents.readers.extraction.extracted import Extracted
from ctxtools.errors import FormatError, import_extra

_STEP = 32  # pages between two limits of time


def read(stream: BinaryIO, name: str) -> Iterator[Extracted | None]:
    """The text of a PDF, with the offsets of its pages; see `extracted.Read`."""
    pdfium = import_extra("pypdfium2", "reading a PDF", "pdf")
    try:
        document = pdfium.PdfDocument(stream)
        parts, pages, size = list[str](), list[int](), 0
        for number in range(len(document)):
            page = document[number]
            text_page = page.get_textpage()
            text = text_page.get_text_range().replace("\r\n", "\n")
            text_page.close()
            page.close()
            pages.append(size)
            parts.append(text.rstrip() + "\n\n")
            size += len(parts[-1])
            if number % _STEP == _STEP - 1:
                yield None
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise FormatError("it is encrypted", hint="remove its password first") from error
        raise FormatError(str(error)) from error
    yield Extracted("".join(parts).rstrip("\n") + "\n", tuple(pages))
