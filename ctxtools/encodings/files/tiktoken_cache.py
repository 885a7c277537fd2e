"""tiktoken's encodings that are not packaged, from the files that tiktoken keeps of them."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from ctxtools.encodings.files.patterns import SPLIT_PATTERNS
from ctxtools.encodings.files.vocabulary import parse_tiktoken, read_verified


class CachedSpec(NamedTuple):
    """An encoding that tiktoken downloads.

    Attributes:
        file: its name in tiktoken's cache: the SHA-1 of the address that tiktoken has it from.
        sha256: of the file.
        special_tokens: spelling -> id.
        pattern: the name of its split pattern.
    """

    file: str
    sha256: str
    special_tokens: Mapping[str, int]
    pattern: str = "r50k"

    @property
    def path(self) -> Path:
        """Where the file is, if tiktoken has downloaded it."""
        return _folder() / self.file

    def ranks(self) -> dict[bytes, int]:
        """Token bytes -> rank, which is the id.

        Raises:
            VocabularyError: the file cannot be read, or is corrupt.
        """
        return parse_tiktoken(read_verified(self.path, self.sha256))


_R50K_SHA256, _P50K_SHA256 = SPLIT_PATTERNS["r50k"].ranks
_END = {"<|endoftext|>": 50256}
_FIM = {"<|fim_prefix|>": 50281, "<|fim_middle|>": 50282, "<|fim_suffix|>": 50283}
_R50K = CachedSpec("0ea1e91bbb3a60f729a8dc8f777fd2fc07cd8df4", _R50K_SHA256, _END)
_P50K = CachedSpec("ec7223a39ce59f226a68acc30dc1af2788490e15", _P50K_SHA256, _END)

# Source: tiktoken 0.14.0.
CACHED: Final = MappingProxyType(
    {
        "gpt2": _R50K,
        "r50k_base": _R50K,
        "p50k_base": _P50K,
        "p50k_edit": _P50K._replace(special_tokens=_END | _FIM),
    }
)

# The names of the files of packaged encodings, should tiktoken need them.
_PACKAGED: Final = MappingProxyType(
    {
        "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
        "o200k_harmony": "fb374d419588a4632f3f557e76b4b70aebbca790",
        "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
    }
)


def cache_path(name: str) -> Path | None:
    """Where tiktoken keeps the file of one of its encodings; None if it has none of that name."""
    if name in CACHED:
        return CACHED[name].path
    return _folder() / _PACKAGED[name] if name in _PACKAGED else None


def cached_file(address: str) -> Path:
    """Where tiktoken keeps what it downloads from an address."""
    import hashlib

    return _folder() / hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()


def _folder() -> Path:
    """The folder in which tiktoken keeps what it downloads."""
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if variable in os.environ:
            return Path(os.environ[variable])
    import tempfile

    return Path(tempfile.gettempdir(), "data-gym-cache")
