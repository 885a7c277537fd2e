"""Which module reads which container, and what it needs."""

from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import NamedTuple

from ctxtools.documents.filetypes import ExtractedContainer, file_type
from ctxtools.signatures import binary_type, has_controls


class Extractor(NamedTuple):
    """How documents of a format are read.

    Attributes:
        module: in this package, with the function ``read`` (`extracted.Read`).
        name: what such a file is called, as the subject of a sentence: "a PDF".
        needs: the packages that it imports, beside the standard library.
        extra: the extra of ctxtools that installs them.
        signatures: what `ctxtools.signatures.binary_type` calls such files; () of a format that
            may look like text at its start.
    """

    module: str
    name: str
    needs: tuple[str, ...] = ()
    extra: str = ""
    signatures: tuple[str, ...] = ()

    def missing(self) -> str | None:
        """The first of the packages that is not installed."""
        return next((each for each in self.needs if find_spec(each) is None), None)


EXTRACTORS: Mapping[ExtractedContainer, Extractor] = MappingProxyType(
    {
        "pdf": Extractor("pdf.read", "a PDF", ("pypdfium2",), "pdf", ("PDF document",)),
        "office": Extractor(
            "office.read",
            "an office document or a book",
            signatures=(
                "Word document",
                "Excel workbook",
                "PowerPoint presentation",
                "Office document",
                "OpenDocument text",
                "OpenDocument spreadsheet",
                "OpenDocument file",
                "EPUB book",
                "Microsoft Office document of before 2007, or another OLE file",
            ),
        ),
        "rtf": Extractor("rtf", "a file in Rich Text Format"),
        "mail": Extractor("mail", "a mail"),
    }
)

_BY_SIGNATURE: Mapping[str, ExtractedContainer] = {
    signature: container
    for container, extractor in EXTRACTORS.items()
    for signature in extractor.signatures
}


def extracted_container(path: str, head: bytes, *, named: bool) -> ExtractedContainer | None:
    """The container of a document whose text is extracted; None of any other file.

    Args:
        path: whose suffix counts.
        head: the first bytes of the file, up to 8,192, which outrank the suffix.
        named: the user named the file: without such a suffix its first bytes count.
    """
    container = next((each for each in EXTRACTORS if each == file_type(path).container), None)
    if container is None and not named:
        return None
    found = binary_type(head)
    if found is not None and found.name in _BY_SIGNATURE:
        return _BY_SIGNATURE[found.name]
    if head.startswith(b"{\\rtf"):  # Word opens it whatever it is called, so it often is ".doc"
        return "rtf"
    if container is None:
        return None
    # Text under the suffix of a binary format is read as text.
    is_text = EXTRACTORS[container].signatures and found is None and not has_controls(head)
    return None if is_text else container
