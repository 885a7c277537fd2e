"""The ``tokenizers`` backend: serves any ``tokenizer.json`` through the library.

Files that tokenizer_json.py recognises do not come here.

Nothing is assumed of the tokenizer (it may change lengths, split words, add prefixes), so its
counts do not add up over splits and a text is counted at once. The spelling of a special token is
text here, as everywhere: the library is told to encode it. Added tokens that are not special belong
to the vocabulary, and are found.
"""

import json
from collections.abc import Collection, Sequence
from copy import copy

from ctxtools._core.byte_characters import token_bytes
from ctxtools.encodings.added_ids import AddedIds, added_ids
from ctxtools.encodings.engines.isolated import IsolatedBackend
from ctxtools.encodings.files.tokenizer_json import find_fault
from ctxtools.errors import UsageError, VocabularyError


class HuggingFaceBackend(IsolatedBackend):
    """See Backend.

    Args:
        data: the content of a ``tokenizer.json``.
        name: of the file, for errors.

    Raises:
        VocabularyError: it cannot be read as one.
    """

    name = "tokenizers"

    def __init__(self, data: bytes, name: str) -> None:
        try:
            super().__init__("tokenizers", data, name)
        except VocabularyError as error:
            if fault := find_fault(data):
                raise VocabularyError(f"{name}: {fault}", hint=error.hint) from None
            raise

    def added_ids(self) -> AddedIds:
        """What the post-processor puts around a text.

        Raises:
            UsageError: it does something else with the text.
        """
        try:
            return added_ids(json.loads(self._facts["post_processor"]))
        except ValueError:
            raise UsageError(
                "the post-processor of this tokenizer.json does not put tokens around a text: "
                "it repeats the text, or adds tokens in several steps",
                hint="leave out the tokens that it adds: add_special_tokens=False",
            ) from None

    def finding(self, allowed: Collection[str]) -> "HuggingFaceBackend":
        """The same engine, but for some special tokens, whose spelling in a text is that token.

        The others are text, as if they were not added at all.
        """
        found = copy(self)
        found._allowed = sorted(allowed)
        found._number = self._isolated.number_of(frozenset(allowed))
        return found

    def decode(self, ids: Sequence[int]) -> bytes:
        decoded = super().decode(ids)
        if not self._facts["byte_level"]:
            return decoded
        return b"".join(map(token_bytes, json.loads(decoded)))
