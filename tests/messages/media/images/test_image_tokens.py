"""`image_tokens`: an image by its size, or by itself."""

from pathlib import Path

import pytest

from ctxtools.errors import FormatError, ReadError, UsageError
from ctxtools.messages.media.files import read_image
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.tokens import image_tokens
from ctxtools.models import get_model
from tests.messages.media.headers.samples import png_header


def test_an_image_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(png_header(1920, 1080))
    expected = image_tokens("gpt-4o", 1920, 1080)
    for image in (file, str(file), file.read_bytes(), read_image(file)):
        assert image_tokens("gpt-4o", image=image) == expected
    assert image_tokens("gpt-4o", image=file, detail="low") == 85
    assert image_tokens("gpt-4o", image=Image(width=9, height=9, detail="low")) == 85


def test_how_it_was_read_is_among_the_notes(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(png_header(1920, 1080))
    found = image_tokens("qwen3-vl-8b", image=file)
    assert found == image_tokens("qwen3-vl-8b", 1920, 1080)
    assert found.notes[0] == "named .jpg, but it is a PNG"
    assert found.rule == "Qwen3-VL image"
    assert found.wrapper == 2


def test_a_model_in_place_of_a_name() -> None:
    assert image_tokens(get_model("gpt-4o"), 1920, 1080) == image_tokens("gpt-4o", 1920, 1080)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "by its width and height, or by itself"),
        ({"width": 9}, "by its width and height, or by itself"),
        ({"width": 9, "height": 9, "image": b""}, "by its width and height, or by itself"),
        ({"width": 0, "height": 9}, "width must be >= 1, got 0"),
        ({"width": 9, "height": -1}, "height must be >= 1, got -1"),
        ({"width": 9, "height": 2**40}, "height must be <= 2147483647"),
        ({"width": 9, "height": "9"}, "height must be an integer"),
        ({"width": 9, "height": 9, "position": -1}, "position must be >= 0"),
        ({"width": 9, "height": 9, "images": 0}, "images must be >= 1"),
        ({"width": 9, "height": 9, "detail": 3}, "detail must be a str"),
    ],
)
def test_arguments_that_cannot_be_used(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        image_tokens("gpt-4o", **arguments)  # type: ignore[arg-type]


def test_images_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        image_tokens("gpt-4o", image=tmp_path / "missing.png")
    with pytest.raises(FormatError, match="empty"):
        image_tokens("gpt-4o", image=b"")


@pytest.mark.parametrize(
    "model",
    ["gpt-4o", "gpt-5.4", "gpt-5.6", "claude-opus-5", "gemini-2.0-flash", "gemini-3.1-pro",
     "deepseek-v4-flash-vision-exp", "deepseek-vl2", "deepseek-ocr", "janus-pro-7b"],
)  # fmt: skip
def test_extreme_sizes(model: str) -> None:
    for size in ((1, 1), (1, 100_000), (100_000, 1), (2**31 - 1, 2**31 - 1), (1, 2**31 - 1)):
        try:
            found = image_tokens(model, *size)
        except UsageError as error:
            assert "is refused" in error.message
            continue
        assert 0 < found.interval.low <= found <= found.interval.high
