"""How much a decoded text looks like writing: whether its characters stand where people put them.

A wrong charset gives letters of two scripts in one word, capitals after small letters, symbols
inside words and characters that nothing uses. This knows no language: those are known to chardet,
whose order of charsets `ctxtools.documents.charsets.detect` weighs with it.
"""

import re
import unicodedata
from contextlib import suppress
from functools import lru_cache

# Written together, and next to Latin letters without a space.
_EAST_ASIAN = {
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "HANGUL",
    "FULLWIDTH",
    "KATAKANA-HIRAGANA",
    "BOPOMOFO",
}
_IN_WORDS = frozenset("’‘ʼ'‐‑–—·•…́`´\u00ad\u200c\u200d")
# A quotation mark, and what the other end of its quotation may be.
_QUOTES = {
    "‘": "’",
    "‚": "‘’",
    "“": "”“",
    "„": "“”",
    "”": "“„”",
    "«": "»",
    "»": "«»",
    "‹": "›",
    "›": "‹›",
}
_COMMON_SYMBOLS = frozenset("©®°€£§№±×÷¿¡«»„“”‚‘’‹›–—…•ªº²³½¼¾™†‡µ")

_ABOVE_ASCII = re.compile("[^\0-\x7f]")
_KANA = re.compile("[\u3041-\u30fe]")
_CYRILLIC = re.compile("[\u0400-\u045f]")
_OBSOLETE = frozenset("ฃฅ")  # letters that Thai no longer uses
_FREQUENT = frozenset("оеаинтсрвлі")  # two thirds of the letters in any of the languages
_FEW_LETTERS = 8
_SHORT = 500  # characters, up to which a quotation must be closed

# What a UTF-16 or UTF-32 text consists of; East Asian characters are looked up in the standards.
_ALPHABETS = (
    *((0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x52F), (0x531, 0x58F), (0x591, 0x6FF), (0x900, 0xDFF)),
    *((0xE01, 0xE5B), (0xE81, 0xEDF), (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1200, 0x137F)),
    *((0x1780, 0x17FF), (0x1E00, 0x1FFF), (0x2010, 0x203A), (0x20A0, 0x20BF), (0x2190, 0x21FF)),
    *((0x2500, 0x25FF), (0x3000, 0x30FF), (0xFF01, 0xFF9F)),
)
# The last of the common characters in the standards, whose first level they are.
_LEVEL_1 = {"gb2312": 0xD7F9, "big5": 0xC67E, "shift_jis": 0x9872, "euc_kr": 0xC8FE}


def plausibility(text: str) -> float:
    """The share of the characters above ASCII that stand where people write such, from 0 to 1."""
    total = bad = 0.0
    around = f" {text} "
    for found in _ABOVE_ASCII.finditer(text):
        i, character = found.start() + 1, found[0]  # in `around`
        total += 1
        if character in _QUOTES:
            others = around[:i] + around[i + 1 :] if len(around) < _SHORT else _QUOTES[character]
            bad += 0.0 if any(each in others for each in _QUOTES[character]) else 0.5
        bad += _oddity(around[i - 1], character, around[i + 1], around[i - 2 : i - 1])
    return 1 - bad / total if total else 1.0


def _oddity(before: str, character: str, after: str, second: str) -> float:
    """How odd a character above ASCII is between its neighbours, from 0 to 1."""
    category, script = _kind(character)
    if category[0] == "C" and category != "Cf":
        return 1.0
    if character in _OBSOLETE:
        return 1.0
    if category[0] == "M" or category == "Cf":
        return 0.0
    left, right = _kind(before), _kind(after)
    if character in "ךםןףץ" and right == ("Lo", "HEBREW"):
        return 1.0  # these end a word
    if character >= "\ufe70" and right[0][0] not in "LM" and _joins(character):
        return 1.0
    if category[0] == "L" and character not in "ªº":
        if category == "Lu" and before == " " == after and _kind(second)[0] == "Ll":
            return 0.5  # a capital as a word within a sentence
        return _odd_letter(category, script, left, right, second)
    if script in ("IDEOGRAPHIC", *_EAST_ASIAN) or (
        character in _IN_WORDS and not (character in "—•" and left[0][0] == "L" and after == " ")
    ):
        return 0.0
    if character in "—•":
        return 0.5
    letters = (left[0][0] == "L") + (right[0][0] == "L")
    if script == "BOX" or letters == 2:
        return 1.0 if letters else 0.2
    return 0.0 if character in _COMMON_SYMBOLS or not letters else 0.3


