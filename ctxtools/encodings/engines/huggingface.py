"""The ``tokenizers`` backend: serves any ``tokenizer.json`` through the library.

Files that tokenizer_json.py recognises do not come here.

Nothing is assumed of the tokenizer (it may change lengths, split words, add prefixes), so its
counts do not add up over splits and a text is counted at once. The spelling of a special token is
text here, as everywhere: the library is told to encode it. Added tokens that are not special belong
to the vocabulary, and are found.
"""

import json
import secrets
from collections.abc import Collection, Sequence
from copy import copy
from pathlib import Path

import tokenizers
import tokenizers.decoders

from ctxtools.encodings.added_ids import AddedIds, added_ids
from ctxtools.encodings.engines.pieces import PiecewiseBackend
from ctxtools.encodings.files.tokenizer_json import token_bytes
from ctxtools.encodings.surrogates import replace_surrogates
from ctxtools.errors import UsageError, VocabularyError


class HuggingFaceBackend(PiecewiseBackend):
    """See Backend.

    Args:
        path: a ``tokenizer.json``.

    Raises:
        VocabularyError: it cannot be read as one.
    """

    name = "tokenizers"

    def __init__(self, path: Path) -> None:
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises no narrower class
            raise VocabularyError(
                f"{path} cannot be read as a tokenizer.json: {error}",
                hint="the file may be truncated, or of another format",
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True
        self._encoder = self._tokenizer
        self._added = self._tokenizer.get_added_tokens_decoder()
        self.vocabulary_size = 1 + max(self._tokenizer.get_vocab().values(), default=-1)

    @property
    def special_tokens(self) -> dict[str, int]:
        """The special tokens that the file adds, spelling -> id."""
        return {token.content: i for i, token in self._added.items() if token.special}

    def added_ids(self) -> AddedIds:
        """What the post-processor puts around a text.

        Raises:
            UsageError: it does something else with the text.
        """
        processor = self._tokenizer.post_processor
        try:
            return added_ids(json.loads(processor.__getstate__()) if processor else None)
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
        whole, model = self._tokenizer, self._tokenizer.model
        in_model, numbered = [], {}
        for i, token in self._added.items():
            if token.special and token.content not in allowed:
                continue
            if model.token_to_id(token.content) is None:
                numbered[i] = token
            else:
                in_model.append(token)
        # The library numbers these anew, in this order, and each shall have its id.
        ids = range(whole.get_vocab_size(with_added_tokens=False), 1 + max(numbered, default=-1))
        added = [numbered.get(i) or _in_no_text(i) for i in ids] + in_model
        # It holds the same parts as the other one, not copies of them.
        encoder = tokenizers.Tokenizer(model)
        encoder.normalizer, encoder.pre_tokenizer = whole.normalizer, whole.pre_tokenizer
        encoder.post_processor, encoder.decoder = whole.post_processor, whole.decoder
        encoder.add_tokens(added)
        found = copy(self)
        found._encoder = encoder
        return found

    def count_piece(self, text: str) -> int:
        return len(self._encode(text))

    def encode_piece(self, text: str) -> list[int]:
        return list(self._encode(text).ids)

    def decode(self, ids: Sequence[int]) -> bytes:
        for i in ids:
            if not 0 <= i < self.vocabulary_size or self._tokenizer.id_to_token(i) is None:
                raise LookupError(i)
        if isinstance(self._tokenizer.decoder, tokenizers.decoders.ByteLevel):
            return b"".join(map(self._token_bytes, ids))
        return str(self._tokenizer.decode(ids, skip_special_tokens=False)).encode()

    def _token_bytes(self, i: int) -> bytes:
        """The bytes of a byte-level token, which may end inside a character."""
        return token_bytes(self._tokenizer.id_to_token(i) or "")

    def _encode(self, text: str) -> tokenizers.Encoding:
        try:
            return self._encoder.encode(text, add_special_tokens=False)
        except (TypeError, UnicodeEncodeError):
            if replace_surrogates(text) == text:
                raise
            return self._encode(replace_surrogates(text))
        except BaseException as error:
            # The library raises no narrower class than Exception, and panics with none at all.
            if isinstance(error, Exception) or type(error).__name__ == "PanicException":
                raise VocabularyError(
                    f"this tokenizer cannot encode the text: {error}",
                    hint="it may lack a token for what it does not know, or its added tokens "
                    "contradict each other",
                ) from error
            raise


def _in_no_text(i: int) -> tokenizers.AddedToken:
    return tokenizers.AddedToken(f"{i} {secrets.token_hex(32)}", normalized=False)
