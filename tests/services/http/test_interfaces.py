"""Every endpoint answers what the library does, in its interface's own form."""

import base64
import json
import struct
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

import ctxtools as ctx
from ctxtools.models import Model, Registry
from ctxtools.services.http import app as app_module
from ctxtools.services.http.app import App, Settings
from ctxtools.services.http.interfaces import litellm
from ctxtools.services.http.models import Models
from tests.services.http.serving import COUNTS, make_app

NAMES = ("gpt-4o", "gpt-5", "claude-sonnet-4-5", "deepseek-v4-pro", "gpt-oss-120b")
EXACT = ("gpt-4o", "deepseek-v4-pro", "qwen2.5-7b")
TEXTS = st.text(max_size=80)
_HEADER = b"IHDR" + struct.pack(">IIBBBBB", 640, 480, 8, 2, 0, 0, 0)
_CHUNK = struct.pack(">I", 13) + _HEADER + struct.pack(">I", crc32(_HEADER))
IMAGE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + _CHUNK + bytes(200)).decode()
TOOL = {
    "name": "weather",
    "description": "The weather of a place.",
    "input_schema": {"type": "object", "properties": {"place": {"type": "string"}}},
}


def ask(client: TestClient, path: str, body: dict[str, Any]) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer


def check_headers(answer: Any, counted: ctx.CountedMessages) -> None:
    assert answer.headers["ctx-token-exact"] == ("true" if counted.exact else "false")
    assert answer.headers["ctx-token-basis"] == counted.basis
    interval = answer.headers.get("ctx-token-interval")
    low, high = counted.interval.low, counted.interval.high
    assert interval == (None if counted.exact else f"{low}-{high}")


@settings(max_examples=40, deadline=None)
@given(
    model=st.sampled_from(NAMES),
    texts=st.lists(TEXTS.filter(str.strip), min_size=1, max_size=4),
    system=st.none() | TEXTS,
    with_tools=st.booleans(),
)
def test_anthropic(
    client: TestClient, model: str, texts: list[str], system: str | None, with_tools: bool
) -> None:
    roles = ("user", "assistant")
    body: dict[str, Any] = {
        "model": model,
        "messages": [
            {"role": roles[i % 2], "content": [{"type": "text", "text": text}] if i % 3 else text}
            for i, text in enumerate(texts)
        ],
    }
    if system is not None:
        body["system"] = system
    if with_tools:
        body["tools"] = [TOOL]
    expected = ctx.count_messages(body, model=model, shape="anthropic")
    answer = ask(client, "/v1/messages/count_tokens", body)
    assert answer.json() == {"input_tokens": expected.total}
    check_headers(answer, expected)


@settings(max_examples=30, deadline=None)
@given(model=st.sampled_from(NAMES), text=TEXTS, instructions=st.none() | TEXTS)
def test_openai(client: TestClient, model: str, text: str, instructions: str | None) -> None:
    for given_input in (
        text,
        [{"role": "user", "content": [{"type": "input_text", "text": text}]}],
    ):
        body = {"model": model, "input": given_input, "instructions": instructions}
        expected = ctx.count_messages(body, model=model, shape="responses")
        answer = ask(client, "/v1/responses/input_tokens", body)
        assert answer.json() == {
            "object": "response.input_tokens",
            "input_tokens": expected.total,
        }
        check_headers(answer, expected)


@settings(max_examples=30, deadline=None)
@given(model=st.sampled_from(EXACT), text=TEXTS | st.just("<|im_start|>a<|endoftext|>"))
def test_tokenize_and_detokenize(client: TestClient, model: str, text: str) -> None:
    encoding = ctx.encoding_for_model(model)
    body = {"model": model, "prompt": text, "return_token_strs": True}
    found = ask(client, "/tokenize", body).json()
    ids = encoding.encode(text, allowed_special="all", add_special_tokens=True)
    assert found["tokens"] == ids and found["count"] == len(ids)
    assert found["max_model_len"] == ctx.get_model(model).context
    assert len(found["token_strs"]) == len(ids)
    back = ask(client, "/detokenize", {"model": model, "tokens": ids}).json()
    assert back == {"prompt": encoding.decode(ids)}


def test_tokenize_spells_tokens_as_vocabularies_do(client: TestClient) -> None:
    found = ask(client, "/tokenize", {"model": "qwen3-8b", "prompt": "a b<|im_end|>"}).json()
    assert found["token_strs"] is None
    body = {"model": "qwen3-8b", "prompt": "a b<|im_end|>", "return_token_strs": True}
    found = ask(client, "/tokenize", body).json()
    assert found["token_strs"] == ["a", "Ġb", "<|im_end|>"]


