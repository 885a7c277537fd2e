"""Trimmed documents: within the room, cut where lines end, and the marker says what is left out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.packing.prompt.trim import Trim, trim, trim_to_fit
from tests.packing.conftest import ENCODINGS, encodings, hostile_texts

LINES = "".join(f"line {i} of the file\n" for i in range(1, 101))
O200K = ENCODINGS["o200k_base"]


@pytest.mark.parametrize(
    ("side", "start", "end"),
    [(Trim.HEAD, 1, 0), (Trim.TAIL, 0, 100), (Trim.MIDDLE, 1, 100)],
)
def test_whole_lines_are_kept(side: Trim, start: int, end: int) -> None:
    text = trim(LINES, O200K, 120, side)
    marker = re.search(r"^\[\.\.\. lines (\d+) to (\d+) of 100 left out \.\.\.\]$", text, re.M)
    assert marker
    first, last = int(marker.group(1)), int(marker.group(2))
    lines = LINES.splitlines(keepends=True)
    assert text == "".join(lines[: first - 1]) + marker.group() + "\n" + "".join(lines[last:])
    assert text.startswith("line 1 of") == (start == 1)
    assert text.endswith("line 100 of the file\n") == (end == 100)


def test_one_long_line_is_cut_between_words() -> None:
    text = trim("word " * 500, O200K, 50, Trim.HEAD)
    kept, marker = text.split("\n[... ")
    assert kept.endswith("word ") and set(kept.split()) == {"word"}
    assert marker == f"characters {len(kept) + 1} to 2500 of 2500 left out ...]\n"


@given(hostile_texts.map(lambda t: t * 9), encodings, st.integers(0, 200), st.sampled_from(Trim))
def test_what_fits_fits(text: str, encoding: object, room: int, side: Trim) -> None:
    from ctxtools.encodings import Encoding

    assert isinstance(encoding, Encoding)
    found = trim_to_fit(text, encoding, room, side, encoding.count)
    if found is not None:
        assert encoding.count(found[0]) == found[1] <= room


def test_most_of_the_room_is_used() -> None:
    for room in (100, 500, 1000):
        found = trim_to_fit(LINES * 20, O200K, room, Trim.HEAD, O200K.count)
        assert found is not None and found[1] > room - 40
