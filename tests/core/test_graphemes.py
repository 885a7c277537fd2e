"""Places inside grapheme clusters, which a parser may find."""

import regex
from hypothesis import given
from hypothesis import strategies as st

from ctxtools._core.fallback.graphemes import inside_clusters

_PARTS = [
    "a",
    "}",
    "\n",
    "\r\n",
    "\r",
    "\u0301",
    "\u0e33",
    "\u0600",
    "\u200d",
    "文",
    "한",
    "\u11a8",
]
_FLAGS = ["\U0001f1e9", "\U0001f1ea", "\U0001f468\u200d\U0001f469"]


@given(st.lists(st.sampled_from(_PARTS + _FLAGS)).map("".join), st.data())
def test_places_inside_are_those_that_end_no_cluster(text: str, data: st.DataObject) -> None:
    places = data.draw(st.sets(st.integers(1, len(text)))) if text else set()
    ends = {match.end() for match in regex.finditer(r"\X", text)}
    assert inside_clusters(text, places) == places - ends
