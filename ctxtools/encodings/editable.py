"""Texts that change: the index of one that may be edited, and a running total of one that grows.

The indexes of the kernel and the fallback never change. An edit makes a new one, which takes the
place of the old: where the engine can, one that shares all but a little with it, else that of the
whole text. So whoever counts in another thread meanwhile gets the answer of before or of after.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, cast

from ctxtools._core.cut_types import CutOptions, CutRules, Numbers
from ctxtools._core.edits import Edit, EditedIndex
from ctxtools._core.types import Strength, TokenIndex
from ctxtools.checks import check_type
from ctxtools.encodings.engines.backend import Backend


class EditableIndex:
    """A `TokenIndex` of a text that may be edited, from any thread.

    After an edit it is as an index of the new text. With the kernel and byte-level BPE an edit of
    a text of any length takes some microseconds, as does a count after it; what else an index
    answers is prepared at the first call after an edit, in about a tenth of the time of indexing.
    An edit that changes a very long pretoken, or where all digits of a very long number are
    grouped, takes the time to count that. Otherwise, and where an edit makes ``additive`` false or
    brings in a lone surrogate, the text is indexed again.

    A view that was returned (``ends``, ``sums``) does not change.

    Args:
        text: any text.
        engine: counts it.
    """

    __slots__ = ("_engine", "_lock", "_now")

    def __init__(self, text: str, engine: Backend) -> None:
        self._engine = engine
        self._lock = Lock()
        self._now: TokenIndex | EditedIndex = _index_of(text, engine)

    def __repr__(self) -> str:
        return f"<EditableIndex of {self._now.length:,} characters>"

    # Edits

    def replace(self, start: int, end: int, text: str) -> Edit:
        """Puts ``text`` where ``text[start:end]`` was.

        Args:
            start, end: in characters of the text as it is now.
            text: any ``str``.

        Raises:
            PositionError: not ``0 <= start <= end <= length``.
            UsageError: the text would have more than 4 GiB. It is as it was.
        """
        with self._lock:
            return self._replace(start, end, text)

    def insert(self, offset: int, text: str) -> Edit:
        """Puts ``text`` at an offset, in characters; see ``replace``."""
        with self._lock:
            return self._replace(offset, offset, text)

    def append(self, text: str) -> Edit:
        """Puts ``text`` at the end; see ``replace``."""
        with self._lock:
            end = self._now.length
            return self._replace(end, end, text)

    def delete(self, start: int, end: int) -> Edit:
        """Takes ``text[start:end]`` out; see ``replace``."""
        with self._lock:
            return self._replace(start, end, "")

    def _replace(self, start: int, end: int, text: str) -> Edit:
        check_type("text", text, str)
        now = self._now
        if now.additive:
            edited = self._engine.edited(now, start, end, text)
            if edited is not None:
                self._now, change = edited
                return Edit(*change)
        now.slices([start], [end])  # raises where they are no span of the text
        old = now.text
        new = _index_of(old[:start] + text + old[end:], self._engine)
        if now.additive and new.additive:
            edit = _changed(self._whole_of(now), new, start, end, start + len(text))
        else:
            edit = Edit(0, now.length, new.length, now.total, new.total)
        self._now = new
        return edit

    # What is known at once after an edit

    @property
    def text(self) -> str:
        """The text as it is now; made when it is asked for."""
        return self._now.text

    @property
    def additive(self) -> bool:
        return self._now.additive

    @property
    def length(self) -> int:
        return self._now.length

    @property
    def total(self) -> int:
        return self._now.total

    def count(self, start: int, end: int) -> int:
        return self._now.count(start, end)

    def counts(self, starts: Sequence[int], ends: Sequence[int]) -> memoryview:
        return self._now.counts(starts, ends)

    def end(self, start: int, limit: int) -> int:
        return self._now.end(start, limit)

    def slices(self, starts: Sequence[int], ends: Sequence[int]) -> list[str]:
        return self._now.slices(starts, ends)

    # What is prepared at the first call after an edit

    def fixed(self) -> TokenIndex:
        """The index of the text as it is now, which no edit changes."""
        return self._whole()

    def _whole(self) -> TokenIndex:
        now = self._now
        whole = self._whole_of(now)
        if whole is not now:
            with self._lock:
                if self._now is now:
                    self._now = whole
        return whole

    @staticmethod
    def _whole_of(index: TokenIndex | EditedIndex) -> TokenIndex:
        """The index of the text in one piece."""
        make: Callable[[], TokenIndex] | None = getattr(index, "whole", None)
        return make() if make else cast(TokenIndex, index)

    @property
    def ends(self) -> memoryview:
        return self._whole().ends

    @property
    def sums(self) -> memoryview:
        return self._whole().sums

    @property
    def strengths(self) -> memoryview:
        return self._whole().strengths

    def __len__(self) -> int:
        return len(self._whole())

    def positions(self, offsets: Sequence[int]) -> tuple[memoryview, memoryview]:
        return self._whole().positions(offsets)

    def boundaries(
        self, strength: Strength, start: int = 0, end: int | None = None
    ) -> tuple[memoryview, memoryview]:
        return self._whole().boundaries(strength, start, end)

    def cluster_ends(self, start: int, end: int) -> memoryview:
        return self._whole().cluster_ends(start, end)

    def is_inside_cluster(self, offset: int) -> bool:
        return self._whole().is_inside_cluster(offset)

    def cohesion(
        self, offsets: Sequence[int], reach: int, weight: float = 1.0
    ) -> "memoryview[float]":
        return self._whole().cohesion(offsets, reach, weight)

    def end_anywhere(self, start: int, limit: int) -> int:
        return self._whole().end_anywhere(start, limit)

    def start_anywhere(self, end: int, limit: int) -> int:
        return self._whole().start_anywhere(end, limit)

    def token_ends(self, start: int, end: int) -> tuple[memoryview, memoryview]:
        return self._whole().token_ends(start, end)

    def measure(self, offsets: Sequence[int]) -> tuple[memoryview, memoryview]:
        return self._whole().measure(offsets)

    def overlap_starts(
        self, offsets: Sequence[int], overlap: int, rules: CutRules | None = None
    ) -> memoryview:
        return self._whole().overlap_starts(offsets, overlap, rules or CutRules())

    def cut_points(
        self, start: int, forced: Sequence[int], rules: CutRules, options: CutOptions
    ) -> tuple[memoryview, memoryview, "memoryview[float]", memoryview, memoryview, memoryview]:
        return self._whole().cut_points(start, forced, rules, options)

    def cut(
        self, start: int, parents: Numbers, rules: CutRules, options: CutOptions
    ) -> tuple[Any, ...]:
        return self._whole().cut(start, parents, rules, options)


class Session:
    """Counts a text that grows, such as a conversation as a model sees it, exactly at any time.

    After each ``append``, ``total`` is what ``Encoding.count`` says of all that was appended, put
    together. With the kernel an addition takes time for itself, some microseconds for a message,
    however long the session is; a word that grows by additions is counted again with each. Memory
    is bounded: of the text only an end is held that more text may change. A tokenizer of which
    nothing is known (a ``tokenizer.json`` that the kernel does not read) holds and counts it all.

    May be used from any thread. `EditableIndex` also takes back and changes what was added.

    Args:
        text: what it starts with.
        engine: counts it.
    """

    __slots__ = ("_lock", "_tail")

    def __init__(self, text: str, engine: Backend) -> None:
        self._lock = Lock()
        self._tail = engine.tail()
        self.append(text)

    def append(self, text: str) -> int:
        """Puts ``text`` at the end.

        Args:
            text: any ``str``, of any length.

        Returns:
            By how many tokens the total grew. It may be fewer than the text has on its own, and
            even be negative, where its start joins the end of what was there.
        """
        check_type("text", text, str)
        with self._lock:
            before = self._tail.total
            return self._tail.append(text) - before

    @property
    def total(self) -> int:
        """The tokens of all that was appended."""
        return self._tail.total

    def __repr__(self) -> str:
        return f"<Session of {self.total:,} tokens>"


def _changed(old: TokenIndex, new: TokenIndex, start: int, old_end: int, new_end: int) -> Edit:
    """What an edit changed of the pretokens: those between the last end before it that both texts
    have, as all before, and the first after it that both have.

    Args:
        old, new: the additive indexes of both texts.
        start, old_end, new_end: the span that was replaced, and where the new text ends.
    """
    if start == old_end == new_end:
        return Edit(start, start, start, 0, 0)
    before, now, shift = old.ends, new.ends, new_end - old_end
    kept = _in_common(before, now, bisect_right(now, start))
    first = before[kept - 1] if kept else 0
    later = now[bisect_left(now, max(new_end, 1)) :]
    last = next((end for end in later if _is_in(before, end - shift)), new.length)
    return Edit(
        first,
        last - shift,
        last,
        _tokens_to(old, last - shift) - _tokens_to(old, first),
        _tokens_to(new, last) - _tokens_to(new, first),
    )


def _in_common(a: memoryview, b: memoryview, limit: int) -> int:
    """How many numbers both start with, at most so many."""
    low, high = 0, min(len(a), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _is_in(numbers: memoryview, number: int) -> bool:
    """Whether a number is among some in ascending order."""
    at = bisect_left(numbers, number)
    return at < len(numbers) and bool(numbers[at] == number)


def _tokens_to(index: TokenIndex, end: int) -> int:
    """The tokens up to the end of a pretoken."""
    return index.sums[bisect_left(index.ends, end)] if end else 0


def _index_of(text: str, engine: Backend) -> TokenIndex:
    found = engine.index(text)
    if found is not None:
        return found
    from ctxtools.encodings.recounted import RecountedIndex

    return RecountedIndex(text, engine.count)
