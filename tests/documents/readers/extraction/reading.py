"""Reading documents in this process, without a child."""

from importlib import import_module
from io import BytesIO

from ctxtools.documents.readers.extraction.extracted import Extracted
from ctxtools.documents.readers.extraction.registry import EXTRACTORS, extracted_container


def extracted(data: bytes, name: str) -> list[Extracted]:
    """The documents of a file."""
    container = extracted_container(name, data[:8192], named=True)
    assert container is not None
    module = import_module(f"ctxtools.documents.readers.extraction.{EXTRACTORS[container].module}")
    return [each for each in module.read(BytesIO(data), name) if each is not None]


def only(data: bytes, name: str) -> Extracted:
    """The one document of a file."""
    (found,) = extracted(data, name)
    return found
