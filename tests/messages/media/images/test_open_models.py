"""The rules of open models: which model has which, and what they do with any size."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import CtxtoolsError, UsageError
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import MediaTokens, find_rule
from ctxtools.messages.media.tokens import image_tokens

RULES = {
    "Qwen2.5-VL image": [
        "Qwen/Qwen2.5-VL-7B-Instruct", "Qwen/Qwen2-VL-7B-Instruct", "qwen2.5vl:7b",
        "accounts/fireworks/models/qwen2p5-vl-32b-instruct", "Qwen/QVQ-72B-Preview",
    ],
    "Qwen3-VL image": [
        "qwen3-vl:8b", "qwen3-vl-8b", "Qwen/Qwen3-VL-235B-A22B-Thinking-FP8", "qwen3.5:27b",
        "qwen/qwen3.6-35b-a3b", "Qwen/Qwen3.8-2.4T-A95B",
    ],
    "Qwen3-VL image, hosted": ["qwen3-vl-plus", "qwen3.6-plus", "qwen3.8-max", "qwen3.8-flash"],
    "Qwen2.5-VL image, hosted": ["qwen-vl-max", "qvq-max"],
    "Qwen-Omni image": ["Qwen/Qwen3-Omni-30B-A3B-Instruct", "qwen2.5-omni-7b"],
    "ERNIE-4.5-VL image": ["ernie-4.5-vl-28b-a3b", "baidu/ERNIE-4.5-VL-28B-A3B-Thinking"],
    "ERNIE image, hosted": ["ernie-5.0", "ernie-4.5-turbo-vl-32k"],
    "GLM-4.xV image": [
        "zai-org/GLM-4.6V", "THUDM/GLM-4.1V-9B-Thinking", "glm-4.5v", "glm-4.6v-flash",
        "zai-org/GLM-OCR",
    ],
    "GLM-5.3-Flash image": ["zai-org/GLM-5.3-Flash", "glm-5.3-flashx", "glm-5-next"],
    "GLM image, hosted": ["glm-5v-turbo"],
    "Kimi K2.5 image": ["moonshotai/Kimi-K2.5", "kimi-k2.6", "kimi-k2-7-code"],
    "Kimi K3 image": ["kimi-k3"],
    "Kimi-VL image": ["moonshotai/Kimi-VL-A3B-Instruct", "kimi-vl-a3b-thinking-2506"],
    "Kimi image, hosted": ["moonshot-v1-8k-vision-preview", "kimi-latest"],
    "MiniMax-M3 image": ["MiniMaxAI/MiniMax-M3"],
    "MiniMax image, hosted": ["minimax-m3.1-flash"],
    "MiniMax-VL-01 image": ["MiniMaxAI/MiniMax-VL-01"],
    "HY-V4 image": ["tencent/HY-V4-VL", "hunyuan-hy-v4-vl"],
    "Llama 4 image": [
        "llama-4-scout", "meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8", "llama4:scout",
        "us.meta.llama4-scout-17b-instruct-v1:0", "@cf/meta/llama-4-scout-17b-16e-instruct",
    ],
    "Pixtral image": ["pixtral-12b-2409", "mistralai/Pixtral-Large-Instruct-2411"],
    "Mistral image": [
        "mistralai/Mistral-Small-3.1-24B-Instruct-2503", "mistral-small3.2", "mistral-small-2506",
        "mistral-medium-2508", "mistral-medium-3", "mistral-large-2512", "mistral-large-4",
        "mistralai/Mistral-Large-3-675B-Instruct-2512", "ministral-3-8b", "ministral-8b-2512",
        "magistral-small-2509", "mistral-small-latest", "devstral-small-2512",
    ],
    "InternVL image": [
        "OpenGVLab/InternVL3-8B", "OpenGVLab/InternVL2_5-78B", "OpenGVLab/InternVL3_5-8B-HF",
    ],
    "Gemma 3 image": ["google/gemma-3-27b-it", "gemma3:4b", "gemma-3-12b-it-qat-q4_0-gguf"],
    "Gemma 3n image": ["google/gemma-3n-E4B-it"],
    "Gemma 4 image": ["google/gemma-4-26b-a4b-it", "gemma4:e2b"],
    "Step-3 image": ["stepfun-ai/step3", "step-3"],
    "Step-3.7 image": ["stepfun-ai/Step-3.7-Flash"],
}  # fmt: skip

TEXT_ONLY = [
    "qwen3:8b", "qwen3-8b", "qwen3-5b", "qwen2.5-7b-instruct", "qwen2-72b", "qwen-max", "qwen3-max",
    "qwen3.6-max-preview", "qwen3.7-max", "qwen3-coder-plus", "qwen3-embedding-8b",
    "ernie-4.5-21b-a3b", "glm-4.6", "glm-4.5-air", "glm-5", "glm-5.3", "kimi-k2", "kimi-k2-0905",
    "kimi-k2-thinking", "moonshot-v1-128k", "minimax-m2", "minimax-m2.7", "minimax-text-01",
    "tencent/Hy4-preview", "hy-v3", "llama-3.1-8b", "llama3.2:3b", "llama-3.3-70b",
    "mistral-7b", "mistral-nemo", "mistral-small-2501", "mistral-small-24b-instruct-2501",
    "mistral-small-2402", "mistral-medium-2312", "mistral-large-2411", "ministral-8b-2410",
    "ministral-3b", "magistral-small-2506", "mixtral-8x7b", "codestral-2501", "devstral-small-2507",
    "llama-guard-3-8b", "gemma-3-1b-it",
    "gemma3:1b", "gemma3:270m", "gemma-2-9b-it", "gemma-7b", "step-3.5-flash", "internlm3-8b",
    "deepseek-r1-distill-qwen-32b", "qwen3-vl-embedding-8b",
]  # fmt: skip

MODELS = [names[0] for names in RULES.values()]


@pytest.mark.parametrize("name", RULES)
def test_names_find_their_rule(name: str) -> None:
    for model in RULES[name]:
        assert find_rule("image", model).name == name, model


@pytest.mark.parametrize("model", TEXT_ONLY)
def test_a_text_model_is_refused(model: str) -> None:
    with pytest.raises(UsageError, match=r"no rule is known|takes no images"):
        image_tokens(model, 640, 480)


sides = st.one_of(st.integers(1, 40), st.integers(1, 5_000), st.integers(1, 10**9))


@given(st.sampled_from(MODELS), sides, sides)
def test_any_size_is_counted_or_refused(model: str, width: int, height: int) -> None:
    try:
        found = image_tokens(model, width, height)
    except UsageError:
        # Kimi-VL, and what is estimated by it, refuses a side of 7,141 pixels that is not shrunk.
        longest = max(width, height)
        assert longest / min(width, height) > (60 if longest > 7_000 else 190)
        return
    assert 0 < found.interval.low <= found <= found.interval.high < 1_000_000
    assert found.basis
    assert found.source


@given(st.sampled_from(MODELS), st.integers(), st.integers(), st.text(max_size=12))
def test_nonsense_is_refused_with_the_librarys_own_error(
    model: str, width: int, height: int, detail: str
) -> None:
    try:
        image_tokens(model, width, height, detail=detail)
    except CtxtoolsError:
        return


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("size", [(10**400, 1), (1, 10**400), (2**32, 2**32), (0, 1), (-1, 5)])
def test_a_size_that_no_image_has_is_refused(model: str, size: tuple[int, int]) -> None:
    with pytest.raises(UsageError):
        image_tokens(model, *size)


@pytest.mark.parametrize("model", MODELS)
def test_unmeasured_images_are_refused(model: str) -> None:
    with pytest.raises(UsageError, match="width must be >= 1"):
        find_rule("image", model).count(Image(width=0, height=0))


@pytest.mark.parametrize("model", MODELS)
def test_levels_of_detail_of_an_api_are_taken(model: str) -> None:
    plain = image_tokens(model, 1920, 1080)
    for detail in ("low", "high", "auto", "original"):
        assert image_tokens(model, 1920, 1080, detail=detail) == plain
    with pytest.raises(UsageError, match="unknown detail"):
        image_tokens(model, 1920, 1080, detail="fine")


def test_a_level_that_changes_nothing_is_noted() -> None:
    assert any(
        "detail 'low'" in note for note in image_tokens("kimi-k2.5", 9, 9, detail="low").notes
    )


@pytest.mark.parametrize("model", MODELS)
def test_a_count_survives_pickling(model: str) -> None:
    found = image_tokens(model, 1920, 1080)
    copy = pickle.loads(pickle.dumps(found))
    assert (copy, copy.interval, copy.notes) == (found, found.interval, found.notes)


def rotated(model: str, width: int, height: int) -> MediaTokens:
    return find_rule("image", model).count(Image(width=width, height=height, rotated=True))


def test_a_rotated_image_is_counted_as_it_is_seen() -> None:
    """A phone stores portraits lying on their side; not every server turns them."""
    found = rotated("step-3", 4000, 300)
    assert (int(found), found.interval.low, found.interval.high) == (1346, 1333, 1346)
    assert any("EXIF" in note for note in found.notes)


def test_a_rotation_that_changes_nothing_leaves_a_count_exact() -> None:
    assert rotated("qwen3-vl", 4000, 3000).exact


def test_mistrals_own_code_does_not_apply_an_orientation() -> None:
    found = rotated("pixtral-12b", 1024, 512)
    assert found == image_tokens("pixtral-12b", 1024, 512)
    assert not found.exact


def test_where_transformers_counts_otherwise_a_note_says_so() -> None:
    found = image_tokens("mistral-small-3.1", 2018, 2705)
    assert any("2310" in note for note in found.notes)
    assert not image_tokens("mistral-small-3.1", 640, 480).notes


def test_a_hosted_model_has_an_interval_where_a_request_may_lift_the_limit() -> None:
    found = image_tokens("qwen3-vl-plus", 3840, 2160)
    assert (found.interval.low, int(found), found.interval.high) == (2479, 2479, 8160)
    assert image_tokens("qwen3-vl-plus", 3840, 2160, detail="high_resolution") == 8160
    assert image_tokens("qwen3-vl-plus", 1920, 1080).exact


def test_a_model_without_a_public_rule_has_an_interval_around_its_relatives() -> None:
    found = image_tokens("ernie-5.0", 1920, 1080)
    assert found.basis == "estimated"
    assert found.interval.low < 2691 < found.interval.high
    assert any("no rule is public" in note for note in found.notes)


@pytest.mark.parametrize(
    ("model", "like"),
    [("Qwen/Qwen2.5-Omni-7B", "qwen2.5-vl"), ("Qwen/Qwen3-Omni-30B-A3B-Instruct", "qwen3-vl")],
)
def test_an_omni_model_counts_as_the_models_of_its_time(model: str, like: str) -> None:
    assert image_tokens(model, 1920, 1080) == image_tokens(like, 1920, 1080)


@pytest.mark.parametrize("model", ["qwen3-vl", "qwen2.5-vl", "glm-4.6v", "minimax-m3"])
def test_an_image_that_is_too_narrow_is_refused_with_its_own_size(model: str) -> None:
    with pytest.raises(UsageError, match="3 x 4,000 pixels are too narrow"):
        image_tokens(model, 3, 4000)


@pytest.mark.parametrize("model", ["qwen3-vl", "gemma-3-27b", "llama-4"])
def test_of_an_animation_one_frame_is_counted(model: str) -> None:
    found = find_rule("image", model).count(Image(width=640, height=480, frames=9))
    assert found == image_tokens(model, 640, 480)
    assert any("first frame" in note for note in found.notes)
