"""What a child process does with a document: see `ctxtools.isolated`."""

from collections.abc import Generator
from importlib import import_module
from io import BytesIO
from typing import Any, BinaryIO


def extract(
    request: dict[str, Any], file: BinaryIO | None, data: bytes
) -> Generator[tuple[dict[str, Any], bytes], Any, None]:
    """The documents of a file: of each a header with all but its text, and its text in UTF-8.

    Args:
        request: ``{"module", "name"}``, as in `registry.Extractor` and `extracted.Read`.
        file: the file, or None.
        data: its bytes, if there is no file.
    """
    read = import_module(f"{__package__}.{request['module']}").read
    for found in read(file or BytesIO(data), request["name"]):
        if found is None:
            yield {}, b""
            continue
        header = {
            "pages": found.pages,
            "headings": [[each.start, each.end, each.level, each.title] for each in found.headings],
            "format": found.format,
            "notes": found.notes,
            "name": found.name,
        }
        yield header, found.text.encode("utf-8", "replace")
