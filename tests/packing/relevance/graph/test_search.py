"""Searches that start from literals find what plain ones do."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.packing.relevance.graph.imports.search import find_all

_PARTS = ["from", "import", "importfrom", "'a'", '"b', '"', " ", "\n", "x", "é", "\ud800", "(", "_"]


@given(
    st.lists(st.lists(st.sampled_from(_PARTS), max_size=25).map("".join), max_size=5),
    st.integers(0, 2),
)
@pytest.mark.parametrize(
    "pattern",
    [
        r"\b(?:from|import)[ \t]{0,8}\(?[ \t\n]{0,8}[\"']([^\"'\s]{1,300})[\"']",
        r"(?m)^import([^)]{0,20})\)",
        r"(?:import|from)(\w?)",
    ],
)
def test_the_same_is_found(pattern: str, texts: list[str], threads: int) -> None:
    compiled = re.compile(pattern)
    found = find_all(compiled, ["from", "import"], texts, threads)
    assert [*found] == [compiled.findall(text) for text in texts]
