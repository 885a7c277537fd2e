"""LiteLLM's token counter: its interface, and LiteLLM itself where it is installed."""

import importlib
import warnings
from pathlib import Path
from typing import Any

import pytest

import ctxtools
from ctxtools.compat.litellm import Tokenizer, create_pretrained_tokenizer, token_counter
from ctxtools.errors import UnknownEncodingError, UnknownModelError, UsageError

TEXT = "Hello, world! 你好 <|endoftext|> " * 20
MESSAGES = [
    {"role": "system", "content": "You are a librarian."},
    {"role": "user", "content": "Which book has a red cover?"},
]
PARAMETERS = {"type": "object", "properties": {"query": {"type": "string"}}}
TOOLS = [
    {
        "type": "function",
        "function": {"name": "search", "description": "Search.", "parameters": PARAMETERS},
    }
]


def test_a_text_is_counted_by_the_models_tokenizer() -> None:
    count = ctxtools.get_encoding("deepseek_v3").count(TEXT)
    assert token_counter(model="deepseek/deepseek-chat", text=TEXT) == count
    assert token_counter(model="deepseek-v4-pro", text=[TEXT[:50], TEXT[50:]]) == count
    custom = create_pretrained_tokenizer("qwen3-8b")
    expected = ctxtools.get_encoding("qwen2").count(TEXT)
    assert token_counter(custom_tokenizer=custom, text=TEXT) == expected
    assert token_counter(model="gpt-5", custom_tokenizer=custom, text=TEXT) == expected


def test_an_estimate_is_its_typical_value() -> None:
    model = ctxtools.get_model("claude-opus-4-8")
    assert model.estimate
    estimate = model.estimate.of(model.estimate.measure(TEXT))
    assert token_counter(model="anthropic/claude-opus-4-8", text=TEXT) == estimate.typical


def test_messages_and_tools_are_counted_as_the_model_gets_them() -> None:
    counted = ctxtools.count_messages(MESSAGES, model="gpt-4o", tools=TOOLS)
    assert token_counter(model="openai/gpt-4o", messages=MESSAGES, tools=TOOLS) == counted.total
    plain = token_counter(model="gpt-4o", messages=MESSAGES)
    answer = token_counter(model="gpt-4o", messages=MESSAGES, count_response_tokens=True)
    assert answer == plain - 3 < counted.total


def test_an_image_without_measures_is_an_error_or_as_given() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.org/cat.jpg"}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "A cat?"}, image]}]
    with pytest.raises(UsageError, match=r"cat\.jpg"):
        token_counter(model="gpt-4o", messages=messages, use_default_image_token_count=True)
    text = token_counter(model="gpt-4o", messages=[{"role": "user", "content": "A cat?"}])
    assert token_counter(model="gpt-4o", messages=messages, default_token_count=85) == text + 85


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, UsageError),
        ({"text": "a", "messages": MESSAGES}, UsageError),
        ({"text": "a", "tools": TOOLS}, UsageError),
        ({"text": "a", "model": "no-such-model-at-all"}, UnknownModelError),
    ],
)
def test_what_cannot_be_counted_is_an_error(arguments: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        token_counter(**{"model": "gpt-4o", **arguments})
    assert issubclass(UsageError, ValueError)  # LiteLLM's, for both


def test_an_unknown_tokenizer_is_an_error() -> None:
    with pytest.raises(UnknownEncodingError):
        create_pretrained_tokenizer("no-such-tokenizer")
    with pytest.raises(UnknownEncodingError, match="not public"):
        create_pretrained_tokenizer("claude-opus-4-8")


def test_a_tokenizer_file_is_named_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    ctxtools.export_encoding("qwen2", path)
    custom = create_pretrained_tokenizer(str(path))
    assert custom["tokenizer"].encode(TEXT).ids == ctxtools.get_encoding("qwen2").encode(TEXT)


def test_special_tokens_are_left_out_of_a_text() -> None:
    tokenizer = Tokenizer(ctxtools.get_encoding("o200k_base"))
    ids = [*tokenizer.encode("Hello").ids, 199_999]
    assert tokenizer.decode(ids) == "Hello"
    assert tokenizer.decode(ids, skip_special_tokens=False) == "Hello<|endoftext|>"


@pytest.fixture
def litellm(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or it looks for a newer one
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module("litellm")
        except ImportError:
            pytest.skip("litellm is not installed")


def test_litellm_takes_a_tokenizer(litellm: Any) -> None:
    for name in ("deepseek_v3", "qwen3-8b", "o200k_base"):
        custom = create_pretrained_tokenizer(name)
        ids = custom["tokenizer"].encoding.encode(TEXT)
        counted = litellm.token_counter(model="any", custom_tokenizer=custom, text=TEXT)
        assert counted == len(ids)
        assert litellm.encode(text=TEXT, custom_tokenizer=custom) == ids
        assert litellm.decode(tokens=ids, custom_tokenizer=custom) == TEXT
    messages = litellm.token_counter(model="any", custom_tokenizer=custom, messages=MESSAGES)
    assert messages == token_counter(model="gpt-4o", messages=MESSAGES)


def test_litellms_arguments_are_taken(litellm: Any) -> None:
    import inspect

    ours, theirs = (
        inspect.signature(each).parameters for each in (token_counter, litellm.token_counter)
    )
    assert [*ours] == [*theirs]
    for messages in (MESSAGES, MESSAGES[1:]):
        expected = litellm.token_counter(model="gpt-4o", messages=messages)
        assert token_counter(model="gpt-4o", messages=messages) == expected
