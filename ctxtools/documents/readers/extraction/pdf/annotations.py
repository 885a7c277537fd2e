"""What is not in the text of a page: what is filled into forms, and comments."""

from collections.abc import Iterator
from ctypes import c_ushort
from typing import Any

_MAX = 5_000  # of a page that are looked at
_MAX_UNITS = 1 << 16  # UTF-16 units of a value


class Annotations:
    """Takes the annotations of the pages of a document, one page after the other."""

    def __init__(self) -> None:
        self._comments = 0

    def filled_in(self, page: Any) -> list[str]:
        """What is filled into the form fields of a page, and texts that were put upon it."""
        from pypdfium2 import raw

        found = list[str]()
        for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MAX)):
            annotation = raw.FPDFPage_GetAnnot(page, index)
            if not annotation:
                continue
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            if kind == raw.FPDF_ANNOT_WIDGET:
                found.append(_string(raw, annotation, b"V"))
            elif kind == raw.FPDF_ANNOT_FREETEXT:
                found.append(_string(raw, annotation, b"Contents"))
            elif kind != raw.FPDF_ANNOT_LINK and kind != raw.FPDF_ANNOT_POPUP:
                self._comments += bool(_string(raw, annotation, b"Contents"))
            raw.FPDFPage_CloseAnnot(annotation)
        return [text for each in found if (text := each.replace("\r", "\n").strip())]

    def notes(self) -> Iterator[str]:
        """What was left out."""
        if n := self._comments:
            yield f"{n:,} comment{'s' * (n != 1)} on its pages {'are' if n > 1 else 'is'} left out"


def _string(raw: Any, annotation: Any, key: bytes) -> str:
    size = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0) // 2
    if not 1 < size <= _MAX_UNITS:
        return ""
    buffer = (c_ushort * size)()
    raw.FPDFAnnot_GetStringValue(annotation, key, buffer, 2 * size)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")
