"""``/openapi.json`` is true for what is served, and ``/metrics`` for what was."""

from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient

from ctxtools.services.http.app import ROUTES
from tests.services.http.serving import COUNTS, make_app


@pytest.fixture(scope="module")
def description(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


def test_it_has_what_is_served(description: Any) -> None:
    described = {path: [*item] for path, item in description["paths"].items()}
    assert described == {path: [route.methods[0].lower()] for path, route in ROUTES.items()}
    assert description["openapi"].startswith("3.1.")


def schema(description: Any, content: Any) -> Any:
    """A schema that can be followed by itself."""
    return {**content["application/json"]["schema"], "components": description["components"]}


@pytest.mark.parametrize("path", ROUTES)
def test_requests_and_answers_are_as_described(
    client: TestClient, description: Any, path: str
) -> None:
    ((method, operation),) = description["paths"][path].items()
    body = {"model": "qwen3-8b", **COUNTS[path]} if path in COUNTS else None
    if body:
        jsonschema.validate(body, schema(description, operation["requestBody"]["content"]))
    answer = client.request(method, path, json=body)
    assert answer.status_code == 200
    described = operation["responses"]["200"]
    if "application/json" in described["content"]:
        jsonschema.validate(answer.json(), schema(description, described["content"]))
        assert answer.headers["content-type"] == "application/json"
    for name in described.get("headers", {}):
        assert name in answer.headers or name == "ctx-token-interval"


@pytest.mark.parametrize("path", COUNTS)
def test_refusals_are_as_described(client: TestClient, description: Any, path: str) -> None:
    responses = description["paths"][path]["post"]["responses"]
    for sent, status in (
        ({"json": {}}, 400),
        ({"json": {"model": "no-such-model", **COUNTS[path]}}, 404),
        ({"content": b"{}"}, 415),
    ):
        answer = client.post(path, **sent)
        assert answer.status_code == status
        described = responses[str(status)]["content"]
        jsonschema.validate(answer.json(), schema(description, described))


def test_metrics() -> None:
    app = make_app("gpt-4o")
    client = TestClient(app)
    for _ in range(3):
        client.post("/utils/token_counter", json={"prompt": "Hello there"})
    client.post("/tokenize", content=b"{")
    client.get("/secret%22path%0A")
    lines = client.get("/metrics").text.splitlines()
    for line in (
        'ctx_serve_requests_total{endpoint="/utils/token_counter",status="200"} 3',
        'ctx_serve_requests_total{endpoint="/tokenize",status="415"} 1',
        'ctx_serve_requests_total{endpoint="other",status="404"} 1',
        'ctx_serve_tokens_total{endpoint="/utils/token_counter"} 6',
        'ctx_serve_seconds_bucket{endpoint="/utils/token_counter",le="+Inf"} 3',
        'ctx_serve_seconds_count{endpoint="/utils/token_counter"} 3',
        "ctx_serve_working 0",
    ):
        assert line in lines
    assert not any("secret" in line for line in lines)
    values = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    assert all(float(value) >= 0 for _, _, value in values)
    assert len({name for name, _, _ in values}) == len(values)
    app.close()


def test_the_log_says_nothing_of_contents() -> None:
    lines: list[str] = []
    app = make_app("gpt-4o", log=lines.append)
    client = TestClient(app)
    client.post("/utils/token_counter?key=secret", json={"prompt": "secret"})
    client.get("/a%1b[31m%0Ab")
    assert len(lines) == 2 and "secret" not in "".join(lines)
    assert lines[0].startswith("POST /utils/token_counter 200 1 tokens ")
    assert lines[1].startswith("GET /a\\u001b[31m") and lines[1].isprintable()
    app.close()
