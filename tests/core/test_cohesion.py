"""How alike the words on the two sides of an offset are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import _core
from ctxtools._core.types import Strength
from tests.core.texts import TEXTS

APPLES = "Red apples are sweet. Sweet apples are red. "
WHALES = "Blue whales swim. They sing as whales swim. "
SCORES = st.integers(1, 9), st.sampled_from([1.0, 0.2])


def test_a_change_of_topic_has_the_lowest_score() -> None:
    text = APPLES * 2 + WHALES * 2
    found = _core.TextMap(text)
    offsets, _ = found.boundaries(Strength.SENTENCE)
    scores = [*found.cohesion(offsets, 8)]
    lowest = offsets[scores.index(min(scores))]
    assert text[:lowest].strip() == (APPLES * 2).strip()
    assert min(scores) < -1 and sum(scores) == pytest.approx(0)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Painting walls. x PAINTED fences.", True),  # the first five characters
        ("Paint walls. x Paints fences.", True),
        ("Pains felt. x Paint walls.", False),
        ("Élan vital. x élan here.", True),
        ("数学很难。x 数学有用。", True),  # pairs of characters
        ("数学很难。x 学数有用。", False),
        ("a_word b. x c_word d.", True),
    ],
)
def test_what_are_the_same_words(text: str, same: bool) -> None:
    """The offset in the middle is compared with one that has nothing in common."""
    text += " q r s t u v w y z" * 3
    found = _core.TextMap(text)
    middle, nothing = found.cohesion([text.index("x"), len(text) - 8], 4)
    assert (middle > nothing) == same


@given(TEXTS, *SCORES)
def test_scores_are_bounded_and_centred(text: str, reach: int, weight: float) -> None:
    found = _core.TextMap(text)
    offsets = [*range(len(text) + 1)]
    scores = found.cohesion(offsets, reach, weight)
    assert scores.format == "d" and len(scores) == len(offsets)
    assert all(-3 * weight <= score <= 3 * weight for score in scores)
    assert scores[0] == scores[-1] == 0  # nothing is on one side
    # Each is of its offset, whatever the order.
    assert [*found.cohesion(offsets[::-1], reach, weight)] == [*scores][::-1]


@pytest.mark.parametrize("text", ["", " ", "word", "word word word", "…"])
def test_there_is_nothing_to_compare(text: str) -> None:
    assert not any(_core.TextMap(text).cohesion([0, len(text)], 60))


def test_a_reach_is_at_least_one_word_and_at_most_4096() -> None:
    text = " ".join(str(number * number % 97) for number in range(9000))
    found, offsets = _core.TextMap(text), [100, 9_000, 20_000]
    assert [*found.cohesion(offsets, -5)] == [*found.cohesion(offsets, 1)]
    assert [*found.cohesion(offsets, 4096)] == [*found.cohesion(offsets, 10**30)]
