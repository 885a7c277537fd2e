"""Tools of every interface: OpenAI's (chat, responses, legacy functions), Anthropic's, Gemini's."""

from collections.abc import Iterator, Mapping
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.messages.request import Tool
from ctxtools.messages.shapes.unsent import CHOICE, CONTENT
from ctxtools.messages.shapes.values import Fields, items, json_text, kind_of, plain

# "strict" and their like say how a call is made, not what the model reads.
_UNSENT = CONTENT | {"strict", "eager_input_streaming", "defer_loading", "allowed_callers"}


def read_tools(value: Any, path: str = "tools") -> tuple[Tool, ...]:
    """Tools in any form that an interface takes, in their order.

    Raises:
        UsageError: one has no name, or is one of the provider's own, whose tokens are unknown.
    """
    if value is None:
        return ()
    found: list[Tool] = []
    for at, each in items(plain(_schemas(value, path), path), path):
        found += _read(each, at)
    return tuple(found)


def _schemas(value: Any, path: str) -> Any:
    """Tools as they are sent, where they are objects of LangChain's kind."""
    if not isinstance(value, list | tuple):
        return value
    return [_schema(each, f"{path}[{i}]") for i, each in enumerate(value)]


def _schema(value: Any, path: str) -> Any:
    arguments = getattr(value, "tool_call_schema", None) or getattr(value, "args_schema", None)
    if arguments is None or isinstance(value, Mapping):
        return value
    schema = getattr(arguments, "model_json_schema", None)
    parameters = arguments if isinstance(arguments, Mapping) else schema() if schema else None
    if not isinstance(parameters, Mapping):
        raise UsageError(f"{path}: the schema of this tool cannot be read", hint="pass it as JSON")
    return {
        "name": getattr(value, "name", None),
        "description": getattr(value, "description", None),
        "parameters": {key: each for key, each in parameters.items() if key != "description"},
    }


def _read(value: Any, path: str) -> Iterator[Tool]:
    tool = Fields(value, path, "a tool")
    declared = tool.take("functionDeclarations", "function_declarations")
    if declared is not None:
        for at, each in items(declared, f"{path}.functionDeclarations"):
            yield _function(Fields(each, at, "a function", snake=True), None)
        tool.close()
        for key in value:
            if key in tool and key not in CONTENT:
                raise _provided(f"{path}.{key}", key)
        return
    kind = tool.peek("type")
    if kind == "function" and isinstance(inner := tool.peek("function"), Mapping):
        tool.take("function")
        tool.close(_UNSENT)
        yield _function(Fields(inner, f"{path}.function"), value)
    elif kind == "custom" and isinstance(tool.peek("custom"), Mapping):
        yield _custom(tool.inner("custom"))
        tool.close(_UNSENT)
    elif kind == "custom" and tool.peek("input_schema") is None:
        yield _custom(tool)
    elif isinstance(kind, str) and kind not in ("function", "custom", "object", "tool"):
        raise _provided(path, kind)
    elif not isinstance(tool.peek("name"), str) and len(value) == 1 and not _named(value):
        raise _provided(path, next(iter(value)))
    else:
        yield _function(tool, None)


def _named(value: Mapping[str, Any]) -> bool:
    return any(
        key in value for key in ("name", "description", "parameters", "input_schema", "type")
    )


def _function(tool: Fields, raw: Mapping[str, Any] | None) -> Tool:
    name = _name(tool)
    description = tool.optional("description")
    parameters = tool.take(
        "parameters", "input_schema", "inputSchema", "parameters_json_schema"
    )  # fmt: skip
    if parameters is not None and not isinstance(parameters, Mapping):
        raise UsageError(
            f"{tool.path}.parameters must be a JSON schema, got {kind_of(parameters)}",
            hint='such as {"type": "object", "properties": {…}}',
        )
    # What else the model reads of a tool, with its schema: examples, the form of the result.
    for key in ("input_examples", "output_schema", "response", "response_json_schema", "format"):
        if (more := tool.take(key)) is not None:
            parameters = {**(parameters or {}), key: more}
            raw = None
    json_text(parameters, f"{tool.path}.parameters")
    tool.close(_UNSENT)
    return _tool(name, description, parameters, raw)


def _custom(tool: Fields) -> Tool:
    """OpenAI's tool that takes a text, perhaps of a grammar."""
    return _function(tool, None)


def _tool(
    name: str,
    description: str | None,
    parameters: Mapping[str, Any] | None,
    raw: Mapping[str, Any] | None,
) -> Tool:
    if raw is None:
        found = {"name": name, "description": description, "parameters": parameters}
        function = {key: each for key, each in found.items() if each is not None}
        raw = {"type": "function", "function": function}
    return Tool(name, description, parameters, raw)


def _name(tool: Fields) -> str:
    name = tool.take("name")
    if isinstance(name, str) and name:
        return name
    raise UsageError(
        f"{tool.path}: a tool without a name", hint='give it one: {"name": "search", …}'
    )


def _provided(path: str, name: Any) -> UsageError:
    return UsageError(
        f"{path}: {name!r:.80} is a tool of the provider: how many tokens it takes is not known",
        hint="leave it out, and add its tokens by hand",
    )


def read_choice(value: Any, path: str = "tool_choice") -> str | Mapping[str, Any] | None:
    """Which tool is to be called, as OpenAI says it: "auto", "none", "required", or one tool.

    Raises:
        UsageError: it is nothing that an interface takes.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _mode(value, path)
    choice = Fields(plain(value, path), path, "a str or a mapping", snake=True)
    config = choice.take("function_calling_config")
    if config is not None:
        choice.close()
        return _gemini_choice(Fields(config, f"{path}.functionCallingConfig", snake=True))
    kind, name, mode = choice.peek("type"), choice.take("name"), choice.peek("mode")
    for key in ("function", "custom", "allowed_tools"):
        if isinstance(choice.peek(key), Mapping):
            inner = choice.inner(key)
            name, mode = inner.take("name"), inner.peek("mode")
            inner.drop({"tools"})
            inner.close(CHOICE)
    choice.drop({"tools"})
    choice.close(CHOICE)
    if kind in ("auto", "any", "none", "required") and name is None:
        return _mode(str(kind), path)
    if kind == "allowed_tools":
        return _mode(mode if isinstance(mode, str) else "auto", path)
    if not isinstance(name, str):
        raise UsageError(
            f"{path} names no tool", hint='such as {"type": "function", "function": {"name": "f"}}'
        )
    return {"type": "function", "function": {"name": name}}


def _gemini_choice(config: Fields) -> str | Mapping[str, Any]:
    mode = config.text("mode", default="AUTO").upper()
    names = config.list("allowed_function_names", default=[])
    config.close(CHOICE)
    if mode == "ANY" and len(names) == 1 and isinstance(names[0], str):
        return {"type": "function", "function": {"name": names[0]}}
    return _mode({"ANY": "required", "VALIDATED": "auto"}.get(mode, mode.lower()), config.path)


def _mode(mode: str, path: str) -> str:
    mode = "required" if mode == "any" else mode
    if mode in ("auto", "none", "required"):
        return mode
    raise UsageError(
        f"{path}: unknown mode {mode!r:.80}",
        hint='choose "auto", "none" or "required", or name a tool: '
        '{"type": "function", "function": {"name": "f"}}',
    )
