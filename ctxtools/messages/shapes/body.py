"""Whole bodies of requests, of any interface: where the messages are, and what goes along."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ctxtools.checks import shown
from ctxtools.errors import UsageError
from ctxtools.messages.shapes.gemini import media_level
from ctxtools.messages.shapes.unsent import ANSWER, BODY, NOTED_OF_BODY, THINKING
from ctxtools.messages.shapes.values import Fields, json_text, kind_of, plain, says_something

_MESSAGES = ("messages", "input", "contents", "conversations")
_THINKS = {"enabled": True, "adaptive": True, "disabled": False}
_EFFORT = re.compile("[A-Za-z_-]{1,20}")
_WRAPPERS = ("body", "params", "request")  # of batches


@dataclass(frozen=True, slots=True)
class Body:
    """What a request consists of, each as it was given; None is not given.

    Attributes:
        messages: messages, items or contents.
        path: their key.
        system: what stands beside them.
        tools: in a list each, with their paths.
        tool_choice: which is to be called.
        response_format: in OpenAI's form.
        model: by name.
        thinking: whether the model thinks first.
        effort: how much.
        detail: of media, for all of them.
        template: further values for a template.
        unsent: keys with a text that the model does not get.
    """

    messages: Any
    path: str = "messages"
    system: Any = None
    tools: tuple[tuple[str, Any], ...] = ()
    tool_choice: Any = None
    response_format: Mapping[str, Any] | None = None
    model: str | None = None
    thinking: bool | None = None
    effort: str | None = None
    detail: str | None = None
    template: Mapping[str, Any] = field(default_factory=dict)
    unsent: tuple[str, ...] = ()


def read_body(value: Mapping[str, Any]) -> Body:
    """A body in parts.

    Raises:
        UsageError: it is none, or holds what is not counted.
    """
    for key in _WRAPPERS:
        if isinstance(value.get(key), Mapping) and not any(each in value for each in _MESSAGES):
            value = value[key]
            break
    value = plain(value, "the request")
    if isinstance(extra := value.get("extra_body"), Mapping):  # OpenAI's client sends what is in it
        value = {**extra, **{key: each for key, each in value.items() if key != "extra_body"}}
    body = Fields(value, "the request", snake=True)
    path = next((key for key in _MESSAGES if body.peek(key) is not None), None)
    if path is None:
        raise UsageError(
            "the request has no messages",
            hint=f"a request has one of {', '.join(_MESSAGES)}; messages are a list of mappings",
        )
    config = Fields(
        body.take("generation_config", "config") or {}, "the request.generationConfig", snake=True
    )
    tools = [
        (key, each)
        for key, each in (
            ("tools", body.take("tools")),
            ("functions", body.take("functions")),
            ("generationConfig.tools", config.take("tools")),
        )
        if each is not None
    ]
    thinking, effort = _thinking(body, config)
    found = Body(
        messages=body.take(path),
        path=path,
        system=body.take("system", "instructions", "system_instruction")
        or config.take("system_instruction"),
        tools=tuple(tools),
        tool_choice=body.take("tool_choice", "function_call", "tool_config")
        or config.take("tool_config"),
        response_format=_response_format(body, config),
        model=body.peek("model") if isinstance(body.peek("model"), str) else None,
        thinking=thinking,
        effort=effort,
        detail=media_level(config.take("media_resolution")),
        template=body.take("chat_template_kwargs") or {},
        unsent=tuple(key for key in NOTED_OF_BODY if says_something(body.peek(key))),
    )
    config.close(BODY | {"speech_config", "response_modalities", "candidate_count", "image_config"})
    body.close(BODY)
    return found


def _thinking(body: Fields, config: Fields) -> tuple[bool | None, str | None]:
    """Whether and how much, by any interface's words."""
    effort = body.take("reasoning_effort")
    thinking: bool | None = None
    asked = body.take("thinking", "enable_thinking")
    if isinstance(asked, bool):
        thinking, asked = asked, None
    elif isinstance(asked, Mapping):
        thinking = _THINKS.get(str(asked.get("type")))
    answer = body.peek("output_config")  # Anthropic's, which the form of the answer is in, too
    effort = answer.get("effort", effort) if isinstance(answer, Mapping) else effort
    for settings in (body.take("reasoning"), asked, config.take("thinking_config")):
        if settings is not None:
            fields = Fields(settings, "thinking", snake=True)
            effort = fields.optional("effort", "thinking_level") or effort
            fields.close(THINKING)
    if effort is not None and not (isinstance(effort, str) and _EFFORT.fullmatch(effort)):
        raise UsageError(f"the request: no effort: {shown(effort, 40)}", hint='such as "high"')
    return thinking, effort.lower() if effort else None


def _response_format(body: Fields, config: Fields) -> Mapping[str, Any] | None:
    """The form of the answer, as OpenAI's chat says it."""
    found = body.take("response_format", "output_format", "format")
    for key in ("text", "output_config"):
        if (outer := body.take(key)) is not None:
            fields = Fields(outer, f"the request.{key}")
            found = fields.take("format") or found
            fields.close(ANSWER)
    schema = config.take("response_schema", "response_json_schema")
    mime = config.take("response_mime_type")
    if schema is not None:
        found = {"type": "json_schema", "schema": schema}
    elif mime == "application/json" and found is None:
        found = {"type": "json_object"}
    if mime not in (None, "application/json", "text/plain", "text/x.enum"):
        raise UsageError(
            f"the request: unknown responseMimeType {shown(mime, 40)}",
            hint="choose one of text/plain, application/json",
        )
    return None if found is None else read_response_format(found)


def read_response_format(value: Any, path: str = "response_format") -> Mapping[str, Any]:
    """The form of an answer, as OpenAI's chat says it, from the forms of any interface.

    Raises:
        UsageError: it is none.
    """
    value = plain(value, path)
    if value == "json":  # Ollama
        return {"type": "json_object"}
    if not isinstance(value, Mapping):
        raise UsageError(
            f"{path} must be a mapping, got {kind_of(value)}",
            hint='such as {"type": "json_object"}',
        )
    json_text(value, path)
    kind = value.get("type")
    if kind in ("text", "json_object"):
        Fields(value, path).close(ANSWER)
        return value
    if kind == "json_schema" and isinstance(value.get("json_schema"), Mapping):
        Fields(value, path).close(ANSWER | {"json_schema"})
        return value
    if kind == "json_schema" and isinstance(value.get("schema"), Mapping):
        rest = {key: each for key, each in value.items() if key != "type"}
        return {"type": "json_schema", "json_schema": {"name": "response", **rest}}
    if kind in ("object", "array") or "properties" in value:  # Ollama: the schema itself
        return {"type": "json_schema", "json_schema": {"name": "response", "schema": value}}
    raise UsageError(
        f"{path}: unknown type {kind!r:.80}", hint="choose one of text, json_object, json_schema"
    )