@settings(max_examples=20, deadline=None)
@given(text=TEXTS, opens=st.none() | st.booleans())
def test_tokenize_a_conversation(client: TestClient, text: str, opens: bool | None) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
    body = {"model": "qwen2.5-7b", "messages": messages, "add_generation_prompt": opens}
    found = ask(client, "/tokenize", body).json()
    expected = ctx.encode_messages(
        messages, model="qwen2.5-7b", generation_prompt=opens in (None, True)
    )
    assert found["tokens"] == expected.input_ids
    if opens is not False:
        assert found["count"] == ctx.count_messages(messages, model="qwen2.5-7b").total


@settings(max_examples=30, deadline=None)
@given(model=st.sampled_from(NAMES), text=TEXTS)
def test_litellm(client: TestClient, model: str, text: str) -> None:
    messages = [{"role": "user", "content": text}]
    found = ask(client, "/utils/token_counter", {"model": model, "messages": messages})
    expected = ctx.count_messages(messages, model=model)
    assert found.json()["total_tokens"] == expected.total
    check_headers(found, expected)
    found = ask(client, "/utils/token_counter", {"model": model, "prompt": text})
    known = ctx.get_model(model)
    if known.encoding:
        assert found.json()["total_tokens"] == known.load_encoding().count(text)
        assert found.headers["ctx-token-exact"] == "true"
    else:
        assert known.estimate is not None
        interval = known.estimate.of(known.estimate.measure(text))
        assert found.json()["total_tokens"] == interval.typical
        if not interval.exact:
            shown = f"{interval.low}-{interval.high}"
            assert found.headers["ctx-token-interval"] == shown


def test_litellm_names_what_counted(client: TestClient) -> None:
    body = {"model": "openai/gpt-4o", "prompt": "Hello"}
    assert ask(client, "/utils/token_counter", body).json() == {
        "total_tokens": 1,
        "request_model": "openai/gpt-4o",
        "model_used": "gpt-4o",
        "tokenizer_type": "openai_tokenizer",
        "original_response": None,
        "error": False,
        "error_message": None,
        "status_code": None,
    }
    body = {"model": "qwen3-8b", "prompt": "Hello"}
    found = ask(client, "/utils/token_counter", body).json()
    assert found["tokenizer_type"] == "huggingface_tokenizer"


def test_an_edition_keeps_its_format(client: TestClient) -> None:
    """DeepSeek-R1-0528 is another edition of deepseek-r1, with another template."""
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    for model in ("DeepSeek-R1-0528", "deepseek-r1"):
        body = {"model": model, "messages": messages}
        expected = ctx.count_messages(messages, model=model).total
        assert ask(client, "/utils/token_counter", body).json()["total_tokens"] == expected


def test_images_are_counted(client: TestClient) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": IMAGE}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]
    body = {"model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": content}]}
    expected = ctx.count_messages(body)
    assert expected.total > 300
    found = ask(client, "/v1/messages/count_tokens", body)
    assert found.json()["input_tokens"] == expected.total
    part = {"type": "input_image", "image_url": f"data:image/png;base64,{IMAGE}"}
    body = {"model": "gpt-4o", "input": [{"role": "user", "content": [part]}]}
    expected = ctx.count_messages(body)
    found = ask(client, "/v1/responses/input_tokens", body)
    assert found.json()["input_tokens"] == expected.total


def test_addresses_are_not_fetched(client: TestClient) -> None:
    source = {"type": "url", "url": "http://127.0.0.1:9/cat.png"}
    content = [{"type": "image", "source": source}]
    body = {"model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": content}]}
    answer = client.post("/v1/messages/count_tokens", json=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert "not fetched" in error["message"] and "messages[0].content[0]" in error["message"]
    assert "base64" in error["message"] and "media_sizes" not in error["message"]
    source.update(width=640, height=480)  # type: ignore[call-overload]
    found = ask(client, "/v1/messages/count_tokens", body)
    assert found.json()["input_tokens"] == ctx.count_messages(body).total


def test_a_file_is_not_opened(client: TestClient) -> None:
    part = {"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": [part]}]}
    answer = client.post("/utils/token_counter", json=body)
    assert answer.status_code == 400 and "not opened" in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", COUNTS)
