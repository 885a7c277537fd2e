"""Text to tokens: the encodings and everything that can be asked of one."""

from ctxtools.encodings.encoding import AllowedSpecial, Encoding
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

__all__ = [
    "SPLIT_PATTERNS",
    "AllowedSpecial",
    "ArrowColumn",
    "Counter",
    "Encoding",
    "Side",
    "as_encoding",
    "describe_encodings",
    "find_encoding",
    "get_encoding",
    "list_encodings",
    "load_encoding",
]
