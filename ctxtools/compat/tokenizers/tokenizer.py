"""``Tokenizer``; see the package."""

import json
import os
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from itertools import chain, islice
from math import inf
from pathlib import Path
from typing import Any

from ctxtools.checks import check_choice, check_integer, check_list, check_type
from ctxtools.compat.tokenizers.encoding import Direction, Encoding, Offsets, Padding, join
from ctxtools.compat.tokenizers.not_covered import NotCoveredError
from ctxtools.compat.tokenizers.template import Piece, Template, read_template
from ctxtools.compat.tokenizers.truncation import Strategy, Truncation, trimmed, truncated
from ctxtools.compat.tokenizers.vocabulary import (
    ByteLevelVocabulary,
    Vocabulary,
    listed_vocabulary,
)
from ctxtools.encodings import Encoding as CtxtoolsEncoding
from ctxtools.encodings.files.hub import find_on_hub
from ctxtools.encodings.from_files import load_tokenizer_json
from ctxtools.errors import UsageError

Text = str | Sequence[str]  # or its words
Input = Text | tuple[Text, Text]


class Tokenizer:
    """A tokenizer with the interface of ``tokenizers.Tokenizer``, as far as the package says.

    It is made by ``from_file``, ``from_str`` and ``from_pretrained``.

    Args:
        encoding: what tokenizes; byte-level BPE.

    Raises:
        NotCoveredError: it is of another kind, so that only a file knows how tokens are spelled.
    """

    def __init__(self, encoding: CtxtoolsEncoding) -> None:
        if not _is_byte_level(encoding):
            raise NotCoveredError(f"what {encoding.name} calls its tokens, without its file,")
        if encoding.tokens_added:
            raise NotCoveredError(f"what {encoding.name} puts around a pair, without its file,")
        self._set(encoding, ByteLevelVocabulary(encoding), dict(encoding.special_tokens))

    def _set(
        self, encoding: CtxtoolsEncoding, vocabulary: Vocabulary, added: dict[str, int]
    ) -> None:
        self._encoding, self._vocabulary = encoding, vocabulary
        self._added = added
        self._special = {*added.values()}
        self._unknown: int | None = None  # the id whose token is called as the text that it is of
        self._template = Template()
        self._truncation: Truncation | None = None
        self._padding: Padding | None = None
        self._spellings = {i: token for token, i in added.items()}

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "Tokenizer":
        """The tokenizer in a ``tokenizer.json``; errors are those of ``load_encoding``."""
        return cls._of(Path(path).read_bytes(), str(path))

    @classmethod
    def from_str(cls, json: str) -> "Tokenizer":
        """The tokenizer that the content of a ``tokenizer.json`` describes."""
        return cls._of(json.encode(), "tokenizer.json")

    @classmethod
    def from_buffer(cls, buffer: bytes) -> "Tokenizer":
        """The tokenizer that the content of a ``tokenizer.json`` describes."""
        return cls._of(bytes(buffer), "tokenizer.json")

    @classmethod
    def from_pretrained(cls, identifier: str, revision: str = "main") -> "Tokenizer":
        """The tokenizer of a model of the hub, or in its cache: ``organisation/model``."""
        at = "" if revision == "main" else f"@{revision}"
        return cls.from_file(find_on_hub(identifier + at))

    @classmethod
    def _of(cls, data: bytes, name: str) -> "Tokenizer":
        encoding = load_tokenizer_json(data, name)
        file: dict[str, Any] = json.loads(data)
        tokens = file.get("added_tokens") or []
        added = {token["content"]: token["id"] for token in tokens}
        self = cls.__new__(cls)
        is_byte_level = _is_byte_level(encoding)
        vocabulary = ByteLevelVocabulary(encoding) if is_byte_level else None
        self._set(encoding, vocabulary or listed_vocabulary(file["model"]), added)
        self._special = {token["id"] for token in tokens if token["special"]}
        if file["model"].get("type") == "Unigram":
            self._unknown = file["model"]["unk_id"]
        try:
            self._template = read_template(file.get("post_processor"))
        except ValueError as error:
            raise NotCoveredError(str(error)) from None
        if found := file.get("truncation"):
            self.enable_truncation(
                found["max_length"],
                stride=found["stride"],
                strategy=_snake_case(found["strategy"]),
                direction=found.get("direction", "Right").lower(),
            )
        if found := file.get("padding"):
            length = found["strategy"]
            self.enable_padding(
                direction=found["direction"].lower(),
                length=length["Fixed"] if isinstance(length, dict) else None,
                **{key: found[key] for key in ("pad_id", "pad_type_id", "pad_token")},
                pad_to_multiple_of=found["pad_to_multiple_of"],
            )
        return self

    def encode(
        self,
        sequence: Text,
        pair: Text | None = None,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> Encoding:
        """The tokens of a text or a pair, in which the spelling of a special token is that token.

        Args:
            sequence: the text.
            pair: a second text.
            is_pretokenized: each text is given as a list of its words, each of which is tokenized
                as a text of its own.
            add_special_tokens: include what the tokenizer puts around a text.

        Raises:
            UsageError: nothing of a text would be left, or ``stride`` is not below what is left.
        """
        both = (sequence,) if pair is None else (sequence, pair)
        return self._encode([both], is_pretokenized, add_special_tokens)[0]

    def encode_batch(
        self,
        input: Iterable[Input],
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> list[Encoding]:
        """The tokens of each text or pair; see ``encode``. Padding is to the longest of them."""
        check_list("input", input, "texts or pairs")
        inputs = [_texts(each, is_pretokenized) for each in input]
        return self._encode(inputs, is_pretokenized, add_special_tokens)

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
        check_type("token", token, str)
        added = self._added.get(token)
        return self._vocabulary.find(token) if added is None else added

    def id_to_token(self, id: int) -> str | None:
        """How the vocabulary spells a token; None if there is none of this id."""
        added = self._spellings.get(id)
        return self._vocabulary.spelling(id) if added is None else added

    def get_vocab(self, with_added_tokens: bool = True) -> dict[str, int]:
        """How the vocabulary spells each token -> its id."""
        if not with_added_tokens:
            raise NotCoveredError("a vocabulary without added tokens")
        ids = {*self._vocabulary, *self._spellings}
        return {token: i for i in ids if (token := self.id_to_token(i)) is not None}

    def get_vocab_size(self, with_added_tokens: bool = True) -> int:
        """The number of tokens."""
        return len(self.get_vocab(with_added_tokens))

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """How many tokens are put around a text, or a pair."""
        return self._template.tokens_added(2 if is_pair else 1)

    def enable_truncation(
        self,
        max_length: int,
        *,
        stride: int = 0,
        strategy: Strategy = "longest_first",
        direction: Direction = "right",
    ) -> None:
        """Cut texts into windows of a number of tokens, with those added.

        Args:
            max_length: tokens of a window.
            stride: tokens that a window shares with the next one, which overflows.
            strategy: which text of a pair is cut.
            direction: the side that is cut off.
        """
        check_choice("strategy", strategy, Strategy)
        check_choice("direction", direction, Direction)
        self._truncation = Truncation(
            check_integer("max_length", max_length, 0, inf),
            check_integer("stride", stride, 0, inf),
            strategy,
            direction,
        )

    def no_truncation(self) -> None:
        """Cut off nothing."""
        self._truncation = None

    @property
    def truncation(self) -> dict[str, Any] | None:
        """What ``enable_truncation`` has set."""
        return None if self._truncation is None else self._truncation._asdict()

    def enable_padding(
        self,
        *,
        direction: Direction = "right",
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
        length: int | None = None,
        pad_to_multiple_of: int | None = None,
    ) -> None:
        """Fill up to a length, or to the longest text of a batch."""
        check_choice("direction", direction, Direction)
        lengths = {"length": length, "pad_to_multiple_of": pad_to_multiple_of}
        for name, number in lengths.items():
            if number is not None:
                check_integer(name, number, 0, inf)
        check_integer("pad_id", pad_id, 0)
        check_integer("pad_type_id", pad_type_id, 0)
        check_type("pad_token", pad_token, str)
        self._padding = Padding(
            length, pad_to_multiple_of, pad_id, pad_token, pad_type_id, direction
        )

    def no_padding(self) -> None:
        """Fill up nothing."""
        self._padding = None

    @property
    def padding(self) -> dict[str, Any] | None:
        """What ``enable_padding`` has set."""
        return None if self._padding is None else asdict(self._padding)

    def _encode(
        self, inputs: Sequence[tuple[Text, ...]], is_split: bool, add: bool
    ) -> list[Encoding]:
        words = [_words(text, is_split) for texts in inputs for text in texts]
        parts = iter(self._encoding.encode_batch([*chain(*words)], allowed_special="all"))
        each_ids = iter([[*islice(parts, len(each))] for each in words])
        each_words = iter(words)
        found = []
        for texts in inputs:
            encodings = [
                self._text(next(each_words), next(each_ids), number, is_split)
                for number in range(len(texts))
            ]
            found.append(self._framed(encodings, add))
        return self._padding.fill(found) if self._padding else found

    def _text(
        self, words: Sequence[str], ids: Sequence[list[int]], number: int, is_split: bool
    ) -> Encoding:
        def offsets() -> Offsets:
            encode = self._encoding.encode_with_offsets
            try:
                each = [encode(word, allowed_special="all") for word in words]
            except UsageError:
                raise NotCoveredError("offsets of tokens that do not spell their text") from None
            return [both for _, *found in each for both in zip(*found, strict=True)]

        flat = [*chain(*ids)]
        return Encoding(
            flat,
            [number] * len(flat),
            [0] * len(flat),
            [1] * len(flat),
            [number] * len(flat),
            lambda: self._tokens(flat),
            offsets,
            [word for word, part in enumerate(ids) for _ in part] if is_split else None,
            number + 1,
        )

    def _tokens(self, ids: Sequence[int]) -> list[str]:
        if self._unknown in ids:
            raise NotCoveredError("what a Unigram model calls unknown parts of a text")
        return [self.id_to_token(i) or "" for i in ids]

    def _framed(self, encodings: Sequence[Encoding], add: bool) -> Encoding:
        """One text or two, truncated, with what is put around them."""
        template = self._template
        pieces = template.pieces(len(encodings), add)
        if self._truncation:
            around = sum(len(each.ids) for each in pieces)
            encodings = truncated(encodings, self._truncation, around)
        if template.trims:
            encodings = [trimmed(each, template.prefixed) for each in encodings]
        return join([_piece(each, encodings) for each in pieces])


def _piece(piece: Piece, encodings: Sequence[Encoding]) -> Encoding:
    if piece.sequence is not None:
        text = encodings[piece.sequence]
        if piece.type_id is None:
            return text
        return text.typed(piece.type_id, windows=piece.types_windows)
    count = len(piece.ids)
    return Encoding(
        [*piece.ids],
        [piece.type_id or 0] * count,
        [1] * count,
        [1] * count,
        [None] * count,
        lambda: [*piece.tokens],
        lambda: [(0, 0)] * count,
        [None] * count,
    )


def _texts(given: Input, is_split: bool) -> tuple[Text, ...]:
    """The text, or both texts of a pair."""
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Collection):
        raise UsageError(f"a text must be a str or a pair, not {type(given).__name__}")
    if is_split and all(isinstance(each, str) for each in given):
        return ([*map(str, given)],)
    if len(given) != 2:
        raise UsageError(
            f"a pair must be two texts, not {len(given)}", hint="is_pretokenized=True is for words"
        )
    return given[0], given[1]


def _words(text: Text, is_split: bool) -> Sequence[str]:
    if isinstance(text, str) is is_split:
        expected = "a list of its words" if is_split else "a str"
        raise UsageError(
            f"a text must be {expected}, not {type(text).__name__}",
            hint="is_pretokenized=True is for lists of words",
        )
    return [text] if isinstance(text, str) else text


def _is_byte_level(encoding: CtxtoolsEncoding) -> bool:
    try:
        encoding.backend.encode_bytes(b"")
    except ValueError:
        return False
    return True


def _snake_case(name: str) -> Any:
    """``LongestFirst`` -> ``longest_first``."""
    return re.sub("(?<!^)(?=[A-Z])", "_", name).lower()
