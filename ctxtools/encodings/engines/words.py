"""The kernel backend for tokenizers that are not byte-level BPE: counted by words.

What text ids are is left to the library, which has a decoder for each kind of file.
"""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from ctxtools.encodings.added_ids import AddedIds
from ctxtools.encodings.engines.added import AddedTokensBackend
from ctxtools.encodings.engines.backend import Backend
from ctxtools.encodings.engines.kernel import KernelBackend

if TYPE_CHECKING:
    from ctxtools.encodings.engines.huggingface import HuggingFaceBackend
    from ctxtools.encodings.files.word_models import WordModel


class WordsBackend(KernelBackend):
    """See Backend. Import this only where there is a kernel.

    Args:
        known: what the file says.
        library: opens the file in the library.
    """

    def __init__(self, known: "WordModel", library: "Callable[[], HuggingFaceBackend]") -> None:
        self._use(known.tokenizer, None)
        self.vocabulary_size = known.vocabulary_size
        self._known, self._open = known, library

    @cached_property
    def library(self) -> "HuggingFaceBackend":
        """The same file in the library, which decodes."""
        return self._open()

    def added_ids(self) -> AddedIds:
        """See `HuggingFaceBackend.added_ids`."""
        known = self._known.added_ids
        return self.library.added_ids() if known is None else known

    def decode(self, ids: Sequence[int]) -> bytes:
        return self.library.decode(ids)

    def finding(self, allowed: Collection[str]) -> Backend:
        """The same engine, but for tokens that the file adds, whose spelling in a text is found:
        those that are not special, and some special ones."""
        known = self._known
        if allowed and not known.finds:
            return self.library.finding(allowed)
        special = (token for name, token in known.special_tokens.items() if name in allowed)
        tokens = [*known.added, *special]
        return _Finding(self, tokens) if tokens else self


class _Finding(AddedTokensBackend):
    def decode(self, ids: Sequence[int]) -> bytes:
        # Not token by token: what is between two may depend on both.
        return self._engine.decode(ids)