def _odd_letter(
    category: str, script: str, left: tuple[str, str], right: tuple[str, str], second: str
) -> float:
    neighbours = [each for each in (left, right) if each[0][0] == "L"]
    if script in _EAST_ASIAN:
        # One character inside a word of small Latin letters.
        return float(left == right == ("Ll", "LATIN"))
    if any(each[1] != script for each in neighbours):
        return 1.0
    if category == "Lu" and left[0] == "Ll":
        return 1.0
    if category == "Ll" and left[0] == right[0] == "Lu" and script == "LATIN":
        return 0.8
    if category == "Ll" and left[0] == "Lu" and _kind(second)[0] == "Lu":
        return 0.6
    return 0.0


@lru_cache(4096)
def _kind(character: str) -> tuple[str, str]:
    """The general category, and the first word of the name, which says the script."""
    if not character:
        return "Zs", ""
    return unicodedata.category(character), unicodedata.name(character, "").partition(" ")[0]


def _joins(character: str) -> bool:
    """Whether this is a form of an Arabic letter that another one follows; of DOS they are."""
    return "ARABIC" in (name := unicodedata.name(character, "")) and (
        name.endswith(("INITIAL FORM", "MEDIAL FORM"))
    )


def _above_ascii(text: str) -> str:
    """Its characters above ASCII, often few: to look at all others would take longer."""
    return "".join(_ABOVE_ASCII.findall(text))


def is_latin(text: str) -> bool:
    """Whether most of the letters above ASCII are Latin."""
    scripts = [_kind(each)[1] for each in _above_ascii(text) if each.isalpha()]
    return scripts.count("LATIN") * 2 >= len(scripts)


def is_hebrew(text: str) -> bool:
    """Whether all letters above ASCII are Hebrew, and where they may be."""
    scripts = {_kind(each)[1] for each in _above_ascii(text) if each.isalpha()}
    return scripts == {"HEBREW"} and plausibility(text) >= 0.95


def cyrillic_frequency(text: str) -> float:
    """The share of the ten most frequent letters among the Cyrillic ones; 0 if there are few."""
    letters = _CYRILLIC.findall(_above_ascii(text).lower())
    if len(letters) < _FEW_LETTERS:
        return 0.0
    return sum(each in _FREQUENT for each in letters) / len(letters)


def kana_share(text: str) -> float:
    """The share of Japanese syllables among the characters above ASCII, if it is one in four.

    They are two rows of the standard, so that text in another charset hardly hits them so often.
    """
    above = _above_ascii(text)
    kana = len(_KANA.findall(above))
    return kana / len(above) if kana * 4 >= len(above) > 0 else 0.0


def is_wide_text(text: str, *, certain: bool) -> bool:
    """Whether characters decoded from 16 or 32 bits each are a text, and not numbers or noise.

    Args:
        text: what the bytes are as UTF-16 or UTF-32.
        certain: they have bytes that no text in another charset has; without such, only common
            Chinese and Japanese is taken for text.
    """
    if not text or sum(map(_is_common, text)) < (0.85 if certain else 0.97) * len(text):
        return False
    if certain:
        return True
    # Hangul would be Chinese in GBK, or Russian; and Korean has spaces, which have a NUL.
    standards = [_standards(each) for each in text if "\u4e00" <= each <= "\u9fff"]
    east = sum("\u3000" <= each <= "\u9fff" or "\uff00" <= each <= "\uffef" for each in text)
    kana = sum("\u3040" <= each <= "\u30ff" for each in text)
    several = sum(n >= 2 for n in standards)
    return len(text) >= 5 and east >= 0.97 * len(text) and several + kana >= 0.6 * len(text)


@lru_cache(8192)
def _is_common(character: str) -> bool:
    if character in "\t\n\r\f":
        return True
    code = ord(character)
    if any(first <= code <= last for first, last in _ALPHABETS):
        return unicodedata.category(character) != "Cn"
    if 0x4E00 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7A3:
        return _standards(character) > 0
    return 0x1F300 <= code <= 0x1FAFF  # emoji


@lru_cache(8192)
def _standards(character: str) -> int:
    """In how many East Asian standards a character is a common one."""
    count = 0
    for standard, last in _LEVEL_1.items():
        with suppress(UnicodeEncodeError):
            count += int.from_bytes(character.encode(standard)) <= last
    return count
