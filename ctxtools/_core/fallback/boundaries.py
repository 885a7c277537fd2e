"""The strengths of boundaries: how well a text can be cut at an offset, by what is around it.

Each function reads a bounded number of characters, except within a run of white space.
"""

from functools import cache
from typing import Any

from ctxtools._core.types import Strength

# A sentence ends with one of these, closing punctuation, and white space ...
_TERMINATORS = frozenset(".!?…‼⁇⁈⁉։؟۔।॥။።។")
# ... or, in scripts that put no space between sentences, with one of these and closing punctuation.
_FULL_WIDTH_TERMINATORS = frozenset("。！？｡．…")
_FULL_WIDTH_CLOSERS = frozenset("”’»›)]}）］｝」』】》〉〕〗〙｣｠")
_CLOSERS = _FULL_WIDTH_CLOSERS | frozenset("\"'“‹«*_`")
_MARKS = _TERMINATORS | _FULL_WIDTH_TERMINATORS | _CLOSERS
_MAX_CLOSERS = 8  # with more, a terminator does not end a sentence
_FIRST_CJK = "\u2e80"

_SPACE = frozenset(
    map(chr, [*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029])
) | frozenset("\u202f\u205f\u3000")

# Words whose full stop rarely ends a sentence, since the next word belongs to them.
_TITLES = ("Mr", "Mrs", "Ms", "Dr", "Prof", "Rev", "Hon", "St", "Sr", "Jr")
_RANKS = ("Gen", "Gov", "Sen", "Rep", "Capt", "Lt", "Col", "Sgt")
_REFERENCES = ("Fig", "Figs", "Eq", "Eqs", "Mt", "vs", "cf", "viz", "al", "ca")
_ABBREVIATIONS = frozenset((*_TITLES, *_RANKS, *_REFERENCES))
_MAX_WORD = 5  # characters of an abbreviation, or of the number of a list item
_MAX_INDENT = 8  # characters before the number of a list item


def strength_at(text: str, at: int) -> Strength:
    """The strength at ``0 < at <= len(text)``, even if that is inside a grapheme cluster."""
    last, after = text[at - 1], text[at : at + 1]
    if last in "\r\n":
        return _line_strength(text, at, after)
    blank = not after or after in _SPACE
    if last in _MARKS and _ends_sentence(text, at, after, spaced=blank):
        # The line break that follows belongs to the line that it ends.
        return Strength.WORD if blank and _breaks_line(text, at) else Strength.SENTENCE
    return Strength.WORD if blank or last in _SPACE else Strength.NONE


def full_width_ends(text: str, start: int, end: int) -> list[int]:
    """Ends of sentences in scripts that put no space after them, in ``start < offset < end``."""
    low = max(0, start - _MAX_CLOSERS - 1)
    found = (match.end() for match in _full_width_pattern().finditer(text, low, end))
    return [at for at in found if start < at < end and strength_at(text, at) == Strength.SENTENCE]


def _line_strength(text: str, at: int, after: str) -> Strength:
    if after and after in "\r\n":
        # Line breaks stay together, the two characters of one included.
        return Strength.NONE if text[at - 1] + after == "\r\n" else Strength.WORD
    if _starts_heading(text, at):
        return Strength.SECTION
    breaks, i = 0, at
    while i and text[i - 1] in _SPACE:
        i -= 1
        if text[i] == "\n" or (text[i] == "\r" and text[i + 1 : i + 2] != "\n"):
            breaks += 1
            if breaks == 2:
                return Strength.PARAGRAPH
    ended = i > 0 and _ends_sentence(text, i, "", spaced=True)
    return Strength.SENTENCE if ended else Strength.LINE


def _starts_heading(text: str, at: int) -> bool:
    """Whether a Markdown heading (``# `` to ``###### ``) starts here."""
    start = text[at : at + 7]
    level = len(start) - len(start.lstrip("#"))
    return 1 <= level <= 6 and text[at + level : at + level + 1] in (" ", "\t")


def _ends_sentence(text: str, at: int, after: str, *, spaced: bool) -> bool:
    """Whether a sentence ends at ``at``, which ``spaced`` white space follows."""
    closers, i = _CLOSERS if spaced else _FULL_WIDTH_CLOSERS, at
    while i and at - i < _MAX_CLOSERS and text[i - 1] in closers:
        i -= 1
    if not i:
        return False
    terminator = text[i - 1]
    if spaced and (terminator in _TERMINATORS or terminator in _FULL_WIDTH_TERMINATORS):
        return terminator != "." or not _is_abbreviation(text, i - 1)
    if spaced or terminator not in _FULL_WIDTH_TERMINATORS or after in _MARKS:
        return False
    if terminator == "…":
        return after >= _FIRST_CJK
    return terminator != "．" or not ("0" <= after <= "9" or "０" <= after <= "９")


def _is_abbreviation(text: str, stop: int) -> bool:
    """Whether the full stop at ``stop`` belongs to an initial, an abbreviation or a list number."""
    start = stop
    while start and stop - start <= _MAX_WORD and _is_word(text[start - 1]):
        start -= 1
    word, before = text[start:stop], text[start - 1 : start]
    if not word or len(word) > _MAX_WORD or before >= "\x80":
        return False
    if word.isdigit():
        return _starts_line(text, start)
    if len(word) == 1:
        return before == "." or ("A" <= word <= "Z" and word != "I")
    return word in _ABBREVIATIONS


def _is_word(character: str) -> bool:
    return character < "\x80" and character.isalnum()


def _starts_line(text: str, at: int) -> bool:
    start = at
    while start and at - start < _MAX_INDENT and text[start - 1] in " \t":
        start -= 1
    return not start or text[start - 1] in "\r\n"


def _breaks_line(text: str, at: int) -> bool:
    """Whether the white space from ``at`` on has a line break."""
    while at < len(text) and text[at] in _SPACE:
        if text[at] in "\r\n":
            return True
        at += 1
    return False


@cache
def _full_width_pattern() -> Any:
    import re

    def members(characters: frozenset[str]) -> str:
        return f"[{re.escape(''.join(sorted(characters)))}]"

    return re.compile(
        f"{members(_FULL_WIDTH_TERMINATORS)}{members(_FULL_WIDTH_CLOSERS)}{{0,{_MAX_CLOSERS}}}"
        f"(?!{members(_MARKS)})(?=.)",
        re.DOTALL,
    )
