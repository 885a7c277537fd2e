"""Special tokens in a text: which may be spelled out in it, and the engine that finds these."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from ctxtools.checks import check_list
from ctxtools.errors import SpecialTokenError

if TYPE_CHECKING:
    from ctxtools.encodings.engines.backend import Backend

AllowedSpecial = Literal["all"] | Collection[str]

_ENGINES = 8  # kept for sets of allowed special tokens


class SpecialTokenEngines:
    """The engines of an encoding, each for some of its special tokens.

    Args:
        name: of the encoding, for errors.
        backend: the engine to which every spelling is text.
        special_tokens: spelling -> id.
        finding: makes the engine that finds some of them in a text, and that decodes them; without
            it they are found by their bare spelling.
    """

    def __init__(
        self,
        name: str,
        backend: Backend,
        special_tokens: Mapping[str, int],
        finding: Callable[[frozenset[str]], Backend] | None,
    ) -> None:
        self._name = name
        self._backend = backend
        self._special_tokens = special_tokens
        self._finding = finding or self._finding_spellings
        self._engines: dict[frozenset[str], Backend] = {}

    def engine(self, allowed_special: AllowedSpecial) -> Backend:
        """The backend, or one around it that finds the allowed special tokens in a text.

        Raises:
            UsageError: it is no collection of spellings.
            SpecialTokenError: the encoding does not have one of them.
        """
        if not allowed_special:
            return self._backend
        if allowed_special == "all":
            return self._finding_all
        hint = None
        if isinstance(allowed_special, int):  # by position
            hint = f"to set the number of threads, write threads={allowed_special}"
        check_list("allowed_special", allowed_special, hint=hint)
        allowed = frozenset(allowed_special)
        if not allowed:
            return self._backend
        if engine := self._engines.get(allowed):
            return engine
        if unknown := sorted(allowed - self._special_tokens.keys()):
            raise SpecialTokenError(
                f"{self._name} has no special token {unknown[0]!r}",
                hint="Encoding.special_tokens lists those that it has",
            )
        if len(self._engines) >= _ENGINES:
            self._engines = {}
        engine = self._engines[allowed] = self._finding(allowed)
        return engine

    @cached_property
    def _finding_all(self) -> Backend:
        return self.engine(self._special_tokens.keys())

    def _finding_spellings(self, allowed: frozenset[str]) -> Backend:
        from ctxtools.encodings.engines.added import AddedTokensBackend
        from ctxtools.encodings.engines.finder import AddedToken

        # In their order: an id with two spellings is decoded to the last.
        tokens = (
            AddedToken(each, i, each.encode())
            for each, i in self._special_tokens.items()
            if each in allowed
        )
        return AddedTokensBackend(self._backend, tokens)