def test_an_unknown_model(client: TestClient, path: str) -> None:
    answer = client.post(path, json={"model": "gtp-4o", **COUNTS[path]})
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert "unknown model 'gtp-4o'" in error["message"] and "gpt-4o" in error["message"]
    if path.startswith("/v1/messages"):
        assert answer.json() == {
            "type": "error",
            "error": {"type": "not_found_error", "message": error["message"]},
        }
    else:
        assert {*error} == {"message", "type", "param", "code"} and error["param"] == "model"
        code = {"/v1/responses/input_tokens": "model_not_found", "/utils/token_counter": "404"}
        assert error["code"] == code.get(path, 404)


@pytest.mark.parametrize("model", ["nothing-like-it", "claude"])
def test_an_unknown_model_that_is_like_no_other(client: TestClient, model: str) -> None:
    answer = client.post("/tokenize", json={"model": model, "prompt": "a"})
    message = f"unknown model '{model}' (GET /v1/models lists those that are known)"
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, message)


@pytest.mark.parametrize("path", COUNTS)
@pytest.mark.parametrize("model", [None, "", 5, ["gpt-4o"], {}, True, "x" * 600])
def test_no_model(client: TestClient, path: str, model: Any) -> None:
    answer = client.post(path, json={"model": model, **COUNTS[path]})
    assert answer.status_code in (400, 404) and "model" in answer.json()["error"]["message"]


def test_what_is_not_counted_is_refused(client: TestClient) -> None:
    for path, more in (
        ("/v1/responses/input_tokens", {"previous_response_id": "resp_1"}),
        ("/v1/responses/input_tokens", {"conversation": "conv_1"}),
        ("/v1/messages/count_tokens", {"message": "text"}),
        ("/v1/messages/count_tokens", {"messages": []}),  # as Anthropic does
        ("/tokenize", {"prompt": None, "messages": [], "chat_template": "{{ 1 }}"}),
        ("/tokenize", {"prompt": "a", "messages": [{"role": "user", "content": "a"}]}),
        ("/utils/token_counter", {"messages": []}),
        ("/detokenize", {"tokens": [-1]}),
        ("/detokenize", {"tokens": [2**40]}),
        ("/detokenize", {"tokens": [True]}),
    ):
        answer = client.post(path, json={"model": "qwen3-8b", **COUNTS[path], **more})
        assert answer.status_code == 400, (path, more, answer.text)


def test_ids_of_an_estimate_are_not_made_up(client: TestClient) -> None:
    answer = client.post("/tokenize", json={"model": "claude-opus-4-8", "prompt": "a"})
    assert answer.status_code == 400 and "estimated" in answer.json()["error"]["message"]


def test_the_models_that_are_listed(client: TestClient) -> None:
    listed = client.get("/v1/models").json()
    assert listed["object"] == "list"
    assert [each["id"] for each in listed["data"]] == [each.name for each in ctx.list_models()]


def test_health(client: TestClient) -> None:
    assert client.get("/health").json() == client.get("/healthz").json() == {"status": "ok"}


def test_a_lone_surrogate_counts_as_the_library_says(client: TestClient) -> None:
    body = '{"model": "gpt-4o", "prompt": "a\\ud800b"}'
    answer = client.post(
        "/utils/token_counter", content=body, headers={"content-type": "application/json"}
    )
    expected = ctx.encoding_for_model("gpt-4o").count(json.loads(body)["prompt"])
    assert answer.json()["total_tokens"] == expected


def test_a_tokenizer_that_cannot_be_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Clients are not told of files of this machine; whoever runs the server is."""
    path = tmp_path / "tokenizer.json"
    path.write_text("{")
    registry = Registry([Model("ours", encoding=str(path))])
    app = App(Settings(Models(registry)))
    client = TestClient(app)
    for endpoint, body in COUNTS.items():
        answer = client.post(endpoint, json={"model": "ours", **body})
        assert answer.status_code == 500
        assert answer.json()["error"]["message"] == "the tokenizer of ours cannot be loaded here"
    assert str(path) in capsys.readouterr().err
    app.close()
    with pytest.raises(ctx.VocabularyError):
        Models(registry, "ours")


def test_a_bug_is_told_without_contents(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(body: dict[str, Any], serving: Any) -> Any:
        raise KeyError(body["secret"])

    monkeypatch.setattr(app_module, "ROUTES", {"/fails": app_module.Route(litellm.error, fail)})
    app = make_app()
    answer = TestClient(app).post("/fails", json={"secret": "sesame"})
    assert answer.status_code == 500 and "sesame" not in answer.text
    logged = capsys.readouterr().err
    assert "KeyError" in logged and "raise KeyError" in logged and "sesame" not in logged
    app.close()
