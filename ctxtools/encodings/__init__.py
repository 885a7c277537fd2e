"""Text to tokens: the encodings and everything that can be asked of one."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.encodings.added_ids import AddedIds
    from ctxtools.encodings.editable import EditableIndex, Session
    from ctxtools.encodings.encoding import Encoding
    from ctxtools.encodings.engines.backend import ArrowColumn, Counter, Side
    from ctxtools.encodings.files.patterns import SPLIT_PATTERNS
    from ctxtools.encodings.load import (
        as_encoding,
        describe_encodings,
        find_encoding,
        get_encoding,
        list_encodings,
        load_encoding,
    )
    from ctxtools.encodings.special import AllowedSpecial

__all__ = [
    "SPLIT_PATTERNS",
    "AddedIds",
    "AllowedSpecial",
    "ArrowColumn",
    "Counter",
    "EditableIndex",
    "Encoding",
    "Session",
    "Side",
    "as_encoding",
    "describe_encodings",
    "find_encoding",
    "get_encoding",
    "list_encodings",
    "load_encoding",
]

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names

    _HOMES = {
        "added_ids": ("AddedIds",),
        "editable": ("EditableIndex", "Session"),
        "encoding": ("Encoding",),
        "engines.backend": ("ArrowColumn", "Counter", "Side"),
        "files.patterns": ("SPLIT_PATTERNS",),
        "load": (
            *("as_encoding", "describe_encodings", "find_encoding", "get_encoding"),
            *("list_encodings", "load_encoding"),
        ),
        "special": ("AllowedSpecial",),
    }
    __getattr__, __dir__ = lazy_names(globals(), _HOMES)
