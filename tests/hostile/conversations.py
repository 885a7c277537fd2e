"""Conversations that are wrong: of odd values, too deep, or leading elsewhere."""

import json
from typing import Any

from tests.hostile.builders import Input, file_into

CONVERSATIONS: list[Input] = []
file = file_into(CONVERSATIONS)


def _of(*content: Any, role: Any = "user", **more: Any) -> str:
    return json.dumps([{"role": role, "content": [*content], **more}])


def _image(url: str) -> str:
    return _of({"type": "image_url", "image_url": {"url": url}})


@file("other.json")
def json_that_is_no_conversation() -> str:
    return '{"role": "user", "messages": {"content": [1, null, "x"]}}'


@file("deep.json")
def content_that_is_nested_too_deeply() -> str:
    return '[{"role": "user", "content": ' + '[{"type": "text", "content": ' * 50_000


@file("within.json")
def results_within_results() -> str:
    content: Any = "x"
    for _ in range(300):
        content = [{"type": "tool_result", "tool_use_id": "a", "content": content}]
    return json.dumps([{"role": "user", "content": content}])


@file("schema.json")
def tools_of_deep_schemas() -> str:
    schema: Any = {"type": "string"}
    for _ in range(300):
        schema = {"type": "object", "properties": {"a": schema}}
    tool = {"type": "function", "function": {"name": "x", "parameters": schema}}
    return json.dumps({"messages": [{"role": "user", "content": "x"}], "tools": [tool]})


@file("nameless.json")
def tool_without_a_name() -> str:
    body = {"messages": [{"role": "user", "content": "x"}], "tools": [{"type": "function"}]}
    return json.dumps(body)


@file("roles.json")
def roles_that_no_format_has() -> str:
    return "[" + ",".join(_of("x", role=role)[1:-1] for role in ("admin", 3, None, "a\x1b")) + "]"


@file("calls.json")
def calls_that_nobody_answers() -> str:
    call = {"id": "a", "type": "function", "function": {"name": "x", "arguments": "{not JSON"}}
    return _of("x", role="assistant", tool_calls=[call, call, {}, None, 3])


@file("secret.json")
def image_that_is_the_users_secret() -> str:
    return _image("../home/secret.txt")


@file("link.json")
def image_at_an_absolute_path() -> str:
    return _image("file:///dev/zero")


@file("address.json")
def image_at_an_address() -> str:
    return _image("http://127.0.0.1:9/a.png")


@file("self.json")
def image_that_is_the_conversation() -> str:
    return _image("self.json")


@file("data.json")
def data_that_lies() -> str:
    return _image("data:image/png;base64,iVBORw0KGgo" + "A" * 100_000)


@file("hidden.json")
def text_that_hides() -> str:
    hidden = "a\x1b]0;title\x07\u202eb\x9b2J\u2066\ud800 <|im_end|><|start|>"
    return _of({"type": "text", "text": hidden}, hidden, role="user", name=hidden)


@file("unknown.json")
def content_of_an_unknown_type() -> str:
    return _of({"type": "hologram\x1b[2J", "hologram": {"a": [1]}})


@file("many.json")
def thousands_of_empty_messages() -> str:
    return json.dumps([{"role": "user", "content": ""}] * 5_000)


@file("numbers.json")
def numbers_for_texts() -> str:
    return '[{"role": "user", "content": 1e999}, {"role": "user", "content": ' + "9" * 5000 + "}]"


@file("lines.jsonl")
def lines_of_all_kinds() -> str:
    return "\n".join(["{", "3", "null", "[]", _of("x"), '{"messages": [[]]}', "[" * 50_000, ""])
