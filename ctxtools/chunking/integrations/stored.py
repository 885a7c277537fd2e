"""A chunker as JSON, and back."""

import json
import os
from collections.abc import Mapping
from typing import Any

from ctxtools.chunking.chunker import Chunker
from ctxtools.encodings import Encoding, get_encoding, load_encoding
from ctxtools.errors import CtxtoolsError, UnknownEncodingError, UsageError


def options_as_json(chunker: Chunker) -> dict[str, Any]:
    """The arguments of a chunker, the encoding by its name; without those that JSON does not have,
    such as functions."""
    return {name: value for name, value in _as_json(chunker.options) if value is not None}


def restored(options: Mapping[str, Any], configuration: str) -> Chunker:
    """A chunker of these arguments.

    Args:
        options: from `options_as_json`.
        configuration: of the chunker that they are from.

    Raises:
        UsageError: its encoding is neither a packaged one nor in a file, or they are not all.
    """
    name = str(options.get("encoding"))
    reason = f"{name!r} is no name of an encoding, and no file"
    try:
        chunker = Chunker(**{**options, "encoding": _encoding(name)})
        if chunker.configuration == configuration:
            return chunker
        reason = "an argument of it cannot be stored"
    except CtxtoolsError as error:
        reason = error.message
    except TypeError:  # of another version
        reason = "it has unknown arguments"
    raise UsageError(
        f"the chunker cannot be restored: {reason}", hint="give it as well: chunker=Chunker(…)"
    )


def _encoding(name: str) -> Encoding:
    try:
        return get_encoding(name)
    except UnknownEncodingError:
        if not os.path.exists(name):
            raise
    return load_encoding(name)


def _as_json(options: Mapping[str, Any]) -> Any:
    for name, value in options.items():
        if name == "encoding":
            value = value.name if isinstance(value, Encoding) else None
        try:
            yield name, json.loads(json.dumps(value))
        except TypeError:
            yield name, None
