"""DeepSeek's images, against deepseek-recipe, which prepares them, and against worked examples."""

import io
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.messages.media.files import read_image
from ctxtools.messages.media.images.deepseek import v4_vision, v41
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.tokens import image_tokens
from tests.messages.media.images.compare import random_size, recipe_tokens

V41 = "deepseek-v4.1-flash"
VISION = "deepseek-v4-flash-vision-exp"

# Width, height, tokens, width and height in whole patches: those of deepseek-recipe's own tests.
RECIPE = [
    (978, 479, 302, 980, 490), (272, 300, 198, 518, 574), (516, 517, 184, 546, 546),
    (1091, 397, 272, 1092, 406), (743, 870, 401, 756, 882), (906, 740, 416, 910, 742),
    (1107, 873, 590, 1120, 882), (493, 243, 202, 784, 392), (354, 476, 197, 476, 630),
    (766, 642, 322, 770, 644), (972, 672, 402, 980, 672), (1167, 486, 350, 1176, 490),
    (1134, 389, 282, 1134, 392), (275, 346, 197, 490, 616), (1033, 141, 187, 1484, 210),
    (125, 751, 226, 224, 1344), (560, 1029, 377, 560, 1036), (482, 725, 236, 490, 728),
    (782, 879, 422, 784, 882), (434, 272, 200, 700, 434), (2, 165, 356, 70, 4942),
    (165, 2, 240, 4942, 70), (158, 10000, 762, 126, 7966), (10000, 158, 962, 10010, 168),
    (40, 50, 197, 490, 616), (50, 40, 194, 616, 490), (1, 1, 184, 546, 546),
    (100, 100, 184, 546, 546), (16809, 11841, 990, 1540, 1092), (1920, 330, 378, 1932, 336),
    (8192, 8192, 994, 1302, 1302), (4096, 4096, 994, 1302, 1302), (1920, 1080, 968, 1708, 966),
    (1080, 1920, 986, 966, 1708), (3024, 4032, 1010, 1134, 1512), (640, 480, 206, 644, 490),
]  # fmt: skip


@pytest.mark.parametrize(("width", "height", "tokens", "fit_width", "fit_height"), RECIPE)
def test_examples_of_v41(
    width: int, height: int, tokens: int, fit_width: int, fit_height: int
) -> None:
    assert v41.fit(width, height) == (fit_width, fit_height, tokens)
    found = image_tokens(V41, width, height)
    assert found == tokens
    assert (found.basis, found.exact) == ("reference", True)


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [
        (1, 1, 184), (640, 480, 206), (768, 1024, 502), (1024, 1024, 652), (1280, 720, 578),
        (1920, 1080, 968), (2480, 3508, 1_001), (4000, 300, 778), (300, 4000, 866),
    ],
)  # fmt: skip
def test_further_examples_of_v41(width: int, height: int, tokens: int) -> None:
    assert image_tokens(V41, width, height) == tokens


def test_random_sizes_of_v41() -> None:
    draw = Random(1)
    for _ in range(3_000):  # more: python -m tests.messages.media.images.compare
        width, height = random_size(draw, 20_000)
        assert image_tokens(V41, width, height) == recipe_tokens(width, height)


@pytest.mark.parametrize(
    "size", [(8192, 1), (1, 8192), (5000, 2), (3, 8000), (1, 1), (999, 33), (600, 400), (40, 2000)]
)
@pytest.mark.parametrize("detail", ["low", "high", "original", "auto"])
def test_images_that_deepseek_recipe_prepares(size: tuple[int, int], detail: str) -> None:
    recipe = pytest.importorskip("deepseek_recipe", reason="the reference")
    pillow = pytest.importorskip("PIL.Image", reason="makes the images")
    file = io.BytesIO()
    exif = pillow.Exif()
    exif[0x0112] = 6
    pillow.new("RGB", size).save(file, "png", exif=exif)
    options = recipe.PreprocessOptions(detail, 8192, 512)
    prepared = recipe.OpenCvImagePreprocessor().preprocess(file.getvalue(), options)
    tokens = recipe.MultiModalData([prepared]).image_token_adjustment() + 1
    found = image_tokens(V41, image=read_image(file.getvalue()), detail=detail)
    assert tokens in (found.interval.low, found.interval.high)
    assert found.exact or f"makes {tokens} tokens of it" in found.notes[-1]
    assert "counted as it is stored" in found.notes[0]


