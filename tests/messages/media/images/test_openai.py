"""OpenAI's images: worked examples of its documentation, and what was billed."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.messages.media.images.openai import patches, tiles
from ctxtools.messages.media.tokens import image_tokens

TILED = ("gpt-4o", "gpt-5", "o3", "computer-use-preview", "gpt-4o-mini")
sides = st.integers(1, 12_000)


@pytest.mark.parametrize(
    ("sizes", "tokens"),
    [
        ([(128, 64), (512, 512)], (255, 210, 225, 194, 8_500)),
        ([(513, 513), (1024, 1024), (1800, 2400)], (765, 630, 675, 581, 25_501)),
        ([(1920, 1080), (2048, 4096), (3840, 2160)], (1_105, 910, 975, 839, 36_835)),
        ([(3000, 1000)], (1_445, 1_190, 1_275, 1_097, 48_169)),
    ],
)
def test_tiles(sizes: list[tuple[int, int]], tokens: tuple[int, ...]) -> None:
    for width, height in sizes:
        found = tuple(image_tokens(model, width, height) for model in TILED)
        assert found == tokens
        assert all(each.exact for each in found)


def test_sides_are_rounded_and_not_rounded_up() -> None:
    assert image_tokens("gpt-4.1", 2049, 513) == 1_445  # both were billed
    assert image_tokens("gpt-4.1", 2050, 513) == 765


def test_low_detail_is_the_base() -> None:
    for model, base in zip(TILED, (85, 70, 75, 65, 2833), strict=True):
        assert image_tokens(model, 4000, 3000, detail="low") == base
        assert image_tokens(model, 600, 700, detail="auto") == image_tokens(model, 600, 700)


@given(sides, sides)
def test_tiles_are_those_of_exact_fractions(width: int, height: int) -> None:
    w, h = width, height
    if (long := max(w, h)) > 2048:
        w, h = (max(1, round(Fraction(side * 2048, long))) for side in (w, h))
    if (short := min(w, h)) > 768:
        w, h = (round(Fraction(side * 768, short)) for side in (w, h))
    assert tiles.resized(width, height, 768) == (w, h)


def test_images_that_are_edited() -> None:
    assert image_tokens("gpt-image-1", 1024, 1024) == 65 + 129
    assert image_tokens("gpt-image-1", 1024, 1024, detail="high") == 65 + 129 + 4_160
    assert image_tokens("gpt-image-1", 1024, 1536, detail="high") == 65 + 2 * 129 + 6_240


@pytest.mark.parametrize(
    ("width", "height", "billed"),
    [
        (256, 256, 77),
        (512, 512, 308),
        (768, 1024, 922),
        (1280, 720, 1_104),
        (1024, 1024, 1_229),
        (2048, 768, 1_844),
    ],
)
def test_bills_of_gpt_5_mini(width: int, height: int, billed: int) -> None:
    found = image_tokens("gpt-5-mini", width, height)
    assert found == billed
    assert found.basis == "measured"
    assert found.interval.low == billed
    assert found.interval.high == math.ceil(
        Fraction(162, 100) * math.ceil(Fraction(billed * 10 - 9, 12))
    )
    assert any("1.62 is documented, 1.2 was billed" in note for note in found.notes)


MINI, MIDDLE, LARGE = (1536, 2048), (2500, 2048), (10_000, 6000)


@pytest.mark.parametrize(
    ("size", "box", "fitted", "number"),
    [
        ((1024, 1024), MINI, (1024, 1024), 1_024),
        ((1800, 2400), MINI, (1056, 1408), 1_452),
        ((1920, 1080), MINI, None, 1_508),
        ((1920, 1080), MIDDLE, None, 2_040),
        ((3840, 2400), MIDDLE, (1996, 1248), 2_457),
        ((3840, 2160), LARGE, (3840, 2160), 8_160),
        ((4000, 1474), MINI, (2048, 754), 1_536),
        ((9000, 9000), (), (9000, 9000), 79_524),
    ],
)
def test_patches(
    size: tuple[int, int], box: tuple[int, ...], fitted: tuple[int, int] | None, number: int
) -> None:
    width, height = patches.resized(*size, box)
    assert fitted is None or (width, height) == fitted
    assert math.ceil(width / 32) * math.ceil(height / 32) == number


@given(sides, sides, st.sampled_from((MINI, MIDDLE, LARGE)))
def test_patches_are_in_their_budget(width: int, height: int, box: tuple[int, int]) -> None:
    fitted = patches.resized(width, height, box)
    assert max(fitted) <= box[1]
    assert math.ceil(fitted[0] / 32) * math.ceil(fitted[1] / 32) <= box[0]
    assert patches.resized(*fitted, box) == fitted
    assert patches.resized(height, width, box) == fitted[::-1]


@given(st.integers(1, 2048), st.integers(1, 2048))
def test_patches_are_those_of_the_documented_floats(width: int, height: int) -> None:
    budget = 1536
    fitted = patches.resized(width, height, MINI)
    if math.ceil(width / 32) * math.ceil(height / 32) <= budget:
        assert fitted == (width, height)
        return
    shrink = math.sqrt(1024 * budget / (width * height))
    columns, rows = width * shrink / 32, height * shrink / 32
    shrink *= min(math.floor(columns) / columns, math.floor(rows) / rows)
    assert abs(fitted[0] - width * shrink) < 1
    assert abs(fitted[1] - height * shrink) < 1


@pytest.mark.parametrize(
    ("model", "detail", "interval"),
    [
        ("gpt-4.1-mini", None, (2_489, 2_489, 2_489)),
        ("gpt-4.1-nano", None, (3_779, 3_779, 3_779)),
        ("o4-mini", None, (2_642, 2_642, 2_642)),
        ("gpt-5-nano", None, (2_304, 2_304, 3_779)),
        ("gpt-5.2", None, (1_536, 1_844, 1_844)),
        ("gpt-5.4", None, (1_536, 1_844, 1_844)),
        ("gpt-5.4", "original", (5_875, 7_050, 7_050)),
        ("gpt-5.4-mini", None, (1_844, 1_844, 2_489)),
        ("gpt-5.5", None, (5_875, 7_050, 9_518)),
        ("gpt-5.5", "high", (1_536, 1_844, 2_489)),
        ("gpt-5.6", None, (5_875, 7_050, 9_518)),
        ("gpt-5.6", "high", (1_536, 1_844, 9_518)),
    ],
)
def test_where_sources_differ_the_interval_has_all_of_them(
    model: str, detail: str | None, interval: tuple[int, int, int]
) -> None:
    found = image_tokens(model, 4000, 1474, detail=detail)
    assert (found.interval.low, found, found.interval.high) == interval
    assert found.exact or any("estimate" in note for note in found.notes)


def test_low_detail_of_patches() -> None:
    found = image_tokens("gpt-5-mini", 2048, 2048, detail="low")
    assert found == image_tokens("gpt-5-mini", 2048, 2048)  # it was billed as if there were none
    assert found.interval.low == math.ceil(256 * 1.2)
    found = image_tokens("gpt-5.4", 2048, 2048, detail="low")
    assert found == math.ceil(256 * 1.2)
    assert found.interval.high > 2_000
    assert any("detail 'low': 2,500 or 256 patches" in note for note in found.notes)
    for model in ("gpt-4.1-mini", "gpt-4.1-nano", "o4-mini"):
        assert image_tokens(model, 2048, 2048, detail="low").notes


@pytest.mark.parametrize(
    ("model", "detail"), [("gpt-4o", "original"), ("gpt-5-mini", "original"), ("gpt-5.4", "ultra")]
)
def test_an_unknown_detail(model: str, detail: str) -> None:
    with pytest.raises(UsageError, match=f"unknown detail '{detail}'"):
        image_tokens(model, 10, 10, detail=detail)
