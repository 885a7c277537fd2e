"""What a framework's record says about the chunk it was created from.

What the user's record has keeps its name and its value: an attribute of a chunk whose name is taken
there goes under that name after ``ctxtools_``. (A table of chunks has the columns of its schema
instead, and renames the user's: see arrow.py.)
"""

import math
from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from ctxtools.chunking.chunk import Chunk

_PREFIX = "ctxtools_"  # of an attribute of a chunk
_Value = TypeVar("_Value")


def chunk_metadata(chunk: Chunk) -> dict[str, str | int]:
    """Attributes of a chunk as numbers and strings, since many vector stores accept no lists."""
    metadata: dict[str, str | int] = {
        "token_count": chunk.token_count,
        "start_line": chunk.start_line,
        "headings": " > ".join(chunk.headings),
        "kind": chunk.kind,
    }
    if chunk.parent_id is not None:
        metadata["parent_id"] = chunk.parent_id
    if chunk.page_start is not None and chunk.page_end is not None:
        metadata |= {"page_start": chunk.page_start, "page_end": chunk.page_end}
    if chunk.source_start is not None and chunk.source_end is not None:
        metadata |= {"source_start": chunk.source_start, "source_end": chunk.source_end}
    return metadata


def free_names(
    attributes: Mapping[str, _Value], taken: Collection[object], prefix: str = _PREFIX
) -> dict[str, _Value]:
    """Attributes of a chunk under names that are not taken.

    Args:
        attributes: name -> value.
        taken: the names in the user's record, which may be that of a chunk: where this renamed an
            attribute before, the new one has the prefix twice.
        prefix: what is put before a name that is taken.
    """
    named: dict[str, _Value] = {}
    for name, value in attributes.items():
        new = name
        while new in taken or new in named or (new != name and new in attributes):
            new = prefix + new
        named[new] = value
    return named


def json_value(value: Any) -> Any:
    """A value of metadata as one that JSON has.

    Dates and times are as in ISO 8601, bytes that are not UTF-8 in base64, a float that is no
    number is null, and anything else is its ``str``.
    """
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): json_value(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(each) for each in value]
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return b64encode(value).decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
