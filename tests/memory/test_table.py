"""The packaged table of models is what scripts/build_architectures.py makes."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.memory import get_architecture

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
        ("openrouter/qwen/qwen3-vl-235b-a22b-thinking", "Qwen3 235B A22B"),
        ("Qwen2.5-VL-7B-Instruct", "Qwen2.5 7B"),
        ("kimi-k2.6", "Kimi K2.5, K2.6, K2.7, K2 Thinking"),
        ("kimi-k2-thinking", "Kimi K2.5, K2.6, K2.7, K2 Thinking"),
        ("kimi-k2-0905", "Kimi K2"),
        ("glm-4.6", "GLM-4.5, 4.6, 4.7"),
        ("glm-4.5-air", "GLM-4.5 Air, 4.5V, 4.6V"),
        ("glm-5", "GLM-5, 5.1"),
        ("zai-org/GLM-5.3-FP8", "GLM-5.2, 5.3"),
        ("MiniMax-M2.5", "MiniMax M2, M2.1, M2.5, M2.7"),
        ("meta-llama/Llama-3.3-70B-Instruct", "Llama 3, 3.1, 3.3 70B"),
        ("gemma3:27b", "Gemma 3 27B"),
        ("gpt-oss:120b", "gpt-oss 120B"),
        ("baidu/ERNIE-4.5-300B-A47B-PT", "ERNIE 4.5 300B A47B"),
    ],
)
def test_spellings(typed: str, name: str) -> None:
    assert get_architecture(typed).name == name


@pytest.mark.parametrize(
    "name", ["deepseek-r1-distill-llama-8b", "glm-4.7-flash", "llama-3.2-11b", "qwen3", "deepseek"]
)
def test_other_models_are_not_taken_for_these(name: str) -> None:
    with pytest.raises(ctx.UnknownModelError):
        get_architecture(name)
