import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.models.characters import CHARACTERS, CLASSES, CharacterCounter, count_characters

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def _named(text: str | bytes) -> dict[str, int]:
    return {name: n for name, n in zip(CLASSES, count_characters(text), strict=True) if n}


@given(_texts)
def test_each_character_is_of_one_class(text: str) -> None:
    counts = count_characters(text)
    assert sum(counts[: len(CHARACTERS)]) == len(text)
    assert counts == count_characters(text.encode())


@given(_texts, _texts)
def test_counts_of_characters_add_up(one: str, other: str) -> None:
    both = [a + b for a, b in zip(count_characters(one), count_characters(other), strict=True)]
    joined = count_characters(one + other)
    assert list(joined[: len(CHARACTERS)]) == both[: len(CHARACTERS)]
    # Of neighbours there is one pair more, where the texts meet.
    assert all(0 <= a - b <= 1 for a, b in zip(joined, both, strict=True))


@given(st.lists(_texts, max_size=6), st.integers(1, 9), st.sampled_from([1, 700]))
def test_counts_do_not_depend_on_blocks(texts: list[str], size: int, times: int) -> None:
    data = "".join(texts).encode() * times
    size = size if times == 1 else size * 997
    counter = CharacterCounter()
    for at in range(0, len(data), size):
        counter.feed(data[at : at + size])
        if at % 3 == 0:
            counter.counts()  # asking on the way changes nothing
    assert counter.counts() == count_characters(data)


@given(_texts.filter(bool))
def test_of_a_long_text_a_sample_has_about_the_shares_of_the_whole(text: str) -> None:
    data = text * (400_000 // len(text.encode()))
    found = sum(count_characters(data)[: len(CHARACTERS)])
    assert abs(found / len(data) - 1) < 0.05


@pytest.mark.parametrize(
    "name, characters",
    {
        "lower case": "az", "digits": "09", "line breaks": "\n", "controls": "\0\x1b\x7f",
        "operators": "=_\\", "Latin-1 letters": "éß", "extended Latin": "čő", "Greek": "ας",
        "Cyrillic": "Жя", "Hebrew": "א", "Arabic": "عم", "Devanagari": "हिं", "Thai": "ไทย",
        "Tamil": "தமி", "Georgian": "ქართ", "Ethiopic": "አማ", "additional Latin": "ộẽ",
        "typography": "–…“", "box drawing": "─█", "kana": "ひカ", "CJK punctuation": "。「",
        "accents": "\u0301\u0323", "Arabic points": "\u064e\u0651", "jamo": "\u1112\u11ab",
        "Han": "中文", "Hangul": "한나", "full width": "，１", "emoji": "😀🎉",
    }.items(),
)  # fmt: skip
def test_scripts_are_told_apart(name: str, characters: str) -> None:
    for character in characters:
        assert list(_named(character)) == [name], unicodedata.name(character, "?")


def test_neighbours() -> None:
    found = _named("getURL (x2)  ==\n  ok")
    assert found["lower, upper"] == 1
    assert found["upper, upper"] == 2
    assert found["word, digit"] == 1
    assert found["digit, mark"] == 1
    assert found["space, space"] == 2
    assert found["break, space"] == 1
    assert found["repeats"] == 3


def test_no_text_has_no_characters() -> None:
    assert not any(count_characters(""))
    assert not any(CharacterCounter().counts())


def test_lone_surrogates_are_counted_as_something() -> None:
    assert sum(count_characters("\ud800")[: len(CHARACTERS)]) == 1
