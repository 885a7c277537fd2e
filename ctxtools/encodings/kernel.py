"""The kernel backend: byte-level BPE by the compiled core, ``ctxtools._kernel``.

It serves what the tiktoken backend serves, many times faster, where it was compiled and
``CTXTOOLS_KERNEL`` is not 0. Use ``available()`` before anything else here.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ctxtools.encodings.backend import NextCut
from ctxtools.encodings.patterns import SplitPattern
from ctxtools.errors import VocabularyError

if TYPE_CHECKING:
    from ctxtools._kernel import StreamCounter, TokenIndex


@cache
def available() -> bool:
    """Whether the kernel was compiled, and is not switched off by ``CTXTOOLS_KERNEL=0``."""
    if os.environ.get("CTXTOOLS_KERNEL") == "0":
        return False
    try:
        import ctxtools._kernel  # noqa: F401
    except ImportError:
        return False
    return True


class KernelBackend:
    """See Backend; and what only the kernel does: threads, files, columns, an index, streams.

    Args:
        vocabulary: a packaged vocabulary file's content, or token bytes -> rank. A token's rank
            is its id.
        pattern: the split pattern.
        nfc: whether a text is normalised to NFC first.

    Raises:
        VocabularyError: the vocabulary is corrupt.
    """

    name = "kernel"

    def __init__(
        self, vocabulary: bytes | Mapping[bytes, int], pattern: SplitPattern, *, nfc: bool
    ) -> None:
        from ctxtools._kernel import Tokenizer

        if not isinstance(vocabulary, bytes):
            vocabulary = dict(vocabulary)
        try:
            self.tokenizer = Tokenizer(vocabulary, pattern.name, nfc=nfc)
        except ValueError as error:
            raise VocabularyError(str(error)) from None
        self.next_cut: NextCut | None = pattern.next_cut
        self.vocabulary_size = self.tokenizer.vocabulary_size

    def count(self, text: str, threads: int = 1) -> int:
        return self.tokenizer.count(text, threads)

    def encode(self, text: str) -> list[int]:
        return memoryview(self.tokenizer.encode(text)).tolist()

    def decode(self, ids: Sequence[int]) -> bytes:
        try:
            return self.tokenizer.decode(ids)
        except OverflowError:
            raise LookupError(next(i for i in ids if not 0 <= i < 2**32)) from None

    def count_till_limit(self, text: str, limit: int) -> int | None:
        """The number of tokens, or None as soon as it is known to be above the limit."""
        return self.tokenizer.count_till_limit(text, limit)

    def count_batch(self, texts: Iterable[str], threads: int = 1) -> list[int]:
        """The number of tokens of each text."""
        return memoryview(self.tokenizer.count_batch(list(texts), threads)).tolist()

    def count_files(
        self, paths: Iterable[Path], threads: int = 1
    ) -> list[int | OSError | UnicodeDecodeError]:
        """The number of tokens of each file of UTF-8, or why there is none."""
        return self.tokenizer.count_files(list(paths), threads)

    def index(self, text: str) -> "TokenIndex | None":
        """The text's token index; None where it has to be normalised first."""
        try:
            return self.tokenizer.index(text)
        except ValueError:
            return None

    def counter(self) -> "StreamCounter":
        """A counter for text that comes in parts."""
        return self.tokenizer.counter()
