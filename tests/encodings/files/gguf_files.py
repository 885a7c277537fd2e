"""A writer of GGUF files, without tensors."""

import struct
from collections.abc import Mapping
from typing import Any

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
_STRING, _ARRAY = 8, 9
_CODES = {0: "B", 4: "I", 5: "i", 6: "f", 7: "?"}


def gguf(metadata: Mapping[str, Any], *, version: int = 3) -> bytes:
    """A file with these values: bool, int, float, str, or a list of one of these."""
    pairs = b"".join(
        _text(key) + struct.pack("<I", _kind(value)) + _value(value)
        for key, value in {"general.architecture": "test", **metadata}.items()
    )
    return b"GGUF" + struct.pack("<IQQ", version, 0, 1 + len(metadata)) + pairs


def _kind(value: Any) -> int:
    kinds = {bool: 7, int: 5, float: 6, str: _STRING, list: _ARRAY}
    return kinds[type(value)]


def _value(value: Any) -> bytes:
    if isinstance(value, list):
        kind = _kind(value[0]) if value else 4
        return struct.pack("<IQ", kind, len(value)) + b"".join(map(_value, value))
    if isinstance(value, str):
        return _text(value)
    return struct.pack("<" + _CODES[_kind(value)], value)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data
