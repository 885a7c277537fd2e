"""The words that say whether a full stop ends a sentence: the table, and the word before a stop.

The table is ``ctxtools/_core/abbreviations.txt``, made by ``scripts/build_abbreviations.py``. The
rules are explained in ``kernel/src/text/sentences/abbreviations.rs``.
"""

from enum import IntFlag, auto
from functools import cache
from pathlib import Path
from unicodedata import category

from ctxtools._core.fallback.sentences.marks import BREAKS, MARKS, SPACE

_FILE = Path(__file__).parent.parent.parent / "abbreviations.txt"

_MAX_LETTERS = 16  # of a word of the table
_MAX_ABBREVIATION, _MAX_PART = 10, 4  # of an abbreviation, alone or as a part of one: `i` in `i.e`
_MAX_PARTS = 5
_MAX_CLOSE = 3  # letters of the last part, where nothing is known of it
_MAX_ORDINAL, _MAX_LABEL = 2, 3  # digits of an ordinal number, and of the number of a list item
_MAX_INDENT = 8  # characters before the number of a list item
_VOWELS = frozenset("aeiouyAEIOUY" + "аеиоуыэюяёіїєАЕИОУЫЭЮЯЁІЇЄ")
_BULLETS = "•‣⁃◦▪●○■"
_SPACE_INSIDE = frozenset("\n \xa0\u2009\u202f")


class Kind(IntFlag):
    """What is said of a word; the first ten by the table."""

    NEVER = auto()  # an abbreviation that needs what follows it: `Mr`, `e.g`
    NAME = auto()  # one that stands before or after a name: `St`, `Jr`
    MIDDLE = auto()  # one that ends a sentence before a word that starts sentences: `Inc`
    CAPITAL = auto()  # one that ends a sentence before any capital letter: `etc`, `no`
    STARTS = auto()  # starts sentences
    STARTS_UNLESS_NAME = auto()  # the same, but is also a name, or the start of one: `He`, `Le`
    ORDINAL = auto()  # German: follows an ordinal number: `Oktober`
    BEFORE_ORDINAL = auto()  # German: stands before an ordinal number: `am`
    LETTERED = auto()  # what a single letter names: `vitamin`
    SHORT = auto()  # short, and no abbreviation before a number either: `it`
    INITIAL = auto()  # an initial, or more of them: `J`, `U.S`
    LABEL = auto()  # the number or letter of a list item
    NUMBER = auto()  # a number that may be an ordinal one
    BRIEF = auto()  # short, and in no list: an abbreviation before a number


NO_KIND = Kind(0)
KNOWN = Kind.NEVER | Kind.NAME | Kind.MIDDLE | Kind.CAPITAL


@cache
def _table() -> dict[str, Kind]:
    table: dict[str, Kind] = {}
    for line in _FILE.read_text("utf-8").splitlines():
        name, colon, words = line.partition(": ")
        if colon and not name.startswith("#"):
            kind = Kind[name.upper().replace("-", "_")]
            for word in words.split(" "):
                table[word] = table.get(word, NO_KIND) | kind
    return table


def _kinds_of(word: str) -> Kind:
    return _table().get(word, NO_KIND)


def _has_case(character: str) -> bool:
    """Whether letters of these scripts have case, as the table needs to know: Latin, Greek,
    Cyrillic and Armenian."""
    return (
        character.isascii() or "\xaa" <= character <= "\u058f" or "\u1e00" <= character <= "\u1fff"
    )


def _is_letter(character: str) -> bool:
    if "\u0590" <= character <= "\u1dff":
        return character not in MARKS
    return _has_case(character) and category(character)[0] in "LM"


def is_upper(character: str) -> bool:
    return _has_case(character) and category(character) in ("Lu", "Lt")


def is_lower(character: str) -> bool:
    return _has_case(character) and category(character) == "Ll"


def _letters_before(text: str, end: int, most: int) -> int:
    """Where the letters start that end at ``end``; no more than ``most`` and one."""
    start = end
    while start and end - start <= most and _is_letter(text[start - 1]):
        start -= 1
    return start


def _letters_after(text: str, start: int, most: int) -> int:
    """Where the letters end that start at ``start``; no more than ``most``."""
    end = start
    while end < len(text) and end - start < most and _is_letter(text[end]):
        end += 1
    return end


