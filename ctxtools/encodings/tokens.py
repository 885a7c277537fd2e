"""What an Encoding tells of single tokens: their bytes, and where in a text each one is."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import sub
from typing import TYPE_CHECKING, Literal, NamedTuple

from ctxtools.checks import check_choice, check_integer, check_type
from ctxtools.encodings.ids import Array
from ctxtools.encodings.normalize import SURROGATE, SURROGATE_PAIR, replace_surrogates
from ctxtools.encodings.special import AllowedSpecial
from ctxtools.errors import UnknownTokenError, UsageError

if TYPE_CHECKING:
    from ctxtools.encodings.engines.backend import Backend

Unit = Literal["characters", "bytes"]

_LATER = bytes(range(0x80, 0xC0))  # the bytes of a character in UTF-8, after its first


class TokenOffsets(NamedTuple):
    """The tokens of a text, and where each one is in it.

    Attributes:
        ids: the token ids (format ``I``).
        starts: where each token starts (format ``Q``).
        ends: where each token ends (format ``Q``).
    """

    ids: memoryview
    starts: memoryview
    ends: memoryview


class Tokens:
    """The part of Encoding that is about single tokens; see there."""

    name: str
    backend: "Backend"
    special_tokens: Mapping[str, int]
    _engine: "Callable[[AllowedSpecial], Backend]"

    def decode_bytes(self, ids: Sequence[int] | Array) -> bytes:
        """See Encoding."""
        raise NotImplementedError

    def token_bytes(self, token_id: int) -> bytes:
        """The bytes of one token, of a special token those of its spelling.

        A token may start or end inside a character.

        Raises:
            UnknownTokenError: no token has the id.
            UsageError: it is not an id, or the encoding is not byte-level BPE.
        """
        check_integer("token_id", token_id, 0, 1 << 32)
        self._check_byte_level()
        return self.decode_bytes([token_id])

    def token_id(self, token: bytes | str) -> int:
        """The id of one token, found by its bytes.

        Args:
            token: its bytes, or its text; also the spelling of a special token.

        Raises:
            UnknownTokenError: there is no such token; ``encode`` makes several of it.
            UsageError: the encoding is not byte-level BPE.
        """
        check_type("token", token, bytes, str)
        self._check_byte_level()
        data = replace_surrogates(token).encode() if isinstance(token, str) else token
        ids = self.backend.encode_bytes(data)
        if len(ids) == 1:
            return ids[0]
        special = self.special_tokens.get(data.decode("utf-8", "replace"))
        if special is None:
            raise UnknownTokenError(
                f"{self.name} has no token {token!r:.100}",
                hint=f"encode makes {len(ids):,} tokens of it",
            )
        return special

    def encode_with_offsets(
        self, text: str, *, unit: Unit = "characters", allowed_special: AllowedSpecial = ()
    ) -> TokenOffsets:
        """The token ids of a text, and where in the text each token is.

        In bytes, each token starts where the one before ends. A token may have only some bytes of a
        character; in characters, it has the whole of it, so that the next one, which has the other
        bytes, starts before it ends: ``text[start:end]`` is all that has to do with the token.

        Args:
            text: any ``str``; a lone surrogate is encoded as U+FFFD.
            unit: what offsets are counted in: characters of ``text``, or bytes of its UTF-8, in
                which a lone surrogate is U+FFFD too.
            allowed_special: see Encoding.

        Raises:
            UsageError: the encoding is not byte-level BPE; or it changes the text before it is
                split (NFC), or an added token takes white space with it, so that the tokens do not
                spell the text.
        """
        check_type("text", text, str)
        check_choice("unit", unit, Unit)
        self._check_byte_level()
        engine = self._engine(allowed_special)
        ids = engine.encode_to_buffer(text)
        clean = replace_surrogates(text) if re.search(SURROGATE, text) else text
        if self.decode_bytes(ids) != clean.encode():
            raise UsageError(
                f"{self.name} changes the text before it is split, so that offsets are unknown",
                hint="normalise it before: unicodedata.normalize('NFC', text)",
            )
        spelled = {i: self.decode_bytes([i]) for i in {*ids}}
        if unit == "bytes":
            starts, ends = _sums(ids, {i: len(token) for i, token in spelled.items()})
        else:
            starts, ends = character_offsets(ids, spelled)
            if len(clean) != len(text):
                starts, ends = (_before_joining(text, each) for each in (starts, ends))
        return TokenOffsets(ids, memoryview(starts).toreadonly(), memoryview(ends).toreadonly())

    def _check_byte_level(self) -> None:
        try:
            self.backend.encode_bytes(b"")
        except ValueError:
            raise UsageError(
                f"{self.name} is not byte-level BPE: its tokens are not spans of a text",
                hint="the tokenizers library reports offsets in such a tokenizer.json",
            ) from None


def whole_characters(encoding: "Tokens", ids: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
    """The text of the tokens; those that share a character are grouped.

    Args:
        encoding: of the tokens; an `Encoding`.
        ids: of the tokens.
    """
    data, group, before = b"", [], list[int]()
    for i in ids:
        # After another one, since some tokenizers drop the space before the first token.
        known, both = encoding.decode_bytes(before), encoding.decode_bytes([*before, i])
        data += both[len(known) :] if both.startswith(known) else encoding.decode_bytes([i])
        group.append(i)
        before = [i]
        try:
            piece = data.decode()
        except UnicodeDecodeError:
            continue
        yield piece, group
        data, group = b"", []
    if group:
        yield data.decode("utf-8", "replace"), group


def character_offsets(
    ids: Sequence[int], spelled: Mapping[int, bytes]
) -> tuple["array[int]", "array[int]"]:
    """Where tokens start and end in the text that they spell, in characters (format ``Q``).

    A token that has some bytes of a character has the character.

    Args:
        ids: of the tokens, which together are UTF-8.
        spelled: id -> bytes.
    """
    # A character is counted where its first byte is.
    starts, ends = _sums(
        ids, {i: len(token.translate(None, _LATER)) for i, token in spelled.items()}
    )
    inside = {i: bool(token) and token[0] in _LATER for i, token in spelled.items()}
    if any(inside.values()):
        starts = array("Q", map(sub, starts, map(inside.__getitem__, ids)))
    return starts, ends


def _sums(ids: Sequence[int], lengths: Mapping[int, int]) -> tuple["array[int]", "array[int]"]:
    """Where each token starts and ends, by the lengths of all before it."""
    sums = array("Q", accumulate(map(lengths.__getitem__, ids), initial=0))
    return sums[:-1], sums[1:]


def _before_joining(text: str, offsets: "array[int]") -> "array[int]":
    """Offsets in a text whose surrogate pairs were joined -> offsets in the text."""
    # Each pair is one character more. Where the characters after them are, once joined:
    after = [pair.end() - n for n, pair in enumerate(re.finditer(SURROGATE_PAIR, text), 1)]
    return array("Q", [offset + bisect_right(after, offset) for offset in offsets])
