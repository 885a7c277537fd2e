"""Every model that takes images has a rule for them, and no other model has one."""

import pytest

from ctxtools.errors import UsageError
from ctxtools.messages.media.rules import find_rule
from ctxtools.messages.media.tokens import image_tokens
from ctxtools.models import Model, get_model, list_models

UNPUBLISHED = ("grok-4.5", "grok-4.3")
"""Models that take images, of which the vendor does not say how they count."""

OLDER_EDITIONS = ("gpt-4-turbo-preview", "gpt-4-1106-preview", "gpt-4-0125-preview")
"""Aliases of a model that takes images, though they take none."""

UNSAID = ("ernie-5.1",)
"""Models of which models.toml does not say that they take images; their relatives do."""

TAKING = [model for model in list_models() if "image" in model.modalities]
OTHERS = [
    model for model in list_models() if "image" not in model.modalities and model.name not in UNSAID
]


@pytest.mark.parametrize("model", TAKING, ids=lambda model: model.name)
def test_a_model_that_takes_images_has_a_rule(model: Model) -> None:
    for name in (model.name, *model.aliases):
        if name in UNPUBLISHED:
            with pytest.raises(UsageError, match="takes images, but no rule is known") as caught:
                find_rule("image", name)
            assert "media_tokens" in str(caught.value.hint)
        elif name not in OLDER_EDITIONS:
            assert find_rule("image", name).source


@pytest.mark.parametrize("model", OTHERS, ids=lambda model: model.name)
def test_a_model_of_texts_says_so(model: Model) -> None:
    with pytest.raises(UsageError, match="takes no images"):
        find_rule("image", model.name)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("gpt-5-mini-2025-08-07", "GPT-5 mini image patches"),
        ("openai/gpt-5-chat-latest", "GPT-5 image tiles"),
        ("gpt-5-high", "GPT-5 image tiles"),
        ("gpt-5.1-codex-mini", "GPT-5.2 image patches"),
        ("gpt-5.2-chat-latest", "GPT-5.2 image patches"),
        ("gpt-5.4-mini-2026-03-17", "GPT-5.4 mini image patches"),
        ("gpt-5.6-sol", "GPT-5.6 image patches"),
        ("gpt-4.1-nano-2025-04-14", "GPT-4.1 nano image patches"),
        ("chatgpt-4o-latest", "GPT-4o image tiles"),
        ("azure/gpt-4o-2024-11-20", "GPT-4o image tiles"),
        ("gpt-4.5-preview-2025-02-27", "GPT-4o image tiles"),
        ("gpt-4-turbo-2024-04-09", "GPT-4o image tiles"),
        ("ft:gpt-4o-mini-2024-07-18:me::1", "GPT-4o mini image tiles"),
        ("o4-mini-high", "o4-mini image patches"),
        ("computer-use-preview-2025-03-11", "computer-use image tiles"),
        ("deepseek-flash", "DeepSeek V4.1 image"),
        ("deepseek-ai/DeepSeek-V4.1-Flash-FP8", "DeepSeek V4.1 image"),
        ("deepseek-ai/DeepSeek-V4-Flash-Vision-Exp", "DeepSeek V4 Vision image"),
        ("deepseek-ocr:3b", "DeepSeek-OCR image"),
        ("gpt-5.3-chat-latest", "OpenAI image, of a relative"),
        ("codex-mini-latest", "OpenAI image, of a relative"),
        ("o3-deep-research-2025-06-26", "OpenAI image, of a relative"),
        ("claude-mythos-preview", "Claude image, of a relative"),
        ("gemini-flash-latest", "Gemini 3 image"),
        ("kimi-k3.1-pro", "Kimi image, hosted"),
        ("OpenGVLab/InternVL3_5-GPT-OSS-20B-A4B-Preview", "InternVL image"),
    ],
)
def test_spellings(name: str, rule: str) -> None:
    assert find_rule("image", name).name == rule


@pytest.mark.parametrize(
    "name",
    [
        "gpt-3.5-turbo", "gpt-4", "gpt-4-0613", "gpt-4-32k", "gpt-4-turbo-preview",
        "gpt-4-1106-preview", "gpt-4o-audio-preview", "gpt-4o-mini-tts", "gpt-4o-transcribe",
        "gpt-4o-realtime-preview", "o1-mini", "o1-preview", "o1-preview-2024-09-12", "o3-mini",
        "o3-mini-high", "gpt-oss-120b", "gpt-6-sol", "gpt-5-search", "claude-2", "claude-2.1",
        "claude-instant-1.2", "claude", "gemini-1.0-pro", "gemini-embedding-001",
        "gemini-2.5-flash-preview-tts", "gemini-4-argon", "gemini-3-pro-image", "deepseek-v3.2",
        "deepseek-chat", "deepseek-v4-pro", "deepseek-ocr-qwen", "", "/", "nothing", "x" * 5000,
    ],
)  # fmt: skip
def test_no_rule_is_found_for_another_model(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        image_tokens(name, 100, 100)
    assert caught.value.hint
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "name",
    [
        "deepseek-ai/DeepSeek-OCR", "deepseek-ocr:3b", "deepseek-vl2-tiny", "Janus-Pro-7B",
        "deepseek-ai/JanusFlow-1.3B", "OpenGVLab/InternVL3_5-8B", "OpenGVLab/InternVL2_5-78B",
        "stepfun-ai/step3", "stepfun-ai/Step-3.7-Flash", "tencent/HY-V4-VL",
        "moonshotai/Kimi-VL-A3B-Instruct", "baidu/ERNIE-4.5-VL-28B-A3B-PT", "qwen-vl-max",
        "mistralai/Mistral-Small-4-119B-2603", "zai-org/GLM-OCR",
    ],
)  # fmt: skip
def test_a_model_with_a_rule_counts_its_texts_too(name: str) -> None:
    assert find_rule("image", name)
    assert get_model(name).estimate_tokens("Hello, world!").high > 0
