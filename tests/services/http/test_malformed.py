"""Requests that are wrong are answered with 4xx in the interface's form, and with nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.services.http.malformed import ENDPOINTS, malformed, odd
from tests.services.http.serving import COUNTS, make_app

JSON = {"content-type": "application/json"}


def check_refusal(answer: Any, path: str) -> str:
    """The message of a refusal, which says nothing of this machine."""
    assert 400 <= answer.status_code < 500, answer.text
    body = answer.json()
    message = body["error"]["message"]
    assert isinstance(message, str) and message
    if path.startswith("/v1/messages"):
        assert body["type"] == "error" and body["error"]["type"].endswith(("_error", "_large"))
    else:
        assert {*body["error"]} == {"message", "type", "param", "code"}
    for leak in ("Traceback", ".py", "site-packages", 'File "', "/home/", "/root/", "/tmp/"):
        assert leak not in message
    return message


@settings(max_examples=300, deadline=None)
@given(number=st.integers(0, 2**32))
def test_malformed_bodies(client: TestClient, number: int) -> None:
    path, body = malformed(number)
    check_refusal(client.post(path, content=body, headers=JSON), path)


@settings(max_examples=300, deadline=None)
@given(number=st.integers(0, 2**32), path=st.sampled_from(ENDPOINTS))
def test_odd_bodies_are_answered_or_refused(client: TestClient, number: int, path: str) -> None:
    answer = client.post(path, content=json.dumps(odd(number)), headers=JSON)
    if answer.status_code != 200:
        check_refusal(answer, path)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(ENDPOINTS), value=JSON_VALUES, data=st.data())
def test_wrong_types_at_each_depth(
    client: TestClient, path: str, value: Any, data: st.DataObject
) -> None:
    """A right request in which one value, anywhere, is another one."""
    body: Any = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}],
        "tools": [{"name": "f", "description": "b", "input_schema": {"type": "object"}}],
    }
    if path == "/v1/responses/input_tokens":
        body["input"] = body.pop("messages")
    elif path == "/detokenize":
        body = {"model": "gpt-4o", "tokens": [1, 2]}
    place: Any = body
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            place[key] = value
            break
        place = place[key]
    answer = client.post(path, json=body)
    if answer.status_code != 200:
        check_refusal(answer, path)


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("depth", [50, 1_000, 200_000])
def test_deep_nesting(client: TestClient, path: str, depth: int) -> None:
    for opening, closing in (("[", "]"), ('{"content":', "}")):
        nested = f"{opening * depth}1{closing * depth}"
        body = f'{{"model": "gpt-4o", "messages": {nested}, "input": {nested}}}'
        check_refusal(client.post(path, content=body, headers=JSON), path)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ('Application/JSON;charset="UTF-8"', 200),
        ("application/json; charset=latin-1", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=a", 415),
        ("", 415),
        ("application/jsonp", 415),
    ],
)
def test_content_types(client: TestClient, content_type: str, status: int) -> None:
    body = b'{"model": "gpt-4o", "prompt": "Hello"}'
    answer = client.post(
        "/utils/token_counter", content=body, headers={"content-type": content_type}
    )
    assert answer.status_code == status
    if status != 200:
        check_refusal(answer, "/utils/token_counter")


def test_compressed_bodies_are_not_read(client: TestClient) -> None:
    """A few bytes could be a gigabyte."""
    for encoding in ("gzip", "deflate", "br", "gzip, gzip"):
        headers = {**JSON, "content-encoding": encoding}
        answer = client.post("/tokenize", content=b"\x1f\x8b", headers=headers)
        assert answer.status_code == 415


@pytest.mark.parametrize("path", [*COUNTS, "/v1/models", "/health", "/metrics"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "POST", "TRACE"])
def test_methods(client: TestClient, path: str, method: str) -> None:
    served = "POST" if path in COUNTS else "GET"
    answer = client.request(method, path, content=b"{}" if method == "POST" else None)
    if method != served:
        assert answer.status_code == 405 and served in answer.headers["allow"]
        check_refusal(answer, path)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/tokenize/", "/v1", "/v1/messages", "//tokenize", "/TOKENIZE", "/..%2ftokenize"),
        *("/v1/messages/count_tokens/x", "/docs", "/favicon.ico", "/%00", "/a" * 5000),
    ],
)
def test_other_paths(client: TestClient, path: str) -> None:
    for method in ("GET", "POST"):
        answer = client.request(method, f"http://testserver{path}", content=b"{}")
        assert answer.status_code == 404
        assert "openapi" in check_refusal(answer, "")


def test_a_query_changes_nothing(client: TestClient) -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
    answer = client.post("/v1/messages/count_tokens?beta=true", json=body)
    assert answer.json() == {"input_tokens": 8}


def test_too_large(client: TestClient) -> None:
    app = make_app(max_body=1000)
    small = TestClient(app)
    body = b'{"model": "gpt-4o", "prompt": "' + b"a" * 2000 + b'"}'
    for content in (body, iter([body[:900], body[900:]])):
        answer = small.post("/utils/token_counter", content=content, headers=JSON)
        assert answer.status_code == 413
        assert "1.0 kB" in check_refusal(answer, "") or "1,000" in answer.text
    answer = small.post("/v1/messages/count_tokens", content=body, headers=JSON)
    assert answer.json()["error"]["type"] == "request_too_large"
    assert client.post("/utils/token_counter", content=body, headers=JSON).status_code == 200
    app.close()
