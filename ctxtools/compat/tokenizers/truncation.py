"""How texts are cut into windows, and what is taken out of offsets."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Literal, NamedTuple

from ctxtools.compat.tokenizers.encoding import Direction, Encoding, Offsets
from ctxtools.errors import UsageError

Strategy = Literal["longest_first", "only_first", "only_second"]

_SPACE = "\u0120"  # stands for a space in byte-level BPE


class Truncation(NamedTuple):
    """How texts are cut; see ``Tokenizer.enable_truncation``."""

    max_length: int
    stride: int
    strategy: Strategy
    direction: Direction


def truncated(encodings: Sequence[Encoding], how: Truncation, around: int) -> list[Encoding]:
    """One text or two, each as its first window with the others overflowing.

    Args:
        encodings: one text or two.
        how: the windows.
        around: tokens that are put around them.

    Raises:
        UsageError: nothing would be left of a text, or less than the stride.
    """
    lengths = [len(each) for each in encodings]
    allowed = how.max_length - around
    if allowed < 0:
        raise UsageError(
            f"max_length={how.max_length} is below the {around} tokens around a text",
            hint="raise max_length, or leave them out with add_special_tokens=False",
        )
    if sum(lengths) <= allowed:
        return [*encodings]
    kept = _kept(lengths, allowed, how.strategy)
    for length, left in zip(lengths, kept, strict=True):
        if how.stride >= left > 0 and left < length:
            raise UsageError(
                f"stride={how.stride} is not below the {left} tokens of a window",
                hint="lower it, or raise max_length",
            )
    both = zip(encodings, kept, strict=True)
    return [each.windows(left, how.stride, how.direction) for each, left in both]


def _kept(lengths: Sequence[int], allowed: int, strategy: Strategy) -> list[int]:
    """The tokens of a window of each text."""
    if allowed == 0:
        return [0] * len(lengths)
    if strategy == "longest_first":
        return _shares(lengths, allowed)
    cut = 0 if strategy == "only_first" else 1
    if cut >= len(lengths):
        raise UsageError("strategy='only_second' needs a pair", hint="give a second text")
    left = lengths[cut] - (sum(lengths) - allowed)
    if left <= 0:
        raise UsageError(
            f"the text that is cut, of {lengths[cut]} tokens, is too short",
            hint="raise max_length, or use strategy='longest_first'",
        )
    return [left if n == cut else length for n, length in enumerate(lengths)]


def _shares(lengths: Sequence[int], allowed: int) -> list[int]:
    """All of the shorter text if the longer one then keeps as much, else half each."""
    if len(lengths) == 1:
        return [allowed]
    shorter = min(lengths)
    shares = [shorter, max(shorter, allowed - shorter)]
    if sum(shares) > allowed:
        shares = [allowed // 2, allowed - allowed // 2]
    return shares if lengths[0] <= lengths[1] else shares[::-1]


def trimmed(encoding: Encoding, prefixed: bool) -> Encoding:
    """Without the white space at the ends of tokens in offsets, as ``trim_offsets`` says.

    Args:
        encoding: a text, and what overflows.
        prefixed: a space was put before the text, which is none of it.
    """

    def offsets() -> Offsets:
        both = enumerate(zip(encoding.tokens, encoding.offsets, strict=True))
        return [_trimmed(token, *span, prefixed and 0 in (n, span[0])) for n, (token, span) in both]

    overflowing = [trimmed(each, prefixed) for each in encoding.overflowing]
    return replace(encoding, _find_offsets=offsets, overflowing=overflowing)


def _trimmed(token: str, start: int, end: int, prefixed: bool) -> tuple[int, int]:
    before = sum(1 for _ in takewhile(_is_white, token))
    after = sum(1 for _ in takewhile(_is_white, reversed(token)))
    if before and not (prefixed and before == 1):
        start = min(start + before, end)
    if after and end >= after:
        end = max(end - after, start)
    return start, end


def _is_white(character: str) -> bool:
    return character == _SPACE or character.isspace()
