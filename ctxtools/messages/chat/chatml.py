"""ChatML, in which Qwen's models and many others are trained: <|im_start|>role, text, <|im_end|>.

Tools are written as Qwen 2.5 and 3 do (Hermes' form). A model's own template may differ: a default
system message, what is kept of thinking. Where the model is known, its template is used instead.
"""

import json
from collections.abc import Iterator

from ctxtools.messages.chat.formats import ChatOptions, Rendered
from ctxtools.messages.chat.pieces import Owner, Piece, Placed, Plain, Special
from ctxtools.messages.media.items import media_kind
from ctxtools.messages.parts import Kind
from ctxtools.messages.request import Content, Message, Request, Text, ToolCall, ToolResult

_ROLES = {"developer": "system", "function": "user", "tool": "user", "model": "assistant"}
_TOOLS = (
    "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>"
)
_CALLS = (
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments "
    'within <tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, '
    '"arguments": <args-json-object>}\n</tool_call>'
)
_NOTE = "counted as ChatML: the model's own template may add a default system message"


def render(request: Request, options: ChatOptions) -> Rendered:
    """A request in ChatML."""
    return Rendered([*_pieces(request, options)], (_NOTE,))


def _pieces(request: Request, options: ChatOptions) -> Iterator[Piece]:
    messages = list(request.messages)
    if request.tools and request.tool_choice != "none":
        first = messages.pop(0) if messages and messages[0].role == "system" else None
        yield from _head(first, request)
    for message in messages:
        yield from _message(message)
    form = request.response_format
    if form is not None and form.get("type") != "text":
        text = json.dumps(form, ensure_ascii=False)
        yield Plain(text, Owner(None, None, "response format"))
    if options.generation_prompt:
        owner = Owner(None, "assistant", "framing")
        yield Special("<|im_start|>", owner)
        yield Plain("assistant\n", owner)


def _head(system: Message | None, request: Request) -> Iterator[Piece]:
    number = system.number if system else None
    frame, tools = Owner(number, "system", "framing"), Owner(None, None, "tools")
    yield Special("<|im_start|>", frame)
    yield Plain("system\n", frame)
    if system:
        yield from _contents(system)
    yield Plain(_TOOLS, tools)
    for tool in request.tools:
        text = json.dumps(tool.raw, ensure_ascii=False)
        yield Plain(f"\n{text}", Owner(None, None, "tools", tool.name))
    yield Plain(_CALLS, tools)
    yield Special("<|im_end|>", frame)
    yield Plain("\n", frame)


def _message(message: Message) -> Iterator[Piece]:
    frame = Owner(message.number, message.role, "framing")
    yield Special("<|im_start|>", frame)
    yield Plain(_ROLES.get(message.role, message.role), frame)
    if message.name:
        yield Plain(f" name={message.name}", Owner(message.number, message.role, "name"))
    yield Plain("\n", frame)
    yield from _contents(message)
    yield Special("<|im_end|>", frame)
    yield Plain("\n", frame)


def _contents(message: Message) -> Iterator[Piece]:
    for each in message.content:
        yield from _content(each, message)


def _content(content: Content, message: Message) -> Iterator[Piece]:
    def owner(kind: Kind, label: str = "") -> Owner:
        return Owner(message.number, message.role, kind, label)

    if isinstance(content, Text):
        if content.kind == "thinking":
            text = f"{content.text}{content.opaque}"
            yield Plain(f"<think>\n{text}\n</think>\n\n", owner("thinking"))
        else:
            yield Plain(content.text, owner(content.kind))
    elif isinstance(content, ToolCall):
        call = owner("tool call", content.name)
        head = f'\n<tool_call>\n{{"name": "{content.name}", "arguments": '
        yield Plain(f"{head}{content.arguments_text()}}}\n</tool_call>", call)
    elif isinstance(content, ToolResult):
        frame = owner("tool result", content.name)
        yield Plain("<tool_response>\n", frame)
        for each in content.content:
            if isinstance(each, Text):
                yield Plain(each.text, frame)
            else:
                yield Placed(each, owner(media_kind(each), each.name))
        yield Plain("\n</tool_response>", frame)
    else:
        yield Placed(content, owner(media_kind(content), content.name))
