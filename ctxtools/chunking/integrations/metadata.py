"""What a framework's record says about the chunk it was created from.

What the user's record has keeps its name and its value: an attribute of a chunk whose name is taken
there goes under that name after ``ctxtools_``. (A table of chunks has the columns of its schema
instead, and renames the user's: see arrow.py.)
"""

from collections.abc import Collection, Mapping
from typing import TypeVar

from ctxtools.chunking.chunk import Chunk

_PREFIX = "ctxtools_"
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
    return metadata


def free_names(attributes: Mapping[str, _Value], taken: Collection[object]) -> dict[str, _Value]:
    """Attributes of a chunk under names that are not taken.

    Args:
        attributes: name -> value.
        taken: the names in the user's record, which may be that of a chunk: where this renamed an
            attribute before, the new one has the prefix twice.
    """
    named = {}
    for name, value in attributes.items():
        while name in taken:
            name = _PREFIX + name
        named[name] = value
    return named
