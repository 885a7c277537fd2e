"""Vocabularies on disk: token bytes <-> rank.

Two formats are read. A *packaged* vocabulary (``data/*.vocab``) is laid out so that an engine can
use the file directly: a header, the tokens' lengths, the tokens' bytes, both in the order of their
ids, which is the order of their ranks::

    8 bytes   b"ctxvocab"
    u32 LE    format version, 1
    u32 LE    id of the first token; the others follow without a gap
    u32 LE    number of tokens, n
    n bytes   length of each token, 1 to 255
    ...       the tokens' bytes, one after the other

A *tiktoken* file has a line for each token: its bytes in base64, a space, its rank.

Split patterns and special tokens are in patterns.py and specs.py.
"""

import struct
import zlib
from collections.abc import Mapping
from itertools import accumulate, pairwise
from pathlib import Path

from ctxtools.errors import VocabularyError
from ctxtools.regular_file import read_regular

_HEADER = struct.Struct("<8sIII")
_MAGIC = b"ctxvocab"
_VERSION = 1
_MAX_SIZE = 1 << 24  # bytes of a packaged vocabulary, or of one that tiktoken keeps
MAX_RANK = (1 << 32) - 2
"""The highest id that an engine takes; tiktoken means no rank by the next."""
MAX_TOKEN_BYTES = 1 << 16
"""The length of a token that an engine takes."""


def pack(ranks: Mapping[bytes, int]) -> bytes:
    """A packaged vocabulary file's content.

    Args:
        ranks: token bytes -> rank; the ranks are consecutive, the tokens 1 to 255 bytes long.
    """
    tokens = sorted(ranks, key=ranks.__getitem__)
    first = ranks[tokens[0]]
    if [ranks[token] for token in tokens] != list(range(first, first + len(tokens))):
        raise VocabularyError("the ranks are not consecutive, so the format cannot hold them")
    header = _HEADER.pack(_MAGIC, _VERSION, first, len(tokens))
    return header + bytes(map(len, tokens)) + b"".join(tokens)


def unpack(data: bytes) -> dict[bytes, int]:
    """The ranks (token bytes -> rank) in a packaged vocabulary file's content."""
    if len(data) < _HEADER.size:
        raise VocabularyError("the vocabulary is truncated")
    magic, version, first, n = _HEADER.unpack_from(data)
    if (magic, version) != (_MAGIC, _VERSION):
        raise VocabularyError("this is not a packaged vocabulary of version 1")
    start = _HEADER.size + n
    ends = list(accumulate(data[_HEADER.size : start], initial=start))
    if ends[-1] != len(data) or len(ends) != n + 1:
        raise VocabularyError("the vocabulary is truncated")
    ranks = {data[a:b]: first + i for i, (a, b) in enumerate(pairwise(ends))}
    check_ranks(ranks, n)
    return ranks


def parse_tiktoken(data: bytes) -> dict[bytes, int]:
    """The ranks (token bytes -> rank) in the content of a ``.tiktoken`` file."""
    import base64
    import binascii

    ranks: dict[bytes, int] = {}
    lines = 0
    digits = len(str(MAX_RANK))
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        lines += 1
        try:
            token, rank = line.split()
            if not rank.isdigit() or len(rank) > digits:
                raise ValueError(rank)
            ranks[base64.b64decode(token, validate=True)] = int(rank)
        except (ValueError, binascii.Error):
            # The line is not shown: whoever named the file may not be who sees the error.
            raise VocabularyError(
                f"line {number} is not a base64 token and its rank",
                hint="a .tiktoken file has lines such as 'aGVsbG8= 15339'",
            ) from None
    check_ranks(ranks, lines)
    return ranks


def check_ranks(ranks: Mapping[bytes, int], n: int) -> None:
    """Raise VocabularyError unless these n tokens can encode every text in one way."""
    if len(ranks) != n or len(set(ranks.values())) != n:
        raise VocabularyError("the vocabulary has a token or a rank twice")
    if (rank := max(ranks.values(), default=0)) > MAX_RANK:
        raise VocabularyError(f"a rank must be at most {MAX_RANK}, got {rank}")
    longest, shortest = max(map(len, ranks), default=1), min(map(len, ranks), default=1)
    if longest > MAX_TOKEN_BYTES or not shortest:
        raise VocabularyError(
            f"a token must have 1 to {MAX_TOKEN_BYTES} bytes, got {shortest and longest}"
        )
    missing = [byte for byte in range(256) if bytes([byte]) not in ranks]
    if missing:
        raise VocabularyError(
            f"{len(missing)} of the 256 single bytes have no token, the first is {missing[0]:#04x}",
            hint="the file may be truncated, or not be a byte-level vocabulary",
        )


def read_packaged(path: Path, crc32: int) -> bytes:
    """The content of a file of the package, in which damage is found by its CRC-32.

    Whoever could forge that could forge this code; SHA-256 takes a tenth of a start-up.

    Raises:
        VocabularyError: it cannot be read, or has another CRC-32.
    """
    hint = "reinstall ctxtools, which brings this file"
    try:
        data = read_regular(path, _MAX_SIZE, raises=VocabularyError)
    except VocabularyError as error:
        error.hint = hint
        raise
    if (found := zlib.crc32(data)) != crc32:
        raise VocabularyError(
            f"{path} is corrupt: its CRC-32 is {found:08x}, not {crc32:08x}", hint=hint
        )
    return data


def read_verified(path: Path, sha256: str) -> bytes:
    """The content of a file of a cache, verified by its SHA-256.

    Raises:
        VocabularyError: it cannot be read, or has another SHA-256.
    """
    import hashlib

    data = read_regular(path, _MAX_SIZE, raises=VocabularyError)
    if (found := hashlib.sha256(data).hexdigest()) != sha256:
        raise VocabularyError(
            f"{path} is corrupt: its SHA-256 is {found[:16]}…, not {sha256[:16]}…",
            hint="delete it, and let the program that made it download it again",
        )
    return data