def kinds_after(text: str, start: int) -> Kind:
    """What the table says of the word that starts at ``start``."""
    end = _letters_after(text, start, _MAX_LETTERS + 1)
    if end - start > _MAX_LETTERS:
        return NO_KIND
    after = text[end : end + 1] or " "
    if end - start == 1 and after in "'’":
        return Kind.STARTS_UNLESS_NAME  # `L'`, `I'm`
    kinds = _kinds_of(text[start:end])
    if after == ".":
        return kinds & Kind.ORDINAL
    return kinds if after in "'’," or after in SPACE else NO_KIND


def is_roman_after(text: str, start: int) -> bool:
    """Whether the word that starts at ``start`` is a Roman numeral, or a letter that numbers
    something; not the English word ``I``, nor another vowel."""
    rest = text[start : start + _MAX_ABBREVIATION]
    length = len(rest) - len(rest.lstrip("IVXLC"))
    end = start + max(1, length)
    if length == _MAX_ABBREVIATION or (end < len(text) and _is_letter(text[end])):
        return False
    if text[start] == "I" and length == 1:
        return text.startswith((" and", "\nand"), end)  # `I and II`
    return "A" <= text[start] <= "Z" and text[start] not in "AEOUY"


def is_next_part(text: str, stop: int, start: int) -> bool:
    """Whether the word before the full stop at ``stop``, and the one that starts at ``start``, are
    parts of one abbreviation, as in ``z. B.``"""
    end = _letters_after(text, start, _MAX_PART)
    first = _letters_before(text, stop, _MAX_PART)
    if text[end : end + 1] != "." or not 0 < stop - first <= _MAX_PART:
        return False
    if end - start == 1 and stop - first == 1 and "a" <= text[first] <= "z":
        return True
    return bool(_kinds_of(f"{text[first:stop]}.{text[start:end]}") & KNOWN)


def before_stop(text: str, stop: int) -> Kind:
    """What the word or number before the full stop at ``stop`` says; nothing if a sentence may end
    with it as with any other."""
    # Tokenized text has a space before each stop.
    end = stop
    if text[max(0, stop - 1) : stop] == " " and stop >= 2 and text[stop - 2] > " ":
        end = stop - 1
    start = _letters_before(text, end, _MAX_ABBREVIATION)
    if start == end:
        is_numero = text[max(0, end - 2) : end] in ("n°", "N°")
        return Kind.CAPITAL if is_numero else _number_before(text, end)
    if _has_known_end(text, end):
        return Kind.MIDDLE
    word, previous = text[start:end], text[start - 1 : start] or " "
    if len(word) > _MAX_ABBREVIATION or _is_digit(previous):
        return NO_KIND
    is_numeral = not word.strip("ivx") or not word.strip("IVX")
    if (len(word) == 1 or is_numeral) and _is_label(text, start):
        return Kind.LABEL
    known = _abbreviation(text, start, end)
    # The last part of an address, of a file's name or a unit is no abbreviation.
    if known or previous in "./\\_@°":
        return known
    if len(word) == 1:
        return _letter(text, start)
    if all(map(is_lower, word[1:])):
        if word[-1] in "βγδζθκλμπστφχ":  # no Greek word ends with these
            return Kind.MIDDLE
        if len(word) <= 5 and not any(map(_is_vowel, word)):
            return Kind.MIDDLE
        if len(word) <= 3 and not _kinds_of(word) & Kind.SHORT:
            return Kind.BRIEF
    return NO_KIND


def _abbreviation(text: str, start: int, end: int) -> Kind:
    """What the table says of an abbreviation, alone or with the parts before it: ``d. h.``"""
    word, at, parts = text[start:end], start, 0
    joined = word
    # Whether all parts are short and next to each other, or single letters.
    is_close, is_single = len(word) <= _MAX_CLOSE, len(word) == 1
    while parts < _MAX_PARTS and (is_close or is_single or not parts):
        stop = _stop_before(text, at)
        if stop < 0:
            break
        first = _letters_before(text, stop, _MAX_PART)
        length = stop - first
        if not 0 < length <= _MAX_PART or _is_digit(text[first - 1 : first]):
            break
        joined = text[first : stop + 1] + joined
        known = _kinds_of(joined) & KNOWN
        if known:
            return known
        is_close = is_close and length < _MAX_CLOSE and stop + 1 == at
        is_single = is_single and length == 1
        at, parts = first, parts + 1
    known = _kinds_of(word) & KNOWN
    return Kind.INITIAL if not known and parts and (is_close or is_single) else known


