"""Claude's images: the vendor's table, and the two tiers by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.messages.media.images.claude import resized
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.tokens import image_tokens

STANDARD, HIGH = (1568, 1568), (2576, 4784)


@pytest.mark.parametrize(
    ("width", "height", "standard", "high"),
    [
        (200, 200, 64, 64),
        (1000, 1000, 1_296, 1_296),
        (1092, 1092, 1_521, 1_521),
        (1920, 1080, 1_560, 2_691),
        (2000, 1500, 1_564, 3_888),
        (3840, 2160, 1_560, 4_784),
        (1075, 1520, 1_551, 2_145),
        (2048, 4096, 1_568, 4_232),
        (4000, 300, 280, 644),
    ],
)
def test_tokens(width: int, height: int, standard: int, high: int) -> None:
    assert image_tokens("claude-sonnet-4-6", width, height) == standard
    assert image_tokens("claude-opus-4-7", width, height) == high
    assert image_tokens("claude-opus-4-7", height, width) == high


@pytest.mark.parametrize(
    ("size", "limits", "fitted"),
    [
        ((1920, 1080), STANDARD, (1456, 819)),
        ((2000, 1500), STANDARD, (1270, 952)),
        ((3840, 2160), HIGH, (2576, 1449)),
        ((1075, 1520), STANDARD, (924, 1307)),
        ((2048, 4096), STANDARD, (784, 1568)),
        ((2048, 4096), HIGH, (1288, 2576)),
        ((4000, 300), HIGH, (2576, 193)),
    ],
)
def test_sizes(size: tuple[int, int], limits: tuple[int, int], fitted: tuple[int, int]) -> None:
    assert resized(Image(width=size[0], height=size[1]), *limits) == fitted


@given(st.integers(1, 8000), st.integers(1, 8000), st.sampled_from((STANDARD, HIGH)))
def test_an_image_fits_afterwards(width: int, height: int, limits: tuple[int, int]) -> None:
    fitted = resized(Image(width=width, height=height), *limits)
    columns, rows = (-(-side // 28) for side in fitted)
    assert max(columns, rows) * 28 <= limits[0]
    assert columns * rows <= limits[1]
    assert resized(Image(width=fitted[0], height=fitted[1]), *limits) == fitted
    assert resized(Image(width=height, height=width), *limits) == fitted[::-1]


HIGH_NAMES = (
    "claude-opus-4-7", "claude-opus-4.8", "claude-sonnet-5", "claude-fable-5", "claude-mythos-5",
    "claude-fable-5-1", "claude-opus-5-5", "claude-haiku-5-5", "claude-opus-4-7-20260416",
    "anthropic/claude-opus-4.7", "us.anthropic.claude-opus-4-7-20260416-v1:0", "claude-opus-6",
    "claude-opus-4-10", "claude-sonnet-10-1", "openrouter/anthropic/claude-opus-4.8:thinking",
)  # fmt: skip
STANDARD_NAMES = (
    "claude-3-haiku-20240307", "claude-3-5-sonnet-20241022", "claude-3-5-haiku-latest",
    "claude-3-7-sonnet", "claude-3-opus", "claude-opus-4-20250514", "claude-opus-4-1",
    "claude-sonnet-4-0", "claude-sonnet-4-5-20250929", "claude-opus-4-6", "claude-haiku-4-5",
    "vertex_ai/claude-sonnet-4-5@20250929", "claude-opus-4-6-v1", "claude-3.5-sonnet",
)  # fmt: skip


def test_names_of_both_tiers() -> None:
    for name in HIGH_NAMES:
        assert image_tokens(name, 3840, 2160) == 4_784, name
    for name in STANDARD_NAMES:
        assert image_tokens(name, 3840, 2160) == 1_560, name


def test_what_is_refused() -> None:
    with pytest.raises(UsageError, match="8,001 x 20 pixels is refused: a side may have at most"):
        image_tokens("claude-opus-4-7", 8001, 20)
    assert image_tokens("claude-opus-4-7", 8000, 20, images=20)
    with pytest.raises(
        UsageError, match="in a request of 21 images: a side may have at most 2,000"
    ):
        image_tokens("claude-opus-4-7", 2001, 20, images=21)


def test_what_is_noted() -> None:
    found = image_tokens("claude-opus-4-7", image=Image(width=9, height=9, format="bmp"))
    assert any("BMP is not taken as it is" in note for note in found.notes)
    assert any("6 to 8 tokens" in note for note in found.notes)
    assert found.exact
    assert "does not change" in image_tokens("claude-opus-4-7", 9, 9, detail="low").notes[-1]
    with pytest.raises(UsageError, match="unknown detail 'huge'"):
        image_tokens("claude-opus-4-7", 9, 9, detail="huge")
