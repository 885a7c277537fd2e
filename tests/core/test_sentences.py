"""Where sentences end: Unicode's own test, and sentences with abbreviations in twenty languages."""

from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from ctxtools import Encoding
from ctxtools._core.fallback.text_map import TextMap
from ctxtools._core.types import Strength
from tests.core.test_boundaries import shown

SENTENCES = Path(__file__).parent / "sentences"

# What this package has before the end of a sentence, the standard has after it.
_AFTER_END = " \t\xa0\u0308\u2060"


def moved(text: str, offsets: "set[int]") -> set[int]:
    """The offsets inside the text, each moved to the end of the white space there."""
    found = set()
    for offset in offsets - {0, len(text)}:
        while offset < len(text) and text[offset] in _AFTER_END:
            offset += 1
        found.add(offset)
    return found - {len(text)}


def ends(encoding: Encoding, text: str, least: Strength = Strength.SENTENCE) -> set[int]:
    return moved(text, {*encoding.index(text).boundaries(least)[0]})


def test_the_standard_finds_every_end_that_is_found(o200k: Encoding) -> None:
    """Unicode's SentenceBreakTest: none of its 502 lines has an end that the standard has not.

    Of its 122 ends 92 are found. The others are deliberate: 8 between two line breaks, which stay
    together, and 22 without white space, which is needed but after the terminators of Chinese and
    Japanese (SB11: ``.A``, ``!a``, ``字.字``, and marks that combine with the space).
    """
    found = missed = 0
    for line in (SENTENCES / "SentenceBreakTest-15.0.0.txt").read_text("utf-8").splitlines():
        parts = line.partition("#")[0].split()
        text = "".join(chr(int(part, 16)) for part in parts if part not in "÷×")
        expected, at = set(), 0
        for part in parts:
            if part == "÷":
                expected.add(at)
            at += part not in "÷×"
        expected = moved(text, expected)
        ours = ends(o200k, text, Strength.LINE)
        assert ours <= expected, repr(text)
        found, missed = found + len(ours), missed + len(expected - ours)
    assert (found, missed) == (92, 30)


def cases() -> list[tuple[str, set[int]]]:
    """The sentences of the file, and where others end in each."""
    found = []
    for line in (SENTENCES / "abbreviations.txt").read_text("utf-8").splitlines():
        if line and line[0] not in "#[":
            parts = line.split("|")
            inner = [sum(map(len, parts[:i])) for i in range(1, len(parts))]
            text = "".join(parts)
            found.append((text, moved(text, {*inner})))
    return found


def test_abbreviations_end_no_sentence(o200k: Encoding) -> None:
    """Of 850 marks that end none, and 250 that do, not one is taken for the other."""
    wrong = [
        (text[:at], text[at:], "a false end" if at in found else "not found")
        for text, expected in cases()
        for found in [ends(o200k, text)]
        for at in sorted(found ^ expected)
    ]
    assert not wrong


def test_line_breaks_are_white_space_to_an_abbreviation(o200k: Encoding) -> None:
    """Hard-wrapped prose has no other ends than the same prose in one line.

    But for a question or an exclamation before a small letter, and what may be a list's item.
    """
    for text, expected in cases():
        wrapped = text.replace(" ", "\n")
        for at in ends(o200k, wrapped) - expected:
            before = wrapped[:at].rstrip("\n\"'”“»)")
            assert before[-1] in "?!؟" or not wrapped[at].isalpha(), wrapped[:at]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it works. i think so", "it works.2 i think so"),  # what goes on is not nothing
        ("Wait... what? no", "Wait...2 what?2 no"),
        ('"So?" he said.', '"So?"2 he said.'),
        ("Go!\nfaster", "Go!\n5faster"),  # unlike a full stop, which may be an abbreviation's
        ("approx.\nfive", "approx.\n3five"),
        ("incl. five", "incl. five"),
        ("He left.[12] Then he came.[a][3] So", "He left.[12]4 Then he came.[a][3]4 So"),
        ("He left.³ Then", "He left.³4 Then"),
        ("« Oui. » Puis", "« Oui. »4 Puis"),
        ("I left. iPhones sell.", "I left.4 iPhones sell."),
        ("an [...] omission. A (…) one", "an [...] omission.4 A (…) one"),
        ("One. – Two. – and", "One.4 –2 Two. –2 and"),
        ("lit . 5 is it . Then", "lit . 5 is it .4 Then"),  # tokenized text
        ("Fig.\u202f5. Then z.\u202fB.\u202fHolz", "Fig.\u202f5.4 Then z.\u202fB.\u202fHolz"),
        ("هل؟\u200f نعم", "هل؟\u200f4 نعم"),  # a mark of direction
    ],
)
def test_what_is_around_a_stop(text: str, expected: str, o200k: Encoding) -> None:
    assert shown(o200k, text, Strength.CLAUSE) == expected


def test_every_word_of_the_table_is_read_alike() -> None:
    """The kernel's table and the fallback's are the same, in whatever follows a word."""
    lines = (Path(__file__).parents[2] / "ctxtools/_core/abbreviations.txt").read_text("utf-8")
    words = [
        w for line in lines.splitlines() if line[0] != "#" for w in line.split(": ")[1].split()
    ]
    for before, after in (("so ", "Mehl"), ("x. ", "The"), ("12 ", "7"), ("", "A. b"), ("e", "IV")):
        text = "".join(f"{before}{word}. {after} or {word}, {word}. " for word in words)
        same_as_the_fallback(text)
    for before, word in pairwise(words):
        if len(before) + len(word) < 6:
            same_as_the_fallback(f"{before}. {word}. Mehl am 3. {word}. {before}.{word}. So")


def same_as_the_fallback(text: str) -> None:
    from ctxtools import get_encoding

    index = get_encoding("o200k_base").index(text)
    fallback = TextMap(text, array("I", index.ends))
    assert [*index.strengths] == [*fallback.strengths]
