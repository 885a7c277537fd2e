"""Whether a sentence or a clause ends at an offset.

Each function reads a bounded number of characters, except within a run of white space.
"""

from enum import Enum

from ctxtools._core.fallback.sentences.abbreviations import (
    KNOWN,
    NO_KIND,
    Kind,
    before_stop,
    is_lower,
    is_next_part,
    is_roman_after,
    is_upper,
    kinds_after,
    starts_line,
)
from ctxtools._core.fallback.sentences.marks import (
    BREAKS,
    CLAUSE_MARKS,
    CLOSERS,
    FORMATS,
    FULL_WIDTH_CLAUSE_MARKS,
    FULL_WIDTH_CLOSERS,
    FULL_WIDTH_TERMINATORS,
    MARKS,
    SPACE,
    TERMINATORS,
)
from ctxtools._core.types import Strength

MAX_CLOSERS = 8  # with more closing punctuation, a mark ends nothing
_MAX_NOTE = 3  # characters in a note, as in `[12]`
_MAX_OPENERS = 8  # quotes and brackets before the word that follows
_FIRST_CJK = "\u2e80"

_ENDS = TERMINATORS | FULL_WIDTH_TERMINATORS
_CLAUSES = CLAUSE_MARKS | FULL_WIDTH_CLAUSE_MARKS
_STOPS = frozenset(".…․﹒．")  # these end a sentence where what is around them allows it
_OPENERS = frozenset("([{\"'“‘„‚«‹¿¡*_") | FORMATS | frozenset(map(chr, range(0x300, 0x370)))
# Letters of scripts without case, or of rare ones with it, and their punctuation.
_CASELESS = (
    (0x590, 0x1DFF),
    (0x2E80, 0x2FFF),
    (0x3040, 0xD7FF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_JOINED = Kind.NEVER | Kind.MIDDLE | Kind.NAME | Kind.INITIAL


class _Following(Enum):
    """What follows the white space after a full stop."""

    END = "nothing"
    LOWER = "a lower-case letter"
    LETTER = "a letter of a script without case"
    DIGIT = "a digit"
    UPPER = "a word with a capital letter"
    CONTINUING = "punctuation that goes on with the sentence"
    OTHER = "anything else"


def ends_before_space(text: str, at: int) -> Strength:
    """SENTENCE, CLAUSE or NONE: what ends at an offset, before white space in its line or the
    text's end. A line break that follows belongs to the line that it ends."""
    i = _mark_before(text, at, CLOSERS)
    if i < 0 or not (text[i] in _ENDS or text[i] in _CLAUSES):
        return Strength.NONE
    following, breaks = _skip_space(text, at)
    if breaks:
        return Strength.NONE
    if text[i] in _ENDS:
        return _sentence(text, i, following, breaks=False)
    # A dash that starts a line is a bullet, or says that someone speaks.
    is_bullet = text[i] in "–—" and starts_line(text, i)
    return Strength.NONE if is_bullet else Strength.CLAUSE


def ends_before_break(text: str, at: int, after: int) -> bool:
    """Whether a sentence ends at an offset, before white space that breaks the line, the last time
    before ``after``."""
    i = _mark_before(text, at, CLOSERS)
    if i < 0 or text[i] not in _ENDS:
        return False
    following, _ = _skip_space(text, after)
    return _sentence(text, i, following, breaks=True) == Strength.SENTENCE


def ends_before_letter(text: str, at: int) -> Strength:
    """SENTENCE, CLAUSE or NONE: the same before no space, in scripts that put none there."""
    i, after = _mark_before(text, at, FULL_WIDTH_CLOSERS), text[at]
    if i < 0 or after in MARKS:
        return Strength.NONE
    mark = text[i]
    if mark in FULL_WIDTH_CLAUSE_MARKS:
        # A number may have a comma or a colon inside.
        is_number = _is_digit(after) and i > 0 and _is_digit(text[i - 1])
        return Strength.NONE if is_number else Strength.CLAUSE
    is_end = mark in FULL_WIDTH_TERMINATORS
    if mark == "…":
        is_end = after >= _FIRST_CJK
    elif mark == "．":
        is_end = not _is_digit(after)
    return Strength.SENTENCE if is_end else Strength.NONE


def _mark_before(text: str, at: int, closers: frozenset[str]) -> int:
    """The offset of the mark before ``at`` and the closing punctuation after it; -1 if none is."""
    i = at - 1
    for _ in range(MAX_CLOSERS + 1):
        if i < 0:
            return -1
        if text[i] not in closers:
            return i
        if text[i] == "]" and closers is CLOSERS:
            i = _note_before(text, i)
        # French has a space before a closing quote.
        elif text[i] in "»›" and closers is CLOSERS and i and text[i - 1] in " \xa0\u202f":
            i -= 1
        i -= 1
    return -1


def _note_before(text: str, end: int) -> int:
    """Where a note starts that ends with a bracket at ``end``, as ``[12]``; else ``end``."""
    start = end - 1
    while start >= 0 and end - start <= _MAX_NOTE and _is_alphanumeric(text[start]):
        start -= 1
    return start if start >= 0 and text[start] == "[" and start < end - 1 else end


def _skip_space(text: str, at: int) -> tuple[int, bool]:
    """Where the white space from ``at`` on ends, and whether it breaks the line; then it is where
    it does."""
    while at < len(text) and text[at] in SPACE:
        if text[at] in BREAKS:
            return at, True
        at += 1
    return at, False


def _following(text: str, at: int, *, breaks: bool) -> tuple[_Following, int]:
    """What is at ``at``, the end of white space that breaks the line or not, and where its word
    starts."""
    for i in range(_MAX_OPENERS + 1):
        if at == len(text):
            return _Following.END, at
        character = text[at]
        if character in _OPENERS:
            at += 1
            continue
        if character in "–—-" and not i and not breaks:
            start = at + 1
            while start < len(text) and start <= at + _MAX_OPENERS and text[start] == " ":
                start += 1
            found, _ = _following(text, start, breaks=True)
            is_upper_case = found is _Following.UPPER
            return _Following.OTHER if is_upper_case else _Following.CONTINUING, at
        if "0" <= character <= "9" or character in "§№":
            return _Following.DIGIT, at
        if is_lower(character):
            # Such as `iPhone` and `β-catenin`.
            after = text[at + 1 : at + 2]
            is_greek = "\u0370" <= character <= "\u03ff"
            is_name = bool(after) and (is_upper(after) or (is_greek and after == "-"))
            return _Following.UPPER if is_name else _Following.LOWER, at
        if is_upper(character):
            return _Following.UPPER, at
        if any(first <= ord(character) <= last for first, last in _CASELESS):
            return _Following.LETTER, at
        if not i and not breaks and character in _CONTINUING:
            return _Following.CONTINUING, at
        return _Following.OTHER, at
    return _Following.OTHER, at


_CONTINUING = (_ENDS | _CLAUSES | FULL_WIDTH_CLOSERS) - FORMATS


def _sentence(text: str, stop: int, at: int, *, breaks: bool) -> Strength:
    """SENTENCE, CLAUSE or NONE: what ends after a terminator at ``stop``, and white space up to
    ``at`` that breaks the line or not."""
    following, word = _following(text, at, breaks=breaks)
    is_ellipsis = text[stop] == "…" or text[max(0, stop - 1) : stop] == "."
    is_ellipsis = is_ellipsis or text[max(0, stop - 2) : stop] == ". "
    if text[stop] not in _STOPS:
        if following is _Following.CONTINUING:
            return Strength.NONE
        is_lower_case = following is _Following.LOWER and not breaks
        return Strength.CLAUSE if is_lower_case else Strength.SENTENCE
    kinds = NO_KIND if is_ellipsis else before_stop(text, stop)
    # `[...]` is an omission, and `2.)` the number of a list item.
    opener = stop - 1 if text[stop] == "…" else stop - 3
    is_omission = is_ellipsis and opener >= 0 and text[opener] in "[("
    is_omission = is_omission and text[opener + 1 : stop] in ("", "..")
    is_number = kinds & Kind.NUMBER and text[stop + 1 : stop + 2] == ")"
    if kinds & Kind.LABEL or is_omission or is_number:
        return Strength.NONE
    match following:
        case _Following.END:
            is_end = True
        case _Following.CONTINUING:
            is_end = False
        case _Following.LOWER:
            is_ordinary = not kinds & ~(Kind.BRIEF | Kind.BEFORE_ORDINAL)
            return Strength.CLAUSE if is_ordinary else Strength.NONE
        case _Following.DIGIT:
            is_end = not kinds and not is_ellipsis
        case _Following.LETTER:
            is_end = not kinds & _JOINED
        case _Following.UPPER:
            is_end = _starts_sentence(text, stop, word, kinds)
        case _Following.OTHER:
            is_end = not kinds & Kind.NEVER and (breaks or not kinds & _JOINED)
    return Strength.SENTENCE if is_end else Strength.NONE


def _starts_sentence(text: str, stop: int, word: int, kinds: Kind) -> bool:
    """Whether the word at ``word`` starts a sentence, after the full stop at ``stop`` and an
    abbreviation of these kinds before it."""
    if is_next_part(text, stop, word):
        return False
    if not kinds & ~Kind.BRIEF:
        # `ir. K. de Boer`
        return not kinds or not ("A" <= text[word] <= "Z" and text[word + 1 : word + 2] == ".")
    if kinds & KNOWN and is_roman_after(text, word):
        return False
    following = kinds_after(text, word)
    is_start = bool(following & Kind.STARTS)
    if kinds & Kind.NUMBER:
        return is_start or not (following & Kind.ORDINAL or kinds & Kind.BEFORE_ORDINAL)
    if kinds & Kind.NEVER:
        return False
    if kinds & (Kind.NAME | Kind.INITIAL):
        return is_start
    if kinds & Kind.MIDDLE:
        return is_start or bool(following & Kind.STARTS_UNLESS_NAME)
    return True


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9" or "０" <= character <= "９"


def _is_alphanumeric(character: str) -> bool:
    return character.isascii() and character.isalnum()
