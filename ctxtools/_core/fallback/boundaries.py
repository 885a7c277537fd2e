"""The strengths of boundaries: how well a text can be cut at an offset, by what is around it.

Each function reads a bounded number of characters, except within a run of white space.
"""

from functools import cache
from typing import Any

from ctxtools._core.fallback.sentences.ends import (
    MAX_CLOSERS,
    ends_before_break,
    ends_before_letter,
    ends_before_space,
)
from ctxtools._core.fallback.sentences.marks import (
    BREAKS,
    FULL_WIDTH_CLAUSE_MARKS,
    FULL_WIDTH_CLOSERS,
    FULL_WIDTH_TERMINATORS,
    MARKS,
    PARAGRAPH_ENDS,
    SPACE,
)
from ctxtools._core.types import Strength


def strength_at(text: str, at: int) -> Strength:
    """The strength at ``0 < at <= len(text)``, even if that is inside a grapheme cluster."""
    last, after = text[at - 1], text[at : at + 1]
    if last in BREAKS:
        return _strength_after_break(text, at, after)
    blank = not after or after in SPACE
    if last in MARKS:
        ended = ends_before_space(text, at) if blank else ends_before_letter(text, at)
        if ended:
            return ended
    return Strength.WORD if blank or last in SPACE else Strength.NONE


def inner_ends(text: str, strength: int, start: int, end: int) -> list[tuple[int, Strength]]:
    """The boundaries that may be inside a segment, in ``start < offset < end``, and their
    strengths: the ends of sentences and clauses in scripts that put no space after them, and those
    after line breaks that are not ``\\r`` or ``\\n``."""
    strength = max(strength, Strength.CLAUSE)
    low = max(0, start - MAX_CLOSERS - 1)
    offsets = (match.end() for match in _inner_pattern().finditer(text, low, end))
    found = [(at, strength_at(text, at)) for at in offsets if start < at < end]
    return [(at, known) for at, known in found if known >= strength]


def _strength_after_break(text: str, at: int, after: str) -> Strength:
    if after in BREAKS:
        # Line breaks stay together, the two characters of one included.
        return Strength.NONE if text[at - 1] + after == "\r\n" else Strength.WORD
    if _starts_heading(text, at):
        return Strength.SECTION
    breaks, i = 0, at
    while i and text[i - 1] in SPACE:
        i -= 1
        if text[i] in BREAKS and text[i : i + 2] != "\r\n":
            breaks += 1
        if breaks == 2 or text[i] in PARAGRAPH_ENDS:
            return Strength.PARAGRAPH
    return Strength.SENTENCE_LINE if ends_before_break(text, i, at) else Strength.LINE


def _starts_heading(text: str, at: int) -> bool:
    """Whether a Markdown heading (``# `` to ``###### ``) starts here."""
    start = text[at : at + 7]
    level = len(start) - len(start.lstrip("#"))
    return 1 <= level <= 6 and text[at + level : at + level + 1] in (" ", "\t")


@cache
def _inner_pattern() -> Any:
    import re

    def members(characters: frozenset[str]) -> str:
        return f"[{re.escape(''.join(sorted(characters)))}]"

    ends = members(FULL_WIDTH_TERMINATORS | FULL_WIDTH_CLAUSE_MARKS)
    breaks = members(BREAKS - {*"\r\n"})
    return re.compile(f"{ends}{members(FULL_WIDTH_CLOSERS)}{{0,{MAX_CLOSERS}}}|{breaks}")
