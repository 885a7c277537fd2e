"""The byte that each character of a byte-level vocabulary stands for.

Printable bytes stand for themselves, the others for the characters from U+0100 on (GPT-2's
``bytes_to_unicode``). The kernel has the same in ``kernel/src/load/byte_level.rs``.
"""

from typing import Final

_PRINTABLE = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
_OTHERS = [byte for byte in range(256) if byte not in _PRINTABLE]
BYTE_OF: Final = {chr(b): b for b in _PRINTABLE} | {chr(256 + i): b for i, b in enumerate(_OTHERS)}


def token_bytes(token: str) -> bytes:
    """The bytes of a token of a byte-level vocabulary, spelled in its characters or not."""
    try:
        return bytes(map(BYTE_OF.__getitem__, token))
    except KeyError:
        return token.encode()
