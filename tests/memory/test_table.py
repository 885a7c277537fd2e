"""The packaged table of models is what scripts/build_architectures.py makes."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.memory import get_architecture
from ctxtools.memory.architectures import format_in_name, lookup_name

SCRIPT = Path(__file__).parents[2] / "scripts" / "build_architectures.py"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("build_architectures", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


ROWS = {row.name: row for row in load().ROWS}


@pytest.mark.parametrize("name", [n for n, row in ROWS.items() if not isinstance(row.config, str)])
def test_a_row_that_the_script_has_itself(name: str) -> None:
    row = ROWS[name]
    made = load().write(row, load().read(row, None))
    assert made in load().TARGET.read_text(encoding="utf-8")


def test_every_row_is_in_the_table() -> None:
    assert [*ROWS, "DeepSeek V4.1 Flash"] == [each.name for each in ctx.list_architectures()]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("deepseek-ai/DeepSeek-V4-Pro", "DeepSeek V4 Pro"),
        ("deepseek-v4-flash-vision-exp", "DeepSeek V4 Flash"),
        ("deepseek-v3.2-exp", "DeepSeek V3.2"),
        ("deepseek-r1-0528", "DeepSeek V3, V3.1, R1"),
        ("qwen3:8b", "Qwen3 8B"),
        ("openrouter/qwen/qwen3-vl-235b-a22b-thinking", "Qwen3-VL 235B A22B"),
        ("Qwen/Qwen3-235B-A22B-FP8", "Qwen3 235B A22B"),
        ("Qwen/Qwen3-235B-A22B-Thinking-2507-FP8", "Qwen3 235B A22B 2507"),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct", "Qwen3 30B A3B 2507, Coder"),
        ("Qwen2.5-7B-Instruct-1M", "Qwen2.5 7B 1M"),
        ("deepseek-r1:671b", "DeepSeek V3, V3.1, R1"),
        ("deepseek-v3.1-base", "DeepSeek V3, V3.1, R1"),
        ("deepseek-r1:70b", "Llama 3.1 70B, 3.3 70B"),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "Llama 3.1 8B"),
        ("llama3:8b", "Llama 3 8B"),
        ("mistral-large-2411", "Mistral Large 2"),
        ("mistral-small-2506", "Mistral Small 3"),
        ("Qwen2.5-VL-7B-Instruct", "Qwen2.5 7B"),
        ("kimi-k2.6", "Kimi K2.5, K2.6, K2.7, K2 Thinking"),
        ("kimi-k2-thinking", "Kimi K2.5, K2.6, K2.7, K2 Thinking"),
        ("kimi-k2", "Kimi K2"),
        ("moonshotai/Kimi-K2-Instruct-0905", "Kimi K2 0905"),
        ("glm-4.6", "GLM-4.6, 4.7"),
        ("glm-4.5-air", "GLM-4.5 Air, 4.5V, 4.6V"),
        ("glm-5", "GLM-5, 5.1"),
        ("zai-org/GLM-5.3-FP8", "GLM-5.2, 5.3"),
        ("MiniMax-M2.5", "MiniMax M2, M2.1, M2.5"),
        ("meta-llama/Llama-3.3-70B-Instruct", "Llama 3.1 70B, 3.3 70B"),
        ("gemma3:27b", "Gemma 3 27B"),
        ("gpt-oss:120b", "gpt-oss 120B"),
        ("baidu/ERNIE-4.5-300B-A47B-PT", "ERNIE 4.5 300B A47B"),
    ],
)
def test_spellings(typed: str, name: str) -> None:
    assert get_architecture(typed).name == name


@pytest.mark.parametrize(
    "name",
    [
        "deepseek-r1-distill-qwen-32b",
        "deepseek-r1:32b",
        "deepseek-r1:1.5b",
        "glm-4.6v-flash",
        "llama-3.2-11b",
        "mistral-large-2512",
        "qwen3",
        "deepseek",
    ],
)
def test_other_models_are_not_taken_for_these(name: str) -> None:
    with pytest.raises(ctx.UnknownModelError):
        get_architecture(name)


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("qwen3-235b-a22b-fp8", 40_960),
        ("qwen3-235b-a22b-instruct-2507", 262_144),
        ("qwen3-vl-8b", 262_144),
        ("qwen3-8b", 40_960),
        ("llama-3-8b", 8_192),
        ("llama-3.1-8b", 131_072),
        ("kimi-k2-0905", 262_144),
        ("glm-4.7", 202_752),
        ("minimax-m2", 196_608),
    ],
)
def test_contexts(name: str, context: int) -> None:
    """The versions of a model have the same layers, and not the same limit."""
    assert get_architecture(name).context == context


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("Qwen3-8B", None),
        ("Qwen3-8B-FP8", "fp8"),
        ("nvidia/Qwen3-235B-A22B-FP4", "nvfp4"),
        ("unsloth/Qwen3-8B-GGUF:Q4_K_M", "q4_k"),
        ("qwen3:8b-q8_0", "q8_0"),
        ("mlx-community/Qwen3-8B-4bit", "int4"),
        ("RedHatAI/Llama-3.1-70B-Instruct-quantized.w8a8", "int8"),
    ],
)
def test_formats_in_names(name: str, format: str | None) -> None:
    assert format_in_name(name) == format


def test_what_the_list_shows_can_be_typed() -> None:
    for each in ctx.list_architectures():
        assert get_architecture(lookup_name(each.name)) is each