def test_what_the_service_does_and_the_model_does_not() -> None:
    assert "8,193 x 9 pixels is refused: a side may have" in image_tokens(V41, 8193, 9).notes[0]
    assert image_tokens(V41, 4500, 90, images=14).notes == ()
    of_many = image_tokens(V41, 4500, 90, images=15)
    assert "in a request of 15 images: a side may have at most 4,096" in of_many.notes[0]
    narrow = image_tokens(V41, 5073, 4)
    assert (narrow.interval.low, narrow) == (393, 465)
    assert "sends it on as WebP, and makes 393 tokens of it" in narrow.notes[-1]
    twice = image_tokens(V41, 42, 2491)
    assert (twice, twice.exact) == (305, True)
    assert "vLLM and SGLang, which fit it once, make 302" in twice.notes[0]
    with pytest.raises(UsageError, match="unknown detail 'medium'"):
        image_tokens(V41, 5000, 9, detail="medium")


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [
        (1, 1, 114), (224, 224, 114), (640, 480, 206), (1024, 1024, 346), (1280, 720, 366),
        (1920, 1080, 366), (3840, 2160, 366), (2480, 3508, 354), (4000, 300, 298),
        (300, 4000, 274), (1600, 200, 242),
    ],
)  # fmt: skip
def test_examples_of_v4_vision(width: int, height: int, tokens: int) -> None:
    assert v4_vision.block_tokens(width, height) == tokens
    for position, pad in ((0, 3), (1, 2), (2, 1), (3, 0), (4, 3), (1_000_003, 0)):
        assert image_tokens(VISION, width, height, position=position) == tokens + pad


def test_without_a_position_v4_vision_gives_an_interval() -> None:
    found = image_tokens(VISION, 640, 480)
    assert (found.interval.low, found, found.interval.high) == (206, 208, 209)
    assert "depend on the number of tokens before it" in found.notes[0]


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_v4_vision_is_in_its_budget(width: int, height: int) -> None:
    assert v4_vision.block_tokens(width, height) + 3 <= 384


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [
        (100, 100, 421), (384, 384, 421), (640, 480, 1_023), (1280, 720, 1_807),
        (1920, 1080, 1_807), (1024, 1024, 2_017), (2480, 3508, 2_017), (4000, 300, 1_989),
        (300, 4000, 2_101),
    ],
)  # fmt: skip
def test_examples_of_vl2(width: int, height: int, tokens: int) -> None:
    for images in (1, 2):
        assert image_tokens("deepseek-vl2", width, height, images=images) == tokens
    assert image_tokens("deepseek-ai/deepseek-vl2-tiny", width, height, images=3) == 421


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [
        (640, 640, 273), (1024, 1024, 693), (1920, 1080, 483), (2480, 3508, 903),
        (4000, 300, 883), (300, 4000, 933),
    ],
)  # fmt: skip
def test_examples_of_ocr(width: int, height: int, tokens: int) -> None:
    assert image_tokens("deepseek-ai/DeepSeek-OCR", width, height) == tokens
    assert image_tokens("deepseek-ocr", width, height, detail="gundam") == tokens
    for mode, number in (("tiny", 73), ("small", 111), ("base", 273), ("large", 421)):
        assert image_tokens("deepseek-ocr", width, height, detail=mode) == number
    with pytest.raises(UsageError, match="choose one of tiny, small, base, large, gundam"):
        image_tokens("deepseek-ocr", width, height, detail="huge")


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [(640, 480, 257), (768, 768, 257), (1280, 720, 545), (1024, 1024, 833), (2480, 3508, 1_121)],
)
def test_examples_of_ocr_2(width: int, height: int, tokens: int) -> None:
    assert image_tokens("deepseek-ai/DeepSeek-OCR-2", width, height) == tokens


def test_janus() -> None:
    for name in ("deepseek-ai/Janus-Pro-7B", "janus-pro-1b", "Janus-1.3B", "JanusFlow-1.3B"):
        found = image_tokens(name, 1920, 1080)
        assert (found, found.wrapper) == (576, 2)


def test_deepseek_v4_replaces_images_by_a_text() -> None:
    for name in ("deepseek-v4", "deepseek-v4-pro-0813", "deepseek/deepseek-v4-flash"):
        with pytest.raises(UsageError, match=r"takes no images: .*\[Unsupported Image\]"):
            image_tokens(name, 640, 480)


def test_a_turned_image_may_be_counted_as_it_is_seen() -> None:
    image = Image(width=300, height=4000, rotated=True)
    found = image_tokens(VISION, image=image, position=3)
    assert (found.interval.low, found, found.interval.high) == (274, 274, 298)
    found = image_tokens(VISION, image=image)
    assert (found.interval.low, found, found.interval.high) == (274, 276, 301)
    found = image_tokens("deepseek-vl2", image=image)
    assert (found.interval.low, found, found.interval.high) == (1_989, 2_101, 2_101)
    found = image_tokens("deepseek-ocr", image=image)
    assert (found.interval.low, found, found.interval.high) == (883, 883, 933)
    assert "EXIF orientation" in found.notes[-1]
