"""Documents in documents: attachments of a mail, read like files of their names."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from io import BytesIO

from ctxtools.documents.decode import HEAD
from ctxtools.documents.filetypes import file_type
from ctxtools.documents.html import html_text
from ctxtools.documents.readers.extraction.extracted import Extracted
from ctxtools.errors import CtxtoolsError, FormatError, MissingExtraError, missing_extra
from ctxtools.signatures import binary_type, has_controls

_MAX_TEXT = 64 << 20  # bytes
_TYPES = {
    "text/html": "a.html",
    "application/pdf": "a.pdf",
    "message/rfc822": "a.eml",
    "application/rtf": "a.rtf",
}


def read_attachment(
    name: str, stream: BytesIO, content_type: str
) -> Iterator[Extracted | str | None]:
    """The documents of an attachment, or a phrase that says what is not read.

    Args:
        name: what it is called.
        stream: its bytes.
        content_type: of it, which counts where the name has no suffix that is known.
    """
    from ctxtools.documents.readers.extraction.registry import EXTRACTORS, extracted_container

    head = stream.getvalue()[:HEAD]
    named = name
    if extracted_container(name, head, named=False) is None and content_type in _TYPES:
        named = _TYPES[content_type]
    container = extracted_container(named, head, named=True)
    if container is None:
        yield _plain(name, named, stream.getvalue())
        return
    extractor = EXTRACTORS[container]
    if (package := extractor.missing()) is not None:
        needed = missing_extra(f"reading {extractor.name}", package, extractor.extra)
        yield f"{name} (needs {package}: {needed.hint})"
        return
    read = import_module(f"{__package__}.{extractor.module}").read
    try:
        for found in read(stream, name):
            if found is None:
                yield None
            else:
                inner = f"{name}/{found.name}" if found.name else name
                notes = tuple(f"{inner}: {note}" for note in found.notes)
                yield replace(found, name=inner, notes=notes)
    except (FormatError, MissingExtraError) as error:
        yield f"{name} ({error.message})"
    except CtxtoolsError:
        raise
    except Exception as error:
        yield f"{name} (it may be damaged: {type(error).__name__})"


def _plain(name: str, named: str, data: bytes) -> Extracted | str:
    """An attachment that is text; otherwise what it is."""
    if (kind := binary_type(data[:HEAD])) is not None:
        return f"{name} ({kind.name})"
    if len(data) > _MAX_TEXT:
        return f"{name} (binary)"
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        try:
            text = data.decode("utf-16")
        except ValueError:
            return f"{name} (binary)"
    elif has_controls(data[:HEAD]):
        return f"{name} (binary)"
    else:
        from ctxtools.documents.readers.extraction.mail import decoded

        text = decoded(data, None)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if file_type(named).format == "html":
        return Extracted(html_text(text), format="markdown", name=name)
    is_markdown = file_type(named).format == "markdown"
    return Extracted(text, format="markdown" if is_markdown else "text", name=name)
