"""Gemini's images: levels of resolution, and tiles before there were any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.messages.media.tokens import image_tokens

NEW, MIDDLE, OLD = "gemini-3.5-flash", "gemini-2.5-pro", "gemini-2.0-flash"


@pytest.mark.parametrize(
    ("detail", "tokens"),
    [
        (None, 1120), ("low", 280), ("medium", 560), ("high", 1120), ("ultra_high", 2240),
        ("MEDIA_RESOLUTION_LOW", 280), ("MEDIA_RESOLUTION_UNSPECIFIED", 1120), ("auto", 1120),
    ],
)  # fmt: skip
def test_gemini_3(detail: str | None, tokens: int) -> None:
    for width, height in ((1, 1), (1920, 1080), (9000, 9000)):
        found = image_tokens(NEW, width, height, detail=detail)
        assert found == found.interval.high == tokens
        assert found.interval.low < tokens
        assert "approximate" in found.notes[0]


def test_gemini_2_5() -> None:
    assert image_tokens(MIDDLE, 1920, 1080, detail="low") == 64
    assert image_tokens(MIDDLE, 1920, 1080, detail="medium") == 256
    small = image_tokens(MIDDLE, 384, 384)
    assert (small.interval.low, small) == (256, 258)  # one page says this, another that
    assert small.notes
    found = image_tokens(MIDDLE, 960, 540)
    assert (found.interval.low, found, found.interval.high) == (256, 1_548, 2_304)
    assert image_tokens(MIDDLE, 4000, 300) == 2_304


def test_tiles_by_both_readings() -> None:
    assert image_tokens(OLD, 384, 300).exact
    found = image_tokens(OLD, 960, 540)
    assert (found.interval.low, found, found.interval.high) == (516, 1_548, 1_548)
    assert "tiles of 360 pixels take 1,548 tokens, tiles of 768 take 516" in found.notes[0]


@given(st.sampled_from((NEW, MIDDLE, OLD)), st.integers(1, 9000), st.integers(1, 9000))
def test_the_number_is_in_its_interval(model: str, width: int, height: int) -> None:
    found = image_tokens(model, width, height)
    assert 0 < found.interval.low <= found <= found.interval.high


def test_an_unknown_level() -> None:
    with pytest.raises(UsageError, match="unknown detail 'ultra_high'"):
        image_tokens(OLD, 9, 9, detail="ultra_high")


def test_names() -> None:
    for name in (
        "gemini-3-pro-preview", "gemini-3.1-pro", "gemini-pro-latest", "gemini-3.1-flash-lite",
        "google/gemini-3-flash", "gemini-3.8-flash", "vertex_ai/gemini-3.5-flash-lite",
    ):  # fmt: skip
        assert image_tokens(name, 9, 9) == 1120, name
    for name in ("gemini-2.5-flash-lite", "gemini-2.5-flash-lite-preview-09-2025",
                 "gemini/gemini-2.5-pro-exp-03-25", "models/gemini-2.5-flash"):  # fmt: skip
        assert image_tokens(name, 9, 9, detail="low") == 64, name
    assert image_tokens("gemini-2.0-flash-lite-001", 9, 9) == 258
    assert image_tokens("gemini-1.5-pro-002", 999, 999) == 258


def test_no_note_where_both_readings_agree() -> None:
    found = image_tokens("gemini-2.0-flash", 4000, 3000)
    assert (found, found.exact, found.notes) == (6_192, True, ())
