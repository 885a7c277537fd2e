"""Trimmed documents: within the limit, cut where lines end, and the marker says what is omitted."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings import Encoding
from ctxtools.packing.arguments import Trim
from ctxtools.packing.prompt.trim import trim
from tests.packing.conftest import ENCODINGS, encodings, hostile_texts

LINES = "".join(f"line {i} of the file\n" for i in range(1, 101))
O200K = ENCODINGS["o200k_base"]
SIDES: tuple[Trim, ...] = get_args(Trim)


def trimmed(text: str, limit: int, side: Trim) -> str:
    found = trim(text, O200K, limit, side)
    assert found is not None
    assert O200K.count(found[0]) == found[1] <= limit
    return found[0]


@pytest.mark.parametrize(
    ("side", "start", "end"), [("head", 1, 0), ("tail", 0, 100), ("middle", 1, 100)]
)
def test_whole_lines_are_kept(side: Trim, start: int, end: int) -> None:
    text = trimmed(LINES, 120, side)
    marker = re.search(r"^\[\.\.\. lines (\d+) to (\d+) of 100 left out \.\.\.\]$", text, re.M)
    assert marker
    first, last = int(marker.group(1)), int(marker.group(2))
    lines = LINES.splitlines(keepends=True)
    assert text == "".join(lines[: first - 1]) + marker.group() + "\n" + "".join(lines[last:])
    assert text.startswith("line 1 of") == (start == 1)
    assert text.endswith("line 100 of the file\n") == (end == 100)


def test_one_long_line_is_cut_between_words() -> None:
    kept, marker = trimmed("word " * 500, 50, "head").split("\n[... ")
    assert kept.endswith("word ") and set(kept.split()) == {"word"}
    assert marker == f"characters {len(kept) + 1} to 2500 of 2500 left out ...]\n"


@given(hostile_texts.map(lambda t: t * 9), encodings, st.integers(0, 300), st.sampled_from(SIDES))
def test_the_limit_is_kept(text: str, encoding: Encoding, limit: int, side: Trim) -> None:
    found = trim(text, encoding, limit, side)
    if found is not None:
        assert encoding.count(found[0]) == found[1] <= limit
    if encoding.count(text) <= limit and limit >= 16:
        assert found == (text, encoding.count(text))


@given(hostile_texts.map(lambda t: t * 9), encodings, st.integers(0, 300), st.sampled_from(SIDES))
def test_what_surrounds_the_text_counts(
    text: str, encoding: Encoding, limit: int, side: Trim
) -> None:
    def cost(body: str) -> int:
        return encoding.count(f"<document>\n{body.replace('a', 'aaaa')}</document>\n")

    found = trim(text, encoding, limit, side, cost)
    assert found is None or cost(found[0]) == found[1] <= limit


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("limit", [100, 500, 1000, 8000])
def test_nearly_all_of_the_limit_is_used(side: Trim, limit: int) -> None:
    """8,007 tokens of 8,000 were kept: the search stopped when it was close."""
    assert O200K.count(trimmed(LINES * 50, limit, side)) > limit - 20


@pytest.mark.parametrize("side", SIDES)
def test_a_large_text_is_not_counted(side: Trim, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six counts of a quarter of a megabyte each were made for a limit of 8,000 tokens."""
    counted = 0
    count = O200K.count

    def watched(text: str) -> int:
        nonlocal counted
        counted += len(text)
        return count(text)

    monkeypatch.setattr(O200K, "count", watched)
    assert trim(LINES * 2000, O200K, 8000, side)
    assert counted < 150_000
