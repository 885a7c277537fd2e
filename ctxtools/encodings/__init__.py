"""Text to tokens: the encodings and everything that can be asked of one."""

from ctxtools.encodings.encoding import Encoding
from ctxtools.encodings.load import (
    describe_encodings,
    find_encoding,
    get_encoding,
    list_encodings,
    load_encoding,
)
from ctxtools.encodings.patterns import SPLIT_PATTERNS
from ctxtools.encodings.stream import StreamCounter

__all__ = [
    "SPLIT_PATTERNS",
    "Encoding",
    "StreamCounter",
    "describe_encodings",
    "find_encoding",
    "get_encoding",
    "list_encodings",
    "load_encoding",
]
