"""``tiktoken.load``: vocabularies as files of ranks.

An address on the web is looked up in tiktoken's cache, and not downloaded.
"""

import base64
import hashlib
from pathlib import Path

from ctxtools.atomic import atomic_write
from ctxtools.encodings.files.tiktoken_cache import cached_file
from ctxtools.errors import FormatError, NetworkError


def read_file(blobpath: str) -> bytes:
    """The content of a file, or of what tiktoken has downloaded from an address.

    Raises:
        OSError: it cannot be read, or tiktoken has not downloaded it here.
    """
    if "://" not in blobpath:
        return Path(blobpath).read_bytes()
    path = cached_file(blobpath)
    if not path.exists():
        raise NetworkError(
            f"{blobpath} is not in tiktoken's cache, and nothing is downloaded",
            hint=f"download it to {path}, or let tiktoken do that",
        )
    return path.read_bytes()


def check_hash(data: bytes, expected_hash: str) -> bool:
    """Whether a content has a SHA-256, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest() == expected_hash


def read_file_cached(blobpath: str, expected_hash: str | None = None) -> bytes:
    """The content of a file; see ``read_file``.

    Raises:
        ValueError: it has another SHA-256.
    """
    data = read_file(blobpath)
    if expected_hash and not check_hash(data, expected_hash):
        raise FormatError(
            f"{blobpath} has not the SHA-256 {expected_hash:.16}…",
            hint="it may have been truncated, or be another version; download it again",
        )
    return data


def load_tiktoken_bpe(tiktoken_bpe_file: str, expected_hash: str | None = None) -> dict[bytes, int]:
    """The ranks in a file: the bytes of each token -> its rank.

    Raises:
        ValueError: a line is not a token in base64 and its rank; or as ``read_file_cached``.
    """
    ranks = {}
    for number, line in enumerate(
        read_file_cached(tiktoken_bpe_file, expected_hash).splitlines(), 1
    ):
        try:
            if line:
                token, rank = line.split()
                ranks[base64.b64decode(token)] = int(rank)
        except ValueError:
            raise FormatError(
                f"{tiktoken_bpe_file}: line {number} is not a token in base64 and its rank"
            ) from None
    return ranks


def dump_tiktoken_bpe(bpe_ranks: dict[bytes, int], tiktoken_bpe_file: str) -> None:
    """Write ranks to a file, in their order."""
    with atomic_write(Path(tiktoken_bpe_file), "wb") as file:
        for token, rank in sorted(bpe_ranks.items(), key=lambda item: item[1]):
            file.write(base64.b64encode(token) + b" %d\n" % rank)
