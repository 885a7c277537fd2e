"""Worked examples of the open models' image rules, each gathered from running code."""

import pytest

from ctxtools.messages.media.tokens import image_tokens

SMART_RESIZE = ["qwen2.5-vl", "qwen3-vl", "ernie-4.5-vl", "glm-4.6v", "minimax-m3", "hy-v4-vl"]
# Of HY-V4, the grid; the token that ends each row is around it.
GRIDS = {
    (100, 100): (16, 64, 16, 16, 16, 256),
    (224, 224): (64, 64, 64, 64, 64, None),
    (640, 480): (391, 300, 391, 391, 391, 300),
    (1024, 1024): (1369, 1024, 1369, 1369, 576, None),
    (1280, 720): (1196, 880, 1196, 1196, 576, 880),
    (1920, 1080): (2691, 2040, 2691, 2691, 576, 2040),
    (3840, 2160): (10549, 8160, 6032, 6032, 576, None),
    (2480, 3508): (11125, 8580, 6138, 6045, 560, 4028),
    (4000, 300): (1573, 1125, 1573, 1573, 522, 1125),
    (5000, 5000): (16129, 16384, 6084, 6084, 576, None),
}
ROWS_OF_HY = {100: 16, 480: 15, 720: 22, 1080: 34, 3508: 76, 300: 9}

TOKENS = {
    "glm-5-next": {
        (100, 100): 16, (224, 224): 64, (640, 480): 414, (1024, 1024): 1369, (1280, 720): 1196,
        (1920, 1080): 2691, (3840, 2160): 7973, (2480, 3508): 7950, (4000, 300): 1573,
        (5000, 5000): 7921,
    },
    "kimi-k2.5": {
        (100, 100): 16, (640, 480): 414, (1024, 1024): 1369, (1920, 1080): 2691,
        (3840, 2160): 4214, (2480, 3508): 4158, (4000, 300): 1573, (5000, 5000): 4096,
    },
    "kimi-vl-a3b": {(1024, 1024): 1089, (1920, 1080): 1032, (5000, 5000): 1024},
    # As rtp-llm and mlxcel test their own code.
    "kimi-k3": {(4000, 3000): 15_444, (10_000, 100): 768, (100, 100): 16, (8000, 8000): 16_641,
                (225, 223): 72, (3585, 3585): 16_641, (100_000, 100): 256},
    "llama-4-scout": {
        (100, 100): 147, (640, 480): 727, (1024, 1024): 2467, (1280, 720): 1887,
        (1920, 1080): 2322, (4000, 300): 1887, (1600, 200): 872, (2000, 100): 1017,
    },
    "pixtral-large": {
        (224, 224): 210, (640, 480): 1230, (1024, 1024): 4160, (1920, 1080): 2340,
        (2480, 3508): 3008, (4000, 300): 325, (5000, 5000): 4160,
    },
    "mistral-medium-3": {
        (224, 224): 72, (640, 480): 432, (1024, 1024): 1406, (1920, 1080): 1736,
        (2480, 3508): 2200, (4000, 300): 280, (5000, 5000): 3080, (2018, 2705): 2365,
    },
    "internvl3.5": {
        (100, 100): 258, (640, 480): 3330, (1024, 1024): 2562, (1280, 720): 2306,
        (1920, 1080): 2306, (3840, 2160): 2306, (2480, 3508): 1794, (4000, 300): 3330,
    },
    "gemma-3-27b": {(100, 100): 256, (640, 480): 256, (4000, 300): 256},
    "gemma-4": {
        (100, 100): 256, (640, 480): 266, (1920, 1080): 264, (2480, 3508): 266, (4000, 300): 244,
    },
    "step-3": {
        (640, 480): 171, (1024, 1024): 504, (1280, 720): 670, (1920, 1080): 836,
        (2480, 3508): 2666, (4000, 300): 1333, (300, 4000): 1346,
    },
}  # fmt: skip


@pytest.mark.parametrize("size", GRIDS)
def test_sides_are_rounded_and_fitted_into_a_budget(size: tuple[int, int]) -> None:
    width, height = size
    for model, expected in zip(SMART_RESIZE, GRIDS[size], strict=True):
        if expected is None:
            continue
        found = image_tokens(model, width, height)
        assert found == expected, model
        if model == "hy-v4-vl":
            assert found.wrapper == ROWS_OF_HY[height] + 2
            assert found.expanded.typical == expected + found.wrapper


@pytest.mark.parametrize("model", TOKENS)
def test_a_family_counts_its_examples(model: str) -> None:
    found = {size: int(image_tokens(model, *size)) for size in TOKENS[model]}
    assert found == TOKENS[model]


@pytest.mark.parametrize(
    ("budget", "size", "tokens"),
    [
        ("1120", (1024, 1024), 1089),
        ("1120", (1920, 1080), 1100),
        ("70", (1024, 1024), 64),
        ("70", (1920, 1080), 66),
    ],
)
def test_gemma_4_fills_the_budget_that_is_asked_for(
    budget: str, size: tuple[int, int], tokens: int
) -> None:
    assert image_tokens("gemma-4", *size, detail=budget) == tokens


@pytest.mark.parametrize(("size", "crops"), [((640, 480), 2), ((4000, 300), 4), ((500, 500), 0)])
def test_gemma_3_counts_crops_where_the_server_makes_them(
    size: tuple[int, int], crops: int
) -> None:
    text = 17 + crops - 1 if crops else 0
    found = image_tokens("gemma-3-27b", *size, detail="pan_and_scan")
    assert found == 256 + crops * 260 + text


@pytest.mark.parametrize(
    ("model", "wrapper"),
    [
        ("qwen3-vl", 2),
        ("ernie-4.5-vl", 2),
        ("glm-4.6v", 2),
        ("kimi-k2.5", 4),
        ("gemma-3-27b", 4),
        ("gemma-4", 2),
        ("llama-4", 0),
        ("step-3", 0),
    ],
)
def test_what_is_written_around_an_image_is_said(model: str, wrapper: int) -> None:
    assert image_tokens(model, 640, 480).wrapper == wrapper


def test_kimi_k3_names_the_size_of_an_image_before_it() -> None:
    """Three special tokens around "image 4000x3000", where Kimi splits numbers in threes."""
    assert image_tokens("kimi-k3", 4000, 3000).wrapper == 3 + len(
        ["image", " ", "400", "0", "x", "300", "0"]
    )


@pytest.mark.parametrize(
    ("model", "expanded"),
    [("qwen3-vl", 300), ("gemma-3-27b", 260), ("gemma-4", 268), ("minimax-m3", 393)],
)
def test_what_a_processor_writes_around_an_image_comes_with_its_placeholder(
    model: str, expanded: int
) -> None:
    """Guards against a wrapper that is counted neither in a template nor with the image."""
    assert image_tokens(model, 640, 480).expanded.typical == expanded


def test_two_models_of_step_differ_in_a_tie() -> None:
    assert [image_tokens(model, 10, 32) for model in ("step-3", "step-3.7-flash")] == [506, 422]
    assert [image_tokens(model, 728, 522) for model in ("step-3", "step-3.7-flash")] == [337, 171]
