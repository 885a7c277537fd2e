"""What is used most of the ``Tokenizer`` of Hugging Face's tokenizers, over an encoding.

It serves byte-level BPE, as far as that is exact: ids, tokens, offsets, masks, decoding, and the
truncation and padding of single texts. Pairs, texts that are split already, overflowing tokens and
training are left to the library, and are a NotImplementedError; so is a file of another kind.
"""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ctxtools._core.byte_characters import BYTE_OF
from ctxtools.encodings import Encoding as CtxtoolsEncoding
from ctxtools.encodings.files.hub import find_on_hub
from ctxtools.encodings.from_files import load_tokenizer_json
from ctxtools.errors import CtxtoolsError, UnknownTokenError

_CHARACTER_OF = {byte: character for character, byte in BYTE_OF.items()}


class NotCoveredError(CtxtoolsError, NotImplementedError):
    """Something that only the library does."""


def _not_covered(what: str) -> NotCoveredError:
    return NotCoveredError(
        f"{what} cannot be done here exactly", hint="use tokenizers.Tokenizer for it"
    )


@dataclass(frozen=True)
class Encoding:
    """The tokens of a text.

    Attributes:
        ids: the token ids.
        tokens: how the vocabulary spells them.
        special_tokens_mask: 1 where the tokenizer or padding has added a token, else 0.
        attention_mask: 0 where padding has, else 1.
        type_ids: 0, and the padding's.
    """

    ids: list[int]
    tokens: list[str]
    special_tokens_mask: list[int]
    attention_mask: list[int]
    type_ids: list[int]
    _find_offsets: Callable[[], list[tuple[int, int]]] = field(repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def offsets(self) -> list[tuple[int, int]]:
        """The start and end of each token in the text, in characters; (0, 0) for those added.

        Raises:
            UsageError: the text is changed (NFC) before it is split.
        """
        return self._find_offsets()


@dataclass(frozen=True, slots=True)
class _Padding:
    direction: Literal["left", "right"]
    pad_id: int
    pad_type_id: int
    pad_token: str
    length: int | None
    pad_to_multiple_of: int | None


class Tokenizer:
    """A tokenizer with the interface of ``tokenizers.Tokenizer``, as far as the module says.

    It is made by ``from_file``, ``from_str`` and ``from_pretrained``.

    Args:
        encoding: what tokenizes; byte-level BPE.

    Raises:
        NotImplementedError: it is of another kind.
    """

    def __init__(self, encoding: CtxtoolsEncoding) -> None:
        try:
            encoding.backend.encode_bytes(b"")
        except ValueError:
            raise _not_covered(
                f"tokenizing by {encoding.name}, which is not byte-level BPE,"
            ) from None
        self._encoding = encoding
        self._added = dict(encoding.special_tokens)
        self._special = {*self._added.values()}
        self._max_length: int | None = None
        self._is_cut_left = False
        self._padding: _Padding | None = None

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "Tokenizer":
        """The tokenizer in a ``tokenizer.json``; errors are those of ``load_encoding``."""
        return cls._of(Path(path).read_bytes(), str(path))

    @classmethod
    def from_str(cls, json: str) -> "Tokenizer":
        """The tokenizer that the content of a ``tokenizer.json`` describes."""
        return cls._of(json.encode(), "tokenizer.json")

    @classmethod
    def from_pretrained(cls, identifier: str, revision: str = "main") -> "Tokenizer":
        """The tokenizer of a model of the hub, or in its cache: ``organisation/model``."""
        at = "" if revision == "main" else f"@{revision}"
        return cls.from_file(find_on_hub(identifier + at))

    @classmethod
    def _of(cls, data: bytes, name: str) -> "Tokenizer":
        self = cls(load_tokenizer_json(data, name))
        file: dict[str, Any] = json.loads(data)
        if file.get("truncation") or file.get("padding"):
            raise _not_covered("what the file says of truncation and padding")
        if _trims(file.get("post_processor")):
            raise _not_covered("the trimming of offsets (trim_offsets)")
        self._add(file.get("added_tokens") or [])
        return self

    def _add(self, tokens: list[dict[str, Any]]) -> None:
        self._added = {token["content"]: token["id"] for token in tokens}
        self._spellings.update({i: content for content, i in self._added.items()})
        self._special = {token["id"] for token in tokens if token["special"]}

    def encode(
        self,
        sequence: str,
        pair: str | None = None,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> Encoding:
        """The tokens of a text, in which the spelling of a special token is that token.

        Args:
            sequence: the text.
            pair, is_pretokenized: left to the library.
            add_special_tokens: include what the tokenizer puts around a text.

        Raises:
            NotImplementedError: there is a second text, or a text that is split already.
        """
        if pair is not None:
            raise _not_covered("a pair of texts")
        if is_pretokenized:
            raise _not_covered("a text that is split already")
        ids = self._encoding.encode(sequence, allowed_special="all")
        return self._padded([self._encoded(sequence, ids, add_special_tokens)])[0]

    def encode_batch(
        self,
        input: Iterable[str],
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> list[Encoding]:
        """The tokens of each text; see ``encode``. Padding is to the longest of them."""
        texts = [*input]
        if is_pretokenized or not all(isinstance(text, str) for text in texts):
            raise _not_covered("a batch of pairs, or of texts that are split already,")
        lists = self._encoding.encode_batch(texts, allowed_special="all")
        both = zip(texts, lists, strict=True)
        return self._padded([self._encoded(text, ids, add_special_tokens) for text, ids in both])

    encode_batch_fast = encode_batch

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = True) -> str:
        """The text of token ids; those that there are not have none."""
        known = [i for i in ids if self.id_to_token(i) is not None]
        if skip_special_tokens:
            known = [i for i in known if i not in self._special]
        return self._encoding.decode(known)

    def decode_batch(
        self, sequences: Iterable[Sequence[int]], skip_special_tokens: bool = True
    ) -> list[str]:
        """The text of each list of token ids; see ``decode``."""
        return [self.decode(ids, skip_special_tokens) for ids in sequences]

    def token_to_id(self, token: str) -> int | None:
        """The id of a token, as the vocabulary spells it; None if there is none."""
        if (added := self._added.get(token)) is not None:
            return added
        try:
            data = bytes(BYTE_OF[character] for character in token)
            found = self._encoding.token_id(data)
        except (KeyError, UnknownTokenError):
            return None
        return found if self.id_to_token(found) == token else None

    def id_to_token(self, id: int) -> str | None:
        """How the vocabulary spells a token; None if there is none of this id."""
        return self._spelling(id)

    def get_vocab(self, with_added_tokens: bool = True) -> dict[str, int]:
        """How the vocabulary spells each token -> its id."""
        if not with_added_tokens:
            raise _not_covered("a vocabulary without added tokens")
        ids = range(self._encoding.vocabulary_size)
        return {token: i for i in ids if (token := self._spelling(i)) is not None}

    def get_vocab_size(self, with_added_tokens: bool = True) -> int:
        """The number of tokens."""
        return len(self.get_vocab(with_added_tokens))

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """How many tokens are put around a text."""
        if is_pair:
            raise _not_covered("a pair of texts")
        return self._encoding.tokens_added

    def enable_truncation(
        self,
        max_length: int,
        stride: int = 0,
        strategy: str = "longest_first",
        direction: str = "right",
    ) -> None:
        """Cut off what is above a number of tokens, with those added; overflow is not kept."""
        if stride or strategy not in ("longest_first", "only_first"):
            raise _not_covered("overlapping windows")
        if max_length <= self._encoding.tokens_added:
            raise _not_covered("a length for no token of the text")
        self._max_length, self._is_cut_left = max_length, direction == "left"

    def no_truncation(self) -> None:
        """Cut off nothing."""
        self._max_length = None

    def enable_padding(
        self,
        *,
        direction: Literal["left", "right"] = "right",
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
        length: int | None = None,
        pad_to_multiple_of: int | None = None,
    ) -> None:
        """Fill up to a length, or to the longest text of a batch."""
        self._padding = _Padding(
            direction, pad_id, pad_type_id, pad_token, length, pad_to_multiple_of
        )

    def no_padding(self) -> None:
        """Fill up nothing."""
        self._padding = None

    def _encoded(self, text: str, ids: list[int], add: bool) -> Encoding:
        before, after = self._encoding.added_ids if add else ((), ())
        total, first = len(ids), 0
        if self._max_length is not None:
            kept = min(total, self._max_length - len(before) - len(after))
            first = total - kept if self._is_cut_left else 0
            ids = ids[first : first + kept]
        last = first + len(ids)

        def offsets() -> list[tuple[int, int]]:
            _, starts, ends = self._encoding.encode_with_offsets(text, allowed_special="all")
            found = zip(starts[first:last], ends[first:last], strict=True)
            return [*[(0, 0)] * len(before), *found, *[(0, 0)] * len(after)]

        mask = [*[1] * len(before), *[0] * len(ids), *[1] * len(after)]
        ids = [*before, *ids, *after]
        tokens = [self._spelling(i) or "" for i in ids]
        return Encoding(ids, tokens, mask, [1] * len(ids), [0] * len(ids), offsets)

    def _padded(self, found: list[Encoding]) -> list[Encoding]:
        padding = self._padding
        if padding is None:
            return found
        length = padding.length or max(map(len, found), default=0)
        if multiple := padding.pad_to_multiple_of:
            length = -(-length // multiple) * multiple
        return [_filled(each, length - len(each), padding) for each in found]

    def _spelling(self, token_id: int) -> str | None:
        return self._spellings[token_id]

    @cached_property
    def _spellings(self) -> "_Spellings":
        return _Spellings(self._encoding)


class _Spellings(dict[int, str | None]):
    """Id -> how the vocabulary spells the token, or None."""

    def __init__(self, encoding: CtxtoolsEncoding) -> None:
        self._encoding = encoding
        self.update({i: token for token, i in encoding.special_tokens.items()})

    def __missing__(self, token_id: int) -> str | None:
        try:
            data = self._encoding.token_bytes(token_id)
        except UnknownTokenError:
            spelled = None
        else:
            spelled = "".join(map(_CHARACTER_OF.__getitem__, data))
        self[token_id] = spelled
        return spelled


def _filled(encoding: Encoding, missing: int, padding: _Padding) -> Encoding:
    if missing <= 0:
        return encoding

    def filled(values: list[Any], pad: Any) -> list[Any]:
        pads = [pad] * missing
        return values + pads if padding.direction == "right" else pads + values

    return replace(
        encoding,
        ids=filled(encoding.ids, padding.pad_id),
        tokens=filled(encoding.tokens, padding.pad_token),
        special_tokens_mask=filled(encoding.special_tokens_mask, 1),
        attention_mask=filled(encoding.attention_mask, 0),
        type_ids=filled(encoding.type_ids, padding.pad_type_id),
        _find_offsets=lambda: filled(encoding.offsets, (0, 0)),
    )


def _trims(post_processor: Any) -> bool:
    """Whether a post-processor takes white space out of offsets."""
    if not post_processor:
        return False
    if post_processor.get("type") == "Sequence":
        return any(map(_trims, post_processor["processors"]))
    return bool(post_processor.get("trim_offsets", False))
