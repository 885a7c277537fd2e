"""The types of edited texts that the kernel and the fallback share."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ctxtools._core.types import TokenIndex


class Edit(NamedTuple):
    """What an edit of a text changed.

    The tokens before ``start`` and from the old, or new, end on are as they were. The span in
    between is wider than what was replaced where the tokenizer joins that to what is around it.

    Attributes:
        start: where the span starts, in characters of the text before the edit, and after it.
        old_end: where it ended before the edit.
        new_end: where it ends now.
        old_tokens: the tokens that it had in the text before the edit.
        new_tokens: those that it has in the text now: as many more, or fewer, as the whole text.
    """

    start: int
    old_end: int
    new_end: int
    old_tokens: int
    new_tokens: int


class EditedIndex(Protocol):
    """The index of a text that was edited: what of a `TokenIndex` an edit leaves at hand."""

    @property
    def additive(self) -> bool: ...
    @property
    def text(self) -> str: ...
    @property
    def length(self) -> int: ...
    @property
    def total(self) -> int: ...
    def count(self, start: int, end: int) -> int: ...
    def counts(self, starts: Sequence[int], ends: Sequence[int]) -> memoryview: ...
    def end(self, start: int, limit: int) -> int: ...
    def slices(self, starts: Sequence[int], ends: Sequence[int]) -> list[str]: ...
    def whole(self) -> TokenIndex:
        """The index of the text in one piece."""
        ...
