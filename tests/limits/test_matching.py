"""Which rules match a file, beside the matching of one pattern after the other."""

import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.documents.search.patterns import matcher
from ctxtools.limits.matching import Matching
from ctxtools.limits.rules import LimitRule

pieces = st.sampled_from(
    ["a", "b", "ab", "*", "**", "?", "a*", "*b", "[ab]", "\\\\*", ".a", "{a,b}"]
)
patterns = st.builds(
    lambda start, names, end: f"{start}{'/'.join(names)}{end}",
    st.sampled_from(["", "/", "./", "**/"]),
    st.lists(pieces, min_size=1, max_size=4),
    st.sampled_from(["", "/", "/**"]),
)
names = st.lists(st.sampled_from(["a", "b", "ab", "ba", ".a", "c"]), min_size=1, max_size=5)


@settings(max_examples=300)
@given(st.lists(patterns, min_size=1, max_size=6), st.lists(names, min_size=1, max_size=8))
def test_rules_are_those_whose_patterns_match(written: list[str], parts: list[list[str]]) -> None:
    here = os.getcwd()
    rules = [LimitRule(pattern, number, None) for number, pattern in enumerate(written)]
    matching = Matching(rules, here, hidden=True)
    one_by_one = [matcher(pattern, lambda name: False) for pattern in written]
    for part in parts:
        path = "/".join(part)
        expected = tuple(n for n, matches in enumerate(one_by_one) if matches(path))
        found = matching.find(path)
        assert (found.rules if found else ()) == expected
        if found:
            assert found.each == expected[-1]


def test_a_very_deep_tree(tmp_path: Path) -> None:
    matching = Matching(
        [LimitRule("a/", 1), LimitRule("**/z/*.md", 1)], str(tmp_path), hidden=False
    )
    deep = "/".join(["b"] * 2000)
    assert matching.find_name(f"{deep}/c") is None
    for number in range(3000):
        found = matching.find_name(f"{deep}/z/{number}.md")
        assert found is not None and found.rules == (1,)
    found = matching.find_name(f"a/{deep}/z/x.md")
    assert found is not None and found.rules == (0, 1)
