"""Which models have rules for videos, recordings and documents, by their names."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest

from ctxtools.errors import UsageError
from ctxtools.messages.media import rules
from ctxtools.messages.media.items import MediaKind
from ctxtools.messages.media.rules import find_rule


@pytest.mark.parametrize("kind", get_args(MediaKind))
def test_each_row_has_a_source_with_a_date(kind: MediaKind) -> None:
    file = Path(rules.__file__).with_name("rules") / f"{kind}.toml"
    for row in tomllib.loads(file.read_text())["rules"]:
        assert re.search(r"20\d\d-\d\d-\d\d", row["source"]), row["match"]
        assert bool(row.get("module")) is not bool(row.get("refusal")), row["match"]
        if module := row.get("module"):
            assert find_spec(f"ctxtools.messages.media.{module}"), module


@pytest.mark.parametrize(
    ("kind", "name", "rule"),
    [
        ("video", "kimi-k2.7-code", "Kimi K2.5 video"),
        ("video", "gemini-2.5-flash-preview-09-2025", "Gemini 2 video"),
        ("video", "gemini-3-pro-preview", "Gemini 3 video"),
        ("video", "kimi-k3", "Kimi video, hosted"),
        ("video", "qwen3.5-plus", "Qwen3-VL video, hosted"),
        ("video", "glm-5v-turbo", "GLM video, hosted"),
        ("video", "gemini-flash-lite-latest", "Gemini 3 video"),
        ("audio", "gemini-flash-latest", "Gemini 3 audio"),
        ("document", "gemini-pro-latest", "Gemini 3 page"),
        ("video", "OpenGVLab/InternVL3_5-GPT-OSS-20B-A4B-Preview", "InternVL video"),
        ("audio", "google/gemma-4-E4B-it", "Gemma 4 audio"),
        ("audio", "gpt-4o-mini-audio-preview-2024-12-17", "OpenAI audio"),
        ("audio", "gemini-2.5-flash-native-audio-preview-09-2025", "Gemini 2 audio"),
        ("document", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude page"),
        ("document", "claude-3-5-sonnet-latest", "Claude page"),
        ("document", "chatgpt-4o-latest", "OpenAI page"),
        ("document", "gpt-5.1-codex", "OpenAI page"),
        ("document", "o4-mini-2025-04-16", "OpenAI page"),
        ("document", "o3-pro", "OpenAI page"),
    ],
)
def test_spellings(kind: MediaKind, name: str, rule: str) -> None:
    assert find_rule(kind, name).name == rule


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("video", "gemini-2.5-pro-preview-tts"),
        ("video", "gemini-2.5-flash-image"),
        ("video", "gemini-2.5-computer-use-preview-10-2025"),
        ("video", "qwen3.5-omni"),
        ("audio", "google/gemma-4-26b-a4b-it"),
        ("audio", "gemma4:31b"),
        ("audio", "gemini-3-pro-image-preview"),
        ("audio", "gpt-4o"),
        ("document", "gemini-2.5-flash-preview-tts"),
        ("document", "claude-2.1"),
        ("document", "claude-instant-1.2"),
        ("document", "gpt-4o-audio-preview"),
        ("document", "gpt-4o-mini-tts"),
        ("document", "gpt-4o-transcribe"),
        ("document", "o1-mini"),
        ("document", "o1-preview"),
        ("document", "o3-mini-high"),
        ("document", "gpt-4"),
    ],
)
def test_no_rule_is_found_for_another_model(kind: MediaKind, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_rule(kind, name)
    assert caught.value.hint
