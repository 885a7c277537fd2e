"""Which interface messages are written for, and reading them by it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from ctxtools.checks import check_choice
from ctxtools.errors import UsageError
from ctxtools.messages.request import Message, Request, Shape, Tool
from ctxtools.messages.shapes import (
    anthropic,
    gemini,
    langchain,
    openai_chat,
    openai_responses,
)
from ctxtools.messages.shapes.body import Body, read_body, read_response_format
from ctxtools.messages.shapes.content import read_parts
from ctxtools.messages.shapes.sources import Sources
from ctxtools.messages.shapes.tools import read_choice, read_tools
from ctxtools.messages.shapes.unsent import NOTED
from ctxtools.messages.shapes.values import kind_of, plain, says_something

_OPENAI_ONLY = ("tool_calls", "function_call", "tool_call_id", "refusal", "reasoning_content")
_OPENAI_ROLES = ("tool", "function", "developer")
# Blocks and parts that one interface alone has.
_ANTHROPIC_ONLY = {*anthropic.BLOCKS} - {"text", "image"}
_RESPONSES_ONLY = {"input_text", "output_text", "input_image", "input_file"}


def read_request(
    messages: Any,
    *,
    sources: Sources,
    shape: Shape | None = None,
    system: Any = None,
    tools: Any = None,
    tool_choice: Any = None,
    response_format: Any = None,
) -> tuple[Request, Body]:
    """Messages of any interface, or a whole body with them, as one request.

    What is given beside a body counts instead of what the body has.

    Raises:
        UsageError: something of it is malformed, or is not counted; its path is named.
    """
    body = _as_body(messages)
    given = body.messages
    if isinstance(given, str) and body.path == "messages":
        raise UsageError(
            "messages must be a list of mappings, got str",
            hint='such as [{"role": "user", "content": "…"}]',
        )
    if shape is not None:
        check_choice("shape", shape, get_args(Shape))
    found = shape or _shape(given, body)
    before = _system(body.system if system is None else system, sources, found, body)
    listed = [("tools", tools)] if tools is not None else body.tools
    choice = read_choice(body.tool_choice if tool_choice is None else tool_choice)
    found_tools = _unique(tool for path, each in listed for tool in read_tools(each, path))
    _check_choice(choice, found_tools)
    request = Request(
        messages=(*before, *_messages(given, body, sources, found)),
        tools=found_tools,
        tool_choice=choice,
        response_format=body.response_format
        if response_format is None
        else read_response_format(response_format),
        shape=found,
        unsent=(*_unsent(given), *((key, None) for key in body.unsent)),
    )
    return request, body


def _unsent(given: Any) -> Iterator[tuple[str, int]]:
    """Texts in messages that the interface does not show to the model: key and message."""
    for number, message in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(message, Mapping):
            continue
        content = message.get("content")
        for each in (message, *(content if isinstance(content, list) else ())):
            for key in NOTED:
                if isinstance(each, Mapping) and says_something(each.get(key)):
                    yield key, number


def _as_body(value: Any) -> Body:
    if callable(to_messages := getattr(value, "to_messages", None)):  # LangChain's prompts
        value = to_messages()
    if isinstance(value, Mapping) and not _is_message(value):
        return read_body(value)
    if isinstance(value, Mapping):
        value = [value]
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise UsageError(
            f"messages must be a list of mappings, got {kind_of(value)}",
            hint='such as [{"role": "user", "content": "…"}]',
        )
    return Body(plain(_listed(value), "messages"))


def _listed(value: Iterable[Any]) -> Any:
    """Messages as a list; objects of an SDK that are iterable by their fields are none."""
    if isinstance(value, list | tuple):
        return value
    return [*value]


def _is_message(value: Mapping[str, Any]) -> bool:
    return "role" in value or "parts" in value or langchain.is_message(value)


def _shape(given: Any, body: Body) -> Shape:
    if body.path == "contents":
        return "gemini"
    if body.path == "input":
        return "responses"
    if not isinstance(given, list):
        return "openai"
    found: set[Shape] = set()
    for each in given:
        if isinstance(each, Mapping):
            found |= _marks(each)
    if "openai" in found:
        return "openai"
    # A body of Anthropic's has a system text, or tools of its form, beside messages as OpenAI's.
    tools = [tool for _, each in body.tools if isinstance(each, list) for tool in each]
    schemas = any(isinstance(tool, Mapping) and "input_schema" in tool for tool in tools)
    if body.system is not None or schemas:
        found.add("anthropic")
    order: Sequence[Shape] = ("gemini", "responses", "anthropic")
    return next((shape for shape in order if shape in found), "openai")


def _marks(message: Mapping[str, Any]) -> set[Shape]:
    """The interfaces that one message is of, as far as that shows."""
    if "parts" in message and "content" not in message:
        return {"gemini"}
    if langchain.is_message(message) or any(message.get(key) is not None for key in _OPENAI_ONLY):
        return {"openai"}
    if "role" not in message and message.get("type") in [*openai_responses.ITEMS]:
        return {"responses"}
    if message.get("role") in _OPENAI_ROLES[:2]:
        return {"openai"}
    content = message.get("content")
    parts = (
        [each for each in content if isinstance(each, Mapping)] if isinstance(content, list) else ()
    )
    kinds = {kind for part in parts if isinstance(kind := part.get("type"), str)}
    if kinds & _RESPONSES_ONLY:
        return {"responses"}
    sourced = any(isinstance(part.get("source"), Mapping) for part in parts)
    return {"anthropic"} if sourced or kinds & _ANTHROPIC_ONLY else set()


def _messages(given: Any, body: Body, sources: Sources, shape: Shape) -> list[Message]:
    if shape == "gemini":
        return gemini.read_messages(given, body.path, sources, body.detail)
    if isinstance(given, str):  # OpenAI's Responses take a text
        given = [{"role": "user", "content": given}]
    if not isinstance(given, list):
        raise UsageError(
            f"{body.path} must be a list of mappings, got {kind_of(given)}",
            hint='such as [{"role": "user", "content": "…"}]',
        )
    if shape == "openai" and any(map(langchain.is_message, given)):
        return langchain.read_messages(given, body.path, sources)
    readers: Mapping[str, Callable[[Sequence[Any], str, Sources], list[Message]]] = {
        "openai": openai_chat.read_messages,
        "responses": openai_responses.read_messages,
        "anthropic": anthropic.read_messages,
    }
    return readers[shape](given, body.path, sources)


def _system(value: Any, sources: Sources, shape: Shape, body: Body) -> list[Message]:
    """The system text that stands beside the messages."""
    if value is None or value == "" or value == []:
        return []
    value = plain(value, "system")
    if shape == "gemini" or (isinstance(value, Mapping) and "parts" in value):
        if isinstance(value, list):
            value = {"parts": value}
        message = gemini.read_content(value, "system", None, sources, body.detail, "system")
        return [Message("system", message.content)]
    items = isinstance(value, list) and shape == "responses"
    if items and all(isinstance(each, Mapping) and "role" in each for each in value):
        return openai_responses.read_messages(value, "instructions", sources)
    content = read_parts(value, "system", anthropic.BLOCKS, sources, "a block")
    return [Message("system", tuple(content))]


def _check_choice(choice: str | Mapping[str, Any] | None, tools: Sequence[Tool]) -> None:
    if choice is None or isinstance(choice, str):
        return
    name = choice["function"]["name"]
    if all(tool.name != name for tool in tools):
        raise UsageError(
            f"tool_choice names {name!r:.80}, which is none of the tools",
            hint=f"the tools are {', '.join(tool.name for tool in tools[:10]) or 'none at all'}",
        )


def _unique(tools: Iterable[Tool]) -> tuple[Tool, ...]:
    found: dict[str, Tool] = {}
    for tool in tools:
        if found.setdefault(tool.name, tool) is not tool:
            raise UsageError(
                f"two tools are called {tool.name!r:.80}", hint="a tool is called by its name"
            )
    return tuple(found.values())
