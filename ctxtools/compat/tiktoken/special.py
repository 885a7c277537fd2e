"""Which special tokens a text may have, as tiktoken's arguments say."""

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from functools import lru_cache, partial
from os.path import commonprefix
from re import Pattern, escape
from re import compile as compile_regex
from typing import Literal, NoReturn

from ctxtools.errors import SpecialTokenError

Allowed = Literal["all"] | AbstractSet[str]
Disallowed = Literal["all"] | Collection[str]


def resolve(
    special_tokens: AbstractSet[str], allowed: Allowed, disallowed: Disallowed
) -> tuple[AbstractSet[str], Callable[[str], None]]:
    """The special tokens to find in a text, and what raises for those that it may not have.

    Args:
        special_tokens: those of the encoding.
        allowed: those to find, or "all". Any that the encoding does not have are left out.
        disallowed: those that a text may not have; "all" are those that are not allowed.

    Raises:
        TypeError: ``allowed`` is no set.
    """
    if allowed == "all":
        allowed = special_tokens
    if not isinstance(allowed, AbstractSet):
        raise TypeError(f"allowed_special must be a set, got {type(allowed).__name__}")
    if disallowed == "all":
        disallowed = special_tokens - allowed
    return special_tokens & allowed, _disallowing(frozenset(disallowed))


@lru_cache(maxsize=128)
def _disallowing(tokens: frozenset[str]) -> Callable[[str], None]:
    """What raises for a text with the spelling of one of some special tokens."""
    if not tokens:
        return _allow
    # "<|", which few texts have, is found faster than a pattern.
    start = commonprefix([*tokens])  # noqa: RUF071, since no paths are meant
    pattern = compile_regex("|".join(map(escape, sorted(tokens, key=len, reverse=True))))
    return partial(_check, start, pattern)


def _check(start: str, pattern: Pattern[str], text: str) -> None:
    if start in text and (found := pattern.search(text)):
        _refuse(found.group())


def _refuse(token: str) -> NoReturn:
    raise SpecialTokenError(
        f"the text has the spelling of the special token {token!r}, which is disallowed",
        hint=f"allowed_special={{{token!r}}} makes it that token, disallowed_special=() makes it "
        "and all others text",
    )


def _allow(text: str) -> None:
    """Nothing is disallowed."""
