"""What a request holds beside an image can matter: other images, and the tokens before it."""

from base64 import b64encode

import pytest

from ctxtools import get_encoding
from ctxtools.errors import UsageError
from ctxtools.messages import count_messages
from ctxtools.messages.media.images.deepseek.v4_vision import block_tokens
from ctxtools.messages.media.items import Image
from ctxtools.messages.meter import Meter
from tests.messages.media.headers.samples import png_header

VISION = "deepseek-v4-flash-vision-exp"


def shown(width: int, height: int) -> dict[str, object]:
    data = b64encode(png_header(width, height)).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


def said(*content: object) -> list[dict[str, object]]:
    return [{"role": "user", "content": list(content)}]


def test_of_many_images_deepseek_vl2_makes_one_tile_each() -> None:
    encoding = get_encoding("deepseek_v3")
    image = Image(width=1280, height=720)
    for images, tokens in ((1, 1_807), (2, 1_807), (3, 421)):
        assert Meter(encoding, "deepseek-vl2", images=images).media(image) == tokens


def test_among_many_images_claude_refuses_a_large_one() -> None:
    assert count_messages(said(*[shown(2001, 9)] * 20), model="claude-opus-4-7").total
    with pytest.raises(UsageError, match="in a request of 21 images"):
        count_messages(said(*[shown(2001, 9)] * 21), model="claude-opus-4-7")


def test_among_many_images_deepseek_s_own_service_refuses_a_large_one() -> None:
    for images, noted in ((14, False), (15, True)):
        counted = count_messages(said(*[shown(4097, 90)] * images), model="deepseek-v4.1-flash")
        assert any("in a request of 15 images" in note for note in counted.notes) is noted


@pytest.mark.parametrize("text", ["", "a", "a b", "a b c", "a b c d"])
def test_the_pad_of_v4_vision_follows_from_what_is_before(text: str) -> None:
    before = {"type": "text", "text": text}
    counted = count_messages(said(before, shown(640, 480), shown(100, 9)), model=VISION)
    position, kinds = 0, []
    for part in counted.parts:
        if part.kind == "image":
            size = (100, 9) if "image" in kinds else (640, 480)
            assert part.exact
            assert 0 <= part.tokens - block_tokens(*size) <= 3
        kinds.append(part.kind)
        position += part.tokens
    assert kinds.count("image") == 2
    assert counted.exact
