"""The engines: each makes tokens of text with one vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxtools import _core
from ctxtools.encodings.files.patterns import SplitPattern

if TYPE_CHECKING:
    from ctxtools._core import Vocabulary
    from ctxtools.encodings.engines.backend import Backend

BYTE_LEVEL_ENGINE = "kernel" if _core.kernel else "tiktoken"
"""What serves byte-level BPE here."""


def byte_level_engine(
    vocabulary: bytes | dict[bytes, int] | Vocabulary,
    pattern: SplitPattern | str,
    *,
    nfc: bool = False,
) -> Backend:
    """The fastest engine here for byte-level BPE.

    Args:
        vocabulary: a packaged vocabulary file's content, token bytes -> rank, or what the kernel
            read of a file.
        pattern: the split pattern; or the pre-tokenizer of a ``tokenizer.json``, which only the
            kernel takes.
        nfc: whether a text is normalised to NFC first.
    """
    if _core.kernel:
        from ctxtools.encodings.engines.kernel import KernelBackend

        return KernelBackend(vocabulary, pattern, nfc=nfc)
    from ctxtools.encodings.engines.tiktoken import TiktokenBackend
    from ctxtools.encodings.files.vocabulary import unpack

    ranks = unpack(vocabulary) if isinstance(vocabulary, bytes) else vocabulary
    # The kernel alone makes others.
    assert isinstance(ranks, dict) and isinstance(pattern, SplitPattern)
    return TiktokenBackend(ranks, pattern, nfc=nfc)
