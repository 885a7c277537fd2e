"""Suggestions for misspelt names."""

from ctxtools.suggestions import closest_match, closest_names, one_of
from tests.hanging import no_hang


def test_the_closest_matches_are_suggested_as_a_question() -> None:
    assert closest_match("limt", ["limit", "model"]) == "did you mean limit?"
    known = ["gpt-4o", "gpt-4", "claude"]
    assert closest_match("gpt-4oo", known) == "did you mean gpt-4o or gpt-4?"
    assert closest_match("zzz", ["limit"]) is None
    assert closest_match("zzz", []) is None


def test_many_long_names_are_not_all_compared() -> None:
    alike = ["a" * (250 - number % 99) + str(number) for number in range(30_000)]
    with no_hang():
        closest_names("a" * 199, alike)
        assert closest_names("a" * 100_000, alike) == []
    assert closest_names("limt", [*alike, "limit"]) == ["limit"]


def test_alternatives() -> None:
    assert [one_of(["a"]), one_of(["a", "b", "c"])] == ["a", "a, b or c"]
