"""DeepSeek's interfaces in the forms of Anthropic and of OpenAI's responses, against the reference.

A sample is written in the other form, counted by `ctxtools.messages.count.count_messages`, and
converted and encoded by PyPI's deepseek-recipe.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.count import count_messages
from ctxtools.messages.request import Shape
from tests.messages.chat.compare import Comparison, Rendering
from tests.messages.chat.conversations import Features, Sample
from tests.messages.chat.deepseek.recipe import NAMES, Model, encode, recipe


class _Form(NamedTuple):
    """A request in another form.

    Attributes:
        body: for the reference, without the model.
        arguments: for ``count_messages``.
    """

    body: dict[str, Any]
    arguments: dict[str, Any]


def anthropic(sample: Sample) -> _Form:
    """A sample as Anthropic's interface has it."""
    messages: list[dict[str, Any]] = []
    body: dict[str, Any] = {"max_tokens": 100}
    for message in sample.messages:
        role = message["role"]
        content = _blocks(message["content"], "text")
        if role == "system" and content and not messages and "system" not in body:
            body["system"] = content
        elif role == "tool":
            result = {"type": "tool_result", "tool_use_id": message["tool_call_id"]}
            block = result | {"content": content}
            if messages[-1]["role"] == "user":
                messages[-1]["content"].append(block)
            else:
                messages.append({"role": "user", "content": [block]})
        elif role == "assistant":
            messages.append({"role": role, "content": [*_said(message)]})
        elif messages and messages[-1]["role"] == role == "user" and isinstance(content, list):
            messages[-1]["content"] += content
        else:
            messages.append(
                {"role": role, "content": content if role == "system" else [*_list(content)]}
            )
    body["messages"] = messages
    if sample.tools:
        body["tools"] = [_anthropic_tool(tool["function"]) for tool in sample.tools]
    if sample.tool_choice is not None:
        body["tool_choice"] = _anthropic_choice(sample.tool_choice)
    return _Form(body, {key: value for key, value in body.items() if key != "max_tokens"})


def _said(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "reasoning_content" in message:
        thinking = message["reasoning_content"]
        yield {"type": "thinking", "thinking": thinking, "signature": "signed"}
    yield from _list(_blocks(message["content"], "text"))
    for call in message.get("tool_calls", ()):
        arguments = json.loads(call["function"]["arguments"])
        used = {"type": "tool_use", "id": call["id"], "name": call["function"]["name"]}
        yield used | {"input": arguments}


def _anthropic_tool(function: dict[str, Any]) -> dict[str, Any]:
    schema = function.get("parameters", {"type": "object"})
    tool = {"name": function["name"], "input_schema": schema}
    return tool | {key: function[key] for key in ("description",) if key in function}


def _anthropic_choice(choice: str | dict[str, Any]) -> dict[str, Any]:
    if isinstance(choice, dict):
        return {"type": "tool", "name": choice["function"]["name"]}
    return {"type": "any" if choice == "required" else choice}


def responses(sample: Sample) -> _Form:
    """A sample as OpenAI's responses have it."""
    items: list[dict[str, Any]] = []
    for message in sample.messages:
        role = message["role"]
        if role == "tool":
            output = _blocks(message["content"], "input_text")
            result = {"type": "function_call_output", "call_id": message["tool_call_id"]}
            items.append(result | {"output": output})
            continue
        if thinking := message.get("reasoning_content"):
            summary = [{"type": "summary_text", "text": each} for each in thinking.split("the")[1:]]
            shown = [{"type": "reasoning_text", "text": thinking}][len(summary) % 3 > 1 :]
            items.append({"type": "reasoning", "id": "r", "summary": summary, "content": shown})
        if role != "assistant" or message["content"]:
            kind = "output_text" if role == "assistant" else "input_text"
            content = _blocks(message["content"], kind)
            items.append({"type": "message", "role": role, "content": content})
        for call in message.get("tool_calls", ()):
            items.append({"type": "function_call", "call_id": call["id"]} | call["function"])
    body: dict[str, Any] = {"input": items}
    if sample.tools:
        body["tools"] = [{"type": "function"} | tool["function"] for tool in sample.tools]
    if isinstance(sample.tool_choice, dict):
        name = sample.tool_choice["function"]["name"]
        body["tool_choice"] = {"type": "function", "name": name}
    elif sample.tool_choice:
        body["tool_choice"] = sample.tool_choice
    arguments = {"messages" if key == "input" else key: value for key, value in body.items()}
    return _Form(body, arguments)


def _blocks(content: Any, kind: str) -> Any:
    if isinstance(content, str):
        return content
    return [{"type": kind, "text": block["text"]} for block in content or ()]


def _list(content: Any) -> Iterator[dict[str, Any]]:
    yield from [{"type": "text", "text": content}] if isinstance(content, str) else content


def _comparison(
    model: Model, shape: Shape, form: Callable[[Sample], _Form], request: Any, features: Features
) -> Comparison:
    def ours(sample: Sample) -> Rendering | str:
        arguments = form(sample).arguments | {"shape": shape, "thinking": sample.thinking}
        try:
            counted = count_messages(**arguments, effort=sample.effort, model=NAMES[model].lower())
        except UsageError as error:
            return str(error)
        return Rendering("", None, counted.total)

    def reference(sample: Sample) -> Rendering | str:
        body = form(sample).body | {"model": NAMES[model]}
        if shape == "responses" and sample.effort is not None:
            body["reasoning"] = {"effort": sample.effort}
        if shape == "anthropic" and sample.thinking is not None:
            body["thinking"] = {"type": "enabled" if sample.thinking else "disabled"}
        try:
            converted = request(json.dumps(body)).convert(recipe.ConversionOptions())
        except (recipe.ConversionError, ValueError) as error:
            return str(error)
        return Rendering("", None, encode(converted.conversation, model).tokens)

    return Comparison(features, ours, reference)


_FEATURES = Features(response_formats=False, broken_arguments=False)
# What is required while the model thinks is refused by the reference alone.
_ANTHROPIC = replace(_FEATURES, efforts=(None,), choices=False)
_RESPONSES = replace(
    _FEATURES,
    thinking=(None,),
    efforts=(None, "none", "low", "high", "max"),
    roles=("developer",),
    choices=False,
)
_MODELS: tuple[Model, ...] = ("v4", "v4.1")
_FORMS: tuple[tuple[Shape, Callable[[Sample], _Form], Any, Features], ...] = (
    ("anthropic", anthropic, recipe.MessagesRequest, _ANTHROPIC),
    ("responses", responses, recipe.ResponsesRequest, _RESPONSES),
)
COMPARISONS = {
    f"deepseek-{model}-{shape}": _comparison(model, shape, form, request, features)
    for model in _MODELS
    for shape, form, request, features in _FORMS
}