def _stop_before(text: str, at: int) -> int:
    """The full stop before ``at``, with at most a space or line feed between; else -1."""
    if at and text[at - 1] == ".":
        return at - 1
    is_spaced = at >= 2 and text[at - 1] in _SPACE_INSIDE and text[at - 2] == "."
    return at - 2 if is_spaced else -1


def _letter(text: str, start: int) -> Kind:
    """What a single letter says that is no abbreviation of the table."""
    letter = text[start]
    if letter == "я":
        return NO_KIND
    if letter == "I":
        return Kind.MIDDLE
    if is_upper(letter):
        return Kind.CAPITAL if _kinds_before(text, start) & Kind.LETTERED else Kind.INITIAL
    return Kind.MIDDLE  # a variable, or a part of what is not known


def _number_before(text: str, end: int) -> Kind:
    """What the number says that ends at ``end``."""
    start = _digits_before(text, end)
    if not 0 < end - start <= _MAX_LABEL:
        return NO_KIND
    if _is_label(text, start):
        return Kind.LABEL
    previous = text[start - 1 : start] or " "
    if end - start <= _MAX_ORDINAL and (previous in SPACE or previous == "("):
        return Kind.NUMBER | _kinds_before(text, start) & Kind.BEFORE_ORDINAL
    # The number of a section, as in `1.2.`
    for _ in range(_MAX_PARTS):
        stop = start - 1
        if stop < 0 or text[stop] != ".":
            break
        start = _digits_before(text, stop)
        if not 0 < stop - start <= _MAX_LABEL:
            break
        if starts_line(text, start):
            return Kind.LABEL
    return NO_KIND


def _digits_before(text: str, end: int) -> int:
    start = end
    while start and end - start <= _MAX_LABEL and _is_digit(text[start - 1]):
        start -= 1
    return start


def _kinds_before(text: str, start: int) -> Kind:
    """What the table says of the word before the one that starts at ``start``."""
    if text[max(0, start - 1) : start] != " ":
        return NO_KIND
    first = _letters_before(text, start - 1, _MAX_LETTERS)
    return _kinds_of(text[first : start - 1]) if start - 1 - first <= _MAX_LETTERS else NO_KIND


def _is_label(text: str, at: int) -> bool:
    """Whether a number or letter at ``at`` starts an item of a list: at the start of a line, or
    after a bullet or the end of another sentence."""
    mark, space = text[max(0, at - 2) : at - 1], text[max(0, at - 1) : at]
    if not mark or space != " ":
        return starts_line(text, at)
    if mark in "!?:;" or mark in _BULLETS:
        return True
    if mark == ".":
        return _is_long_word(text, at - 2)
    return starts_line(text, at - 2 if mark in "-*+>#|" else at)


def _is_long_word(text: str, end: int) -> bool:
    """Whether a word ends at ``end`` that is no abbreviation of the table, nor as short as one."""
    start = _letters_before(text, end, _MAX_ABBREVIATION)
    kinds = _kinds_of(text[start:end])
    is_long = end - start > _MAX_CLOSE or bool(kinds & Kind.SHORT)
    return is_long and not kinds & KNOWN and not _has_known_end(text, end)


def _has_known_end(text: str, end: int) -> bool:
    """Whether a German compound ends with the abbreviation of its last part: `Hauptstr.`"""
    for last in ("str", "nr"):
        at = end - len(last) - 1
        if at >= 0 and text[at + 1 : end] == last:
            return "a" <= text[at] <= "z" or text[at] >= "\x80"
    return False


def starts_line(text: str, at: int) -> bool:
    """Whether only a little white space is before ``at`` in its line."""
    start = at
    while start and at - start < _MAX_INDENT and text[start - 1] in " \t":
        start -= 1
    return not start or text[start - 1] in BREAKS


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"


def _is_vowel(character: str) -> bool:
    """Whether it may be the vowel of a word. Accents are on vowels, most of the time."""
    return character in _VOWELS or not (character.isascii() or "\u0400" <= character <= "\u045f")
