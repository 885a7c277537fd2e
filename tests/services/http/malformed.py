"""Requests that are wrong: bodies for tests and the benchmark, made of a number each."""

import json
import random
from typing import Any

ENDPOINTS = (
    "/v1/messages/count_tokens",
    "/v1/responses/input_tokens",
    "/tokenize",
    "/detokenize",
    "/utils/token_counter",
)
_KEYS = (
    *("messages", "input", "prompt", "tokens", "contents", "system", "tools", "tool_choice"),
    *("content", "role", "type", "text", "source", "data", "image_url", "url", "name"),
    *("input_schema", "function", "parameters", "thinking", "response_format", "instructions"),
)
_LEAVES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**400, "", "a", "user", "\ud800", "data:,", "\0"),
    *("base64", "image", "tool_use", "data:image/png;base64,AAAA", "file:///etc/passwd"),
    *("http://127.0.0.1:9/", "../../etc/passwd", "{{ 7*7 }}", "tool", "document"),
)
_TEXTS: tuple[bytes, ...] = (
    b"",
    b" ",
    b"{",
    b"[]",
    b"null",
    b"nul",
    b'"text"',
    b"{}",
    b"{]",
    b'{"model": "gpt-4o",}',
    b'{"model": NaN}',
    b'{"model": -Infinity}',
    b'{"a": 1}{"b": 2}',
    b"\xff\xfe{\0}\0",
    b"\xef\xbb\xbf{}",
    b'{"model": "\xff"}',
    b'{"model": "\xed\xa0\x80"}',
    b"{'model': 'gpt-4o'}",
    b'{"model": "a\x01"}',
    b'{"model": ' + b"9" * 5000 + b"}",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"a=1&b=2",
    b"<xml/>",
)


def malformed(number: int) -> tuple[str, bytes]:
    """An endpoint, and a body that it cannot answer."""
    chosen = random.Random(number)
    path = ENDPOINTS[number % len(ENDPOINTS)]
    kind = chosen.randrange(4)
    if kind == 0:
        return path, chosen.choice(_TEXTS)
    body = json.dumps(_body(chosen, path)).encode()
    if kind == 1:  # broken off
        return path, body[: chosen.randrange(max(len(body) - 1, 1))]
    if kind == 2:  # a byte that UTF-8 does not have
        at = chosen.randrange(len(body))
        return path, body[:at] + b"\xff" + body[at:]
    return path, body


def _body(chosen: random.Random, path: str) -> dict[str, Any]:
    """An object with a wrong value where its text should be."""
    wrong = _value(chosen, 0)
    while isinstance(wrong, str | list):  # a text, or a list that may be empty, could be right
        wrong = _value(chosen, 0)
    field = {
        "/v1/messages/count_tokens": "messages",
        "/v1/responses/input_tokens": "input",
        "/detokenize": "tokens",
    }.get(path, "prompt")
    more = {key: _value(chosen, 1) for key in chosen.sample(_KEYS, chosen.randrange(3))}
    for key in ("messages", "contents", "prompt", "input", "tokens"):
        more.pop(key, None)
    return {"model": chosen.choice(("gpt-4o", "qwen3-8b", "no-such-model")), **more, field: wrong}


def _value(chosen: random.Random, depth: int) -> Any:
    kind = chosen.randrange(6) if depth < 5 else 0
    if kind == 1:
        return [_value(chosen, depth + 1) for _ in range(chosen.randrange(4))]
    if kind == 2:
        keys = chosen.sample(_KEYS, chosen.randrange(4))
        return {key: _value(chosen, depth + 1) for key in keys}
    return chosen.choice(_LEAVES)


def odd(number: int) -> dict[str, Any]:
    """A body of an endpoint that may be right or wrong, at any depth."""
    chosen = random.Random(number)
    body = {key: _value(chosen, 0) for key in chosen.sample(_KEYS, chosen.randrange(1, 6))}
    for key in ("messages", "input", "contents", "tokens", "tools"):
        if key in body and chosen.random() < 0.8:
            body[key] = [_item(chosen) for _ in range(chosen.randrange(1, 4))]
    return {"model": chosen.choice(("gpt-4o", "qwen3-8b", "claude-sonnet-4-5")), **body}


def _item(chosen: random.Random) -> Any:
    if chosen.random() < 0.2:
        return _value(chosen, 0)
    keys = {key: _value(chosen, 1) for key in chosen.sample(_KEYS, chosen.randrange(3))}
    role = chosen.choice(("user", "assistant", "system", "tool", 5))
    return {"role": role, "content": _value(chosen, 1), **keys}
