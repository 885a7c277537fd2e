"""Suggestions for misspelt names."""

from ctxtools.suggestions import closest_match, one_of


def test_the_closest_matches_are_suggested_as_a_question() -> None:
    assert closest_match("limt", ["limit", "model"]) == "did you mean limit?"
    known = ["gpt-4o", "gpt-4", "claude"]
    assert closest_match("gpt-4oo", known) == "did you mean gpt-4o or gpt-4?"
    assert closest_match("zzz", ["limit"]) is None
    assert closest_match("zzz", []) is None


def test_alternatives() -> None:
    assert [one_of(["a"]), one_of(["a", "b", "c"])] == ["a", "a, b or c"]
